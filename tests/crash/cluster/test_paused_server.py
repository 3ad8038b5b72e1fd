"""A server of several that is paused for a minute in the middle of its work: others do it, and
after it wakes it does none of it a second time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

import weft
from at_length import at_length
from clickhouse_server import ClickHouseServer
from deployment import deployed
from postgres_cluster import PostgresCluster
from s3_server import S3Server
from server_process import wait_until
from weft.errors import WeftError
from weft.server.storage.clickhouse.clients import Clients

SCRIPT: Final = Path(__file__).with_name("cluster_script.py")
PAUSE_SECS: Final = 60.0

PAUSED_MOVE: Final = """
import os, pathlib, signal
from weft.server.storage.clickhouse.move import Move

def insert_and_pause(self, *args, insert=Move._insert):
    outputs = insert(self, *args)
    request = pathlib.Path({request!r})
    if request.exists():
        request.unlink()
        os.kill(os.getpid(), signal.SIGSTOP)
    return outputs

Move._insert = insert_and_pause
"""
"""Pauses the server between M2 and M4 of a move, once there is a file."""

OFTEN: Final = {"sweeps", "links", "removals", "path-sets", "backlog", "points-mirror"}
"""Leases of work that is due again within a minute."""

LEASES: Final = """
SELECT name, owner, number FROM lease
WHERE expires_micros > (extract(epoch from clock_timestamp()) * 1000000)::bigint
"""


def query(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def is_paused(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@at_length
@pytest.mark.timeout(600)
def test_a_server_that_was_paused_in_a_move_does_not_do_what_others_did_meanwhile(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    clickhouse_server: ClickHouseServer,
    s3_server: S3Server,
) -> None:
    request = tmp_path / "pause"
    url, clickhouse_url = postgres_cluster.new_database(), clickhouse_server.new_database()
    with (
        deployed(
            tmp_path / "servers",
            url,
            s3_server.new_bucket(),
            clickhouse_url,
            options=["--points-mirror"],
            before=PAUSED_MOVE.format(request=str(request)),
        ) as deployment,
        contextlib.ExitStack() as stack,
    ):
        pid = deployment.servers[0].pid
        stack.callback(os.kill, pid, signal.SIGCONT)
        (tmp_path / "script").mkdir()
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR")} | {
            "WEFT_MODE": "online", "WEFT_BASE_URL": deployment.url,
            "WEFT_API_KEY": deployment.servers[0].token, "WEFT_FINISH_TIMEOUT": "300",
        }  # fmt: skip
        script = subprocess.Popen(
            [sys.executable, str(SCRIPT), "run", "0.003"], cwd=tmp_path / "script",
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        stack.callback(script.communicate)
        stack.callback(script.kill)
        wait_until(lambda: query(url, LEASES), what="leases")
        request.touch()
        wait_until(lambda: is_paused(pid), secs=240, what="a move of the first server")
        paused_secs = time.monotonic()
        leases = {row for row in query(url, LEASES) if row[1].split(":")[1] == str(pid)}
        assert {name for name, _, _ in leases} >= OFTEN
        writing = "SELECT chunk FROM weft_metrics.chunk WHERE state = 0"
        intents = [number for (number,) in query(url, writing)]
        assert intents

        def are_taken_over() -> bool:
            now = {name: (owner, number) for name, owner, number in query(url, LEASES)}
            return all(
                name in now and now[name][0] != owner and now[name][1] > number
                for name, owner, number in leases
                if name in OFTEN
            )

        wait_until(are_taken_over, secs=PAUSE_SECS, what="leases of other servers")
        # An intent runs out after ten minutes. Then others move the rows.
        later = "UPDATE weft_metrics.chunk SET since = since - interval '11 minutes'"
        with psycopg.connect(url) as connection:
            connection.execute(f"{later} WHERE chunk = ANY(%s)".encode(), (intents,))
        numbers = ",".join(map(str, intents))
        run_out = f"SELECT FROM weft_metrics.chunk WHERE chunk IN ({numbers}) AND state = 0"
        wait_until(lambda: not query(url, run_out), what="the intent has run out")
        moved = f"""
            SELECT FROM weft_metrics.chunk JOIN weft_metrics.chunk paused USING (run, writer)
            WHERE paused.chunk IN ({numbers}) AND chunk.state = 1 AND chunk.chunk > paused.chunk
        """
        wait_until(lambda: query(url, moved), secs=120, what="the move of another server")
        # What is under test is a pause of a minute.
        time.sleep(max(0.0, PAUSE_SECS - (time.monotonic() - paused_secs)))
        os.kill(pid, signal.SIGCONT)

        wait_until(lambda: deployment.is_ready(0), what="the paused server is ready")
        # Of the leases that it had, it has those alone that no other server has taken.
        assert are_taken_over()
        own = weft.Api(
            f"http://127.0.0.1:{deployment.ports[0]}", api_key=deployment.servers[0].token
        )
        assert sum(1 for _ in own.run("local/cluster/run").scan_history(keys=["i"])) > 0
        (tmp_path / "script" / "enough").touch()
        _, errors = script.communicate(timeout=300)
        assert script.returncode == 0, errors
        n_logged = int((tmp_path / "script" / "run.n_rows").read_text())
        rows = list(own.run("local/cluster/run").scan_history(keys=["i", "value"]))
        assert [row["i"] for row in rows] == [*range(n_logged)]
        assert all(row["value"] == (row["i"] * 7919) % 1000 / 10 for row in rows)
        listed = f"SELECT FROM weft_metrics.chunk WHERE chunk IN ({numbers}) AND state = 1"
        assert query(url, listed) == []
        assert query(url, "SELECT spans FROM weft_metrics.writer").count(([0, n_logged - 1],)) == 1

        def is_mirrored() -> bool:
            clients = Clients(clickhouse_url)
            with contextlib.suppress(WeftError), contextlib.closing(clients):
                counts = clients.read("SELECT count(), uniqExact(key, row) FROM points")
                return counts == [(2 * n_logged, 2 * n_logged)]
            return False

        wait_until(is_mirrored, secs=120, what="the mirror has each point once")
