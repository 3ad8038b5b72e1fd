"""Contents that were received ahead of the manifest that names them, as complete drafts.

A client sends the first chunks of a large file while it still cuts the rest. They are drafts of
the project: they count for its quota, no other project can use them, and after a day without a
manifest they are swept. `docs/decisions/0034-chunks-of-files.md` says why.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial

from weft.records.files.artifacts import token_of
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.files.awaited import announce_stored, mark_stored
from weft.server.services.stores.project_drafts import ahead_draft_name
from weft.server.services.stores.stores import Stores
from weft.server.storage.blobs.contract import CompleteDraft
from weft.server.storage.metadata import AwaitedFile, LackedRow


def lacking_hashes(stores: Stores, project_id: int, hashes: Collection[str]) -> list[str]:
    """The hashes of contents that a project neither has nor awaits, nor received ahead."""
    if not stores.blobs.store.has_room_for_drafts:
        return []
    with stores.metadata.read() as tx:
        existing = stores.metadata.contents.stored_in(tx, project_id, hashes)
        existing |= {
            file.sha256 for file in stores.metadata.contents.awaited(tx, project_id, hashes)
        }
    return [
        sha256
        for sha256 in hashes
        if sha256 not in existing and _draft(stores, project_id, sha256) is None
    ]


def store_ahead(
    stores: Stores,
    actor: Actor,
    project: ProjectPath,
    project_id: int,
    rows: Sequence[LackedRow],
    following: LackedRow | None,
) -> set[str]:
    """Store contents of artifacts that are awaited by now and were received ahead.

    Returns their hashes. The last one of each version is left to the client, also if it was
    received: versions are complete in the order in which a client sends their contents, or finds
    that it can't. `rows` are contents that a log lacks, by path; `following` is the first of the
    next page.
    """
    tokens = [token_of(row.path) for row in rows]
    next_tokens = [*tokens[1:], "" if following is None else token_of(following.path)]
    last = {
        row.sha256
        for row, token, next_token in zip(rows, tokens, next_tokens, strict=False)
        if token != next_token
    }
    stores.blobs.store.remove_drafts(ahead_draft_name(project_id, sha256) for sha256 in last)
    drafts: dict[str, CompleteDraft] = {}
    for row, token in zip(rows, tokens, strict=True):
        if token and row.sha256 not in last:
            draft = _draft(stores, project_id, row.sha256)
            if draft is not None:
                drafts[row.sha256] = draft
    if not drafts:
        return set()
    sizes = {sha256: draft.n_bytes for sha256, draft in drafts.items()}
    files: list[AwaitedFile] = []
    stores.blobs.keep_many({}, drafts, partial(mark_stored, stores, project_id, sizes, files))
    stored = {file.sha256 for file in files}
    stores.blobs.drop(drafts.keys() - stored)  # of files that were deleted meanwhile
    announce_stored(stores, actor, project, files)
    return stored


def _draft(stores: Stores, project_id: int, sha256: str) -> CompleteDraft | None:
    return stores.blobs.store.complete_draft(ahead_draft_name(project_id, sha256), sha256)
