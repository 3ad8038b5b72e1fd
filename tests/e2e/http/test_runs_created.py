"""Runs that arrive late are created when they began, wherever times and orders are shown."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from archive_edits import entries, in_lines, pack
from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from weft import Api
from weft_command import run_weft

LAST_YEAR = 1_735_689_600_000_000
"""2025-01-01, µs since 1970"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """Project `p`: `second` of 2025 arrived first, then `first`, which began a day earlier; and
    one whose machine is a hundred years ahead.
    """
    day = 86_400_000_000
    starts = {
        "second": LAST_YEAR + day,
        "first": LAST_YEAR,
        "ahead": LAST_YEAR + 36_500 * day,
    }
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for run, start in starts.items():
            log = HandMadeLog(run=run, writer=f"w{run}", anchor_micros=start)
            log.keys("loss")
            log.rows([[1.0]])
            log.finish()
            log.upload(client).raise_for_status()


def test_lists_filters_sql_and_exports_agree(server: ServerProcess, tmp_path: Path) -> None:
    listed = run_weft("runs", "p", "--json", "--base-url", server.url).report
    assert [run["id"] for run in listed] == ["ahead", "second", "first"]
    ahead, second, first = listed
    assert first["created_micros"] == first["started_micros"] == LAST_YEAR
    assert first["arrived_micros"] > second["arrived_micros"] > LAST_YEAR
    assert ahead["created_micros"] == ahead["arrived_micros"] < ahead["started_micros"]
    recent = run_weft("runs", "p", "created > -7d", "--json", "--base-url", server.url).report
    assert [run["id"] for run in recent] == ["ahead"]
    arrived = ("--columns", "id,created,arrived", "--sort", "arrived", "--base-url", server.url)
    lines = run_weft("runs", "p", *arrived).stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == ["second", "first", "ahead"]
    assert time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(LAST_YEAR / 1e6)) in lines[3]

    api = Api(server.url)
    assert [run.id for run in api.runs("p")] == ["first", "second", "ahead"]
    assert [run.id for run in api.runs("p", order="-created_at")] == ["ahead", "second", "first"]
    run = api.run("p/first")
    assert run.created_at.startswith("2025-01-01T00:00:00")
    assert run.arrived_at > run.created_at
    query = "select id, created, arrived from runs order by created"
    rows = api.sql(query, project="p").rows()
    assert [row["id"] for row in rows] == ["first", "second", "ahead"]

    archive = tmp_path / "p.zip"
    assert run_weft("export", "p", archive, "--base-url", server.url).exit_code == 0
    copy = ("--project", "copy", "--base-url", server.url)
    assert run_weft("import", archive, *copy).exit_code == 0
    copied = run_weft("runs", "copy", "--json", "--base-url", server.url).report
    times = [
        [(run["id"], run["created_micros"], run["arrived_micros"]) for run in runs]
        for runs in (listed, copied)
    ]
    assert times[0] == times[1]


def test_an_archive_without_arrivals_has_the_times_of_its_runs(
    server: ServerProcess, tmp_path: Path
) -> None:
    archive = tmp_path / "p.zip"
    assert run_weft("export", "p", archive, "--base-url", server.url).exit_code == 0
    contents = entries(archive)

    def forget_arrival(runs: list[dict[str, dict[str, dict[str, int]]]]) -> None:
        for run in runs:
            row = run["metadata"]["run"]
            row["created_micros"] = row.pop("arrived_micros")

    in_lines("runs.jsonl", forget_arrival)(contents)
    old = pack(tmp_path / "old.zip", contents)
    copy = ("--project", "old", "--base-url", server.url)
    assert run_weft("import", old, *copy).exit_code == 0
    runs = run_weft("runs", "old", "--json", "--base-url", server.url).report
    assert [run["id"] for run in runs] == ["ahead", "second", "first"]
    assert runs[2]["created_micros"] == LAST_YEAR < runs[2]["arrived_micros"]
