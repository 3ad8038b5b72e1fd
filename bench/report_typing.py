"""Writing a report in Chromium: key to paint, by one and by three, in 50 and in 3,000 blocks.

Software rendering, as in `browser.py`. Each types at the end of a paragraph of its own, 120 ms
from key to key. Of three, two type at machines of their own: their keys come by the server, and
their browsers take none of these processors. Three browsers here are measured as well.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pycrdt
from playwright.async_api import Browser, Page, async_playwright

from browser import CHROMIUM, CHROMIUM_ARGS, VIEWPORT
from browser_frames import WATCH_KEYS
from measure import Figure, arguments, finish, percentile, running_server

N_BLOCKS = (50, 3000)
N_OTHERS = 2
N_KEYS = 100
PAUSE_SECS = 0.12
BUDGET_MILLIS = 30.0
BARE = "the paragraphs alone"
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


async def type_elsewhere(address: str, paragraph: int) -> None:
    """Type as a page at another machine does, until cancelled."""
    url = address.replace("/local/", "/api/v1/projects/local/").removesuffix("?edit=1")
    async with httpx.AsyncClient(timeout=60) as client:
        draft: pycrdt.Doc[Any] = pycrdt.Doc()
        draft.apply_update((await client.post(f"{url}/sync")).raise_for_status().content)
        block = draft.get("text", type=pycrdt.XmlFragment).children[paragraph]
        (text,) = block.children
        assert isinstance(text, pycrdt.XmlText)
        while True:
            before = draft.get_state()
            text.insert(0, "b")
            answer = await client.post(
                f"{url}/updates",
                params={"schema": 1, "client": str(draft.client_id)},
                content=draft.get_update(before),
                headers={"content-type": "application/octet-stream"},
            )
            answer.raise_for_status()
            await asyncio.sleep(PAUSE_SECS)


async def bare_typing(browser: Browser, n_blocks: int) -> list[float]:
    """The same keys in a page of as many paragraphs and nothing else."""
    page = await browser.new_page(viewport=VIEWPORT)
    paragraphs = "".join(f"<p>{n}: {WORDS}{WORDS}</p>" for n in range(n_blocks))
    await page.set_content(f'<div class="written" contenteditable>{paragraphs}</div>')
    millis = await type_keys(page, 0)
    await page.close()
    return millis


def figures_of_keys(
    title: str, millis: list[float], bare: list[float], budget: float | None
) -> list[Figure]:
    return [
        Figure(f"{title}, p50", percentile(millis, 50), "ms",
               peer=BARE, peer_figure=percentile(bare, 50)),
        Figure(f"{title}, p95", percentile(millis, 95), "ms", budget,
               peer=BARE, peer_figure=percentile(bare, 95)),
    ]  # fmt: skip


async def figures_of(browser: Browser, url: str, n_blocks: int) -> list[Figure]:
    name = f"{n_blocks:,} blocks"
    bare = await bare_typing(browser, n_blocks)
    address = create(url, n_blocks)
    page, opened_secs = await open_page(browser, address)
    await asyncio.sleep(2)
    alone = await type_keys(page, 0)
    others = [asyncio.create_task(type_elsewhere(address, 2 * n)) for n in range(1, 1 + N_OTHERS)]
    with_others = await type_keys(page, 0)
    for other in others:
        assert not other.done(), other.exception()
        other.cancel()
    pages = [page, *[(await open_page(browser, address))[0] for _ in range(N_OTHERS)]]
    await asyncio.sleep(2)
    typed = await asyncio.gather(*(type_keys(page, 2 * n) for n, page in enumerate(pages)))
    for page in pages:
        await page.context.close()
    here = [millis for keys in typed for millis in keys]
    # of a document of 200 pages, the peer says what the browser itself takes
    budget = BUDGET_MILLIS if n_blocks == N_BLOCKS[0] else None
    return [
        Figure(f"editor opened: {name}", opened_secs, "s"),
        *figures_of_keys(f"key to paint, 1 writing: {name}", alone, bare, budget),
        *figures_of_keys(f"key to paint, 3 writing: {name}", with_others, bare, budget),
        Figure(f"key to paint, 3 browsers here: {name}, p95", percentile(here, 95), "ms"),
    ]


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
