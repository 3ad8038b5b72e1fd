"""The environment on a run's page: facts, packages, changes and code of real scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from at_length import at_length
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults, copied, outside, run_script, type_text

SECRET = "q3vXw81LmZ0pT7aB9cD4"

TRAIN = f"""
import os, sys, time
import weft

run = weft.init(project="street", id="env00001", config={{"api_key": "{SECRET}"}})
gathered = os.path.join(run.dir, "environment.json")
until = time.monotonic() + 60
while not (os.path.exists(gathered) and '"git"' in open(gathered).read()):
    assert time.monotonic() < until
    run.log({{"loss": 1}})
    time.sleep(0.05)
run.finish()
"""

N_LONG = 400_000
"""Lines of a long patch: 2 MB."""

QUICK = """
import pathlib, weft
run = weft.init(project='street', id='quick001')
# As if its container had ended with it.
pathlib.Path(run.dir, '../logs/capture.json').unlink()
run.finish()
"""


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True)


@pytest.fixture(scope="module", autouse=True)
def environments(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A run of a script in a Git repository, and one outside."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / "train.py").write_text(TRAIN)
    (folder / "model.py").write_text("width = 64\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", f"https://me:{SECRET}@example.org/a/street.git")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "x")
    (folder / "model.py").write_text("width = 128\n" + "x = 1\n" * 5000)
    (folder / "notes.txt").write_text("one\n" * N_LONG)
    git(folder, "add", "-N", "notes.txt")
    quick = run_script(server, QUICK, is_described=True)
    environment = {
        **server.environment, "WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"
    }  # fmt: skip
    subprocess.run(
        [sys.executable, "train.py", "--epochs", "3", "--token", SECRET],
        cwd=folder, env=environment, check=True, timeout=120,
    )  # fmt: skip
    assert quick.wait(60) == 0
    url = f"{server.url}/api/v1/projects/local/street/runs/env00001/files"
    headers = {"Authorization": f"Bearer {server.token}"}

    def is_complete() -> bool:
        files = httpx.get(url, headers=headers).json()["files"]
        return {"code/train.py", "diff.patch", "environment.json", "requirements.txt"} <= {
            file["path"] for file in files if file["state"] == "stored"
        }

    wait_until(is_complete, what="the files of the environment")


def test_the_environment_is_read_searched_and_copied(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(f"{app(server)}/local/street/runs/env00001")
    environment = page.get_by_role("region", name="Environment")
    link = environment.get_by_role("link", name="https://me:***@example.org/a/street.git")
    expect(link).to_have_attribute("href", "https://example.org/a/street")
    for text in ("main", "train.py", sys.version.split()[0], "secrets redacted"):
        expect(environment).to_contain_text(text)
    commit = copied(page, environment.get_by_role("button", name="Copy commit").click)
    assert re.fullmatch("[0-9a-f]{40}", commit)
    expect(page.get_by_role("region", name="Reproduce")).to_contain_text(
        "--epochs 3 --token '***'"
    )
    assert not any("requirements.txt?" in url or "diff.patch" in url for url in urls)
    assert outside(page) == []

    commands = copied(page, page.get_by_role("button", name="Copy commands").click)
    assert "git clone https://example.org/a/street.git" in commands
    assert "weft restore local/street/env00001" in commands

    environment.get_by_role("button", name="Packages").click()
    dialog = page.get_by_role("dialog", name="Packages")
    expect(dialog.get_by_role("status")).to_have_text(re.compile("^[0-9]+ packages$"))
    expect(dialog.get_by_role("textbox", name="Search packages")).to_be_focused()
    type_text(page, "msgspec")
    expect(dialog.get_by_role("status")).to_have_text(re.compile("^1 of [0-9]+ packages$"))
    expect(dialog.locator(".line")).to_have_text([re.compile("^msgspec==")])
    assert "msgspec==" in copied(page, dialog.get_by_role("button", name="Copy").click)
    dialog.get_by_role("button", name="Close").click()

    environment.get_by_role("link", name="Code").click()
    code = page.get_by_role("region", name="Code")
    expect(code).to_contain_text('config={"api_key": "***"}')
    expect(code.locator(".cm-line").nth(1)).to_have_text("import os, sys, time")
    assert SECRET not in page.content()


@at_length
def test_uncommitted_changes_are_read_line_by_line(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/env00001")
    page.get_by_role("link", name="with uncommitted changes").click()
    changes = page.get_by_role("region", name="Code")
    expect(changes).to_contain_text(f"2 files, +{5001 + N_LONG:,} −1")
    expect(changes.locator(".line.removed")).to_have_text("-width = 64")
    expect(changes.locator(".line.added").first).to_have_text("1+width = 128")
    assert changes.locator(".line").count() < 200, "only lines in view are drawn"
    assert axe_faults(page) == []
    changes.get_by_role("button", name="Go to").click()
    page.get_by_role("menuitemradio", name="notes.txt").click()
    expect(changes.get_by_text("+++ b/notes.txt")).to_be_visible()
    changes.get_by_role("group", name="Uncommitted changes").focus()
    page.keyboard.press("End")
    expect(changes.get_by_text(f"{N_LONG}+one", exact=True)).to_be_visible()


@at_length
def test_a_run_without_an_environment_says_why_and_differs_in_nothing(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/quick001")
    reason = "not there yet: It is gathered after the end of a short script"
    reproduce = page.get_by_role("region", name="Reproduce")
    expect(reproduce).to_contain_text(f"Commit, packages and code {reason}")
    environment = page.get_by_role("region", name="Environment")
    environment.get_by_role("button", name="Packages").click()
    expect(page.get_by_role("dialog", name="Packages")).to_contain_text("Not there yet")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    environment.get_by_role("link", name="Changes").click()
    expect(page.get_by_role("region", name="Code")).to_contain_text("Not there yet")

    page.goto(f"{app(server)}/local/street/compare?ids=env00001,quick001")
    table = page.get_by_role("table", name="Runs side by side")
    packages = table.get_by_role("row").filter(has_text="Packages").first
    expect(packages).to_contain_text(re.compile(r"0 of \d+ differ, unknown for 1 run"))
    # The script notes less of these than what is gathered later.
    for name in ("System", "CPU"):
        row = table.get_by_role("row").filter(has_text=re.compile(f"^{name}"))
        expect(row).to_have_count(0)
    page.get_by_role("textbox", name="Search keys and values").fill("msgspec")
    line = table.get_by_role("row").filter(has_text="msgspec").first
    expect(line).to_contain_text("not recorded")
