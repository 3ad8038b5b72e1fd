"""Logged tables: their value in the row, their files, and what readers find in them."""

from __future__ import annotations

import copy
import datetime
import decimal
import json
import pickle
import signal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media_files import make_files, offline_run, rows_of
from sdk_script import files_below, latest_run, log_rows, only_log, run_script
from weft.errors import ConfigError
from weft.sdk.media.html import Html
from weft.sdk.media.image import Image
from weft.sdk.media.tables.reading import read_table
from weft.sdk.media.tables.table import Table

NOW = datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)


def logged(folder: Path, table: Any, key: str = "t") -> tuple[dict[str, Any], Path]:
    """A table's value in its row, and its file."""
    with offline_run(folder) as run:
        run.log({key: table})
    make_files(run.directory)
    [row] = rows_of(run.directory)
    return row[key], run.directory / "files" / row[key]["path"]


def test_the_row_has_the_head_of_the_table(tmp_path: Path) -> None:
    image = Image(np.zeros((4, 5, 3)), caption="c")
    table = Table(columns=["n", 1, "i"], data=[[1, "a", image], [2.5, None, image]])
    value, path = logged(tmp_path, table, "val/table")
    assert {**value, "path": ""} == {
        "_type": "table-file",
        "path": "",
        "log_mode": "IMMUTABLE",
        "nrows": 2,
        "ncols": 3,
        "columns": [
            {"name": "n", "type": "number"},
            {"name": 1, "type": "string"},
            {"name": "i", "type": "image-file"},
        ],
    }
    assert value["path"].startswith("media/table/val/table_0_")
    assert value["path"].endswith(".table.parquet")
    cells = pq.read_table(path)
    assert cells.column_names == ["n", "1", "i"]
    assert cells["n"].to_pylist() == [1, 2.5]
    first, second = map(json.loads, cells["i"].to_pylist())
    assert first == second
    assert (first["_type"], first["width"], first["caption"]) == ("image-file", 5, "c")
    media = [path for path in files_below(tmp_path) if path.match("*.png")]
    assert [str(path).endswith(first["path"]) for path in media] == [True]
    notes = json.loads(pq.read_metadata(path).metadata[b"weft.table"])
    assert [column["name"] for column in notes["columns"]] == ["n", 1, "i"]
    assert notes["columns"][0]["type"] == {
        "wb_type": "union",
        "params": {"allowed_types": [{"wb_type": "none"}, {"wb_type": "number"}]},
    }


def test_every_library_reads_the_file(tmp_path: Path) -> None:
    import pandas as pd
    import polars as pl

    columns: list[str | int] = ["int", "float", "bool", "text", "at", "local", "raw"]
    rows = [
        [1, 0.5, True, "a", NOW, NOW.replace(tzinfo=None), b"\xff"],
        [None, float("nan"), None, None, None, None, None],
        [-(2**62), float("inf"), False, "é\x00", NOW, NOW.replace(tzinfo=None), b""],
    ]
    _, path = logged(tmp_path, Table(columns=columns, data=rows))
    expected = {name: [row[position] for row in rows] for position, name in enumerate(columns)}
    for read in (pq.read_table(path).to_pydict(), pl.read_parquet(path).to_dict(as_series=False)):
        assert {**read, "float": None} == {**expected, "float": None}
        assert repr(read["float"]) == repr(expected["float"])
    frame = pd.read_parquet(path)
    assert frame["int"].isna().tolist() == [False, True, False]
    assert frame["text"].tolist()[0::2] == ["a", "é\x00"]
    assert frame["raw"].tolist() == [b"\xff", None, b""]
    with duckdb.connect() as database:
        query = 'select sum("int"), count("float"), max(text) from read_parquet(?)'
        assert database.execute(query, [str(path)]).fetchall() == [(1 - 2**62, 3, "é\x00")]
    table = read_table(path)
    assert repr(table.data) == repr(rows)


ODD_CELLS = [
    [1, "a", None],
    {"a": [1, {"b": None}], "c": 2.5},
    {1: "x", None: "y"},
    (1, 2),
    {3},
    np.arange(4).reshape(2, 2),
    np.float32(0.5),
    2**70,
    float("-inf"),
    "text",
    True,
    None,
]


