"""Stores that answer and can't be worked with: `/readyz` and the doctor say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg

from clickhouse_server import ClickHouseServer
from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.server.storage.clickhouse.clients import Clients
from weft_command import run_weft

N_ROWS = 5000
"""So many are moved at once."""


def readiness(server: ServerProcess) -> httpx.Response:
    return httpx.get(f"{server.url}/readyz", trust_env=False)


SLOW_BACKGROUND = """
from weft.server.services.background.jobs import BackgroundJobs
BackgroundJobs.resume = lambda self: None
"""
"""The background has not yet read the open runs when the server is first asked."""


def remedied(server: ServerProcess, url: str) -> list[str]:
    """The findings of the doctor that have a remedy."""
    done = run_weft(
        "server", "doctor", "--json", "--data", str(server.data), "--metadata-url", url
    )
    return [finding["what"] for finding in json.loads(done.stdout) if finding["remedy"]]


def count(url: str, rows: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM weft_metrics.{rows}".encode()).fetchone()
    assert row is not None
    return row[0]


@contextmanager
def without_parts(clickhouse_url: str) -> Iterator[Clients]:
    """ClickHouse is there, and its points are elsewhere until the end of the block."""
    clients = Clients(clickhouse_url)
    clients.change("RENAME TABLE part TO away")
    yield clients
    clients.change("DROP TABLE IF EXISTS part")
    clients.change("RENAME TABLE away TO part")
    clients.close()


def test_a_clickhouse_that_answers_and_can_draw_no_chart(
    tmp_path: Path, postgres_cluster: PostgresCluster, clickhouse_server: ClickHouseServer
) -> None:
    url, clickhouse_url = postgres_cluster.new_metadata(), clickhouse_server.new_database()
    options = ["--metadata-url", url, "--metrics-url", clickhouse_url]
    with start_server(tmp_path, *options) as server:
        log = HandMadeLog(project="p")
        log.keys("loss")
        log.rows([[float(nth)] for nth in range(N_ROWS)])
        with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
            log.upload(client).raise_for_status()
        wait_until(lambda: not count(url, "fresh WHERE chunk IS NULL"), what="rows were moved")
        wait_until(lambda: readiness(server).is_success, what="the server is ready")
        with psycopg.connect(url) as connection:
            # The doctor looks at chunks that each replica has had time to copy.
            connection.execute("UPDATE weft_metrics.chunk SET since = since - interval '1 hour'")
        assert remedied(server, url) == []
        with without_parts(clickhouse_url) as clients:
            assert clients.read_of_server("SELECT 1") == [(1,)]
            (finding,) = remedied(server, url)
            assert "answers, and no chart can be drawn: " in finding
    with (
        without_parts(clickhouse_url),
        start_server(tmp_path, *options, before=SLOW_BACKGROUND) as server,
    ):
        # It has made a new, empty table.
        reason = "no chart can be drawn: "
        wait_until(lambda: reason in readiness(server).text, what="the reason")
        assert readiness(server).status_code == 503
        assert httpx.get(f"{server.url}/healthz", trust_env=False).is_success
        n_bytes = len(log.data)
        log.rows([[1.0]])
        with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
            log.upload(client, n_bytes).raise_for_status()  # rows are taken all the same
        lacks, unready = remedied(server, url)
        assert "lacks rows of 1 of the last 1 chunks" in lacks
        assert reason in unready
    with start_server(tmp_path, *options) as server:
        wait_until(lambda: readiness(server).is_success, what="the server is ready again")
        assert remedied(server, url) == []


def test_a_server_whose_tables_a_later_weft_changed(
    tmp_path: Path, postgres_cluster: PostgresCluster
) -> None:
    url = postgres_cluster.new_metadata()
    with start_server(tmp_path, "--metadata-url", url) as server:
        assert readiness(server).is_success
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0999'")
        wait_until(lambda: not readiness(server).is_success, what="it is not ready")
        assert "revision 0999" in readiness(server).text
