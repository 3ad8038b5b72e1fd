"""A notebook in JupyterLab, in Chromium: what a user of it sees and presses."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from live_runs import LiveServer
from sdk_script import script_environment
from server_process import wait_until

pytestmark = pytest.mark.timeout(600)

expect.set_options(timeout=60_000)

CELLS = [
    'import weft\nrun = weft.init(id="lab-1", project="tests", name="in the lab")',
    '%%weft -h 400\nfor n in range(20):\n    run.log({"loss": 1 / (n + 1)})',
    "import itertools, time\nfor n in itertools.count():\n"
    '    run.log({"n": n})\n    print("\\rstep", n, end="")\n    time.sleep(0.01)',
    'run.log({"after": 1})\nrun.finish()',
    'run = weft.init(id="lab-2", project="tests")\nrun.log({"a": 1})',
    'run = weft.init(id="lab-3", project="tests")\nrun.log({"b": 1})',
]


@pytest.fixture
def lab(tmp_path: Path, live: LiveServer) -> Iterator[str]:
    """The address of a JupyterLab whose folder has the notebook."""
    cells = [
        {"cell_type": "code", "id": f"cell-{n}", "source": source, "metadata": {}, "outputs": [],
         "execution_count": None}
        for n, source in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5
    }  # fmt: skip
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / "train.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **live.environment,
        "WEFT_API_KEY": live.process.token,
        "WEFT_CONSOLE": "wrap",
        "HOME": str(tmp_path),
        "IPYTHONDIR": str(tmp_path / ".ipython"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / ".jupyter"),
    }
    with (tmp_path / "lab.log").open("w") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
                f"--ServerApp.port={port}", "--IdentityProvider.token=", "--expose-app-in-browser",
                "--LabApp.news_url=", "--LabApp.check_for_updates_class="
                "jupyterlab.NeverCheckForUpdate",
            ],
            cwd=folder, env=script_environment(env), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, (tmp_path / "lab.log").read_text()
        try:
            with urllib.request.urlopen(f"{url}/api", timeout=10):
                return True
        except OSError:
            return False

    try:
        wait_until(answers, what="JupyterLab answers")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # asked to end, it may wait for its kernels
        process.wait(60)


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def cell(page: Page, number: int) -> Locator:
    return page.locator(".jp-Notebook .jp-CodeCell").nth(number)


def run_cell(page: Page, number: int) -> Locator:
    """Run a cell as a user does; returns its output."""
    element = cell(page, number)
    element.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    return element.locator(".jp-OutputArea")


def choose(page: Page, menu: str, item: str) -> None:
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.get_by_role("menuitem", name=item).first.click()


def test_a_notebook_in_jupyterlab(page: Page, lab: str, live: LiveServer, tmp_path: Path) -> None:
    page.goto(f"{lab}/lab/tree/train.ipynb")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle")

    begun = run_cell(page, 0)
    expect(begun.get_by_role("link").first).to_be_visible()
    expect(begun).to_contain_text("in the lab")

    shown = run_cell(page, 1)
    frame = shown.frame_locator("iframe")
    expect(frame.get_by_text("in the lab").first).to_be_visible()
    expect(frame.locator("canvas").first).to_be_visible()

    looping = run_cell(page, 2)
    expect(looping).to_contain_text(re.compile(r"step \d{2}"))
    choose(page, "Kernel", "Interrupt Kernel")
    expect(looping).to_contain_text("KeyboardInterrupt")

    ended = run_cell(page, 3)
    expect(ended).to_contain_text("lab-1")
    run = live.ended("lab-1")
    assert run.state == "finished", "an interrupted cell ends no run"
    assert run.summary["after"] == 1

    # the next init finishes the run before, and a kernel that restarts finishes its run
    run_cell(page, 4)
    run_cell(page, 5)
    assert live.ended("lab-2").state == "finished"
    wait_until(lambda: live.has("lab-3"), what="the third run")
    choose(page, "Kernel", "Restart Kernel…")
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    assert live.ended("lab-3").state == "finished"

    run = live.run("lab-1")
    code = next(file for file in run.files() if file.name.endswith(".ipynb"))
    with code.download(tmp_path) as content:
        assert "weft.init" in content.read()