def test_cells_of_any_kind_are_json(tmp_path: Path) -> None:
    html = Html("<p>")
    cells = [*ODD_CELLS, {"media": [html, html]}, decimal.Decimal("1.50"), 1 + 2j, len, object]
    table = Table(columns=["c"], data=[[cell] for cell in cells], allow_mixed_types=True)
    _, path = logged(tmp_path, table)
    column = read_table(path).get_column("c")
    assert column[:12] == [
        [1, "a", None], {"a": [1, {"b": None}], "c": 2.5}, {"1": "x", "None": "y"}, [1, 2], [3],
        [[0, 1], [2, 3]], 0.5, 2**70, float("-inf"), "text", True, None,
    ]  # fmt: skip
    first, other = column[12]["media"]
    assert first == other
    assert (tmp_path / path.parents[2] / first["path"]).read_text() == "<p>"
    assert [type(cell) for cell in column[13:]] == [str] * 4


CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()


@settings(max_examples=10)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.booleans())
def test_what_is_logged_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Any, Any]], is_frame: bool
) -> None:
    import pandas as pd

    names: list[str | int] = ["a", 2]
    if is_frame:
        frame = {name: [row[position] for row in rows] for position, name in enumerate(names)}
        table = Table.of_frame(pd.DataFrame(frame, dtype=object))
    else:
        table = Table(columns=names, data=rows, allow_mixed_types=True)
    _, path = logged(tmp_path_factory.mktemp("run"), table)
    read_back = read_table(path)
    assert read_back.columns == names
    assert read_back.types == table.types
    for position in range(2):
        cells = [row[position] for row in rows]
        read = [row[position] for row in read_back.data]
        if any(isinstance(cell, bytes) for cell in cells) and any(
            cell is not None and not isinstance(cell, bytes) for cell in cells
        ):
            continue  # JSON has no bytes
        for cell, other in zip(cells, read, strict=True):
            if isinstance(cell, float) and cell != cell:
                assert other is None or other != other
            else:
                assert other == (
                    cell.encode(errors="backslashreplace").decode()
                    if isinstance(cell, str)
                    else cell
                )


def test_arrays_of_dataframes_keep_their_types(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "i": np.array([1, 2], dtype=np.int8),
            "u": np.array([2**64 - 1, 0], dtype=np.uint64),
            "f": np.array([0.5, np.nan], dtype=np.float32),
            "at": pd.to_datetime(["2020-01-02T03:04:05.000006Z", None]),
            "n": pd.array([1, None], dtype="Int64"),
            "t": ["a", None],
        }
    )
    _, path = logged(tmp_path, Table(dataframe=frame))
    table = read_table(path)
    assert repr(table.data[0]) == repr([1, 2**64 - 1, 0.5, NOW, 1, "a"])
    assert table.data[1][0] == 2
    assert np.isnan(table.data[1][2])
    assert table.data[1][3:] == [None, None, None]
    assert [str(field.type) for field in pq.read_schema(path)] == [
        "int64", "string", "double", "timestamp[us, tz=UTC]", "int64", "string",
    ]  # fmt: skip


def test_arrays_of_one_shape_are_lists(tmp_path: Path) -> None:
    import polars as pl

    rng = np.random.default_rng(0)
    rows = [
        [rng.random(4).astype(np.float32), rng.random((2, 3)), np.arange(3), np.arange(2), [1.5]],
        [None, rng.random((2, 3)), np.arange(3) - 9, np.arange(3), [2, None]],
    ]
    names: list[str | int] = ["f32", "f64", "int", "other", "list"]
    _, path = logged(tmp_path, Table(columns=names, data=rows))
    types = [str(field.type) for field in pq.read_schema(path)]
    assert types[:3] == ["list<element: float not null>", "list<element: double not null>",
                         "list<element: int64 not null>"]  # fmt: skip
    assert types[3:] == ["string", "string"]
    table = read_table(path)
    for row, row_back in zip(rows, table.data, strict=True):
        for cell, other in zip(row[:3], row_back[:3], strict=True):
            assert (cell is None) == (other is None)
            assert cell is None or (np.array_equal(cell, other) and cell.dtype == other.dtype)
        assert [*row_back[3:]] == [row[3].tolist(), row[4]]
    assert table.get_column("f64", "numpy").shape == (2, 2, 3)
    assert pl.read_parquet(path)["f64"].list.len().to_list() == [6, 6]


