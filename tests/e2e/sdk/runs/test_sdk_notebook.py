"""Runs of a notebook: cells in a real Jupyter kernel against a real server."""

from __future__ import annotations

import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from at_length import at_length, case_at_length
from live_runs import LiveServer, await_no_sidecar
from notebook_kernel import Kernel
from server_process import wait_until
from weft.records.frame_code import frame_code

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def kernel(tmp_path: Path, live: LiveServer) -> Iterator[Kernel]:
    with Kernel(tmp_path, live.environment) as kernel:
        yield kernel
    await_no_sidecar()


def test_a_run_over_several_cells(kernel: Kernel, live: LiveServer) -> None:
    began = kernel.run('import weft\nrun = weft.init(id="cells", config={"lr": 0.1})')
    assert began.error == began.stderr == ""
    (block,) = began.html
    assert f'<a href="{live.url}/local/tests/runs/cells" target="_blank">' in block
    assert "Run data is saved locally in ./weft/run-" in block

    assert kernel.run('weft.log({"loss": 1})').error == ""
    assert kernel.run('weft.log({"loss": 2}); 1 / 0').error == "ZeroDivisionError"
    # The cell with the config was run again, with another value.
    assert kernel.run("run.config.lr = 0.2; weft.config.update({'lr': 0.3})").error == ""
    assert kernel.run("import sys; sys.exit(3)").error == "SystemExit"
    assert kernel.run('weft.log({"loss": 3}); print(run.finished)').stdout == "False\n"
    wait_until(lambda: live.has("cells"), what="the run's first upload")
    assert live.run("cells").state == "running"

    ended = kernel.run("run.finish()")
    assert "Run history:" in ended.html[0]
    assert f"{live.url}/local/tests/runs/cells</a>" in ended.html[-1]
    assert ended.stderr == ""
    stored = live.ended("cells")
    assert (stored.state, stored.exit_code) == ("finished", 0)
    assert stored.config == {"lr": 0.3}
    assert live.values("cells", "loss") == [1, 2, 3]


def test_the_output_of_all_cells_is_recorded(tmp_path: Path, live: LiveServer) -> None:
    with Kernel(tmp_path, {**live.environment, "WEFT_CONSOLE": "wrap"}) as kernel:
        kernel.run("import logging, weft; run = weft.init(id='printing'); print('first')")
        kernel.run("print('second')")
        kernel.run("logging.warning('third')")
        thread = "threading.Timer(0.2, lambda: (print('between'), done.set())).start()"
        kernel.run(f"import threading; done = threading.Event(); {thread}")
        kernel.run("_ = done.wait(60); print('last')")
        kernel.run("run.finish()")
        kernel.run("print('after the run')")
    live.ended("printing")
    lines = [line.text for line in live.api.run("local/tests/printing").console_logs()]
    assert [line for line in lines if line] == [
        "first", "second", "WARNING:root:third", "between", "last"
    ]  # fmt: skip
    await_no_sidecar()


@at_length
def test_a_second_init_in_a_later_cell_ends_the_first_run(
    kernel: Kernel, live: LiveServer
) -> None:
    kernel.run('import weft\nfirst = weft.init(id="one"); first.log({"a": 1})')
    kernel.run("raise KeyError")
    again = kernel.run('second = weft.init(id="two"); print(first.finished, weft.run is second)')
    assert again.stdout == "True True\n"
    assert live.ended("one").state == "finished"
    kernel.run("weft.finish()")
    assert live.ended("two").state == "finished"


@at_length
def test_an_interrupted_cell_does_not_end_the_run(
    kernel: Kernel, live: LiveServer, tmp_path: Path
) -> None:
    kernel.run('import weft, time, pathlib\nrun = weft.init(id="stopped"); run.log({"a": 1})')
    started = tmp_path / "started"
    busy = f"pathlib.Path({str(started)!r}).touch()\nwhile True: run.log({{'b': 1}})"
    assert kernel.interrupt_after(busy, started).error == "KeyboardInterrupt"
    kernel.run('run.log({"a": 2}); run.finish()')
    stored = live.ended("stopped")
    assert stored.state == "finished"
    assert live.values("stopped", "a") == [1, 2]


BEGIN_SHOWN = 'import weft\nrun = weft.init(id="shown", name="<my> run"); run.log({"a": 1})'


@at_length
def test_display_shows_the_runs_page_in_a_frame(tmp_path: Path, live: LiveServer) -> None:
    # A run that found its server by itself has its token, too.
    with Kernel(tmp_path, {**live.environment, "WEFT_API_KEY": live.process.token}) as kernel:
        kernel.run(BEGIN_SHOWN)
        shown = kernel.run("shown = run.display(height=300); print(shown)")
        folded = kernel.run("run")
    assert shown.stdout == "True\n"
    page = f"{live.url}/local/tests/runs/shown"
    code = frame_code(live.process.token)
    frame = (
        f'<iframe src="{page}/charts?frame={code}" style="border:none;width:100%;height:300px;"'
    )
    assert frame in shown.html[0]
    assert "&lt;my&gt; run" in shown.html[0]
    assert "<my>" not in shown.html[0]
    assert "<details open>" in shown.html[0]
    assert "<details><summary>" in folded.html[0]
    assert_shown_by_a_browser(shown.html[0], tmp_path)


