"""SQL over a real server: answers, what is refused, and what a query can't reach."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyarrow as pa
import pytest

from at_length import at_length, case_at_length
from live_runs import LiveServer
from sdk_script import run_well
from server_process import ServerProcess, wait_until
from weft.server.services.sql.processes import QueryProcesses
from weft.server.services.sql_child.pipe import receive, send
from weft_command import Done, run_weft

pytestmark = pytest.mark.timeout(300)

SCRIPT = """
import math, os, weft
rate = float(os.environ["LR"])
run = weft.init(
    id=os.environ["RUN_ID"], group="trial", tags=["baseline"] if rate > 0.1 else [],
    config={"lr": rate, "opt": {"name": "adam", "betas": [0.9, 0.99]}, "note": "a 'b'"},
)
for step in range(20):
    row = {"loss": rate / (step + 1), "train/acc": step}
    if step % 10 == 0:
        row["rare"] = step * 2**50
    run.log(row)
run.log({"loss": math.nan, "text": "hello", "Odd \\"name\\"": 1})
run.finish()
"""


@pytest.fixture(scope="module")
def sql_live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with a folder of its own for temporary files."""
    folder = tmp_path_factory.mktemp("server")
    temporary = folder / "temporary"
    temporary.mkdir()
    with LiveServer(folder, env={"TMPDIR": str(temporary)}) as live:
        yield live


@dataclass(frozen=True)
class Project:
    """A project with two runs, for all tests of this file."""

    server: ServerProcess
    name: str
    environment: dict[str, str]

    def post(self, query: str, **more: Any) -> httpx.Response:
        url = f"{self.server.url}/api/v1/projects/local/{self.name}/sql"
        return httpx.post(url, json={"query": query, **more}, timeout=90)

    def ask(self, query: str, **more: Any) -> dict[str, Any]:
        reply = self.post(query, **more)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def rows(self, query: str) -> list[list[Any]]:
        rows: list[list[Any]] = self.ask(query)["rows"]
        return rows

    def refused(self, query: str, status: int = 400) -> str:
        reply = self.post(query)
        assert reply.status_code == status, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        detail: str = reply.json()["detail"]
        assert "Traceback" not in detail
        assert "\n" not in detail
        return detail


@pytest.fixture
def project(tmp_path: Path, sql_live: LiveServer) -> Project:
    name = "sql-tests"
    project = Project(sql_live.process, name, {**sql_live.environment, "WEFT_PROJECT": name})
    if project.post("SELECT 1").status_code == 404:
        for run_id, rate in (("first", "0.1"), ("second", "0.2")):
            run_well(tmp_path, SCRIPT, project.environment, RUN_ID=run_id, LR=rate)
        # Of the last row, as a summary may be written while a run is under way.
        last, ended = "summaries WHERE path = 'text'", "runs WHERE state = 'finished'"
        for there in (last, ended):
            count = f"SELECT count(*) FROM {there}"
            wait_until(lambda count=count: project.rows(count) == [[2]], what=there)
    return project


def test_runs_with_their_config_and_summary(project: Project) -> None:
    assert project.rows(
        'SELECT id, config.lr, config.opt.name, tags, "group", state, summary."train/acc"'
        " FROM runs ORDER BY id"
    ) == [
        ["first", 0.1, "adam", [], "trial", "finished", 19],
        ["second", 0.2, "adam", ["baseline"], "trial", "finished", 19],
    ]
    answer = project.ask("SELECT r.config.opt.betas, created, runtime FROM runs r LIMIT 1")
    assert [column["type"] for column in answer["columns"]] == ["VARCHAR", "TIMESTAMP", "DOUBLE"]
    assert json.loads(answer["rows"][0][0]) == [0.9, 0.99]
    ((config,),) = project.rows("SELECT config_json FROM runs WHERE id = 'first'")
    assert config["opt"] == {"name": "adam", "betas": [0.9, 0.99]}
    ((everything,),) = project.rows("SELECT count(*) FROM (SELECT * FROM runs)")
    assert everything == 2


