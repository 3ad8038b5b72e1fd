"""A lab's first day at one server, as docs/guide/people.md tells it, in two browsers.

`WEFT_TEST_PICTURES` names a folder that gets a picture of each step, in `WEFT_TEST_THEME`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from at_length import at_length
from run_log_bytes import HandMadeLog
from sdk_script import run_well
from server_process import ServerProcess, start_server
from web_pages import axe_faults, closed_address, go_in_app

PASSWORD = "correct horse battery staple"

TRAIN = """
import weft
from PIL import Image
run = weft.init(project="PROJECT", name="NAME", entity="vision")
run.log({"samples": weft.Image(Image.new("RGB", (64, 32), "navy"))})
for step in range(50):
    run.log({"loss": 1 / (step + 1)})
run.finish()
"""


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server beyond this machine, with two projects from before it had accounts."""
    with start_server(tmp_path, "--host", "0.0.0.0") as server:
        headers = {"Authorization": f"Bearer {server.token}"}
        with httpx.Client(base_url=closed_address(server), headers=headers) as owner:
            for project in ("street", "scratch"):
                log = HandMadeLog(run="ab12cd34", project=project)
                log.keys("loss")
                log.rows([[0.5], [0.25]])
                assert log.upload(owner).is_success
        yield server


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("WEFT_TEST_PICTURES")
    if folder:
        page.wait_for_timeout(800)  # dialogs fade
        page.screenshot(path=f"{folder}/{name}.png")


def new_page(browser: Browser) -> Page:
    is_dark = os.environ.get("WEFT_TEST_THEME") == "dark"
    return browser.new_context(
        viewport={"width": 1280, "height": 800},
        color_scheme="dark" if is_dark else "light",
        reduced_motion="reduce",
    ).new_page()


def make_account(page: Page, link: str, name: str) -> None:
    page.goto(link)
    picture(page, f"invited-{name}")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("button", name="Account")).to_be_visible()


STATUS_OF = """async (path) => {
    const left = new AbortController();
    const answer = await fetch(path, {signal: left.signal, cache: "no-store"});
    left.abort();
    return answer.status;
}"""
"""The status of an answer that may be a stream without an end."""


def picture_address(page: Page) -> str:
    """The address of the run's picture that a workspace shows."""
    image = page.locator("[data-kind='media'] img").first
    expect(image).to_be_visible()
    page.wait_for_function("(image) => image.naturalWidth === 64", arg=image.element_handle())
    return image.get_attribute("src") or ""


def see_as_eve(ada: Page, url: str, train: Callable[[str, str], None]) -> None:
    """Look at the project as eve: picture, stream, lists; in all tabs, until it is stopped."""
    ada.goto(f"{url}/vision/plans")
    hidden = [picture_address(ada), "/api/v1/projects/vision/plans/events"]
    ada.evaluate(
        """fetch("/api/v1/projects/vision/plans/access", {
            method: "PATCH",
            headers: {"Content-Type": "application/json"},
            body: JSON.stringify({visibility: "restricted"}),
        }).then((answer) => answer.status)"""
    )
    assert [ada.evaluate(STATUS_OF, path) for path in hidden] == [200, 200]

    ada.goto(f"{url}/vision/street")
    ada.get_by_role("button", name="Who may see this project").click()
    dialog = ada.get_by_role("dialog")
    field = dialog.get_by_label("User to see it as")
    field.fill("nobody")
    dialog.get_by_role("button", name="See as them").click()
    expect(dialog.get_by_role("alert")).to_contain_text("no user 'nobody'")
    field.fill("eve")
    picture(ada, "access")
    dialog.get_by_role("button", name="See as them").click()
    bar = ada.get_by_role("region", name="Whose view this is")
    expect(bar).to_contain_text("You see this as eve")
    picture_address(ada)
    picture(ada, "see-as")
    assert [ada.evaluate(STATUS_OF, path) for path in hidden] == [404, 404]
    train("street", "second fit")
    expect(ada.get_by_text("second fit").first).to_be_visible()  # by the stream
    ada.reload()
    expect(bar).to_be_visible()
    ada.goto(f"{url}/?view=projects&entity=vision")
    expect(ada.get_by_role("link", name="street", exact=True)).to_be_visible()
    expect(ada.get_by_role("link", name="plans", exact=True)).to_have_count(0)
    assert (
        ada.evaluate(
            """fetch("/api/v1/projects/vision/street", {
            method: "PATCH", headers: {"Content-Type": "application/json"}, body: "{}",
        }).then((answer) => answer.status)"""
        )
        == 403
    )

    other = ada.context.new_page()
    other.goto(f"{url}/vision/street")
    other.get_by_role("button", name="Stop", exact=True).click()
    expect(ada.get_by_role("link", name="plans", exact=True)).to_be_visible()
    for page in (ada, other):
        expect(page.get_by_role("region", name="Whose view this is")).to_have_count(0)
    other.close()
    ada.goto(f"{url}/vision/street")
    expect(ada.get_by_text("second fit").first).to_be_visible()


