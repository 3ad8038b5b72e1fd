"""Pages that may not be seen, or are missing: one text, a way out, no further requests."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from at_length import at_length, case_at_length
from chart_pixels import wait_for
from sdk_script import run_script
from server_process import ServerProcess, start_server
from web_pages import axe_faults, closed_address, go_in_app
from weft import Api
from weft.errors import Conflict
from weft_command import run_weft


@pytest.fixture
def clock(own_context: BrowserContext) -> None:
    """The clock of the page, which the test sets."""
    own_context.clock.install()


class Shared(NamedTuple):
    """A server with the users ada and bob, a project of ada's, and everyone's keys."""

    server: ServerProcess
    address: str
    keys: dict[str, str]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("permissions")
    keys = {
        user: run_weft("server", "user", "add", user, "--data", folder / "data", "--json").report[
            "api_key"
        ]
        for user in ("ada", "bob", "eve")
    }
    with start_server(folder, "--host", "0.0.0.0") as server:
        address = closed_address(server)
        code = """
import weft
from pathlib import Path
from PIL import Image
with weft.init(id="hers", project="vision") as run:
    run.log({"loss": 1, "samples": weft.Image(Image.new("RGB", (8, 8), "navy"))})
    Path("notes.txt").write_text("what came of it")
    run.save("notes.txt")
    print("trained for long")
"""
        script = run_script(
            folder,
            code,
            {
                "WEFT_MODE": "online",
                "WEFT_BASE_URL": address,
                "WEFT_API_KEY": keys["ada"],
                "WEFT_CONSOLE": "wrap",
            },
        )
        assert script.exit_code == 0, script.stderr
        yield Shared(server, address, keys)


def sign_in(page: Page, shared: Shared, user: str, path: str) -> None:
    page.goto(f"{shared.address}{path}")
    page.get_by_label("Key or token").fill(shared.keys[user])
    page.keyboard.press("Enter")


def keep_requests(page: Page) -> list[str]:
    """The requests of the page's API from now on."""
    requests: list[str] = []

    def note(request: Request) -> None:
        if "/api/" in request.url:
            requests.append(f"{request.method} {request.url}")

    page.on("request", note)
    return requests


def assert_quiet(page: Page, requests: list[str]) -> None:
    """Let a minute of the page's timers pass: it asks the server for nothing."""
    page.wait_for_load_state("networkidle")
    requests.clear()
    page.clock.run_for(60_000)
    # what the timers sent is known before the answer of a later request
    page.evaluate("fetch('/healthz').then((answer) => answer.status)")
    assert requests == []


PROJECT_PAGES = [
    "",
    case_at_length("/workspace"),
    case_at_length("/runs"),
    case_at_length("/runs/hers"),
    case_at_length("/runs/hers/charts"),
    case_at_length("/runs/hers/logs"),
    case_at_length("/compare?runs=hers"),
    case_at_length("/artifacts"),
    case_at_length("/artifacts/model/net/v0"),
    case_at_length("/sweeps"),
    case_at_length("/sweeps/abc"),
    case_at_length("/trash"),
]


@pytest.mark.parametrize("path", PROJECT_PAGES)
@pytest.mark.usefixtures("clock")
def test_a_page_of_another_users_project_says_whose_it_is_and_nothing_more(
    page: Page, shared: Shared, path: str
) -> None:
    requests = keep_requests(page)
    sign_in(page, shared, "bob", f"/ada/vision{path}")
    problem = page.get_by_role("main")
    expect(problem).to_contain_text("You may not see this project")
    expect(problem).to_contain_text("ada / vision is not shared with you, or does not exist")
    expect(problem).to_contain_text("you are signed in as bob")
    assert_quiet(page, requests)
    # nothing else is on the page, such as panels, a list of runs, or a message
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\S"))).to_have_count(0)
    for text in ("Nothing logged yet", "Not connected", "Add panel", "Try again", "could not be"):
        expect(page.get_by_text(text)).to_have_count(0)
    assert axe_faults(page) == []
    problem.get_by_role("link", name="Go to your projects").click()
    expect(page).to_have_url(f"{shared.address}/?view=projects&entity=bob")


