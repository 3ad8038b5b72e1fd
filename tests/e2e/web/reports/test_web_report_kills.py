"""Three people type one report while the server is killed: no letter is lost or doubled."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server_process import ServerProcess, start_server
from web_pages import OpenApp

ROUNDS = int(os.environ.get("WEFT_TEST_ROUNDS", "2"))
N_PAGES = 3
LETTERS = "abc"
TURNS = 12
"""Turns of a round, in which each page types three letters."""


@pytest.fixture
def contexts(browser: Browser) -> Iterator[list[BrowserContext]]:
    all_contexts = [browser.new_context() for _ in range(N_PAGES)]
    for context in all_contexts:
        context.set_default_timeout(60_000)
    yield all_contexts
    for context in all_contexts:
        context.close()


def text_of(page: Page) -> list[str]:
    return page.locator(".written p").evaluate_all(
        "all => all.map((p) => [...p.childNodes].filter((node) => node.nodeType === 3)"
        ".map((node) => node.data).join(''))"
    )


@pytest.mark.timeout(300 + 60 * ROUNDS)
def test_no_letter_is_lost_while_the_server_is_killed(
    contexts: list[BrowserContext], app: OpenApp, tmp_path: Path
) -> None:
    server: ServerProcess = start_server(tmp_path)
    api = f"{server.url}/api/v1/projects/local/p"
    httpx.put(api, trust_env=False).raise_for_status()
    blocks = [
        {"id": f"b{n}", "kind": "paragraph", "text": [{"text": "."}]} for n in range(N_PAGES + 1)
    ]
    report = httpx.post(f"{api}/reports", json={"blocks": blocks}, trust_env=False).json()["id"]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.goto(f"{app(server)}/local/p/reports/{report}?edit=1")
        expect(page.locator(".written p")).to_have_count(N_PAGES + 1)
    typed = Counter[str]()
    rng = random.Random(3)
    for number in range(ROUNDS + 2):
        is_shared = number % 2 == 1
        for index, page in enumerate(pages):
            page.locator(".written p").nth(N_PAGES if is_shared else index).click()
            page.keyboard.press("End")
        kill_at = rng.randrange(TURNS) if number < ROUNDS else None
        for turn in range(TURNS):
            if turn == kill_at:
                server.kill()
            for index, page in enumerate(pages):
                page.keyboard.type(LETTERS[index] * 3)
                typed[LETTERS[index]] += 3
        if kill_at is not None:
            server = start_server(tmp_path)
    for page in pages:
        expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Saved")
    draft = httpx.get(
        f"{api}/reports/{report}", params={"version": "draft"}, timeout=30, trust_env=False
    )
    texts = [
        "".join(run["text"] for run in block["text"])
        for block in draft.raise_for_status().json()["document"]["blocks"]
    ]
    assert Counter("".join(texts).replace(".", "")) == typed
    for index in range(N_PAGES):
        assert set(texts[index]) == {".", LETTERS[index]}
    for page in pages:
        page.wait_for_function(
            "text => [...document.querySelectorAll('.written p')].map((p) =>"
            " [...p.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data)"
            ".join('')).join('|') === text",
            arg="|".join(texts),
        )
        assert text_of(page) == texts
    print(f"{typed.total()} letters, {ROUNDS} kills")

    # Yjs knows no split: the tail of a paragraph that two split at once may be there twice
    for _ in range(TURNS):
        for index, page in enumerate(pages):
            page.keyboard.type(LETTERS[index] * 3)
            typed[LETTERS[index]] += 3
        for page in pages:
            page.keyboard.press("Enter")
    for page in pages:
        expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Saved")
    draft = httpx.get(
        f"{api}/reports/{report}", params={"version": "draft"}, timeout=30, trust_env=False
    )
    counts = Counter(
        letter
        for block in draft.raise_for_status().json()["document"]["blocks"]
        for run in block["text"]
        for letter in run["text"]
    )
    assert all(counts[letter] >= typed[letter] for letter in LETTERS)
    print(f"with Enter: {counts.total() - counts['.'] - typed.total()} letters doubled")
    server.stop()
