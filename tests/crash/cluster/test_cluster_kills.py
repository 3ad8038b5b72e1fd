"""Random faults of a whole cluster while scripts log through its proxy: each row and each printed
line is there once, so is the mirror of points, each file and artifact has its bytes, and answers
never become less.

Servers of weft, replicas of ClickHouse, ZooKeeper, PostgreSQL and S3 are killed or paused, or the
network between two of them is cut in silence. The clocks of the servers are hours apart.
`make test-kill ROUNDS=100` is the long form. Prints its seed and which faults there were.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
from cluster_files import ClusterFiles, check_artifact

import weft
from at_length import at_length
from clickhouse_cluster import ClickHouseCluster
from clickhouse_server import ClickHouseServer
from deployment import N_SERVERS, Deployment, deployed
from postgres_cluster import PostgresCluster
from relay import Relay
from s3_server import S3Server
from server_process import wait_until
from weft.errors import WeftError
from weft.server.storage.clickhouse.clients import Clients

SCRIPT = Path(__file__).with_name("cluster_script.py")
RUNS = {"quick": 0.001, "steady": 0.02, "slow": 0.2}
"""The pauses of each run's script between two rows, in seconds."""

LONGEST_FAULT_SECS = 3.0
LONG_CUT_SECS = 25.0
"""Longer than any server waits for an answer."""


class Cluster:
    """All parts, of which each may fail for a while."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.n_restored = 0
        self.postgres = PostgresCluster()
        stack.callback(self.postgres.stop)
        self.nodes = ClickHouseCluster(has_relays=True)
        stack.callback(self.nodes.stop)
        self.s3 = S3Server()
        stack.callback(self.s3.stop)

        def relay(port: int) -> Relay:
            return stack.enter_context(Relay(f"http://127.0.0.1:{port}"))

        self.to_postgres = [relay(self.postgres.port) for _ in range(N_SERVERS)]
        self.to_s3 = [relay(int(self.s3.url.rpartition(":")[2])) for _ in range(N_SERVERS)]
        self.to_nodes = {node_id: relay(node.port) for node_id, node in self.nodes.nodes.items()}
        metrics_url, self.metadata_url = self.nodes.new_database(), self.postgres.new_database()
        for node_id, node in self.nodes.nodes.items():
            metrics_url = metrics_url.replace(f":{node.port}", f":{self.to_nodes[node_id].port}")
        self.database = metrics_url.rpartition("/")[2]
        own_port = f":{self.postgres.port}/"
        self.deployment: Deployment = stack.enter_context(
            deployed(
                folder,
                [self.metadata_url.replace(own_port, f":{to.port}/") for to in self.to_postgres],
                self.s3.new_bucket(),
                metrics_url,
                options=["--points-mirror"],
                clock_secs=(0.0, 3600.0, -3600.0),
                s3_urls=[to.url for to in self.to_s3],
            )
        )
        self.url = self.deployment.url
        self.to_proxy = relay(self.deployment.port)
        self.key = self.deployment.servers[0].token

    def start_crashed(self) -> list[str]:
        """Start replicas that ended by themselves. ClickHouse 18.16 has segmentation faults in
        `ReplicatedMergeTreeQueue::tryFinalizeMutations`.
        """
        crashed = [node for node in self.nodes.nodes.values() if node.start_if_crashed()]
        return ["replica crashed"] * len(crashed)

    @contextlib.contextmanager
    def fault(self, name: str, chance: random.Random) -> Iterator[None]:
        """While the block lasts a part is away."""
        node_ids = [(shard, chance.choice("ab")) for shard in "12"]
        nodes = [self.nodes.nodes[node_id] for node_id in node_ids]
        node_id = chance.choice(node_ids)
        node = self.nodes.nodes[node_id]
        number = chance.randrange(len(self.deployment.servers))
        server = self.deployment.servers[number]
        pauses = {
            "replica paused": node.paused,
            "PostgreSQL paused": self.postgres.paused,
            "S3 paused": self.s3.paused,
        }
        if name == "server killed":
            server.kill()
            yield
            self.deployment.restart(number)
        elif name == "server paused":
            server.process.send_signal(signal.SIGSTOP)
            yield
            server.process.send_signal(signal.SIGCONT)
        elif name in pauses:
            with pauses[name]():
                yield
        elif name in CUTS:
            to_replica = self.nodes.to_replica
            relays = {
                "PostgreSQL cut from a server": [self.to_postgres[number]],
                "S3 cut from a server": [self.to_s3[number]],
                "replica cut from all servers": [self.to_nodes[node_id]],
                "replicas cut from each other": [
                    to_replica[node_id[0], "a"],
                    to_replica[node_id[0], "b"],
                ],
                "ZooKeeper cut from a replica": [self.nodes.to_zookeeper[node_id]],
                "scripts cut from all servers": [self.to_proxy],
            }
            for relay in relays[name]:
                relay.hold()
            yield
            knows_connections = chance.random() < 0.5  # a firewall that was restarted knows none
            for relay in relays[name]:
                if not knows_connections:
                    relay.refuse()
                    relay.listen()
                relay.pass_on()
        else:
            parts: dict[str, list[Any]] = {
                "replica killed": [node],
                "a replica of each shard killed": nodes,
                "shard killed": [
                    self.nodes.nodes[node_id] for node_id in (("1", "a"), ("1", "b"))
                ],
                "ZooKeeper killed": [self.nodes.zookeeper],
                "S3 killed": [self.s3],
            }
            if name == "PostgreSQL killed":
                self.postgres.halt()
            for part in parts.get(name, ()):
                part.kill()
            yield
            if name == "PostgreSQL killed":
                self.postgres.start()
            for part in parts.get(name, ()):
                if isinstance(part, ClickHouseServer):
                    self.n_restored += part.start_or_restore()
                else:
                    part.start()


CUTS = {
    "PostgreSQL cut from a server", "replica cut from all servers", "ZooKeeper cut from a replica",
    "scripts cut from all servers", "S3 cut from a server", "replicas cut from each other",
}  # fmt: skip
FAULTS = [
    "server killed", "server paused", "replica killed", "replica paused",
    "a replica of each shard killed", "shard killed", "ZooKeeper killed", "PostgreSQL killed",
    "PostgreSQL paused", "S3 killed", "S3 paused", *sorted(CUTS),
]  # fmt: skip

OF_ONE_PART = [
    {"server killed", "server paused"},
    {"replica killed", "replica paused", "a replica of each shard killed", "shard killed"},
    {"S3 killed", "S3 paused"},
]
"""Faults of which one excludes the others: a part that was killed can't be paused."""


