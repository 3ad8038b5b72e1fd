"""Backup and restore of PostgreSQL, ClickHouse and S3 to one moment, as `docs/scale.md` has it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from at_length import at_length
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

ENDED: Final = f"""
import numpy as np
import weft
run = weft.init(project="p", id="ended")
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


@pytest.fixture
def new_clickhouse() -> Iterator[ClickHouseServer]:
    """The server that takes the place of one that was lost."""
    server = ClickHouseServer()
    yield server
    server.stop()


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

    def n_chunks(self) -> int:
        clients = Clients(self.metrics_url)
        try:
            ((n_chunks,),) = clients.read("SELECT count() FROM col WHERE key = 0")
            return n_chunks
        finally:
            clients.close()


def run_script_of_clickhouse(
    name: str, argument: str | Path, server: ClickHouseServer, database: str
) -> str:
    environment = os.environ | {
        "CLIENT": f"clickhouse-client --host 127.0.0.1 --port {server.port}",
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
    clickhouse_server: ClickHouseServer,
    new_clickhouse: ClickHouseServer,
    s3_bucket: NewBucket,
) -> None:
    before = Stores(postgres_cluster.new_metadata(), clickhouse_server.new_database(), s3_bucket)
    database = before.metrics_url.rpartition("/")[2]
    dump = tmp_path / "weft.dump"
    with before.start(tmp_path) as server, Relay(server.url) as relay:
        sends = {"WEFT_MODE": "online", "WEFT_BASE_URL": relay.url, "WEFT_CONSOLE": "wrap"}
        ended = start_script(tmp_path, ENDED, sends)
        live = start_script(tmp_path, LIVE, sends)
        wait_for(ended)
        wait_until(before.n_chunks, what="the rows of the ended run are a chunk")
        wait_until(lambda: len(values_of(server, "live")) > 50, what="rows are coming")
        postgres_cluster.dump(before.metadata_url, dump)
        n_dumped = len(values_of(server, "live"))
        frozen = run_script_of_clickhouse("backup.sh", "nightly", clickhouse_server, database)
        wait_for(start_script(tmp_path, LATER, sends))
        wait_until(lambda: len(values_of(server, "live")) > n_dumped + 50, what="more rows")
        server.kill()
        run_script_of_clickhouse("restore.sh", frozen, new_clickhouse, database)
        after = Stores(
            postgres_cluster.restored(dump),
            f"clickhouse://127.0.0.1:{new_clickhouse.port}/{database}",
            s3_bucket,
        )
        with after.start(tmp_path) as restored:
            checked = run_weft("server", "check", "--data", restored.data)
            assert checked.exit_code == 0, checked.stdout + checked.stderr
            relay.lead_to(restored.url)
            (tmp_path / "enough").touch()
            wait_for(live)
            synced = run_weft("sync", "--base-url", restored.url, cwd=tmp_path)
            assert synced.exit_code == 0, synced.stderr
            with httpx.Client(base_url=restored.url, trust_env=False, timeout=60) as client:
                assert values_of(restored, "ended") == list(range(N_ROWS))
                assert values_of(restored, "later") == list(range(10))
                files = client.get(f"{RUNS}/ended/files").raise_for_status().json()["files"]
                assert any(file["path"].endswith(".png") for file in files)
                for file in files:
                    client.get(f"{RUNS}/ended/files/{file['path']}").raise_for_status()
                info = client.get(f"{RUNS}/live").raise_for_status().json()
                n_rows = info["summary"]["n_rows"]
                assert values_of(restored, "live") == list(range(n_rows))
                lines = client.get(f"{RUNS}/live/logs", params={"limit": 10_000})
                texts = [line["text"] for line in lines.raise_for_status().json()["lines"]]
                assert texts.count(f"line {n_dumped}") == 1
                assert [text for text in texts if text.startswith("line ")] == [
                    f"line {i}" for i in range(n_rows)
                ]
