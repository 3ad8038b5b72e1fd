"""The web app in a real Chromium, for tests: its pages, scripts that log, what a chart tells.

The fixtures `browser`, `context`, `page` and `app` are in `tests/e2e/conftest.py`. Tests drive the
built app that the server serves (`make setup`). With `WEFT_TEST_VITE=1` they drive the sources
through a Vite server instead, so that a change needs no build to be tried.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Frame, Locator, Page, Route, ViewportSize, expect

from at_length import case_at_length
from sdk_script import forks_of, write_script
from server_forks import ForkedProcess
from server_process import ServerProcess, wait_until

ROOT = Path(__file__).parents[3]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"

OpenApp = Callable[[ServerProcess], str]
"""Gives the address at which a server's web app is driven."""

Theme = Literal["light", "dark"]

IS_STILL = """() => document.getAnimations().every(
    (one) => one.playState !== "running" || one.effect.getComputedTiming().endTime === Infinity
)"""
"""Whether all has faded in and changed its colour; what turns for ever is not waited for."""

DESKTOP = ViewportSize(width=1600, height=1000)
SMALLEST = ViewportSize(width=1024, height=768)
"""The smallest page that the app is made for."""

in_both_themes = pytest.mark.parametrize("theme", ["light", case_at_length("dark")], indirect=True)
"""Runs a test in the light theme, and at length in the dark one, too: the pages of its `context`
follow the system's setting."""


