"""The contract between reads and the stores that hold chunks and fresh rows as the embedded engine
encodes them.

`reading` answers queries from a `View`: headers and blobs by number, listings of fresh batches,
tombstones. The embedded engine has one over its file, `storage.clickhouse` one over PostgreSQL and
ClickHouse; so both give the same answers, to the last digit.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np

from weft.server.storage.contract import Int64
from weft.server.storage.metrics.encoding.block import Block, RowClass
from weft.server.storage.metrics.encoding.chunk import (
    AXIS_PARTS,
    ROWS_PART,
    STEPS_PART,
    TIMES_PART,
    ChunkHeader,
    ColumnHeader,
    decode_rows,
)
from weft.server.storage.metrics.encoding.codec import unpack_array
from weft.server.storage.metrics.fresh import FreshEntry, Listing
from weft.server.storage.names import NameTable

Tombs = Mapping[int, Mapping[int, int]]
"""By writer, by key: the highest row whose point is deleted."""

NO_TOMBS: Final[Tombs] = {}


@dataclass(slots=True)
class RunInfo:
    """A run in a store.

    `run` is its number; `origin`, µs since 1970, None before its first batch. A run that is gone
    was deleted, or hidden with its rows kept.
    """

    run: int
    origin: int | None
    gone: bool
    is_hidden: bool = False


@dataclass(slots=True, frozen=True)
class KeyOrder:
    """The metrics of a store by name.

    `ranks` are those of the names by the metric's number, and `table` is for searches.
    """

    names: list[str]
    ranks: Int64
    table: NameTable


def order_keys(keys: Mapping[str, int]) -> KeyOrder:
    """The metrics of a store by name, given their numbers."""
    pairs = sorted(keys.items())
    ranks = np.zeros(max(keys.values(), default=-1) + 1, dtype=np.int64)
    ranks[[key for _, key in pairs]] = np.arange(len(pairs))
    names = [name for name, _ in pairs]
    return KeyOrder(names, ranks, NameTable(names))


class ConsoleHeader(NamedTuple):
    """A block of console lines without its text."""

    block: int
    n: int
    line_lo: int
    line_hi: int
    time_lo: int
    time_hi: int


class ConsoleName(NamedTuple):
    """A stream of console lines by numbers of its run and writer."""

    run: int
    writer: int
    stream: str


class View(Protocol):
    """One consistent view of a store.

    Blobs whose checksum is wrong raise `Damaged`, so that they do not reach an answer or a new
    blob. A view that can't read all of what it lists raises `Unavailable`.

    Attributes:
        listings: the fresh batches of each run that the view was opened for.
        tombs: the deleted metrics of those of them that have some.
    """

    listings: dict[int, Listing]
    tombs: dict[int, Tombs]

    def writers(self, runs: Iterable[int]) -> list[tuple[int, int, str]]:
        """Run, number and name of the writers of some runs, by name."""
        ...

    def chunks(self, runs: Iterable[int]) -> dict[int, ChunkHeader]:
        """Headers of all chunks of some runs, by chunk."""
        ...

    def columns(self, runs: Iterable[int], keys: Iterable[int]) -> list[ColumnHeader]:
        """Headers of some metrics in all chunks of some runs."""
        ...

    def columns_in(
        self,
        chunks: Sequence[ChunkHeader],
        keys: Iterable[int] | None = None,
        *,
        steps: tuple[float, float] | None = None,
    ) -> list[ColumnHeader]:
        """Headers of the metrics in some chunks of one run, all of them by default.

        Metrics without a number in `steps`, first and last of a range, are left out. Objects have
        no step ranges, so metrics with objects are always included.
        """
        ...

    def newest_columns(
        self, chunks: Sequence[ChunkHeader], keys: Collection[int] | None
    ) -> list[ColumnHeader]:
        """Of each metric in some chunks of one run, the headers with the largest `latest`."""
        ...

    def counts_in(self, chunks: Sequence[ChunkHeader]) -> list[tuple[int, int, int]]:
        """Metrics in some chunks of one run: number, bits of `KIND_BITS`, points."""
        ...

    def parts(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Parts of chunks by number, of chunks and metrics whose headers this view has read."""
        ...

    def fresh(self, numbers: Sequence[int]) -> dict[int, bytes]:
        """Fresh batches of the view's listings, by number."""
        ...

    def chunk_stamp(self, run: int) -> tuple[int, int]:
        """The newest chunk of a run and the number of its chunks, to know cached counts by."""
        ...

    def totals(self, run: int, *, system: bool | None) -> list[tuple[int, int, int]]:
        """Metrics in all chunks of a run: number, bits of `KIND_BITS` and `ORIGIN_BITS`, points.

        Of all rows, or only of system rows or of other rows.
        """
        ...

    def totals_of(
        self, runs: Sequence[int], *, system: bool | None
    ) -> list[tuple[int, int, int, int]]:
        """Metrics in all chunks of runs, ascending: number, bits, points, and number of runs."""
        ...

    def has_fractional_chunk(self, runs: Iterable[int], *, system: bool) -> bool:
        """Whether a chunk of some runs has float steps, of system rows or of other rows."""
        ...

    def console_streams(self, run: int) -> list[tuple[int, str]]:
        """Writer and name of the streams of a run that have blocks."""
        ...

    def console_blocks(self, name: ConsoleName, lo: int, hi: int) -> list[ConsoleHeader]:
        """The blocks of a stream with numbers from `lo` to `hi`."""
        ...

    def console_data(self, name: ConsoleName, blocks: Sequence[int]) -> dict[int, bytes]:
        """The encoded form of some blocks of a stream, by number."""
        ...


