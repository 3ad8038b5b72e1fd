"""Fresh batches: rows as they arrived, one blob per batch, before compaction makes chunks of them.

`FreshDirectory` lists the fresh batches of each run in memory, `FreshReader` caches their decoded
rows within a bound. The blobs are in table `fresh`; callers do the SQL.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from weft.records.value import KINDS
from weft.server.storage.contract import Column, ConsoleLine
from weft.server.storage.metrics.encoding.block import (
    KIND_BITS,
    Block,
    RowClass,
    join_axes,
    join_columns,
)
from weft.server.storage.metrics.encoding.codec import (
    array_length,
    pack_array,
    pack_objects,
    unpack_array,
    unpack_objects,
)

CACHE_POINTS: Final = 8_000_000
"""Fresh points cached per store: 64 MB of values if all metrics of all rows are requested."""

_POINTS_PER_COLUMN: Final = 32
"""The cost of a metric of a batch in addition to its points, counted in points.

Its Python objects take about 300 B, packed or decoded. That is most of the cost if rows of 100,000
metrics arrive one by one.
"""

JOIN_FROM: Final = 16
JOINED_ROWS: Final = 1024
"""If a writer has `JOIN_FROM` batches with fewer than `JOINED_ROWS` rows each, they are joined to
one block, which makes reads faster. Larger batches stay separate: a read then decodes only the
metrics it needs."""

NARROW_COLUMNS: Final = 100
"""Batches with at most this many metrics are joined from two on: each block costs a chart of a
live run 0.1 ms, and joining a metric costs 0.01 ms."""


class FreshEntry(NamedTuple):
    """A batch in the directory."""

    fresh: int
    row_lo: int
    row_hi: int
    n: int
    n_points: int
    has_console: bool
    n_bytes: int


_PackedColumn = tuple[int, int, bytes, bytes]
"""Key, kind, ordinals and values of a column in a blob."""


class _Blob(msgspec.Struct, array_like=True):
    """The wire form of a batch; new fields only at the end."""

    rows: bytes
    steps: bytes
    times: bytes
    continues: bytes
    columns: list[_PackedColumn]
    console: list[tuple[str, int, int, str]] = []


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Blob)


def encode_fresh(block: Block, console: Sequence[ConsoleLine]) -> bytes:
    """Encode a batch quickly. Compaction later encodes it compactly."""
    columns: list[_PackedColumn] = []
    for key, kinds in block.columns.items():
        for column in kinds:
            ordinals = b"" if column.rows is None else pack_array(column.rows, quick=True)
            values: Any = column.values
            if column.kind == "object":
                data = pack_objects(values, level=1)
            else:
                data = pack_array(values, quick=True)
            columns.append((key, KINDS.index(column.kind), ordinals, data))
    return _encoder.encode(
        _Blob(
            pack_array(block.rows, quick=True),
            pack_array(block.steps, quick=True),
            pack_array(block.times, quick=True),
            b"" if block.continues is None else pack_array(block.continues),
            columns,
            [(line.stream, line.line, line.micros, line.text) for line in console],
        )
    )


def decode_fresh(data: bytes) -> tuple[Block, list[ConsoleLine]]:
    """Decode what `encode_fresh` made."""
    blob = _decoder.decode(data)
    block = Block(
        unpack_array(blob.rows),
        unpack_array(blob.steps),
        unpack_array(blob.times),
        unpack_array(blob.continues) if blob.continues else None,
        _PackedColumns(blob.columns),
    )
    return block, [ConsoleLine(*line) for line in blob.console]


def decode_console(data: bytes) -> list[tuple[str, int, int, str]]:
    """Stream, number, time and text of the console lines of a batch; decodes no row."""
    return _decoder.decode(data).console


def renumber_fresh(data: bytes, number: Callable[[int], int]) -> bytes:
    """The same batch with other key numbers."""
    blob = _decoder.decode(data)
    blob.columns = [
        (number(key), kind, ordinals, values) for key, kind, ordinals, values in blob.columns
    ]
    return _encoder.encode(blob)


def count_fresh(data: bytes) -> list[tuple[int, int, int]]:
    """Key, kind as bit of `KIND_BITS`, and number of points of each column; decodes no value."""
    blob = _decoder.decode(data)
    n_rows = array_length(blob.rows)
    return [
        (key, KIND_BITS[KINDS[kind]], array_length(ordinals) if ordinals else n_rows)
        for key, kind, ordinals, _ in blob.columns
    ]


def _decode_batch(data: bytes, fresh: int) -> Block:
    block, _ = decode_fresh(data)
    block.batches = (fresh,)
    return block


class _PackedColumns(Mapping[int, list[Column]]):
    """The columns of a batch, each decoded on first use."""

    def __init__(self, packed: Sequence[_PackedColumn]) -> None:
        self._packed: dict[int, list[_PackedColumn]] = {}
        for column in packed:
            self._packed.setdefault(column[0], []).append(column)
        self._decoded: dict[int, list[Column]] = {}

    def __getitem__(self, key: int) -> list[Column]:
        columns = self._decoded.get(key)
        if columns is None:
            columns = self._decoded[key] = self.decode(key)
        return columns

    def decode(self, key: int) -> list[Column]:
        """Decode the columns of a metric without caching them."""
        return [_unpack_column(packed) for packed in self._packed[key]]

    def __iter__(self) -> Iterator[int]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class _JoinedColumns(Mapping[int, list[Column]]):
    """The columns of joined batches, each joined on first use."""

    def __init__(
        self, blocks: Sequence[Block], n_rows: int, moved: NDArray[np.intp] | None
    ) -> None:
        self._n_rows = n_rows
        self._moved = moved
        self._holders: dict[int, list[tuple[int, Block]]] = {}
        base = 0
        for block in blocks:
            for key in block.columns:
                self._holders.setdefault(key, []).append((base, block))
            base += len(block)
        self._joined: dict[int, list[Column]] = {}

    def __getitem__(self, key: int) -> list[Column]:
        columns = self._joined.get(key)
        if columns is None:
            pieces = [
                (base, len(block), _decode_column(block, key))
                for base, block in self._holders[key]
            ]
            columns = self._joined[key] = join_columns(pieces, self._n_rows, self._moved)
        return columns

    def __iter__(self) -> Iterator[int]:
        return iter(self._holders)

    def __len__(self) -> int:
        return len(self._holders)


def _decode_column(block: Block, key: int) -> list[Column]:
    # Not cached here: the joined block caches the result.
    packed = block.columns
    return packed.decode(key) if isinstance(packed, _PackedColumns) else packed[key]


def _join_batches(blocks: Sequence[Block]) -> Block:
    """Join batches of one class, in order of their row numbers."""
    joined, moved = join_axes(blocks)
    columns = _JoinedColumns(blocks, len(joined), moved)
    # A short block is soon joined again, and must not keep its source blocks alive.
    joined.columns = columns if len(joined) >= JOINED_ROWS else dict(columns)
    joined.batches = tuple(number for block in blocks for number in block.batches)
    return joined


def _unpack_column(packed: _PackedColumn) -> Column:
    _, kind, ordinals, values = packed
    return Column(
        KINDS[kind],
        unpack_array(ordinals) if ordinals else None,
        unpack_objects(values) if KINDS[kind] == "object" else unpack_array(values),
    )


def entry_of(fresh: int, block: Block, *, has_console: bool, n_bytes: int) -> FreshEntry:
    """The directory's entry for a batch."""
    lo, hi = (int(block.rows[0]), int(block.rows[-1])) if len(block) else (0, -1)
    return FreshEntry(fresh, lo, hi, len(block), block.n_points, has_console, n_bytes)


