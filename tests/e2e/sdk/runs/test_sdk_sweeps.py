"""Sweeps from scripts and the command line, on a server and without one; read by `weft.Api`."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length, case_at_length
from live_runs import PROJECT, LiveServer
from sdk_script import Script, run_script, run_well, start_script
from server_process import wait_until
from weft.errors import ConfigError, NotFound
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

GRID = """
program: train.py
method: grid
metric: {name: loss}
parameters:
  lr: {values: [0.1, 0.01, 0.001]}
  model:
    parameters:
      depth: {min: 1, max: 2}
"""

PROGRAM = """
import sys, weft
with weft.init() as run:
    run.log({"loss": run.config.lr * run.config.model["depth"], "argv": " ".join(sys.argv[1:])})
"""


def sweep_of(live: LiveServer, sweep_id: str, project: str = PROJECT) -> Any:
    return live.api.sweep(f"local/{project}/{sweep_id}")


def ended(process: subprocess.Popen[str]) -> Script:
    """The end of a script."""
    stdout, stderr = process.communicate(timeout=200)
    return Script(process.returncode, stdout, stderr)


def has_finished(sweep: Any) -> bool:
    return sweep.load().state == "FINISHED"


def printed(output: str, name: str) -> str:
    return next(line.split(" ", 1)[1] for line in output.splitlines() if line.startswith(name))


def test_the_example_of_wandb_runs_as_it_stands(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import weft as wandb

        sweep_config = {
        'method': 'random',
        'metric': {'goal': 'minimize', 'name': 'loss'},
        'parameters':
        {
          'batch_size': {'distribution': 'q_log_uniform_values', 'max': 256, 'min': 32, 'q': 8},
          'dropout': {'values': [0.3, 0.4, 0.5]},
          'epochs': {'value': 1},
          'fc_layer_size': {'values': [128, 256, 512]},
          'learning_rate': {'distribution': 'uniform', 'max': 0.1, 'min': 0},
          'optimizer': {'values': ['adam', 'sgd']}
        }
        }
        def train():
            wandb.init(project="ignored", config={"epochs": 99, "seed": 1})
            config = wandb.config
            assert 32 <= config.batch_size <= 256 and config.batch_size % 8 == 0
            assert (config.epochs, config.seed) == (1, 1)
            wandb.log({"loss": config.learning_rate})
        sweep_id = wandb.sweep(sweep_config, project='project_name')
        wandb.agent(sweep_id, function=train, count=8)
        print("sweep", sweep_id)
        """,
        live.environment,
    )
    sweep = sweep_of(live, printed(script.stdout, "sweep"), "project_name")
    assert (sweep.state, sweep.run_count, sweep.expected_run_count) == ("RUNNING", 8, None)
    runs = list(sweep.runs)
    assert len(runs) == 8
    losses = [run.summary["loss"] for run in runs]
    assert losses == sorted(losses)
    assert sweep.best_run().id == runs[0].id
    assert sweep.best_loss == pytest.approx(losses[0])
    assert {run.sweep_name for run in runs} == {sweep.id}
    assert f"View sweep at {live.url}/local/project_name/sweeps/{sweep.id}" in script.stderr
    assert "init() ignored project: the sweep decides" in script.stderr


def test_a_function_that_fails_or_never_begins_does_not_end_the_agent(
    live: LiveServer, tmp_path: Path
) -> None:
    script = run_well(
        tmp_path,
        """
        import sys, weft
        def train():
            case = CASES.pop(0)
            if case == "no run": return
            run = weft.init()
            if case == "raises": raise ValueError("boom")
            if case == "exits": sys.exit(3)
            if case == "nan": run.log({"loss": float("nan")})
            if case == "other": run.log({"accuracy": 1.0})
            if case == "text": run.log({"loss": "low"})
            if case == "well": run.log({"loss": 0.5})
        CASES = ["well", "raises", "no run", "exits", "nan", "other", "text"]
        config = {"method": "grid", "metric": {"name": "loss"},
                  "parameters": {"n": {"min": 1, "max": len(CASES)}}}
        sweep_id = weft.sweep(config)
        weft.agent(sweep_id, function=train)
        print("sweep", sweep_id)
        """,
        live.environment,
    )
    sweep = sweep_of(live, printed(script.stdout, "sweep"))
    assert "ValueError: boom" in script.stderr
    wait_until(lambda: sweep.load().state == "FINISHED", what="end of the sweep")
    states = [(trial["state"], trial["error"]) for trial in sweep.trials()]
    assert states == [
        ("finished", None),
        ("failed", "the run failed with exit code 1"),
        ("failed", "the run never began: the function did not call weft.init()"),
        ("failed", "the run failed with exit code 3"),
        ("failed", "loss is nan"),
        ("failed", "the run logged no loss; it logged accuracy"),
        ("failed", "loss is 'low', not a number"),
    ]


