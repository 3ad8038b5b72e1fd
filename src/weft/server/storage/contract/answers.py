"""Answers of a store: buckets, points, joined rows, metrics, last values, bytes on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from weft.records.value import Kind
from weft.server.storage.contract.rows import Column, Float64, Int64, Steps


@dataclass(slots=True)
class Series:
    """One metric of one run, in fixed buckets of width `2**level`.

    Bucket `i` covers `[i * 2**level, (i+1) * 2**level)` of the axis and holds all points there; a
    bucket at the edge of the requested range includes its points outside the range. All series of
    one query have the same level. Only buckets with a point appear, ascending.

    Attributes:
        buckets: int64 bucket index `i`.
        count: number of finite points in the bucket. If 0, it holds only nonfinite points and the
            other numbers are NaN.
        mean, m2: mean, and sum of squared differences from it (Welford, Chan).
        first, last: value of the first and last finite point by (x, writer, row).
        x: x of the finite points in the bucket, NaN where they have several.
        nonfinite: positions in `buckets` of the buckets with nonfinite points, ascending.
        nan, positive_infinity, negative_infinity: for each position in `nonfinite`, how many of
            them there are.
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
    x: Float64
    nonfinite: Int64
    nan: Int64
    positive_infinity: Int64
    negative_infinity: Int64
    part: str | None = None


@dataclass(slots=True)
class Points:
    """Numeric points of one metric of one run, as parallel arrays.

    Attributes:
        x: on the requested axis; int64 if all are integers (step, time), else float64.
        values: float64; bools are 0 and 1.
        steps: of the rows, on any axis.
        times: µs since 1970, with the writer's offset.
        writer: for each point, the index of its writer in `writers`.
        rows: row numbers.
        writers: names of writers, ascending.
    """

    x: Steps
    values: Float64
    steps: Steps
    times: Int64
    writer: Int64
    rows: Int64
    writers: list[str]

    def __len__(self) -> int:
        return len(self.values)


@dataclass(slots=True, frozen=True)
class ObjectPoint:
    """A value that is not a number (text, media reference, histogram), and its position."""

    x: int | float
    micros: int
    writer: str
    row: int
    value: Any


class ObjectPosition(NamedTuple):
    """The x of a value that is not a number, and its step."""

    x: int | float
    step: int | float


@dataclass(slots=True, frozen=True)
class NonFinite:
    """A NaN or infinite value, and the row that logged it."""

    step: int | float
    micros: int
    writer: str
    row: int
    value: float


@dataclass(slots=True)
class ColumnBatch:
    """Consecutive joined rows of one run, as columns.

    Attributes:
        writers: names of writers, ascending.
        writer: for each row, the index of its writer in `writers`.
        rows, steps: row number and step of each row's first fragment.
        times: µs since 1970 of each row's last fragment, with the writer's offset.
        columns: by key, one column for each kind that occurs. Keys without a value in these rows
            are missing.
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
"""The origin of a metric: rows that scripts logged, or samples of machines and processes."""


@dataclass(slots=True, frozen=True)
class KeyTotal:
    """A metric of several runs: its kinds of values, and its numbers of runs and points.

    Attributes:
        origins: which kinds of rows have it, among those that the query covers.
    """

    key: str
    kinds: frozenset[Kind]
    n_runs: int
    n_points: int
    origins: frozenset[Origin] = frozenset(("logged",))


@dataclass(slots=True, frozen=True)
class KeyPage:
    """One page of the metrics that match a search, by name, and how many match in all."""

    keys: list[KeyTotal]
    total: int


@dataclass(slots=True, frozen=True)
class JoinedRow:
    """A row with its fragments joined: a later value of a key wins; the time is the last's."""

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
    """The last step of a run and the last values of its metrics.

    Attributes:
        last_step: the largest step of a row, system rows excepted. None if the run has no rows.
        latest: the last value of each metric.
    """

    last_step: int | float | None
    latest: list[Latest]


@dataclass(slots=True, frozen=True)
class ConsoleStream:
    """The console lines of one stream of a writer.

    Attributes:
        n_lines: number of lines. Less than `last_line - first_line + 1` if some were lost.
        first_line, last_line: lowest and highest line number.
        first_micros, last_micros: earliest and latest time, µs since 1970 by the writer's clock.
    """

    writer: str
    stream: str
    n_lines: int
    first_line: int
    last_line: int
    first_micros: int
    last_micros: int


@dataclass(slots=True)
class Usage:
    """Bytes on disk of a project.

    Attributes:
        file_bytes: size of all its files, including `free_bytes`.
        free_bytes: bytes in the files that hold nothing.
        by_run: size of each run's rows and console lines, hidden runs included.
        console_by_run: size of the console lines that are no longer fresh, of runs that have some.
    """

    file_bytes: int
    free_bytes: int
    by_run: dict[str, int] = field(default_factory=dict[str, int])
    console_by_run: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class RunUsage:
    """Bytes on disk of a run.

    Attributes:
        n_bytes: size of all its rows and console lines.
        fresh_bytes: size of the rows that compaction has not yet divided by metric.
        console_bytes: size of the console lines that are no longer fresh.
        by_key: size of each metric's points and cells, without fresh ones.
    """

    n_bytes: int
    fresh_bytes: int
    console_bytes: int
    by_key: dict[str, int] = field(default_factory=dict[str, int])
