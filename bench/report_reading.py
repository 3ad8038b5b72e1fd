"""Reading a published report of 50 blocks, 10 grids of 2 charts over 100 runs; 50 readers.

    python bench/report_reading.py [--json FILE]

First paint and charts in new browsers, frames while it scrolls, beside a bare page of paragraphs
that the same code scrolls. Software rendering, as in `browser.py`. Readers are the requests that
such a page makes while it is open and nothing changes, each in 50 connections.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, Page, Playwright, Request, ViewportSize, sync_playwright

from browser import CHROMIUM, CHROMIUM_ARGS, DRAWN, VIEWPORT, measure_cold, seed
from browser_frames import of_bare_page, scrolled
from measure import Figure, Server, arguments, finish, median, running_server

PROJECT = "reading"
N_RUNS, N_CHARTS, N_ROWS = 100, 20, 2_000
N_GRIDS, N_BLOCKS = 10, 50
N_READERS = 50
IDLE_SECS = 40
"""Longer than the server is silent on a stream of events."""

WINDOW: ViewportSize = {"width": 1440, "height": 900}
ALL = {"all": {"selection": {"base": "all", "on": [], "off": []}}}
STORED = "text=Stored the figures of version 1"
TIMEOUT_MILLIS = 300_000
WORDS = "The runs with the larger rate fall faster and end a little higher than the others. " * 4

SEEN_CHARTS = """() => [...document.querySelectorAll("[data-metric]")].filter(panel => {
  const box = panel.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}).length"""


def blocks_of(keys: list[str]) -> list[dict[str, Any]]:
    """Four paragraphs, then a grid of two charts, and so on."""
    n_words = N_BLOCKS // N_GRIDS - 1
    blocks: list[dict[str, Any]] = []
    for nth in range(N_GRIDS):
        blocks += [
            {"id": f"t{nth}-{n}", "kind": "paragraph", "text": [{"text": WORDS}]}
            for n in range(n_words)
        ]
        pair = keys[2 * nth : 2 * nth + 2]
        panels = {f"p{nth}-{at}": {"kind": "line", "keys": [key]} for at, key in enumerate(pair)}
        blocks.append({"id": f"g{nth}", "kind": "grid", "runSets": ALL, "panels": panels})
    return blocks


def publish(browser: Browser, url: str) -> str:
    """Publish the report with its figures; returns the address of its page."""
    project = f"{url}/api/v1/projects/local/{PROJECT}"
    names = httpx.get(f"{project}/metrics/names", timeout=60).raise_for_status().json()
    body = {"title": "Fifty blocks", "blocks": blocks_of(sorted(names["numbers"])[:N_CHARTS])}
    report = httpx.post(f"{project}/reports", json=body).raise_for_status().json()["id"]
    address = f"{url}/local/{PROJECT}/reports/{report}"
    page = browser.new_page(viewport=VIEWPORT)
    page.goto(address)
    publishing = page.get_by_role("button", name="Publish")
    publishing.wait_for(timeout=TIMEOUT_MILLIS)
    publishing.click()
    page.wait_for_selector(STORED, timeout=TIMEOUT_MILLIS)
    page.close()
    return address


def charts_secs(browser: Browser, address: str) -> float:
    """Seconds until all charts in view have curves."""
    context = browser.new_context(viewport=WINDOW)
    page = context.new_page()
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    while True:
        n_seen = page.evaluate(SEEN_CHARTS)
        if n_seen and page.evaluate(DRAWN) >= n_seen:
            break
        if time.perf_counter() - begin > TIMEOUT_MILLIS / 1e3:
            raise SystemExit("the charts are not drawn")
        time.sleep(0.02)
    secs = time.perf_counter() - begin
    context.close()
    return secs


def scroll_figures(browser: Browser, page: Page) -> list[Figure]:
    paragraphs = "".join(f"<p>{WORDS}</p>" for _ in range(4 * N_BLOCKS))
    bare = of_bare_page(browser, f"<!doctype html>{paragraphs}", scrolled)
    frames = scrolled(page)
    return [
        Figure("report scrolled: median", 1000 / median(frames), "fps", 50, at_least=True,
               peer="a page of paragraphs", peer_figure=1000 / median(bare)),
        Figure("report scrolled: longest frame", max(frames), "ms",
               peer="a page of paragraphs", peer_figure=max(bare)),
    ]  # fmt: skip


class IdleRequest(NamedTuple):
    """A request that an open page makes while nothing changes."""

    method: str
    url: str
    accept: str
    body: bytes | None


def idle_requests(page: Page) -> list[IdleRequest]:
    """Requests of an open page that go on, and those that it begins meanwhile."""
    begun: list[Request] = []
    page.on("request", lambda request: begun.append(request))
    ended: list[Request] = []
    page.on("requestfinished", lambda request: ended.append(request))
    page.reload()
    page.wait_for_load_state("networkidle")
    going = [request for request in begun if request not in ended]
    begun.clear()
    page.wait_for_timeout(IDLE_SECS * 1e3)
    return [
        IdleRequest(
            request.method,
            request.url,
            request.headers.get("accept", "*/*"),
            request.post_data_buffer,
        )
        for request in [*going, *begun]
    ]


async def read_along(requests: list[IdleRequest], n_readers: int, secs: float) -> None:
    """Make the requests of a page as so many readers, for some seconds."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=None, limits=limits) as client:

        async def follow(request: IdleRequest) -> None:
            headers = {"accept": request.accept}
            async with client.stream(
                request.method, request.url, headers=headers, content=request.body
            ) as answer:
                async for _ in answer.aiter_raw():
                    pass

        tasks = [asyncio.create_task(follow(each)) for each in requests for _ in range(n_readers)]
        await asyncio.sleep(secs)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def readers_figure(server: Server, requests: list[IdleRequest]) -> Figure:
    """Of the server's processor, what readers take over that of an idle server."""
    if not requests:
        raise SystemExit("the page makes no request while it is open")
    begin = server.cpu_secs()
    time.sleep(IDLE_SECS)
    idle = server.cpu_secs() - begin
    begin = server.cpu_secs()
    asyncio.run(read_along(requests, N_READERS, IDLE_SECS))
    cpu = server.cpu_secs() - begin
    paths = ", ".join(
        sorted({urlsplit(request.url).path.rpartition("/")[2] for request in requests})
    )
    return Figure(f"{N_READERS} readers, nothing changes ({paths})", 100 * cpu / IDLE_SECS,
                  "% core", 10, peer="no reader", peer_figure=100 * idle / IDLE_SECS)  # fmt: skip


def page_figures(playwright: Playwright, server: Server) -> tuple[list[Figure], list[IdleRequest]]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
    address = publish(browser, server.url)
    readable, script_kb = measure_cold(playwright.chromium, address, ".report p")
    drawn = median(charts_secs(browser, address) for _ in range(5))
    figures = [
        Figure("report readable, cold browser", readable, "s", 0.5),
        Figure("its first scripts", script_kb, "kB"),
        Figure("charts in view drawn", drawn, "s", 1.5),
    ]
    page = browser.new_page(viewport=WINDOW)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    figures += scroll_figures(browser, page)
    requests = idle_requests(page)
    browser.close()
    return figures, requests


def main() -> None:
    args = arguments(__doc__).parse_args()
    with running_server() as server:
        seed(server, PROJECT, ("loss",), N_RUNS, N_CHARTS, N_ROWS)
        with sync_playwright() as playwright:
            figures, requests = page_figures(playwright, server)
        figures.append(readers_figure(server, requests))
    finish(figures, args.json)


if __name__ == "__main__":
    main()