def test_programs_get_their_parameters_and_several_agents_share_a_grid(
    live: LiveServer, tmp_path: Path
) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "sweep.yaml").write_text(GRID)
    env = live.environment
    created = run_weft("sweep", tmp_path / "sweep.yaml", "--json", "--name", "grid", env=env)
    sweep_id = json.loads(created.stdout)["id"]
    agents = [
        start_script(tmp_path, f"import weft; weft.agent({sweep_id!r}, project={PROJECT!r})", env)
        for n in range(2)
    ]
    done = [ended(agent) for agent in agents]
    assert [result.exit_code for result in done] == [0, 0], done
    sweep = sweep_of(live, sweep_id)
    assert (sweep.name, sweep.state, sweep.run_count) == ("grid", "FINISHED", 6)
    parameters = sorted((run.config["lr"], run.config["model"]["depth"]) for run in sweep.runs)
    assert parameters == [(lr, depth) for lr in (0.001, 0.01, 0.1) for depth in (1, 2)]
    best = sweep.best_run()
    assert best.summary["argv"] == "--lr=0.001 --model.depth=1"
    assert sum(agent.n_runs for agent in sweep.agents()) == 6
    assert {agent.state for agent in sweep.agents()} == {"left"}
    listed = run_weft("sweeps", PROJECT, env=env).stdout
    assert re.search(rf"{sweep_id} +grid +grid +finished +6 of 6", listed), listed
    runs = run_weft("sweeps", f"local/{PROJECT}/{sweep_id}", env=env).stdout
    assert "lr=0.001, model.depth=1" in runs
    filtered = live.api.runs(f"local/{PROJECT}", f"sweep = {sweep_id} and config.lr < 0.005")
    assert len(filtered) == 2


def test_a_sweep_without_a_server_is_shared_and_synced(live: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "sweep.yaml").write_text(GRID)
    env = {"WEFT_MODE": "offline", "WEFT_PROJECT": "offline", "WEFT_DIR": str(tmp_path)}
    created = run_weft("sweep", tmp_path / "sweep.yaml", "--json", env=env)
    sweep_id = json.loads(created.stdout)["id"]
    agents = [
        start_script(tmp_path, f"import weft; weft.agent({sweep_id!r})", env) for n in range(3)
    ]
    done = [ended(agent) for agent in agents]
    assert [result.exit_code for result in done] == [0, 0, 0], done
    lines = (tmp_path / "weft" / "sweeps" / sweep_id / "trials.jsonl").read_text().splitlines()
    last = {trial["number"]: trial for trial in map(json.loads, lines)}
    assert [last[n]["state"] for n in range(6)] == ["finished"] * 6
    assert len({json.dumps(trial["parameters"]) for trial in last.values()}) == 6
    run_weft("sync", tmp_path, env=live.environment)
    sweep = sweep_of(live, sweep_id, "offline")
    assert (sweep.state, sweep.run_count, len(sweep.runs)) == ("FINISHED", 6, 6)
    assert sweep.best_loss == pytest.approx(0.001)


