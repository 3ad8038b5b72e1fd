"""P2 of the field report, 17, 20 and 21: calls of `log` that hold the training loop up.

Each test runs the script of a complaint and asserts what its author expected. Nothing is timed:
what would cost the time is counted, or compared with the same loop without a log.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from at_length import at_length
from fault_server import FaultServer
from live_runs import LiveServer, await_no_sidecar
from relay import Relay
from sdk_script import run_well, start_script
from server_process import wait_until
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)


# -- 17 ---


@at_length
def test_p2_17_wandb_8666_log_does_not_wait_for_the_network(
    tmp_path: Path, live: LiveServer
) -> None:
    # "blocks the training loop periodically": 40 it/s, 20 it/s, 40 it/s.
    with live.held_up():
        script = start_script(
            tmp_path,
            """
            import weft
            run = weft.init(id="periodic")
            for n in range(50_000):
                run.log({"loss": 1.0 / (n + 1), "grad": 0.5, "lr": 1e-4, "n": n, "tokens": 512})
            print("done", flush=True)
            """,
            live.environment,
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "done\n", "and not one byte was taken meanwhile"
    _, stderr = script.communicate(timeout=180)
    assert script.returncode == 0, stderr
    assert live.ended("periodic").state == "finished"
    assert live.values("periodic", "n") == list(range(50_000))


def test_p2_17_wandb_3690_log_is_one_write_and_leaves_no_work_to_threads(
    tmp_path: Path, live: LiveServer
) -> None:
    # "~2x slowdown" by logging each batch: here a call writes its row and that is all.
    run_well(
        tmp_path,
        """
        import threading, weft
        run = weft.init(id="each-batch")
        (log,) = run.directory.glob("*.weft")
        run.log({"loss": 0.5, "n": 0})
        sizes = [log.stat().st_size]
        for n in range(1, 100):
            run.log({"loss": 0.5, "n": n})
            sizes.append(log.stat().st_size)
        assert all(new > old for old, new in zip(sizes, sizes[1:])), "nothing waits in the process"
        assert threading.active_count() == 1
        """,
        {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"},
        is_forked=False,
    )
    assert live.values("each-batch", "n") == list(range(100))


EPISODES = """
    import json, struct, sys, time, weft, zlib

    class EventFile:
        # Writes as a summary writer does: framed, checksummed records, each flushed.
        def __init__(self, path):
            self.file = open(path, "wb")
        def add_scalar(self, tag, value, step):
            event = json.dumps({"wall_time": time.time(), "step": step, "tag": tag, "value": value,
                                "metadata": {"plugin": "scalars", "n": list(range(60))}}).encode()
            for part in (struct.pack("<Q", len(event)), event):
                self.file.write(part + struct.pack("<I", zlib.crc32(part)))
            self.file.flush()

    def train(run, n):
        start = time.thread_time()
        writer = EventFile("events.out.tfevents")
        for episode in range(n):
            scalars = {"charts/reward": episode, "charts/sigma": 0.1, "losses/td_loss": 0.5}
            for tag, value in scalars.items():
                writer.add_scalar(tag, value, episode)
            run.log(scalars, step=episode)
        return time.thread_time() - start

    runs = {mode: weft.init(id=f"w950-{mode}", mode=mode, reinit="create_new")
            for mode in ("disabled", "online")}
    for run in runs.values():
        train(run, 100)
    # In turns: what slows the machine down for a while slows both.
    rounds = [{mode: train(run, 861) for mode, run in runs.items()} for _ in range(3)]
    for run in runs.values():
        run.finish()
    costs = {mode: min(costs[mode] for costs in rounds) for mode in runs}
    print(json.dumps(costs))
    """


@at_length
def test_p2_17_wandb_950_logging_beside_a_tensorboard_writer_costs_its_loop_little(
    tmp_path: Path, live: LiveServer
) -> None:
    # Patching TensorBoard made 861 episodes with three scalars each 4.6 times as slow. Here the
    # same scalars go to both, and what the thread of the training computes is compared.
    costs = json.loads(run_well(tmp_path, EPISODES, live.environment).stdout)
    assert costs["online"] < 2 * costs["disabled"], costs
    rows = live.run("w950-online").scan_history(keys=["losses/td_loss"])
    assert len(list(rows)) == 100 + 3 * 861


# -- 20, 21 ---


@at_length
def test_p2_20_mlflow_1550_a_fast_loop_neither_waits_for_a_server_nor_dies_without_one(
    tmp_path: Path, live: LiveServer
) -> None:
    # Epochs are short beside the calls that log them; and an "experiment that has an temporarily
    # unreachable Tracking URI defined, will die".
    with Relay(live.url) as relay:
        relay.refuse()
        script = start_script(
            tmp_path,
            """
            import sys, weft
            run = weft.init(id="mlflow-1550")
            for epoch in range(1000):
                run.log({"epoch": epoch})
            print("trained", flush=True)
            sys.stdin.readline()
            """,
            {**live.environment, "WEFT_BASE_URL": relay.url},
            stdin=-1,
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "trained\n"
        assert not live.has("mlflow-1550")
        relay.listen()
        wait_until(lambda: live.has("mlflow-1550"), what="the run, once the server is there")
        _, stderr = script.communicate("\n", timeout=180)
        assert script.returncode == 0, stderr
    assert live.ended("mlflow-1550").state == "finished"
    assert live.values("mlflow-1550", "epoch") == list(range(1000))


@at_length
@pytest.mark.parametrize(
    "switch", ["mode='online'", "mode='shared'", "settings={'mode': 'online'}"]
)
def test_p2_20_azure_sdk_for_python_45403_no_switch_makes_log_wait_for_an_answer(
    switch: str,
    tmp_path: Path,
    live: LiveServer,
) -> None:
    # `log_metrics` took 700 ms for each of 20 calls, whether asynchronous logging was switched on
    # or not: it waited for the service's answer.
    run_id = (
        f"azure-{switch.partition('=')[2].strip('{}').replace(chr(39), '').replace(': ', '-')}"
    )
    with live.held_up():
        script = start_script(
            tmp_path,
            f"""
            import psutil, sys, weft
            run = weft.init(id={run_id!r}, {switch})
            for step in range(20):
                run.log({{"metric": step}})
                assert not psutil.Process().net_connections()
            print("logged", flush=True)
            sys.stdin.readline()
            """,
            live.environment,
            stdin=-1,
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "logged\n", "though the server has answered nothing"
    wait_until(lambda: live.has(run_id) and live.values(run_id, "metric") == list(range(20)))
    _, stderr = script.communicate("\n", timeout=180)
    assert script.returncode == 0, stderr


def test_p2_20_mlflow_1867_rows_share_requests(
    tmp_path: Path, live: LiveServer, faulty: FaultServer
) -> None:
    # A handshake per metric there: here 5,000 rows of 10 metrics go in a handful of requests.
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="handshakes") as run:
            for n in range(5000):
                run.log({f"metric-{k}": n * k for k in range(10)})
        """,
        {**live.environment, "WEFT_BASE_URL": faulty.url},
    )
    assert len(faulty.uploads) < 50
    await_no_sidecar()  # it has the log until then
    assert sync([tmp_path], base_url=live.url) == 0
    assert live.values("handshakes", "metric-9") == [9 * n for n in range(5000)]


@at_length
def test_p2_21_aim_2875_a_thousand_metrics_a_row_need_few_requests(
    tmp_path: Path, live: LiveServer, faulty: FaultServer
) -> None:
    # 2.5 minutes to send 1,000 metrics, one by one. Here ten rows of them are 10,000 values.
    run_well(
        tmp_path,
        """
        import weft
        with weft.init(id="thousand") as run:
            for n in range(10):
                run.log({f"metric-{k}": n + k for k in range(1000)})
        """,
        {**live.environment, "WEFT_BASE_URL": faulty.url},
    )
    assert len(faulty.uploads) < 50
    await_no_sidecar()  # it has the log until then
    assert sync([tmp_path], base_url=live.url) == 0
    rows = live.rows("thousand")
    assert [row["metric-999"] for row in rows] == list(range(999, 1009))
    assert all(len(row) == 1003 for row in rows)