def move_projects(ada: Page, url: str) -> None:
    """Move what was left from before the accounts to the team; one of them has a name there."""
    ada.goto(f"{url}/?view=projects")
    for project in ("ada/street", "local/scratch"):
        ada.get_by_role("checkbox", name=f"Choose {project}").check()
    ada.get_by_role("button", name="Move to…").click()
    dialog = ada.get_by_role("dialog")
    dialog.get_by_role("combobox", name="New owner").press_sequentially("vis")
    ada.get_by_role("option", name="vision").click()
    preview = dialog.get_by_role("list", name="Preview").get_by_role("listitem")
    expect(preview.nth(0)).to_contain_text(re.compile("to vision/scratch|vision/street already"))
    expect(preview.filter(has_text="ada/street")).to_contain_text("vision/street already")
    picture(ada, "move-projects")
    dialog.get_by_role("button", name="Move 1 project").click()
    expect(dialog).to_have_count(0)
    ada.goto(f"{url}/local/scratch")
    expect(ada).to_have_url(re.compile("/vision/scratch"))


def look_at_own_runs(ada: Page, bob: Page, url: str) -> None:
    """Leave the runs of others out of the table."""
    for page, note in ((bob, "1 of 1 run"), (ada, "0 of 1 run")):
        page.goto(f"{url}/vision/street/runs")
        expect(page.get_by_text("renamed").first).to_be_visible()
        page.get_by_role("button", name="Mine").click()
        expect(page.get_by_role("button", name="Mine", pressed=True)).to_be_visible()
        expect(page.get_by_text(note, exact=True)).to_be_visible()
        page.get_by_role("button", name="Mine").click()
        expect(page.get_by_role("button", name="Mine", pressed=False)).to_be_visible()


def refuse_deletion(ada: Page, url: str) -> None:
    """Lock a run, and try to delete the team: its page names the project that is in the way."""
    ada.goto(f"{url}/vision/street/runs")
    ada.get_by_role("checkbox", name="Select renamed").first.check()
    ada.get_by_role("button", name="Lock", exact=True).click()
    expect(ada.get_by_role("button", name="Unlock", exact=True)).to_be_visible()
    ada.goto(f"{url}/teams/vision/settings")
    ada.get_by_role("button", name="Delete team").click()
    dialog = ada.get_by_role("dialog", name="vision can't be deleted")
    expect(dialog).to_contain_text("1 project has locked runs or versions")
    projects = dialog.get_by_role("list", name="Projects in the way")
    expect(projects).to_contain_text("1 locked run")
    expect(projects.get_by_role("list", name="Locked")).to_contain_text("locked by ada")
    picture(ada, "locked-team")
    assert axe_faults(ada) == []
    projects.get_by_role("link", name="street").click()
    expect(ada).to_have_url(re.compile("/vision/street/runs"))
    expect(dialog).to_have_count(0)


# Also with the rarer dialogs, whose requests are tested over HTTP (`test_server_teams.py`).
@at_length
@pytest.mark.parametrize("is_whole", [False, True], ids=["short", "whole"])
def test_a_lab_begins(
    lab: ServerProcess, browser: Browser, tmp_path: Path, is_whole: bool
) -> None:
    url = closed_address(lab)
    ada, bob, eve = (new_page(browser) for _ in range(3))
    address = re.search(r"make the first administrator.*(/sign-in/\S+)", lab.stderr)
    assert address is not None
    ada.goto(f"{url}{address[1]}")
    ada.get_by_label("User name").fill("ada")
    ada.get_by_label("Password").fill(PASSWORD)
    ada.get_by_role("checkbox", name="scratch").uncheck()
    picture(ada, "first-administrator")
    ada.get_by_role("button", name="Make the administrator").click()
    expect(ada.get_by_role("button", name="Account")).to_be_visible()
    ada.context.clear_cookies()
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

    go_in_app(bob, f"{url}/authorize")
    bob.get_by_role("button", name="New key").click()
    bob.get_by_label("Name", exact=True).fill("laptop")
    bob.get_by_role("button", name="Make key").click()
    key = bob.locator(".shown-key code").inner_text()
    picture(bob, "new-key")

    def train(project: str, name: str) -> None:
        script = TRAIN.replace("PROJECT", project).replace("NAME", name)
        run_well(
            tmp_path, script, WEFT_MODE="online", WEFT_BASE_URL=url, WEFT_API_KEY=key,
            XDG_STATE_HOME=str(tmp_path / "bob"),
        )  # fmt: skip

    train("street", "first fit")

    go_in_app(ada, f"{url}/vision/street")
    expect(ada.get_by_text("first fit").first).to_be_visible()
    picture(ada, "workspace")

    def rename(page: Page) -> int:
        """The status of a change of the run, which the page's reader may see, as it sends it."""
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

    if is_whole:
        look_at_own_runs(ada, bob, url)
        train("plans", "secret fit")
        see_as_eve(ada, url, train)
        assert rename(ada) == 200
        move_projects(ada, url)
        refuse_deletion(ada, url)
    go_in_app(ada, f"{url}/teams/vision")
    picture(ada, "team")
    ada.get_by_role("link", name="Activity").click()
    expect(
        activity.get_by_role("listitem").filter(has_text="eve joined as viewer")
    ).to_be_visible()
    go_in_app(bob, f"{url}/vision/street/runs")
    expect(bob.get_by_text("renamed").first).to_be_visible()
    ada.get_by_role("link", name="Members").click()
    ada.get_by_role("button", name="More of bob").click()
    ada.get_by_role("menuitem", name=re.compile("Remove")).click()
    ada.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(ada.get_by_role("button", name="More of bob")).to_have_count(0)
    bob.reload()
    expect(bob.get_by_role("main")).to_contain_text("You may not see this project")
    expect(bob.get_by_text("renamed")).to_have_count(0)
    picture(bob, "removed")
    assert rename(eve) == 403
