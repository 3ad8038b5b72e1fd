"""Exports of a real server: what scripts logged is what pyarrow, pandas and DuckDB read back."""

from __future__ import annotations

import io
import json
import math
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from at_length import at_length, case_at_length
from sdk_script import run_well
from server_process import ServerProcess, wait_until

pytestmark = pytest.mark.timeout(300)


JSON = {"Content-Type": "application/json"}

SCRIPT = """
import math, os, weft
run = weft.init(id=os.environ["RUN_ID"], config={"lr": float(os.environ["LR"])})
for step in range(5):
    run.log({"loss": 1 / (step + 1), "n": step * 2**40, "ok": step % 2 == 0})
run.log({"loss": math.nan, 'odd "name", with-x/ü': -math.inf, "step": 7, "mixed": 1})
run.log({"text": "a,b", "mixed": [1, math.inf], "big": 2**53 + 1})
run.finish()
"""


@dataclass(frozen=True)
class Project:
    """A project of one test's own."""

    server: ServerProcess
    folder: Path
    name: str
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"{self.server.url}/api/v1/projects/local/{self.name}"

    def run(self, script: str, **variables: str) -> None:
        run_well(self.folder, script, self.environment, **variables)


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str], server: ServerProcess) -> Project:
    return Project(server, tmp_path, tmp_path.name, {**environment, "WEFT_PROJECT": tmp_path.name})


@pytest.fixture
def two_runs(project: Project) -> Project:
    for run_id, rate in (("first", "0.1"), ("second", "0.2")):
        project.run(SCRIPT, RUN_ID=run_id, LR=rate)
    return project


def export(project: Project, **body: Any) -> httpx.Response:
    reply = httpx.post(f"{project.url}/export", json=body, timeout=60)
    assert reply.status_code == 200, reply.text
    return reply


def parquet(reply: httpx.Response) -> pa.Table:
    return pq.read_table(io.BytesIO(reply.content))


def test_parquet_has_all_rows_and_kinds(two_runs: Project, tmp_path: Path) -> None:
    import pandas as pd
    import polars as pl

    reply = export(two_runs, runs=["first", "second"])
    assert reply.headers["content-type"] == "application/vnd.apache.parquet"
    assert (
        reply.headers["content-disposition"]
        == 'attachment; filename="' + two_runs.name + '.parquet"'
    )
    table = parquet(reply)
    types = {field.name: str(field.type) for field in table.schema}
    assert types == {
        "run": "string", "writer": "string", "row": "int64", "step": "int64",
        "time": "timestamp[us, tz=UTC]", "big": "int64", "loss": "double",
        "metric.step": "int64", "mixed": "string", "n": "int64",
        'odd "name", with-x/ü': "double", "ok": "bool", "text": "string",
    }  # fmt: skip
    assert table["run"].to_pylist() == ["first"] * 7 + ["second"] * 7
    rows = table.slice(0, 7).to_pylist()
    assert [row["step"] for row in rows] == list(range(7))
    assert [row["loss"] for row in rows[:5]] == [1 / (step + 1) for step in range(5)]
    assert [row["n"] for row in rows] == [step * 2**40 for step in range(5)] + [None] * 2
    assert [row["ok"] for row in rows] == [True, False, True, False, True, None, None]
    assert math.isnan(rows[5]["loss"])
    assert rows[5]['odd "name", with-x/ü'] == -math.inf
    assert rows[5]["metric.step"] == 7
    assert [row["mixed"] for row in rows[5:]] == [
        "1", '[1,{"_type":"float","value":"Infinity"}]',
    ]  # fmt: skip
    assert json.loads(rows[6]["text"]) == "a,b"
    assert rows[6]["big"] == 2**53 + 1
    # The other readers agree.
    path = tmp_path / "out.parquet"
    path.write_bytes(reply.content)
    again = duckdb.sql(f"SELECT run, n, mixed, loss FROM '{path}'").fetchall()
    assert repr(again) == repr(
        [(r["run"], r["n"], r["mixed"], r["loss"]) for r in table.to_pylist()]
    )
    assert repr(pl.read_parquet(path)["loss"].to_list()) == repr(table["loss"].to_pylist())
    assert pd.read_parquet(path)["n"].sum() == 2 * 10 * 2**40


def test_formats_hold_the_same(two_runs: Project) -> None:
    import pandas as pd

    table = parquet(export(two_runs, runs=["second"], keys=["loss", "n", "text"]))
    arrow = export(two_runs, runs=["second"], keys=["loss", "n", "text"], format="arrow")
    assert arrow.headers["content-type"] == "application/vnd.apache.arrow.stream"
    assert arrow.headers["content-disposition"] == 'attachment; filename="second.arrow"'
    streamed = pa.ipc.open_stream(arrow.content).read_all()
    assert streamed.schema == table.schema
    assert repr(streamed.to_pylist()) == repr(table.to_pylist())
    text = export(two_runs, runs=["second"], keys=["loss", "n", "text"], format="csv")
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    frame = pd.read_csv(io.BytesIO(text.content))
    assert list(frame.columns) == ["run", "writer", "row", "step", "time", "loss", "n", "text"]
    np.testing.assert_array_equal(frame["loss"], table["loss"].to_numpy())
    assert [json.loads(text) for text in frame["text"].dropna()] == ["a,b"]
    assert pd.to_datetime(frame["time"]).tolist() == table["time"].to_pandas().tolist()


