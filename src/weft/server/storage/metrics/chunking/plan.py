"""Due work: classes of fresh rows to become chunks, and chunks to be merged. Pure."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from weft.server.storage.metrics.encoding.block import RowClass
from weft.server.storage.metrics.encoding.chunk import ChunkHeader
from weft.server.storage.metrics.fresh import FreshEntry, FreshTotal

CLOSED_ROWS: Final = 1_048_576
CLOSED_POINTS: Final = 16_000_000
"""A chunk with so many rows or points is not merged again, which bounds a merge's memory."""

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


def is_due(total: FreshTotal, silent_secs: float) -> bool:
    """Whether the fresh rows of a class are to become a chunk."""
    return (
        total.n_batches >= FRESH_BATCHES
        or total.n_rows >= TIER_ROWS[0]
        or total.console_bytes >= CONSOLE_BYTES
        or silent_secs >= IDLE_SECS
    )


class DueClasses:
    """Decides which classes of fresh rows are due. Remembers since when each has been silent."""

    def __init__(self) -> None:
        self._seen: dict[RowClass, tuple[int, float]] = {}

    def choose(
        self, totals: Iterable[tuple[int, RowClass, FreshTotal]], *, everything: bool
    ) -> list[tuple[int, RowClass]]:
        """The runs and classes that are due among those that have fresh rows.

        `everything` includes those that are not due yet.
        """
        now = time.monotonic()
        due: list[tuple[int, RowClass]] = []
        previous, self._seen = self._seen, {}
        for run, row_class, total in totals:
            newest, since = previous.get(row_class, (-1, now))
            if newest != total.newest:
                newest, since = total.newest, now
            self._seen[row_class] = (newest, since)
            if everything or is_due(total, now - since):
                due.append((run, row_class))
        return due

    def forget(self, row_class: RowClass) -> None:
        """Begin again with a class, whose rows became a chunk."""
        self._seen.pop(row_class, None)


class DueQueue:
    """Due classes, of which one look serves many calls: with 10,000 runs a look takes 50 ms."""

    def __init__(self) -> None:
        self._due: deque[tuple[int, RowClass]] = deque()

    def work_once(
        self,
        choose: Callable[[], Iterable[tuple[int, RowClass]]],
        work: Callable[[int, RowClass], bool],
    ) -> bool:
        """Call `work` for due runs and classes until it has done something; False if it never
        has, for all that `choose` names now.
        """
        while True:
            was_left = bool(self._due)
            if not was_left:
                self._due.extend(choose())
            while self._due:
                if work(*self._due.popleft()):
                    return True
            if not was_left:
                return False


def oldest_batches(entries: Sequence[FreshEntry]) -> Sequence[FreshEntry]:
    """As many batches as one chunk may have, given those of a class, oldest first."""
    n_rows = n_points = 0
    for nth, entry in enumerate(entries):
        n_rows += entry.n
        n_points += entry.n_points
        if n_rows >= CLOSED_ROWS or n_points >= CLOSED_POINTS:
            return entries[: nth + 1]
    return entries


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
