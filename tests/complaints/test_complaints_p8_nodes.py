"""P8 of the field report, 56: system metrics of every node.

Each test runs the scripts of a complaint and asserts what its author expected. A test of a hang
needs a bound; those here are generous, and nothing else is timed.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from at_length import at_length
from live_runs import LiveServer
from sdk_script import logs_in, records_of, start_script
from server_process import wait_until
from weft.records.record import Key, Schema, System

pytestmark = pytest.mark.timeout(300)


TRAINED_ON_A_NODE = """
    import sys, weft
    run = weft.init(id="{run_id}")
    run.log({{"a": 1}})
    print("ready", flush=True)
    sys.stdin.readline()
    """


def start_nodes(
    folder: Path, run_id: str, environment: dict[str, str], *labels: dict[str, str]
) -> dict[Path, subprocess.Popen[str]]:
    """Scripts of one run, each as if on a machine of its own, by their folders."""
    nodes: dict[Path, subprocess.Popen[str]] = {}
    for k, variables in enumerate(labels):
        node = folder / f"node-{k}"
        (node / "runtime").mkdir(parents=True)
        nodes[node] = start_script(
            node,
            TRAINED_ON_A_NODE.format(run_id=run_id),
            {
                **environment, "WEFT_SYSTEM_INTERVAL": "0.2", "WANDB_HOST": node.name,
                "XDG_RUNTIME_DIR": str(node / "runtime"), **variables,
            },
            stdin=-1,
        )  # fmt: skip
    return nodes


def system_samples(log: Path) -> list[dict[str, float]]:
    """The system samples of one log, with their keys."""
    keys = {key.key_id: key.name for key in records_of(log, Key)}
    schemas = {schema.schema_id: schema.key_ids for schema in records_of(log, Schema)}
    samples: list[dict[str, float]] = []
    for sample in records_of(log, System):
        names = [keys[key_id] for key_id in schemas[sample.schema_id]]
        samples.append(dict(zip(names, sample.values, strict=True)))
    return samples


def move_bytes(n_bytes: int) -> None:
    """Send so many bytes over the loopback interface, from this process to itself."""
    part = bytes(1 << 20)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as sender,
    ):
        receiver, _ = listener.accept()
        with receiver:
            for _ in range(n_bytes // len(part)):
                threading.Thread(target=sender.sendall, args=(part,)).start()
                n_left = len(part)
                while n_left:
                    n_left -= len(receiver.recv(n_left))


@contextmanager
def inference_service(n_bytes: int) -> Iterator[None]:
    """A process beside the script's tree that uses so much memory."""
    code = f"held = bytearray(b'x') * {n_bytes}; print('ready', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "ready\n"
        yield
        service.communicate("\n", timeout=180)


def samples_of(folder: Path) -> list[dict[str, float]]:
    """The system samples of the runs below a folder that are figures of the machine, too."""
    samples: list[dict[str, float]] = []
    for log in logs_in(folder):
        samples += [sample for sample in system_samples(log) if "system.memory_percent" in sample]
    return samples


def n_points(live: LiveServer, run_id: str) -> dict[str, int]:
    """The number of values of each metric of a run on the server, `system.` ones included."""
    answer = httpx.get(
        f"{live.url}/api/v1/projects/local/tests/metrics",
        params={"runs": run_id},
        headers={"Authorization": f"Bearer {live.process.token}"},
    )
    return {metric["key"]: metric["n_points"] for metric in answer.json()["metrics"]}


@at_length
def test_p8_56_wandb_7470_the_hardware_of_every_node_is_seen(
    tmp_path: Path, live: LiveServer
) -> None:
    # The overview "only reports what the current node is equipped with".
    torchrun = [{"RANK": str(k), "WORLD_SIZE": "2", "GROUP_RANK": str(k)} for k in range(2)]
    nodes = start_nodes(tmp_path, "nodes", live.environment, *torchrun)
    wait_until(lambda: all(map(samples_of, nodes)), what="samples of both nodes")
    for script in nodes.values():
        _, stderr = script.communicate("\n", timeout=180)
        assert script.returncode == 0, stderr
    assert live.ended("nodes").state == "finished"
    systems = [w for w in live.run("nodes").writers if w.labels.get("process") == "system"]
    nodes_seen = {(writer.host, writer.labels["node"]) for writer in systems}
    assert nodes_seen == {("node-0", "0"), ("node-1", "1")}


@at_length
def test_p8_56_wandb_9571_use_by_other_process_trees_is_measured_too(
    tmp_path: Path, live: LiveServer
) -> None:
    # Only what the process tree of the training used was monitored; "I'm running an inference
    # service on the same node, but they don't share process tree". That was about GPUs, which a
    # test can't count on and weft does not measure. The rule is shown for network and memory, of
    # which other processes use 64 and 512 MiB: the node's figures have them, the script's do not.
    nodes = start_nodes(tmp_path, "shared-node", live.environment, {})
    wait_until(lambda: samples_of(tmp_path), what="a sample before")
    before = samples_of(tmp_path)[-1]
    move_bytes(64 << 20)
    wait_until(
        lambda: (
            samples_of(tmp_path)[-1]["system.network.recv"]
            >= before["system.network.recv"] + (64 << 20)
        ),
        what="a sample that has the network's use",
    )

    def is_service_seen() -> bool:
        # Whatever else runs on this machine may free as much meanwhile: then it is tried again.
        before = samples_of(tmp_path)
        with inference_service(1 << 29):
            n_needed = len(samples_of(tmp_path)) + 2  # the first may have been begun before
            wait_until(lambda: len(samples_of(tmp_path)) >= n_needed, what="further samples")
            beside = samples_of(tmp_path)[-1]
        available = "system.proc.memory.availableMB"
        return beside[available] < before[-1][available] - 256

    wait_until(is_service_seen, what="a sample that has the service's memory")
    of_tree = [
        sample["system.proc.memory.rssMB"]
        for log in logs_in(tmp_path)
        for sample in system_samples(log)
        if "system.proc.memory.rssMB" in sample
    ]
    assert 0 < max(of_tree) < 256
    for script in nodes.values():
        _, stderr = script.communicate("\n", timeout=180)
        assert script.returncode == 0, stderr
    assert live.ended("shared-node").state == "finished"
    assert n_points(live, "shared-node")["system.network.recv"] == len(samples_of(tmp_path))


@at_length
def test_p8_56_wandb_5078_a_node_s_samples_neither_replace_another_s_nor_end_with_it(
    tmp_path: Path, live: LiveServer
) -> None:
    # System metrics from every node, though all share one run and nothing but its id is set: no
    # launcher's variable says that these are nodes.
    nodes = start_nodes(tmp_path, "plain-nodes", live.environment, {}, {})
    wait_until(lambda: all(map(samples_of, nodes)), what="samples of both nodes")
    (first, script), (second, other) = nodes.items()
    _, stderr = script.communicate("\n", timeout=180)
    assert script.returncode == 0, stderr
    n_before = len(samples_of(second))
    wait_until(lambda: len(samples_of(second)) > n_before + 1, what="samples of the other node")
    assert live.run("plain-nodes").state == "running"
    _, stderr = other.communicate("\n", timeout=180)
    assert other.returncode == 0, stderr
    assert live.ended("plain-nodes").state == "finished"
    n_all = len(samples_of(first)) + len(samples_of(second))
    assert n_points(live, "plain-nodes")["system.memory_percent"] == n_all
    writers = live.run("plain-nodes").writers
    hosts = {w.host for w in writers if w.labels.get("process") == "system"}
    assert hosts == {"node-0", "node-1"}