Listing = Mapping[RowClass, tuple[FreshEntry, ...]]


@dataclass(slots=True)
class FreshTotal:
    """The fresh rows of one class in figures.

    `newest` is a batch's number; `console_bytes` is the size of the batches that have console
    lines.
    """

    n_batches: int = 0
    n_rows: int = 0
    newest: int = 0
    console_bytes: int = 0

    def add(self, entry: FreshEntry) -> None:
        """Count one more batch, the newest."""
        self.n_batches += 1
        self.n_rows += entry.n
        self.newest = entry.fresh
        self.console_bytes += entry.n_bytes if entry.has_console else 0


class FreshDirectory:
    """All fresh batches, by run and class of rows. Its owner's lock guards it.

    Listings are immutable: a reader's listing never changes.
    """

    def __init__(self) -> None:
        self._runs: dict[int, dict[RowClass, list[FreshEntry]]] = {}
        # Updated with each batch: with 1,000 writers there are 100,000 batches to count.
        self._totals: dict[tuple[int, RowClass], FreshTotal] = {}

    def add(self, run: int, row_class: RowClass, entry: FreshEntry) -> None:
        """Add a committed batch."""
        self._runs.setdefault(run, {}).setdefault(row_class, []).append(entry)
        self._totals.setdefault((run, row_class), FreshTotal()).add(entry)

    def remove(self, run: int, row_class: RowClass, removed: frozenset[int]) -> None:
        """Remove batches that a commit has removed from the file."""
        classes = self._runs.get(run, {})
        remaining = [entry for entry in classes.get(row_class, ()) if entry.fresh not in removed]
        if remaining:
            classes[row_class] = remaining
            total = self._totals[run, row_class] = FreshTotal()
            for entry in remaining:
                total.add(entry)
        else:
            self._totals.pop((run, row_class), None)
            classes.pop(row_class, None)
            if not classes:
                self._runs.pop(run, None)

    def drop_run(self, run: int) -> None:
        """Forget a deleted run."""
        for row_class in self._runs.pop(run, {}):
            self._totals.pop((run, row_class), None)

    def bytes_by_run(self) -> dict[int, int]:
        """Bytes of the fresh batches of each run."""
        return {run: sum_bytes(classes) for run, classes in self._runs.items()}

    def totals(self) -> list[tuple[int, RowClass, FreshTotal]]:
        """The total of each run and class of rows that has fresh batches."""
        return [(run, row_class, total) for (run, row_class), total in self._totals.items()]

    def entries(self, run: int, row_class: RowClass) -> tuple[FreshEntry, ...]:
        """The present fresh batches of one class."""
        return tuple(self._runs.get(run, {}).get(row_class, ()))

    def listing(self, run: int) -> Listing:
        """The present fresh batches of a run."""
        return {
            row_class: tuple(entries) for row_class, entries in self._runs.get(run, {}).items()
        }


