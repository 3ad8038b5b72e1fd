"""A metadata database or a disk that fails while a server runs: told, bounded, over by itself."""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from at_length import at_length
from postgres_cluster import PostgresCluster
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from weft.server.storage.metadata.database import engine
from weft.server.storage.metadata.database.engine import Database
from weft_command import run_weft

HANG_SECS = 120
"""Far above the limits of the server, for machines that are slow; a hang is longer."""

QUIET = ("--slow-secs", "600")
"""Requests that wait have lines of their own, which say nothing of the outage."""

PATIENT = """
from weft.server.storage import postgres
from weft.server.storage.metadata.database import engine
engine.WAIT_SECS = postgres.LIMITS["connect_timeout"] = 60
"""
"""On a busy machine it may take seconds until others give their connections back."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[PostgresCluster]:
    """One of this module's own, as it is stopped and ended."""
    cluster = PostgresCluster(max_connections=12)
    yield cluster
    cluster.stop()


def get(server: ServerProcess, path: str) -> httpx.Response:
    return httpx.get(f"{server.url}{path}", trust_env=False, timeout=HANG_SECS)


def is_ready(server: ServerProcess) -> bool:
    return get(server, "/readyz").status_code == 200


def upload(server: ServerProcess) -> None:
    log = HandMadeLog(project="p")
    log.keys("loss")
    log.rows([[1.0]])
    with httpx.Client(base_url=server.url, trust_env=False, timeout=HANG_SECS) as client:
        log.upload(client).raise_for_status()


def assert_told_once(server: ServerProcess, n_outages: int) -> None:
    def told(state: str) -> int:
        return sum(f"the metadata database is {state}" in line for line in server.lines)

    # Lines come by a pipe, a little later than answers.
    wait_until(lambda: told("available again") >= n_outages, what="the end of the outage, told")
    assert (told("not available"), told("available again")) == (n_outages, n_outages), (
        server.stderr
    )
    assert len(server.lines) == 2 + 2 * n_outages, server.stderr


@at_length
def test_a_database_that_hangs_is_an_answer_within_limits(
    tmp_path: Path, cluster: PostgresCluster
) -> None:
    with start_server(tmp_path, *QUIET, "--metadata-url", cluster.new_database()) as server:
        upload(server)
        wait_until(lambda: is_ready(server), what="it is ready")
        with cluster.paused():
            wait_until(lambda: not is_ready(server), what="it is not ready")
            with ThreadPoolExecutor(4) as pool:
                paths = ["/api/v1/projects", "/api/v1/projects/local/p/runs/nowhere"] * 2
                requests = [pool.submit(get, server, path) for path in paths]
                answers = [request.result() for request in requests]
            for answer in answers:
                assert answer.status_code == 503, answer.text
                assert answer.json()["detail"].endswith("it does not answer")
            wait_until(
                lambda: "not answer" in get(server, "/readyz").json()["detail"], what="the reason"
            )
            assert get(server, "/healthz").status_code == 200
        wait_until(lambda: is_ready(server), what="it is ready again", secs=HANG_SECS)
        assert get(server, "/api/v1/projects").status_code == 200
        assert_told_once(server, 1)


def test_a_database_that_is_gone_is_told_once_and_without_its_address(
    tmp_path: Path, cluster: PostgresCluster
) -> None:
    with start_server(tmp_path, *QUIET, "--metadata-url", cluster.new_database()) as server:
        upload(server)
        for outage in (1, 2):
            cluster.halt()
            wait_until(lambda: not is_ready(server), what="it is not ready")
            for _ in range(5):
                answer = get(server, "/api/v1/projects")
                assert answer.status_code == 503
                assert str(cluster.port) not in answer.text
                assert "127.0.0.1" not in answer.text
            cluster.start()
            wait_until(lambda: is_ready(server), what="it is ready again", secs=HANG_SECS)
            assert get(server, "/api/v1/projects").status_code == 200
            assert_told_once(server, outage)


def all_connections(url: str, others: ExitStack) -> list[Any]:
    """All that PostgreSQL gives to anyone but superusers, and those that it keeps for them."""
    connections: list[Any] = []
    while True:
        try:
            connections.append(others.enter_context(psycopg.connect(url)))
        except psycopg.OperationalError:
            return connections


def test_a_request_waits_for_a_connection_that_others_have(
    tmp_path: Path, cluster: PostgresCluster
) -> None:
    url = cluster.new_database()
    with (
        start_server(tmp_path, *QUIET, "--metadata-url", url, before=PATIENT) as server,
        ExitStack() as others,
    ):
        upload(server)
        sleepers = all_connections(url, others)
        with ThreadPoolExecutor(30) as pool:
            requests = [pool.submit(get, server, "/api/v1/projects") for _ in range(30)]
            for sleeper in sleepers:
                sleeper.close()
            answers = [request.result() for request in requests]
        assert [answer.status_code for answer in answers] == [200] * 30
        assert_told_once(server, 0)


def test_a_transaction_waits_for_its_second_connection_too(
    cluster: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WAIT_SECS", 60.0)
    url = cluster.new_database()
    database = Database(url)
    with ExitStack() as others, database.write() as transaction:
        sleepers = all_connections(url, others)
        # Later than it is asked for, as a rule; sooner is as right.
        giving_back = threading.Timer(0.3, sleepers[0].close)
        giving_back.start()
        with transaction.aside() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        giving_back.join()
    database.close()


def test_a_disk_that_takes_nothing_is_told_until_it_does_again(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        wait_until(lambda: is_ready(server), what="it is ready")
        before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, before[1]))
        wait_until(
            lambda: "the data directory takes nothing" in get(server, "/readyz").text,
            what="the reason why it is not ready",
        )
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)
        wait_until(lambda: is_ready(server), what="it is ready again")


@pytest.mark.parametrize("command", ["server", "check"])
def test_a_damaged_metadata_database_is_a_line(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    with start_server(tmp_path) as server:
        upload(server)
    file = data / "metadata.db"
    pages = bytearray(file.read_bytes())
    pages[:] = b"\xa5" * len(pages)
    file.write_bytes(pages)
    arguments = ["server", "--data", data, "--port", "0"]
    done = run_weft(*(arguments if command == "server" else ["server", "check", "--data", data]))
    assert done.exit_code == 2
    assert "metadata database is damaged: file is not a database" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
