"""A report on paper: nothing is cut at the edge of a page, or between two pages."""

from __future__ import annotations

from typing import Any

import httpx
from playwright.sync_api import Page, expect

from server_process import ServerProcess
from web_pages import OpenApp, run_script

RUNS = """
import weft
for name in ("calm", "bold"):
    with weft.init(project="printed", name=name) as run:
        for step in range(50):
            run.log({"loss": 1 / (step + 1), "acc": step / 50})
"""
ALL = {"all": {"selection": {"base": "all", "on": [], "off": []}}}
PAPER_PX = 718
"""The width of A4 between margins of 1 cm."""

TOO_WIDE = """() => [...document.querySelectorAll('.report .block *')]
    .filter((element) => element.scrollWidth > element.clientWidth + 1
        && getComputedStyle(element).overflowX !== 'visible'
        && getComputedStyle(element).textOverflow !== 'ellipsis' && element.clientWidth > 1)
    .map((element) => element.className || element.tagName)"""


def text(words: str) -> list[dict[str, str]]:
    return [{"text": words}]


def grid(name: str, *panels: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "grid",
        "runSets": ALL,
        "panels": {key: {"kind": "line", "keys": [key], "span": 6} for key in panels},
    }


def cell(words: str) -> dict[str, Any]:
    return {"blocks": [{"kind": "paragraph", "text": text(words)}]}


def blocks() -> list[dict[str, Any]]:
    wide = [{"cells": [cell(f"column_{n} of row {row}") for n in range(14)]} for row in range(4)]
    paragraphs = [
        {"id": f"p{n}", "kind": "paragraph", "text": text(f"Paragraph {n}. " + "Words. " * 80)}
        for n in range(5)
    ]
    return [
        *paragraphs,
        grid("first", "loss", "acc"),
        {"id": "h", "kind": "heading", "level": 2, "text": text("A wide table")},
        {"id": "table", "kind": "table", "rows": wide},
        {
            "id": "code",
            "kind": "code",
            "language": "python",
            "code": "x = " + "1 + " * 60 + "1\nprint(x)",
        },
        grid("second", "loss"),
        {"id": "end", "kind": "paragraph", "text": text("The end.")},
    ]


def test_a_page_of_paper_has_all_of_wide_blocks(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    assert run_script(server, RUNS).wait(120) == 0
    reports = f"{server.url}/api/v1/projects/local/printed/reports"
    body = {"title": "On paper", "blocks": blocks()}
    report = httpx.post(reports, json=body).raise_for_status().json()["id"]
    httpx.post(f"{reports}/{report}/publish").raise_for_status()
    for block in ("p1", "second"):
        thread = {"body": "Is it so?", "anchor": {"block": block}}
        httpx.post(f"{reports}/{report}/comments", json=thread).raise_for_status()
    page.set_viewport_size({"width": 1440, "height": 6000})
    page.goto(f"{app(server)}/local/printed/reports/{report}")
    expect(page.get_by_role("application", name="loss: 2 curves")).to_have_count(2)
    expect(page.get_by_text("Is it so?")).to_have_count(2)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER_PX, "height": 1000})
    assert page.evaluate(TOO_WIDE) == []
    expect(page.get_by_text("Is it so?").first).to_be_hidden()
    expect(page.get_by_role("button", name="Download")).to_be_hidden()
