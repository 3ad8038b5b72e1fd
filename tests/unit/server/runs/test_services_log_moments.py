"""The step that was logged at a time, and the time of a step: exact at both bounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from metric_answers import batch
from weft.server.services.logs.moments import micros_at, step_at
from weft.server.storage.contract import Column, RowBlock
from weft.server.storage.metrics import SqliteMetricStore

STEPS = [0, 10, 20, 20]
TIMES = [1000, 2000, 3000, 4000]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteMetricStore]:
    store = SqliteMetricStore(tmp_path / "m.db")
    columns = {"loss": [Column("float", np.arange(4, dtype=np.uint32), np.ones(4))]}
    rows = RowBlock(0, np.array(STEPS), np.array(TIMES), None, columns)
    store.append([batch("r", "w", 0, rows)])
    yield store
    store.close()


@pytest.mark.parametrize(
    ("micros", "step"), [(999, None), (1000, 0), (1999, 0), (2000, 10), (4000, 20), (9000, 20)]
)
def test_the_step_of_the_last_row_up_to_a_time(
    store: SqliteMetricStore, micros: int, step: int | None
) -> None:
    assert step_at(store, "r", micros) == step


@pytest.mark.parametrize(
    ("step", "moment"),
    [(-1, (0, 1000)), (0, (0, 1000)), (0.5, (10, 2000)), (10, (10, 2000)), (20, (20, 3000)),
     (21, (20, 4000))],
)  # fmt: skip
def test_the_first_row_from_a_step_on_or_else_the_last(
    store: SqliteMetricStore, step: float, moment: tuple[int, int]
) -> None:
    assert micros_at(store, "r", step) == moment


def test_a_run_without_rows_has_no_moments(store: SqliteMetricStore) -> None:
    assert step_at(store, "empty", 1000) is None
    assert micros_at(store, "empty", 0) is None