def test_history_has_every_row_whatever_columns_are_named(project: Project) -> None:
    assert project.rows("SELECT count(*) FROM history") == [[42]]
    assert project.rows("SELECT count(*), count(rare), max(rare) FROM history") == [
        [42, 4, 10 * 2**50]
    ]
    assert project.rows("SELECT step, rare FROM history WHERE run = 'first' AND rare >= 0") == [
        [0, 0], [10, 10 * 2**50],
    ]  # fmt: skip
    assert project.rows(
        'SELECT run, sum("train/acc"), max(step) FROM history WHERE step BETWEEN 2 AND 4'
        " GROUP BY run ORDER BY run"
    ) == [["first", 9, 4], ["second", 9, 4]]
    ((loss, text, strange),) = project.rows(
        'SELECT loss, text, "Odd ""name""" FROM history WHERE step = 20 AND run = \'first\''
    )
    assert (loss, json.loads(text), strange) == ("NaN", "hello", 1)
    names = [column["name"] for column in project.ask("SELECT * FROM history LIMIT 0")["columns"]]
    assert names[:6] == ["run", "writer", "row", "step", "time", "runtime"]
    assert {"loss", "rare", "text", "train/acc", 'Odd "name"'} <= set(names)


def test_rows_are_joined_with_runs(project: Project) -> None:
    query = (
        "SELECT h.run, min(loss) FROM history h JOIN runs r ON h.run = r.id"
        " WHERE config.lr > 0.15 AND NOT isnan(loss) GROUP BY ALL"
    )
    assert project.rows(query) == [["second", 0.2 / 20]]
    within = "SELECT DISTINCT run FROM history WHERE run IN (SELECT id FROM runs WHERE {})"
    assert project.rows(within.format("config.lr < 0.15")) == [["first"]]
    assert project.rows(within.format("'baseline' IN tags")) == [["second"]]
    assert project.rows(within.format("config.lr > 5")) == []


def test_points_and_the_long_forms(project: Project) -> None:
    counts = "SELECT key, count(*) FROM points WHERE run = 'first' GROUP BY 1 ORDER BY 1"
    assert project.rows(counts) == [
        ['Odd "name"', 1], ["loss", 21], ["rare", 2], ["text", 1], ["train/acc", 20],
    ]  # fmt: skip
    rare = "SELECT step, value FROM points WHERE key = 'rare' AND run = 'second'"
    assert project.rows(rare) == [
        [0, 0.0], [10, 10.0 * 2**50],
    ]  # fmt: skip
    assert project.rows("SELECT value FROM configs WHERE path = 'lr' ORDER BY run") == [
        [0.1],
        [0.2],
    ]
    assert project.rows("SELECT text FROM configs WHERE path = 'note' LIMIT 1") == [["a 'b'"]]


def test_formats_and_caps(project: Project) -> None:
    import pandas as pd

    query = "SELECT run, step, loss, ok FROM (SELECT *, step > 3 AS ok FROM history) ORDER BY ALL"
    answer = project.ask(query, limit=5)
    assert (answer["n_rows"], answer["truncated"], len(answer["rows"])) == (5, True, 5)
    assert not project.ask(query, limit=42)["truncated"]
    arrow = project.post(query, format="arrow")
    assert arrow.headers["weft-truncated"] == "false"
    table = pa.ipc.open_stream(arrow.content).read_all()
    assert table.column_names == ["run", "step", "loss", "ok"]
    assert table.slice(0, 5).to_pylist() == [
        dict(zip(table.column_names, row, strict=True)) for row in answer["rows"]
    ]
    frame = pd.read_csv(io.BytesIO(project.post(query, format="csv").content))
    assert frame["loss"].isna().sum() == 2
    assert frame["step"].tolist() == table["step"].to_pylist()


def test_values_of_all_types_come_as_json(project: Project) -> None:
    ((*values,),) = project.rows(
        "SELECT 1180591620717411303424::HUGEINT AS a, 18446744073709551615::UBIGINT,"
        " sum(step), 'inf'::DOUBLE,"
        " [1, NULL], {'a': {'b': 1}}, DATE '2020-01-02', INTERVAL 1 DAY, 1.25::DECIMAL(5, 2),"
        " NULL, true, 'ü', 'x'::BLOB, 1 AS a FROM history WHERE run = 'first'"
    )
    assert values == [
        {"_type": "int", "value": str(2**70)}, 2**64 - 1, 210, "Infinity",
        [1, None], {"a": {"b": 1}}, "2020-01-02T00:00:00+00:00", "1 day", 1.25,
        None, True, "ü", "eA==", 1,
    ]  # fmt: skip