def test_runs_that_are_behind_are_stopped(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import time, weft
        def train():
            run = weft.init()
            for step in range(2000):
                run.log({"loss": run.config.n + 1 / (step + 1)})
                if run.config.n < 2 and step == 100: return
                time.sleep(0.01)
        config = {"method": "grid", "metric": {"name": "loss"},
                  "early_terminate": {"type": "hyperband", "min_iter": 10, "eta": 2},
                  "parameters": {"n": {"values": [1, 1.1, 2]}}}
        sweep_id = weft.sweep(config)
        weft.agent(sweep_id, function=train)
        print("sweep", sweep_id)
        """,
        live.environment,
    )
    sweep = sweep_of(live, printed(script.stdout, "sweep"))
    trials = sweep.trials()
    assert [(trial["state"], trial["stopped_early"]) for trial in trials] == [
        ("finished", False),
        ("finished", False),
        ("finished", True),
    ]
    assert len(live.run(trials[2]["run"]).history(pandas=False)) < 2000


BEHIND = """
import time, weft
def train():
    run = weft.init()
    for step in range(100_000):
        run.log({"loss": run.config.n + 1 / (step + 1), "other": step})
        if run.config.n < 2 and step == 100: break
        time.sleep(0.01)
    run.finish()
"""


@pytest.mark.parametrize("as_program", [False, case_at_length(True)], ids=["function", "program"])
def test_without_a_server_runs_that_are_behind_are_stopped(
    tmp_path: Path, as_program: bool
) -> None:
    (tmp_path / "train.py").write_text(BEHIND + "train()")
    call = "" if as_program else ", function=train"
    script = run_well(
        tmp_path,
        f"""{BEHIND}
config = {{"method": "grid", "metric": {{"name": "loss"}}, "program": "train.py",
          "early_terminate": {{"type": "hyperband", "min_iter": 10, "eta": 2}},
          "parameters": {{"n": {{"values": [1, 1.1, 2]}}}}}}
weft.agent(weft.sweep(config){call})
""",
        {"WEFT_MODE": "offline", "WEFT_DIR": str(tmp_path), "WEFT_AGENT_REPORT_INTERVAL": "0.1"},
    )
    assert "was stopped: the sweep's early termination" in script.stderr
    (lines,) = tmp_path.glob("weft/sweeps/*/trials.jsonl")
    last = {trial["number"]: trial for trial in map(json.loads, lines.read_text().splitlines())}
    assert [
        (last[n]["state"], last[n].get("stopped_early", False), len(last[n]["at_bands"]) >= 2)
        for n in range(3)
    ] == [("finished", False, True), ("finished", False, True), ("finished", True, True)]
    assert last[2]["values"][0] > 2
    assert last[0]["at_bands"][0] == pytest.approx(1 + 1 / 10)


@at_length
def test_without_a_server_a_preempted_run_continues_and_a_target_ends_the_sweep(
    tmp_path: Path,
) -> None:
    script = run_well(
        tmp_path,
        """
        import sys, weft
        seen = []
        def train():
            run = weft.init()
            seen.append((run.id, run.resumed, run.config.n))
            run.log({"loss": 3 - run.config.n})
            if len(seen) == 1:
                run.mark_preempting()
                sys.exit(1)
        config = {"method": "grid", "metric": {"name": "loss", "target": 1},
                  "parameters": {"n": {"min": 1, "max": 5}}}
        weft.agent(weft.sweep(config), function=train)
        assert seen[0][0] == seen[1][0], seen
        assert [one[1:] for one in seen] == [(False, 1), (True, 1), (False, 2)], seen
        """,
        {"WEFT_MODE": "offline", "WEFT_DIR": str(tmp_path), "WEFT_SYSTEM_INTERVAL": "0"},
    )
    assert "Agent ends: the sweep has finished" in script.stderr
    (lines,) = tmp_path.glob("weft/sweeps/*/trials.jsonl")
    changes = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [(change["number"], change.get("state", "given")) for change in changes] == [
        (0, "given"),
        (0, "queued"),
        (0, "given"),
        (0, "finished"),
        (1, "given"),
        (1, "finished"),
    ]


def test_an_agent_waits_while_paused_and_ends_when_stopped_or_deleted(
    live: LiveServer, tmp_path: Path
) -> None:
    source = """
        import os, weft
        def train():
            with weft.init() as run: run.log({"loss": 1.0})
        weft.agent(os.environ["SWEEP"], function=train, project="tests")
    """
    created = run_well(
        tmp_path,
        """
        import weft
        for _ in range(2):
            print(weft.sweep({"method": "random", "metric": {"name": "loss"},
                              "parameters": {"lr": {"min": 0.0, "max": 1.0}}}))
        """,
        live.environment,
    )
    first, second = created.stdout.split()
    sweep = sweep_of(live, first)
    sweep.pause()
    agent = start_script(tmp_path, source, live.environment | {"SWEEP": first})
    wait_until(lambda: sweep_of(live, first).agents(), what="the agent's first message")
    assert sweep.load().run_count == 0
    sweep.resume()
    wait_until(lambda: sweep.load().run_count >= 2, what="two runs")
    sweep.stop()
    assert ended(agent).exit_code == 0
    assert sweep.load().state == "STOPPED"
    agent = start_script(tmp_path, source, live.environment | {"SWEEP": second})
    wait_until(lambda: sweep_of(live, second).run_count >= 1, what="a run")
    sweep_of(live, second).delete()
    script = ended(agent)
    assert script.exit_code == 0, script.stderr
    assert f"no sweep {second} in local/tests" in script.stderr
    with pytest.raises(NotFound):
        sweep_of(live, second)


@at_length
def test_a_target_and_a_cap_end_a_sweep(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import weft
        def train():
            with weft.init() as run: run.log({"loss": 5 - run.config.n})
        base = {"method": "grid", "parameters": {"n": {"min": 1, "max": 9}}}
        for more in ({"metric": {"name": "loss", "target": 2}}, {"run_cap": 4}):
            sweep_id = weft.sweep({"metric": {"name": "loss"}, **base, **more})
            weft.agent(sweep_id, function=train)
            print("sweep", sweep_id)
        """,
        live.environment,
    )
    ids = [line.split()[1] for line in script.stdout.splitlines() if line.startswith("sweep")]
    for sweep_id, n_runs in zip(ids, (3, 4), strict=True):
        sweep = sweep_of(live, sweep_id)
        wait_until(partial(has_finished, sweep), what="end of the sweep")
        assert sweep.run_count == n_runs


