"""Every shape in which a script has a run, with every way in which the run may end.

Each table says, by ending, the run's state and exit code and how its process ended: 0, an exit
code, or the negative number of a signal. Agents have the states of all runs of their sweep.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length, case_at_length
from live_runs import PROJECT, LiveServer
from notebook_kernel import Kernel
from sdk_script import run_script, script_environment, start_script
from server_process import wait_until
from weft_command import run_weft

pytestmark = pytest.mark.timeout(300)

SOMEONE = "a user of the web page or the API"

TRAINING = """
import contextlib, os, signal, sys, threading, time, pathlib
import weft

def train(run, ending, n=0):
    for step in range(20):
        run.log({"loss": n + 1 / (step + 1)})
    pathlib.Path(f"{run.id}.began").touch()
    if ending == "raise":
        raise ValueError("boom")
    if ending == "exit":
        sys.exit(3)
    if ending == "kill -9":
        os.kill(os.getpid(), signal.SIGKILL)
    if ending == "finish()":
        run.finish()
    while ending in ("stop", "early termination"):
        run.log({"loss": n})
        time.sleep(0.01)
"""

SCRIPTS = {
    "with": """
with weft.init(id=RUN) as run:
    train(run, ENDING)
""",
    "plain": """
run = weft.init(id=RUN)
train(run, ENDING)
""",
    "function": """
def main():
    run = weft.init(id=RUN)
    train(run, ENDING)
main()
""",
    "decorated": """
@contextlib.contextmanager
def tracked():
    with weft.init(id=RUN):
        yield

@tracked()
def main():
    train(weft.run, ENDING)

main()
""",
    "thread": """
def work():
    with weft.init(id=RUN) as run:
        train(run, ENDING)
thread = threading.Thread(target=work)
thread.start()
thread.join()
print("the script goes on")
""",
    "logging thread": """
run = weft.init(id=RUN)
thread = threading.Thread(target=train, args=(run, ENDING), daemon=True)
thread.start()
thread.join()
""",
    "fork": """
run = weft.init(id=RUN)
child = os.fork()
if child == 0:
    train(run, "" if ENDING == "stop" else ENDING)
    sys.exit(0)
try:
    train(run, ENDING if ENDING == "stop" else "")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
finally:
    pathlib.Path("parent ended").touch()
sys.exit(code if code >= 0 else 128 - code)
""",
}

ORDINARY = {
    "nothing": ("finished", 0, 0),
    "finish()": ("finished", 0, 0),
    "raise": ("failed", 1, 1),
    "exit": ("failed", 3, 3),
    "kill -9": ("crashed", None, -signal.SIGKILL),
    "stop": ("killed", 130, -signal.SIGINT),
}

EXPECTED: dict[str, dict[str, tuple[str, int | None, int]]] = {
    "with": ORDINARY,
    "plain": ORDINARY,
    "function": ORDINARY,
    "decorated": ORDINARY,
    # As for any thread, Python's exit code is 0; the `with` block ends the run.
    "thread": {
        **ORDINARY,
        "raise": ("failed", 1, 0),
        "exit": ("failed", 3, 0),
        "stop": ("killed", 130, 0),
    },
    # The script itself does not fail, and the run is the script's.
    "logging thread": {**ORDINARY, "raise": ("finished", 0, 0), "exit": ("finished", 0, 0)},
    # A child that ends the run ends its own part of it; one that is killed fails the script.
    "fork": {**ORDINARY, "kill -9": ("failed", 137, 137)},
}


Scripts = dict[str, subprocess.Popen[str]]


@pytest.fixture
def scripts() -> Iterator[Scripts]:
    """The scripts of a test, by ending; killed if the test fails."""
    started: Scripts = {}
    yield started
    for script in started.values():
        with script:
            script.kill()


@pytest.mark.parametrize(
    "shape",
    # how a script without a block or a fork ends has its test in test_sdk_exit.py
    [name if name in ("with", "fork") else case_at_length(name) for name in EXPECTED],
)
def test_how_a_script_ends_is_how_its_run_ends(
    live: LiveServer, tmp_path: Path, scripts: Scripts, shape: str
) -> None:
    for ending in EXPECTED[shape]:
        names = f"ENDING, RUN = {ending!r}, {name_of(shape, ending)!r}"
        code = f"{TRAINING}\n{names}\n{SCRIPTS[shape]}"
        # An exit of a thread is known by the script's own frame, which is not a fork's first one.
        is_forked = shape != "logging thread"
        scripts[ending] = start_script(tmp_path, code, live.environment, is_forked=is_forked)
    run_id = name_of(shape, "stop")
    wait_until(lambda: (tmp_path / f"{run_id}.began").exists(), what="the run to be stopped")
    stop_run(live, run_id)
    ended = {ending: script.communicate(timeout=120) for ending, script in scripts.items()}
    outcomes = {
        ending: (
            (run := live.ended(name_of(shape, ending))).state,
            run.exit_code,
            scripts[ending].returncode,
        )
        for ending in scripts
    }
    assert outcomes == EXPECTED[shape], ended
    stopped = live.run(run_id)
    assert stopped.stopped_by == SOMEONE
    assert f"Run {run_id} was stopped by {SOMEONE}" in ended["stop"][1]
    assert {
        live.run(name_of(shape, ending)).stopped_by for ending in scripts if ending != "stop"
    } == {None}
    if shape == "thread":
        assert all(
            "the script goes on" in stdout
            for ending, (stdout, _) in ended.items()
            if ending != "kill -9"
        )


def name_of(shape: str, ending: str) -> str:
    """The id of the run of a script."""
    return "".join(letter for letter in f"{shape}-{ending}" if letter.isalnum() or letter == "-")


def stop_run(live: LiveServer, run_id: str) -> None:
    wait_until(lambda: live.has(run_id), what=f"run {run_id} on the server")
    live.stop(run_id)


# --- agents --------------------------------------------------------------------------------------

FUNCTIONS = {
    "with": """
