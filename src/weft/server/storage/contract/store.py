"""What the services may ask of a metric store, and what every engine guarantees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Protocol

from weft.server.storage.contract.answers import (
    ColumnBatch,
    JoinedRow,
    KeyInfo,
    KeyPage,
    Latest,
    NonFinite,
    ObjectPoint,
    Points,
    RunEnd,
    RunUsage,
    Series,
    Usage,
)
from weft.server.storage.contract.questions import (
    BY_STEP,
    Bases,
    Lineage,
    Place,
    SeriesQuery,
    Source,
    StepMetric,
)
from weft.server.storage.contract.rows import Batch, ConsoleLine, StreamPosition


class MetricStore(Protocol):
    """All points, rows and console lines of **one project**.

    Guarantees of every engine:
        ST1  What `append` returned for survives a kill of the process and a loss of power.
        ST2  A batch is applied whole or not at all, also across a kill.
        ST3  A batch whose range was applied before is refused with the right position and changes
             nothing; one that overlaps it adds only its new rows: row identity (run, writer,
             row) keeps each point there once, whatever is repeated.
        ST4  A read sees every batch acknowledged before it began.
        ST5  `series` equals brute force over the raw points: min, max, count, first, last, and
             non-finite counts exactly, mean and M2 to within float rounding.
        ST6  Compaction changes no answer, and may be killed at any moment.
        ST7  After `delete_*` returned no read shows what was deleted, and no later batch from a
             position at or below the tombstone brings it back. The same holds after `hide_runs`,
             until `show_runs` brings all of it back.
        ST8  Thread-safe: any method from any thread.
    """

    def position(self, run: str, stream: str) -> StreamPosition | None:
        """Where the stream ends and the decoder's state there; None = never seen."""
        ...

    def append(self, batches: Sequence[Batch]) -> None:
        """Apply batches in order in one durable transaction.

        Call it from as many threads as there are uploads: concurrent calls share a commit, and
        each is accepted or refused by itself. Only when the last group held two or more calls
        does the next wait (10 ms) for more.

        Raises:
            PositionConflict: a batch does not start at its stream's position; none is applied.
            Gone: the run was deleted from this store.
            Unavailable: the disk takes nothing (full, read-only); nothing was applied.
        """
        ...

    def run_origin(self, run: str) -> int | None:
        """µs since 1970 of x = 0 on the run's time axis, also of a hidden run; None = no batch of
        the run came yet.
        """
        ...

    def series(self, query: SeriesQuery) -> list[Series]:
        """Answer one panel: a `Series` per (run, key) that has numeric points in the range.

        The level is chosen once for the query: the smallest k with at most `n_buckets` buckets of
        width `2**k` across the range (None ends are taken from the data of all asked series). It
        is at least 0 where all asked points have integer x, or the range is a single point, and
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
            runs: None = all, and those that only have rows of their sources.
            system: only what system rows have, or only what the others have; None = both
                together. Names play no part in it.
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
        """A page of the metrics of some or all runs together, by name.

        Args:
            system: as for `keys`.
            matches: says which names are asked for; None = all. A `names.NameSearch` is quickest.
            after: the last name of the page before.
        """
        ...

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        """The last value of each (non-system) metric of a run."""
        ...

    def latest_of(
        self, runs: Sequence[str], keys: Sequence[str], *, lineage: Lineage | None = None
    ) -> dict[str, list[Latest]]:
        """The last values of some metrics of many runs; runs without any are left out."""
        ...

    def points(
        self,
        run: str,
        key: str,
        place: Place = BY_STEP,
        *,
        lo: float | None = None,
        hi: float | None = None,
        writers: Collection[str] | None = None,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
        in_log_order: bool = False,
    ) -> Iterator[Points]:
        """Every numeric point of a metric with `lo <= x < hi`, a slice at a time.

        By (x, time with offset, writer, row), in log order by (writer, row).

        Args:
            writers: only theirs; None = all.
            bases: of its writers; None = all times count from the origin.
        """
        ...

    def objects(
        self,
        run: str,
        key: str,
        place: Place = BY_STEP,
        *,
        lo: float | None = None,
        hi: float | None = None,
        writers: Collection[str] | None = None,
        sources: Sequence[Source] = (),
        bases: Bases | None = None,
    ) -> Iterator[ObjectPoint]:
        """The values of a metric that are no numbers, by (x, time with offset, writer, row)."""
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

        The rows of a run come by (step, time with offset, writer, row); with `apart` writer after
        writer, each by row. A row that has none of `keys` is left out, but for `every_row`.
        """
        ...

    def has_fractional_steps(
        self, runs: Sequence[str], *, system: bool = False, lineage: Lineage | None = None
    ) -> bool:
        """Whether `columns` may give a batch of these runs with float64 steps."""
        ...

    def set_axes(self, run: str, axes: Mapping[str, StepMetric]) -> None:
        """Say which metrics of a run have another metric as their x, by name or glob.

        `records.definition.definition_of` says which entry is a metric's. Changes no answer:
        compaction then prepares charts on at most two such axes.
        """
        ...

    def end(self, run: str, *, sources: Sequence[Source] = ()) -> RunEnd:
        """How far a run has come: its largest step, and what `latest` answers, of one moment."""
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

        By (step, time with offset, writer, row); with `apart` by (writer, row), of which the
        cursor then tells no more. A row that has none of `keys` is left out.
        """
        ...

    def console(self, run: str, writer: str, stream: str, first: int, n: int) -> list[ConsoleLine]:
        """Console lines `first … first+n-1` of one stream, in order."""
        ...

    def dirty_runs(self) -> list[str]:
        """Runs whose summary projection is older than their points (survives a restart)."""
        ...

    def clean(self, run: str, mark: int) -> None:
        """Take the dirty mark of `run` away unless it has grown beyond `mark`."""
        ...

    def dirty_mark(self, run: str) -> int:
        """A number that grows with each batch of the run; 0 = clean."""
        ...

    def delete_runs(self, runs: Sequence[str]) -> None:
        """Remove runs and all they hold; the space is given back to the file system.

        All of them are gone at once; a run that never was is refused from now on, too.
        """
        ...

    def drop_runs(self, runs: Sequence[str]) -> None:
        """Remove runs and all they hold, without a tombstone.

        All of them are gone at once; a batch for one of these names begins a new run, from
        position 0. The space is given back by `compact`.
        """
        ...

    def hide_runs(self, runs: Sequence[str]) -> None:
        """Take runs out of all reads but those of runs whose sources name them; keep their rows.

        Batches of them are refused as of deleted ones. All of them are hidden at once.
        """
        ...

    def show_runs(self, runs: Sequence[str]) -> None:
        """Undo `hide_runs`. Of runs that were deleted, admit batches again, from position 0."""
        ...

    def freeze_runs(self, runs: Sequence[str], *, frozen: bool) -> None:
        """Let `append` refuse batches of runs as `Unavailable`, or take them again.

        When this returns, no batch of them is on its way. Forgotten when the store is closed.
        """
        ...

    def copy_runs(self, names: Mapping[str, str], to: MetricStore) -> None:
        """Copy frozen or hidden runs to a store of the same engine, each under another name.

        The copies are hidden. They have all rows, console lines, positions and tombstones; a run
        that is not there becomes one without rows. What has those names in `to` goes.
        """
        ...

    def name_runs(self, names: Mapping[str, str], *, hidden: bool = False) -> None:
        """Give hidden runs other names, all at once, and show them unless they stay `hidden`.

        What was hidden or deleted under these names goes; no run that is shown has one of them.
        Names that no run has are left out.
        """
        ...

    def delete_metrics(self, runs: Sequence[str], keys: Sequence[str]) -> None:
        """Remove metrics of runs, up to the present position of each of their writers.

        All of them are gone at once; runs and metrics that are not there change nothing.
        """
        ...

    def compact(self, *, until_idle: bool = False) -> bool:
        """Do one piece of background work (or all there is); True = there was some."""
        ...

    def usage(self) -> Usage:
        """What the project costs on disk. Cost: headers only, 2 µs a chunk."""
        ...

    def run_usage(self, run: str) -> RunUsage | None:
        """What a run, also a hidden one, costs on disk; None = there is nothing of it."""
        ...

    def close(self) -> None:
        """Release files and threads; everything acknowledged stays."""
        ...
