"""Background work: decides which fresh rows become chunks and which chunks are merged.

Each call of `Compactor.compact` does one piece of work: `rewrite` carries it out, `reclaim` frees
the space. This module reads headers and writes nothing itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from weft.errors import Damaged
from weft.server.storage.metrics.chunking.plan import DueClasses, DueQueue, plan_merge
from weft.server.storage.metrics.database import Database
from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.encoding.chunk import ChunkHeader
from weft.server.storage.metrics.upkeep.reclaim import Reclaimer
from weft.server.storage.metrics.upkeep.rewrite import Rewrite

_log = logging.getLogger(__name__)


class Compactor:
    """Finds and does pieces of work, one at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reclaimer = Reclaimer(database)
        self._lock = threading.Lock()
        self._due_classes = DueClasses()
        self._due = DueQueue()
        self._merge_runs: set[int] | None = None
        # Rows that are damaged on disk are left as they are and don't block other work.
        self._damaged: set[RowClass] = set()

    def compact(self, *, until_idle: bool) -> bool:
        """Do one piece of work, or all there is. See `MetricStore.compact`."""
        with self._lock:
            worked = self._compact_once(everything=until_idle)
            while until_idle and self._compact_once(everything=True):
                pass
        return worked

    def _compact_once(self, *, everything: bool = False) -> bool:
        """Do one piece of work; False if there was nothing to do.

        `everything` includes fresh rows that are not due yet.
        """
        database = self._database
        if database.marks.due():
            with database.transaction(changed=()) as db:
                database.marks.strike_out(db)
        return (
            self._compact_fresh(everything) or self._merge_tier() or self._reclaimer.reclaim_once()
        )

    # Fresh rows

    def _compact_fresh(self, everything: bool) -> bool:
        return self._due.work_once(partial(self._choose_due, everything), self._compact_class)

    def _compact_class(self, run: int, row_class: RowClass) -> bool:
        database = self._database
        with database.switch_lock:
            entries = database.directory().entries(run, row_class)
        if not entries or not self._rewrite(
            run, row_class, partial(Rewrite.make_from_fresh, entries=entries)
        ):
            return False
        self._due_classes.forget(row_class)
        if self._merge_runs is not None:
            self._merge_runs.add(run)
        return True

    def _choose_due(self, everything: bool) -> list[tuple[int, RowClass]]:
        with self._database.switch_lock:
            totals = self._database.directory().totals()
        return self._due_classes.choose(totals, everything=everything)

    def _rewrite(self, run: int, row_class: RowClass, make: Callable[[Rewrite], bool]) -> bool:
        if row_class in self._damaged:
            return False
        try:
            return make(Rewrite(self._database, run, row_class))
        except Damaged as error:
            self._damaged.add(row_class)
            _log.error("rows stay as they are: %s", error)
            return False

    # Tiers

    def _merge_tier(self) -> bool:
        database = self._database
        if self._merge_runs is None:
            with database.snapshot() as view:
                rows = view.db.execute("SELECT DISTINCT run FROM chunk")
                self._merge_runs = {run for (run,) in rows}
        while self._merge_runs:
            run = next(iter(self._merge_runs))
            with database.snapshot() as view:
                rows = view.db.execute("SELECT * FROM chunk WHERE run = ? ORDER BY row_lo", (run,))
                group = plan_merge([ChunkHeader(*row) for row in rows])
            if group is None:
                self._merge_runs.discard(run)
            elif self._rewrite(
                run, group[0].row_class, partial(Rewrite.make_from_chunks, group=group)
            ):
                return True
            else:
                self._merge_runs.discard(run)
        return False