@at_length
def test_each_page_of_another_users_project_says_whose_it_is(page: Page, shared: Shared) -> None:
    sign_in(page, shared, "bob", "/")
    expect(page).to_have_title(re.compile("weft", re.IGNORECASE))
    expect(page.get_by_label("Key or token")).to_have_count(0)
    for path in ("/runs/hers", "/workspace", "/artifacts", "/sweeps", "/trash"):
        page.goto(f"{shared.address}/ada/vision{path}")
        expect(page.get_by_role("main")).to_contain_text("You may not see this project")


@pytest.mark.parametrize(
    "path", list(map(case_at_length, ("/compare?runs=hers", "/artifacts", "/sweeps", "/trash")))
)
@pytest.mark.usefixtures("clock")
def test_a_page_of_a_missing_project_says_so(page: Page, shared: Shared, path: str) -> None:
    requests = keep_requests(page)
    sign_in(page, shared, "ada", f"/ada/nothing{path}")
    problem = page.get_by_role("main")
    expect(problem).to_contain_text("There is no such project")
    expect(problem).to_contain_text("ada / nothing was not found")
    assert_quiet(page, requests)
    problem.get_by_role("link", name="Go to your projects").click()
    expect(page).to_have_url(f"{shared.address}/?view=projects&entity=ada")


@pytest.mark.usefixtures("clock")
def test_a_project_that_is_not_shared_is_as_one_that_is_missing_until_it_is_there(
    page: Page, shared: Shared
) -> None:
    data = shared.server.data
    run_weft("server", "team", "add", "lab", "--admin", "ada", "--viewer", "bob", "--data", data)
    sign_in(page, shared, "bob", "/lab/later")
    problem = page.get_by_role("main")
    expect(problem).to_contain_text("There is no such project")
    expect(problem).to_contain_text("it is not shared with you")
    for text in ("No runs in later yet", "Not connected"):
        expect(page.get_by_text(text)).to_have_count(0)
    headers = {"Authorization": f"Bearer {shared.keys['ada']}"}
    url = f"{shared.address}/api/v1/projects/lab/later"
    httpx.put(url, headers=headers, json={}).raise_for_status()
    page.clock.run_for(5_000)
    expect(page.get_by_role("heading", name="No runs in later yet")).to_be_visible()


def assert_signed_out(page: Page, requests: list[str]) -> None:
    problem = page.get_by_role("main")
    expect(problem).to_contain_text("You are signed out")
    assert_quiet(page, requests)
    problem.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Key or token")).to_be_visible()


@pytest.mark.usefixtures("clock")
def test_a_browser_whose_sign_in_ended_leads_back_to_it(page: Page, shared: Shared) -> None:
    requests = keep_requests(page)
    sign_in(page, shared, "ada", "/")
    expect(page.get_by_role("link", name="vision").first).to_be_visible()
    page.context.clear_cookies()
    page.clock.run_for(15_000)  # Home reads the projects again
    assert_signed_out(page, requests)


@at_length
@pytest.mark.usefixtures("clock")
def test_a_page_notices_that_its_readers_account_was_removed(page: Page, shared: Shared) -> None:
    requests = keep_requests(page)
    headers = {"Authorization": f"Bearer {shared.keys['eve']}"}
    url = f"{shared.address}/api/v1/projects/eve/mine"
    assert httpx.put(url, headers=headers, json={}).is_success
    sign_in(page, shared, "eve", "/eve/mine")
    expect(page.get_by_role("heading", name="No runs in mine yet")).to_be_visible()
    run_weft("server", "user", "remove", "eve", "--data", shared.server.data)
    assert_signed_out(page, requests)