def test_a_filter_s_runs_and_a_whole_project(two_runs: Project) -> None:
    wait_until(lambda: len(filtered(two_runs, "config.lr > 0")) == 14, what="both runs")
    assert set(filtered(two_runs, "config.lr > 0.15")["run"].to_pylist()) == {"second"}
    tree = {"column": "config.lr", "op": "<", "value": 0.15}
    assert set(filtered(two_runs, tree)["run"].to_pylist()) == {"first"}
    everything = parquet(export(two_runs))
    assert everything["run"].to_pylist() == ["second"] * 7 + ["first"] * 7, "newest first"
    nothing = parquet(export(two_runs, filter="config.lr > 5"))
    assert nothing.num_rows == 0
    assert nothing.column_names[:5] == ["run", "writer", "row", "step", "time"]


def filtered(project: Project, tree: Any) -> pa.Table:
    return parquet(export(project, filter=tree, keys=["loss", "text"]))


def test_steps_are_a_half_open_range(two_runs: Project) -> None:
    table = parquet(export(two_runs, runs=["first"], keys=["n"], step_lo=1, step_hi=3))
    assert table["step"].to_pylist() == [1, 2]


def test_long_shape_has_a_row_for_each_point(two_runs: Project) -> None:
    table = parquet(export(two_runs, runs=["first"], shape="points"))
    assert table.column_names == ["run", "key", "writer", "row", "step", "time", "value", "text"]
    rows = table.to_pylist()
    assert len(rows) == 3 * 5 + 4 + 3
    by_key = {(row["key"], row["step"]): row for row in rows}
    assert by_key["n", 3]["value"] == 3 * 2**40
    assert by_key["ok", 4]["value"] == 1
    assert by_key["mixed", 5]["value"] == 1
    assert by_key["mixed", 6]["text"] == '[1,{"_type":"float","value":"Infinity"}]'
    assert by_key["mixed", 6]["value"] is None


def test_bad_questions_are_problems(two_runs: Project) -> None:
    def refused(status: int, **body: Any) -> str:
        reply = httpx.post(f"{two_runs.url}/export", json=body, timeout=60)
        assert reply.status_code == status, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        detail: str = reply.json()["detail"]
        return detail

    assert "nosuch" in refused(404, runs=["first", "nosuch"])
    assert "format" in refused(400, format="xls")
    assert "filter" in refused(400, runs=["first"], filter="config.lr > 1")
    assert "column 13" in refused(400, filter="config.lr > and")
    reply = httpx.post(f"{two_runs.url}/export", content=b'{"step_lo": 1e999}', headers=JSON)
    assert reply.status_code == 400
    assert "step_lo" in reply.json()["detail"]
    assert "colour" in refused(400, colour="red")
    missing = two_runs.url + "-nosuch/export"
    assert httpx.post(missing, json={}).status_code == 404


def test_a_hundred_thousand_metrics_are_refused_wide_and_go_long(
    project: Project,
) -> None:
    project.run(
        """
        import weft
        run = weft.init(id="wide")
        for part in range(20):
            run.log({f"m{part}/{nth}": nth for nth in range(150)})
        run.finish()
        """
    )
    reply = httpx.post(f"{project.url}/export", json={"runs": ["wide"]}, timeout=60)
    assert reply.status_code == 413
    assert "3000 metrics" in reply.json()["detail"]
    assert "points" in reply.json()["detail"]
    table = parquet(export(project, runs=["wide"], shape="points"))
    assert table.num_rows == 3000


@at_length
def test_a_client_that_leaves_ends_the_work(
    project: Project,
) -> None:
    write_large_run(project, n_rows=100_000)
    body = b'{"runs":["large"],"format":"csv"}'
    head = (
        f"POST /api/v1/projects/local/{project.name}/export HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    port = int(project.server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + body)
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    idle = processor_secs(project.server.pid)

    def has_rested() -> bool:
        nonlocal idle
        before, idle = idle, processor_secs(project.server.pid)
        return idle - before < 0.005

    wait_until(has_rested, what="the server at rest")
    assert export(project, runs=["large"], keys=["m0"]).content.endswith(b"PAR1")


@at_length
def test_memory_does_not_grow_with_the_file(
    project: Project,
) -> None:
    n_rows = int(os.environ.get("WEFT_TEST_ROWS", "200000"))
    write_large_run(project, n_rows=n_rows)
    export(project, runs=["large"], keys=["m0"], step_hi=1000)
    before = peak_bytes(project.server.pid)
    n_bytes = 0
    body = {"runs": ["large"], "format": "csv"}
    with httpx.stream("POST", f"{project.url}/export", json=body, timeout=60) as reply:
        for piece in reply.iter_bytes():
            n_bytes += len(piece)
    assert n_bytes > 10 * n_rows * 15
    assert peak_bytes(project.server.pid) - before < 300 * 2**20


def write_large_run(project: Project, *, n_rows: int) -> None:
    project.run(
        f"""
        import random, weft
        run = weft.init(id="large")
        values = [random.random() for _ in range(1000)]
        for step in range({n_rows}):
            run.log({{f"m{{k}}": values[(step * (k + 1)) % 1000] for k in range(10)}})
        run.finish()
        """
    )


def processor_secs(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


@pytest.mark.parametrize("deleted", ["run", case_at_length("metric")])
def test_what_is_deleted_meanwhile_cuts_the_file(deleted: str, project: Project) -> None:
    write_large_run(project, n_rows=60_000)
    base = f"{project.url}/runs/large"
    url = base + "?permanently=true" if deleted == "run" else base + "/metrics/m3"
    body = {"runs": ["large"], "format": "csv"}
    with httpx.stream("POST", f"{project.url}/export", json=body, timeout=60) as reply:
        assert reply.status_code == 200
        pieces = reply.iter_raw()
        next(pieces)
        assert httpx.delete(url, timeout=60).status_code in {200, 204}
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)
