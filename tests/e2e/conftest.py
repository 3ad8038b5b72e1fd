"""Servers, and pages of the web app in a real Chromium; `web_pages.py` acts on pages.

With `WEFT_TEST_SLOW=4` pages run so many times slower, and each answer comes 100 ms later: what a
test does not wait for then comes too late (`make test-slow-pages`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from server_process import ServerProcess, start_server
from slow_pages import slow_pages
from web_pages import (
    DESKTOP,
    OpenApp,
    SharedContext,
    Theme,
    app_addresses,
    forget_default_views,
    keep_messages,
)

# other tests run beside these: on two cores a page may take longer than Playwright's 5 s
expect.set_options(timeout=60_000)

SLOWNESS = float(os.environ.get("WEFT_TEST_SLOW", "1"))
LATENCY_MILLIS = 100

JAVASCRIPT_FLAGS = (
    "--no-opt --no-maglev --single-threaded-gc --no-concurrent-marking --min-semi-space-size=64"
)
"""A page of a test is short: to optimize its functions, and to collect its garbage early and on
many threads, takes longer than it saves."""


class Chromium(NamedTuple):
    """One Chromium for all files of tests, whose start costs as much as three pages.

    Attributes:
        context: that of all pages which need no other.
        loop: the event loop of its driver.
    """

    browser: Browser
    context: SharedContext
    loop: asyncio.AbstractEventLoop


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    names = ("chromium-headless-shell", "chromium")
    executable = next(filter(None, map(shutil.which, names)), "/usr/bin/chromium")
    with sync_playwright() as playwright:
        # Without --disable-gpu, a software GL draws all that is on a page, which is unusably slow;
        # with it, WebGL alone.
        browser = playwright.chromium.launch(
            executable_path=executable,
            # One process for all pages of a context finds the app compiled: a fifth of the CPU of
            # opening a page.
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--enable-unsafe-swiftshader",
                "--renderer-process-limit=1",
                f"--js-flags={JAVASCRIPT_FLAGS}",
            ],
        )
        loop, context = asyncio.get_running_loop(), SharedContext(browser)
        with contextlib.ExitStack() as slowed:
            if SLOWNESS > 1:
                slowed.enter_context(slow_pages(SLOWNESS))
                delay_all_pages(browser, context.context)
            with running_loop(None):
                yield Chromium(browser, context, loop)
        browser.close()


@contextlib.contextmanager
def running_loop(loop: asyncio.AbstractEventLoop | None) -> Generator[None]:
    """Let a loop count as the running one of this thread: that of Playwright always runs, and
    while it counts no test can run another."""
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(before)


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    with running_loop(chromium.loop):
        yield chromium.browser
        for context in chromium.browser.contexts:
            if context is not chromium.context.context:
                context.close()


def delay_all_pages(browser: Browser, shared: BrowserContext) -> None:
    """Let answers come late in the pages that are opened from now on, and let these move."""
    new_context = browser.new_context

    def new_slow_context(**options: Any) -> BrowserContext:
        context = new_context(**{**options, "reduced_motion": "no-preference"})
        delay_pages_of(context)
        return context

    browser.new_context = new_slow_context
    delay_pages_of(shared)


def delay_pages_of(context: BrowserContext) -> None:
    """Let answers come late in the pages that are opened from now on in a context."""
    sessions: dict[Page, CDPSession] = {}
    set_offline = context.set_offline

    def emulate(session: CDPSession, *, offline: bool) -> None:
        network = {"offline": offline, "downloadThroughput": -1, "uploadThroughput": -1}
        session.send("Network.emulateNetworkConditions", {**network, "latency": LATENCY_MILLIS})

    def delay_answers(page: Page) -> None:
        page.emulate_media(reduced_motion="no-preference")
        sessions[page] = context.new_cdp_session(page)
        page.on("close", lambda closed: sessions.pop(closed))
        emulate(sessions[page], offline=False)

    def set_slow_offline(offline: bool) -> None:
        # the network emulated last holds: Playwright's own would be without effect
        set_offline(offline)
        for session in sessions.values():
            emulate(session, offline=offline)

    context.on("page", delay_answers)
    context.set_offline = set_slow_offline


@pytest.fixture(scope="module")
def app_of() -> Iterator[OpenApp]:
    with app_addresses() as address:
        yield address


@pytest.fixture
def client(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as http:
        yield http


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of the test's own, with its folders in `tmp_path`."""
    with start_server(tmp_path) as process:
        yield process


@pytest.fixture(scope="module")
def patient_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that looks up whether it is ready for as long as that takes on a busy machine."""
    patient = "from weft.server.http.server import health; health._READY_SECS = 60.0"
    with start_server(tmp_path_factory.mktemp("server"), before=patient) as process:
        yield process


@pytest.fixture
def own_client(own_server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=own_server.url, timeout=60, trust_env=False) as http:
        yield http


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """The name of a project of the test's own."""
    return "".join(c if c.isalnum() else "-" for c in request.node.name)[:100]


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that asks everybody for its token; documents alone are for all."""
    with start_server(tmp_path_factory.mktemp("closed"), "--host", "0.0.0.0") as started:
        yield started


@pytest.fixture
def app(app_of: OpenApp) -> OpenApp:
    """`app(server)`: the address of a server's web app.

    What an earlier test changed of the views that save themselves is forgotten at the first call.
    """
    begun: set[str] = set()

    def address(server: ServerProcess) -> str:
        if server.url not in begun:
            begun.add(server.url)
            forget_default_views(server)
        return app_of(server)

    return address


@pytest.fixture
def theme(request: pytest.FixtureRequest) -> Theme:
    """The theme that the system asks for: light, or what `in_both_themes` sets."""
    return getattr(request, "param", "light")


@pytest.fixture
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    """The size of a page: that of a desktop, or what a test sets."""
    return getattr(request, "param", DESKTOP)


@pytest.fixture
def own_context(
    browser: Browser, theme: Theme, viewport: ViewportSize
) -> Iterator[BrowserContext]:
    """A context of the test's own: that of its `page`, too. For tests that install a clock, which
    is that of all pages of a context and stays."""
    context = browser.new_context(viewport=viewport, color_scheme=theme, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def context(
    request: pytest.FixtureRequest,
    chromium: Chromium,
    browser: Browser,
    theme: Theme,
    viewport: ViewportSize,
) -> Iterator[BrowserContext]:
    if "own_context" in request.fixturenames or (theme, viewport) != ("light", DESKTOP):
        yield request.getfixturevalue("own_context")
    else:
        assert browser.is_connected()
        yield chromium.context.context
        chromium.context.empty()


def is_set(request: pytest.FixtureRequest, name: str) -> bool:
    """Whether a test is run for several values of a fixture."""
    callspec = getattr(request.node, "callspec", None)
    return callspec is not None and name in callspec.params


@pytest.fixture
def page(request: pytest.FixtureRequest, context: BrowserContext, theme: Theme) -> Iterator[Page]:
    """A page that must not break: an exception in it fails the test."""
    page = context.new_page()
    keep_messages(page)
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    assert broken == []
    if is_set(request, "theme"):
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