def test_a_share_is_seen_signed_out_on_a_phone(page: Page, shared: Shared) -> None:
    api = f"{shared.address}/api/v1/projects/ada/vision/shares"
    headers = {"authorization": f"Bearer {shared.keys['ada']}"}
    body = {"kind": "selection", "runs": ["hers"], "name": "For the paper"}
    share = httpx.post(api, json=body, headers=headers).raise_for_status().json()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{shared.address}{share['path']}")
    expect(page.get_by_role("heading", name="For the paper")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("finished")).to_be_visible()
    expect(page.locator(".panel canvas").first).to_be_visible()
    expect(page.locator(".panel")).to_have_count(1)  # none of the pictures, which are not shared
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not axe_faults(page)
    httpx.delete(f"{api}/{share['id']}", headers=headers).raise_for_status()
    api_of_ada = Api({"base_url": shared.address}, api_key=shared.keys["ada"])
    run = api_of_ada.run("ada/vision/hers")
    run.lock()
    assert run.locked_by == "ada"
    with pytest.raises(Conflict, match="locked by ada"):
        run.delete()
    run.unlock()
    link = run.share()
    page.goto(link.url)
    expect(page.get_by_role("heading", name=run.name)).to_be_visible()
    expect(page.locator(".share-head")).to_contain_text("finished")
    expect(page.get_by_role("region", name="Summary")).to_contain_text("loss")
    for part in ("Files", "Console"):
        expect(page.get_by_role("region", name=part)).to_have_count(0)
    link.revoke()
    link = run.share(files=True, console=True)
    page.goto(link.url)
    files = page.get_by_role("region", name="Files")
    expect(files.get_by_role("listitem")).to_have_text(
        [re.compile("samples"), re.compile("notes.txt")]
    )
    with page.expect_popup() as opened:
        files.get_by_role("link", name="notes.txt").click()
    expect(opened.value.get_by_text("what came of it")).to_be_visible()
    opened.value.close()
    expect(page.get_by_role("region", name="Console")).to_contain_text("trained for long")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not axe_faults(page)
    link.revoke()
    page.reload()
    expect(page.get_by_text("This link does not work")).to_be_visible()
    happened = [entry.action for entry in api_of_ada.project("ada/vision").activity(limit=4)]
    assert happened == ["share.revoke", "share.add", "run.finished", "run.start"]


@at_length
def test_a_link_is_revoked_once_that_is_confirmed(page: Page, shared: Shared) -> None:
    sign_in(page, shared, "ada", "/ada/vision/runs/hers")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_label("Title").fill("For the review")
    page.get_by_role("button", name="Create link").click()
    address = page.get_by_label("Link", exact=True).input_value()
    shares = page.get_by_role("region", name="Shares of this project").get_by_role("listitem")
    revoke = shares.filter(has_text="For the review").get_by_role("button", name="Revoke")
    question = page.get_by_role("dialog", name="Revoke the link to For the review?")
    for end, n_left in (("Cancel", 1), ("Revoke link", 0)):
        revoke.click()
        expect(question).to_contain_text("Nothing restores the link")
        assert not axe_faults(page)
        question.get_by_role("button", name=end).click()
        expect(question).to_have_count(0)
        expect(revoke).to_have_count(n_left)
    page.goto(address)
    expect(page.get_by_text("This link does not work")).to_be_visible()


PAGE_EDITS = {
    "/sweeps": ("No sweeps yet", {"New sweep"}),
    "/trash": ("The trash is empty", {"Empty trash"}),
    "/runs/hers": ("created", {"Share", "Edit tags", "Edit notes"}),
}
"""A text of each page, and what it offers to those who may change the project."""

MENU_EDITS = {
    "run": {"Rename", "Lock", "Delete"},
    "row": {"Star", "Rename", "Lock", "Delete"},
    "views": {"Save as new view", "Duplicate", "Share by a link…"},
    "selected": {"Share", "Edit", "Tag", "Move", "Lock", "Delete"},
}

NAMES = """(part) => [...document.querySelectorAll(part)]
    .filter((e) => e.checkVisibility())
    .map((e) => e.ariaLabel || e.innerText.split("\\n")[0].trim())"""
"""The names of what a selector finds on the page."""


