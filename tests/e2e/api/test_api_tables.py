"""`weft.Api` against a real server: rows of many runs as tables, files and answers to SQL."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as untyped_pandas
import pyarrow as untyped_pyarrow
import pyarrow.parquet as untyped_parquet
import pytest

import weft
from at_length import at_length
from live_runs import LiveServer
from sdk_script import run_well
from weft.errors import ConfigError, FilterError, LimitExceeded, NotFound

pytestmark = pytest.mark.timeout(300)

pandas: Any = untyped_pandas
parquet: Any = untyped_parquet
pyarrow: Any = untyped_pyarrow

N_ROWS = 2000
WRITE = f"""
import math, weft
for number in range(4):
    with weft.init(project="tables", id=f"run{{number}}", config={{"lr": number}}) as run:
        for step in range({N_ROWS}):
            run.log({{"loss": 1 / (step + number + 1), "flag": step % 2 == 0,
                     **({{"rare": step}} if step % 100 == 0 else {{}})}})
        if number == 3:
            run.log({{"loss": math.nan}})
"""


def load_polars() -> Any:
    """Polars, whose import starts threads that the fork of a worker would lose."""
    import polars

    return polars


@pytest.fixture(scope="module")
def written(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """The server, with what `WRITE` logged."""
    run_well(tmp_path_factory.mktemp("written"), WRITE, live.environment)
    return live


def expected(written: LiveServer, runs: list[str], key: str) -> list[tuple[str, Any, Any]]:
    rows_of_file: list[tuple[str, Any, Any]] = []
    for run in runs:
        rows = written.api.run(f"tables/{run}").scan_history([key])
        rows_of_file.extend((run, row["_step"], row[key]) for row in rows)
    return rows_of_file


def test_all_rows_of_many_runs_come_as_one_table(written: LiveServer) -> None:
    table = written.api.history(written.api.runs("tables"), keys=["loss", "rare"])
    arrow = table.arrow()
    assert arrow.num_rows == 4 * N_ROWS + 1
    assert {"run", "writer", "row", "step", "time", "loss", "rare"} <= set(arrow.column_names)
    rows = arrow.to_pylist()
    assert len({row["run"] for row in rows}) == 4
    by_row = {(row["run"], row["step"]): row["rare"] for row in rows if row["rare"] is not None}
    assert by_row == {(run, step): value for run, step, value in
                    expected(written, ["run0", "run1", "run2", "run3"], "rare")}  # fmt: skip
    assert math.isnan(next(row["loss"] for row in rows if row["step"] == N_ROWS))
    frame = table.pandas()
    assert len(frame) == arrow.num_rows
    assert frame.groupby("run")["rare"].count().to_dict() == dict.fromkeys(
        ["run0", "run1", "run2", "run3"], N_ROWS // 100
    )
    assert table.polars().equals(load_polars().from_arrow(arrow))
    assert sum(batch.num_rows for batch in table) == arrow.num_rows
    assert table.rows()[0] == rows[0]


@pytest.mark.parametrize(
    ("runs", "n_runs"),
    [
        (None, 4),
        ("config.lr >= 2", 2),
        ({"config.lr": {"$lt": 1}}, 1),
        (["run1", "local/tables/run2", "run1"], 2),
        ([], 0),
        ("config.lr > 99", 0),
    ],
)
def test_runs_are_named_in_any_way(written: LiveServer, runs: Any, n_runs: int) -> None:
    table = written.api.history(runs, ["rare"], project="tables").arrow()
    assert table.num_rows == n_runs * N_ROWS // 100


def test_runs_may_be_objects_of_one_project(written: LiveServer, tmp_path: Path) -> None:
    runs = list(written.api.runs("tables", order="-config.lr")[:2])
    assert written.api.history(runs, ["rare"]).arrow().num_rows == 2 * N_ROWS // 100
    assert written.api.history(runs[0], ["rare"]).arrow().num_rows == N_ROWS // 100
    searched = written.api.runs("tables", search="run2")
    assert set(written.api.history(searched, ["rare"]).pandas()["run"]) == {"run2"}
    chunk = written.api.history(runs, ["loss"], min_step=10, max_step=20).pandas()
    assert sorted(set(chunk["step"])) == list(range(10, 20))
    run_well(tmp_path, "import weft\nweft.init(project='other', id='o').log({'loss': 1})",
             written.environment)  # fmt: skip
    with pytest.raises(ConfigError, match="one project"):
        written.api.history([*runs, written.api.run("other/o")])
    for wrong in (5, [5], [None]):
        with pytest.raises(ConfigError):
            written.api.history(wrong)
    with pytest.raises(FilterError):
        written.api.history("config.lr >", project="tables")
    with pytest.raises(ConfigError):
        written.api.history(runs, "loss")
    with pytest.raises(NotFound, match="nothere"):
        written.api.history(["run1", "nothere"], project="tables").arrow()


@pytest.mark.parametrize("name", ["rows.parquet", "rows.arrow", "rows.csv", "rows.out"])
def test_a_table_is_written_to_a_file(written: LiveServer, tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep" / name
    file_format = "parquet" if name == "rows.out" else None
    runs = written.api.runs("tables")
    assert written.api.export(path, runs, ["rare"], format=file_format) == path
    table: Any
    if name.endswith(("parquet", "out")):
        table = parquet.read_table(path).to_pandas()
    elif name.endswith("arrow"):
        table = load_polars().read_ipc_stream(path).to_pandas()
    else:
        table = pandas.read_csv(path)
    assert table["rare"].sum() == 4 * sum(range(0, N_ROWS, 100))
    assert [file.name for file in path.parent.iterdir()] == [name]


def test_a_file_that_can_not_be_is_not_begun(written: LiveServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="parquet, arrow or csv"):
        written.api.export(tmp_path / "rows.xlsx", project="tables")
    with pytest.raises(weft.Error):
        written.api.export(tmp_path / "rows.csv", project="noproject")
    assert list(tmp_path.glob("rows*")) == []


def test_a_run_is_downloaded_as_the_official_client_does(
    written: LiveServer, tmp_path: Path
) -> None:
    exports = written.api.run("tables/run3").download_history_exports(tmp_path)
    assert (exports.contains_live_data, exports.errors) == (False, None)
    (path,) = exports.paths
    assert parquet.read_table(path).num_rows == N_ROWS + 1


def test_sql_gives_a_table(written: LiveServer) -> None:
    table = written.api.sql(
        "select run, count(*) as n, max(loss) as top from history group by run order by run",
        project="tables",
    )
    assert table.rows()[0] == {"run": "run0", "n": N_ROWS, "top": 1.0}
    assert list(table.pandas().columns) == ["run", "n", "top"]
    with pytest.raises(weft.Error):
        written.api.sql("selekt 1", project="tables").rows()
    with pytest.raises(LimitExceeded, match=r"Api\.export"):
        written.api.sql("select * from range(1000001)", project="tables").arrow()


def test_a_table_needs_no_library_but_the_one_that_is_asked_for(
    written: LiveServer, tmp_path: Path
) -> None:
    # Without numpy's and pandas' neighbours: an interpreter that finds none of them.
    code = """
    import sys
    for name in ("pandas", "polars", "pyarrow"):
        sys.modules[name] = None
    import weft
    api = weft.Api()
    table = api.history(api.runs("tables"), ["rare"])
    for method in ("arrow", "pandas", "polars"):
        try:
            getattr(table, method)()
        except ImportError as error:
            print(error)
    api.export("rows.csv", api.runs("tables"), ["rare"])
    rows = api.run("tables/run0").history(keys=["rare"])
    print(type(rows).__name__, len(rows))
    """
    variables = {**written.environment, "WEFT_API_KEY": written.process.token}
    done = run_well(tmp_path, code, variables, is_forked=False)
    arrow, frame, other, rows = done.stdout.splitlines()
    assert "pip install pyarrow" in arrow
    assert "pip install pandas" in frame
    assert "pip install polars" in other
    assert rows == f"list {N_ROWS // 100}"
    assert "pip install pandas" in done.stderr


@at_length
def test_no_library_of_tables_is_loaded_before_it_is_asked_for(
    written: LiveServer, tmp_path: Path
) -> None:
    code = f"""
import sys, weft
api = weft.Api({written.url!r}, api_key={written.process.token!r})
list(api.run("tables/run0").scan_history(["rare"]))
api.history(api.runs("tables"))
print({{"numpy", "pandas", "polars", "pyarrow", "duckdb", "fastapi"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_a_script_logged_counts_as_soon_as_it_has_ended(
    live: LiveServer, tmp_path: Path
) -> None:
    for number in range(4):
        code = f"""
        import weft
        with weft.init(project="soon", id="run{number}") as run:
            run.log({{"loss": {number}}})
        """
        run_well(tmp_path, code, live.environment)
        ordered = live.api.runs("soon", order="-summary.loss")
        assert ordered[0].id == f"run{number}"
        assert [run.id for run in live.api.runs("soon", f"summary.loss = {number}")] == [
            f"run{number}"
        ]
        table = live.api.history(f"summary.loss = {number}", ["loss"], project="soon")
        assert table.arrow().num_rows == 1
        best = live.api.sql("select max(summary.loss) as top from runs", "soon").rows()
        assert best == [{"top": number}]
