"""Sweeps of the official client, with its own agents."""

from __future__ import annotations

from at_length import at_length
from live_runs import LiveServer
from wandb_client import WandbClient

GRID = """
config = {
    "method": "grid", "metric": {"name": "loss", "goal": "minimize"}, "name": "grid",
    "parameters": {
        "lr": {"values": [0.3, 0.1, 0.2]}, "net": {"parameters": {"depth": {"value": 3}}},
    },
}
sweep = wandb.sweep(config, project="sweeps")
seen = []
def train():
    run = wandb.init()
    seen.append(dict(run.config))
    run.log({"loss": run.config["lr"] * 2})
    run.finish()
wandb.agent(sweep, function=train, project="sweeps", count=3)
found = wandb.Api().sweep(f"sweeps/{sweep}")
say(
    id=sweep, seen=seen, best=dict(found.best_run().config), state=found.state,
    n_runs=len(found.runs), expected=found.expected_run_count, name=found.name,
    method=found.config["method"],
)
"""

WITHOUT_PROJECT = """
wandb.init(project="uncategorized", id="earlier", config={"lr": 0.1}).finish()
for name in ("WANDB_PROJECT", "WANDB_ENTITY"):
    os.environ.pop(name, None)
wandb.teardown()
grid = {"method": "grid", "parameters": {"lr": {"values": [0.3, 0.1, 0.2]}}}
default = wandb.sweep(grid, prior_runs=["earlier"])
rest = []
wandb.agent(default, function=lambda: rest.append(wandb.init().config["lr"]), count=9)
say(default=wandb.Api().sweep(f"uncategorized/{default}").url, rest=sorted(rest))
"""


def test_an_agent_gets_each_set_once(wandb_client: WandbClient, live: LiveServer) -> None:
    output = wandb_client.run(GRID, WANDB_AGENT_DISABLE_FLAPPING="true")
    assert sorted(values["lr"] for values in output["seen"]) == [0.1, 0.2, 0.3]
    assert all(values["net"] == {"depth": 3} for values in output["seen"])
    assert output["best"]["lr"] == 0.1
    assert (output["n_runs"], output["expected"], output["method"]) == (3, 3, "grid")
    sweep = live.api.sweep(f"local/sweeps/{output['id']}")
    assert sorted(run.config["lr"] for run in sweep.runs) == [0.1, 0.2, 0.3]
    assert sweep.best_run().config["lr"] == 0.1
    assert {trial["state"] for trial in sweep.trials()} == {"finished"}


@at_length
def test_a_sweep_without_a_project_is_in_the_default_one_and_knows_earlier_runs(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    output = wandb_client.run(WITHOUT_PROJECT, WANDB_AGENT_DISABLE_FLAPPING="true")
    assert output["default"].startswith(f"{live.url}/local/uncategorized/sweeps/")
    assert output["rest"] == [0.2, 0.3]


@at_length
def test_programs_are_started_and_a_sweep_is_paused_and_cancelled(
    wandb_client: WandbClient, live: LiveServer
) -> None:
    (wandb_client.folder / "train.py").write_text(
        "import wandb\nrun = wandb.init()\nrun.log({'loss': run.config['x'] ** 2})\nrun.finish()\n"
    )
    (wandb_client.folder / "sweep.yaml").write_text(
        "program: train.py\nmethod: random\nrun_cap: 2\nmetric: {name: loss, goal: minimize}\n"
        "parameters:\n  x: {min: -1.0, max: 1.0}\n"
    )
    created = wandb_client.command("sweep", "--project", "programs", "sweep.yaml")
    path = next(line.split()[-1] for line in created.stderr.splitlines() if "wandb agent" in line)
    sweep = live.api.sweep(path)
    assert wandb_client.command("agent", "--count", 1, path).exit_code == 0
    for word, state in (("pause", "paused"), ("resume", "running")):
        done = wandb_client.command("sweep", f"--{word}", path)
        assert done.exit_code == 0, done.stderr
        assert live.api.sweep(path).state.lower() == state
    done = wandb_client.command("agent", path)
    assert done.exit_code == 0, done.stdout + done.stderr
    assert {trial["state"] for trial in sweep.trials()} == {"finished"}
    assert len(sweep.runs) == 2
    other = wandb_client.command("sweep", "--project", "programs", "sweep.yaml")
    path = next(line.split()[-1] for line in other.stderr.splitlines() if "wandb agent" in line)
    updated = wandb_client.command("sweep", "--update", path, "sweep.yaml")
    assert "the config of a sweep can't be changed" in updated.stdout + updated.stderr
    assert wandb_client.command("sweep", "--cancel", path).exit_code == 0
    assert live.api.sweep(path).state.lower() in {"cancelled", "canceled"}