@at_length
def test_the_magics_show_pages_beside_cells(tmp_path: Path, live: LiveServer) -> None:
    page, code = f"{live.url}/local/tests", frame_code(live.process.token)

    def frame(path: str, height: int) -> str:
        return f'src="{page}{path}?frame={code}" style="border:none;width:100%;height:{height}px;"'

    with Kernel(tmp_path, {**live.environment, "WEFT_API_KEY": live.process.token}) as kernel:
        kernel.run("import weft as wandb")
        none = kernel.run("%weft")
        assert none.error == "UsageError"
        started = kernel.run('%%wandb -h 600\nrun = wandb.init(id="magic")\nrun.log({"a": 1})')
        assert [frame("/runs/magic/charts", 600) in html for html in started.html] == [False, True]
        assert frame("/runs/magic/charts", 420) in kernel.run("%%weft\nrun.log({'a': 2})").html[0]
        assert frame("/runs/magic/charts", 300) in kernel.run("%weft --height=300").html[0]
        assert frame("", 420) in kernel.run("%weft local/tests").html[0]
        assert frame("/runs/magic/charts", 420) in kernel.run("%weft local/tests/magic").html[0]
        assert kernel.run("%weft --wide").error == "UsageError"
        kernel.run("run.finish()")
    assert live.values("magic", "a") == [1, 2]


@at_length
def test_without_the_servers_token_display_shows_a_link(kernel: Kernel, live: LiveServer) -> None:
    kernel.run(BEGIN_SHOWN)
    (html,) = kernel.run("shown = run.display()").html
    assert html == (
        f'<a href="{live.url}/local/tests/runs/shown" target="_blank">&lt;my&gt; run</a>'
    )
    kernel.run("run.finish()")


def assert_shown_by_a_browser(html: str, folder: Path) -> None:
    """A page of this machine that holds `html` shows the run in the frame."""
    (folder / "page.html").write_text(f"<!doctype html><meta charset=utf-8>{html}")
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as notebook:
        threading.Thread(target=notebook.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or "/usr/bin/chromium",
                args=["--no-sandbox", "--disable-gpu"],
            )
            page = browser.new_page()
            page.goto(f"http://localhost:{notebook.server_port}/page.html")
            expect(page.frame_locator("iframe").locator("body")).to_contain_text("<my> run")
            browser.close()
        notebook.shutdown()


@at_length
def test_a_front_end_that_can_not_ask_gets_an_error(kernel: Kernel) -> None:
    cell = kernel.run("import weft; weft.login(host='http://192.0.2.1')")
    assert (cell.error, cell.html) == ("UsageError", [])


@at_length
def test_silent_shows_nothing(kernel: Kernel) -> None:
    cell = kernel.run(
        'import weft\nrun = weft.init(mode="offline", settings={"silent": True})\n'
        'run.log({"a": object()}); run.display(); run.finish()'
    )
    assert (cell.html, cell.stderr, cell.error) == ([], "", "")


@pytest.mark.parametrize("ending", ["shutdown", case_at_length("restart")])
def test_a_kernel_that_ends_finishes_its_run(
    kernel: Kernel, live: LiveServer, ending: str
) -> None:
    kernel.run(f'import weft\nrun = weft.init(id="{ending}"); run.log({{"a": 1}})')
    kernel.run("1 / 0")
    if ending == "restart":
        kernel.restart()
        assert kernel.run("import weft; print(weft.run)").stdout == "None\n"
    else:
        kernel.shut_down()
    stored = live.ended(ending)
    assert (stored.state, stored.exit_code) == ("finished", 0)
    assert live.values(ending, "a") == [1]


def test_a_killed_kernel_leaves_a_crashed_run_with_all_its_rows(
    kernel: Kernel, live: LiveServer
) -> None:
    kernel.run('import weft\nrun = weft.init(id="killed")\nfor a in range(100): run.log({"a": a})')
    kernel.shut_down(now=True)
    assert live.ended("killed").state == "crashed"
    assert live.values("killed", "a") == [*range(100)]


@at_length
def test_the_notebook_is_noted(tmp_path: Path, live: LiveServer) -> None:
    environment = {**live.environment, "JPY_SESSION_NAME": "/home/me/study.ipynb"}
    with Kernel(tmp_path, environment) as kernel:
        kernel.run('import weft\nrun = weft.init(mode="offline")')
        noted = kernel.run("import json; print(json.load(open(run.dir + '/metadata.json')))")
    assert "'program': '/home/me/study.ipynb', 'args': []" in noted.stdout


def test_cells_are_kept_as_code(tmp_path: Path, live: LiveServer) -> None:
    with Kernel(tmp_path, live.environment) as kernel:
        kernel.run("early = 1")
        kernel.run('import weft\nrun = weft.init(id="cells")')
        kernel.run('token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"')
        kernel.run("1 / 0")
        kernel.run("print('last'); run.finish()")
        kernel.run("after = 1")
    live.ended("cells")
    files = live.api.run("tests/cells").files()
    (file,) = [file for file in files if file.name == "code/_session_history.ipynb"]
    with file.download(tmp_path) as stored:
        notebook = json.load(stored)
    assert notebook["nbformat"] == 4
    assert [cell["source"] for cell in notebook["cells"]] == [
        "early = 1",
        'import weft\nrun = weft.init(id="cells")',
        'token = "***"',
        "1 / 0",
        "print('last'); run.finish()",
    ]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [1, 2, 3, 4, 5]