def test_wrong_queries_are_told_what_is_wrong(project: Project) -> None:
    assert "at column 8" in project.refused("SELECT , FROM runs")
    assert "loss" in project.refused("SELECT losss FROM history")
    assert "config.lr" in project.refused("SELECT config.lrr FROM runs")
    assert "history" in project.refused("SELECT 1 FROM hstory")
    assert "one query" in project.refused("SELECT 1; SELECT 2")
    assert "empty" in project.refused("  ")
    assert "NUL" in project.refused("SELECT '\0'")
    assert "WITH" in project.refused("WITH history AS (SELECT 1) FROM history")
    assert "NATURAL" in project.refused("SELECT 1 FROM history NATURAL JOIN runs")
    assert "depth" in project.refused("SELECT " + "(" * 3000 + "1" + ")" * 3000)
    assert project.post("SELECT 1", format="xml").status_code == 400
    assert project.post("SELECT 1", limit=0).status_code == 400
    assert project.post("x" * 200_000).status_code in {400, 413}


@pytest.mark.parametrize(
    "query",
    # a function that reads, a file as a table, a kind of statement; further ones at length
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        case_at_length("SELECT * FROM read_text('/etc/passwd')"),
        case_at_length("SELECT * FROM read_blob('/etc/passwd')"),
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM 'https://example.org/x.parquet'",
        case_at_length("SELECT * FROM glob('/etc/*')"),
        case_at_length("SELECT * FROM sniff_csv('/etc/passwd')"),
        "SELECT (SELECT count(*) FROM read_json('/etc/passwd'))",
        "SELECT 1 WHERE EXISTS (FROM read_parquet('/etc/*'))",
        "WITH x AS MATERIALIZED (FROM read_text('/etc/passwd')) FROM x",
        "FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        case_at_length("FROM query_table('/etc/passwd')"),
        case_at_length("FROM sqlite_scan('/etc/passwd', 'x')"),
        case_at_length("FROM duckdb_settings()"),
        case_at_length("FROM arrow_scan(1, 2, 3)"),
        "COPY (SELECT 1) TO '/tmp/weft-sql-out'",
        case_at_length("COPY runs FROM '/etc/passwd'"),
        "ATTACH '/tmp/other.db'",
        case_at_length("INSTALL httpfs"),
        case_at_length("LOAD httpfs"),
        case_at_length("PRAGMA database_list"),
        case_at_length("SET memory_limit = '100GB'"),
        "SET enable_external_access = true",
        case_at_length("RESET lock_configuration"),
        case_at_length("CREATE TABLE x AS SELECT 1"),
        case_at_length("DROP TABLE runs"),
        case_at_length("INSERT INTO runs SELECT * FROM runs"),
        case_at_length("EXPORT DATABASE '/tmp/weft-sql-out'"),
        case_at_length("CALL pragma_version()"),
        "SELECT getenv('PATH')",
        "SELECT 1; COPY (SELECT 1) TO '/tmp/weft-sql-out'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '/tmp/weft-sql-out'",
    ],
)
def test_nothing_outside_can_be_reached(query: str, project: Project) -> None:
    project.refused(query)
    assert not Path("/tmp/weft-sql-out").exists()


@at_length
def test_a_query_that_needs_too_much_memory_is_ended(project: Project) -> None:
    assert "memory" in project.refused("SELECT list(range) FROM range(1000000000)", 413)
    project.refused("SELECT length(repeat('x', 4000000000)), repeat('y', 4000000000)", 413)
    assert project.rows("SELECT count(*) FROM history") == [[42]]


@at_length
@pytest.mark.parametrize("answer_format", ["arrow", "json", "csv"])
def test_an_answer_too_large_for_memory_leaves_no_trace_in_the_log(
    answer_format: str, project: Project
) -> None:
    columns = ", ".join(f"h.step + {number}.5 AS c{number}" for number in range(150))
    query = f"SELECT {columns} FROM range(1000000) r(n), (SELECT 1 AS step) h"
    reply = project.post(query, format=answer_format, limit=1_000_000)
    assert reply.status_code == 413, reply.text
    assert "Traceback" not in project.server.stderr
    assert "Fatal Python error" not in project.server.stderr


