"""The code of a run in the app: alone, against its commit, against another run."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from media_runs import MediaRun
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

LINES = [f"x{n} = {n}" for n in range(40)]
CODE = {
    "run1": {
        "train.py": "\n".join(["import weft", *LINES, "lr = 0.1", ""]),
        "same.py": "same = 1\n",
        "old.py": "old = 1\n",
    },
    "run2": {
        "train.py": "\n".join(["import weft", *LINES, "lr = 0.2", "decay = 1", ""]),
        "same.py": "same = 1\n",
        "sub/new.py": "new = 1\n",
    },
}
PATCH = """diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,1 +1,1 @@
-lr = 0.3
+lr = 0.2
"""


@pytest.fixture(scope="module", autouse=True)
def code(server: ServerProcess) -> None:
    """The runs of `CODE`, and `run3` without any."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for name in (*CODE, "run3"):
            run = MediaRun(name, "code", label=f"the {name}")
            run.log("loss", 0, 1)
            run.send(client)
            files = f"{run.log_bytes.path}/files"
            for path, text in CODE.get(name, {}).items():
                client.put(f"{files}/code/{path}", content=text.encode()).raise_for_status()
            if name == "run2":
                client.put(f"{files}/diff.patch", content=PATCH.encode()).raise_for_status()
                noted = {"program": "train.py", "code": "code/train.py", "host": "h"}
                gathered = {"git": {"commit": "a" * 40, "dirty": True}}
                for file, content in (("metadata", noted), ("environment", gathered)):
                    answer = client.put(f"{files}/{file}.json", content=json.dumps(content))
                    answer.raise_for_status()


@pytest.fixture
def tab(page: Page, app: OpenApp, server: ServerProcess) -> Page:
    page.goto(f"{app(server)}/local/code/runs/run2/code")
    expect(names(page).first).to_be_visible()
    return page


def names(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Files of code").get_by_role("option")


def choose_against(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile("^Against")).click()
    field = page.get_by_role("combobox", name="Name of the run")
    field.press_sequentially(name)
    page.get_by_role("option").filter(has_text=f"the {name}").click()


def test_the_script_is_shown_first_others_by_click_or_keys_and_all_beside_the_commit(
    tab: Page,
) -> None:
    expect(tab.get_by_role("heading", name="train.py")).to_be_visible()
    expect(tab.locator(".cm-line").first).to_have_text("import weft")
    expect(names(tab)).to_have_text(["same.py", "sub/new.py", "train.py"])
    names(tab).first.click()
    expect(tab.locator(".cm-line").first).to_have_text("same = 1")
    tab.keyboard.press("ArrowDown")
    expect(tab).to_have_url(re.compile("file=sub%2Fnew.py"))
    tab.get_by_role("textbox", name="Search code").fill("TRAIN")
    expect(names(tab)).to_have_text(["train.py"])
    # and beside the commit that it was started from
    tab.get_by_role("button", name=re.compile("^Against")).click()
    tab.get_by_role("button", name="Its commit").click()
    expect(tab.locator(".line.removed")).to_have_text("-lr = 0.3")
    expect(tab).to_have_url(re.compile("against=commit"))


@at_length
def test_the_difference_from_another_run_is_side_by_side_or_in_one_column(tab: Page) -> None:
    choose_against(tab, "run1")
    expect(names(tab)).to_have_text(["old.pygone", "sub/new.pynew", "train.pychanged"])
    expect(tab.get_by_text("3 of 4 files")).to_be_visible()
    names(tab).nth(2).click()
    sides = tab.locator(".cm-mergeViewEditor")
    expect(sides).to_have_count(2)
    expect(sides.nth(0).locator(".cm-changedLine")).to_contain_text("lr = 0.1")
    expect(sides.nth(1).locator(".cm-changedLine").first).to_contain_text("lr = 0.2")
    expect(sides.nth(0).locator(".cm-collapsedLines")).to_contain_text("unchanged lines")
    tab.get_by_text("One column").click()
    expect(tab.locator(".cm-deletedChunk")).to_contain_text("lr = 0.1")
    expect(tab.locator(".cm-changedLine").first).to_contain_text("lr = 0.2")
    tab.reload()
    expect(tab.locator(".cm-deletedChunk")).to_contain_text("lr = 0.1")
    names(tab).nth(0).click()
    expect(tab.get_by_text("Only the other run has this file")).to_be_visible()
    tab.get_by_role("checkbox", name="Only changed").click()
    expect(names(tab)).to_have_count(4)


@at_length
def test_a_run_without_code_says_why(page: Page, app: OpenApp, server: ServerProcess) -> None:
    page.goto(f"{app(server)}/local/code/runs/run3/code")
    expect(page.get_by_role("region", name="Code")).to_contain_text("Not recorded")
    page.goto(f"{app(server)}/local/code/runs/run2/code?against=nothere1")
    expect(page.get_by_text("The code could not be listed")).to_be_visible()


@at_length
def test_code_has_no_faults_of_accessibility(tab: Page) -> None:
    assert axe_faults(tab) == []
    choose_against(tab, "run1")
    names(tab).nth(2).click()
    expect(tab.locator(".cm-mergeViewEditor")).to_have_count(2)
    assert axe_faults(tab) == []
