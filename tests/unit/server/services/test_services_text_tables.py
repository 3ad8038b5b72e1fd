"""Parquet copies of tables of text: found by content, bounded in bytes, gone with the server."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow
import pyarrow.parquet
import pytest

from at_length import case_at_length
from weft.server.services.sql_child.json_tables import (
    MAX_COLUMNS,
    MAX_NAME_CHARS,
    create_json_table,
)
from weft.server.services.sql_child.table_sources import (
    MAX_LINE_BYTES,
    MAX_LIST_NESTING,
    LongLine,
    files_source,
)
from weft.server.services.sql_child.table_window import TableRows
from weft.server.services.tables.text_tables import TextTables

Write = Callable[[str, int], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, n_bytes: int) -> Path:
        path = tmp_path / name
        path.write_bytes(name[:1].encode() * n_bytes)
        return path

    return write


def test_a_copy_is_linked_as_often_as_it_is_read(write: Write, tmp_path: Path) -> None:
    copies = TextTables()
    assert not copies.link_to("a", tmp_path / "before")
    copies.keep("a", write("a.parquet", 10))
    assert not (tmp_path / "a.parquet").exists()
    for name in ("first", "second"):
        assert copies.link_to("a", tmp_path / name)
        assert (tmp_path / name).read_bytes() == b"a" * 10
    (tmp_path / "taken").touch()
    assert not copies.link_to("a", tmp_path / "taken")
    copies.close()


def test_copies_take_no_more_bytes_than_they_may(write: Write, tmp_path: Path) -> None:
    copies = TextTables(max_bytes=100)
    for name in "abc":
        copies.keep(name, write(f"{name}.parquet", 40))
        assert copies.link_to("a", tmp_path / f"a-after-{name}")  # what is read stays
    assert not copies.link_to("b", tmp_path / "b")
    assert copies.link_to("c", tmp_path / "c")
    copies.keep("large", write("large.parquet", 101))
    assert not copies.link_to("large", tmp_path / "large")
    assert copies.link_to("a", tmp_path / "a")
    copies.keep("missing", tmp_path / "missing.parquet")
    assert not copies.link_to("missing", tmp_path / "x")
    copies.close()


def test_nothing_remains_when_the_server_ends(write: Write, tmp_path: Path) -> None:
    copies = TextTables()
    copies.keep("a", write("a.parquet", 10))
    folder = copies._folder
    assert folder is not None
    assert list(Path(folder.name).iterdir())
    copies.close()
    assert not Path(folder.name).exists()
    assert not copies.link_to("a", tmp_path / "x")


def test_a_json_table_nested_without_an_end_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "deep.table.json"
    path.write_text('{"columns":["a"],"data":[[' + "[" * 200_000 + "]" * 200_000 + "]]}")
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="too deeply"):
        create_json_table(connection, str(path), "TABLE t")


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("n_more", [0, 1])
def test_a_line_that_is_too_long_is_seen_before_it_is_parsed(
    tmp_path: Path, end: bytes, n_more: int
) -> None:
    path = tmp_path / "long.csv"
    # Short lines before and behind, so that the long one is not at the edge of a part.
    n_chars = MAX_LINE_BYTES - 2 - len(end[:-1]) + n_more
    long = b"1," + b"x" * n_chars
    path.write_bytes(end.join([b"a,b", *[b"1,2"] * 300_000, long, *[b"1,2"] * 300_000]))
    with duckdb.connect() as connection:
        if n_more:
            with pytest.raises(LongLine):
                files_source(connection, [str(path)])
        else:
            with contextlib.suppress(duckdb.Error):  # DuckDB counts its own way near the limit
                files_source(connection, [str(path)])


@pytest.mark.parametrize("n_levels", [MAX_LIST_NESTING, 60])
def test_a_parquet_file_nested_without_an_end_is_no_table(tmp_path: Path, n_levels: int) -> None:
    values, value_type = [1], pyarrow.list_(pyarrow.int64())
    for _ in range(n_levels - 1):
        values, value_type = [values], pyarrow.list_(value_type)
    path = str(tmp_path / "deep.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"a": pyarrow.array([values], value_type)}), path)
    with duckdb.connect() as connection:
        if n_levels > MAX_LIST_NESTING:
            with pytest.raises(duckdb.Error, match="too deeply"):
                files_source(connection, [path])
        else:
            source = files_source(connection, [path])
            assert connection.execute(f"SELECT a FROM {source.relation}").fetchall() == [(values,)]


@pytest.mark.parametrize("ending", ["parquet", *map(case_at_length, ["table.json", "csv"])])
def test_a_table_that_is_too_wide_is_refused_before_its_rows_are_read(
    tmp_path: Path, ending: str
) -> None:
    def refusal(names: list[str]) -> str:
        path = tmp_path / f"wide.{ending}"
        if ending == "parquet":
            pyarrow.parquet.write_table(pyarrow.table({name: [1] for name in names}), path)
        elif ending == "csv":
            path.write_text(f"{','.join(names)}\n{','.join('1' for _ in names)}\n")
        else:
            path.write_text(json.dumps({"columns": names, "data": [[1] * len(names)]}))
        with duckdb.connect() as connection, pytest.raises(duckdb.Error) as refused:
            files_source(connection, [str(path)])
        return str(refused.value)

    wide = [f"c{nth}" for nth in range(MAX_COLUMNS + 1)]
    assert "it has 10,001 columns, and at most 10,000 are read" in refusal(wide)
    assert "more than 10,000 characters" in refusal(["a", "b" * (MAX_NAME_CHARS + 1)])


def test_one_search_finds_texts_of_any_column_but_not_across_two(tmp_path: Path) -> None:
    path = str(tmp_path / "rows.parquet")
    columns = {"a": ["Ab", None, "x"], "n": [12, 3, None], "lists": [["zz"], [], []]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    request: dict[str, Any] = {
        "offset": 0, "limit": 9, "columns": None, "sort": None, "filters": [], "max_chars": 99,
    }  # fmt: skip
    with duckdb.connect() as connection:
        rows = TableRows(connection, files_source(connection, [path]))
        matches = {
            text: rows.window({**request, "search": text})["numbers"]
            for text in ("aB", "3", "2", "b1", "ab12", "zz", "q")
        }
    assert matches == {"aB": [0], "3": [1], "2": [0], "b1": [], "ab12": [], "zz": [], "q": []}