def function():
    with weft.init() as run:
        train(run, ending_of(run), run.config.n)
""",
    "plain": """
def function():
    run = weft.init()
    train(run, ending_of(run), run.config.n)
""",
    "decorated": """
@contextlib.contextmanager
def tracked():
    with weft.init():
        yield

@tracked()
def function():
    train(weft.run, ending_of(weft.run), weft.config.n)
""",
    "logging thread": """
def function():
    run = weft.init()
    args = run, ending_of(run), run.config.n
    thread = threading.Thread(target=train, args=args, daemon=True)
    thread.start()
    thread.join()
""",
}

AGENTS = {
    "agent": "weft.agent(SWEEP, function=function)",
    "agent in a thread": """
errors = []
def work():
    try:
        weft.agent(SWEEP, function=function)
    except BaseException as error:
        errors.append(error)
thread = threading.Thread(target=work)
thread.start()
thread.join()
if errors: raise errors[0]
""",
}

ENDINGS_OF_TRIALS = {
    "finish()": ("finished", "finished", None),
    "raise": ("failed", "failed", None),
    "exit": ("failed", "failed", None),
    "stop": ("killed", "failed", SOMEONE),
    "early termination": ("killed", "finished", "the sweep's early termination"),
}
"""State of the run, of the trial, and who stopped it."""


def sweep_config(ending: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "program": "train.py",
        "method": "grid",
        "metric": {"name": "loss"},
        "parameters": {"n": {"values": [1, 1.1, 2, 0.9]}},
    }
    if ending == "early termination":
        config["early_terminate"] = {"type": "hyperband", "min_iter": 4, "eta": 2}
    return config


def check_agents(live: LiveServer, folder: Path, agents: Scripts, sweeps: dict[str, str]) -> None:
    """Check how the third run of each sweep ended, and that its agent continued."""
    began = folder / "stop.id"
    wait_until(lambda: began.exists() and began.read_text(), what="the run to be stopped")
    stop_run(live, began.read_text())
    ended = {ending: agent.communicate(timeout=200) for ending, agent in agents.items()}
    for ending, agent in agents.items():
        sweep = live.api.sweep(f"local/{PROJECT}/{sweeps[ending]}")
        wait_until(lambda: sweep.load().state == "FINISHED", what=f"end of sweep {ending}")  # noqa: B023
        if ending == "stop":
            assert sweep.trials()[2]["error"] == f"the run was stopped by {SOMEONE}"
        states = [
            (live.ended(trial["run"]).state, trial["state"], live.run(trial["run"]).stopped_by)
            for trial in sweep.trials()
        ]
        well = ("finished", "finished", None)
        expected = ENDINGS_OF_TRIALS[ending]
        assert states == [well, well, expected, well], (ending, ended[ending])
        assert agent.returncode == 0, (ending, ended[ending])
        if (stopper := ENDINGS_OF_TRIALS[ending][2]) is not None:
            assert f"was stopped by {stopper}" in ended[ending][1]


HEAD = """
def ending_of(run):
    if run.config.n != 2:
        return "nothing"
    pathlib.Path(f"{ENDING}.id").write_text(run.id)
    return ENDING
