"""Writers of tables: what pyarrow, DuckDB and polars read is what was written, at every edge."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.server.services.table_formats.arrow_stream import ArrowWriter
from weft.server.services.table_formats.csv_text import CsvWriter
from weft.tables.batches import DTYPES, Field, FieldType, TableBatch, Values, regroup, texts_of
from weft.tables.parquet import ParquetWriter

CELLS: dict[FieldType, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(),
    "bool": st.booleans(),
    "text": st.text(max_size=5),
    "time": st.integers(-(2**53), 2**53),
}


def values(field_type: FieldType, cells: list[Any]) -> Values:
    valid = np.array([cell is not None for cell in cells], dtype=np.bool_)
    if field_type == "text":
        return Values(texts_of(["" if cell is None else cell for cell in cells]), valid)
    data = np.array([0 if cell is None else cell for cell in cells], dtype=DTYPES[field_type])
    return Values(data, None if valid.all() else valid)


def batches_of(fields: list[Field], rows: list[list[Any]], size: int) -> list[TableBatch]:
    return [
        TableBatch(
            len(chunk),
            [values(field.type, [row[nth] for row in chunk]) for nth, field in enumerate(fields)],
        )
        for first in range(0, len(rows), size)
        if (chunk := rows[first : first + size])
    ]


def written(writer: Any, batches: list[TableBatch]) -> bytes:
    return b"".join([*map(writer.write, batches), writer.end()])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[Field], list[list[Any]]]:
    kinds: list[FieldType] = draw(st.lists(st.sampled_from(list(CELLS)), min_size=1, max_size=4))
    fields = [Field(f"{kind} {nth}", kind) for nth, kind in enumerate(kinds)]
    row = st.tuples(*(st.none() | CELLS[kind] for kind in kinds)).map(list)
    return fields, draw(st.lists(row, max_size=40))


@given(tables(), st.integers(1, 50), st.integers(1, 50))
@settings(max_examples=25, deadline=None)
def test_parquet_and_arrow_read_back_as_they_were(
    table: tuple[list[Field], list[list[Any]]], size: int, group: int
) -> None:
    import polars as pl

    fields, rows = table
    batches = list(regroup(fields, batches_of(fields, rows, size), group))
    assert [batch.n_rows for batch in batches[:-1]] == [group] * (len(batches) - 1)
    data = written(ParquetWriter(fields), batches)
    read = pq.read_table(io.BytesIO(data))
    streamed = pa.ipc.open_stream(written(ArrowWriter(fields), batches)).read_all()
    assert read.schema == streamed.schema
    for nth, field in enumerate(fields):
        expected = repr([row[nth] for row in rows])
        for read_table in (read, streamed):
            column = read_table.column(nth)
            if field.type == "time":
                column = column.cast(pa.int64())
            assert repr(column.to_pylist()) == expected
    polars = pl.read_parquet(io.BytesIO(data))
    assert polars.height == len(rows)
    assert polars.columns == [field.name for field in fields]
    for nth, field in enumerate(fields):
        if field.type in {"float", "text", "bool"}:
            assert repr(polars[field.name].to_list()) == repr([row[nth] for row in rows])


@pytest.mark.parametrize("n_names", [1, 2, 256, 257, 65_536, 65_537])
def test_texts_of_any_number_are_read_back(n_names: int, tmp_path: Path) -> None:
    names = [f"name {nth}" for nth in range(n_names)] * 2
    fields = [Field("text", "text")]
    data = written(ParquetWriter(fields), [TableBatch(len(names), [Values(texts_of(names))])])
    path = tmp_path / "texts.parquet"
    path.write_bytes(data)
    assert pq.read_table(path)["text"].to_pylist() == names
    count = f"SELECT count(DISTINCT text), count(*) FROM '{path}'"
    assert duckdb.sql(count).fetchall() == [(n_names, len(names))]


def test_readers_may_pass_over_row_groups_by_their_bounds(tmp_path: Path) -> None:
    fields = [Field("step", "int"), Field("loss", "float"), Field("run", "text")]
    rows = [[step, -step / 7, f"run{step // 100}"] for step in range(1000)]
    rows[500][1] = math.nan
    path = tmp_path / "bounds.parquet"
    path.write_bytes(written(ParquetWriter(fields), batches_of(fields, rows, 100)))
    groups = pq.ParquetFile(path).metadata
    assert groups.num_row_groups == 10
    of_steps = groups.row_group(3).column(0).statistics
    assert (of_steps.min, of_steps.max, of_steps.null_count) == (300, 399, 0)
    assert groups.row_group(3).column(2).statistics.max == "run3"
    assert not groups.row_group(5).column(1).statistics.has_min_max, "it has a NaN"
    query = f"SELECT count(*) FROM '{path}' WHERE step BETWEEN 350 AND 449 AND run = 'run4'"
    assert duckdb.sql(query).fetchall() == [(50,)]
    assert duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE loss < -140").fetchall() == [(19,)]
    # Bounds of the other values alone would hide the NaN from DuckDB, to which it is the largest.
    for condition in ("isnan(loss)", "loss = 'nan'", "loss > 5"):
        steps = duckdb.sql(f"SELECT step FROM '{path}' WHERE {condition}").fetchall()
        assert steps == [(500,)], condition
    assert math.isnan(duckdb.sql(f"SELECT max(loss) FROM '{path}'").fetchall()[0][0])


def test_a_table_without_rows_or_columns_is_a_table() -> None:
    fields = [Field("run", "text"), Field("ok", "bool"), Field("time", "time")]
    assert pq.read_table(io.BytesIO(written(ParquetWriter(fields), []))).num_rows == 0
    stream = pa.ipc.open_stream(written(ArrowWriter(fields), []))
    assert stream.read_all().column_names == ["run", "ok", "time"]
    assert written(CsvWriter(fields), []) == b"run,ok,time\n"


def test_csv_says_every_value_so_that_it_reads_back() -> None:
    fields = [Field("a,b", "text"), Field("x", "float"), Field("ok", "bool"), Field("t", "time")]
    rows = [
        ['say "hi"', math.nan, True, 0],
        ["two\nlines", -math.inf, None, 1_700_000_000_123_456],
        ["", 1e300, False, None],
        [None, None, None, None],
        [" ", -0.0, True, -1],
    ]
    assert written(CsvWriter(fields), batches_of(fields, rows, 2)).decode() == (
        '"a,b",x,ok,t\n'
        '"say ""hi""",NaN,true,1970-01-01T00:00:00.000000Z\n'
        '"two\nlines",-Infinity,,2023-11-14T22:13:20.123456Z\n'
        '"",1e300,false,\n'
        ",,,\n"
        '" ",-0.0,true,1969-12-31T23:59:59.999999Z\n'
    )


def test_what_a_spreadsheet_would_run_is_escaped_on_request() -> None:
    hostile = ["=1+1", "+cmd", "-1+A1", "@SUM(A1)", "\t=1", "\r=1", '=a,"b"']
    harmless = ["a=1", "", " =1", "-5", "+1e3", "-inf", "it's"]
    fields: list[Field] = [Field("=cmd|' /C calc'!A0", "text"), Field("loss", "float")]
    batch = TableBatch(
        len(hostile + harmless),
        [
            Values(texts_of([*hostile, *harmless])),
            Values(np.full(len(hostile + harmless), -0.5)),
        ],
    )

    def read(*, escape_formulas: bool) -> list[list[str]]:
        data = CsvWriter(fields, escape_formulas=escape_formulas).write(batch)
        return list(csv.reader(io.StringIO(data.decode(), newline="")))

    plain, escaped = read(escape_formulas=False), read(escape_formulas=True)
    assert [row[0] for row in plain] == ["=cmd|' /C calc'!A0", *hostile, *harmless]
    assert [row[0] for row in escaped] == [
        *(f"'{text}" for text in ["=cmd|' /C calc'!A0", *hostile]),
        *harmless,
    ]
    assert {row[1] for row in escaped[1:]} == {"-0.5"}
