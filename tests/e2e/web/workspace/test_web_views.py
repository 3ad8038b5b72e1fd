"""Views of a workspace as people use them: saved, shared by link, undone, kept by themselves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    ViewportSize,
    expect,
)

from at_length import at_length, case_at_length
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults, copied, hold, keep_messages, run_script, wait_for_route

RUNS = """
import weft
for i in range(2):
    with weft.init(project="p", name=f"run-{i}") as run:
        for step in range(50):
            run.log({"loss": 1 / (step + 1 + i), "acc": step / 50, "epoch": step // 10})
"""

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


class Views:
    """The project's views, by HTTP."""

    def __init__(self, server: ServerProcess) -> None:
        self.url = f"{server.url}/api/v1/projects/local/p/views"

    def default(self) -> dict[str, Any]:
        view: dict[str, Any] = httpx.get(f"{self.url}/default").json()
        return view

    def default_smoothing(self) -> float | None:
        amount: float | None = (
            self.default()["document"].get("settings", {}).get("smoothing", {}).get("amount")
        )
        return amount

    def list(self) -> list[dict[str, Any]]:
        views: list[dict[str, Any]] = httpx.get(self.url).json()["views"]
        return views

    def make(self, name: str, document: dict[str, Any]) -> dict[str, Any]:
        body = {"kind": "shared", "name": name, "document": document}
        view: dict[str, Any] = httpx.post(self.url, json=body).raise_for_status().json()
        return view

    def clear(self) -> None:
        for view in [*self.list(), self.default()]:
            if view["version"] > 0:
                id_ = "default" if view["kind"] == "default" else view["id"]
                httpx.delete(f"{self.url}/{id_}").raise_for_status()


@pytest.fixture
def views(server: ServerProcess) -> Views:
    """All views as at first."""
    views = Views(server)
    views.clear()
    return views


@pytest.fixture
def workspace(
    page: Page, browser: Browser, server: ServerProcess, app: OpenApp
) -> Iterator[OpenPage]:
    """Opens the workspace, or the address of another page, each time in another browser."""
    size = ViewportSize(width=1400, height=900)
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    broken: list[str] = []

    def open_page(like: Page | None = None) -> Page:
        opened = page
        if pages:
            context = browser.new_context(viewport=size)
            context.set_default_timeout(60_000)
            contexts.append(context)
            opened = context.new_page()
            opened.on("pageerror", lambda error: broken.append(str(error)))
            keep_messages(opened)
        pages.append(opened)
        opened.set_viewport_size(size)
        opened.goto(like.url if like else f"{app(server)}/local/p")
        expect(menu_of(opened)).to_be_visible()
        return opened

    yield open_page
    for context in contexts:
        context.close()
    assert broken == []


def menu_of(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^View: "))


def choose(page: Page, entry: str) -> None:
    menu_of(page).click()
    page.get_by_role("menuitem", name=entry).click()


def open_view(page: Page, name: str) -> None:
    menu_of(page).click()
    page.get_by_role("menuitemradio", name=name).click()


def save_as(page: Page, name: str, *, is_shared: bool = False) -> None:
    choose(page, "Save as new view")
    dialog = page.get_by_role("dialog", name="Save as new view")
    dialog.get_by_label("Name", exact=True).fill(name)
    if is_shared:
        dialog.get_by_role("switch").click()
    dialog.get_by_role("button", name="Save").click()
    expect(menu_of(page)).to_have_accessible_name(f"View: {name}")


def smoothing(page: Page) -> Locator:
    return page.get_by_role("slider", name="Smoothing")


def set_axis(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile("^X axis ")).click()
    page.get_by_role("radio", name=name).click()


def query_of(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def wait_for_url(page: Page, name: str, *, there: bool = True) -> None:
    wait_until(
        lambda: page.evaluate("0") == 0 and (name in query_of(page)) == there, what="the URL"
    )


def test_a_saved_view_opens_in_another_browser(workspace: OpenPage, views: Views) -> None:
    page = workspace()
    smoothing(page).fill("0.6")
    set_axis(page, "Relative time (wall)")
    save_as(page, "Ablation 2", is_shared=True)
    wait_until(
        lambda: page.evaluate("0") == 0 and list(query_of(page)) == ["view"], what="its short link"
    )

    other = workspace(page)
    expect(menu_of(other)).to_have_accessible_name("View: Ablation 2")
    expect(smoothing(other)).to_have_value("0.6")
    expect(other.get_by_role("button", name="X axis Relative time (wall)")).to_be_visible()


@at_length
def test_changes_of_a_saved_view_are_in_the_link_until_they_are_saved(
    workspace: OpenPage, views: Views
) -> None:
    page = workspace()
    smoothing(page).fill("0.6")
    save_as(page, "Ablation 2", is_shared=True)
    wait_until(
        lambda: page.evaluate("0") == 0 and list(query_of(page)) == ["view"], what="its short link"
    )
    other = workspace(page)
    smoothing(other).fill("0.9")
    expect(menu_of(other)).to_have_accessible_name("View: Ablation 2 edited")
    wait_for_url(other, "smooth")
    third = workspace(other)
    expect(menu_of(third)).to_have_accessible_name("View: Ablation 2 edited")
    expect(smoothing(third)).to_have_value("0.9")
    page.reload()
    expect(smoothing(page)).to_have_value("0.6")

    choose(third, "Discard changes")
    expect(smoothing(third)).to_have_value("0.6")
    choose(other, "Save changes")
    expect(menu_of(other)).to_have_accessible_name("View: Ablation 2")
    page.reload()
    expect(smoothing(page)).to_have_value("0.9")


def test_undo_and_redo(workspace: OpenPage, views: Views) -> None:
    page = workspace()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_disabled()
    smoothing(page).focus()
    # a slider's way is one step, unless it rests
    page.evaluate("{ const now = performance.now(); performance.now = () => now; }")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    expect(smoothing(page)).to_have_value("0.05")
    page.evaluate("delete performance.now")
    set_axis(page, "Wall time")
    axis = page.get_by_role("button", name=re.compile("^X axis "))
    expect(axis).to_have_accessible_name("X axis Wall time")

    page.keyboard.press("Control+z")
    expect(axis).to_have_accessible_name("X axis As defined")
    expect(smoothing(page)).to_have_value("0.05")
    undo.click()
    expect(smoothing(page)).to_have_value("0")
    expect(undo).to_be_disabled()
    page.keyboard.press("Control+Shift+Z")
    expect(smoothing(page)).to_have_value("0.05")
    page.get_by_role("button", name="Redo").click()
    expect(axis).to_have_accessible_name("X axis Wall time")

    # a field has an undo of its own
    search = page.get_by_role("textbox", name="Search panels")
    search.press_sequentially("acc")
    search.press("Control+z")
    expect(axis).to_have_accessible_name("X axis Wall time")


def test_the_default_view_saves_itself(workspace: OpenPage, views: Views) -> None:
    page = workspace()
    assert urlsplit(page.url).query == ""
    smoothing(page).fill("0.7")
    wait_for_url(page, "smooth")
    wait_until(lambda: views.default()["version"] == 1, what="the view is saved")

    other = workspace()
    expect(smoothing(other)).to_have_value("0.7")
    expect(menu_of(other)).to_have_accessible_name("View: Default view")


@at_length
def test_an_old_link_shows_what_it_showed_and_is_not_the_default_view(
    workspace: OpenPage, views: Views
) -> None:
    page = workspace()
    smoothing(page).fill("0.7")
    wait_for_url(page, "smooth")
    wait_until(lambda: views.default()["version"] == 1, what="the view is saved")
    other, old = workspace(), workspace(page)
    smoothing(other).fill("0.2")
    wait_until(lambda: views.default()["version"] == 2, what="the view is saved")
    old.reload()
    linked = workspace(page)
    expect(smoothing(linked)).to_have_value("0.7")
    expect(menu_of(linked)).to_have_accessible_name("View: From a link")
    smoothing(linked).fill("0.3")
    open_view(linked, "Default view")
    expect(smoothing(linked)).to_have_value("0.2")
    # the tab that made it goes on with what was changed elsewhere
    page.reload()
    expect(smoothing(page)).to_have_value("0.2")


CHANGE_AND_RELOAD = """() => {
    const write = history.replaceState.bind(history);
    history.replaceState = (...all) => { write(...all); console.log("URL written"); };
    const keep = sessionStorage.setItem.bind(sessionStorage);
    Storage.prototype.setItem = (...all) => { keep(...all); console.log(...all); };
    const slider = document.querySelector('[aria-label="Smoothing"]');
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    set.call(slider, "0.25");
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    location.reload();
}"""


@pytest.mark.parametrize("network", ["quick", case_at_length("slow")])
@at_length
def test_a_reload_right_after_a_change_loses_nothing(
    workspace: OpenPage, views: Views, network: str
) -> None:
    page = workspace()
    smoothing(page).fill("0.7")
    wait_until(lambda: views.default()["version"] == 1, what="the view is saved")
    # what the page sends as it goes comes to nothing, and its URL had no time to change
    page.route(
        "**/views/default",
        lambda route: route.abort() if route.request.method == "PUT" else route.continue_(),
    )
    with page.expect_event("load"):
        if network == "quick":
            page.evaluate(CHANGE_AND_RELOAD)
        else:
            # the page that goes writes the change into its URL, too late for the one that comes
            routes: list[Route] = []
            page.route(re.compile(r"/local/p(\?|$)"), lambda route: routes.append(route))
            with page.expect_console_message(lambda message: message.text == "URL written"):
                page.evaluate(CHANGE_AND_RELOAD)
            wait_for_route(page, routes).continue_()
    expect(smoothing(page)).to_have_value("0.25")
    page.unroute_all()
    page.reload()
    expect(smoothing(page)).to_have_value("0.25")
    wait_until(lambda: views.default()["version"] == 2, what="the view is saved")
    other = workspace()
    expect(smoothing(other)).to_have_value("0.25")


@at_length
def test_a_change_that_is_saved_while_a_reload_waits_holds(
    workspace: OpenPage, views: Views
) -> None:
    page = workspace()
    smoothing(page).fill("0.7")
    wait_for_url(page, "smooth")
    wait_until(lambda: views.default()["version"] == 1, what="the view is saved")
    routes: list[Route] = []
    page.route(re.compile(r"/local/p(\?|$)"), lambda route: routes.append(route))
    with page.expect_event("load"):
        with page.expect_console_message(lambda message: '"version":2' in message.text):
            page.evaluate(CHANGE_AND_RELOAD)
        # by the URL of the moment when it was asked for, which says 0.7
        wait_for_route(page, routes).continue_()
    expect(smoothing(page)).to_have_value("0.25")
    other = workspace()
    expect(smoothing(other)).to_have_value("0.25")


CHANGE_AND_CLICK = """(element) => {
    const slider = document.querySelector('[aria-label="Smoothing"]');
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    set.call(slider, "0.25");
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    element.click();
}"""


@at_length
def test_a_change_right_before_leaving_is_in_the_url(workspace: OpenPage, views: Views) -> None:
    view = views.make("Ours", {})
    page = workspace()
    open_view(page, "Ours")
    expect(menu_of(page)).to_have_accessible_name("View: Ours")
    wait_for_url(page, "view")
    smoothing(page).fill("0.7")
    wait_for_url(page, "smooth")
    changed = {"view": [view["id"]], "smooth": ["0.25"]}

    page.get_by_role("link", name="Runs", exact=True).evaluate(CHANGE_AND_CLICK)
    expect(page.get_by_role("toolbar", name="Runs table")).to_be_visible()
    assert query_of(page) == changed
    page.go_back()
    expect(smoothing(page)).to_have_value("0.25")
    assert query_of(page) == changed
    page.reload()
    expect(smoothing(page)).to_have_value("0.25")

    smoothing(page).fill("0.7")
    expect(page).to_have_url(re.compile("smooth=0.7"))
    page.get_by_role("button", name="More about run-1").click()
    page.get_by_role("menuitem", name="Open").evaluate(CHANGE_AND_CLICK)
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()
    page.go_back()
    expect(menu_of(page)).to_have_accessible_name("View: Ours edited")
    assert query_of(page) == changed


@at_length
def test_a_link_is_copied_with_the_latest_change(workspace: OpenPage, views: Views) -> None:
    page = workspace()
    smoothing(page).fill("0.7")
    wait_for_url(page, "smooth")
    menu_of(page).click()
    entry = page.get_by_role("menuitem", name="Copy link")
    link = copied(page, lambda: entry.evaluate(CHANGE_AND_CLICK))
    assert parse_qs(urlsplit(link).query)["smooth"] == ["0.25"]


CHANGE_AND_OPEN = """(name) => {
    const slider = document.querySelector('[aria-label="Smoothing"]');
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    set.call(slider, "0.25");
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    [...document.querySelectorAll("[role=menuitemradio]")]
        .find((one) => one.textContent.includes(name)).click();
}"""


@at_length
def test_a_change_of_the_default_view_outlasts_opening_another_at_once(
    workspace: OpenPage, views: Views
) -> None:
    views.make("Other", {})
    page = workspace()

    def change_and_open(name: str) -> None:
        menu_of(page).click()
        expect(page.get_by_role("menuitemradio", name=name)).to_be_visible()
        page.evaluate(CHANGE_AND_OPEN, name)
        expect(page.get_by_role("menu")).to_have_count(0)

    change_and_open("Other")
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    expect(smoothing(page)).to_have_value("0")
    wait_until(lambda: views.default_smoothing() == 0.25, what="the default view is saved")
    open_view(page, "Default view")
    expect(menu_of(page)).to_have_accessible_name("View: Default view")
    expect(smoothing(page)).to_have_value("0.25")
    # and opening the default view itself, as the server still has it
    smoothing(page).fill("0.5")
    wait_until(lambda: views.default_smoothing() == 0.5, what="the default view is saved")
    with page.expect_response(re.compile("/views/default$")):
        change_and_open("Default view")
    wait_until(lambda: views.default_smoothing() == 0.25, what="the default view is saved")
    expect(smoothing(page)).to_have_value("0.25")


@at_length
def test_a_default_view_that_is_being_saved_is_not_saved_again_for_another_view(
    workspace: OpenPage, views: Views
) -> None:
    other = views.make("Other", {})
    page = workspace()
    puts: list[Request] = []
    page.on("request", lambda request: puts.append(request) if request.method == "PUT" else None)
    open_other = hold(page, re.compile(f"/views/{other['id']}$"))
    save = hold(page, re.compile("/views/default$"))
    menu_of(page).click()
    expect(page.get_by_role("menuitemradio", name="Other")).to_be_visible()
    page.evaluate(CHANGE_AND_OPEN, "Other")
    while not puts:
        page.wait_for_timeout(20)
    open_other()
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    save()
    wait_until(lambda: views.default_smoothing() == 0.25, what="the default view is saved")
    # which waits for all that is on its way
    open_view(page, "Default view")
    expect(menu_of(page)).to_have_accessible_name("View: Default view")
    expect(smoothing(page)).to_have_value("0.25")
    assert [put.url.endswith("/views/default") for put in puts] == [True]


@at_length
def test_what_is_changed_while_another_view_is_on_its_way_can_be_had_back(
    workspace: OpenPage, views: Views
) -> None:
    views.make("One", {})
    other = views.make("Other", {})
    page = workspace()
    open_view(page, "One")
    expect(menu_of(page)).to_have_accessible_name("View: One")
    routes: list[Route] = []
    page.route(f"**/views/{other['id']}", lambda route: routes.append(route))
    with page.expect_request(re.compile(other["id"])):
        open_view(page, "Other")
    smoothing(page).fill("0.5")
    expect(menu_of(page)).to_have_accessible_name("View: One edited")
    wait_for_route(page, routes).continue_()
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    expect(smoothing(page)).to_have_value("0")
    page.get_by_role("status").get_by_role("button", name="Go back").click()
    expect(menu_of(page)).to_have_accessible_name("View: One edited")
    expect(smoothing(page)).to_have_value("0.5")


@at_length
def test_of_two_views_that_are_asked_for_the_last_one_is_shown(
    workspace: OpenPage, views: Views
) -> None:
    late, last = views.make("Late", {}), views.make("Last", {})
    page = workspace()
    routes: list[Route] = []
    page.route(f"**/views/{late['id']}", lambda route: routes.append(route))
    with page.expect_request(re.compile(late["id"])):
        open_view(page, "Late")
    open_view(page, "Last")
    expect(menu_of(page)).to_have_accessible_name("View: Last")
    with page.expect_event("requestfinished", lambda request: late["id"] in request.url):
        wait_for_route(page, routes).continue_()
    # the page has had the answer when it has changed its URL for what came after it
    smoothing(page).fill("0.5")
    wait_for_url(page, "smooth")
    assert query_of(page)["view"] == [last["id"]]
    expect(menu_of(page)).to_have_accessible_name("View: Last edited")


@at_length
def test_of_two_urls_in_a_row_the_last_one_is_shown(workspace: OpenPage, views: Views) -> None:
    late, last = views.make("Late", {}), views.make("Last", {})
    page = workspace()
    routes: list[Route] = []
    page.route(f"**/views/{late['id']}", lambda route: routes.append(route))
    follow = "(id) => history.pushState(null, '', `${location.pathname}?view=${id}`)"
    page.evaluate(follow, late["id"])
    late_view = wait_for_route(page, routes)
    page.evaluate(follow, last["id"])
    expect(menu_of(page)).to_have_accessible_name("View: Last")
    with page.expect_event("requestfinished", lambda request: late["id"] in request.url):
        late_view.continue_()
    # the page has had the answer when it has changed its URL for what came after it
    smoothing(page).fill("0.5")
    wait_for_url(page, "smooth")
    expect(menu_of(page)).to_have_accessible_name("View: Last edited")
    assert query_of(page)["view"] == [last["id"]]


@pytest.mark.parametrize("is_answered", [True, False])
@at_length
def test_what_is_changed_before_it_is_known_what_the_view_is_of_holds(
    workspace: OpenPage, views: Views, *, is_answered: bool
) -> None:
    page = workspace()
    routes: list[Route] = []
    page.route("**/views/default", lambda route: routes.append(route))
    page.goto(f"{page.url}?sort=name")
    menu_of(page).click()
    expect(page.get_by_role("menuitem", name="Save as new view")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Make it my default view")).to_have_count(0)
    expect(menu_of(page)).to_have_accessible_name("View: …")
    page.keyboard.press("Escape")
    smoothing(page).fill("0.5")
    answer = wait_for_route(page, routes)
    if is_answered:
        answer.continue_()
        expect(menu_of(page)).to_have_accessible_name("View: From a link")
    else:
        answer.fulfill(status=500)
        expect(page.get_by_text("Your view could not be read")).to_be_visible()
    expect(smoothing(page)).to_have_value("0.5")
    page.keyboard.press("Control+z")
    expect(smoothing(page)).to_have_value("0")
    expect(page.get_by_role("button", name="Sort Name")).to_be_visible()


@at_length
def test_a_view_is_saved_while_another_is_opened(workspace: OpenPage, views: Views) -> None:
    views.make("Other", {"settings": {"smoothing": {"kind": "ema", "amount": 0.2}}})
    page = workspace()
    menu_of(page).click()
    expect(page.get_by_role("menuitemradio", name="Other")).to_be_visible()
    page.get_by_role("menuitem", name="Save as new view").click()
    dialog = page.get_by_role("dialog", name="Save as new view")
    dialog.get_by_label("Name", exact=True).fill("Mine")
    create = hold(page, re.compile("/views$"))
    dialog.get_by_role("button", name="Save").click()
    dialog.get_by_role("button", name="Cancel").click()
    open_view(page, "Other")
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    create()
    menu_of(page).click()
    expect(page.get_by_role("menuitemradio", name="Mine")).to_be_visible()
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    expect(smoothing(page)).to_have_value("0.2")


@at_length
def test_a_view_is_brought_back_while_another_is_opened(workspace: OpenPage, views: Views) -> None:
    views.make("Gone", {})
    views.make("Other", {})
    page = workspace()
    open_view(page, "Gone")
    expect(menu_of(page)).to_have_accessible_name("View: Gone")
    choose(page, "Delete")
    expect(menu_of(page)).to_have_accessible_name("View: Default view")
    menu_of(page).click()
    expect(page.get_by_role("menuitemradio")).to_have_count(2)
    page.keyboard.press("Escape")
    restore = hold(page, re.compile("/views$"))
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    open_view(page, "Other")
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    restore()
    menu_of(page).click()
    expect(page.get_by_role("menuitemradio", name="Gone")).to_be_visible()
    expect(menu_of(page)).to_have_accessible_name("View: Other")


@at_length
def test_a_default_view_is_taken_back_while_another_is_shown(
    workspace: OpenPage, views: Views
) -> None:
    views.make("Other", {"settings": {"smoothing": {"kind": "ema", "amount": 0.2}}})
    page = workspace()
    page.goto(f"{page.url}?smooth=0.7")
    expect(menu_of(page)).to_have_accessible_name("View: From a link")
    choose(page, "Make it my default view")
    message = page.get_by_role("status").filter(has_text="This is your default view now")
    expect(message).to_be_visible()
    open_view(page, "Other")
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    message.get_by_role("button", name="Undo").click()
    wait_until(lambda: views.default()["version"] == 2, what="the default view as it was")
    assert views.default()["document"] == {}
    expect(menu_of(page)).to_have_accessible_name("View: Other")
    expect(smoothing(page)).to_have_value("0.2")


@at_length
def test_two_tabs_change_the_default_view(workspace: OpenPage, views: Views) -> None:
    first, other = workspace(), workspace()
    smoothing(first).fill("0.4")
    wait_until(lambda: views.default()["version"] == 1, what="the view is saved")
    section = other.get_by_role("button", name=re.compile("^charts"))
    section.click()
    wait_until(lambda: views.default()["version"] >= 2, what="both are put together")
    expect(smoothing(other)).to_have_value("0.4")
    document = views.default()["document"]
    assert document["settings"]["smoothing"]["amount"] == 0.4
    assert document["sections"]["charts"]["isOpen"] is False


@at_length
def test_of_two_who_save_one_view_the_second_is_asked(workspace: OpenPage, views: Views) -> None:
    page = workspace()
    save_as(page, "Ours")
    wait_for_url(page, "view")
    other = workspace(page)
    for each, value in ((page, "0.1"), (other, "0.8")):
        smoothing(each).fill(value)
        expect(menu_of(each)).to_have_accessible_name("View: Ours edited")
        choose(each, "Save changes")
        if each is page:
            expect(menu_of(page)).to_have_accessible_name("View: Ours")
    dialog = other.get_by_role("dialog", name="Ours was changed meanwhile")
    dialog.get_by_role("button", name="Show theirs").click()
    expect(smoothing(other)).to_have_value("0.1")
    expect(menu_of(other)).to_have_accessible_name("View: Ours")
    other.keyboard.press("Control+z")
    expect(smoothing(other)).to_have_value("0.8")
    choose(other, "Save changes")
    expect(menu_of(other)).to_have_accessible_name("View: Ours")
    (saved,) = views.list()
    assert saved["version"] == 3


@at_length
def test_views_are_named_shared_deleted_and_brought_back(
    workspace: OpenPage, views: Views
) -> None:
    views.make("Taken", {})
    page = workspace()
    save_as(page, "First")
    choose(page, "Rename")
    dialog = page.get_by_role("dialog", name="Rename view")
    dialog.get_by_role("switch").click()
    dialog.get_by_label("Name", exact=True).fill("Taken")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.get_by_role("alert")).to_contain_text("there is a shared view 'Taken' already")
    dialog.get_by_label("Name", exact=True).fill("Second")
    dialog.get_by_role("button", name="Rename").click()
    expect(menu_of(page)).to_have_accessible_name("View: Second")
    link = copied(page, lambda: choose(page, "Copy link"))
    assert list(parse_qs(urlsplit(link).query)) == ["view"]

    choose(page, "Delete")
    expect(menu_of(page)).to_have_accessible_name("View: Default view")
    # what is told of a deletion, with its Undo, stays while the pointer is over it
    page.get_by_role("status").get_by_role("button", name="Undo").hover()
    gone = workspace()
    gone.goto(link)
    expect(gone.get_by_text("That view was deleted")).to_be_visible()
    expect(menu_of(gone)).to_have_accessible_name("View: Default view")
    gone.goto(f"{link}&smooth=0.4")
    expect(menu_of(gone)).to_have_accessible_name("View: From a link")
    expect(smoothing(gone)).to_have_value("0.4")
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(menu_of(page)).to_have_accessible_name("View: Second")
    gone.goto(link)
    expect(menu_of(gone)).to_have_accessible_name("View: Second")
    assert {view["name"]: view["kind"] for view in views.list()} == {
        "Taken": "shared",
        "Second": "shared",
    }


@at_length
def test_a_view_is_duplicated_and_the_copy_taken_back(workspace: OpenPage, views: Views) -> None:
    views.make("Ours", {"settings": {"smoothing": {"kind": "ema", "amount": 0.2}}})
    page = workspace()
    open_view(page, "Ours")
    expect(smoothing(page)).to_have_value("0.2")
    smoothing(page).fill("0.5")
    expect(menu_of(page)).to_have_accessible_name("View: Ours edited")
    choose(page, "Duplicate")
    dialog = page.get_by_role("dialog", name="Duplicate view")
    name = dialog.get_by_label("Name", exact=True)
    expect(name).to_have_value("Copy of Ours")
    expect(name).to_be_focused()
    expect(dialog.get_by_role("switch")).to_be_checked()
    dialog.get_by_role("switch").click()
    name.press("End")
    page.keyboard.type(" 2", delay=20)
    page.keyboard.press("Enter")
    expect(menu_of(page)).to_have_accessible_name("View: Copy of Ours 2")
    kinds = {view["name"]: view["kind"] for view in views.list()}
    assert kinds == {"Ours": "shared", "Copy of Ours 2": "personal"}

    message = page.get_by_role("status").filter(has_text="Saved Copy of Ours 2")
    message.get_by_role("button", name="Undo").click()
    # with the changes that were not saved
    expect(menu_of(page)).to_have_accessible_name("View: Ours edited")
    expect(smoothing(page)).to_have_value("0.5")
    assert [view["name"] for view in views.list()] == ["Ours"]


@at_length
def test_a_state_too_long_for_a_url_has_a_link(workspace: OpenPage, views: Views) -> None:
    # texts that do not pack well
    texts = {f"p{i}": hashlib.sha256(bytes([i])).hexdigest() for i in range(200)}
    panels = {id_: panel(id_, text) for id_, text in texts.items()}
    view = views.make("Large", {"panels": panels})
    page = workspace()
    page.goto(f"{urlsplit(page.url)._replace(query='').geturl()}?view={view['id']}")
    expect(menu_of(page)).to_have_accessible_name("View: Large")
    smoothing(page).fill("0.5")
    wait_for_url(page, "link")
    assert len(page.url) < 400
    other = workspace(page)
    expect(menu_of(other)).to_have_accessible_name("View: Large edited")
    expect(smoothing(other)).to_have_value("0.5")


def panel(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "kind": "markdown", "section": "notes", "options": {"text": text}}


@at_length
def test_the_menu_and_its_dialogs_are_accessible(workspace: OpenPage, views: Views) -> None:
    page = workspace()
    save_as(page, "A view")
    smoothing(page).fill("0.5")
    expect(menu_of(page)).to_have_accessible_name("View: A view edited")
    assert axe_faults(page, "'.toolbar'") == []
    menu_of(page).click()
    expect(page.get_by_role("menuitem", name="Save changes")).to_be_visible()
    assert axe_faults(page, "'[role=menu]'") == []
    page.get_by_role("menuitem", name="Rename").click()
    expect(page.get_by_role("dialog", name="Rename view")).to_be_visible()
    assert axe_faults(page, "'[role=dialog]'") == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Rename view")).to_be_hidden()
    page.get_by_role("button", name=re.compile("^X axis ")).click()
    expect(page.get_by_role("radio", name="Wall time")).to_be_visible()
    assert axe_faults(page, "'[role=dialog]'") == []