def choose_faults(chance: random.Random) -> list[str]:
    """One or two faults that may be present at once."""
    names = chance.sample(FAULTS, chance.choice([1, 1, 1, 2]))
    if any("PostgreSQL" in name for name in names):  # a server that starts needs it
        return names[:1]
    if any(len(faults.intersection(names)) > 1 for faults in OF_ONE_PART):
        return names[:1]
    # The last one ends first: replicas need ZooKeeper to start, and servers S3.
    return sorted(names, key=lambda name: name.startswith(("ZooKeeper", "S3")))


def start_scripts(cluster: Cluster, folder: Path) -> list[subprocess.Popen[str]]:
    folder.mkdir()
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_RUNTIME_DIR")} | {
        "WEFT_MODE": "online", "WEFT_BASE_URL": cluster.to_proxy.url, "WEFT_API_KEY": cluster.key,
        "WEFT_FINISH_TIMEOUT": "300",
    }  # fmt: skip
    return [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), run, str(pause)],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for run, pause in RUNS.items()
    ]


def kill(scripts: list[subprocess.Popen[str]]) -> None:
    for script in scripts:
        script.kill()
        script.communicate()


def rows_of(api: weft.Api, run: str) -> list[dict[str, Any]]:
    return list(api.run(f"local/cluster/{run}").scan_history(keys=["i", "value"]))


def assert_first_rows(rows: list[dict[str, Any]], name: str) -> None:
    """They are the first rows of a run, each once and in order."""
    numbers = [row["i"] for row in rows]
    assert numbers == list(range(len(rows))), f"{name}: {Counter(numbers).most_common(3)}"
    assert all(row["value"] == (row["i"] * 7919) % 1000 / 10 for row in rows)


def read_now(api: weft.Api, run: str) -> list[dict[str, Any]] | None:
    """The rows of a run; None if a part that is away keeps them."""
    with contextlib.suppress(WeftError, httpx.HTTPError), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the run may be there before its first row
        return rows_of(api, run)
    return None


def lines_of(cluster: Cluster, run: str) -> list[str]:
    """The lines that the script of a run printed by itself."""
    lines: list[str] = []
    with httpx.Client(
        base_url=f"{cluster.url}/api/v1/projects/local/cluster/runs/{run}/",
        headers={"Authorization": f"Bearer {cluster.key}"}, timeout=60, trust_env=False,
    ) as client:  # fmt: skip
        while True:
            query = {"stream": "stdout", "start": len(lines), "limit": 10_000}
            page = client.get("logs", params=query).raise_for_status().json()
            lines += [line["text"] for line in page["lines"]]
            if not page["lines"] or len(lines) == page["total"]:
                return [line for line in lines if line.startswith("line ")]