def test_the_same_object_is_stored_once(tmp_path: Path) -> None:
    table = Table(columns=["a"], data=[[1]])
    with offline_run(tmp_path) as run:
        run.log({"t": table, "other": table})
        run.log({"nested": {"t": [table, table]}})
        assert len(make_files(run.directory)) == 1
    first, second = rows_of(run.directory)
    assert first["t"] == first["other"]
    assert second["nested.t"] == [first["t"], first["t"]]


def test_an_immutable_table_stays_as_it_was_logged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(columns=["a"], data=[[1]])
    with offline_run(tmp_path) as run:
        run.log({"t": table})
        table.add_data(2)
        run.log({"t": table})
        assert len(make_files(run.directory)) == 1
    first, second = rows_of(run.directory)
    assert first["t"] == second["t"]
    assert first["t"]["nrows"] == 1
    assert "was changed after it was logged; with log_mode='IMMUTABLE'" in capsys.readouterr().err


def test_a_mutable_table_is_stored_when_it_changed(tmp_path: Path) -> None:
    table = Table(columns=["a"], data=[[1]], log_mode="MUTABLE")
    with offline_run(tmp_path) as run:
        run.log({"t": table})
        run.log({"t": table})
        table.add_column("b", [2])
        run.log({"t": table})
        table.data.append([3, 4])
        run.log({"t": table})
        assert len(make_files(run.directory)) == 3
    values = [row["t"] for row in rows_of(run.directory)]
    assert values[0] == values[1]
    assert [(value["nrows"], value["ncols"]) for value in values] == [
        (1, 1),
        (1, 1),
        (1, 2),
        (2, 2),
    ]
    files = run.directory / "files"
    assert [read_table(files / value["path"]).data for value in values[1:]] == [
        [[1]],
        [[1, 2]],
        [[1, 2], [3, 4]],
    ]


def test_an_incremental_table_stores_new_rows_alone(tmp_path: Path) -> None:
    table = Table(columns=["a", "b"], log_mode="INCREMENTAL")
    with offline_run(tmp_path) as run:
        for number in range(4):
            table.add_data(number if number < 3 else 3.5, None if number % 2 else "x")
            run.log({"t": table})
            run.log({"t": table})
        paths = sorted(make_files(run.directory))  # several may be made at once
    values = [row["t"] for row in rows_of(run.directory)]
    assert values[0::2] == values[1::2]
    assert [value["increment_num"] for value in values[0::2]] == [0, 1, 2, 3]
    assert [value["nrows"] for value in values[0::2]] == [1, 2, 3, 4]
    assert {value["_type"] for value in values} == {"incremental-table-file"}
    [base] = {value["base"] for value in values}
    assert paths == [f"{base}.{number:05d}.table.parquet" for number in range(4)]
    assert [value["path"] for value in values[0::2]] == paths
    parts = [run.directory / "files" / path for path in paths]
    assert [pq.read_metadata(part).num_rows for part in parts] == [1] * 4
    assert read_table(*parts).data == table.data
    assert read_table(*parts[:2]).data == table.data[:2]


def test_another_run_gets_a_table_of_its_own(tmp_path: Path) -> None:
    for log_mode in ("IMMUTABLE", "INCREMENTAL"):
        table = Table(columns=["a"], data=[[1]], log_mode=log_mode)
        for name in ("one", "two"):
            value, path = logged(tmp_path / f"{log_mode}-{name}", table)
            assert value["nrows"] == 1
            assert read_table(path).data == [[1]]
            table.add_data(2)
            table.data.pop()


