"""What is kept of fresh rows in memory is bounded, also where rows are few and wide."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from weft.server.storage.contract import Column
from weft.server.storage.metrics import fresh
from weft.server.storage.metrics.encoding.block import Block, RowClass
from weft.server.storage.metrics.fresh import FreshReader, encode_fresh, entry_of


def test_a_metric_of_a_batch_counts_beside_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    n_keys = 500
    one = np.zeros(1, np.int64)
    columns = {key: [Column("float", None, np.ones(1))] for key in range(n_keys)}
    block = Block(one, one, one, None, columns)
    blob = encode_fresh(block, [])
    # Room for the points of seventy writers, but only for the objects of two.
    monkeypatch.setattr(fresh, "CACHE_POINTS", 150 * n_keys // 2)
    reader = FreshReader()
    fetched: list[int] = []

    def fetch(wanted: list[int]) -> Mapping[int, bytes]:
        fetched.extend(wanted)
        return dict.fromkeys(wanted, blob)

    def read(writer: int) -> None:
        (found,) = reader.read(
            RowClass(writer, False, 0, False),
            [entry_of(writer, block, has_console=False, n_bytes=0)],
            fetch,
        )
        assert len(found.columns) == n_keys

    for writer in (1, 2, 3, 3, 2, 1):
        read(writer)
    assert fetched == [1, 2, 3, 1]
