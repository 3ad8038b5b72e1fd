"""What the services may ask of storage, and what every engine guarantees.

Layer 7. Receives batches and questions from `server.services`; each engine (embedded SQLite files,
later ClickHouse) implements `MetricStore` and passes the shared contract tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from weft.records.value import Kind

Axis = Literal["step", "time"]
"""`step`: the logged step. `time`: int64 µs since the run's origin."""

Steps = NDArray[np.int64] | NDArray[np.float64]
Int64 = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(slots=True)
class Column:
    """The values of one key and one kind in a block of rows.

    Attributes:
        rows: which rows of the block have a value here, ascending ordinals; None = all of them.
        values: int64, float64 or bool array, or (kind object) a list of decoded values.
    """

    kind: Kind
    rows: NDArray[np.uint32] | None
    values: NDArray[Any] | list[Any]


@dataclass(slots=True)
class RowBlock:
    """Consecutive rows of one writer, as columns.

    Attributes:
        row_lo: row number of the first; the others follow without a hole. Between blocks there
            may be holes: rows of other blocks, or refused ones.
        steps: int64 if every step is an int, else float64.
        times: µs since 1970 as the writer's clock had it (no offset added).
        continues: per row, whether it is a fragment of the row before it, the newest of its
            writer and sort with a lower number; None = none is.
        columns: by key; a key whose values differ in kind has several.
    """

    row_lo: int
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None
    columns: dict[str, list[Column]]

    def __len__(self) -> int:
        return len(self.steps)


@dataclass(slots=True, frozen=True)
class ConsoleLine:
    stream: str
    line: int
    micros: int
    text: str


@dataclass(slots=True)
class Batch:
    """What one upload adds to the metric store; applied whole or not at all.

    Attributes:
        run: id of the run within the project.
        writer: who wrote the rows; row identity is (run, writer, row number).
        stream: whose position moves (for a run log: the writer's id; for the gateway: a file).
        from_position, to_position: opaque increasing integers.
        state: what the decoder has to remember at `to_position`; opaque bytes, None = unchanged.
        n_rows: rows of the stream before `to_position`, None = unchanged. Apart from `state`,
            which it would make change with every upload.
        tail: a few bytes more of what the decoder has to remember, None = unchanged; may change
            with every upload.
        offset_micros: added to the writer's times from this batch on.
        origin_micros: wall anchor of the run's first Run record; the first one stays. A run whose
            first rows come without one has their first corrected time as its origin.

    `to_position` may equal `from_position`: further rows of an upload whose position the next
    batch moves (history and system rows of one log).
    """

    run: str
    writer: str
    stream: str
    from_position: int
    to_position: int
    state: bytes | None = None
    n_rows: int | None = None
    tail: bytes | None = None
    rows: RowBlock | None = None
    system: bool = False
    console: Sequence[ConsoleLine] = ()
    offset_micros: int = 0
    origin_micros: int | None = None


@dataclass(slots=True, frozen=True)
class StreamPosition:
    position: int
    state: bytes
    n_rows: int = 0
    tail: bytes = b""


class Source(NamedTuple):
    """Rows of a writer that was there before a run was forked or rewound, up to a step.

    Attributes:
        run: another run: its rows belong to the beginning of the asking run. The asking run
            itself: of this writer nothing beyond `last_step` is shown.
        last_step: the last step that counts, inclusive.
    """

    run: str
    writer: str
    last_step: int | float


Lineage = Mapping[str, Sequence[Source]]
"""By run: its sources, all of them resolved: a source's own sources are not followed. A writer
appears once for a run. A row counts or not by its own step; the fragments that count join the row
before them that does. On the time axis a row of another run has that run's origin. System metrics
know no sources."""


FEWEST_BUCKETS: Final = 64
"""What a query may ask for at least."""


