"""The rows of ended runs as Parquet files, which the official client reads instead of pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from gateway_wire import Wire, history
from live_runs import LiveServer
from server_process import start_server
from wandb_client import WandbClient
from weft_command import run_weft

PARQUET = """
query RunParquetHistory($project: String!, $run: String!) {
  project(name: $project) { run(name: $run) {
    parquetHistory(liveKeys: ["_step"]) { parquetUrls liveData }
  } }
}"""


def parquet_of(wire: Wire, run: str) -> dict[str, Any]:
    answer: dict[str, Any] = wire.data(PARQUET, project="files", run=run)["project"]["run"]
    return dict(answer["parquetHistory"])


def end(wire: Wire, run: str, rows: Sequence[dict[str, Any]], exit_code: int = 0) -> None:
    wire.begin("files", run)
    numbered = [{"_step": step, "_timestamp": 1000 + step, **row} for step, row in enumerate(rows)]
    answer = wire.stream(
        "files", run, files=history(0, *numbered), complete=True, exitcode=exit_code
    )
    assert answer.status_code == 200, answer.text


def table_at(url: str, folder: Path) -> list[dict[str, Any]]:
    path = folder / "history.parquet"
    path.write_bytes(httpx.get(url).raise_for_status().content)
    table = duckdb.sql(f"SELECT * FROM '{path}'")
    return [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]


def test_the_rows_of_an_ended_run_are_a_file(live: LiveServer, tmp_path: Path) -> None:
    wire = Wire(live.url)
    rows = [
        {"loss": 1 / (i + 1), "step": i, "ok": i % 2 == 0, "näme": 2.5 if i else 1}
        for i in range(5000)
    ]
    end(wire, "whole", rows, exit_code=3)
    files = parquet_of(wire, "whole")
    assert files["liveData"] == []
    (url,) = files["parquetUrls"]
    assert table_at(url, tmp_path) == list(live.api.run("local/files/whole").scan_history())

    whole = httpx.get(url)
    head = httpx.head(url)
    assert int(head.headers["content-length"]) == len(whole.content)
    part = httpx.get(url, headers={"range": "bytes=4-19"})
    assert (part.status_code, part.content) == (206, whole.content[4:20])


@pytest.mark.parametrize(
    ("run", "rows"),
    [
        ("sparse", [{"a": 1}, {"a": 2, "b": 1}, {"a": 3}]),
        ("in-turn", [{"a": 1}, {"b": 1}]),
        ("texts", [{"a": "text"}]),
        ("objects", [{"a": {"_type": "image-file", "path": "media/a.png"}}]),
        ("special", [{"a": 1.5}, {"a": "NaN"}, {"a": [1]}]),
        ("mixed", [{"a": True}, {"a": 2}]),
        ("empty", []),
    ],
)
def test_rows_that_a_file_would_change_come_in_pages(
    live: LiveServer, run: str, rows: list[dict[str, Any]]
) -> None:
    wire = Wire(live.url)
    end(wire, run, rows)
    files = parquet_of(wire, run)
    assert files["parquetUrls"] == []
    assert bool(files["liveData"]) == bool(rows)


def test_a_run_that_may_get_rows_has_no_file(live: LiveServer) -> None:
    wire = Wire(live.url)
    wire.begin("files", "live")
    wire.stream("files", "live", files=history(0, {"a": 1, "_step": 0}))
    assert parquet_of(wire, "live")["parquetUrls"] == []


SCANNED = """
def log(run, first):
    for i in range(first, first + 2500):
        run.log({"loss": 1 / (i + 1) if i != 7 else float("nan"), "twice": 2 * i, "ok": True})
    run.finish()

log(wandb.init(project="scanned", id="r"), 0)
before = wandb.Api().run("scanned/r")
say(all=list(before.scan_history()), some=list(before.scan_history(keys=["twice"], min_step=2400)))
downloaded = before.download_history_exports(download_dir="exports")
say(
    n_samples=[len(before.history(samples=n, pandas=False)) for n in (100, 500)],
    n_with_keys=len(before.history(samples=100, keys=["loss", "twice"], pandas=False)),
    n_spikes=sum(
        row["loss"] == "NaN" for row in before.history(samples=100, keys=["loss"], pandas=False)
    ),
)
say(paths=[path.name for path in downloaded.paths], live=downloaded.contains_live_data)

log(wandb.init(project="scanned", id="r", resume="must"), 2500)
after = wandb.Api().run("scanned/r")
say(resumed=[row["twice"] for row in after.scan_history()])
"""


def test_the_client_reads_the_file_and_what_a_resumed_run_adds(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    output = wandb_client.run(SCANNED)
    rows = output["all"]
    assert [row["twice"] for row in rows] == [2 * i for i in range(2500)]
    assert math.isnan(rows[7]["loss"])
    assert rows[8] == {
        **next(iter(live.api.run("local/scanned/r").scan_history(min_step=8))),
    }
    assert output["some"] == [{"_step": i, "twice": 2 * i} for i in range(2400, 2500)]
    # As many samples as were asked for, with every extreme.
    assert (output["n_samples"], output["n_with_keys"], output["n_spikes"]) == ([100, 500], 100, 1)
    assert output["paths"] == ["local_scanned_r_0.runhistory.parquet"]
    assert output["live"] is False
    # The client keeps the file, and uses it again wherever it is told of one.
    assert output["resumed"] == [2 * i for i in range(5000)]


def test_an_address_ends_with_its_user(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        at_server = ("--data", server.data, "--json")
        keys = {
            name: run_weft("server", "user", "add", name, *at_server).report["api_key"]
            for name in ("ada", "bob")
        }
        wire = Wire(server.url, keys["ada"])
        wire.begin("files", "r")
        part = {"files": history(0, {"a": 1, "_step": 0}), "complete": True, "exitcode": 0}
        assert wire.stream("files", "r", entity="ada", **part).status_code == 200
        (url,) = parquet_of(wire, "r")["parquetUrls"]
        assert httpx.get(url).status_code == 200
        run_weft("server", "user", "remove", "ada", "--data", server.data)
        refused = httpx.get(url)
        assert refused.status_code == 403
        assert "it ended with its user's key" in refused.json()["error"]
