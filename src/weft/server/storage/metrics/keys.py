"""`keys` and `latest`: which metrics a run has, and the last value of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weft.records.value import KINDS, Kind
from weft.server.storage.contract import Column, KeyInfo, Latest
from weft.server.storage.metrics.block import KIND_BITS
from weft.server.storage.metrics.chunk import (
    ROWS_PART,
    TIMES_PART,
    ColumnHeader,
    decode_columns,
    decode_rows,
)
from weft.server.storage.metrics.codec import unpack_array
from weft.server.storage.metrics.database import Database, Snapshot, chunks_of, fetch_blobs
from weft.server.storage.metrics.schema import listed

_Found = tuple[int, str, int, Any]
"""Corrected time (µs since 1970), writer, row, value: the largest is the latest."""


def read_keys(database: Database, runs: Sequence[str] | None) -> dict[str, list[KeyInfo]]:
    """The metrics of runs. See `MetricStore.keys`."""
    names = database.run_names() if runs is None else runs
    found = {info.run: name for name in names if (info := database.find_run(name)) is not None}
    totals: dict[tuple[int, int], tuple[int, int]] = {}
    with database.snapshot(found) as view:
        for run, key, kinds, n in view.db.execute(
            f"SELECT run, key, kinds, n FROM metric WHERE run IN {listed(found)}"
        ):
            totals[run, key] = kinds, n
        for run, listing in view.listings.items():
            for row_class, entries in listing.items():
                for block in database.fresh_blocks(view, run, row_class, entries):
                    for key, columns in block.columns.items():
                        kinds, n = totals.get((run, key), (0, 0))
                        for column in columns:
                            kinds |= KIND_BITS[column.kind]
                            n += len(column.values)
                        totals[run, key] = kinds, n
    answer: dict[str, list[KeyInfo]] = {name: [] for name in found.values()}
    for (run, key), (kinds, n) in totals.items():
        present = frozenset[Kind](kind for kind in KINDS if kinds & KIND_BITS[kind])
        answer[found[run]].append(KeyInfo(database.key_name(key), present, n))
    for infos in answer.values():
        infos.sort(key=lambda info: info.key)
    return answer


def read_latest(database: Database, run: str, keys: Sequence[str] | None) -> list[Latest]:
    """The last values of a run. See `MetricStore.latest`."""
    info = database.find_run(run)
    if info is None:
        return []
    wanted: set[int] | None = None
    if keys is not None:
        wanted = {number for key in keys if (number := database.find_key(key)) is not None}
    best: dict[int, _Found] = {}
    with database.snapshot([info.run]) as view:
        writers: dict[int, str] = dict(
            view.db.execute("SELECT writer, name FROM writer WHERE run = ?", (info.run,))
        )
        for row_class, entries in view.listings[info.run].items():
            if row_class.system:
                continue
            for block in database.fresh_blocks(view, info.run, row_class, entries):
                times = block.times + row_class.offset
                for key, columns in block.columns.items():
                    if wanted is None or key in wanted:
                        last = _last_of(columns, times, block.rows, writers[row_class.writer])
                        best[key] = max(best.get(key, last), last, key=_order)
        _look_in_chunks(view, info.run, wanted, writers, best)
    answer = [
        Latest(database.key_name(key), micros, writer, row, value)
        for key, (micros, writer, row, value) in best.items()
    ]
    return sorted(answer, key=lambda latest: latest.key)


def _order(found: _Found) -> tuple[int, str, int]:
    return found[:3]


def _look_in_chunks(
    view: Snapshot,
    run: int,
    wanted: set[int] | None,
    writers: dict[int, str],
    best: dict[int, _Found],
) -> None:
    among = "" if wanted is None else f" AND key IN {listed(wanted)}"
    headers = [
        ColumnHeader(*row)
        for row in view.db.execute(
            "SELECT col.* FROM col JOIN (SELECT key, max(latest) AS latest FROM col JOIN chunk"
            f" USING (run, chunk) WHERE run = ? AND system = 0{among} GROUP BY key) AS newest"
            " ON col.key = newest.key AND col.latest = newest.latest WHERE run = ?",
            (run, run),
        )
    ]
    origin = view.db.execute("SELECT origin FROM run WHERE run = ?", (run,)).fetchone()[0] or 0
    chunks = chunks_of(view.db, [run])
    for header in headers:
        found = best.get(header.key)
        chunk = chunks[header.chunk]
        if chunk.system or (found is not None and found[0] > header.latest + origin):
            continue
        points = range(header.part, header.part + header.n_points_parts)
        axes = (chunk.part_lo + ROWS_PART, chunk.part_lo + TIMES_PART)
        blobs = fetch_blobs(view.db, "part", "part", [*axes, *points])
        columns = decode_columns(header.kinds, [blobs[part] for part in points])
        times = unpack_array(blobs[axes[1]]) + chunk.offset
        rows = decode_rows(blobs[axes[0]])[0]
        last = _last_of(columns, times, rows, writers[chunk.writer])
        best[header.key] = max(found or last, last, key=_order)


def _last_of(columns: Sequence[Column], times: Any, rows: Any, writer: str) -> _Found:
    """The latest point by (time, row) of one metric in a block or chunk."""
    best: _Found | None = None
    for column in columns:
        at = times if column.rows is None else times[column.rows]
        # The last of those with the largest time: rows ascend.
        nth = len(at) - 1 - int(at[::-1].argmax())
        ordinal = nth if column.rows is None else int(column.rows[nth])
        value = column.values[nth]
        value = value if column.kind == "object" else value.item()
        found = int(at[nth]), writer, int(rows[ordinal]), value
        best = found if best is None else max(best, found, key=_order)
    assert best is not None
    return best