@dataclass(slots=True, frozen=True)
class SeriesQuery:
    """One panel's question.

    Attributes:
        lineage: the sources of those runs that were forked or rewound.
        lo, hi: range `[lo, hi)` on the axis; None = from the first, to the last point.
        n_buckets: at most this many buckets in the range (64 to 10,000).
    """

    runs: Sequence[str]
    keys: Sequence[str]
    axis: Axis = "step"
    lo: float | None = None
    hi: float | None = None
    n_buckets: int = 400
    lineage: Lineage = field(default_factory=dict[str, Sequence[Source]])


@dataclass(slots=True)
class Series:
    """One run's one metric over fixed buckets of width `2**level`.

    Bucket `i` covers `[i * 2**level, (i+1) * 2**level)` of the axis and holds all its points, also
    those outside the asked range where the bucket lies across its edge. All series of one query
    have the same level. Only buckets with a point appear, ascending.

    Attributes:
        buckets: int64 bucket index `i`.
        count: finite points in the bucket; 0 = only non-finite ones, then the numbers are NaN.
        mean, m2: mean and sum of squared differences from it (Welford, Chan).
        first, last: value of the first and last finite point by (x, writer, row).
        odd: positions in `buckets` that hold non-finite points, ascending; with `nan`,
            `positive_infinity`, `negative_infinity`: their counts there.
    """

    run: str
    key: str
    level: int
    buckets: Int64
    count: Int64
    minimum: Float64
    maximum: Float64
    mean: Float64
    m2: Float64
    first: Float64
    last: Float64
    odd: Int64
    nan: Int64
    positive_infinity: Int64
    negative_infinity: Int64


@dataclass(slots=True, frozen=True)
class KeyInfo:
    """A metric of a run: what kinds of values it has and how many."""

    key: str
    kinds: frozenset[Kind]
    n_points: int


@dataclass(slots=True, frozen=True)
class JoinedRow:
    """A row with its fragments joined: the later key wins, the last fragment's time shows."""

    writer: str
    row: int
    step: int | float
    micros: int
    values: Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class Latest:
    """The last logged value of a metric, by (time with offset, writer, row)."""

    key: str
    micros: int
    writer: str
    row: int
    value: Any


@dataclass(slots=True, frozen=True)
class RunEnd:
    """How far a run has come.

    Attributes:
        last_step: largest step of a (non-system) row; None = it has no rows.
    """

    last_step: int | float | None
    latest: list[Latest]


@dataclass(slots=True)
class Usage:
    """Bytes on disk: of the project's file, and how they divide by run."""

    file_bytes: int
    free_bytes: int
    by_run: dict[str, int] = field(default_factory=dict[str, int])


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
             position at or below the tombstone brings it back.
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
        self, runs: Sequence[str] | None = None, *, lineage: Lineage | None = None
    ) -> dict[str, list[KeyInfo]]:
        """The metrics of each run, by name, with the points that count.

        Args:
            runs: None = all, and those that only have rows of their sources.
        """
        ...

    def latest(
        self, run: str, keys: Sequence[str] | None = None, *, sources: Sequence[Source] = ()
    ) -> list[Latest]:
        """The last value of each (non-system) metric of a run."""
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
        system: bool = False,
        sources: Sequence[Source] = (),
    ) -> Iterator[JoinedRow]:
        """Joined rows of all writers by (step, time with offset, writer, row), after a cursor.

        A row that has none of `keys` is left out.
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

    def delete_run(self, run: str) -> None:
        """Remove a run and all it holds; the space is given back to the file system."""
        ...

    def hide_run(self, run: str) -> None:
        """Delete a run, but keep its rows for runs whose sources name it, until `delete_run`."""
        ...

    def delete_metric(self, run: str, key: str) -> None:
        """Remove one metric of a run, up to the present position of each of its writers."""
        ...

    def compact(self, *, until_idle: bool = False) -> bool:
        """Do one piece of background work (or all there is); True = there was some."""
        ...

    def usage(self) -> Usage:
        """What the project costs on disk."""
        ...

    def close(self) -> None:
        """Release files and threads; everything acknowledged stays."""
        ...
