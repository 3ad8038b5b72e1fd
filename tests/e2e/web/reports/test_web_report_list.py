"""The list of reports in the app: searches in their texts, stars, order, openings."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

TYPING_MILLIS = 15


def paragraph(id_: str, text: str) -> dict[str, Any]:
    return {"id": id_, "kind": "paragraph", "text": [{"text": text}]}


@pytest.fixture(scope="module")
def reports(server: ServerProcess) -> dict[str, str]:
    """The ids of three reports of the project `found`, by title."""
    project = f"{server.url}/api/v1/projects/local/found"
    httpx.put(project, json={}).raise_for_status()
    texts = {
        "Ablation": [
            "First the setup.",
            *["Filler.\n" * 30] * 3,
            "The cosine schedule wins by far.",
        ],
        "Baseline": ["The constant schedule."],
        "Cosine notes": ["To be written."],
    }
    ids: dict[str, str] = {}
    for title, lines in texts.items():
        blocks = [paragraph(f"b{number}", line) for number, line in enumerate(lines)]
        answer = httpx.post(f"{project}/reports", json={"title": title, "blocks": blocks})
        ids[title] = answer.raise_for_status().json()["id"]
    httpx.post(f"{project}/reports/{ids['Ablation']}/publish").raise_for_status()
    return ids


def test_reports_are_found_by_their_texts_starred_and_ordered(
    page: Page, app: OpenApp, server: ServerProcess, reports: dict[str, str]
) -> None:
    page.goto(f"{app(server)}/local/found/reports")
    table = page.get_by_role("table", name="Reports")
    expect(table.get_by_role("row")).to_have_count(4)
    page.get_by_role("textbox", name="Search reports").press_sequentially(
        "wins COSINE", delay=TYPING_MILLIS
    )
    expect(table.get_by_role("row")).to_have_count(2)
    excerpt = table.get_by_role("link", name="The cosine schedule wins")
    expect(excerpt.locator("mark")).to_have_text(["cosine", "wins"])
    expect(page).to_have_url(re.compile("q=wins"))
    assert axe_faults(page) == []
    excerpt.click()
    expect(page).to_have_url(re.compile(f"{reports['Ablation']}#b4$"))
    expect(page.get_by_text("The cosine schedule wins")).to_be_in_viewport()

    page.go_back()
    page.get_by_role("textbox", name="Search reports").fill("")
    expect(table.get_by_role("row")).to_have_count(4)
    expect(table.get_by_role("row").nth(1)).to_contain_text("Cosine notes")
    table.get_by_role("button", name="Star Baseline").click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("Baseline")
    page.reload()
    expect(table.get_by_role("button", name="Star Baseline", pressed=True)).to_be_visible()
    expect(table.get_by_role("row").nth(1)).to_contain_text("Baseline")
    table.get_by_role("button", name="Report", exact=True).click()
    expect(page).to_have_url(re.compile("sort=-title"))
    expect(table.get_by_role("row").nth(1)).to_contain_text("Cosine notes")

    page.keyboard.press("Control+k")
    page.keyboard.type("baseline", delay=TYPING_MILLIS)
    page.get_by_role("option", name=re.compile("^Baseline")).click()
    expect(page).to_have_url(re.compile(f"reports/{reports['Baseline']}"))


@pytest.mark.at_length
def test_a_narrow_page_shows_the_place_next_to_the_title(
    page: Page, app: OpenApp, server: ServerProcess, reports: dict[str, str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app(server)}/local/found/reports?q=cosine+wins")
    expect(page.get_by_role("link", name="The cosine schedule wins")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert sideways_px(page) == 0
    assert axe_faults(page) == []


@pytest.mark.at_length
def test_a_narrow_page_shows_each_report_in_two_lines(
    page: Page, app: OpenApp, server: ServerProcess, reports: dict[str, str]
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app(server)}/local/found/reports?sort=title")
    table = page.get_by_role("table", name="Reports")
    expect(table.get_by_role("columnheader")).to_have_text(
        ["Report", "State", "Edited", "Actions"]
    )
    row = table.get_by_role("row").nth(1)
    title = row.get_by_role("link", name="Ablation").bounding_box()
    state = row.get_by_text("Published").bounding_box()
    assert title is not None
    assert state is not None
    assert title["y"] + title["height"] <= state["y"]
    expect(row.get_by_role("button", name="More of Ablation")).to_be_in_viewport(ratio=1)
    assert sideways_px(page) == 0

    # the rows stand where they are as high as on a wide page, once it is turned
    page.set_viewport_size({"width": 844, "height": 390})
    tops = [row.bounding_box() for row in table.get_by_role("row").all()[1:]]
    assert [round(box["y"] - tops[0]["y"]) for box in tops if box and tops[0]] == [0, 34, 68]


def sideways_px(page: Page) -> int:
    """The width of the table of reports that is out of sight."""
    return page.get_by_role("table", name="Reports").evaluate(
        "(table) => table.scrollWidth - table.clientWidth"
    )
