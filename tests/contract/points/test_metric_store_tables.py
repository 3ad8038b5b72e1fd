"""The contract of `MetricStore` for rows as columns, on every engine and on the twin."""

from __future__ import annotations

import numpy as np
import pytest

from at_length import engines_at_length
from metric_answers import batch
from weft.server.storage.contract import Column, MetricStore, RowBlock, Source


def block(steps: list[float], **at: list[int]) -> RowBlock:
    """Rows at some steps; each metric has a value in the rows that are named."""
    whole = all(isinstance(step, int) for step in steps)
    rows = np.arange(len(steps))
    columns = {
        key: [Column("float", np.array(rows, dtype=np.uint32), np.array(rows, dtype=np.float64))]
        for key, rows in at.items()
    }
    axis = np.array(steps, dtype=np.int64 if whole else np.float64)
    return RowBlock(0, axis, rows * 1000, None, columns)


@pytest.mark.parametrize("compacted", [False, True])
@engines_at_length("moved", compacted=True)
def test_fractions_of_steps_are_known_before_rows_are_read(
    store: MetricStore, compacted: bool
) -> None:
    store.append(
        [
            batch("whole", "w", 0, block([1, 2, 3], loss=[0, 1, 2])),
            batch("broken", "w", 0, block([1, 2.5], loss=[0, 1])),
            batch("fork", "v", 0, block([9], loss=[0])),
        ]
    )
    if compacted:
        store.compact(until_idle=True)
    assert not store.has_fractional_steps(["whole", "fork", "never"])
    assert store.has_fractional_steps(["whole", "broken"])
    assert not store.has_fractional_steps(["broken"], system=True)
    assert store.has_fractional_steps(["fork"], lineage={"fork": [Source("broken", "w", 9)]})


@pytest.mark.parametrize("compacted", [False, True])
@engines_at_length("moved", compacted=True)
def test_every_row_is_read_where_rows_are_counted(store: MetricStore, compacted: bool) -> None:
    store.append([batch("r", "w", 0, block(list(range(10)), loss=[2, 5], acc=[5, 7]))])
    if compacted:
        store.compact(until_idle=True)

    def steps(keys: list[str], *, every_row: bool) -> list[float]:
        batches = store.columns(["r"], keys, every_row=every_row, lo=1, hi=9)
        return [step for batch in batches for step in batch.steps.tolist()]

    assert steps(["loss"], every_row=False) == [2, 5]
    assert steps(["loss"], every_row=True) == list(range(1, 9))
    assert steps([], every_row=True) == list(range(1, 9))
    assert steps(["never"], every_row=False) == []
    keys = [
        key for batch in store.columns(["r"], ["loss"], every_row=True) for key in batch.columns
    ]
    assert keys == ["loss"]
