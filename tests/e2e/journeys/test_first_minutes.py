"""A newcomer's first commands, pasted together into one shell: a server that starts, and a script.

The server takes seconds to load, and the script is through in a fraction of one.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import weft
from at_length import at_length, case_at_length
from live_runs import await_no_sidecar
from pasted_shell import Shell
from server_process import wait_until

ROOT = Path(__file__).parents[3]


def readme_script() -> str:
    """The script that README.md has the reader save as `train.py`."""
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    (tmp_path / "train.py").write_text(readme_script())
    with contextlib.closing(Shell(tmp_path)) as shell:
        yield shell


def links_in(output: str) -> list[str]:
    return re.findall(r"View run .* at (http://\S+)", output)


def read_announcement(shell: Shell) -> dict[str, Any]:
    """The server's announcement, which comes a moment after it answers."""

    def announced() -> dict[str, Any] | None:
        file: dict[str, Any] = json.loads(shell.announcement.read_bytes())
        return file if file["is_ready"] else None

    file = wait_until(announced, what="the announcement of a server that answers")
    assert isinstance(file, dict)
    return file


def read_rows(link: str, token: str | None = None) -> list[dict[str, Any]]:
    """The rows of the run of a link, which has to be finished."""
    base, _, path = link.rpartition("/local/")
    project, _, run_id = path.partition("/runs/")
    run = weft.Api(base, api_key=token).run(f"local/{project}/{run_id}")
    assert run.state == "finished"
    return list(run.scan_history())


@pytest.mark.parametrize("attempt", [0, *map(case_at_length, range(1, 10))])
def test_a_server_and_a_script_that_are_pasted_together_work(shell: Shell, attempt: int) -> None:
    # Alone, the server is announced after 40 ms, and the script looks for it after 100. Other
    # tests take the processors from both, so the shell waits for the announcement.
    waiting = f"until [ -e {shell.announcement} ]; do sleep 0.01; done"
    output = shell.paste("weft server --port 0", waiting, "python train.py")
    first, last = links_in(output)
    assert first == last
    is_late = output.index("serving http") < output.index("Tracking run")
    starts = "A server is starting: the run is sent there as soon as it serves"
    assert starts in output or is_late
    assert "No server is known" not in output
    announced = read_announcement(shell)
    assert first.startswith(announced["address"])
    # It was there when `finish` printed the link.
    assert len(read_rows(first, announced["token"])) == 500
    shell.close()
    assert not shell.announcement.exists()


def test_a_run_that_does_not_wait_arrives_when_the_server_serves(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(readme_script())
    with contextlib.closing(Shell(tmp_path, {"WEFT_FINISH_TIMEOUT": "0"})) as shell:
        output = shell.paste("weft server --port 0", "python train.py")
        assert "it continues in the background" in output
        await_no_sidecar()
        server = json.loads(shell.announcement.read_bytes())
        # there is no link in the output if the script ended before the server had its port
        api = weft.Api(server["address"], api_key=server["token"])
        (project,) = api.projects()
        (run,) = api.runs(f"local/{project.name}")
        assert run.state == "finished"
        assert len(list(run.scan_history())) == 500


def test_a_port_that_is_taken_leaves_no_announcement_and_true_words(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        output = shell.paste(f"weft server --port {port}", "python train.py")
        shell.await_text(f"(can't listen on 127.0.0.1:{port})")
    assert links_in(output) == []
    assert "Run data is saved locally in ./weft/run-" in output
    assert "View it with `weft ui`, send it with `weft sync ./weft/run-" in output
    shell.close()
    assert not shell.announcement.exists()


@at_length
def test_a_server_that_fails_after_its_announcement_leaves_true_words(shell: Shell) -> None:
    unreachable = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    output = shell.paste(f"weft server --port 0 --metadata-url {unreachable}", "python train.py")
    assert "No server answered" in output
    assert "they are safe in ./weft/run-" in output
    assert "View them with `weft ui`, send them with `weft sync ./weft/run-" in output
    shell.close()
    assert not shell.announcement.exists()


@at_length
def test_a_second_server_does_not_replace_the_announcement_of_the_first(shell: Shell) -> None:
    shell.paste("weft server --port 0", "python train.py")
    announced = read_announcement(shell)
    output = shell.paste("weft server --port 0", "wait $!", "python train.py")
    assert "data directory is in use by the server with process id" in output
    assert links_in(output)[0].startswith(announced["address"])
    # Commands that are no server announce none.
    shell.paste("weft server gc", "weft server --help", "wait $!")
    assert read_announcement(shell) == announced


def test_weft_ui_and_a_script_that_are_pasted_together_show_the_run(shell: Shell) -> None:
    output = shell.paste("weft ui --no-browser --port 0", "python train.py")
    assert "Run data is saved locally in ./weft/run-" in output
    url = shell.await_text(r"serving (http://\S+)")
    output = shell.paste("true", "python train.py")
    assert "No server is known: `weft ui`, which is running, shows the run" in output
    (link,) = links_in(output)
    assert link.startswith(url)

    def is_shown() -> bool:
        try:
            return len(read_rows(link)) == 500
        except (weft.errors.NotFound, AssertionError):
            return False

    wait_until(is_shown, what="the run in `weft ui`")
