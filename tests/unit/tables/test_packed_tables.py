"""Packed tables: what a script packs is what readers of the Parquet file find."""

from __future__ import annotations

import io
import json
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.records.value import with_floats
from weft.sync.files.encoders import encoder_of
from weft.tables.packing import Column, Layout, pack_array, pack_cells, unique_names

Packed = tuple[Column, list[Any]]


def written(n_rows: int, *packed: Packed, notes: dict[str, str] | None = None) -> io.BytesIO:
    layout = Layout(n_rows, [column for column, _ in packed], notes or {})
    payload = b"".join(bytes(block) for _, blocks in packed for block in blocks)
    file = io.BytesIO()
    encoder_of("table")(memoryview(payload), msgspec.to_builtins(layout), file)
    return file


def read(n_rows: int, *packed: Packed) -> pa.Table:
    return pq.read_table(written(n_rows, *packed))


@pytest.mark.parametrize(
    "dtype", ["i1", "u1", "i2", "<i4", ">i4", "u4", "i8", ">i8", "f2", "f4", ">f8", "?"]
)
def test_arrays_of_any_width_and_order(dtype: str) -> None:
    array = np.array([1, 0, 1, 1, 0], dtype=dtype)[::2]
    form = {"i": "int", "u": "int", "f": "float", "b": "bool"}[array.dtype.kind]
    table = read(3, pack_array("x", form, array))  # type: ignore[arg-type]
    assert table["x"].to_pylist() == array.tolist()


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=40))
def test_missing_numbers_stay_missing(cells: list[int | None]) -> None:
    valid = np.array([cell is not None for cell in cells], dtype=np.bool_)
    array = np.array([cell or 0 for cell in cells], dtype=np.int64)
    assert read(len(cells), pack_array("x", "int", array, valid))["x"].to_pylist() == cells


@pytest.mark.parametrize(
    ("n_different", "has_dictionary"), [(50, True), (51, False), (100, False)]
)
def test_texts_that_repeat_have_a_dictionary(n_different: int, has_dictionary: bool) -> None:
    cells = [f"text {number % n_different}" for number in range(100)]
    file = written(100, pack_cells("x", "text", cells))
    column = pq.ParquetFile(file).metadata.row_group(0).column(0)
    assert column.has_dictionary_page == has_dictionary
    assert pq.read_table(file)["x"].to_pylist() == cells


@pytest.mark.parametrize("unit", ["D", "s", "ms", "us", "ns"])
def test_times_of_any_unit(unit: str) -> None:
    array = np.array(["2020-01-02", "NaT", "1969-12-31"], dtype=f"M8[{unit}]")
    column = read(3, pack_array("t", "local_time", array))["t"]
    assert column.type == pa.timestamp("us")
    assert column.to_pylist() == array.astype("M8[us]").tolist()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, max_size=8))
def test_json_cells_are_read_back(cells: list[Any]) -> None:
    texts = read(len(cells), pack_cells("j", "json", cells))["j"].to_pylist()
    cells_back = [None if text is None else with_floats(json.loads(text)) for text in texts]
    assert repr(cells_back) == repr(cells)


@pytest.mark.parametrize("n_distinct", [1, 3, 2000])
def test_texts_with_few_and_many_that_differ(n_distinct: int) -> None:
    cells = [None if nth % 7 == 0 else f"é{nth % n_distinct}" for nth in range(2000)]
    assert read(2000, pack_cells("t", "text", cells))["t"].to_pylist() == cells


def test_large_tables_have_several_row_groups() -> None:
    array = np.arange(300_000)
    file = written(
        300_000, pack_array("x", "int", array), pack_cells("b", "bytes", [b"a"] * 300_000)
    )
    assert pq.read_metadata(file).num_row_groups == 3
    table = pq.read_table(file)
    assert np.array_equal(table["x"].to_numpy(), array)
    assert table["b"].unique().to_pylist() == [b"a"]


def test_tables_without_rows_and_without_columns() -> None:
    assert read(0, pack_array("x", "int", np.zeros(0, dtype=np.int64))).num_rows == 0
    assert pq.read_metadata(written(3)).num_rows == 3


@pytest.mark.parametrize(
    ("n_rows", "column", "payload", "message"),
    [
        (1, Column("x", "int", 16, "<i8"), bytes(8), "the payload ends in column 'x'"),
        (3, Column("x", "int", 8, "<i8"), bytes(8), "column 'x' has 1 cells, and the table 3"),
        (1, Column("x", "text", 1), b"\xc1", "column 'x' is damaged"),
        (2, Column("x", "text", 1), b"\x90", "column 'x' has 0 cells, and the table 2"),
    ],
)
def test_a_payload_of_another_layout_is_an_error(
    n_rows: int, column: Column, payload: bytes, message: str
) -> None:
    options = msgspec.to_builtins(Layout(n_rows, [column], {}))
    with pytest.raises(ValueError, match=message):
        encoder_of("table")(memoryview(payload), options, io.BytesIO())
    with pytest.raises(ValueError, match="the table's layout is invalid"):
        encoder_of("table")(memoryview(payload), {"n_rows": "a"}, io.BytesIO())


@given(st.lists(st.text(max_size=2) | st.integers(0, 3)))
def test_names_in_a_file_differ(names: list[str | int]) -> None:
    names_of_file = unique_names(names)
    assert len({*names_of_file}) == len(names_of_file) == len(names)
    assert all(
        unique.startswith(str(name)) for unique, name in zip(names_of_file, names, strict=True)
    )
