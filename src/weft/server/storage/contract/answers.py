"""What is answered: buckets, points, joined rows, metrics and their last values, bytes on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from weft.records.value import Kind
from weft.server.storage.contract.rows import Column, Float64, Int64, Steps


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
    part: str | None = None


@dataclass(slots=True)
class Points:
    """Numeric points of one metric of one run, as parallel arrays.

    Attributes:
        x: on the asked axis; int64 where all are integers (step, time), else float64.
        values: float64; bools are 0 and 1.
        times: µs since 1970, with the writer's offset.
        writer: of each point: place of its writer in `writers`, which ascend.
        rows: row numbers.
    """

    x: Steps
    values: Float64
    times: Int64
    writer: Int64
    rows: Int64
    writers: list[str]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(slots=True, frozen=True)
class ObjectPoint:
    """A value that is no number (text, media reference, histogram), and where it lies."""

    x: int | float
    micros: int
    writer: str
    row: int
    value: Any


@dataclass(slots=True, frozen=True)
class NonFinite:
    """A NaN or infinite value, and where it was logged."""

    step: int | float
    micros: int
    writer: str
    row: int
    value: float


@dataclass(slots=True)
class ColumnBatch:
    """Consecutive joined rows of one run, as columns.

    Attributes:
        writer: of each row: place of its writer in `writers`, which ascend.
        rows, steps: of each row's first fragment.
        times: µs since 1970 of each row's last fragment, with the writer's offset.
        columns: by key: a column per kind that occurs, without those that no row here has.
    """

    run: str
    writers: list[str]
    writer: Int64
    rows: Int64
    steps: Steps
    times: Int64
    columns: dict[str, list[Column]]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(slots=True, frozen=True)
class KeyInfo:
    """A metric of a run: what kinds of values it has and how many."""

    key: str
    kinds: frozenset[Kind]
    n_points: int


Origin = Literal["logged", "system"]
"""What has a metric: rows that scripts logged, or samples of machines and processes."""


@dataclass(slots=True, frozen=True)
class KeyTotal:
    """A metric of several runs: the kinds of its values, and how many runs and points have it.

    Attributes:
        origins: which of the rows that were asked for have it.
    """

    key: str
    kinds: frozenset[Kind]
    n_runs: int
    n_points: int
    origins: frozenset[Origin] = frozenset(("logged",))


@dataclass(slots=True, frozen=True)
class KeyPage:
    """Some of the metrics that were asked for, by name, and how many there are in all."""

    keys: list[KeyTotal]
    total: int


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
    """Bytes on disk of a project.

    Attributes:
        file_bytes: of all of its files; `free_bytes` of them hold nothing.
        by_run: what each run's rows and console lines take, also of hidden runs.
    """

    file_bytes: int
    free_bytes: int
    by_run: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class RunUsage:
    """Bytes on disk of a run.

    Attributes:
        n_bytes: of all of its rows and console lines.
        fresh_bytes: of rows that compaction has not divided by metric yet.
        console_bytes: of console lines that are no longer fresh.
        by_key: of each metric's points and cells, fresh ones left out.
    """

    n_bytes: int
    fresh_bytes: int
    console_bytes: int
    by_key: dict[str, int] = field(default_factory=dict[str, int])
