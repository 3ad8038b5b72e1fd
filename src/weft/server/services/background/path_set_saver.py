"""Saves the path sets of ended runs, so that a fresh server lists columns without all fields.

Run by `background`, a batch at a time; `columns.path_use` reads what was saved. Runs that have
not ended are left out: each of their uploads would delete the set again.
"""

from __future__ import annotations

from typing import Final

from weft.server.storage.metadata.changes import Part
from weft.server.storage.metadata.path_sets import ROOTS
from weft.server.storage.metadata.run_columns import FieldRoot
from weft.server.storage.metadata.store import MetadataStore

BATCH: Final = 200
"""Runs whose fields are read at once, outside the transaction that saves their sets."""

_PARTS: Final[tuple[Part, ...]] = ("run", "config", "summary")


class PathSetSaver:
    """Knows which runs are still to be looked at. For one thread."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self._marks: dict[Part, int] = {}
        # The first pass looks at all runs in the order of their row ids.
        self._after: int | None = 0
        self._due = set[int]()

    def save_some(self) -> bool:
        """Save the sets of at most `BATCH` runs; False if no more are to be saved now."""
        self._note_changes()
        row_ids = self._next()
        for root in ROOTS:
            self._save(root, row_ids)
        if self._after is not None and len(row_ids) < BATCH:
            self._after = None
            with self._metadata.write() as tx:
                self._metadata.path_sets.delete_unused(tx)
        return self._after is not None or len(self._due) > 0

    def _note_changes(self) -> None:
        changes = self._metadata.changes
        marks: dict[Part, int] = {part: changes.mark(part) for part in _PARTS}
        for part, mark in self._marks.items():
            touched = changes.since(part, mark)
            if touched is None:
                self._after = 0
            else:
                self._due |= touched
        self._marks = marks

    def _next(self) -> list[int]:
        table = self._metadata.path_sets
        with self._metadata.read() as tx:
            if self._after is not None:
                found = table.unsaved(tx, after=self._after, limit=BATCH)
                self._after = found[-1] if found else self._after
                return found
            some = sorted(self._due)[:BATCH]
            self._due.difference_update(some)
            return table.unsaved_among(tx, some) if some else []

    def _save(self, root: FieldRoot, row_ids: list[int]) -> None:
        if not row_ids:
            return
        changes = self._metadata.changes
        mark = changes.mark(root)
        with self._metadata.snapshot() as tx:
            # A run without any has a set, too: it need not be looked at again.
            sets = dict.fromkeys(row_ids, "")
            sets.update(self._metadata.run_columns.path_sets(tx, root, row_ids))
        table = self._metadata.path_sets
        with self._metadata.write() as tx:
            # Who changes a run's fields holds it, and announces that before letting go.
            held = table.lock(tx, row_ids)
            touched = changes.since(root, mark)
            if touched is not None:
                table.save(tx, root, {one: sets[one] for one in held if one not in touched})
