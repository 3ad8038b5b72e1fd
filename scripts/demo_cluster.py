"""`make demo-cluster`: three servers of weft over a cluster of stores, while parts of it die.

PostgreSQL, ClickHouse as two shards of two replicas with ZooKeeper, an S3 server, and three
servers of weft behind a proxy. A script logs through the proxy and a chart follows it; meanwhile a
replica and a server are killed and come back. In the end each row must be there once. With
`--once` it ends by itself, and the exit code tells.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Final

import httpx
import psycopg

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/support/data"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/support/scripts"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/support/servers"))
sys.path.append(str(Path(__file__).resolve().parents[1] / "tests/support/stores"))

import weft
from chart_questions import read_panels
from clickhouse_cluster import ClickHouseCluster
from deployment import Deployment, deployed
from postgres_cluster import PostgresCluster
from s3_server import S3Server
from sdk_script import start_script
from server_process import wait_until

PROJECT: Final = "cluster"
RUN: Final = "live"
N_FIRST: Final = 6000
"""Rows that are logged at once: enough to be moved to ClickHouse immediately."""

N_MORE: Final = 100
"""Rows that the chart must grow by after each fault."""

SCRIPT: Final = f"""
import itertools
import pathlib
import time
import weft

run = weft.init(project="{PROJECT}", id="{RUN}")
for i in itertools.count():
    run.log({{"i": i, "loss": 1 / (1 + i / 1000)}})
    if i >= {N_FIRST}:
        time.sleep(0.01)
        if pathlib.Path("enough").exists():
            break
run.finish()
print(i + 1)
"""


class LiveChart(threading.Thread):
    """A chart of the run's loss, asked for through the proxy again and again.

    Attributes:
        n_points: the number of points of the latest chart.
        n_charts: how many were drawn.
        n_retries: requests that a dying server did not answer.
        pause_secs: the longest time without a chart.
        trouble: a chart that had fewer points than an earlier one.
    """

    def __init__(self, url: str, key: str) -> None:
        super().__init__(name="live-chart", daemon=True)
        self._client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=10, trust_env=False
        )
        self.is_over = threading.Event()
        self.n_points = self.n_charts = self.n_retries = 0
        self.pause_secs = 0.0
        self.trouble: str | None = None

    def run(self) -> None:
        latest = time.monotonic()
        while not self.is_over.wait(0.1):
            n_points = self._draw()
            if n_points is None:
                self.n_retries += self.n_charts > 0
                continue
            if n_points < self.n_points:
                self.trouble = f"a chart had {n_points} points after one of {self.n_points}"
            now = time.monotonic()
            if self.n_charts:
                self.pause_secs = max(self.pause_secs, now - latest)
            latest = now
            self.n_charts += 1
            self.n_points = n_points

    def _draw(self) -> int | None:
        """The number of points in a chart; None if there was no answer, or no such run yet."""
        body = {"panels": [{"runs": [RUN], "keys": ["loss"]}], "full": True}
        try:
            answer = self._client.post(f"/api/v1/projects/local/{PROJECT}/series", json=body)
        except httpx.HTTPError:
            return None
        if answer.status_code != 200:
            return None
        (rows,) = read_panels(answer)
        return sum(n for row in rows for n in row["count"])

    def wait_for(self, n_points: int) -> None:
        """Wait until the chart has so many points.

        Raises:
            SystemExit: it lost some.
        """
        wait_until(
            lambda: self.trouble or self.n_points >= n_points,
            secs=120, what=f"a chart of {n_points} points",
        )  # fmt: skip
        if self.trouble:
            raise SystemExit(self.trouble)


class Demo:
    """The stores, the servers, and the key of the servers' own user."""

    def __init__(self, nodes: ClickHouseCluster, metadata_url: str, weft_: Deployment) -> None:
        self._nodes = nodes
        self._metadata_url = metadata_url
        self._weft = weft_
        self.url = weft_.url
        self.key = weft_.servers[0].token

    def sign_in_link(self) -> str:
        """An address that signs one browser in, once."""
        answer = httpx.post(
            f"{self.url}/api/v1/server/login-addresses",
            headers={"Authorization": f"Bearer {self.key}"}, timeout=30, trust_env=False,
        )  # fmt: skip
        return answer.raise_for_status().json()["url"]

    def script(self, folder: Path) -> subprocess.Popen[str]:
        """Start a script that logs until it finds a file `enough`, and prints how many rows."""
        folder.mkdir()
        environment = {
            "WEFT_MODE": "online", "WEFT_BASE_URL": self.url, "WEFT_API_KEY": self.key,
            "WEFT_SILENT": "true",
        }  # fmt: skip
        return start_script(folder, SCRIPT, environment)

    def wait_for_move(self) -> str:
        """Wait until both replicas of a shard have rows of the run; returns its name."""

        def shard() -> str | None:
            with psycopg.connect(self._metadata_url) as connection:
                row = connection.execute(
                    "SELECT shard FROM weft_metrics.chunk WHERE state = 1 AND copied LIMIT 1"
                ).fetchone()
            return None if row is None else row[0]

        return str(wait_until(shard, secs=120, what="rows on two replicas"))

    def fail(self, chart: LiveChart) -> None:
        """Kill a replica and a server under the chart, and start them again."""
        shard = self.wait_for_move()
        replica = self._nodes.nodes[shard, "a"]
        replica.kill()
        print(f"  killed replica a of ClickHouse's shard {shard}", flush=True)
        chart.wait_for(chart.n_points + N_MORE)
        print(f"  the chart goes on: {chart.n_points} points", flush=True)
        self._weft.servers[0].kill()
        print("  killed server 1 of 3", flush=True)
        chart.wait_for(chart.n_points + N_MORE)
        print(f"  the chart goes on: {chart.n_points} points", flush=True)
        replica.start()
        self._weft.restart(0)
        print("  started both again", flush=True)
        chart.wait_for(chart.n_points + N_MORE)

    def check(self, n_rows: int) -> None:
        """Read the run back through the proxy.

        Raises:
            SystemExit: rows are missing, doubled or wrong.
        """
        run = weft.Api(self.url, api_key=self.key).run(f"local/{PROJECT}/{RUN}")
        rows = list(run.scan_history(keys=["i", "loss"]))
        expected = [(i, 1 / (1 + i / 1000)) for i in range(n_rows)]
        if [(row["i"], row["loss"]) for row in rows] != expected:
            raise SystemExit(f"{n_rows} rows were logged, and {len(rows)} are there")
        print(f"  read back: {len(rows)} rows, each once", flush=True)