@at_length
def test_random_faults_of_a_cluster_lose_and_double_nothing(tmp_path: Path, n_rounds: int) -> None:
    seed = int(os.environ.get("WEFT_TEST_SEED", str(time.time_ns() % 10**9)))
    print(f"\nseed {seed}, {n_rounds} rounds")
    chance = random.Random(seed)
    faults: Counter[str] = Counter()
    n_reads = n_refused = 0
    with contextlib.ExitStack() as stack:
        cluster = Cluster(tmp_path / "servers", stack)
        scripts = start_scripts(cluster, tmp_path / "scripts")
        stack.callback(kill, scripts)
        api = weft.Api(cluster.url, api_key=cluster.key)
        files = ClusterFiles(cluster.url, cluster.key)
        stack.callback(files.close)
        for run in RUNS:
            wait_until(lambda run=run: read_now(api, run), secs=120, what=f"rows of {run}")
        n_rows = dict.fromkeys(RUNS, 0)
        for nth in range(n_rounds):
            print(f"round {nth}: {n_rows}", flush=True)
            names = choose_faults(chance)
            with contextlib.ExitStack() as present:
                for name in names:
                    present.enter_context(cluster.fault(name, chance))
                    faults[name] += 1
                is_long = not CUTS.isdisjoint(names) and chance.random() < 0.2
                time.sleep(LONG_CUT_SECS if is_long else chance.uniform(0.1, LONGEST_FAULT_SECS))
                run = chance.choice(["steady", "slow"])  # few enough rows to read in each round
                if names[0] not in ("PostgreSQL killed", "PostgreSQL paused"):
                    rows = read_now(api, run)
                    n_reads, n_refused = n_reads + 1, n_refused + (rows is None)
                    if rows is not None:
                        assert_first_rows(rows, f"{run} during {names}")
                        assert len(rows) >= n_rows[run], f"fewer rows during {names}"
                        n_rows[run] = len(rows)
                    with contextlib.suppress(httpx.HTTPError):
                        files.check_one(run, chance)

            def has_new_rows(run: str = run) -> bool:
                faults.update(cluster.start_crashed())
                rows = read_now(api, run)
                return rows is not None and len(rows) > n_rows[run]

            wait_until(has_new_rows, secs=120, what=f"new rows of {run} after {names}")
        (tmp_path / "scripts" / "enough").touch()
        for script in scripts:
            _, errors = script.communicate(timeout=400)
            assert script.returncode == 0, errors
        for run in RUNS:
            n_logged = int((tmp_path / "scripts" / f"{run}.n_rows").read_text())
            rows = rows_of(api, run)
            assert len(rows) == n_logged, run
            assert api.run(f"local/cluster/{run}").state == "finished", run
            assert_first_rows(rows, run)
            expected = [f"line {i}" for i in range(0, n_logged, 10)]
            assert lines_of(cluster, run) == expected, run
            n_rows[run] = n_logged
            n_files = int((tmp_path / "scripts" / f"{run}.n_files").read_text())
            files.check_all(run, n_files)
            check_artifact(api, run, n_files, tmp_path / "artifacts")

        def is_mirrored() -> bool:
            faults.update(cluster.start_crashed())
            with contextlib.suppress(WeftError):
                return mirrored(cluster) == {run: 2 * n for run, n in n_rows.items()}
            return False

        wait_until(is_mirrored, secs=120, what="the mirror of all points")
        with psycopg.connect(cluster.metadata_url) as connection:
            row = connection.execute(
                "SELECT count(*), sum(n_bytes) FROM weft_metrics.chunk WHERE state = 1"
            ).fetchone()
    print("faults:", dict(faults))
    print(f"{cluster.n_restored} replicas were told to copy their parts again")
    print(f"{n_reads} reads during faults, {n_refused} of them refused; chunks and bytes: {row}")
    print(f"{files.n_read} files read")
    print(f"{sum(n_rows.values())} rows, each once: {n_rows}")
    print(f"{n_rounds} passed, 0 failed")


def mirrored(cluster: Cluster) -> Counter[str]:
    """The different points of each run in the mirror, on all shards; a doubled one is an error."""
    counts: Counter[str] = Counter()
    for shard in "12":
        port = cluster.nodes.nodes[shard, "a"].port
        clients = Clients(f"clickhouse://127.0.0.1:{port}/{cluster.database}")
        rows = clients.read("SELECT run, count(), uniqExact(key, row) FROM points GROUP BY run")
        clients.close()
        for run, n_points, n_different in rows:
            if n_points != n_different:
                return Counter()  # being written again
            counts[run.decode()] += n_points
    return counts
