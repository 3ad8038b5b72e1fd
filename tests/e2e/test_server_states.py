"""The state of a run that was preempted, killed, resumed, rewound or stopped, at a real server."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import weft
from sdk_script import run_script, start_script
from server_process import ServerProcess, start_server
from weft.client.endpoints import Client
from weft.errors import NotFound

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture
def api(server: ServerProcess) -> Iterator[weft.Api]:
    api = weft.Api(server.url, api_key=server.token)
    yield api
    api.close()


@pytest.fixture
def environment(server: ServerProcess) -> dict[str, str]:
    return {
        "WEFT_MODE": "online", "WEFT_BASE_URL": server.url, "WEFT_PROJECT": "states",
        "WEFT_SYSTEM_INTERVAL": "0",
    }  # fmt: skip


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def state(api: weft.Api, run_id: str) -> str:
    """A run's state; empty while the server does not know of it."""
    try:
        return api.run(f"local/states/{run_id}").state
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
    until(lambda: state(api, "taken") == "preempted")
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
    run = api.run("local/states/taken")
    assert (run.state, run.exit_code, run.fork) == ("finished", 0, None)
    assert [row["_step"] for row in run.scan_history()] == [0, 1, 2]


def test_a_killed_run_is_finished_once_it_was_rewound(
    tmp_path: Path, environment: dict[str, str], api: weft.Api
) -> None:
    code = DIES.format(run_id="back", before='run.summary["mine"] = 1')
    assert run_script(tmp_path, code, environment).exit_code == -signal.SIGKILL
    until(lambda: state(api, "back") == "crashed")
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
    run = api.run("local/states/back")
    assert (run.state, run.exit_code) == ("finished", 0)
    assert run.fork == {"run": "back", "step": 0}
    assert run.summary == {"loss": 3, "acc": 1, "mine": 1}
    assert [row.get("loss") for row in run.scan_history()] == [3, None]
    assert [row.get("loss") for row in run.scan_history(superseded=True)] == [3, 2, None]


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
    run = api.run("local/states/branch")
    assert run.fork == {"run": "trunk", "step": 1}
    assert run.summary == {"loss": {"max": 1, "last": -5}, "lr": 0.2, "mine": 1}
    assert [row["loss"] for row in run.scan_history()] == [0, 1, -5]
    trunk = api.run("local/states/trunk")
    assert trunk.summary["loss"] == {"max": 3, "last": 3}


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
    client = Client(server.url, server.token)
    until(lambda: state(api, "halt") == "running")
    client.stop_run("local", "states", "halt")
    process.communicate(timeout=60)
    until(lambda: state(api, "halt") == "killed")
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