def test_many_increments_are_read_together_also_where_a_column_changes_its_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells: list[Any] = [*range(30), *[f"s{n}" for n in range(30)], *([None] * 5), *range(40)]
    table = Table(columns=["a"], log_mode="INCREMENTAL", allow_mixed_types=True)
    with offline_run(tmp_path) as run:
        for cell in cells:
            table.add_data(cell)
            run.log({"t": table})
    make_files(run.directory)
    paths = sorted((run.directory / "files").rglob("*.parquet"))
    assert len(paths) == len(cells)
    opened: list[str] = []

    class Connection:
        def __init__(self, database: Any) -> None:
            self.database = database

        def __enter__(self) -> Connection:
            return self

        def __exit__(self, *_: object) -> None:
            self.database.close()

        def execute(self, query: str, values: list[Any]) -> Any:
            opened.append(query)
            return self.database.execute(query, values)

    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda: Connection(connect()))
    assert [row[0] for row in read_table(*paths).data] == cells
    assert len(opened) < 10


def test_an_increment_that_the_disk_refuses_is_stored_with_the_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
    image = Image(np.zeros((2, 2)))
    images = Table(columns=["i"], data=[[image]])
    with offline_run(tmp_path) as run:
        run.log({"t": table})
        table.add_data(2)
        spool = run.directory / "spool"
        paths = set(make_files(run.directory))
        spool.rmdir()
        spool.touch()
        run.log({"t": table, "images": images})
        spool.unlink()
        table.add_data(3)
        run.log({"t": table, "images": images})
        paths |= set(make_files(run.directory))
    first, failed, last = rows_of(run.directory)
    assert "error" in failed["t"]
    assert "can't be stored" in capsys.readouterr().err
    assert (last["t"]["increment_num"], last["t"]["nrows"]) == (1, 3)
    parts = [run.directory / "files" / path for path in (first["t"]["path"], last["t"]["path"])]
    assert [read_table(part).data for part in parts] == [[[1]], [[2], [3]]]
    assert len([path for path in paths if path.startswith("media/")]) == 4
    assert last["images"]["path"] in paths


def test_a_referred_table_is_stored_too(tmp_path: Path) -> None:
    people = Table(columns=["name"], data=[["ann"]])
    people.set_pk("name")
    visits = Table(columns=["who"], data=[["ann"]])
    visits.set_fk("who", people, "name")
    value, path = logged(tmp_path, visits)
    kind = read_table(path).types[0].to_json()
    assert kind["wb_type"] == "foreignKey"
    assert kind["params"]["col_name"] == "name"
    other = tmp_path / path.parents[2] / kind["params"]["table"]
    assert read_table(other).data == [["ann"]]
    assert read_table(other).types[0].to_json() == {"wb_type": "primaryKey"}
    assert value["columns"] == [{"name": "who", "type": "foreignKey"}]


def test_tables_that_refer_to_each_other_are_stored(tmp_path: Path) -> None:
    people, pets = (Table(columns=["name", "other"], data=[["ann", "rex"]]) for _ in range(2))
    people.set_fk("other", pets, "name")
    pets.set_fk("other", people, "name")
    own = Table(columns=["t"], data=[[1]], allow_mixed_types=True)
    own.add_data(own)
    with offline_run(tmp_path) as run:
        run.log({"people": people, "pets": pets, "own": own, "n": 1})
        assert len(make_files(run.directory)) == 3
    [row] = rows_of(run.directory)
    assert row["n"] == 1
    files = run.directory / "files"
    kind = read_table(files / row["people"]["path"]).types[1].to_json()
    assert kind["params"]["table"] == row["pets"]["path"]


def test_rows_that_are_taken_away_are_no_increment(tmp_path: Path) -> None:
    table = Table(columns=["a"], data=[[1], [2]], log_mode="INCREMENTAL")
    with offline_run(tmp_path) as run:
        run.log({"t": table})
        table.data.pop()
        run.log({"t": table})
        table.cast("a", float)
        run.log({"t": table})
        table.add_rows([[3], [4]])
        run.log({"t": table})
        assert len(make_files(run.directory)) == 2
    assert [row["t"]["nrows"] for row in rows_of(run.directory)] == [2, 2, 2, 3]


def test_a_copy_is_a_table_of_its_own(tmp_path: Path) -> None:
    for log_mode in ("IMMUTABLE", "INCREMENTAL"):
        table = Table(columns=["a"], data=[[1]], log_mode=log_mode)
        with offline_run(tmp_path / log_mode) as run:
            run.log({"t": table})
            twins = [copy.deepcopy(table), pickle.loads(pickle.dumps(table))]
            for number, twin in enumerate(twins):
                assert twin == table
                twin.add_data(number)
                run.log({"t": twin})
            make_files(run.directory)
        paths = [row["t"]["path"] for row in rows_of(run.directory)]
        files = [run.directory / "files" / path for path in paths]
        assert [read_table(file).data for file in files] == [[[1]], [[1], [0]], [[1], [1]]]


