"""Charts by relative time on a real server: of a run that was resumed, and of expressions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

import weft
from archive_edits import entries, in_lines, pack
from chart_questions import ask, chart, drawn_x
from clickhouse_server import ClickHouseServer
from postgres_cluster import PostgresCluster
from run_log_bytes import ANCHOR_MICROS, HandMadeLog
from sdk_script import run_well
from server_process import ServerProcess, start_server
from weft.records.record import Key, Schema
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

SECOND = 1_000_000
N_ROWS = 3000
"""Of a log, a row each millisecond: with chunks, and rows that are still fresh."""


@pytest.fixture(params=["files", "clickhouse"])
def each_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server with points in files, and one with points in PostgreSQL and ClickHouse."""
    if request.param == "files":
        yield request.getfixturevalue("server")
        return
    postgres: PostgresCluster = request.getfixturevalue("postgres_cluster")
    clickhouse: ClickHouseServer = request.getfixturevalue("clickhouse_server")
    urls = ["--metadata-url", postgres.new_metadata(), "--metrics-url", clickhouse.new_database()]
    with start_server(tmp_path / "server", *urls) as server:
        yield server


def send(server: ServerProcess, log: HandMadeLog) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        assert log.upload(client).status_code == 200


def first_life(run: str, project: str = "p") -> HandMadeLog:
    log = HandMadeLog(run, "w1", project, goes_on={"start_micros": ANCHOR_MICROS})
    log.keys("loss")
    log.rows([[float(n)] for n in range(N_ROWS)])
    log.finish()
    return log


def assert_charts_tell_the_pause(server: ServerProcess, run: str, pause_micros: int) -> None:
    """`time` has the rows at their runtimes, also computed; `time_wall` when they were logged."""
    rows = list(weft.Api(server.url).run(f"local/p/{run}").scan_history())
    runtimes = [round(row["_runtime"] * SECOND) for row in rows]
    assert runtimes == sorted(runtimes)
    begun = rows[0]["_timestamp"]
    times = [round((row["_timestamp"] - begun) * SECOND) for row in rows]
    query: dict[str, Any] = {"runs": [run], "n_buckets": 10_000}
    panels = [
        {**query, "keys": ["loss"], "axis": "time"},
        {**query, "expressions": [{"name": "e", "text": "loss + 0"}], "axis": "time"},
        {**query, "keys": ["loss"], "axis": "time", "group": {}},
        {**query, "keys": ["loss"], "axis": "time_wall"},
    ]
    process, computed, grouped, wall = (row for (row,) in ask(server, "p", *panels))
    for drawn, x in ((process, runtimes), (computed, runtimes), (wall, times)):
        expected: dict[int, float] = {}
        for micros, row in zip(x, rows, strict=True):
            expected[micros >> drawn["level"]] = row["loss"]
        starts = [index << drawn["level"] for index in expected]
        assert drawn_x(drawn) == starts
        assert drawn["last"] == list(expected.values())
    assert [x for x, n in zip(drawn_x(grouped), grouped["count"], strict=True) if n] == drawn_x(
        process
    )
    gaps = [later - x for x, later in pairwise(times)]
    assert max(gaps) >= pause_micros
    assert runtimes[-1] <= times[-1] - pause_micros


def second_life(run: str, pause_micros: int, project: str = "p") -> HandMadeLog:
    anchor = ANCHOR_MICROS + N_ROWS * 1000 + pause_micros
    life = {"start_micros": anchor, "resume": "must", "runtime_micros": N_ROWS * 1000}
    log = HandMadeLog(run, "w2", project, goes_on=life, anchor_micros=anchor)
    log.keys("loss")
    log.n_rows = N_ROWS
    log.rows([[-float(n)] for n in range(N_ROWS)])
    return log


@pytest.mark.parametrize("is_in_order", [True, False])
def test_a_resumed_run_by_process_time_and_by_wall_time(
    each_server: ServerProcess, is_in_order: bool
) -> None:
    """Also if `weft sync` sends the directory of the later part first."""
    run, pause = f"a-{is_in_order}", 3 * 3600 * SECOND
    logs = [first_life(run), second_life(run, pause)]
    for log in logs if is_in_order else reversed(logs):
        send(each_server, log)
    assert_charts_tell_the_pause(each_server, run, pause)
    wall = chart(each_server, "p", run, "loss", axis="wall", n_buckets=10_000)
    assert wall["origin_micros"] == ANCHOR_MICROS