def menus_offered(page: Page, address: str, *, may_write: bool) -> dict[str, list[str]]:
    """The items of menus for `ada/vision` and its run `hers`, once these and the pages offer what
    they do to those who may change the project, or may not.
    """

    def await_edits(part: str, edits: set[str]) -> list[str]:
        wait_for(
            lambda: edits & set(page.evaluate(NAMES, part)), edits if may_write else set(), secs=20
        )
        return page.evaluate(NAMES, part)

    def open_page(path: str) -> None:
        go_in_app(page, f"{address}/ada/vision{path}")

    offered: dict[str, list[str]] = {}

    def open_menu(name: str, button: str) -> None:
        page.get_by_role("button", name=re.compile(button)).first.click()
        expect(page.get_by_role("menuitem").first).to_be_visible()
        offered[name] = await_edits('[role="menuitem"]', MENU_EDITS[name])
        page.keyboard.press("Escape")
        expect(page.get_by_role("menuitem")).to_have_count(0)

    for path, (text, edits) in PAGE_EDITS.items():
        open_page(path)
        expect(page.get_by_text(text).first).to_be_visible()
        await_edits("button", edits)
    open_menu("run", "^More of this run")
    open_page("")
    open_menu("row", "^More about ")
    open_menu("views", "^View: ")
    page.get_by_role("checkbox", name=re.compile("^Select ")).last.click()
    toolbar = '[role="toolbar"][aria-label="Selected runs"]'
    expect(page.locator(toolbar)).to_be_visible()
    offered["selected"] = await_edits(f"{toolbar} button", MENU_EDITS["selected"])
    return offered


def test_pages_offer_what_the_role_may_do_and_the_same_to_an_admin_who_looks_as_it(
    page: Page, shared: Shared
) -> None:
    access = f"{shared.address}/api/v1/projects/ada/vision/access"
    ada = {"authorization": f"Bearer {shared.keys['ada']}"}
    sign_in(page, shared, "ada", "/ada/vision")
    expect(page.get_by_text("1 of 1 run")).to_be_visible()
    owners = menus_offered(page, shared.address, may_write=True)
    for part, edits in MENU_EDITS.items():
        assert edits <= set(owners[part]), part
    page.evaluate(
        """fetch("/api/v1/projects/ada/vision/see-as", {
            method: "POST", headers: {"Content-Type": "application/json"},
            body: JSON.stringify({role: "viewer"}),
        }).then((answer) => answer.status)"""
    )
    page.reload()
    expect(page.get_by_role("region", name="Whose view this is")).to_contain_text("a viewer")
    seen = menus_offered(page, shared.address, may_write=False)
    page.context.clear_cookies()
    members = {"members": {"bob": "viewer"}}
    httpx.patch(access, headers=ada, json=members).raise_for_status()
    try:
        sign_in(page, shared, "bob", "/ada/vision")
        expect(page.get_by_text("1 of 1 run")).to_be_visible()
        viewers = menus_offered(page, shared.address, may_write=False)
    finally:
        httpx.patch(access, headers=ada, json={"members": {"bob": None}}).raise_for_status()
    for part, edits in MENU_EDITS.items():
        assert not edits & set(viewers[part]), part
    assert seen == viewers


def test_rules_of_retention_are_tried_on_the_page_before_they_hold(
    page: Page, shared: Shared
) -> None:
    with sqlite3.connect(shared.server.data / "metadata.db") as database:
        old = "ended_micros - 40 * 86400000000"
        database.execute(f"UPDATE run SET ended_micros = {old}, arrived_micros = {old}")
    database.close()
    sign_in(page, shared, "ada", "/ada/vision/settings")
    card = page.get_by_role("region", name="Retention")
    files = card.get_by_label("Days until files go")
    expect(card.get_by_role("button", name="Save rules")).to_be_disabled()
    files.fill("soon")
    expect(card.get_by_role("alert")).to_have_text("Not a number of days")
    files.fill("90")
    expect(card.get_by_role("status")).to_have_text("nothing")
    files.fill("30")
    expect(card.get_by_role("heading", name="Would go now")).to_contain_text("1 part, 15 bytes")
    expect(card.get_by_role("row").nth(1)).to_contain_text("files")
    card.get_by_role("button", name="Save rules").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 part of runs, 15 bytes, will go within the hour")
    dialog.get_by_role("button", name="Save rules").click()
    expect(card.get_by_role("heading", name="Goes within the hour")).to_be_visible()
    assert not axe_faults(page)
    page.reload()
    expect(files).to_have_value("30")
    files.fill("")
    card.get_by_role("button", name="Save rules").click()
    expect(page.get_by_text("Nothing goes by itself")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
