"""Services of an engine besides open stores: frozen states, verification, unowned pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract.rows import Column, ConsoleLine, Int64, Steps, StreamPosition
from weft.server.storage.contract.store import MetricStore
from weft.server.storage.contract.times import MoveTimes

RowSpans = Mapping[str, Sequence[tuple[int, int]]]
"""Intervals of row numbers by writer, the first and last row included."""

Advance = Callable[[int], None]
"""Called with the number of bytes processed since the last call. May raise to end the work."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Damage that `MetricEngine.verify` found.

    Attributes:
        detail: what is wrong, in words.
        run, writer, metric: what it belongs to, as far as that is known.
    """

    detail: str
    run: str | None = None
    writer: str | None = None
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Unowned:
    """Number and size of the pieces of a store that belong to no run."""

    n_pieces: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Background work that no server has done though it is overdue.

    Attributes:
        stores: names of the stores that have some.
        n_batches, n_bytes: fresh batches that still have to be moved, those that are not due yet
            included.
        lag_secs: for how long the first batches to be moved have been due; 0 if none is.
        mirror_lag_secs: for how long the first batch that the mirror lacks has been there.
    """

    stores: tuple[str, ...] = ()
    n_batches: int = 0
    n_bytes: int = 0
    lag_secs: float = 0.0
    mirror_lag_secs: float = 0.0


@dataclass(frozen=True, slots=True)
class RawRun:
    """A run in a frozen store.

    Attributes:
        number: the store's own number of the run.
        origin: µs since 1970 of x = 0 on its time axis. None before its first batch.
        hidden: whether reads skip it. Its rows are kept because it is in the trash or because
            other runs show them.
    """

    number: int
    name: str
    origin: int | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class RawRows:
    """Rows of one writer as they were written: nothing joined, merged or hidden.

    Attributes:
        offset: µs to add to the writer's times.
        rows: row numbers, ascending.
        continues: for each row, whether it continues the row before it. None if no row does.
        columns: by metric, one column for each kind of value.
    """

    writer: str
    system: bool
    offset: int
    rows: Int64
    steps: Steps
    times: Int64
    continues: NDArray[np.bool_] | None
    columns: Mapping[str, Sequence[Column]]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def n_points(self) -> int:
        """Number of values in the columns."""
        return sum(
            len(column.values) for key_columns in self.columns.values() for column in key_columns
        )

    def part(self, start: int, stop: int) -> RawRows:
        cut = {
            key: [
                part for column in key_columns if (part := _part(column, start, stop)) is not None
            ]
            for key, key_columns in self.columns.items()
        }
        return RawRows(
            self.writer,
            self.system,
            self.offset,
            self.rows[start:stop],
            self.steps[start:stop],
            self.times[start:stop],
            None if self.continues is None else self.continues[start:stop],
            {key: key_columns for key, key_columns in cut.items() if key_columns},
        )


def _part(column: Column, start: int, stop: int) -> Column | None:
    if column.rows is None:
        return Column(column.kind, None, column.values[start:stop])
    lo, hi = (int(at) for at in np.searchsorted(column.rows, [start, stop]))
    if lo == hi:
        return None
    return Column(column.kind, column.rows[lo:hi] - np.uint32(start), column.values[lo:hi])


class FrozenStore(Protocol):
    """One state of a store, held while others write to the store. Close it soon."""

    def n_bytes(self) -> int:
        """The size of a copy in bytes."""
        ...

    def copy_to(self, to: MetricEngine, name: str, advance: Advance) -> None:
        """Write the state to a new store of an engine of the same kind, durably."""
        ...

    def run_names(self) -> list[str]:
        """Names of the runs that are neither deleted nor hidden."""
        ...

    def all_names(self) -> list[str]:
        """Names of all runs that still have rows, including hidden runs and drafts."""
        ...

    def runs(self) -> dict[str, RawRun]:
        """The runs that still have rows, by name; includes hidden ones and drafts."""
        ...

    def streams(self, run: RawRun) -> dict[str, StreamPosition]:
        """The end of each of a run's streams, by stream."""
        ...

    def states(self) -> dict[str, bytes]:
        """A digest of each run's stream ends and deletions, by run, hidden runs included.

        A digest that is equal to an earlier one of the same store means that nothing was
        acknowledged for the run, deleted from it, hidden or shown in between.
        """
        ...

    def row_spans(self, run: RawRun) -> RowSpans:
        """The row numbers that a run has, as ascending intervals by writer."""
        ...

    def rows(self, run: RawRun, *, present: RowSpans | None = None) -> Iterator[RawRows]:
        """All rows of a run, writer by writer, without the points of deleted metrics.

        Args:
            present: rows that the caller has. Chunks and batches of these alone are left out.
        """
        ...

    def console(self, run: RawRun) -> Iterator[tuple[str, list[ConsoleLine]]]:
        """Console lines by writer, about a thousand at a time, in order within each stream."""
        ...

    def close(self) -> None:
        """Release the state. May be repeated."""
        ...


class MetricEngine(Protocol):
    """The metric stores of projects, each under a name that the engine resolves."""

    def names(self) -> list[str]:
        """Names of all stores, those of deleted projects included."""
        ...

    def open(self, name: str) -> MetricStore:
        """Open a store, and create it if it is missing."""
        ...

    def freeze(self, name: str) -> FrozenStore:
        """Hold the present state of a store.

        Raises:
            FileNotFoundError: no such store, or it is still empty.
        """
        ...

    def verify(self, name: str, advance: Advance) -> Iterator[Fault]:
        """Find all faults of a store. Reads every byte and changes nothing."""
        ...

    def unowned(self, name: str) -> Unowned:
        """Count the pieces of a store that take space but belong to no run."""
        ...

    def reclaim(self, name: str) -> None:
        """Free the space that `unowned` counts."""
        ...

    def backlog(self) -> Backlog:
        """The overdue work in all stores; none where each store has one process."""
        ...

    def move_times(self) -> MoveTimes:
        """The durations of moves since the start; empty where points don't move."""
        ...

    @property
    def has_mirror(self) -> bool:
        """Whether `mirror_points` has something to do with points."""
        ...

    def mirror_points(self, paths: Mapping[int, str]) -> bool:
        """Write some points to the mirror, which is for people's own SQL.

        One server at a time may do it. `paths` are those of projects, by the numbers that are the
        names of their stores. Returns whether more may be due.
        """
        ...

    def n_bytes(self, name: str) -> int:
        """Size of a store in bytes, 0 if it is missing."""
        ...

    def remove(self, name: str) -> None:
        """Delete a store that is closed."""
        ...

    def close(self) -> None:
        """Close what stores share, once all are closed."""
        ...
