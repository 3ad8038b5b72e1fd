"""Fresh rows in memory: bounded, also where rows are few and wide, and charted by their cells."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from weft.server.storage.contract import Batch, Column, RowBlock, SeriesQuery
from weft.server.storage.metrics import SqliteMetricStore, fresh
from weft.server.storage.metrics.encoding.block import Block, RowClass
from weft.server.storage.metrics.fresh import FreshReader, encode_fresh, entry_of
from weft.server.storage.metrics.reading.loose import BlockAxis, LoosePoints, Numbers


def test_a_metric_of_a_batch_counts_beside_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    n_keys = 500
    zero = np.zeros(1, np.int64)
    columns = {key: [Column("float", None, np.ones(1))] for key in range(n_keys)}
    block = Block(zero, zero, zero, None, columns)
    blob = encode_fresh(block, [])
    # Room for the points of seventy writers, but only for the objects of two.
    monkeypatch.setattr(fresh, "CACHE_POINTS", 150 * n_keys // 2)
    reader = FreshReader()
    fetched: list[int] = []

    def fetch(numbers: list[int]) -> Mapping[int, bytes]:
        fetched.extend(numbers)
        return dict.fromkeys(numbers, blob)

    def read(writer: int) -> None:
        (chunk,) = reader.read(
            RowClass(writer, False, 0, False),
            [entry_of(writer, block, has_console=False, n_bytes=0)],
            fetch,
        )
        assert len(chunk.columns) == n_keys

    for writer in (1, 2, 3, 3, 2, 1):
        read(writer)
    assert fetched == [1, 2, 3, 1]


def test_batches_that_compaction_leaves_are_not_read_again() -> None:
    reader = FreshReader()
    n_rows = fresh.JOINED_ROWS
    fetched: list[int] = []
    blocks = {number: _block(number * n_rows, n_rows) for number in range(6)}

    def fetch(numbers: list[int]) -> Mapping[int, bytes]:
        fetched.extend(numbers)
        return {number: encode_fresh(blocks[number], []) for number in numbers}

    def read(*numbers: int) -> list[int]:
        entries = [
            entry_of(number, blocks[number], has_console=False, n_bytes=0) for number in numbers
        ]
        return [
            int(block.rows[0])
            for block in reader.read(RowClass(1, False, 0, False), entries, fetch)
        ]

    assert read(0, 1, 2, 3) == [0, n_rows, 2 * n_rows, 3 * n_rows]
    assert read(2, 3, 4) == [2 * n_rows, 3 * n_rows, 4 * n_rows]
    assert fetched == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(("n_keys", "n_blocks"), [(6, 1), (fresh.NARROW_COLUMNS + 1, 5)])
def test_a_live_run_with_few_metrics_is_one_block(n_keys: int, n_blocks: int) -> None:
    """Each chart takes time for each block, and a wide row more time to be joined."""
    reader = FreshReader()
    entries, blobs = [], dict[int, bytes]()
    for number in range(5):
        rows = np.arange(number, number + 1)
        columns = {key: [Column("float", None, rows * 0.5)] for key in range(n_keys)}
        block = Block(rows, rows, rows, None, columns)
        entries.append(entry_of(number, block, has_console=False, n_bytes=0))
        blobs[number] = encode_fresh(block, [])
        blocks = reader.read(RowClass(1, False, 0, False), entries, lambda _: blobs)
    assert len(blocks) == n_blocks
    assert [value for block in blocks for value in block.columns[0][0].values] == [
        0.5 * number for number in range(5)
    ]


def _block(first: int, n_rows: int) -> Block:
    rows = np.arange(first, first + n_rows)
    return Block(rows, rows, rows, None, {0: [Column("float", None, rows * 0.5)]})


@pytest.mark.parametrize("rows_per_batch", [25, 1000, 3000])
def test_a_chart_of_many_fresh_rows_reads_cells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_per_batch: int
) -> None:
    raw = 0
    points_of = BlockAxis.points

    def count(
        self: BlockAxis, series: int, writer: int, numbers: Numbers, limit: float
    ) -> LoosePoints | None:
        nonlocal raw
        points = points_of(self, series, writer, numbers, limit)
        raw += 0 if points is None else len(points.values)
        return points

    monkeypatch.setattr(BlockAxis, "points", count)
    store = SqliteMetricStore(tmp_path / "metrics.db")
    values = np.random.default_rng(0).standard_normal(60_000)

    def append(batch: int) -> None:
        rows = np.arange(batch * rows_per_batch, (batch + 1) * rows_per_batch)
        columns = {"loss": [Column("float", None, values[rows])]}
        block = RowBlock(int(rows[0]), rows, rows * 1000, None, columns)
        store.append([Batch("run", "w", "w", batch, batch + 1, rows=block, origin_micros=0)])

    n_batches = len(values) // rows_per_batch
    for batch in range(n_batches):
        append(batch)
        if batch in (n_batches // 2, n_batches - 1):
            for axis in ("step", "time"):
                raw = 0
                (points,) = store.series(SeriesQuery(["run"], ["loss"], axis=axis, n_buckets=100))
                # The few that are not joined yet, of 30,000 and of 60,000.
                assert raw <= fresh.JOIN_FROM * rows_per_batch
                n_points = (batch + 1) * rows_per_batch
                x = np.arange(n_points) * (1 if axis == "step" else 1000) >> points.level
                starts = np.flatnonzero(np.diff(x, prepend=-1))
                assert (points.buckets == x[starts]).all()
                assert (points.minimum == np.minimum.reduceat(values[:n_points], starts)).all()
                assert (points.maximum == np.maximum.reduceat(values[:n_points], starts)).all()
                assert (points.last == values[[*starts[1:] - 1, n_points - 1]]).all()
    store.close()
