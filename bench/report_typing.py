"""Writing a report in Chromium: key to paint, by one and by three, in 50 and in 3,000 blocks.

Software rendering, as in `browser.py`; the browsers share the processors with the server and with
each other. Each types at the end of a paragraph of its own, 120 ms from key to key.
"""

from __future__ import annotations

import asyncio
import time

import httpx
from playwright.async_api import Browser, Page, async_playwright

from browser import CHROMIUM, CHROMIUM_ARGS, VIEWPORT
from browser_frames import WATCH_KEYS
from measure import Figure, arguments, finish, percentile, running_server

N_BLOCKS = (50, 3000)
N_WRITERS = (1, 3)
N_KEYS = 100
PAUSE_SECS = 0.12
BUDGET_MILLIS = 30.0
WORDS = "the loss of the runs with the larger rate falls faster and ends a little higher "


def create(url: str, n_blocks: int) -> str:
    """Create a report of paragraphs; returns its address."""
    blocks = [
        {"id": f"b{n}", "kind": "paragraph", "text": [{"text": f"{n}: {WORDS}{WORDS}"}]}
        for n in range(n_blocks)
    ]
    path = f"{url}/api/v1/projects/local/p/reports"
    answer = httpx.post(path, json={"blocks": blocks}, timeout=120).raise_for_status()
    return f"{url}/local/p/reports/{answer.json()['id']}?edit=1"


async def open_page(browser: Browser, address: str) -> tuple[Page, float]:
    """Open the editor in a context of its own; returns the page and the seconds it took."""
    context = await browser.new_context(viewport=VIEWPORT)
    page = await context.new_page()
    begin = time.perf_counter()
    await page.goto(address)
    await page.wait_for_selector(".written p", timeout=120_000)
    return page, time.perf_counter() - begin


async def type_keys(page: Page, paragraph: int) -> list[float]:
    """Milliseconds from each key to paint."""
    await page.locator(".written > p").nth(paragraph).click()
    await page.keyboard.press("End")
    await page.evaluate(WATCH_KEYS)
    for _ in range(N_KEYS):
        await page.keyboard.press("a")
        await asyncio.sleep(PAUSE_SECS)
    return list(await page.evaluate("window.keyMillis"))


async def figures_of(browser: Browser, url: str, n_blocks: int) -> list[Figure]:
    figures: list[Figure] = []
    name = f"{n_blocks:,} blocks"
    for n_writers in N_WRITERS:
        address = create(url, n_blocks)
        opened = [await open_page(browser, address) for _ in range(n_writers)]
        if n_writers == 1:
            figures.append(Figure(f"editor opened: {name}", opened[0][1], "s"))
        await asyncio.sleep(2)
        typed = await asyncio.gather(
            *(type_keys(page, 2 * number) for number, (page, _) in enumerate(opened))
        )
        millis = [value for values in typed for value in values]
        title = f"key to paint, {n_writers} writing: {name}"
        figures.append(Figure(f"{title}, p50", percentile(millis, 50), "ms"))
        figures.append(Figure(f"{title}, p95", percentile(millis, 95), "ms", BUDGET_MILLIS))
        for page, _ in opened:
            await page.context.close()
    return figures


async def measure(url: str) -> list[Figure]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        figures = [
            figure for n_blocks in N_BLOCKS for figure in await figures_of(browser, url, n_blocks)
        ]
        await browser.close()
    return figures


def main() -> None:
    args = arguments(__doc__).parse_args()
    with running_server() as server:
        httpx.put(f"{server.url}/api/v1/projects/local/p").raise_for_status()
        figures = asyncio.run(measure(server.url))
    finish(figures, args.json)


if __name__ == "__main__":
    main()
