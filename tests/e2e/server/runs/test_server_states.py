"""The state of a run that was preempted, killed, resumed, rewound or stopped, at a real server."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

import weft
from at_length import at_length
from sdk_script import run_script, start_script
from server_process import ServerProcess, wait_until
from weft.client.script_client import ScriptClient
from weft.errors import NotFound
from weft.wire.runs.runs import stop_run

pytestmark = pytest.mark.timeout(300)


def state(api: weft.Api, run_id: str) -> str:
    """A run's state; empty while the server does not know of it."""
    try:
        return api.run(f"local/tests/{run_id}").state
    except NotFound:
        return ""


DIES = """
    import os, signal, weft
    run = weft.init(id={run_id!r})
    run.log({{"loss": 3}})
    run.log({{"loss": 2}})
    {before}
    os.kill(os.getpid(), signal.SIGKILL)
    """


def test_a_preempted_run_is_finished_once_it_was_resumed(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = DIES.format(run_id="taken", before="run.mark_preempting()")
    assert run_script(tmp_path, code, environment).exit_code == -signal.SIGKILL
    wait_until(lambda: state(api, "taken") == "preempted")
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(id="taken", resume="must")
        run.log({"loss": 1})
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    run = api.run("local/tests/taken")
    assert (run.state, run.exit_code, run.fork) == ("finished", 0, None)
    assert [row["_step"] for row in run.scan_history()] == [0, 1, 2]


@at_length
def test_a_killed_run_is_finished_once_it_was_rewound(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = DIES.format(run_id="back", before='run.summary["mine"] = 1')
    assert run_script(tmp_path, code, environment).exit_code == -signal.SIGKILL
    wait_until(lambda: state(api, "back") == "crashed")
    script = run_script(
        tmp_path,
        """
        import weft
        run = weft.init(resume_from="back?_step=0")
        run.log({"acc": 1})
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    run = api.run("local/tests/back")
    assert (run.state, run.exit_code) == ("finished", 0)
    assert run.fork == {"run": "back", "step": 0}
    assert run.summary == {"loss": 3, "acc": 1, "mine": 1}
    assert [row.get("loss") for row in run.scan_history()] == [3, None]
    assert [row.get("loss") for row in run.scan_history(superseded=True)] == [3, 2, None]


@at_length
def test_a_fork_begins_with_its_parents_values(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    script = run_script(
        tmp_path,
        """
        import weft
        with weft.init(id="trunk") as run:
            run.define_metric("loss", summary="max,last")
            run.summary["mine"] = 1
            for i in range(4):
                run.log({"loss": i, "lr": 0.1 * (i + 1)})
        with weft.init(id="branch", fork_from="trunk?_step=1") as run:
            run.log({"loss": -5})
        """,
        environment,
    )
    assert script.exit_code == 0, script.stderr
    run = api.run("local/tests/branch")
    assert run.fork == {"run": "trunk", "step": 1}
    assert run.summary == {"loss": {"max": 1, "last": -5}, "lr": 0.2, "mine": 1}
    assert [row["loss"] for row in run.scan_history()] == [0, 1, -5]
    trunk = api.run("local/tests/trunk")
    assert trunk.summary["loss"] == {"max": 3, "last": 3}


@at_length
def test_a_stopped_run_may_be_resumed(
    tmp_path: Path, environment: dict[str, str], api: weft.Api, server: ServerProcess
) -> None:
    process = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="halt")
        while True:
            run.log({"loss": 1})
            time.sleep(0.05)
        """,
        environment,
    )
    client = ScriptClient(server.url, server.token)
    wait_until(lambda: state(api, "halt") == "running")
    client.call(stop_run, "local", "tests", "halt")
    process.communicate(timeout=180)
    wait_until(lambda: state(api, "halt") == "killed")
    script = run_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="halt", resume="must")
        for _ in range(40):
            run.log({"loss": 2})
            time.sleep(0.05)
        """,
        environment,
    )
    assert script.exit_code == 0, "the request of the life before does not stop this one"
    assert state(api, "halt") == "finished"
    client.close()
