"""Parquet of logged tables: bytes, times of no zone, texts that all differ, notes of the file."""

from __future__ import annotations

import datetime
import io
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from weft.tables.batches import DTYPES, Field, FieldType, TableBatch, Values
from weft.tables.parquet import ParquetWriter


def objects(values: list[bytes]) -> np.ndarray:
    array = np.empty(len(values), dtype=np.object_)
    array[:] = values
    return array


def test_bytes_and_local_times_are_read_by_every_library(tmp_path: Path) -> None:
    import polars as pl

    fields = [Field("raw", "bytes"), Field("at", "local_time"), Field("utc", "time")]
    valid = np.array([True, False, True])
    micros = np.array([0, 1, 1_000_001])
    writer = ParquetWriter(fields)
    batch = TableBatch(
        3,
        [Values(objects([b"\xff\x00", b"", b"a"]), valid), Values(micros), Values(micros, valid)],
    )
    path = tmp_path / "kinds.parquet"
    path.write_bytes(writer.write(batch) + writer.end())
    start = datetime.datetime.fromtimestamp(0, datetime.UTC)
    instants = [start + datetime.timedelta(microseconds=micros) for micros in (0, 1, 1_000_001)]
    expected = {
        "raw": [b"\xff\x00", None, b"a"],
        "at": [instant.replace(tzinfo=None) for instant in instants],
        "utc": [instants[0], None, instants[2]],
    }
    assert pq.read_table(path).to_pydict() == expected
    assert pl.read_parquet(path).to_dict(as_series=False) == expected
    with duckdb.connect() as database:
        database.execute("set timezone = 'UTC'")
        types = database.execute("describe from read_parquet(?)", [str(path)]).fetchall()
        assert [type_[1] for type_ in types] == ["BLOB", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"]
        rows = database.execute('select raw, "at" from read_parquet(?)', [str(path)]).fetchall()
    assert rows == list(zip(expected["raw"], expected["at"], strict=True))


@given(st.lists(st.none() | st.text(), max_size=30))
def test_texts_without_a_dictionary_are_read_back(texts: list[str | None]) -> None:
    import polars as pl

    valid = np.array([text is not None for text in texts], dtype=np.bool_)
    data = objects([(text or "").encode("utf-8", "replace") for text in texts])
    writer = ParquetWriter([Field("t", "text")])
    file = writer.write(TableBatch(len(texts), [Values(data, valid)])) + writer.end()
    expected = [
        None if text is None else text.encode("utf-8", "replace").decode() for text in texts
    ]
    assert pq.read_table(io.BytesIO(file))["t"].to_pylist() == expected
    assert pl.read_parquet(io.BytesIO(file))["t"].to_list() == expected


@given(
    st.lists(st.booleans(), max_size=40),
    st.integers(0, 9),
    st.sampled_from(["ints", "doubles", "floats"]),
    st.integers(1, 40),
)
def test_lists_of_one_length_are_read_back(
    valid: list[bool], length: int, kind: FieldType, n_group: int
) -> None:
    import polars as pl

    items = np.arange(len(valid) * length).reshape(len(valid), length).astype(DTYPES[kind])
    writer = ParquetWriter([Field("v", kind), Field("n", "int")])
    written = b""
    for first in range(0, len(valid), n_group):
        part = slice(first, first + n_group)
        rows = Values(items[part], np.array(valid[part], dtype=np.bool_))
        numbers = Values(np.arange(len(valid))[part])
        written += writer.write(TableBatch(len(valid[part]), [rows, numbers]))
    written += writer.end()
    expected = [row if has else None for row, has in zip(items.tolist(), valid, strict=True)]
    table = pq.read_table(io.BytesIO(written))
    assert table["v"].to_pylist() == expected
    assert table["n"].to_pylist() == [*range(len(valid))]
    assert pl.read_parquet(io.BytesIO(written))["v"].to_list() == expected
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(written)
        file.flush()
        rows = duckdb.sql("select v from read_parquet(?)", params=[file.name]).fetchall()
    assert [row for (row,) in rows] == expected


def test_notes_are_in_the_files_metadata() -> None:
    writer = ParquetWriter([Field("a", "int")], {"weft.table": '{"é": 1}'})
    file = writer.write(TableBatch(1, [Values(np.array([1]))])) + writer.end()
    assert pq.read_metadata(io.BytesIO(file)).metadata == {b"weft.table": '{"é": 1}'.encode()}