def test_notes_of_media_in_cells_are_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(columns=["i"], data=[[Image(np.full((2, 2), np.nan))]])
    logged(tmp_path, table, "sample")
    assert "sample" in capsys.readouterr().err


def test_names_that_a_file_can_not_have_twice(tmp_path: Path) -> None:
    names: list[str | int] = ["a", "a", "", 1, "1", "A", "x.y", "тест"]
    table = Table(columns=names, data=[[*range(8)]])
    marker = object()
    rows = [[marker, {"\ud800": 2}]]
    broken = Table(columns=["\ud800", "d"], data=rows, dtype=[marker, dict])
    assert logged(tmp_path / "broken", broken)[0]["columns"][0]["name"] == "\\ud800"
    _, path = logged(tmp_path, table)
    assert len({*pq.read_schema(path).names}) == 8
    assert read_table(path).columns == names
    assert read_table(path).data == [[*range(8)]]


def test_the_head_of_a_wide_table_is_short(tmp_path: Path) -> None:
    for nth, names in enumerate(([f"c{n}" for n in range(500)], ["x" * 6_000, "y" * 6_000])):
        value, path = logged(tmp_path / str(nth), Table(columns=names, data=[[0] * len(names)]))
        assert value["ncols"] == len(names)
        assert [column["name"] for column in value["columns"]] == names[: 1 if nth else 100]
        assert read_table(path).columns == names


class Unreadable:
    def __repr__(self) -> str:
        raise RuntimeError


def test_cells_that_can_not_be_read_are_text(tmp_path: Path) -> None:
    own: list[Any] = [1]
    own.append(own)
    cells = [Unreadable(), {"a": [Unreadable()]}, "\ud800", ["\ud800"], {"\ud800": 2**80}, own]
    table = Table(columns=["c"], data=[[cell] for cell in cells], allow_mixed_types=True)
    _, path = logged(tmp_path, table)
    column = read_table(path).get_column("c")
    assert column[:5] == [
        "<Unreadable>", {"a": ["<Unreadable>"]}, "\\ud800", ["\\ud800"], {"\\ud800": 2**80},
    ]  # fmt: skip
    assert column[5][0] == 1
    with pytest.raises(TypeError, match="row 0 of the table has list"):
        Table(columns=["c"], data=[[own]])


def test_a_killed_script_keeps_all_that_it_logged(tmp_path: Path) -> None:
    script = """
        import os, signal, weft
        run = weft.init(project="p")
        table = weft.Table(columns=["a"], log_mode="INCREMENTAL")
        for number in range(25):
            table.add_data(number)
            run.log({"t": table, "n": number})
        os.kill(os.getpid(), signal.SIGKILL)
        """
    assert run_script(tmp_path, script).exit_code == -signal.SIGKILL
    run = latest_run(tmp_path)
    rows = log_rows(only_log(tmp_path))
    assert len(rows) == 25
    paths = make_files(run)
    assert [row["t"]["path"] for row in rows] == paths
    assert read_table(*(run / "files" / path for path in paths)).data == [[n] for n in range(25)]


def test_empty_tables(tmp_path: Path) -> None:
    import polars as pl

    value, path = logged(tmp_path, Table())
    assert (value["nrows"], value["ncols"]) == (0, 3)
    assert read_table(path).data == []
    assert pl.read_parquet(path).columns == ["Input", "Output", "Expected"]


def test_what_is_no_table_of_weft_is_an_error(tmp_path: Path) -> None:
    import pandas as pd

    other = tmp_path / "other.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(other)
    with pytest.raises(ConfigError, match="not a table of weft"):
        read_table(other)
    other.write_text("x")
    with pytest.raises(ConfigError, match="not a Parquet file"):
        read_table(other)
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "missing")
    parts = [logged(tmp_path / name, Table(columns=[name], data=[[1]]))[1] for name in "ab"]
    with pytest.raises(ConfigError, match="different columns"):
        read_table(*parts)
