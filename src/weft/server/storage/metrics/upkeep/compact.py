"""Background work: decides which fresh rows become chunks and which chunks are merged.

Each call of `Compactor.compact` does one piece of work: `rewrite` carries it out, `reclaim` frees
the space. This module reads headers and writes nothing itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from weft.errors import Damaged
from weft.server.storage.metrics.database import Database
from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.encoding.chunk import ChunkHeader
from weft.server.storage.metrics.upkeep.reclaim import Reclaimer
from weft.server.storage.metrics.upkeep.rewrite import CLOSED_POINTS, CLOSED_ROWS, Rewrite

TIER_ROWS: Final = (4096, 65_536, CLOSED_ROWS)
"""The tiers: chunks below 4 k rows, below 64 k, below 1 M. Larger chunks are closed."""

CHUNKS_PER_TIER: Final = 32
FRESH_BATCHES: Final = 128
"""So many fresh batches of a writer become a chunk even if they have few rows."""

CONSOLE_BYTES: Final = 1 << 20
"""Fresh console lines of this size become blocks, because every read of a log decodes all of its
fresh lines."""

IDLE_SECS: Final = 60.0
"""If a writer is silent for this long, its last rows become a chunk."""

_log = logging.getLogger(__name__)


class Compactor:
    """Finds and does pieces of work, one at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reclaimer = Reclaimer(database)
        self._lock = threading.Lock()
        self._seen: dict[RowClass, tuple[int, float]] = {}
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
        database = self._database
        for run, row_class in self._due(everything):
            with database.switch_lock:
                entries = database.directory().entries(run, row_class)
            if entries and self._rewrite(
                run, row_class, partial(Rewrite.make_from_fresh, entries=entries)
            ):
                self._seen.pop(row_class, None)
                if self._merge_runs is not None:
                    self._merge_runs.add(run)
                return True
        return False

    def _due(self, everything: bool) -> list[tuple[int, RowClass]]:
        now = time.monotonic()
        due: list[tuple[int, RowClass]] = []
        previous, self._seen = self._seen, {}
        with self._database.switch_lock:
            totals = self._database.directory().totals()
        for run, row_class, total in totals:
            newest, since = previous.get(row_class, (-1, now))
            if newest != total.newest:
                newest, since = total.newest, now
            self._seen[row_class] = (newest, since)
            if (
                everything
                or total.n_batches >= FRESH_BATCHES
                or total.n_rows >= TIER_ROWS[0]
                or total.console_bytes >= CONSOLE_BYTES
                or now - since >= IDLE_SECS
            ):
                due.append((run, row_class))
        return due

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


def tier_of(n_rows: int, n_points: int) -> int | None:
    """The tier of a chunk by its size. None if the chunk is closed.

    >>> tier_of(100, 1000), tier_of(5000, 50_000), tier_of(2_000_000, 2_000_000)
    (0, 1, None)
    """
    if n_points >= CLOSED_POINTS:
        return None
    for tier, rows in enumerate(TIER_ROWS):
        if n_rows < rows:
            return tier
    return None


def plan_merge(chunks: Sequence[ChunkHeader]) -> list[ChunkHeader] | None:
    """The chunks to merge next, given a run's chunks in order of their rows. None if none is due.

    A tier of a class of rows is merged when it holds enough for the next tier, or too many chunks.
    """
    tiers: dict[tuple[RowClass, int], list[ChunkHeader]] = {}
    for chunk in chunks:
        tier = tier_of(chunk.n, chunk.n_points)
        if tier is not None:
            tiers.setdefault((chunk.row_class, tier), []).append(chunk)
    for (_, tier), members in tiers.items():
        if len(members) < 2:
            continue
        group: list[ChunkHeader] = []
        n_rows = n_points = 0
        for chunk in members:
            group.append(chunk)
            n_rows += chunk.n
            n_points += chunk.n_points
            if n_rows >= TIER_ROWS[-1] or n_points >= CLOSED_POINTS:
                break
        grown = n_rows >= TIER_ROWS[tier] or n_points >= CLOSED_POINTS
        if len(group) > 1 and (grown or len(members) >= CHUNKS_PER_TIER):
            return group
    return None