"""


ENDINGS_OF_FEW = ["raise", "stop", "early termination"]
"""By the function, by a person and by the sweep."""


@pytest.mark.parametrize(
    ("shape", "agent", "endings"),
    [
        pytest.param("with", "agent", ENDINGS_OF_FEW, id="with-agent-few"),
        *(
            case_at_length(shape, agent, [*ENDINGS_OF_TRIALS], id=f"{shape}-{agent}")
            for shape, agent in (
                ("with", "agent"), ("plain", "agent"), ("decorated", "agent"),
                ("with", "agent in a thread"), ("plain", "agent in a thread"),
            )
        ),
        case_at_length(
            "logging thread", "agent",
            [ending for ending in ENDINGS_OF_TRIALS if ending not in ("raise", "exit")],
            id="logging thread-agent",
        ),
    ],
)  # fmt: skip
def test_an_agent_continues_however_a_run_of_its_function_ends(
    live: LiveServer,
    tmp_path: Path,
    scripts: Scripts,
    shape: str,
    agent: str,
    endings: list[str],
) -> None:
    sweeps = {ending: live_sweep(live, tmp_path, ending) for ending in endings}
    environment = {**live.environment, "WEFT_AGENT_REPORT_INTERVAL": "0.5"}
    for ending, sweep in sweeps.items():
        names = f"ENDING, SWEEP = {ending!r}, {sweep!r}"
        code = f"{TRAINING}{HEAD}{FUNCTIONS[shape]}\n{names}\n{AGENTS[agent]}"
        scripts[ending] = start_script(tmp_path, code, environment)
    check_agents(live, tmp_path, scripts, sweeps)


@at_length
@pytest.mark.parametrize("shape", ["with", pytest.param("plain", marks=at_length)])
def test_an_agent_of_programs_continues_however_a_program_ends(
    live: LiveServer, tmp_path: Path, scripts: Scripts, shape: str
) -> None:
    (tmp_path / "train.py").write_text(
        f"{TRAINING}{HEAD}{FUNCTIONS[shape]}\nENDING = os.environ['ENDING']\nfunction()\n"
    )
    sweeps = {ending: live_sweep(live, tmp_path, ending) for ending in ENDINGS_OF_TRIALS}
    for ending, sweep in sweeps.items():
        scripts[ending] = subprocess.Popen(
            [str(Path(sys.executable).with_name("weft")), "agent", f"{PROJECT}/{sweep}"],
            cwd=tmp_path,
            env=script_environment({**live.environment, "ENDING": ending}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    check_agents(live, tmp_path, scripts, sweeps)


def live_sweep(live: LiveServer, folder: Path, ending: str) -> str:
    file = folder / "sweep.json"
    file.write_text(json.dumps(sweep_config(ending)))
    created = run_weft("sweep", file, "--json", env=live.environment)
    return json.loads(created.stdout)["id"]


@pytest.mark.parametrize("as_program", [False, case_at_length(True)], ids=["function", "program"])
def test_an_agent_whose_runs_all_failed_says_so_and_fails(
    tmp_path: Path, as_program: bool
) -> None:
    (tmp_path / "train.py").write_text("import sys, weft\nweft.init()\nsys.exit(3)\n")
    call = "" if as_program else ", function=function"
    script = run_script(
        tmp_path,
        f"""
        import weft
        def function():
            weft.init()
            raise ValueError
        config = {{"method": "grid", "metric": {{"name": "loss"}}, "program": "train.py",
                  "parameters": {{"n": {{"values": [1, 2]}}}}}}
        weft.agent(weft.sweep(config){call})
        """,
        {"WEFT_DIR": str(tmp_path)},
    )
    assert script.exit_code == 1
    assert "UsageError: all 2 runs of this agent failed; its output says why" in script.stderr


# --- notebooks -----------------------------------------------------------------------------------

CELL = {
    "with": "with weft.init(id={id!r}) as run: train(run, {ending!r})",
    "plain": "run = weft.init(id={id!r}); train(run, {ending!r})",
}

IN_NOTEBOOK = {
    # A cell that fails does not end a run that others continue.
    "plain": {"raise": ("running", None), "exit": ("running", None), "finish()": ("finished", 0)},
    "with": {"raise": ("failed", 1), "exit": ("failed", 3), "nothing": ("finished", 0)},
}


@pytest.mark.parametrize("shape", ["plain", case_at_length("with")])
def test_how_a_cell_ends(live: LiveServer, tmp_path: Path, shape: str) -> None:
    with Kernel(tmp_path, live.environment) as kernel:
        kernel.run(TRAINING)
        for ending, (state, code) in IN_NOTEBOOK[shape].items():
            run_id = name_of(f"cell-{shape}", ending)
            kernel.run(CELL[shape].format(id=run_id, ending=ending))
            wait_until(lambda: live.has(run_id), what=f"run {run_id} on the server")  # noqa: B023
            stored = live.run(run_id)
            assert (stored.state, stored.exit_code) == (state, code), ending
            kernel.run("run.finish()")
            live.ended(run_id)
        run_id = name_of(f"cell-{shape}", "stop")
        began = tmp_path / f"{run_id}.began"
        stop = threading.Thread(
            target=lambda: (
                wait_until(began.exists, what="the run to be stopped"),
                stop_run(live, run_id),
            )
        )
        stop.start()
        cell = kernel.run(CELL[shape].format(id=run_id, ending="stop"))
        stop.join()
        assert (cell.error, live.ended(run_id).state) == ("KeyboardInterrupt", "killed")
        assert f"Run {run_id} was stopped by {SOMEONE}" in cell.stderr
