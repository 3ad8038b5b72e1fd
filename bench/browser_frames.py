"""Frames of large workspaces in Chromium: 600 panels scrolled, fields typed in, 1,000 runs drawn.

Software rendering, as in `browser.py`. Scrolling stands beside a page of 600 empty boxes of the
same size, typing beside a page of one bare field, moved and typed in by the same code.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from browser import CHROMIUM, CHROMIUM_ARGS, SECTIONS, VIEWPORT, seed, wait_drawn
from gestures import FRAMES, STOP_FRAMES
from measure import Figure, Server, arguments, finish, median, running_server
from weft.server.storage.metrics.chunking.plan import IDLE_SECS

WIDE_SECTIONS = tuple(f"part{number:02}" for number in range(30))
N_WIDE_RUNS, N_WIDE_KEYS, N_WIDE_ROWS = 10, 600, 200
N_MANY_KEYS = 20
N_WHEELS, WHEEL_PX = 120, 120
TEXT = "part loss"

BOXES_PAGE = (
    """<!doctype html><style>
body { margin: 0; display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px }
div { height: 236px; border: 1px solid #ccc; border-radius: 6px }
</style>"""
    + "<div></div>" * N_WIDE_KEYS
)
FIELD_PAGE = "<!doctype html><input aria-label='Search'>"

# Notes the milliseconds from each key until the frame after it was painted.
WATCH_KEYS = """() => {
  window.keyMillis = [];
  window.addEventListener("keydown", event => {
    const begin = event.timeStamp;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => window.keyMillis.push(performance.now() - begin);
      port2.postMessage(null);
    });
  }, true);
}"""


def scrolled(page: Page) -> list[float]:
    """Frame times, ms, while the wheel turns over the middle of a page."""
    page.mouse.move(VIEWPORT["width"] * 0.7, VIEWPORT["height"] / 2)
    page.evaluate(FRAMES)
    for _ in range(N_WHEELS):
        page.mouse.wheel(0, WHEEL_PX)
    frames: list[float] = page.evaluate(STOP_FRAMES)
    return frames


def typed(page: Page, field: Locator) -> list[float]:
    """Milliseconds from each key to paint."""
    field.click()
    page.evaluate(WATCH_KEYS)
    for letter in TEXT:
        page.keyboard.press("Space" if letter == " " else letter)
        time.sleep(0.15)
    for _ in TEXT:
        page.keyboard.press("Backspace")
        time.sleep(0.15)
    millis: list[float] = page.evaluate("window.keyMillis")
    return millis


def of_bare_page(
    browser: Browser, html: str, measure: Callable[[Page], list[float]]
) -> list[float]:
    page = browser.new_page(viewport=VIEWPORT)
    page.set_content(html)
    result = measure(page)
    page.close()
    return result


def scroll_figures(browser: Browser, page: Page) -> list[Figure]:
    title = "30 sections × 20 panels, scrolled"
    bare = of_bare_page(browser, BOXES_PAGE, scrolled)
    frames = scrolled(page)
    peer = "page of 600 empty boxes"
    return [
        Figure(f"{title}: median", 1000 / median(frames), "fps", 50, at_least=True,
               peer=peer, peer_figure=1000 / median(bare)),
        Figure(f"{title}: longest frame", max(frames), "ms", 100,
               peer=peer, peer_figure=max(bare)),
    ]  # fmt: skip


def typing_figures(browser: Browser, page: Page) -> list[Figure]:
    bare = of_bare_page(browser, FIELD_PAGE, lambda bare: typed(bare, bare.get_by_label("Search")))
    figures: list[Figure] = []
    for name, field in (
        ("panels searched", page.get_by_label("Search panels")),
        ("runs searched", page.get_by_label("Search runs")),
    ):
        millis = typed(page, field)
        figures.append(
            Figure(f"{name}, key to paint: median", median(millis), "ms", 30,
                   peer="page of one field", peer_figure=median(bare))
        )  # fmt: skip
    return figures


def many_runs_figures(page: Page, server: Server, n_runs: int) -> list[Figure]:
    """All of `n_runs` runs in 20 charts, from the navigation on: just received, and in chunks."""
    page.goto(f"{server.url}/local/many")
    wait_drawn(page, 1, time.perf_counter())
    page.get_by_role("button", name="Show all", exact=True).last.click()
    page.get_by_text(re.compile(f"{n_runs:,} of {n_runs:,} runs shown")).wait_for()
    page.wait_for_url(lambda url: "?" in url)
    title = f"workspace of {n_runs:,} runs × 20 charts"
    received = median(all_drawn(page) for _ in range(3))
    time.sleep(IDLE_SECS)
    wait_idle(server)
    stored = median(all_drawn(page) for _ in range(3))
    return [
        Figure(f"{title}, just received: all in view", received, "s"),
        Figure(f"{title}: all in view", stored, "s", 3),
    ]


def all_drawn(page: Page) -> float:
    begin = time.perf_counter()
    page.goto(page.url)
    return wait_drawn(page, N_MANY_KEYS, begin)


def wait_idle(server: Server) -> None:
    """Wait until a server computes nothing for two seconds."""
    busy = float("inf")
    while busy > 0.1:
        before = server.cpu_secs()
        time.sleep(2)
        busy = server.cpu_secs() - before


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--points", type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        seed(server, "wide", WIDE_SECTIONS, N_WIDE_RUNS, N_WIDE_KEYS, N_WIDE_ROWS)
        seed(server, "many", SECTIONS, args.runs, N_MANY_KEYS, args.points)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
            page = browser.new_page(viewport=VIEWPORT)
            page.goto(f"{server.url}/local/wide")
            wait_drawn(page, 9, time.perf_counter())
            figures = scroll_figures(browser, page)
            figures += typing_figures(browser, page)
            figures += many_runs_figures(page, server, args.runs)
            browser.close()
    finish(figures, args.json)


if __name__ == "__main__":
    main()
