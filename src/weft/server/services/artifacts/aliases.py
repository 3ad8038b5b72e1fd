"""Moves aliases of a collection, and notes the user in its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weft.errors import Outdated
from weft.records.files.artifacts import LATEST
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction


def moved_aliases(
    before: Mapping[str, int], version: int | None, added: Iterable[str], removed: Iterable[str]
) -> set[str]:
    """The aliases that move: added ones that the version lacks, and removed ones that it has.

    `version` is None for a new version, which has no number yet and lacks all aliases.
    """
    if version is None:
        return set(added)
    moved = {alias for alias in removed if before.get(alias) == version}
    return moved | {alias for alias in added if before.get(alias) != version}


def move_aliases(
    stores: Stores,
    tx: Transaction,
    collection_id: int,
    row_id: int,
    version: int | None,
    added: Iterable[str],
    *,
    before: Mapping[str, int],
    user: str,
    removed: Iterable[str] = (),
) -> None:
    """Take aliases from a version, and give it others, which leave the versions that had them.

    `latest` is not taken away: the newest version always has it. `before` are the version numbers
    of the collection's aliases; `tx` has locked the collection.
    """
    collections, now = stores.metadata.collections, stores.now()
    for alias in dict.fromkeys(removed):
        if before.get(alias) == version and alias != LATEST:
            collections.remove_alias(tx, collection_id, alias)
            collections.note_change(tx, collection_id, now, user, "alias", alias, version, None)
    for alias in dict.fromkeys(added):
        was = before.get(alias)
        if was == version:
            continue
        collections.put_alias(tx, collection_id, alias, row_id)
        if alias != LATEST:
            collections.note_change(tx, collection_id, now, user, "alias", alias, was, version)


def check_expected(expected: Mapping[str, str | None], now: Mapping[str, int]) -> None:
    """Refuse a change as Outdated if aliases were moved since its sender read them."""
    for alias, version in expected.items():
        present = None if alias not in now else f"v{now[alias]}"
        if present != version:
            raise Outdated(
                f"alias {alias!r} is at {present or 'no version'} by now, not at "
                f"{version or 'no version'}: look again, then decide"
            )
