"""Backup and restore of PostgreSQL, ClickHouse and S3 to one moment, as `docs/scale.md` has it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from at_length import at_length
from clickhouse_cluster import ClickHouseCluster
from clickhouse_server import ClickHouseServer
from history_rows import history_rows
from postgres_cluster import PostgresCluster
from relay import Relay
from s3_server import NewBucket
from sdk_script import start_script
from server_process import ServerProcess, start_server, wait_until
from weft.server.storage.clickhouse.clients import Clients
from weft_command import run_weft

pytestmark = pytest.mark.timeout(600)

SCRIPTS: Final = Path(__file__).parents[4] / "deploy" / "clickhouse"
N_ROWS: Final = 5000  # so many are moved at once
RUNS: Final = "/api/v1/projects/local/p/runs"

N_ENDED: Final = 6  # each shard has some of them

ENDED: Final = f"""
import numpy as np
import weft
for nth in range({N_ENDED}):
    run = weft.init(project="p", id=f"ended{{nth}}")
    for i in range({N_ROWS}):
        run.log({{"i": i}})
    run.log({{"image": weft.Image(np.full((8, 8, 3), 7, np.uint8))}})
    run.finish()
"""

LATER: Final = """
import weft
run = weft.init(project="p", id="later")
for i in range(10):
    run.log({"i": i})
run.finish()
"""

LIVE: Final = """
import os, time
import weft
run = weft.init(project="p", id="live")
i = 0
while not os.path.exists("enough"):
    run.log({"i": i})
    print("line", i)
    i += 1
    time.sleep(0.01)
run.summary["n_rows"] = i
run.finish()
"""


class OneServer:
    """A ClickHouse of one server, and one that takes its place."""

    def __init__(self) -> None:
        self._server, self._successor = ClickHouseServer(), ClickHouseServer()
        self.url = self._server.new_database()
        self._database = self.url.rpartition("/")[2]
        self.successor_url = f"clickhouse://127.0.0.1:{self._successor.port}/{self._database}"

    def n_chunks(self) -> list[int]:
        """The chunks of each shard."""
        return [count_chunks(self._server, self._database)]

    def back_up(self) -> list[Path]:
        """The folder of each shard."""
        return [Path(run_script("backup.sh", "nightly", self._server, self._database))]

    def restore(self, folders: list[Path]) -> None:
        """Restore the successor."""
        run_script("restore.sh", folders[0], self._successor, self._database)

    def stop(self) -> None:
        self._server.stop()
        self._successor.stop()


class Cluster:
    """A ClickHouse of two shards of two replicas, and one that takes its place."""

    def __init__(self) -> None:
        self._cluster, self._successor = ClickHouseCluster(), ClickHouseCluster()
        self.url = self._cluster.new_database()
        self._database = self.url.rpartition("/")[2]
        self.successor_url = (
            f"{self._successor.new_database().rpartition('/')[0]}/{self._database}"
        )

    def n_chunks(self) -> list[int]:
        """The chunks of each shard."""
        return [count_chunks(self._cluster.nodes[shard, "a"], self._database) for shard in "12"]

    def back_up(self) -> list[Path]:
        """The folder of each shard, of one replica."""
        replicas = [self._cluster.nodes[node_id] for node_id in (("1", "a"), ("2", "b"))]
        return [Path(run_script("backup.sh", "nightly", r, self._database)) for r in replicas]

    def restore(self, folders: list[Path]) -> None:
        """Restore one replica of each shard of the successor; the other copies its parts."""
        for shard, folder in zip("12", folders, strict=True):
            first, second = (self._successor.nodes[shard, replica] for replica in "ab")
            run_script("restore.sh", folder, first, self._database)
            tables = folder.with_name(f"{folder.name}-tables")
            tables.mkdir()
            for file in folder.glob("*.sql"):
                shutil.copy(file, tables)
            run_script("restore.sh", tables, second, self._database)
            n_chunks = count_chunks(first, self._database)
            wait_until(
                lambda second=second, n_chunks=n_chunks: (
                    count_chunks(second, self._database) == n_chunks
                ),
                what="the other replica has the parts",
            )

    def stop(self) -> None:
        self._cluster.stop()
        self._successor.stop()


@pytest.fixture(params=[OneServer, Cluster])
def clickhouse(request: pytest.FixtureRequest) -> Iterator[OneServer | Cluster]:
    stores: OneServer | Cluster = request.param()
    yield stores
    stores.stop()


def count_chunks(server: ClickHouseServer, database: str) -> int:
    clients = Clients(f"clickhouse://127.0.0.1:{server.port}/{database}")
    try:
        ((n_chunks,),) = clients.read("SELECT count() FROM col WHERE key = 0")
        return n_chunks
    finally:
        clients.close()


class Stores:
    """A server's stores as its options."""

    def __init__(self, metadata_url: str, metrics_url: str, bucket: NewBucket) -> None:
        self.metadata_url = metadata_url
        self.metrics_url = metrics_url
        self._bucket = bucket

    def start(self, folder: Path) -> ServerProcess:
        return start_server(
            folder,
            "--metadata-url", self.metadata_url, "--metrics-url", self.metrics_url,
            "--files-url", self._bucket.url,
            env=self._bucket.environment,
        )  # fmt: skip


