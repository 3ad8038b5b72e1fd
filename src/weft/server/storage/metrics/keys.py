"""`keys`: which metrics runs have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from weft.records.value import KINDS, Kind
from weft.server.storage.contract import Column, KeyInfo, Lineage
from weft.server.storage.metrics.block import KIND_BITS
from weft.server.storage.metrics.chunk import (
    STEPS_PART,
    ChunkHeader,
    ColumnHeader,
    decode_columns,
)
from weft.server.storage.metrics.codec import unpack_array
from weft.server.storage.metrics.database import Database, Snapshot, chunks_of, fetch_blobs
from weft.server.storage.metrics.parts import (
    ALL,
    NONE,
    Part,
    counted_rows,
    number_writers,
    parts_of,
)
from weft.server.storage.metrics.schema import listed

_Count = tuple[int, int, int]
"""Key, kinds as bits of `KIND_BITS`, points."""


def read_keys(
    database: Database, runs: Sequence[str] | None, lineage: Lineage
) -> dict[str, list[KeyInfo]]:
    """The metrics of runs. See `MetricStore.keys`.

    Cost: totals are kept by run; of a forked or rewound run the metrics of each chunk are added
    up, and where only some rows of a chunk count those metrics that not every row has are decoded.
    """
    names = sorted({*database.run_names(), *lineage}) if runs is None else runs
    parts = {name: parts_of(database, name, lineage.get(name, ())) for name in names}
    every = [part for some in parts.values() for part in some]
    totals: dict[str, dict[int, tuple[int, int]]] = {}
    # Many runs may be forked from one moment of a run.
    counts: dict[tuple[int, bool, frozenset[tuple[int, float]]], list[_Count]] = {}
    with database.snapshot({part.run for part in every}) as view:
        number_writers(view, every)
        whole = {
            some[0].run: name
            for name, some in parts.items()
            if len(some) == 1 and some[0].is_whole
        }
        for name, some in parts.items():
            if some:
                totals[name] = {}
            if len(some) != 1 or not some[0].is_whole:
                for part in some:
                    same = part.run, part.is_own, frozenset(part.limits.items())
                    if same not in counts:
                        counts[same] = list(_count_in_chunks(view, part))
                    _add(totals[name], counts[same])
            for part in some:
                _add(totals[name], _count_fresh(database, view, part))
        for run, key, kinds, n in view.db.execute(
            f"SELECT run, key, kinds, n FROM metric WHERE run IN {listed(whole)}"
        ):
            _add(totals[whole[run]], [(key, kinds, n)])
    return {
        name: sorted(
            (KeyInfo(database.key_name(key), _kinds(bits), n) for key, (bits, n) in found.items()),
            key=lambda info: info.key,
        )
        for name, found in totals.items()
    }


def _add(totals: dict[int, tuple[int, int]], counts: Iterable[_Count]) -> None:
    for key, kinds, n in counts:
        known = totals.get(key, (0, 0))
        totals[key] = known[0] | kinds, known[1] + n


def _kinds(bits: int) -> frozenset[Kind]:
    return frozenset[Kind](kind for kind in KINDS if bits & KIND_BITS[kind])


def _count_fresh(database: Database, view: Snapshot, part: Part) -> Iterator[_Count]:
    for row_class, entries in view.listings[part.run].items():
        limit = part.limit(row_class.writer, system=row_class.system)
        if limit == NONE:
            continue
        for block in database.fresh_blocks(view, part.run, row_class, entries):
            inside = counted_rows(block.steps, limit)
            for key, columns in block.columns.items():
                yield from _count_columns(key, columns, inside)


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


def _count_in_chunks(view: Snapshot, part: Part) -> Iterator[_Count]:
    whole: list[int] = []
    for chunk in chunks_of(view.db, [part.run]).values():
        limit = part.limit_of(chunk)
        if limit == ALL:
            whole.append(chunk.chunk)
        elif limit != NONE:
            yield from _count_in_cut(view, chunk, limit)
    yield from view.db.execute(
        f"SELECT key, kinds, sum(n) FROM col WHERE run = ? AND chunk IN {listed(whole)}"
        " GROUP BY key, kinds",
        (part.run,),
    )


_HEADERS_AT_ONCE: Final = 1000


def _count_in_cut(view: Snapshot, chunk: ChunkHeader, limit: float) -> Iterator[_Count]:
    steps_part = chunk.part_lo + STEPS_PART
    steps = unpack_array(fetch_blobs(view.db, "part", "part", [steps_part])[steps_part])
    inside = counted_rows(steps, limit)
    n_inside = len(steps) if inside is None else int(np.count_nonzero(inside))
    sparse: list[ColumnHeader] = []
    for header in headers_in(view, [chunk]):
        if header.n == chunk.n and header.n_points_parts == 1:
            if n_inside:
                yield header.key, header.kinds, n_inside
        else:
            sparse.append(header)
    for first in range(0, len(sparse), _HEADERS_AT_ONCE):
        for header, columns in read_columns(view, sparse[first : first + _HEADERS_AT_ONCE]):
            yield from _count_columns(header.key, columns, inside)


def headers_in(
    view: Snapshot, chunks: Sequence[ChunkHeader], wanted: Iterable[int] | None = None
) -> list[ColumnHeader]:
    """The metrics of some chunks of one run; all or only the wanted keys."""
    if not chunks:
        return []
    keys = "SELECT key FROM metric WHERE run = ?" if wanted is None else ",".join(map(str, wanted))
    run = chunks[0].run
    rows = view.db.execute(
        f"SELECT * FROM col WHERE run = ? AND key IN ({keys})"
        f" AND chunk IN {listed(chunk.chunk for chunk in chunks)}",
        (run, run) if wanted is None else (run,),
    )
    return [ColumnHeader(*row) for row in rows]


def read_columns(
    view: Snapshot, headers: Sequence[ColumnHeader]
) -> Iterator[tuple[ColumnHeader, list[Column]]]:
    """The points of some metrics in some chunks."""
    wanted = [
        part
        for header in headers
        for part in range(header.part, header.part + header.n_points_parts)
    ]
    blobs: Mapping[int, bytes] = fetch_blobs(view.db, "part", "part", sorted(wanted))
    for header in headers:
        parts = range(header.part, header.part + header.n_points_parts)
        yield header, decode_columns(header.kinds, [blobs[part] for part in parts])
