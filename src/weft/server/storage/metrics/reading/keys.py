"""`keys`: which metrics runs have."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weft.records.value import KINDS, Kind
from weft.server.storage.contract import (
    Column,
    Int64,
    KeyInfo,
    KeyPage,
    KeyTotal,
    Lineage,
    Origin,
)
from weft.server.storage.metrics.encoding.block import KIND_BITS, RowClass
from weft.server.storage.metrics.encoding.chunk import (
    STEPS_PART,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
)
from weft.server.storage.metrics.encoding.codec import unpack_array
from weft.server.storage.metrics.fresh import FreshEntry, count_fresh
from weft.server.storage.metrics.reading.counts import (
    NO_COUNTS,
    ORIGIN_BITS,
    CountCaches,
    FreshCounts,
    KeyCounts,
    RunCounts,
    add_counts,
    make_counts,
)
from weft.server.storage.metrics.reading.parts import (
    ALL,
    NONE,
    Part,
    counted_rows,
    number_writers,
    parts_of,
)
from weft.server.storage.metrics.view import KeyOrder, MetricDatabase, View
from weft.server.storage.names import NameSearch

_Count = tuple[int, int, int]
"""Key, kinds as bits of `KIND_BITS`, number of points."""

MANY_RUNS: Final = 64
"""The number of runs from which SQLite adds up the totals of their metrics."""

BATCHES_AT_ONCE: Final = 64


def read_keys(
    database: MetricDatabase,
    caches: CountCaches,
    runs: Sequence[str] | None,
    lineage: Lineage,
    *,
    system: bool | None,
) -> dict[str, list[KeyInfo]]:
    """The metrics of runs. See `MetricStore.keys`.

    Cost: the totals of a run are stored and cached. For a forked or rewound run the metrics of
    each chunk are added up; if only some rows of a chunk count, metrics that some of its rows lack
    are decoded.
    """
    parts_of_runs = _parts_by_name(database, runs, lineage)
    every = [part for parts in parts_of_runs.values() for part in parts]
    with database.snapshot({part.run for part in every}) as view:
        number_writers(view, every)
        counter = _Counter(database, caches, view, system=system)
        counts = {name: counter.count(parts) for name, parts in parts_of_runs.items() if parts}
    order = database.key_order()
    return {
        name: [
            KeyInfo(total.key, total.kinds, total.n_points)
            for total in _totals(order, _by_name(order, key_counts))
        ]
        for name, key_counts in counts.items()
    }


def search_keys(
    database: MetricDatabase,
    caches: CountCaches,
    runs: Sequence[str] | None,
    lineage: Lineage,
    matches: Callable[[str], bool] | None,
    after: str | None,
    limit: int,
    *,
    system: bool | None,
) -> KeyPage:
    """A page of the metrics of several runs. See `MetricStore.search_keys`."""
    parts_of_runs = _parts_by_name(database, runs, lineage)
    every = [part for parts in parts_of_runs.values() for part in parts]
    with database.snapshot({part.run for part in every}) as view:
        number_writers(view, every)
        quiet: list[int] = []
        rest: list[list[Part]] = []
        for parts in parts_of_runs.values():
            if len(parts) == 1 and parts[0].is_whole and not view.listings[parts[0].run]:
                quiet.append(parts[0].run)
            else:
                rest.append(parts)
        if len(quiet) < MANY_RUNS:
            rest, quiet = list(parts_of_runs.values()), []
        counter = _Counter(database, caches, view, system=system)
        counts = [counter.count(parts) for parts in rest]
        if quiet:
            counts.append(_counts_of_many(view, quiet, system=system))
    order = database.key_order()
    key_counts = _by_name(order, add_counts(counts, of_one_run=False))
    if matches is not None:
        key_counts = key_counts.where(_matching(order, order.ranks[key_counts.keys], matches))
    first = 0
    if after is not None:
        rank = bisect_right(order.names, after)
        first = int(np.searchsorted(order.ranks[key_counts.keys], rank))
    page = key_counts.where(slice(first, first + limit))
    return KeyPage(_totals(order, page), len(key_counts.keys))


def _matching(order: KeyOrder, ranks: Int64, matches: Callable[[str], bool]) -> NDArray[np.bool_]:
    """A mask of the metrics that match, by the ranks of their names."""
    # For a few metrics of a project with many more, testing each name is faster.
    if isinstance(matches, NameSearch) and 2 * len(ranks) >= len(order.names):
        return order.table.search(matches)[ranks]
    positions: list[int] = ranks.tolist()
    names = (order.names[rank] for rank in positions)
    return np.fromiter(map(matches, names), np.bool_, len(ranks))


def _parts_by_name(
    database: MetricDatabase, runs: Sequence[str] | None, lineage: Lineage
) -> dict[str, list[Part]]:
    names = {*database.run_names(), *lineage} if runs is None else runs
    return {name: parts_of(database, name, lineage.get(name, ())) for name in names}


def _by_name(order: KeyOrder, counts: KeyCounts) -> KeyCounts:
    return counts.where(np.argsort(order.ranks[counts.keys]))


def _totals(order: KeyOrder, counts: KeyCounts) -> list[KeyTotal]:
    ranks: list[int] = order.ranks[counts.keys].tolist()
    kinds: list[int] = counts.kinds.tolist()
    n_points: list[int] = counts.n_points.tolist()
    n_runs: list[int] = counts.n_runs.tolist()
    return [
        KeyTotal(order.names[rank], _KINDS[bits & 15], runs, points, _ORIGINS[bits >> 4])
        for rank, bits, points, runs in zip(ranks, kinds, n_points, n_runs, strict=True)
    ]


_KINDS: Final = [
    frozenset[Kind](kind for kind in KINDS if bits & KIND_BITS[kind]) for bits in range(16)
]
_ORIGINS: Final = [
    frozenset[Origin](origin for origin, bit in ORIGIN_BITS.items() if bits << 4 & bit)
    for bits in range(4)
]


def _counts_of_many(view: View, runs: Sequence[int], *, system: bool | None) -> KeyCounts:
    """Counts of runs whose rows are all in chunks and all count."""
    rows = view.totals_of(runs, system=system)
    if not rows:
        return NO_COUNTS
    table: Int64 = np.array(rows, dtype=np.int64)
    return KeyCounts(*(table[:, nth] for nth in range(4)))


class _Counter:
    """Counts the metrics of runs in one snapshot."""

    def __init__(
        self, database: MetricDatabase, caches: CountCaches, view: View, *, system: bool | None
    ) -> None:
        self._database = database
        self._caches = caches
        self._view = view
        self._system = system
        # Cached by part, because many runs may be forked from the same step of a run.
        self._counted: dict[tuple[int, bool, frozenset[tuple[int, float]]], KeyCounts] = {}

    def count(self, parts: Sequence[Part]) -> KeyCounts:
        """Count all metrics of a run."""
        counts = [self._count_part(part) for part in parts]
        return counts[0] if len(counts) == 1 else add_counts(counts, of_one_run=True)

    def _count_part(self, part: Part) -> KeyCounts:
        name = part.run, part.is_own, frozenset(part.limits.items())
        if name not in self._counted:
            if part.is_whole:
                of_chunks = [self._count_run(part.run)]
            else:
                sorts = (False, True) if self._system is None else (self._system,)
                of_chunks = [
                    make_counts(
                        list(_count_in_chunks(self._view, part, system=system)),
                        origin=_origin(system),
                    )
                    for system in sorts
                ]
            counts = [*of_chunks, *self._count_fresh(part)]
            self._counted[name] = add_counts(counts, of_one_run=True)
        return self._counted[name]

    def _count_run(self, run: int) -> KeyCounts:
        """Count the metrics in all chunks of a run."""
        view, cached = self._view, self._caches.chunks.get((run, self._system))
        stamp = view.chunk_stamp(run)
        tombs = view.tombs.get(run)
        if cached is not None and cached.stamp == stamp and cached.tombs is tombs:
            return cached.counts
        counts = make_counts(view.totals(run, system=self._system))
        self._caches.chunks.put((run, self._system), RunCounts(stamp, tombs, counts))
        return counts

    def _count_fresh(self, part: Part) -> Iterator[KeyCounts]:
        for row_class, entries in self._view.listings[part.run].items():
            if self._system not in {None, row_class.system}:
                continue
            limit = part.limit(row_class.writer, system=row_class.system)
            tombs = self._view.tombs.get(part.run, {}).get(row_class.writer)
            if limit == ALL and not tombs:
                yield self._count_batches(row_class, entries)
            elif limit != NONE:
                yield make_counts(
                    [
                        count
                        for block in self._database.fresh_blocks(
                            self._view, part.run, row_class, entries
                        )
                        for key, columns in block.columns.items()
                        for count in _count_columns(key, columns, counted_rows(block.steps, limit))
                    ],
                    origin=_origin(row_class.system),
                )

    def _count_batches(self, row_class: RowClass, entries: Sequence[FreshEntry]) -> KeyCounts:
        """Count the metrics in fresh batches whose rows all count."""
        batches = tuple(entry.fresh for entry in entries)
        cached = self._caches.fresh.get(row_class)
        parts: list[KeyCounts] = []
        missing = batches
        if cached is not None and cached.batches == batches[: len(cached.batches)]:
            parts, missing = [cached.counts], batches[len(cached.batches) :]
        for first in range(0, len(missing), BATCHES_AT_ONCE):
            numbers = missing[first : first + BATCHES_AT_ONCE]
            blobs = self._view.fresh(numbers)
            origin = _origin(row_class.system)
            parts += [make_counts(count_fresh(blobs[fresh]), origin=origin) for fresh in numbers]
            parts = [add_counts(parts, of_one_run=True)]
        counts = parts[0] if parts else NO_COUNTS
        if missing:
            self._caches.fresh.put(row_class, FreshCounts(batches, counts))
        return counts


def _origin(system: bool) -> Origin:
    return "system" if system else "logged"


def _count_columns(
    key: int, columns: Sequence[Column], inside: NDArray[np.bool_] | None
) -> Iterator[_Count]:
    for column in columns:
        n = len(column.values)
        if inside is not None:
            here = inside if column.rows is None else inside[column.rows]
            n = int(np.count_nonzero(here))
        if n:
            yield key, KIND_BITS[column.kind], n


def _count_in_chunks(view: View, part: Part, *, system: bool) -> Iterator[_Count]:
    whole: list[ChunkHeader] = []
    for chunk in view.chunks([part.run]).values():
        if bool(chunk.system) != system:
            continue
        limit = part.limit_of(chunk)
        if limit == ALL:
            whole.append(chunk)
        elif limit != NONE:
            yield from _count_in_cut(view, chunk, limit)
    yield from view.counts_in(whole)


_HEADERS_AT_ONCE: Final = 1000


def _count_in_cut(view: View, chunk: ChunkHeader, limit: float) -> Iterator[_Count]:
    steps_part = chunk.part_lo + STEPS_PART
    steps = unpack_array(view.parts([steps_part])[steps_part])
    inside = counted_rows(steps, limit)
    n_inside = len(steps) if inside is None else int(np.count_nonzero(inside))
    sparse: list[ColumnHeader] = []
    for header in view.columns_in([chunk]):
        if header.n == chunk.n and header.n_points_parts == 1:
            if n_inside:
                yield header.key, header.kinds, n_inside
        else:
            sparse.append(header)
    for first in range(0, len(sparse), _HEADERS_AT_ONCE):
        for header, columns in read_columns(view, sparse[first : first + _HEADERS_AT_ONCE]):
            yield from _count_columns(header.key, columns, inside)


def read_columns(
    view: View, headers: Sequence[ColumnHeader]
) -> Iterator[tuple[ColumnHeader, list[Column]]]:
    """Read the points of some metrics in some chunks."""
    yield from decode_points(view.parts(points_parts(headers)), headers)


def points_parts(headers: Iterable[ColumnHeader]) -> list[int]:
    """Numbers of the parts with the points of some metrics, in order."""
    return sorted(
        part
        for header in headers
        for part in range(header.part, header.part + header.n_points_parts)
    )


def decode_points(
    blobs: Mapping[int, bytes], headers: Iterable[ColumnHeader]
) -> Iterator[tuple[ColumnHeader, list[Column]]]:
    """Decode the points of some metrics from their parts."""
    for header in headers:
        parts = range(header.part, header.part + header.n_points_parts)
        yield header, decode_columns(header.kinds, [blobs[part] for part in parts])
