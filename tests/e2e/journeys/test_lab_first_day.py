"""A lab's first day at one server, as docs/guide/people.md tells it, in two browsers.

`WEFT_TEST_PICTURES` names a folder that gets a picture of each step, in `WEFT_TEST_THEME`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sdk_script import run_well
from server_process import ServerProcess, start_server
from web_pages import axe_faults, closed_address

PASSWORD = "correct horse battery staple"

TRAIN = """
import weft
run = weft.init(project="street", name="first fit", entity="vision")
for step in range(50):
    run.log({"loss": 1 / (step + 1)})
run.finish()
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ServerProcess]:
    with start_server(tmp_path, "--host", "0.0.0.0") as server:
        command = [sys.executable, "-m", "weft.cli.main", "server", "init-admin", "ada"]
        subprocess.run(
            [*command, "--password", "-", "--local-to", "ada", "--data", str(server.data)],
            input=PASSWORD,
            text=True,
            check=True,
            env=server.environment,
        )
        yield server


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("WEFT_TEST_PICTURES")
    if folder:
        page.wait_for_timeout(800)  # dialogs fade
        page.screenshot(path=f"{folder}/{name}.png")


def new_page(browser: Browser) -> Page:
    is_dark = os.environ.get("WEFT_TEST_THEME") == "dark"
    return browser.new_context(
        viewport={"width": 1280, "height": 800}, color_scheme="dark" if is_dark else "light"
    ).new_page()


def make_account(page: Page, link: str, name: str) -> None:
    page.goto(link)
    picture(page, f"invited-{name}")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("button", name="Account")).to_be_visible()


def test_a_lab_begins(lab: ServerProcess, browser: Browser, tmp_path: Path) -> None:
    url = closed_address(lab)
    ada, bob, eve = (new_page(browser) for _ in range(3))
    ada.goto(url)
    picture(ada, "sign-in")
    ada.get_by_label("User name or e-mail").fill("ada")
    ada.get_by_label("Password").fill(PASSWORD)
    ada.get_by_role("button", name="Sign in", exact=True).click()

    ada.get_by_role("button", name="Account").click()
    ada.get_by_role("menuitem", name="New team").click()
    ada.get_by_label("Name", exact=True).fill("vision")
    ada.get_by_role("button", name="Make team").click()
    expect(ada).to_have_url(re.compile("/teams/vision"))

    def invite(role: str) -> str:
        ada.get_by_role("button", name="Invite").click()
        dialog = ada.get_by_role("dialog")
        dialog.get_by_text(role, exact=True).click()
        dialog.get_by_role("button", name="Make invitation").click()
        link = ada.locator(".shown-key code").inner_text()
        picture(ada, f"invitation-{role}")
        ada.locator(".shown-key").get_by_role("button", name="Close").click()
        return link

    make_account(bob, invite("Member"), "bob")
    make_account(eve, invite("Viewer"), "eve")

    bob.goto(f"{url}/authorize")
    bob.get_by_role("button", name="New key").click()
    bob.get_by_label("Name", exact=True).fill("laptop")
    bob.get_by_role("button", name="Make key").click()
    key = bob.locator(".shown-key code").inner_text()
    picture(bob, "new-key")
    run_well(
        tmp_path, TRAIN, WEFT_MODE="online", WEFT_BASE_URL=url, WEFT_API_KEY=key,
        XDG_STATE_HOME=str(tmp_path / "bob"),
    )  # fmt: skip

    for page, name in ((ada, "ada"), (bob, "bob"), (eve, "eve")):
        page.goto(f"{url}/vision/street")
        expect(page.get_by_text("first fit").first).to_be_visible()
        picture(page, f"workspace-{name}")

    def rename(page: Page) -> int:
        """The status of a change of the run, as the page sends it."""
        return page.evaluate(
            """async () => {
                const runs = await (await fetch("/api/v1/projects/vision/street/runs")).json();
                const path = "/api/v1/projects/vision/street/runs/" + runs.runs[0].id;
                const headers = {"Content-Type": "application/json"};
                const body = JSON.stringify({name: "renamed"});
                return (await fetch(path, {method: "PATCH", headers, body})).status;
            }"""
        )

    assert rename(eve) == 403
    assert rename(bob) == 200
    expect(ada.get_by_text("renamed").first).to_be_visible()

    ada.get_by_role("link", name="Activity").click()
    activity = ada.get_by_role("region", name="Activity")
    expect(activity.get_by_role("listitem").first).to_contain_text("bob renamed renamed")
    expect(activity.get_by_role("listitem").last).to_contain_text("bob")
    assert axe_faults(ada) == []
    picture(ada, "activity")
    activity.get_by_role("link", name="renamed").first.click()
    expect(ada.get_by_role("region", name="Run")).to_contain_text(re.compile(r"Edited by\s*bob"))

    for page, note in ((bob, "1 of 1 run"), (ada, "0 of 1 run")):
        page.goto(f"{url}/vision/street/runs")
        expect(page.get_by_text("renamed").first).to_be_visible()
        page.get_by_role("button", name="Mine").click()
        expect(page.get_by_role("button", name="Mine", pressed=True)).to_be_visible()
        expect(page.get_by_text(note, exact=True)).to_be_visible()

    ada.goto(f"{url}/teams/vision")
    picture(ada, "team")
    ada.get_by_role("link", name="Activity").click()
    expect(
        activity.get_by_role("listitem").filter(has_text="eve joined as viewer")
    ).to_be_visible()
    ada.get_by_role("link", name="Members").click()
    ada.get_by_role("button", name="More of bob").click()
    ada.get_by_role("menuitem", name=re.compile("Remove")).click()
    ada.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(ada.get_by_role("button", name="More of bob")).to_have_count(0)
    bob.reload()
    expect(bob.get_by_text("first fit")).to_have_count(0)
    picture(bob, "removed")
    assert rename(eve) == 403
