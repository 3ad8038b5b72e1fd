"""Saves path sets of ended runs, so that a new server lists columns without reading all fields.

`background` runs it batch by batch; `columns.path_use` reads the saved sets. Live runs are left
out, because each of their uploads would delete the set again.
"""

from __future__ import annotations

from typing import Final

from weft.server.storage.metadata import ROOTS, FieldRoot, MetadataStore, Part

BATCH: Final = 200
"""Number of runs whose fields are read at once, outside the transaction that saves their sets."""

_PARTS: Final[tuple[Part, ...]] = ("run", "config", "summary")


class PathSetSaver:
    """Tracks the runs that are still to be checked. Not thread-safe."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self._marks: dict[Part, int] = {}
        # The first pass goes through all runs in the order of their row ids.
        self._after: int | None = 0
        self._due = set[int]()

    def save_some(self) -> bool:
        """Save the sets of at most `BATCH` runs; return whether more are due."""
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
                unsaved = table.unsaved(tx, after=self._after, limit=BATCH)
                self._after = unsaved[-1] if unsaved else self._after
                return unsaved
            due = sorted(self._due)[:BATCH]
            self._due.difference_update(due)
            return table.unsaved_among(tx, due) if due else []

    def _save(self, root: FieldRoot, row_ids: list[int]) -> None:
        if not row_ids:
            return
        changes = self._metadata.changes
        mark = changes.mark(root)
        with self._metadata.snapshot() as tx:
            # A run without fields gets an empty set, so that it is not checked again.
            sets = dict.fromkeys(row_ids, "")
            sets.update(self._metadata.run_columns.path_sets(tx, root, row_ids))
        table = self._metadata.path_sets
        with self._metadata.write() as tx:
            # A transaction that changes a run's fields locks the run, and announces the change
            # before it releases the lock.
            locked = table.lock(tx, row_ids)
            touched = changes.since(root, mark)
            if touched is not None:
                table.save(
                    tx, root, {row_id: sets[row_id] for row_id in locked if row_id not in touched}
                )
