"""What an engine offers besides open stores: frozen states, verification, what nothing owns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from weft.server.storage.contract.rows import Column, ConsoleLine, Int64, Steps, StreamPosition
from weft.server.storage.contract.store import MetricStore

Look = Callable[[int], None]
"""Told of each stretch of bytes that was worked on; may raise to end the work."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it should be.

    Attributes:
        run, writer, metric: what it belongs to, as far as that is known.
        detail: what is wrong, in words.
    """

    detail: str
    run: str | None = None
    writer: str | None = None
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Unowned:
    """Pieces of a store that no run has."""

    n_pieces: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class RawRun:
    """A run in a frozen store.

    Attributes:
        number: the store's own.
        origin: µs since 1970 of x = 0 on its time axis. None until a batch came.
        hidden: it was deleted, and is kept for the runs that show its rows.
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
        rows: their numbers, ascending.
        continues: which of them continue the row before. None if none does.
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
        """How many values its columns have."""
        return sum(len(one.values) for some in self.columns.values() for one in some)

    def part(self, start: int, stop: int) -> RawRows:
        """Its rows `[start, stop)`."""
        cut = {
            key: [part for one in some if (part := _part(one, start, stop)) is not None]
            for key, some in self.columns.items()
        }
        return RawRows(
            self.writer,
            self.system,
            self.offset,
            self.rows[start:stop],
            self.steps[start:stop],
            self.times[start:stop],
            None if self.continues is None else self.continues[start:stop],
            {key: some for key, some in cut.items() if some},
        )


def _part(column: Column, start: int, stop: int) -> Column | None:
    if column.rows is None:
        return Column(column.kind, None, column.values[start:stop])
    lo, hi = (int(at) for at in np.searchsorted(column.rows, [start, stop]))
    if lo == hi:
        return None
    return Column(column.kind, column.rows[lo:hi] - np.uint32(start), column.values[lo:hi])


class FrozenStore(Protocol):
    """One state of a store, held while others write to it. Close it soon."""

    def n_bytes(self) -> int:
        """How large a copy will be."""
        ...

    def copy_to(self, path: Path, look: Look) -> None:
        """Write it to a new file, durably."""
        ...

    def run_names(self) -> list[str]:
        """Names of its runs that are not deleted."""
        ...

    def all_names(self) -> list[str]:
        """Names of all runs that still have rows, also of hidden ones and drafts."""
        ...

    def runs(self) -> dict[str, RawRun]:
        """The runs that still have rows, by name, without drafts."""
        ...

    def streams(self, run: RawRun) -> dict[str, StreamPosition]:
        """Where each of a run's streams ends."""
        ...

    def rows(self, run: RawRun) -> Iterator[RawRows]:
        """All rows of a run, writer by writer, without the points of deleted metrics."""
        ...

    def console(self, run: RawRun) -> Iterator[tuple[str, list[ConsoleLine]]]:
        """Console lines by writer, about a thousand at a time, in order within each stream."""
        ...

    def close(self) -> None:
        """Let it go. May be repeated."""
        ...


class MetricEngine(Protocol):
    """Opens the metric stores of projects, each at a path of its own."""

    def open(self, path: Path) -> MetricStore:
        """The store at a path, which is made if it is missing."""
        ...

    def freeze(self, path: Path) -> FrozenStore:
        """The store at a path as it is now.

        Raises:
            FileNotFoundError: there is none, or nothing in it yet.
        """
        ...

    def verify(self, path: Path, look: Look) -> Iterator[Fault]:
        """All faults of a store. Reads every byte, and changes nothing."""
        ...

    def unowned(self, path: Path) -> Unowned:
        """What takes space in a store and belongs to no run."""
        ...

    def reclaim(self, path: Path) -> None:
        """Have the store free what `unowned` counts."""
        ...

    def n_bytes(self, path: Path) -> int:
        """Size on disk of a store, 0 if there is none."""
        ...

    def remove(self, path: Path) -> None:
        """Delete a store that is closed."""
        ...