@at_length
def test_prior_runs_are_known_to_the_search(live: LiveServer, tmp_path: Path) -> None:
    script = run_well(
        tmp_path,
        """
        import weft
        ids = []
        for n in range(12):
            with weft.init(config={"x": n / 12}) as run: run.log({"loss": abs(n / 12 - 0.25)})
            ids.append(run.id)
        config = {"method": "bayes", "metric": {"name": "loss"},
                  "parameters": {"x": {"min": 0.0, "max": 1.0}}, "seed": 3}
        print("sweep", weft.sweep(config, prior_runs=ids))
        def refused(ids, config=config):
            try: weft.sweep(config, prior_runs=ids)
            except weft.CommError as error: print(error)
            except weft.errors.ConfigError as error: print(error)
        refused(["missing0"])
        refused(ids[:1], {**config, "parameters": {"y": {"min": 0.0, "max": 1.0}}})
        refused(ids[:1], {**config, "metric": {"name": "los"}})
        """,
        live.environment,
    )
    sweep = sweep_of(live, printed(script.stdout, "sweep"))
    assert "no run local/tests/missing0, named in prior_runs" in script.stdout
    assert "does not fit: its config lacks a parameter" in script.stdout
    assert "the run logged no los; it logged loss" in script.stdout
    assert sweep.run_count == 0


def test_what_can_not_be_is_said_at_the_call(live: LiveServer, tmp_path: Path) -> None:
    for source, message in {
        "weft.sweep({'method': 'rando', 'parameters': {'a': {'value': 1}}})": "mean 'random'",
        "weft.sweep(3)": "a sweep is described by a dict, not by int",
        "weft.agent('missing0')": "no sweep missing0",
        "weft.agent('a/b/c/d')": "a sweep is named entity/project/id",
        "weft.agent('x', function=3)": "function must be callable",
        "weft.agent('x', count=0)": "count must be at least 1",
        "weft.agent(weft.sweep({'method': 'grid', 'parameters': {'a': {'value': 1}}}))": (
            "the sweep has no program"
        ),
    }.items():
        script = run_script(tmp_path, f"import weft\n{source}", live.environment)
        assert script.exit_code == 1
        assert message in script.stderr, script.stderr