def test_a_log_of_the_sidecar_that_comes_first_moves_no_times(each_server: ServerProcess) -> None:
    """As one that `weft sync` has written: it began days after the script."""
    late = ANCHOR_MICROS + 3 * 24 * 3600 * SECOND
    sidecar = HandMadeLog(
        "c", "w2", goes_on={"start_micros": ANCHOR_MICROS}, anchor_micros=late, parent="w1"
    )
    sidecar.finish()
    send(each_server, sidecar)
    send(each_server, first_life("c"))
    for axis in ("time", "time_wall", "wall"):
        drawn = chart(each_server, "p", "c", "loss", axis=axis, n_buckets=10_000)
        assert drawn["origin_micros"] == ANCHOR_MICROS
        assert drawn_x(drawn)[0] == 0


def test_a_script_that_goes_on_with_a_run_of_last_year(
    server: ServerProcess, tmp_path: Path, environment: dict[str, str]
) -> None:
    send(server, first_life("b"))
    code = """
        import weft

        run = weft.init(project="p", id="b", resume="must")
        for n in range(20):
            run.log({"loss": -1.0 - n})
        run.finish()
    """
    run_well(tmp_path, code, environment, WEFT_ENTITY="local")
    assert_charts_tell_the_pause(server, "b", 365 * 24 * 3600 * SECOND)


def test_an_archive_of_an_older_version_counts_from_the_earliest_log(
    server: ServerProcess, tmp_path: Path
) -> None:
    """There a run counted from the log that came first."""
    second = second_life("d", 3600 * SECOND, "older")
    send(server, second)
    send(server, first_life("d", "older"))
    archive = tmp_path / "p.zip"
    assert run_weft("export", "older", archive, "--base-url", server.url).exit_code == 0
    contents = entries(archive)

    def forget_first(runs: list[dict[str, dict[str, dict[str, Any]]]]) -> None:
        runs[0]["metadata"]["run"].update(origin_micros=second.anchor_micros, is_continued=False)

    in_lines("runs.jsonl", forget_first)(contents)
    old = pack(tmp_path / "old.zip", contents)
    copy = ("--project", "copy", "--base-url", server.url)
    assert run_weft("import", old, *copy).exit_code == 0
    drawn = chart(server, "copy", "d", "loss", axis="time_wall", n_buckets=10_000)
    assert (drawn["origin_micros"], drawn_x(drawn)[0]) == (ANCHOR_MICROS, 0)


def evaluated_run(run: str, first_eval: int, n_evals: int = 5) -> HandMadeLog:
    """A row of `train` each 10 ms, and 6 ms after some of them one of `eval` at the same step.

    The last evaluation is an hour late.
    """
    log = HandMadeLog(run, "w1", "evals", goes_on={"start_micros": ANCHOR_MICROS})
    log.keys("train")
    log.add(Key(1, "eval"))
    log.add(Schema(1, [1]))
    rows = [(10_000 * step, 0, step, 100.0 - step) for step in range(100)]
    evals = [(10_000 * step + 6_000, 1, step, 90.0 - step) for step in EVALS[:n_evals]]
    evals[-1] = (3600 * SECOND, *evals[-1][1:])
    evals = [(time, schema, step + first_eval, value) for time, schema, step, value in evals]
    for time, schema, step, value in sorted([*rows, *evals]):
        log.add([3, schema, time, step, [value]])
        log.n_rows += 1
    log.finish()
    return log


EVALS = range(0, 100, 20)


def test_metrics_of_different_rows_are_joined_by_step(each_server: ServerProcess) -> None:
    for run, first_eval in (("a", 0), ("b", 0), ("apart", 1000)):
        send(each_server, evaluated_run(run, first_eval))
    times = [10_000 * step + 6_000 for step in EVALS[:-1]] + [3600 * SECOND]
    panel: dict[str, Any] = {
        "runs": ["a", "b", "apart"],
        "expressions": [{"name": "gap", "text": "train - eval"}],
        "n_buckets": 10_000,
    }
    for axis in ("time", "time_wall", "wall"):
        (rows,) = ask(each_server, "evals", {**panel, "axis": axis}, reasons=True)
        by_run = {row["run"]: row for row in rows}
        assert by_run.pop("apart")["reason"] == "its metrics have no step in common"
        for row in by_run.values():
            level = row["level"]
            assert drawn_x(row) == sorted({time >> level << level for time in times})
            assert (row["n_points"], set(row["mean64"])) == (len(times), {10.0})
    # Of the last point only the evaluation is in the range, its loss an hour before.
    late = {"lo": 3000 * SECOND, "hi": 4000 * SECOND, "axis": "time"}
    (rows,) = ask(each_server, "evals", {**panel, **late, "runs": ["a"]})
    assert [(row["n_points"], row["mean64"]) for row in rows] == [(1, [10.0])]
    (rows,) = ask(each_server, "evals", {**panel, "axis": "time", "group": {}})
    assert [(row["n_runs"], max(row["runs"]), set(row["mean64"])) for row in rows] == [
        (2, 2, {10.0})
    ]