class SharedContext:
    """A context for the pages of many tests, which is as new for each.

    A page of no app stays open in it: the process of all its pages does, too. A clock is refused,
    as it would stay in the pages of all later tests.
    """

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(
            viewport=DESKTOP, color_scheme="light", reduced_motion="reduce"
        )
        self.context.set_default_timeout(60_000)
        self._lasting_page = self.context.new_page()
        # pages of one host share a process, whatever their ports
        self._lasting_page.route("**", lambda route: route.fulfill(body=""))
        self._lasting_page.goto("http://127.0.0.1/")
        self._devtools = self.context.new_cdp_session(self._lasting_page)
        self._origins: set[str] = set()
        self.context.on("page", lambda page: page.on("framenavigated", self._note_origin))
        for name in ("install", "pause_at", "set_fixed_time", "set_system_time"):
            setattr(self.context.clock, name, _refuse_clock)

    def _note_origin(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme in ("http", "https"):
            self._origins.add(f"{parts.scheme}://{parts.netloc}")

    def empty(self) -> None:
        """Close all other pages, and forget what they stored, were allowed and had intercepted."""
        for page in self.context.pages:
            if page is not self._lasting_page:
                page.close()
        self.context.clear_cookies()
        self.context.clear_permissions()
        self.context.unroute_all()
        self.context.set_offline(False)
        while self._origins:
            forget = {"origin": self._origins.pop(), "storageTypes": "all"}
            self._devtools.send("Storage.clearDataForOrigin", forget)


def _refuse_clock(*_: object, **__: object) -> None:
    raise AssertionError("a test that installs a clock takes the fixture `own_context`")


@contextlib.contextmanager
def app_addresses() -> Generator[OpenApp]:
    """Addresses of web apps; Vite servers that were started for them end with the block."""
    started: dict[str, tuple[str, subprocess.Popen[bytes]]] = {}

    def address(server: ServerProcess) -> str:
        if os.environ.get("WEFT_TEST_VITE") != "1":
            return server.url
        if server.url not in started:
            started[server.url] = _start_vite(server.url)
        return started[server.url][0]

    try:
        yield address
    finally:
        for _, process in started.values():
            process.terminate()
            process.wait(30)


def _start_vite(server_url: str) -> tuple[str, subprocess.Popen[bytes]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    vite = ROOT / "web/node_modules/.bin/vite"
    process = subprocess.Popen(
        [vite, "--host", "127.0.0.1", "--port", str(port), "--strictPort"],
        cwd=ROOT / "web",
        env={**os.environ, "WEFT_BASE_URL": server_url},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):
            return True
        return False

    wait_until(answers, what="Vite answers")
    return url, process


def closed_address(closed: ServerProcess) -> str:
    """Where this machine reaches a server that listens beyond it."""
    return f"http://127.0.0.1:{closed.url.rpartition(':')[2]}"


def go_in_app(page: Page, address: str) -> None:
    """Go to another address as the app's links do: it is not loaded again, which takes most of
    the CPU of a page."""
    page.evaluate("(address) => history.pushState(null, '', address)", address)


def type_text(page: Page, text: str) -> None:
    """Type once a text field has the focus: what opens one gives it the focus a moment later."""
    expect(
        page.locator("input:not([type=checkbox]):focus, textarea:focus, [contenteditable]:focus")
    ).to_have_count(1)
    page.keyboard.type(text)


def keep_messages(page: Page) -> None:
    """Before the page is opened: messages stay longer than 10 s, as a busy machine may not get
    to their *Undo* by then."""
    page.add_init_script(
        """{
            const wait = window.setTimeout;
            window.setTimeout = (act, millis, ...rest) =>
                wait(act, millis === 10_000 ? 40_000 : millis, ...rest);
        }"""
    )


def wait_for_route(page: Page, routes: list[Route]) -> Route:
    """A route for a page's request: it comes a moment after the request."""
    # unlike `wait_until` alone it lets Playwright hand over what came
    while not routes:
        page.wait_for_timeout(10)
    return routes[0]


def hold(page: Page, pattern: str | re.Pattern[str]) -> Callable[[], None]:
    """Keep a page's requests from the server; returns a function that lets them and all later
    ones through. It waits until there is one."""
    held: list[Route] = []
    is_released = False

    def answer(route: Route) -> None:
        if is_released:
            route.continue_()
        else:
            held.append(route)

    def release() -> None:
        nonlocal is_released
        wait_for_route(page, held)
        is_released = True
        for route in held:
            route.continue_()

    page.route(pattern, answer)
    return release


def copied(page: Page, copy: Callable[[], None]) -> str:
    """The text that an act on a page copies: the clipboard has it a moment later."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("navigator.clipboard.writeText('')")
    copy()
    texts: list[str] = []

    def has_text() -> bool:
        texts.append(str(page.evaluate("navigator.clipboard.readText()")))
        return texts[-1] != ""

    wait_until(has_text, what="a text in the clipboard")
    return texts[-1]


def run_script(
    server: ServerProcess, script: str, *args: str, is_described: bool = False
) -> ForkedProcess:
    """Start a user's script that logs to the server.

    Args:
        is_described: whether what its runs ran in is recorded, as it is by default.
    """
    folder = server.data.parent / "script"
    folder.mkdir(exist_ok=True)
    environment = {
        **server.environment,
        "WEFT_BASE_URL": server.url,
        "WEFT_SILENT": "true",
        # a script that a busy machine makes last 2 s would have metrics of the machine too
        "WEFT_SYSTEM_INTERVAL": "0",
        **({} if is_described else {"WEFT_DISABLE_METADATA": "true"}),
    }
    path = str(write_script(folder, script))
    # its output is that of the test
    return ForkedProcess([path, *args], folder, environment, *forks_of(script), stdout=1, stderr=2)


def outside(page: Page, moved: str = "[data-none]") -> list[str]:
    """Texts and controls that reach beyond the left or right edge of the page.

    Args:
        moved: selects tables that a finger moves sideways.
    """
    return page.evaluate(
        """(moved) => [...document.querySelectorAll(
            "h1, h2, h3, a, button, input, canvas, .badge")]
            .filter((control) => {
                const { left, right, width } = control.getBoundingClientRect();
                if (width === 0 || !control.checkVisibility()) return false;
                if (control.closest(moved)) return false;
                return left < 0 || right > innerWidth;
            })
            .map((control) => control.outerHTML.slice(0, 120))
            .concat(document.documentElement.scrollWidth > innerWidth ? ["page"] : [])""",
        moved,
    )


def out_of_reach(area: Locator) -> list[str]:
    """Controls of a part of the page that a click at their middle does not reach."""
    return area.evaluate(
        """(area) => [...area.querySelectorAll("a, button, input")]
            .filter((one) => {
                const { x, y, width, height } = one.getBoundingClientRect();
                if (width === 0 || !one.checkVisibility()) return false;
                const there = document.elementFromPoint(x + width / 2, y + height / 2);
                return !there || !(one.contains(there) || there.contains(one));
            })
            .map((one) => one.outerHTML.slice(0, 120))"""
    )


def cut_short(words: Locator) -> list[str]:
    """Those of some elements that have more text than room."""
    return words.evaluate_all(
        """(all) => all
            .filter((one) => one.scrollWidth > one.clientWidth || one.querySelector("[data-cut]"))
            .map((one) => one.textContent)"""
    )


def make_view(server: ServerProcess, project: str, **document: Any) -> str:
    """Save a view of a project; returns the query string that opens it."""
    answer = httpx.post(
        f"{server.url}/api/v1/projects/local/{project}/views",
        json={"kind": "shared", "name": secrets.token_hex(4), "document": document},
        headers={"Authorization": f"Bearer {server.token}"},
    )
    return f"view={answer.raise_for_status().json()['id']}"


def forget_default_views(server: ServerProcess) -> None:
    """Make the views of a server's projects that save themselves as they begin."""
    # `weft ui` has no token, and knows its owner
    headers = {"Authorization": f"Bearer {server.token}"} if server.has_token else {}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers) as client:
        for project in client.get("/projects").raise_for_status().json()["projects"]:
            name = f"{project['entity']}/{quote(project['project'], safe='')}"
            gone = client.delete(f"/projects/{name}/views/default")
            assert gone.status_code in (204, 404), gone.text


def panel_of(page: Page, metric: str) -> Locator:
    """A metric's own panel."""
    return page.locator(f"[data-metric='{metric}']")


def open_settings(page: Page, metric: str) -> Locator:
    """Open the settings of a metric's own panel; returns their drawer."""
    panel_of(page, metric).hover()
    panel_of(page, metric).get_by_role("button", name="Panel settings").click()
    return page.get_by_role("complementary", name="Settings")


def open_menu(page: Page, metric: str) -> None:
    """Open the menu of a metric's own panel."""
    panel_of(page, metric).hover()
    panel_of(page, metric).get_by_role("button", name="Panel menu").click()


def plot(page: Page, metric: str) -> Locator:
    """The chart of a metric's own panel."""
    return page.locator(f"[data-metric='{metric}'] .plot")


def axe_faults(page: Page, area: str = "document") -> list[tuple[str, str, str]]:
    """Return axe's findings in a page, or in the part that an expression gives.

    Everything is checked in the present theme, and with `WEFT_TEST_THEMES=both` contrast in the
    other one too, which is all that differs there. The page has to follow the system's theme.

    Returns:
        Rule, element and reason of each finding.
    """
    # Evaluated, because the page's policy admits no other script.
    page.evaluate(AXE.read_text())
    # of what is in order nothing is told, which is most of axe's work
    violations = _violations(page, f"axe.run({area}, {{resultTypes: ['violations']}})")
    if os.environ.get("WEFT_TEST_THEMES") == "both":
        violations += _contrast_of_other_theme(page, area)
    return [
        (v["id"], n["html"][:160], n["failureSummary"]) for v in violations for n in v["nodes"]
    ]


def _contrast_of_other_theme(page: Page, area: str) -> list[Any]:
    theme: Theme = "light"
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        theme = "dark"
    _show_in(page, "light" if theme == "dark" else "dark")
    violations = _violations(
        page, f"axe.run({area}, {{resultTypes: ['violations'], runOnly: ['color-contrast']}})"
    )
    _show_in(page, theme)
    return violations


def _show_in(page: Page, theme: Theme) -> None:
    page.emulate_media(color_scheme=theme)
    # The page of the sign-in has no script, only a style sheet that follows the system.
    expect(page.locator(f"html[data-theme={theme}], html:not([data-theme])")).to_have_count(1)


def _violations(page: Page, run_axe: str) -> list[Any]:
    wait_until(
        lambda: page.evaluate(IS_STILL)
    )  # during a transition, colors are not yet what they become
    return page.evaluate(run_axe)["violations"]


def n_points(page: Page, metric: str) -> int:
    """The number of points of the chart, as it tells screen readers."""
    label = plot(page, metric).get_attribute("aria-label") or ""
    match = re.search(r"of ([\d,]+) point", label)
    return int(match[1].replace(",", "")) if match else 0