@at_length
def test_the_first_runs_all_failing_end_the_agent(live: LiveServer, tmp_path: Path) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        def train(): raise ValueError("never")
        weft.agent(weft.sweep({"method": "random", "parameters": {"a": {"min": 0.0, "max": 1.0}}}),
                   function=train)
        """,
        live.environment,
    )
    assert script.exit_code == 1
    assert "the first 5 runs of this agent all failed" in script.stderr


@at_length
def test_a_signal_ends_a_program_and_its_agent(live: LiveServer, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import time, weft\nrun = weft.init()\nrun.log({'loss': 1})\ntime.sleep(600)\n"
    )
    (tmp_path / "sweep.yaml").write_text(GRID)
    created = run_weft("sweep", tmp_path / "sweep.yaml", "--json", env=live.environment)
    sweep_id = json.loads(created.stdout)["id"]
    agent = start_script(
        tmp_path, f"import weft; weft.agent({sweep_id!r}, project={PROJECT!r})", live.environment
    )
    sweep = sweep_of(live, sweep_id)
    wait_until(lambda: any(run.summary.get("loss") for run in sweep.runs), what="the run")
    agent.send_signal(signal.SIGTERM)
    ended(agent)
    wait_until(lambda: sweep.agents()[0].state == "left", what="the agent's last message")
    assert sweep.trials()[0]["state"] == "failed"


@at_length
def test_failed_runs_are_tried_again_on_request(live: LiveServer, tmp_path: Path) -> None:
    code = """
        import os, weft
        def train():
            with weft.init() as run:
                if run.config.n == 2 and "FAILS" in os.environ:
                    os._exit(9)
                run.log({"loss": run.config.n})
        weft.agent(os.environ["SWEEP"], function=train, project="tests")
    """
    config = tmp_path / "sweep.yaml"
    config.write_text("method: grid\nmetric: {name: loss}\nparameters: {n: {values: [1, 2, 3]}}\n")
    env = live.environment
    sweep_id = json.loads(run_weft("sweep", config, "--json", env=env).stdout)["id"]
    sweep = sweep_of(live, sweep_id)
    assert run_script(tmp_path, code, {**env, "SWEEP": sweep_id, "FAILS": "1"}).exit_code == 9
    crashed = sweep.trials()[1]["run"]
    assert live.ended(crashed, secs=120).state == "crashed"
    run_well(tmp_path, code, {**env, "SWEEP": sweep_id})
    wait_until(partial(has_finished, sweep), what="end of the sweep")
    assert [trial["state"] for trial in sweep.trials()] == ["finished", "failed", "finished"]
    for _ in range(2):  # a second request changes nothing
        run_weft("sweep", f"local/{PROJECT}/{sweep_id}", "--retry", env=env)
    assert sweep.load().state == "RUNNING"
    run_well(tmp_path, code, {**env, "SWEEP": sweep_id})
    wait_until(partial(has_finished, sweep), what="end of the sweep")
    trials = sweep.trials()
    assert [trial["state"] for trial in trials] == ["finished", "failed", "finished", "finished"]
    assert trials[3]["parameters"] == {"n": 2}
    assert trials[3]["run"] != crashed
    run_weft("sweep", f"local/{PROJECT}/{sweep_id}", "--retry", env=env)
    assert sweep.load().state == "FINISHED"


def test_a_queued_trial_is_run_next(live: LiveServer, tmp_path: Path) -> None:
    code = """
        import os, weft
        def train():
            with weft.init() as run:
                run.log({"loss": run.config.lr})
        weft.agent(os.environ["SWEEP"], function=train, project="tests", count=2)
    """
    config = tmp_path / "sweep.yaml"
    config.write_text(
        "method: random\nmetric: {name: loss}\n"
        "parameters: {lr: {min: 0.0, max: 1.0}, name: {values: [a, b]}}\n"
    )
    env = live.environment
    sweep_id = json.loads(run_weft("sweep", config, "--json", env=env).stdout)["id"]
    path = f"local/{PROJECT}/{sweep_id}"
    options = ("--enqueue", "lr=0.125", "--enqueue", "name=b", "--json")
    queued = json.loads(run_weft("sweep", path, *options, env=env).stdout)
    assert queued["parameters"] == {"lr": 0.125, "name": "b"}
    sweep = sweep_of(live, sweep_id)
    assert sweep.enqueue({"lr": 0.25})["number"] == 1
    with pytest.raises(ConfigError, match="lr can't be 2"):
        sweep.enqueue({"lr": 2})
    run_well(tmp_path, code, {**env, "SWEEP": sweep_id})
    trials = sweep.trials()
    assert [trial["parameters"]["lr"] for trial in trials[:2]] == [0.125, 0.25]
    assert trials[0]["run"] == queued["run"]
