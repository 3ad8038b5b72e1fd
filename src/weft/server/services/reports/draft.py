"""A draft in memory: a Yjs document that takes only what passes the checks.

This module and its imports load `pycrdt`, which takes 0.1 s and 10 MB: `drafts` imports it with
the first report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pycrdt
from pycrdt import Doc

from weft.errors import ConfigError, Conflict, CorruptLog
from weft.server.services.reports.yjs_reading import (
    BLOCKS,
    GRIDS,
    META,
    check_map,
    check_nodes,
    check_roots,
    fragment_of,
    map_of,
    read_blocks,
    read_meta,
    schema_of,
)
from weft.server.services.reports.yjs_writing import storable, write_blocks, write_meta

_NOTHING: Final = b"\x00"
"""The beginning of an update without insertions: their number of clients."""


class Draft:
    """The document of a report up to the update `seq`. Not thread-safe.

    A change that is refused, or that is not stored afterwards, leaves a document that no one has:
    its owner drops it.
    """

    def __init__(self) -> None:
        self.seq = 0
        self._doc: Doc[Any] = Doc(allow_multithreading=True)
        self._effective: bytes | None = None
        self._positions: set[int] = set()
        self._keys: dict[str, set[str]] = {root: set() for root in (GRIDS, BLOCKS, META)}
        self._subscriptions = [
            self._doc.observe(self._note_update),
            fragment_of(self._doc).observe_deep(self._note_nodes),
        ]
        for root in self._keys:
            note = partial(_note_keys, self._keys[root])
            self._subscriptions.append(map_of(self._doc, root).observe_deep(note))

    # Reading

    @property
    def schema(self) -> int:
        """The schema number that a page must know to write."""
        return schema_of(read_meta(self._doc))

    @property
    def meta(self) -> dict[str, Any]:
        """Title, description, width, and other members of the document."""
        return read_meta(self._doc)

    def blocks(self) -> list[dict[str, Any]]:
        """The blocks as JSON. Takes 11 µs a block."""
        return read_blocks(self._doc)

    def snapshot(self) -> bytes:
        """The whole document as one update; deleted text is not in it."""
        return self._doc.get_update()

    def missing(self, state_vector: bytes) -> bytes:
        """The update that a page lacks; ConfigError if its state vector is malformed."""
        try:
            return self._doc.get_update(state_vector or None)
        except ValueError as error:
            raise ConfigError(f"the body is no state vector: {error}") from None

    # Changes

    def catch_up(self, updates: Iterable[tuple[int, bytes]]) -> None:
        """Apply stored updates, in order."""
        for seq, data in updates:
            try:
                self._doc.apply_update(data)
            except ValueError as error:
                raise CorruptLog(f"update {seq} of a report can't be read: {error}") from None
            self.seq = seq
        self._forget()

    def apply(self, update: bytes) -> bytes | None:
        """Apply and check an update of a page. Returns what it changed, as an update; None if it
        changed nothing.

        ConfigError or LimitExceeded if it is refused, Conflict if it follows others that this
        server lacks.
        """
        self._forget()
        try:
            self._doc.apply_update(update)
            missing = pycrdt.get_update(update, self._doc.get_state())
        except ValueError as error:
            raise ConfigError(f"the body is no Yjs update: {error}") from None
        if not missing.startswith(_NOTHING):
            raise Conflict("the update follows others that are missing: synchronize, and send all")
        if self._effective is None:
            return None
        check_roots(self._doc)
        if self._positions:
            check_nodes(self._doc, self._positions)
        for root, keys in self._keys.items():
            if keys:
                check_map(self._doc, root, keys)
        return self._effective

    def check(self) -> None:
        """Check the whole document, of an archive."""
        check_roots(self._doc)
        check_nodes(self._doc)
        for root in self._keys:
            check_map(self._doc, root)

    def write(
        self, blocks: Sequence[Mapping[str, Any]] | None, meta: Mapping[str, Any]
    ) -> bytes | None:
        """Give the document blocks, which were checked, and values next to them. Returns what that
        changed, as an update; None if nothing.
        """
        before = self._doc.get_state()
        self._forget()
        if blocks is not None:
            write_blocks(self._doc, [storable(dict(block)) for block in blocks])
        if meta:
            write_meta(self._doc, storable(dict(meta)))
        return None if self._effective is None else self._doc.get_update(before)

    def _note_update(self, event: Any) -> None:
        self._effective = event.update

    def _note_nodes(self, events: Sequence[Any]) -> None:
        for event in events:
            if event.path:
                self._positions.add(int(event.path[0]))
            else:
                self._positions.update(_inserted(event.delta))

    def _forget(self) -> None:
        self._effective = None
        self._positions.clear()
        for keys in self._keys.values():
            keys.clear()


def _note_keys(noted: set[str], events: Sequence[Any]) -> None:
    for event in events:
        if event.path:
            noted.add(str(event.path[0]))
        else:
            noted.update(map(str, event.keys))


def _inserted(delta: Sequence[Mapping[str, Any]]) -> Iterable[int]:
    """The positions of what a change of a list inserted."""
    position = 0
    for part in delta:
        if "retain" in part:
            position += part["retain"]
        elif "insert" in part:
            for _ in part["insert"]:
                yield position
                position += 1
