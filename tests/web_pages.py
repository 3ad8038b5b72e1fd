"""The web app in a real Chromium, for tests: its pages, scripts that log, what a chart tells.

The fixtures `browser`, `context`, `page` and `app` are in `tests/e2e/conftest.py`. Tests drive the
built app that the server serves (`make setup`). With `WEFT_TEST_VITE=1` they drive the sources
through a Vite server instead, so that a change needs no build to be tried.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Generator
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from server_process import ServerProcess, wait_until

ROOT = Path(__file__).parents[1]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"

OpenApp = Callable[[ServerProcess], str]
"""Gives the address at which a server's web app is driven."""


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

    wait_until(answers, what="Vite answers", secs=60)
    return url, process


def type_text(page: Page, text: str) -> None:
    """Type once a text field has the focus: what opens one gives it the focus a moment later."""
    expect(
        page.locator("input:not([type=checkbox]):focus, textarea:focus, [contenteditable]:focus")
    ).to_have_count(1)
    page.keyboard.type(text)


def run_script(server: ServerProcess, script: str, *args: str) -> subprocess.Popen[bytes]:
    """Start a user's script that logs to the server."""
    folder = server.data.parent / "script"
    folder.mkdir(exist_ok=True)
    environment = {**server.environment, "WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"}
    return subprocess.Popen([sys.executable, "-c", script, *args], cwd=folder, env=environment)


def plot(page: Page, metric: str) -> Locator:
    """The chart of a metric's own panel."""
    return page.locator(f"[data-metric='{metric}'] .plot")


def axe_faults(page: Page, area: str = "document") -> list[tuple[str, str, str]]:
    """What axe calls a fault in a page, or a part that an expression gives: rule, element, why.

    Evaluated, as the page's policy lets no script in.
    """
    page.evaluate(AXE.read_text())
    found = page.evaluate(f"axe.run({area})")["violations"]
    return [(v["id"], n["html"][:160], n["failureSummary"]) for v in found for n in v["nodes"]]


def n_points(page: Page, metric: str) -> int:
    """How many points the chart shows, as it tells screen readers."""
    label = plot(page, metric).get_attribute("aria-label") or ""
    found = re.search(r"of ([\d,]+) point", label)
    return int(found[1].replace(",", "")) if found else 0
