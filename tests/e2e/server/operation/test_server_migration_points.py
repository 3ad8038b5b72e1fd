"""Points that move to ClickHouse and back: counts, buckets and answers to SQL stay the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import pytest

from archive_answers import answers_of, differences
from at_length import at_length
from clickhouse_server import ClickHouseServer
from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from server_process import start_server
from weft.server.services.access.paths import ProjectPath
from weft.server.services.opening import open_services
from weft_command import run_weft

PROJECT: Final = ProjectPath("local", "p")

QUERIES: Final = [
    "SELECT run, key, count(*), min(value), max(value), round(sum(value), 6), count(DISTINCT row)"
    " FROM points WHERE NOT isnan(value) GROUP BY run, key ORDER BY run, key",
    "SELECT run, key, count(*) FROM points WHERE isnan(value) OR isinf(value)"
    " GROUP BY run, key ORDER BY run, key",
    "SELECT run, key, row, step, time, value, text FROM points ORDER BY run, key, row",
    "SELECT * FROM history ORDER BY run, row",
    "SELECT run, floor(step / 100) AS bucket, count(loss), round(avg(loss), 9) FROM history"
    " WHERE NOT isnan(loss) GROUP BY run, bucket ORDER BY run, bucket",
    "SELECT id, state, logged FROM runs ORDER BY id",
    "SELECT run, path, value, text FROM summaries ORDER BY run, path",
]


def log_run(url: str, name: str, n_rows: int) -> None:
    """A run with numbers, NaN, infinities, ints beyond 2^53 and texts, in several uploads."""
    log = HandMadeLog(run=name, project=PROJECT.project)
    log.keys("loss", "count", "note")
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        sent = 0
        for nth in range(n_rows):
            loss = {3: math.nan, 7: math.inf, 11: -math.inf}.get(nth, math.sin(nth) / (nth + 1))
            log.rows([[loss, 2**53 + nth, f"note {nth % 5}"]])
            if nth % 700 == 0:
                log.upload(client, sent).raise_for_status()
                sent = len(log.data)
        log.finish()
        log.upload(client, sent).raise_for_status()


def sql_answers(data: Path, tmp_path: Path) -> list[Any]:
    """The answers of a server, as text: NaN equals itself."""
    with start_server(tmp_path, "--data", str(data)) as server:
        url = f"{server.url}/api/v1/projects/{PROJECT.entity}/{PROJECT.project}/sql"
        answers: list[Any] = []
        for query in QUERIES:
            answer = httpx.post(url, json={"query": query}, timeout=90, trust_env=False)
            assert answer.is_success, answer.text
            assert answer.json()["rows"], query
            answers.append(repr(answer.json()["rows"]))
        return answers


def answers(data: Path, urls: tuple[str, str] | None = None) -> dict[str, Any]:
    """The rows, series and console lines of all runs. What can be moved to ClickHouse is there."""
    services = (
        open_services(data, jobs=False)
        if urls is None
        else open_services(data, urls[0], metrics_url=urls[1], jobs=False)
    )
    try:
        with services.stores.metrics.use(services.stores.find_project(PROJECT)) as store:
            store.compact(until_idle=True)
        return answers_of(services, project=PROJECT.project)
    finally:
        services.close()


def migrate(data: Path, to: Path) -> None:
    done = run_weft("server", "migrate", "--data", data, "--to", to)
    assert (done.exit_code, "all of it was compared" in done.stdout) == (0, True), done.stderr


@at_length
@pytest.mark.timeout(600)
def test_points_move_to_clickhouse_and_back_with_equal_buckets_and_answers_to_sql(
    tmp_path: Path, postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer
) -> None:
    with start_server(tmp_path) as server:
        log_run(server.url, "large", 6000)
        log_run(server.url, "small", 20)
        data = server.data
    before, sql_before = answers(data), sql_answers(data, tmp_path)

    url, clickhouse_url = postgres_cluster.new_database(), clickhouse_server.new_database()
    urls = (url, clickhouse_url)
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "weft.toml").write_text(
        f'metadata_url = "{url}"\nmetrics_url = "{clickhouse_url}"\n'
    )
    migrate(data, shared)
    assert not differences(before, answers(shared, urls))
    with psycopg.connect(url) as connection:
        waiting = "SELECT 1 FROM weft_metrics.fresh WHERE chunk IS NULL"
        assert connection.execute(waiting).fetchall() == []
        listed = "SELECT count(*) FROM weft_metrics.chunk WHERE state = 1"
        assert connection.execute(listed).fetchone() != (0,)
    assert sql_answers(shared, tmp_path) == sql_before

    with start_server(tmp_path, "--data", str(shared)) as server:
        log_run(server.url, "later", 5000)
    moved, sql_moved = answers(shared, urls), sql_answers(shared, tmp_path)
    assert moved["list"] != before["list"]

    back = tmp_path / "back"
    migrate(shared, back)
    assert not differences(moved, answers(back))
    assert sql_answers(back, tmp_path) == sql_moved