def run_script(name: str, argument: str | Path, server: ClickHouseServer, database: str) -> str:
    """The output of a script of `deploy/clickhouse`."""
    environment = os.environ | {
        "CLIENT": server.client,
        "DATABASE": database,
        "DATA": str(server.data),
    }
    return subprocess.run(
        [SCRIPTS / name, argument], env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.strip()


def wait_for(script: subprocess.Popen[str]) -> None:
    _, stderr = script.communicate(timeout=200)
    assert script.returncode == 0, stderr


def values_of(server: ServerProcess, run: str) -> list[int]:
    return [row["i"] for row in history_rows(server.url, run, "i") if "i" in row]


@at_length
def test_all_stores_are_restored_to_one_moment_and_runs_send_what_is_missing(
    tmp_path: Path,
    postgres_cluster: PostgresCluster,
    clickhouse: OneServer | Cluster,
    s3_bucket: NewBucket,
) -> None:
    before = Stores(postgres_cluster.new_metadata(), clickhouse.url, s3_bucket)
    dump = tmp_path / "weft.dump"
    with before.start(tmp_path) as server, Relay(server.url) as relay:
        sends = {"WEFT_MODE": "online", "WEFT_BASE_URL": relay.url, "WEFT_CONSOLE": "wrap"}
        ended = start_script(tmp_path, ENDED, sends)
        live = start_script(tmp_path, LIVE, sends)
        wait_for(ended)
        wait_until(lambda: all(clickhouse.n_chunks()), what="each shard has chunks")
        wait_until(lambda: sum(clickhouse.n_chunks()) >= N_ENDED, what="ended runs are chunks")
        wait_until(lambda: len(values_of(server, "live")) > 50, what="rows are coming")
        postgres_cluster.dump(before.metadata_url, dump)
        n_dumped = len(values_of(server, "live"))
        frozen = clickhouse.back_up()
        wait_for(start_script(tmp_path, LATER, sends))
        wait_until(lambda: len(values_of(server, "live")) > n_dumped + 50, what="more rows")
        server.kill()
        clickhouse.restore(frozen)
        after = Stores(postgres_cluster.restored(dump), clickhouse.successor_url, s3_bucket)
        with after.start(tmp_path) as restored:
            checked = run_weft("server", "check", "--data", restored.data)
            assert checked.exit_code == 0, checked.stdout + checked.stderr
            relay.lead_to(restored.url)
            (tmp_path / "enough").touch()
            wait_for(live)
            synced = run_weft("sync", "--base-url", restored.url, cwd=tmp_path)
            assert synced.exit_code == 0, synced.stderr
            with httpx.Client(base_url=restored.url, trust_env=False, timeout=60) as client:
                for nth in range(N_ENDED):
                    run = f"ended{nth}"
                    assert values_of(restored, run) == list(range(N_ROWS))
                    files = client.get(f"{RUNS}/{run}/files").raise_for_status().json()["files"]
                    assert any(file["path"].endswith(".png") for file in files)
                    for file in files:
                        client.get(f"{RUNS}/{run}/files/{file['path']}").raise_for_status()
                assert values_of(restored, "later") == list(range(10))
                info = client.get(f"{RUNS}/live").raise_for_status().json()
                n_rows = info["summary"]["n_rows"]
                assert values_of(restored, "live") == list(range(n_rows))
                lines = client.get(f"{RUNS}/live/logs", params={"limit": 10_000})
                texts = [line["text"] for line in lines.raise_for_status().json()["lines"]]
                assert texts.count(f"line {n_dumped}") == 1
                assert [text for text in texts if text.startswith("line ")] == [
                    f"line {i}" for i in range(n_rows)
                ]
