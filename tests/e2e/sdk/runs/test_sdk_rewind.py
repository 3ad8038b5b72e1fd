"""Going back in a run: later rows are not shown any more, and are all there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import weft
from live_runs import await_no_sidecar
from run_tree import Family
from sdk_script import run_script, start_script
from server_process import ServerProcess
from weft.client.script_client import ScriptClient
from weft.runlog.layout import run_directories
from weft.sdk.continuing.local_runs import LocalRuns
from weft.sync.by_hand.command import sync
from weft.wire.runs.continuation import Continuation

pytestmark = pytest.mark.timeout(300)

N_FAMILIES = int(os.environ.get("WEFT_TEST_ROUNDS", "1"))


@pytest.mark.parametrize("seed", range(N_FAMILIES))
def test_a_family_of_runs_made_offline_shows_what_its_model_says(
    seed: int,
    tmp_path: Path,
    server: ServerProcess,
    api: weft.Api,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entity = f"family{seed}"
    family = Family(seed, 14)
    script = run_script(tmp_path, family.script(), {"WEFT_ENTITY": entity})
    assert script.exit_code == 0, script.stderr
    monkeypatch.setenv("WEFT_BASE_URL", server.url)
    monkeypatch.setenv("WEFT_API_KEY", server.token)
    assert sync([tmp_path]) == 0
    client = ScriptClient(server.url, server.token)
    local = LocalRuns([tmp_path / "weft"], entity, "tree", pytest.fail)
    for run_id, shown in family.runs.items():
        run = api.run(f"{entity}/tree/{run_id}")
        rows = [(row["_step"], row["n"]) for row in run.scan_history()]
        assert sorted(rows) == sorted(shown.rows), (run_id, family.plan)
        assert run.config == shown.config
        for step in family.steps_of(run_id):
            here, there = (
                local.read(run_id, step),
                client.continuation(entity, "tree", run_id, step),
            )
            assert here is not None
            assert here.summary == there.summary == shown.summary_to(step)
            assert as_compared(here) == as_compared(there)
            assert there.name.startswith(here.name)  # the server numbers a name that it makes
            assert here.aggregates.keys() == there.aggregates.keys()
            for continuation in (here, there):
                values = continuation.aggregates.get("n0", {})
                expected = shown.aggregates_to(step)
                assert {name: values[name] for name in expected} == pytest.approx(expected)
            assert here.runtime_micros == there.runtime_micros
    client.close()


@pytest.mark.parametrize("seed", range(N_FAMILIES))
def test_a_family_of_runs_made_on_and_off_line_shows_what_its_model_says(
    seed: int, tmp_path: Path, server: ServerProcess, api: weft.Api, environment: dict[str, str]
) -> None:
    entity = f"mixed{seed}"
    family = Family(1000 + seed, 14, modes=["online", "offline"])
    script = run_script(tmp_path, family.script(), {**environment, "WEFT_ENTITY": entity})
    assert script.exit_code == 0, script.stderr
    directories = run_directories(tmp_path / "weft")
    family.random.shuffle(directories)
    await_no_sidecar()  # it has the logs until then
    for directory in directories:
        assert sync([directory], base_url=server.url) == 0
    for run_id, shown in family.runs.items():
        run = api.run(f"{entity}/tree/{run_id}")
        rows = [(row["_step"], row["n"]) for row in run.scan_history()]
        assert sorted(rows) == sorted(shown.rows), (run_id, family.plan)
        assert run.config == shown.config
        assert run.summary.get("best") == shown.best
        expected: dict[str, object] = {**shown.summary_to()}
        if shown.aggregates_to():
            expected["n0"] = pytest.approx(shown.aggregates_to())
        assert {key: run.summary[key] for key in expected} == expected
        parts: dict[bool, list[tuple[float, int]]] = {True: [], False: []}
        for row in run.scan_history(superseded=True):
            parts[row.get("_superseded", False)].append((row["_step"], row["n"]))
        assert sorted(parts[True]) == sorted(shown.superseded)
        assert sorted(parts[False]) == sorted(shown.rows)
        assert run.state == "finished"


def test_a_run_that_goes_back_says_so_and_keeps_what_it_had(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    first = """
        import weft
        run = weft.init(id="back", name="mine", tags=["a"], config={"lr": 0.1})
        for i in range(10): run.log({"loss": 10 - i})
        run.finish(1)
        """
    assert run_script(tmp_path, first, environment).exit_code == 0
    again = """
        import weft
        run = weft.init(resume_from="back?_step=5.5", config={"lr": 0.2})
        assert (run.id, run.name, run.tags, run.resumed) == ("back", "mine", ("a",), True)
        assert (run.step, run.starting_step, run.summary["loss"]) == (6, 6, 5)
        run.log({"loss": 100})
        """
    for _ in range(2):  # a scheduler may start it again
        script = run_script(tmp_path, again, environment)
        assert script.exit_code == 0, script.stderr
        assert "Resuming run mine" in script.stderr
        assert "Gone back to step 5.5" in script.stderr
    run = api.run("local/tests/back")
    shown = [(row["_step"], row["loss"]) for row in run.scan_history()]
    assert shown == [*((i, 10 - i) for i in range(6)), (6, 100)]
    assert len(list(run.scan_history(superseded=True))) == 12
    assert (run.state, run.config, run.summary) == ("finished", {"lr": 0.2}, {"loss": 100})
    assert (run.name, run.tags) == ("mine", ["a"])


def test_a_process_that_runs_is_not_cut(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    running = start_script(
        tmp_path,
        """
        import sys, weft
        run = weft.init(id="alive")
        for i in range(10): run.log({"a": i})
        print("logged", flush=True)
        sys.stdin.readline()
        for i in range(10): run.log({"a": 10 + i})
        """,
        environment,
        stdin=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.readline()
    code = 'import weft\nrun = weft.init(resume_from="alive?_step=3")\nrun.log({"b": 1})'
    script = run_script(tmp_path, code, environment)
    assert script.exit_code == 0, script.stderr
    running.communicate("\n", timeout=180)
    rows = list(api.run("local/tests/alive").scan_history())
    assert [row["a"] for row in rows if "a" in row] == list(range(20))
    assert [row["_step"] for row in rows if "b" in row] == [4]


def as_compared(continuation: Continuation) -> dict[str, object]:
    return {
        "last_step": continuation.last_step,
        "config": continuation.config,
        "summary_set": continuation.summary_set,
        "definitions": continuation.definitions,
        "running": continuation.running,
        "texts": (
            continuation.notes,
            continuation.tags,
            continuation.group,
            continuation.job_type,
            continuation.state,
        ),
    }