def sum_bytes(listing: Mapping[RowClass, Sequence[FreshEntry]]) -> int:
    """Bytes of the listed batches."""
    return sum(entry.n_bytes for entries in listing.values() for entry in entries)


@dataclass(slots=True)
class _Decoded:
    fresh: tuple[int, ...]
    blocks: list[Block]
    cost: int


Fetch = Callable[[list[int]], Mapping[int, bytes]]


class FreshReader:
    """A cache of decoded fresh rows by class, extended as batches arrive. Thread-safe.

    The least recently used class is evicted first. A stale or missing entry only costs time: a
    read always returns exactly the batches of its listing.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[RowClass, _Decoded] = OrderedDict()
        self._cost = 0

    def read(
        self, row_class: RowClass, entries: Sequence[FreshEntry], fetch: Fetch
    ) -> list[Block]:
        """The rows of the listed batches, as blocks.

        Row numbers ascend within each block. `fetch` reads blobs from the reader's snapshot.
        """
        numbers = tuple(entry.fresh for entry in entries)
        with self._lock:
            cached = self._kept.get(row_class)
            if cached is not None:
                self._kept.move_to_end(row_class)
        if cached is not None and cached.fresh == numbers:
            return cached.blocks
        blocks: list[Block] = []
        missing = numbers
        if cached is not None and cached.fresh == numbers[: len(cached.fresh)]:
            blocks = cached.blocks
            missing = numbers[len(cached.fresh) :]
        elif cached is not None:
            # Compaction has removed the oldest batches.
            present = frozenset(numbers)
            blocks = [block for block in cached.blocks if present.issuperset(block.batches)]
            held = {number for block in blocks for number in block.batches}
            missing = tuple(number for number in numbers if number not in held)
        blobs = fetch(list(missing))
        decoded = (_decode_batch(blobs[fresh], fresh) for fresh in missing)
        blocks = [*blocks, *(block for block in decoded if len(block))]
        n_points = sum(entry.n_points for entry in entries)
        small = [block for block in blocks if len(block) < JOINED_ROWS]
        # Blocks too large for the cache are not joined, which would decode all of them in vain.
        is_narrow = all(len(block.columns) <= NARROW_COLUMNS for block in small)
        if len(small) >= (2 if is_narrow else JOIN_FROM) and n_points <= CACHE_POINTS:
            large = [block for block in blocks if len(block) >= JOINED_ROWS]
            blocks = [*large, _join_batches(small)]
        cost = n_points + _POINTS_PER_COLUMN * sum(len(block.columns) for block in blocks)
        self._keep(row_class, _Decoded(numbers, blocks, cost))
        return blocks

    def _keep(self, row_class: RowClass, decoded: _Decoded) -> None:
        with self._lock:
            old = self._kept.pop(row_class, None)
            self._cost -= old.cost if old is not None else 0
            if decoded.cost > CACHE_POINTS:
                return
            self._kept[row_class] = decoded
            self._cost += decoded.cost
            while self._cost > CACHE_POINTS:
                self._cost -= self._kept.popitem(last=False)[1].cost

    def forget(self, row_class: RowClass) -> None:
        """Drop a class from the cache, because its batches are gone."""
        with self._lock:
            old = self._kept.pop(row_class, None)
            self._cost -= old.cost if old is not None else 0
