"""The summary of a live run in memory: its logged values. See the package for its states. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weft.records.aggregates import Folds
from weft.records.merge import NEVER, Stamp, join_path
from weft.server.services.live_runs.aggregates import Aggregates, Rules
from weft.server.services.live_runs.latest import LatestValues
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.storage.contract import Latest, RowBlock
from weft.server.storage.metadata import FieldChange


class LiveSummary:
    """The logged values of one run's summary. Not thread-safe: callers hold the run's lock.

    Attributes:
        latest: last logged values; None if nothing was logged since the entry was made.
        aggregates: aggregates of metrics that define some; None if none do, or not read yet.
        rules: the values of each metric that are shown; None if not read yet.
        generation: counts what made it stale, to detect that meanwhile.
        n_deletions: counts metric deletions, to detect one that happens meanwhile.
        seen_micros: the latest time of a row, corrected by its offset; None if unknown.
        refreshing: held while it is read from the metric store.
        projection_secs: monotonic time before which its last values are not written.
    """

    __slots__ = (
        "_fresh_generation",
        "aggregates",
        "generation",
        "latest",
        "n_deletions",
        "projection_secs",
        "refreshing",
        "rules",
        "seen_micros",
    )

    def __init__(self, row_id: int) -> None:
        self.latest: LatestValues | None = None
        self.aggregates: Aggregates | None = None
        self.rules: Rules | None = None
        self.generation = 0
        self._fresh_generation = 0
        self.n_deletions = 0
        self.seen_micros: int | None = None
        self.refreshing = OrderedLock(LockOrder.REFRESH, row_id)
        self.projection_secs = 0.0

    @property
    def is_stale(self) -> bool:
        """Whether it has to be read from the metric store."""
        return self.generation != self._fresh_generation

    @property
    def is_written(self) -> bool:
        """Whether metadata has all of it."""
        return (
            not self.is_stale
            and (self.latest is None or self.latest.is_written)
            and (self.aggregates is None or self.aggregates.is_written)
        )

    @property
    def is_whole(self) -> bool:
        """Whether any other values in metadata are void."""
        return self.latest is not None and self.latest.is_whole

    @property
    def n_values(self) -> int:
        """Number of values in memory."""
        n_aggregates = 0 if self.aggregates is None else self.aggregates.n_values
        return n_aggregates + (0 if self.latest is None else self.latest.n_metrics)

    def mark_stale(self) -> None:
        """Note that memory lacks part of it."""
        self.generation += 1

    def add_rows(
        self, blocks: Sequence[RowBlock], rules: Rules, *, writer: str, offset_micros: int
    ) -> None:
        """Add rows that the metric store now has."""
        if self.latest is None:
            self.latest = LatestValues(after_micros=self.seen_micros)
            if self.seen_micros is None:
                self.mark_stale()
        latest = self.latest
        lowest = min(int(block.times.min()) for block in blocks) + offset_micros
        if latest.after_micros is not None and lowest <= latest.after_micros:
            self.mark_stale()
        highest = max(int(block.times.max()) for block in blocks) + offset_micros
        self.seen_micros = highest if self.seen_micros is None else max(self.seen_micros, highest)
        for block in blocks:
            latest.add_rows(block, writer=writer, offset_micros=offset_micros)
        if self.aggregates is not None:
            for block in blocks:
                self.aggregates.add_rows(block, writer=writer, offset_micros=offset_micros)
        elif not rules.is_plain:
            self.mark_stale()

    def start_over(self, rules: Rules) -> None:
        """Drop all values before a read of the store. Rows that arrive meanwhile are added."""
        self.latest = LatestValues()
        self.aggregates = None if rules.is_plain else Aggregates(rules)

    def add_stored(
        self, points: Sequence[Latest], by_key: Mapping[str, Folds], *, generation: int
    ) -> None:
        """Add all that the store has, read since `start_over`, at `generation` or later."""
        latest, aggregates = self.latest, self.aggregates
        assert latest is not None, "a stale summary is not dropped"
        for point in points:
            stamp = Stamp(point.micros, point.writer, point.row)
            latest.put(join_path((point.key,)), FieldChange(point.value, stamp))
            if aggregates is not None:
                aggregates.add_last(point.key, point.value, stamp)
        if aggregates is not None:
            for key, folds in by_key.items():
                aggregates.add_stored(key, folds)
        latest.is_whole = True
        times = (NEVER.micros, *(point.micros for point in points))
        self.seen_micros = max(*times, self.seen_micros or NEVER.micros)
        self._fresh_generation = generation

    def forget_metrics(self, keys: Sequence[str]) -> None:
        """Drop deleted metrics."""
        # A projection that took the old value but has not written it sees this and discards it.
        self.n_deletions += 1
        for key in keys:
            if self.latest is not None:
                self.latest.forget(join_path((key,)))
            if self.aggregates is not None:
                self.aggregates.forget(key)
        self.mark_stale()

    def drop(self) -> None:
        """Drop values that metadata has."""
        self.latest = self.aggregates = None
