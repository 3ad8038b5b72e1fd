"""Few rows out of columns are those that the plain rows would have given."""

from __future__ import annotations

import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from at_length import at_length
from service_uploads import WriterLog
from weft.errors import ConfigError
from weft.queries.thinning import thinned
from weft.records.record import Run
from weft.records.value import Kind, kind_of
from weft.server.services.access.actors import LOCAL
from weft.server.services.access.paths import RunPath
from weft.server.services.metrics import thinning
from weft.server.services.metrics.history import MAX_THINNED_METRICS
from weft.server.services.metrics.thinning import thin, with_all
from weft.server.services.opening.services import open_services
from weft.server.storage.contract import Column, ColumnBatch

DTYPES = {"int": np.int64, "float": np.float64, "bool": np.bool_}

values = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.integers(-100, 100),
    st.booleans(),
    st.text(max_size=2),
    st.none(),
)
rows_of = st.lists(st.dictionaries(st.sampled_from("abc"), values), max_size=300)


def batch_of(rows: list[dict[str, Any]], first: int) -> ColumnBatch:
    columns: dict[str, list[Column]] = {}
    for key in sorted({key for row in rows for key in row}):
        by_kind: dict[Kind, tuple[list[int], list[Any]]] = {}
        for position, row in enumerate(rows):
            if key in row:
                positions, cells = by_kind.setdefault(kind_of(row[key]), ([], []))
                positions.append(position)
                cells.append(row[key])
        columns[key] = [
            Column(
                kind,
                None if len(positions) == len(rows) else np.array(positions, np.uint32),
                cells if kind == "object" else np.array(cells, DTYPES[kind]),
            )
            for kind, (positions, cells) in by_kind.items()
        ]
    n_rows = len(rows)
    return ColumnBatch(
        run="r",
        writers=["w"],
        writer=np.zeros(n_rows, np.int64),
        rows=np.arange(first, first + n_rows),
        steps=np.arange(first, first + n_rows),
        times=np.zeros(n_rows, np.int64),
        columns=columns,
    )


def begin(batch: ColumnBatch, position: int) -> dict[str, Any]:
    return {"_step": int(batch.steps[position])}


def as_text(rows: list[dict[str, Any]]) -> list[str]:
    # NaN is equal to no NaN, but its text is; 1 and True are told apart.
    return [repr(sorted(row.items())) for row in rows]


def both(rows: list[dict[str, Any]], cuts: list[int], samples: int) -> tuple[list[str], list[str]]:
    steps = [{"_step": step, **row} for step, row in enumerate(rows)]
    ends = sorted({0, *(cut % (len(rows) + 1) for cut in cuts), len(rows)})
    pieces = [(rows[lo:hi], lo) for lo, hi in itertools.pairwise(ends)]
    batches = [batch_of(part, first) for part, first in pieces]
    return as_text(thin(batches, samples, begin)), as_text(thinned(steps, samples))


@given(rows_of, st.lists(st.integers(0, 1000), max_size=4), st.integers(1, 50))
def test_columns_give_the_rows_that_rows_give(
    rows: list[dict[str, Any]], cuts: list[int], samples: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(thinning, "_ROWS_AT_ONCE", 16)
        columns, expected = both(rows, cuts, samples)
    assert columns == expected


@given(rows_of, st.integers(1, 50))
def test_rows_that_lack_a_key_are_left_out_before_others_are_thinned(
    rows: list[dict[str, Any]], samples: int
) -> None:
    batch = with_all(batch_of(rows, 0), ["a", "b"])
    complete = [row for row in rows if "a" in row and "b" in row]
    thinned_rows = thin([batch], samples, lambda _, __: {})
    assert as_text(thinned_rows) == as_text(thinned(complete, samples))


def test_a_spike_among_a_million_rows_is_there() -> None:
    n_rows = 1_000_000
    batches: list[ColumnBatch] = []
    for first in range(0, n_rows, 65_536):
        count = min(65_536, n_rows - first)
        batch = batch_of([], first)
        values = np.sin(np.arange(first, first + count))
        if first <= 777_777 < first + count:
            values[777_777 - first] = 50.0
        if first == 0:
            values[17] = math.nan
        batch.rows = batch.steps = np.arange(first, first + count)
        batch.writer = batch.times = np.zeros(count, np.int64)
        batch.columns["loss"] = [Column("float", None, values)]
        batches.append(batch)
    rows = thin(batches, 500, begin)
    assert len(rows) == 500
    assert [row["_step"] for row in rows if row["loss"] == 50.0] == [777_777]
    assert [row["_step"] for row in rows if math.isnan(row["loss"])] == [17]
    assert (rows[0]["_step"], rows[-1]["_step"]) == (0, n_rows - 1)
    assert thin([], 5, begin) == []


@at_length
def test_a_thinned_history_of_too_many_metrics_names_the_remedy(tmp_path: Path) -> None:
    services = open_services(tmp_path)
    path = RunPath("local", "mnist", "ab12cd34")
    row = {f"m{nth}": float(nth) for nth in range(MAX_THINNED_METRICS + 1)}
    upload = WriterLog("w1").upload(Run("ab12cd34", "mnist"), rows=[row])
    services.ingest.apply_upload(LOCAL, path, upload)
    try:
        with pytest.raises(ConfigError, match=r"10,001 metrics.*keys=\[.*scan_history") as caught:
            services.history.thinned(LOCAL, path, 500)
        assert caught.value.field == "keys"
        (thinned,) = services.history.thinned(LOCAL, path, 500, keys=["m7"]).rows
        assert thinned["m7"] == 7.0
    finally:
        services.close()
