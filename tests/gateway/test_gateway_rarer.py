"""Rarer things that the official client does: console in parts, preemption, its command line."""

from __future__ import annotations

import socket
from pathlib import Path
from struct import pack

from at_length import at_length
from live_runs import LiveServer
from wandb_client import WandbClient
from wandb_log import field
from weft_command import run_weft

EARLY = """
import time
config = {
    "method": "grid", "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"q": {"values": [1, 2, 3, 4, 50, 60]}},
    "early_terminate": {"type": "hyperband", "min_iter": 3, "eta": 2, "s": 3},
}
sweep = wandb.sweep(config, project="rarer")
def train():
    run = wandb.init(settings=wandb.Settings(x_file_stream_transmit_interval=1))
    for i in range(40):
        run.log({"loss": run.config["q"] - i / 100})
        time.sleep(0.15)
    run.finish()
wandb.agent(sweep, function=train, project="rarer", count=6)
say(id=sweep)
"""


def test_console_in_parts_and_preemption(wandb_client: WandbClient, live: LiveServer) -> None:
    wandb_client.run(
        "settings = wandb.Settings(console_multipart=True, console_chunk_max_bytes=200)\n"
        "run = wandb.init(project='rarer', id='parts', settings=settings)\n"
        "for i in range(30): print('line', i)\n"
        "run.log({'a': 1}); run.mark_preempting(); run.finish(exit_code=1)",
        exit_code=None,
    )
    run = live.api.run("local/rarer/parts")
    assert run.state == "preempted"
    assert [line.text for line in run.console_logs()] == [f"line {i}" for i in range(30)]
    assert any(file.name.startswith("logs/output") for file in run.files())


@at_length
def test_the_command_line_for_artifacts(wandb_client: WandbClient, live: LiveServer) -> None:
    (wandb_client.folder / "data").mkdir()
    (wandb_client.folder / "data" / "f.txt").write_text("content")
    put = wandb_client.command("artifact", "put", "-n", "rarer/byhand", "-t", "dataset", "data")
    assert put.exit_code == 0, put.stderr
    assert "byhand:v0" in wandb_client.command("artifact", "ls", "rarer").stderr
    got = wandb_client.command("artifact", "get", "rarer/byhand:latest", "--root", "got")
    assert got.exit_code == 0, got.stderr
    assert (wandb_client.folder / "got" / "f.txt").read_text() == "content"
    assert live.api.artifact("local/rarer/byhand:v0").type == "dataset"


@at_length
def test_runs_of_a_sweep_are_stopped_early_and_a_sweep_is_stopped(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    output = wandb_client.run(EARLY, WANDB_AGENT_DISABLE_FLAPPING="true")
    trials = live.api.sweep(f"local/rarer/{output['id']}").trials()
    assert any(trial["stopped_early"] for trial in trials)
    assert {trial["state"] for trial in trials} == {"finished"}
    (wandb_client.folder / "sweep.yaml").write_text(
        "program: train.py\nmethod: random\nparameters:\n  x: {min: 0.0, max: 1.0}\n"
    )
    created = wandb_client.command("sweep", "--project", "rarer", "sweep.yaml")
    path = next(line.split()[-1] for line in created.stderr.splitlines() if "wandb agent" in line)
    assert wandb_client.command("sweep", "--stop", path).exit_code == 0
    assert live.api.sweep(path).state.lower() in {"stopped", "finished"}


TENSORBOARD = """
run = wandb.init(project="rarer", id="board", mode="offline")
run._tensorboard_callback("logs", root_logdir=".")  # what sync_tensorboard=True calls
run.finish()
"""


@at_length
def test_rows_of_tensorboard_that_were_logged_offline_are_imported(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    (wandb_client.folder / "logs").mkdir()
    name = f"events.out.tfevents.9999999999.{socket.gethostname()}"
    write_scalars(wandb_client.folder / "logs" / name, [1.0, 0.5])
    wandb_client.run(TENSORBOARD)
    [directory] = wandb_client.folder.glob("wandb/offline-run-*")
    # The client's own program crashes on its record of the folder before it sends a row.
    assert wandb_client.command("sync", directory).exit_code != 0
    imported = ["import", "wandb", directory, "--project", "imported"]
    done = run_weft(*imported, "--base-url", live.url)
    assert done.exit_code == 0, done.stderr
    assert "not imported" not in done.stdout
    run = live.api.run("local/imported/board")
    rows = run.scan_history()
    assert [(row["global_step"], row["logs/loss"]) for row in rows] == [(0, 1.0), (10, 0.5)]
    axes = {definition["name"]: definition["step_metric"] for definition in run.definitions}
    assert axes == {"global_step": None, "logs/loss": "global_step"}


def write_scalars(path: Path, values: list[float]) -> None:
    """Write an event file of TensorBoard with a metric `loss` at the steps 0, 10, …"""
    events = [field(1, 1e9 + n) + field(2, n * 10) + field(5, field(1, field(1, "loss") + (
        b"\x15" + pack("<f", value)
    ))) for n, value in enumerate(values)]  # fmt: skip
    records = [field(1, 1e9) + field(3, "brain.Event:2"), *events]
    with path.open("wb") as file:
        for record in records:
            length = pack("<Q", len(record))
            file.write(length + masked_crc32c(length) + record + masked_crc32c(record))


def masked_crc32c(data: bytes) -> bytes:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
