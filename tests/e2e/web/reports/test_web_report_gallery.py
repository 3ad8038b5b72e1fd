"""The reports of all projects in the app: found from Home, narrowed to one entity, searched."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

TYPING_MILLIS = 15

GRID = {
    "id": "curves",
    "kind": "grid",
    "runSets": {"all": {}},
    "panels": {"loss": {"kind": "line", "keys": ["loss"]}},
}
CURVES = {
    "method": "POST",
    "path": "series",
    "body": {
        "panels": [{"runs": ["ab12cd34"], "keys": ["loss"], "axis": "step", "n_buckets": 64}]
    },
}


@pytest.fixture(scope="module")
def reports(server: ServerProcess) -> None:
    """Three reports in projects of two entities, one of them published with a figure."""
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        log = HandMadeLog(run="ab12cd34", project="first")
        log.keys("loss")
        log.rows([[1 / (step + 1)] for step in range(100)])
        assert log.upload(client).status_code == 200
    for path, title, text in (
        ("local/first", "Ablation", "The cosine schedule wins by far."),
        ("local/second", "Notes", "To be written."),
        ("lab/third", "Baseline", "The constant schedule."),
    ):
        project = f"{server.url}/api/v1/projects/{path}"
        httpx.put(project, json={}).raise_for_status()
        blocks = [{"id": "b0", "kind": "paragraph", "text": [{"text": text}]}, GRID]
        answer = httpx.post(f"{project}/reports", json={"title": title, "blocks": blocks})
        report = answer.raise_for_status().json()["id"]
        if title == "Ablation":
            address = f"{project}/reports/{report}"
            httpx.post(f"{address}/publish").raise_for_status()
            figure = {"part": "curves", "requests": [CURVES]}
            httpx.post(f"{address}/versions/1/figures", json=figure).raise_for_status()
            httpx.put(f"{address}/pin").raise_for_status()


@pytest.mark.usefixtures("reports")
def test_reports_of_all_projects_are_found_from_home(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.goto(app(server))
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    cards = page.get_by_role("main").get_by_role("listitem")
    expect(cards).to_have_text(
        [re.compile("Baseline.*Draft.*lab / third"), re.compile("Notes"), re.compile("Ablation")]
    )
    assert axe_faults(page) == []
    page.get_by_role("radio", name="Published").click()
    expect(cards).to_have_text([re.compile("Ablation.*Published.*local / first")])
    expect(cards.locator(".report-thumbnail path")).to_have_count(1)
    page.get_by_role("radio", name="All").click()
    page.get_by_role("textbox", name="Search reports").press_sequentially(
        "SCHEDULE", delay=TYPING_MILLIS
    )
    expect(cards).to_have_count(2)
    page.get_by_role("button", name=re.compile("^Of")).click()
    page.get_by_role("menuitemradio", name="lab").click()
    expect(cards).to_have_text([re.compile("Baseline.*The constant schedule")])
    expect(page).to_have_url(re.compile(r"/reports\?.*entity=lab"))
    page.reload()
    expect(cards.locator("mark")).to_have_text(["schedule"])
    page.get_by_role("link", name="The constant schedule").click()
    expect(page).to_have_url(re.compile("/lab/third/reports/.*#b0$"))


@pytest.mark.at_length
@pytest.mark.usefixtures("reports")
def test_a_project_shows_the_picture_in_its_list_and_overview(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.goto(f"{app(server)}/local/first/reports")
    curve = page.locator(".report-thumbnail path")
    expect(page.get_by_role("table").locator(curve)).to_have_count(1)
    page.get_by_role("link", name="Overview", exact=True).click()
    pinned = page.get_by_role("region", name="Pinned reports")
    expect(pinned.locator(curve)).to_have_count(1)
    assert axe_faults(page) == []


@pytest.mark.at_length
@pytest.mark.usefixtures("reports")
def test_a_narrow_page_lists_the_reports_of_one_entity(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app(server)}/?view=projects&entity=lab")
    page.get_by_role("main").get_by_role("link", name="Reports").click()
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_faults(page) == []
    page.get_by_role("textbox", name="Search reports").fill("nowhere")
    expect(page.get_by_text("No report matches")).to_be_visible()
