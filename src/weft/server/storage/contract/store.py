"""The contract of a metric store: queries, and the guarantees of every engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from weft.server.storage.contract.answers import (
    ColumnBatch,
    ConsoleStream,
    JoinedRow,
    KeyInfo,
    KeyPage,
    Latest,
    NonFinite,
    ObjectPoint,
    ObjectPosition,
    Points,
    RunEnd,
    RunUsage,
    Series,
    Usage,
)
from weft.server.storage.contract.queries import (
    BY_STEP,
    AxisSpec,
    Bases,
    Lineage,
    SeriesQuery,
    Source,
    StepMetric,
)
from weft.server.storage.contract.rows import Batch, ConsoleLine, Int64, StreamPosition

TextSearch = Callable[[bytes, int], int]
"""Returns where the first match at or after an offset starts, in UTF-8 text; -1 without a match.

A match is within one line; lines end in a line break.
"""


class Freeze(Protocol):
    """Runs that accept no batches for now; see `MetricStore.freeze_runs`."""

    def check(self) -> None:
        """Make sure that it has held without a break; call it right before what relies on it.

        Raises:
            Unavailable: it ended early, because this process was paused for too long.
        """
        ...


class UnbrokenFreeze:
    """A `Freeze` of an engine in one process, which only its owner can end."""

    def check(self) -> None:
        """See `Freeze.check`."""


class MetricStore(Protocol):
    """All points, rows and console lines of **one project**.

    Guarantees of every engine:
        ST1  Once `append` returns, its batches survive a kill of the process and a power loss.
        ST2  A batch is applied whole or not at all, also across a kill.
        ST3  A batch whose range was applied before is refused with the right position and changes
             nothing; one that overlaps it adds only its new rows: row identity (run, writer,
             row) keeps each point there once, whatever is repeated.
        ST4  A read sees every batch acknowledged before it began.
        ST5  `series` equals brute force over the raw points: min, max, count, first, last, and
             nonfinite counts exactly, mean and M2 to within float rounding.
        ST6  Compaction changes no answer, and may be killed at any moment.
        ST7  Once `delete_*` returns, no read shows what was deleted, and no later batch from a
             position at or below the tombstone brings it back. The same holds for `hide_runs`
             until `show_runs` brings all of it back.
        ST8  Thread-safe: any method from any thread.
    """

    def position(self, run: str, stream: str) -> StreamPosition | None:
        """Where a stream ends, and the decoder's state there. None if the stream is unknown."""
        ...

    def append(self, batches: Sequence[Batch]) -> None:
        """Apply batches in order in one durable transaction.

        Call it from as many threads as there are uploads: concurrent calls share a commit, and
        each call is accepted or refused independently. A commit waits 10 ms for more calls only
        if the last one held two or more.

        Raises:
            PositionConflict: a batch does not start at its stream's position; no batch was
                applied.
            Gone: the run was deleted from this store.
            Unavailable: the disk is full or read-only, or the run is frozen; no batch was applied.
        """
        ...

    def run_origin(self, run: str) -> int | None:
        """µs since 1970 of x = 0 on the time axis of a run, which may be hidden.

        None before the run's first batch.
        """
        ...

    def series(self, query: SeriesQuery) -> list[Series]:
        """Answer one panel: a `Series` per (run, key) that has numeric points in the range.

        All series share one level: the smallest k with at most `n_buckets` buckets of width `2**k`
        across the range (an end that is None is taken from the data of all requested series). It
        is at least 0 if all requested points have integer x or the range is a single point, and
        never so fine that an index would reach 2**62.
        """
        ...

    def keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
    ) -> dict[str, list[KeyInfo]]:
        """The metrics of each run, by name, with the points that count.

        Args:
            runs: the runs to list. If None, all runs, including those whose only rows come from
                their sources.
            system: if True, only metrics of system rows; if False, only metrics of other rows;
                if None, both together. The rows decide, not the metric's name.
            lineage: the sources of the runs that were forked or rewound.
        """
        ...

    def search_keys(
        self,
        runs: Sequence[str] | None = None,
        *,
        system: bool | None = None,
        lineage: Lineage | None = None,
        matches: Callable[[str], bool] | None = None,
        after: str | None = None,
        limit: int = 1000,
    ) -> KeyPage:
        """One page of the metrics of some or all runs together, by name.

        Args:
            runs, system, lineage: as for `keys`.
            matches: returns whether a name is wanted. If None, all are. A `names.NameSearch` is
                fastest.
            after: the last name of the previous page.
        """
        ...

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        """The last value of each metric of a run, system metrics excepted."""
        ...

    def latest_of(
        self, runs: Sequence[str], keys: Sequence[str], *, lineage: Lineage | None = None
    ) -> dict[str, list[Latest]]:
        """The last values of some metrics of many runs. Runs without any of them are left out."""
        ...

    def points(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        lo: float | None = None,
        hi: float | None = None,
        writers: Collection[str] | None = None,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
        in_log_order: bool = False,
    ) -> Iterator[Points]:
        """Every numeric point of a metric with `lo <= x < hi`, a slice at a time.

        Sorted by (x, time with offset, writer, row), or by (writer, row) if `in_log_order`.

        Args:
            writers: the writers whose points are returned. If None, all writers.
            bases: the bases of the run's writers. If None, all times count from the origin.
        """
        ...

    def objects(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        lo: float | None = None,
        hi: float | None = None,
        writers: Collection[str] | None = None,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
    ) -> Iterator[ObjectPoint]:
        """The values of a metric that are not numbers, by (x, time with offset, writer, row)."""
        ...

    def object_positions(
        self,
        run: str,
        key: str,
        axis: AxisSpec = BY_STEP,
        *,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
    ) -> list[ObjectPosition]:
        """The positions of a metric's values that are not numbers, in the order of `objects`."""
        ...

    def last_object(
        self, run: str, key: str, *, at: float | None = None, sources: Sequence[Source] = ()
    ) -> ObjectPoint | None:
        """The last value of a metric that is not a number. None if it has none up to `at`.

        The last is that with the greatest (step, time with offset, writer, row).

        Args:
            at: the last step to look at. If None, all.
        """
        ...

    def first_nonfinite(
        self, run: str, key: str, *, sources: Sequence[Source] = ()
    ) -> NonFinite | None:
        """The first NaN or infinite value of a metric by (step, time with offset, writer, row)."""
        ...

    def columns(
        self,
        runs: Sequence[str],
        keys: Sequence[str] | None = None,
        *,
        lo: float | None = None,
        hi: float | None = None,
        apart: bool = False,
        every_row: bool = False,
        system: bool = False,
        lineage: Lineage | None = None,
    ) -> Iterator[ColumnBatch]:
        """Joined rows with `lo <= step < hi` as columns, run after run, in bounded memory.

        The rows of a run are sorted by (step, time with offset, writer, row), or by (writer, row)
        if `apart`. Rows that have none of `keys` are left out unless `every_row` is true.
        """
        ...

    def has_fractional_steps(
        self, runs: Sequence[str], *, system: bool = False, lineage: Lineage | None = None
    ) -> bool:
        """Whether `columns` may yield a batch of these runs with float64 steps."""
        ...

    def set_axes(self, run: str, axes: Mapping[str, StepMetric]) -> None:
        """Set which metrics of a run have another metric as their x, by name or glob.

        `records.definition.definition_of` defines which entry applies to a metric. This changes no
        answer: it lets compaction prepare charts on at most two such axes.
        """
        ...

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        """A run's largest step and the answer of `latest`, both from one moment."""
        ...

    def rows(
        self,
        run: str,
        keys: Sequence[str] | None = None,
        *,
        after: tuple[float, int, str, int] | None = None,
        limit: int = 1000,
        lo: float | None = None,
        hi: float | None = None,
        apart: bool = False,
        system: bool = False,
        sources: Sequence[Source] = (),
    ) -> Iterator[JoinedRow]:
        """Joined rows with `lo <= step < hi` of all writers, after a cursor.

        Sorted by (step, time with offset, writer, row). If `apart`, sorted by (writer, row), and
        the cursor's step and time are ignored. Rows that have none of `keys` are left out.

        Args:
            after: the cursor: step, time, writer and row of the last row before the answer.
        """
        ...

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        """Console lines `first` to `first + n - 1` of one stream, in order."""
        ...

    def console_before(
        self, run: str, writer: str, stream: str, before: int, n: int
    ) -> list[ConsoleLine]:
        """The last `n` console lines of one stream with numbers below `before`, in order."""
        ...

    def console_streams(self, run: str) -> list[ConsoleStream]:
        """The streams of a run that have console lines, by writer and stream."""
        ...

    def console_times(self, run: str, writer: str, stream: str) -> tuple[Int64, Int64]:
        """Numbers and times of all lines of one stream, in order. 40 ms for a million lines."""
        ...

    def search_console(
        self, run: str, writer: str, stream: str, search: TextSearch, *, first: int = 0, limit: int
    ) -> list[int]:
        """The numbers of the first `limit` lines, from `first` on, with a match of `search`.

        SGR codes are not searched.

        Args:
            search: finds a match in a text of many lines.
        """
        ...

    def dirty_runs(self) -> list[str]:
        """Runs whose summaries are older than their points. Survives a restart."""
        ...

    def clean(self, run: str, mark: int) -> None:
        """Remove the dirty mark of `run` unless it has grown beyond `mark`."""
        ...

    def dirty_mark(self, run: str) -> int:
        """A number that grows with each batch of the run; 0 if the run is clean."""
        ...

    def delete_runs(self, runs: Sequence[str]) -> None:
        """Remove runs and all they hold, and return the space to the file system.

        All of them disappear at the same moment. A name without a run gets a tombstone as well:
        its batches are refused from now on.
        """
        ...

    def drop_runs(self, runs: Sequence[str]) -> None:
        """Remove runs and all they hold, without a tombstone.

        All of them disappear at the same moment. A later batch for one of these names begins a new
        run, from position 0. `compact` frees the space.
        """
        ...

    def hide_runs(self, runs: Sequence[str]) -> None:
        """Hide runs from all reads except those of runs whose sources name them; keep their rows.

        Batches for them are refused as for deleted runs. All of them are hidden at the same
        moment.
        """
        ...

    def show_runs(self, runs: Sequence[str]) -> None:
        """Undo `hide_runs`. Deleted runs accept batches again, from position 0."""
        ...

    def freeze_runs(self, runs: Sequence[str]) -> AbstractContextManager[Freeze]:
        """Have `append` refuse batches of runs with `Unavailable` until the context is left.

        Once it is entered, no batch of these runs is being applied. It also ends with the process
        that entered it. Several may hold the same run at once.
        """
        ...

    def copy_runs(self, names: Mapping[str, str], to: MetricStore) -> None:
        """Copy frozen or hidden runs to a store of the same engine, each under another name.

        The copies are hidden. They have all rows, console lines, positions and tombstones. A
        missing run becomes a run without rows. Runs with the new names in `to` are replaced.

        Args:
            names: the new name of each run, by its present name.
            to: the store to copy to.
        """
        ...

    def name_runs(self, names: Mapping[str, str], *, hidden: bool = False) -> None:
        """Rename hidden runs, all at the same moment, and show them unless `hidden`.

        Hidden or deleted runs with the new names are replaced; no shown run may have one of them.
        Unknown names are ignored.

        Args:
            names: the new name of each run, by its present name.
            hidden: whether the runs stay hidden.
        """
        ...

    def delete_metrics(self, runs: Sequence[str], keys: Sequence[str]) -> None:
        """Remove metrics of runs, up to the present position of each of their writers.

        All of them disappear at the same moment. Unknown runs and metrics are ignored.
        """
        ...

    def delete_console(self, runs: Sequence[str]) -> None:
        """Remove the console lines of runs, up to the present; the space is freed at once.

        Lines that arrive later keep their numbers. Unknown runs are ignored.
        """
        ...

    def compact(self, *, until_idle: bool = False) -> bool:
        """Do one piece of background work, or all there is; returns whether there was any."""
        ...

    def usage(self) -> Usage:
        """The project's size on disk. Reads only headers: 2 µs a chunk."""
        ...

    def run_usage(self, run: str) -> RunUsage | None:
        """A run's size on disk, also of a hidden run. None if the store has nothing of it."""
        ...

    def close(self) -> None:
        """Release files and threads. Everything acknowledged is kept."""
        ...
