"""A new run that begins as another was at a step: nothing is copied, nothing of it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from at_length import at_length, case_at_length
from live_runs import LiveServer
from sdk_script import records_of, run_script, start_script
from server_process import wait_until
from weft.records.record import Run
from weft.runlog.layout import logs_of
from weft.sync.by_hand.command import sync

pytestmark = pytest.mark.timeout(300)

PARENT = """
import weft
run = weft.init(id={id!r}, name="parent", tags=["a"], notes="n", group="g",
                config={{"lr": 0.1, "model": {{"depth": 2}}}})
run.define_metric("val", step_metric="epoch", summary="max")
for i in range(10):
    run.log({{"loss": 10 - i, "val": i % 4, "epoch": i // 2}})
run.summary["best"] = {{"epoch": 3}}
run.finish()
"""

CHILD = """
import json, weft
run = weft.init({arguments})
print(json.dumps({{"id": run.id, "step": run.step, "resumed": run.resumed, "tags": run.tags,
                  "config": dict(run.config), "summary": run.summary.as_dict(),
                  "notes": run.notes, "group": run.group}}))
for i in range(3):
    run.log({{"loss": 100 + i, "val": 1}})
run.finish()
"""


def parent(folder: Path, run_id: str, env: dict[str, str]) -> None:
    script = run_script(folder, PARENT.format(id=run_id), env)
    assert script.exit_code == 0, script.stderr


def child(folder: Path, arguments: str, env: dict[str, str]) -> dict[str, Any]:
    script = run_script(folder, CHILD.format(arguments=arguments), env)
    assert script.exit_code == 0, script.stderr
    return json.loads(script.stdout.strip().splitlines()[-1])


@pytest.mark.parametrize("mode", ["online", case_at_length("offline")])
def test_a_fork_begins_as_its_parent_was_at_the_step(
    mode: str, live: LiveServer, tmp_path: Path
) -> None:
    name = f"whole{mode}"
    env = {**live.environment, "WEFT_MODE": mode}
    parent(tmp_path, name, env)
    arguments = f'fork_from="{name}?_step=4", config={{"lr": 0.5, "seed": 1}}, tags=["c"]'
    shown = child(tmp_path, arguments, env)
    run_id = shown.pop("id")
    assert shown == {
        "step": 5, "resumed": False, "tags": ["c"], "notes": None, "group": "",
        "config": {"lr": 0.5, "model": {"depth": 2}, "seed": 1},
        "summary": {"loss": 6, "val": {"max": 3}, "epoch": 2, "best": {"epoch": 3}},
    }  # fmt: skip
    if mode == "offline":
        assert sync([tmp_path], base_url=live.url) == 0
    run = live.ended(run_id)
    rows = list(run.scan_history())
    assert [(row["_step"], row["loss"]) for row in rows] == [
        *((i, 10 - i) for i in range(5)), (5, 100), (6, 101), (7, 102)
    ]  # fmt: skip
    assert [row["epoch"] for row in rows] == [0, 0, 1, 1, 2, 2, 2, 2]
    assert run.fork == {"run": name, "step": 4}
    assert run.name not in {name, "parent"}
    assert (run.tags, run.notes, run.group, run.state) == (["c"], None, None, "finished")
    assert run.config == {"lr": 0.5, "model": {"depth": 2}, "seed": 1}
    assert run.summary == {
        "loss": 102, "val": {"max": 3}, "epoch": 2, "best": {"epoch": 3}
    }  # fmt: skip
    assert [definition["name"] for definition in run.definitions] == ["val"]
    runtimes = [row["_runtime"] for row in rows]
    assert runtimes == sorted(runtimes)
    before = live.run(name)
    assert [row["_step"] for row in before.scan_history()] == list(range(10))
    assert (before.config["lr"], before.summary["loss"], before.fork) == (0.1, 1, None)


@at_length
def test_a_fork_may_have_an_id_and_a_name(live: LiveServer, tmp_path: Path) -> None:
    parent(tmp_path, "named", live.environment)
    arguments = 'fork_from="named?_step=2.5", id="mine", name="My fork"'
    assert child(tmp_path, arguments, live.environment)["step"] == 3
    run = live.run("mine")
    assert (run.name, run.fork) == ("My fork", {"run": "named", "step": 2.5})
    assert [row["_step"] for row in run.scan_history()] == [0, 1, 2, 3, 4, 5]


@at_length
def test_a_run_is_forked_at_its_end_without_a_step(live: LiveServer, tmp_path: Path) -> None:
    parent(tmp_path, "ended", live.environment)
    shown = child(tmp_path, 'fork_from="ended"', live.environment)
    assert shown["step"] == 10
    assert len(live.rows(shown["id"])) == 13


@at_length
def test_a_run_that_goes_on_adds_nothing_to_its_forks(live: LiveServer, tmp_path: Path) -> None:
    parent(tmp_path, "goes-on", live.environment)
    fork = child(tmp_path, 'fork_from="goes-on"', live.environment)["id"]
    assert child(tmp_path, 'id="goes-on", resume="must"', live.environment)["step"] == 10
    assert len(live.rows("goes-on")) == 13
    assert len(live.rows(fork)) == 13
    assert [row["loss"] for row in live.rows(fork)][10:] == [100, 101, 102]


def test_a_running_run_is_forked(live: LiveServer, tmp_path: Path) -> None:
    env = {**live.environment, "WEFT_SYSTEM_INTERVAL": "0"}
    running = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="busy")
        for i in range(5): run.log({"loss": i})
        print("logged", flush=True)
        sys.stdin.readline()
        for i in range(5): run.log({"loss": i})
        """,
        env,
        stdin=-1,
    )
    assert running.stdout is not None
    running.stdout.readline()
    shown = child(tmp_path, 'fork_from="busy"', env)
    assert (shown["step"], shown["summary"]["loss"]) == (5, 4)
    running.communicate("\n", timeout=180)
    wait_until(lambda: len(live.rows("busy")) == 10, what="the rest of the run")
    assert [row["loss"] for row in live.rows(shown["id"])] == [0, 1, 2, 3, 4, 100, 101, 102]


WAITING = """
import sys
from weft.sdk.continuing.known_runs import KnownRuns
ask = KnownRuns._ask
def ask_and_wait(*args, **options):
    answer = ask(*args, **options)
    print("answered", flush=True)
    sys.stdin.readline()
    return answer
KnownRuns._ask = ask_and_wait
"""
"""Between the server's answer and what is made of it, a line is waited for."""


def test_rows_that_are_sent_while_the_server_answers_are_in_a_fork(
    live: LiveServer, tmp_path: Path
) -> None:
    parent(tmp_path, "sent", live.environment)
    more = "import weft; weft.init(id='sent', resume='must').log({'loss': -1})"
    assert run_script(tmp_path, more, {**live.environment, "WEFT_MODE": "offline"}).exit_code == 0
    forking = start_script(
        tmp_path, WAITING + CHILD.format(arguments='fork_from="sent"'), live.environment, stdin=-1
    )
    assert forking.stdout is not None
    forking.stdout.readline()
    assert sync([tmp_path], base_url=live.url) == 0
    answer, _ = forking.communicate("\n", timeout=180)
    shown = json.loads(answer)
    assert (shown["step"], shown["summary"]["loss"]) == (11, -1)


@at_length
def test_a_fork_is_started_again_like_any_run(live: LiveServer, tmp_path: Path) -> None:
    """The same command, as a scheduler gives it after a crash: resume is another word."""
    parent(tmp_path, "again", live.environment)
    child(tmp_path, 'fork_from="again?_step=4", id="fork2"', live.environment)
    shown = child(tmp_path, 'id="fork2", resume="must"', live.environment)
    assert (shown["step"], shown["resumed"], shown["config"]["lr"]) == (8, True, 0.1)
    assert [row["_step"] for row in live.rows("fork2")] == list(range(11))


@at_length
def test_a_fork_of_a_deleted_run_keeps_its_rows(live: LiveServer, tmp_path: Path) -> None:
    parent(tmp_path, "doomed", live.environment)
    fork = child(tmp_path, 'fork_from="doomed?_step=4"', live.environment)["id"]
    before = live.rows(fork)
    live.run("doomed").delete()
    assert live.rows(fork) == before
    refused = run_script(
        tmp_path, 'import weft\nweft.init(fork_from="doomed?_step=4")', live.environment
    )
    assert refused.stderr.strip().splitlines()[-1].startswith("weft.errors.Gone: ")


@at_length
def test_a_fork_says_where_it_comes_from(live: LiveServer, tmp_path: Path) -> None:
    parent(tmp_path, "source", live.environment)
    script = run_script(
        tmp_path,
        'import weft\nweft.init(fork_from="source?_step=4", id="said").log({"x": 1})',
        live.environment,
    )
    assert "Forked from run source at step 4" in script.stderr
    (directory,) = tmp_path.glob("weft/run-*-said")
    first = [records_of(log, Run)[0] for log in logs_of(directory)]
    (main,) = [record for record in first if record.sources]
    assert (main.fork_run, main.fork_step, main.resume) == ("source", 4, None)
    assert {(run, step) for run, _, step in main.sources} == {("source", 4)}


@at_length
def test_many_ranks_fork_one_run_at_once(live: LiveServer, tmp_path: Path) -> None:
    parent(tmp_path, "ranked", live.environment)
    code = """
        import weft
        run = weft.init(fork_from="ranked?_step=4", id="ranks")
        for i in range(5): run.log({"rank": 1, "loss": i})
        print(run.starting_step)
        """
    scripts = [start_script(tmp_path, code, live.environment) for _ in range(3)]
    for script in scripts:
        stdout, stderr = script.communicate(timeout=180)
        assert (script.returncode, stdout.strip()) == (0, "5"), stderr
    steps = [row["_step"] for row in live.rows("ranks")]
    assert steps == [*range(5), *(step for step in range(5, 10) for _ in range(3))]