@contextlib.contextmanager
def started(folder: Path) -> Generator[Demo]:
    """Start all of it, and end it."""
    with contextlib.ExitStack() as stack:
        print("  starting PostgreSQL, ClickHouse (2 shards x 2 replicas), S3", flush=True)
        postgres = PostgresCluster()
        stack.callback(postgres.stop)
        nodes = ClickHouseCluster()
        stack.callback(nodes.stop)
        bucket = S3Server()
        stack.callback(bucket.stop)
        print("  starting three servers of weft behind Caddy", flush=True)
        metadata_url = postgres.new_database()
        deployment = stack.enter_context(
            deployed(folder, metadata_url, bucket.new_bucket(), nodes.new_database())
        )
        yield Demo(nodes, metadata_url, deployment)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true")
    is_once = parser.parse_args().once
    folder = Path(tempfile.mkdtemp(prefix="weft-demo-"))
    try:
        with started(folder) as demo:
            print(f"\n  weft is at   {demo.url}/local/{PROJECT}", flush=True)
            print(f"  sign in at   {demo.sign_in_link()}\n", flush=True)
            script = demo.script(folder / "script")
            chart = LiveChart(demo.url, demo.key)
            chart.start()
            chart.wait_for(N_FIRST)
            print(f"  a script logs, and its chart has {chart.n_points} points", flush=True)
            demo.fail(chart)
            if not is_once:
                # Not Ctrl-C, which a terminal sends to the stores, too.
                input("  Enter stops the script, checks its rows and ends the demo\n")
            (folder / "script" / "enough").touch()
            output, errors = script.communicate(timeout=120)
            if script.returncode:
                raise SystemExit(f"the script ended with code {script.returncode}: {errors}")
            n_rows = int(output.split()[-1])
            chart.wait_for(n_rows)
            chart.is_over.set()
            chart.join()
            print(
                f"  the chart was drawn {chart.n_charts} times, at the longest "
                f"{chart.pause_secs:.1f} s apart; {chart.n_retries} requests were repeated",
                flush=True,
            )
            demo.check(n_rows)
    except (KeyboardInterrupt, EOFError):
        print("\n  ended without a check", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
