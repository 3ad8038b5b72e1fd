"""PostgreSQL fails over to its standby while a script logs and a page follows: no acknowledged row
is lost, no row is there twice, and the servers go on by themselves.

The primary is killed as by a loss of power, or hangs and is fenced off only later.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg
import pytest

import weft
from at_length import at_length
from clickhouse_server import ClickHouseServer
from deployment import Deployment, deployed
from postgres_cluster import PostgresCluster
from s3_server import S3Server
from server_process import wait_until
from weft.errors import WeftError
from weft.server.storage.metadata.database.engine import Database, MetadataUnavailable

SCRIPT: Final = Path(__file__).with_name("cluster_script.py")
PATH: Final = "local/cluster/steady"

pytestmark = pytest.mark.timeout(600)


@contextlib.contextmanager
def pair() -> Generator[tuple[PostgresCluster, PostgresCluster]]:
    """A primary and its standby."""
    primary = PostgresCluster()
    try:
        with primary.with_standby() as standby:
            yield primary, standby
    finally:
        primary.stop()


def url_of_both(url: str, primary: PostgresCluster, standby: PostgresCluster) -> str:
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    return url.replace(f"127.0.0.1:{primary.port}", hosts)


class EventCounter(threading.Thread):
    """A page at one server that follows a project."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__(daemon=True)
        headers = {"Authorization": f"Bearer {key}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)
        self.n_events = 0
        """Events with new points of the script."""
        self.is_over = threading.Event()

    def run(self) -> None:
        with self._client:
            while not self.is_over.wait(0.1):
                with (
                    contextlib.suppress(httpx.HTTPError),
                    self._client.stream("GET", "/api/v1/projects/local/cluster/events") as stream,
                ):
                    for line in stream.iter_lines():
                        self.n_events += line.startswith('data: {"runs"') and '"value"' in line


def rows_of(api: weft.Api) -> list[dict[str, Any]]:
    return list(api.run(PATH).scan_history(keys=["i", "value"]))


def n_rows_now(api: weft.Api) -> int:
    with contextlib.suppress(WeftError, httpx.HTTPError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run may be there before its first row
        return len(rows_of(api))
    return 0


def start_cluster_script(folder: Path, deployment: Deployment) -> subprocess.Popen[str]:
    folder.mkdir()
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR")} | {
        "WEFT_MODE": "online", "WEFT_BASE_URL": deployment.url,
        "WEFT_API_KEY": deployment.servers[0].token, "WEFT_FINISH_TIMEOUT": "300",
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), "steady", "0.02"],
        cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def lease_numbers(url: str) -> dict[str, int]:
    """The numbers of the leases that a server has now."""
    with psycopg.connect(url) as connection:
        micros = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"
        return dict(
            connection.execute(f"SELECT name, number FROM lease WHERE expires_micros > {micros}")
        )


@at_length
@pytest.mark.parametrize("fault", ["killed", "hangs"])
def test_a_failover_of_postgresql_loses_no_acknowledged_row(
    tmp_path: Path, s3_server: S3Server, clickhouse_server: ClickHouseServer, fault: str
) -> None:
    with contextlib.ExitStack() as stack:
        primary, standby = stack.enter_context(pair())
        url = primary.new_database()
        pages: list[EventCounter] = []
        stack.callback(lambda: [page.join() for page in pages])  # their servers have ended
        deployment = stack.enter_context(
            deployed(
                tmp_path / "servers",
                url_of_both(url, primary, standby),
                s3_server.new_bucket(),
                clickhouse_server.new_database(),
            )
        )
        script = start_cluster_script(tmp_path / "script", deployment)
        stack.callback(script.communicate)
        stack.callback(script.kill)
        key = deployment.servers[0].token
        api = weft.Api(deployment.url, api_key=key)
        for port in deployment.ports:
            page = EventCounter(f"http://127.0.0.1:{port}", key)
            pages.append(page)
            page.start()
            stack.callback(page.is_over.set)
        wait_until(lambda: n_rows_now(api) > 50, what="rows")
        wait_until(lambda: all(page.n_events for page in pages), what="events of each server")
        leases = lease_numbers(url)
        assert leases

        hang = contextlib.ExitStack()
        n_acknowledged = n_rows_now(api)
        if fault == "killed":
            primary.kill()
        else:
            stack.enter_context(hang)
            hang.enter_context(primary.paused())
        standby.promote()
        new_url = url.replace(f":{primary.port}/", f":{standby.port}/")
        with psycopg.connect(new_url) as connection:
            rows_of_writers = connection.execute(
                "SELECT spans FROM weft_metrics.writer"
            ).fetchall()
            ends = [end for (spans,) in rows_of_writers for end in spans]
            assert 1 + max(ends) >= n_acknowledged  # before the script may send them again

        ready = range(len(deployment.servers))
        wait_until(lambda: all(deployment.is_ready(n) for n in ready), what="ready", secs=120)
        n_rows = wait_until(lambda: n_rows_now(api), what="rows of the standby")
        assert isinstance(n_rows, int)
        assert n_rows >= n_acknowledged
        wait_until(lambda: n_rows_now(api) > n_rows + 50, what="new rows", secs=120)
        n_events = [page.n_events for page in pages]

        def all_follow() -> bool:
            return all(
                page.n_events > before for page, before in zip(pages, n_events, strict=True)
            )

        wait_until(all_follow, what="events of each server after the failover", secs=120)
        wait_until(lambda: leases.keys() <= lease_numbers(new_url).keys(), what="leases", secs=120)
        if fault == "hangs":
            primary.kill()  # as a failover has to, before it can answer again
            hang.pop_all()
        (tmp_path / "script" / "enough").touch()
        _, errors = script.communicate(timeout=400)
        assert script.returncode == 0, errors
        n_logged = int((tmp_path / "script" / "steady.n_rows").read_text())
        rows = rows_of(api)
        assert [row["i"] for row in rows] == [*range(n_logged)]
        assert all(row["value"] == (row["i"] * 7919) % 1000 / 10 for row in rows)
        assert api.run(PATH).state == "finished"


@at_length
def test_connections_go_to_the_primary_of_several_hosts() -> None:
    with pair() as (primary, standby):
        url = primary.new_metadata()
        hosts = url_of_both(url, standby, primary)  # no order is needed
        both = Database(url_of_both(url, primary, standby))
        other = Database(f"{hosts}?application_name=weft")
        alone = Database(url.replace(f":{primary.port}/", f":{standby.port}/"))
        for database in (both, other):
            with database.write() as tx:
                tx.connection.exec_driver_sql("DELETE FROM setting WHERE key = 'none'")
        # A standby alone, as behind an address that is a moment late: wait, not an error.
        with pytest.raises(MetadataUnavailable), alone.write():
            pass
        both.wait_for_notices(0.0)
        with primary.paused():
            standby.promote()
            alone.send_notices(["hello"])

            def hears() -> bool:
                with contextlib.suppress(MetadataUnavailable):
                    alone.send_notices(["again"])
                    return "again" in both.wait_for_notices(0.5)
                return False

            wait_until(hears, what="notices of the new primary")
            with both.write() as tx:
                tx.connection.exec_driver_sql("DELETE FROM setting WHERE key = 'none'")
        for database in (both, other, alone):
            database.close()