@at_length
def test_who_leaves_ends_the_query(project: Project) -> None:
    endless = "WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT 1 FROM t) SELECT count(*) FROM t"
    body = json.dumps({"query": endless}).encode()
    head = (
        f"POST /api/v1/projects/local/{project.name}/sql HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    port = int(project.server.url.rpartition(":")[2])
    server = psutil.Process(project.server.pid)

    def busy() -> psutil.Process | None:
        for child in server.children(recursive=True):
            with suppress(psutil.Error):  # it has just ended
                if sum(child.cpu_times()[:2]) > 1:
                    return child
        return None

    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode() + body)
        query = wait_until(busy, what="the query's process at work")
    assert isinstance(query, psutil.Process)
    wait_until(lambda: not query.is_running(), what="the end of the query's process")
    temporary = Path(project.server.environment["TMPDIR"])
    wait_until(lambda: not list(temporary.glob("weft-sql-*")), what="the end of its folder")


def test_queries_go_on_after_the_process_that_forks_was_killed(project: Project) -> None:
    assert project.rows("SELECT 1") == [[1]]
    (parent,) = [
        child
        for child in psutil.Process(project.server.pid).children()
        if any("sql_child.parent" in part for part in child.cmdline())
    ]
    parent.kill()
    wait_until(lambda: parent.status() == psutil.STATUS_ZOMBIE, what="the end of that process")
    assert project.rows("SELECT 2") == [[2]]


def test_a_querys_process_that_loses_its_server_removes_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "weft-sql-folder"
    folder.mkdir()
    processes = QueryProcesses()
    query = processes.take()
    bounds = {"memory_bytes": 2**28, "secs": 600, "threads": 1, "disk_bytes": 2**20, "files": []}
    send(query.stdin, {**bounds, "folder": str(folder)})
    send(query.stdin, {"query": "SELECT 1"})
    assert "tree" in receive(query.stdout)
    assert folder.exists()
    query.stdin.close()
    assert query.wait() == 0
    assert not folder.exists()
    processes.end(query)
    processes.close()


def test_formulas_in_csv_are_escaped_on_request(project: Project) -> None:
    query = "SELECT '=1+1' AS \"@sum\", '-5' AS digits, -5 AS number"
    assert project.post(query, format="csv").text == "@sum,digits,number\n=1+1,-5,-5\n"
    escaped = project.post(query, format="csv", escape_formulas=True)
    assert escaped.text == "'@sum,digits,number\n'=1+1,-5,-5\n"
    refused = project.post(query, format="arrow", escape_formulas=True)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "escape_formulas")


def command(project: Project, *arguments: str, stdin: str = "") -> Done:
    environment = {**project.server.environment, **project.environment}
    return run_weft("sql", *arguments, env=environment, stdin=stdin)


def test_the_command_prints_tables(project: Project) -> None:
    query = "SELECT id, config.lr, NULL AS nothing FROM runs ORDER BY id"
    done = command(project, query)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == (
        "id       lr  nothing\n------  ---  -------\nfirst   0.1\nsecond  0.2\n"
    )
    done = command(project, f"local/{project.name}", "-", "--format", "csv", stdin=query)
    assert done.stdout == "id,lr,nothing\nfirst,0.1,\nsecond,0.2,\n"
    done = command(project, project.name, "--format", "csv", stdin=query)
    assert done.stdout == "id,lr,nothing\nfirst,0.1,\nsecond,0.2,\n"
    formulas = "SELECT '=1+1' AS \"@sum\", -5 AS number"
    done = command(project, formulas, "--format", "csv")
    assert done.stdout == "@sum,number\n=1+1,-5\n"
    done = command(project, formulas, "--format", "csv", "--escape-formulas")
    assert done.stdout == "'@sum,number\n'=1+1,-5\n"
    done = command(project, query, "--format", "json", "--limit", "1")
    assert json.loads(done.stdout)["rows"] == [["first", 0.1, None]]
    assert "more rows" in done.stderr
    done = command(project, "SELECT losss FROM history")
    assert done.exit_code == 2
    assert done.stderr.startswith("weft: ")


@at_length
def test_the_command_without_a_project_says_to_name_one(project: Project) -> None:
    url = {"WEFT_BASE_URL": project.server.url, "WEFT_API_KEY": project.server.token}
    done = run_weft("sql", "SELECT id FROM runs", env=url)
    assert done.exit_code == 2
    assert 'name a project: weft sql PROJECT "SELECT …"' in done.stderr
    assert "local/uncategorized" in done.stderr
    named = run_weft("sql", "nothing", "SELECT id FROM runs", env=url)
    assert "name a project" not in named.stderr
