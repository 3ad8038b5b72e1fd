"""Rarer things that the official client does: console in parts, preemption, its command line."""

from __future__ import annotations

from at_length import at_length
from live_runs import LiveServer
from wandb_client import WandbClient

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


def test_console_in_parts_and_preemption(client: WandbClient, live: LiveServer) -> None:
    client.run(
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
def test_the_command_line_for_artifacts(client: WandbClient, live: LiveServer) -> None:
    (client.folder / "data").mkdir()
    (client.folder / "data" / "f.txt").write_text("content")
    put = client.command("artifact", "put", "-n", "rarer/byhand", "-t", "dataset", "data")
    assert put.exit_code == 0, put.stderr
    assert "byhand:v0" in client.command("artifact", "ls", "rarer").stderr
    got = client.command("artifact", "get", "rarer/byhand:latest", "--root", "got")
    assert got.exit_code == 0, got.stderr
    assert (client.folder / "got" / "f.txt").read_text() == "content"
    assert live.api.artifact("local/rarer/byhand:v0").type == "dataset"


@at_length
def test_runs_of_a_sweep_are_stopped_early_and_a_sweep_is_stopped(
    client: WandbClient, live: LiveServer
) -> None:
    said = client.run(EARLY, WANDB_AGENT_DISABLE_FLAPPING="true")
    trials = live.api.sweep(f"local/rarer/{said['id']}").trials()
    assert any(trial["stopped_early"] for trial in trials)
    assert {trial["state"] for trial in trials} == {"finished"}
    (client.folder / "sweep.yaml").write_text(
        "program: train.py\nmethod: random\nparameters:\n  x: {min: 0.0, max: 1.0}\n"
    )
    made = client.command("sweep", "--project", "rarer", "sweep.yaml")
    path = next(line.split()[-1] for line in made.stderr.splitlines() if "wandb agent" in line)
    assert client.command("sweep", "--stop", path).exit_code == 0
    assert live.api.sweep(path).state.lower() in {"stopped", "finished"}