class MetricDatabase(Protocol):
    """A store as reads see it: names and numbers, views, and decoded fresh rows."""

    def find_run(self, name: str) -> RunInfo | None:
        """A run that may be read: known and not deleted."""
        ...

    def find_source(self, name: str) -> RunInfo | None:
        """A run whose rows other runs may show: known, and its rows are kept."""
        ...

    def run_or_tombstone(self, name: str) -> RunInfo | None:
        """A run, deleted or not."""
        ...

    def run_names(self) -> list[str]:
        """All runs that may be read."""
        ...

    def find_key(self, name: str) -> int | None:
        """The number of a metric's name."""
        ...

    def key_name(self, key: int) -> str:
        """The name of the metric with a number."""
        ...

    def key_order(self) -> KeyOrder:
        """All metrics by name."""
        ...

    def snapshot(self, runs: Iterable[int] = ()) -> AbstractContextManager[View]:
        """Open a consistent view of the store and of the fresh batches of `runs`."""
        ...

    def last_change(self, names: Iterable[str]) -> Hashable | None:
        """The mark of the last change of what reads show of runs. None if one is unknown.

        What is read after this call shows that change, at least. Equal marks mean that nothing has
        changed between two calls.
        """
        ...

    def fresh_blocks(
        self, view: View, run: int, row_class: RowClass, entries: Sequence[FreshEntry]
    ) -> list[Block]:
        """Fresh rows of one class, without the points of deleted metrics."""
        ...


def read_axes(view: View, chunk: ChunkHeader) -> Block:
    """The rows of a chunk without their columns."""
    first = chunk.part_lo
    blobs = view.parts(range(first, first + AXIS_PARTS))
    rows, continues = decode_rows(blobs[first + ROWS_PART])
    steps = unpack_array(blobs[first + STEPS_PART])
    return Block(rows, steps, unpack_array(blobs[first + TIMES_PART]), continues)


def axis_shift(offset: int, origin: int | None) -> int:
    """µs to add to a writer's times for the run's time axis, clipped so that int64 can add it."""
    return max(min(offset - (origin or 0), 2**62), -(2**62))
