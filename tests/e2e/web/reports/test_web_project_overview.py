"""The overview of a project in the app: its description, and ways to reports, runs and views."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

TYPING_MILLIS = 15

RUN = """
import weft
with weft.init(project="over", name="first") as run:
    run.log({"loss": 1})
with weft.init(project="over", name="best", tags=["starred"]) as run:
    run.log({"loss": 0.25})
"""


@pytest.fixture(scope="module")
def project(server: ServerProcess) -> str:
    """The address of a project with two runs, a view and two reports, one of each starred."""
    assert run_script(server, RUN).wait(120) == 0
    project = f"{server.url}/api/v1/projects/local/over"
    view = {"kind": "shared", "name": "Learning rates", "document": {}}
    httpx.post(f"{project}/views", json=view).raise_for_status()
    for title in ("Ablation", "Notes"):
        answer = httpx.post(f"{project}/reports", json={"title": title}).raise_for_status()
        if title == "Ablation":
            httpx.put(f"{project}/reports/{answer.json()['id']}/star").raise_for_status()
    return project


def test_an_overview_describes_a_project_and_leads_on(
    page: Page, app: OpenApp, server: ServerProcess, project: str
) -> None:
    page.goto(f"{app(server)}/local/over")
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page).to_have_url(re.compile("/local/over/overview$"))
    expect(page.get_by_role("heading", name="over", level=1)).to_be_visible()
    page.get_by_role("button", name="What the project is about").click()
    box = page.get_by_role("textbox", name="Description")
    box.press_sequentially("We compare **schedules**.", delay=TYPING_MILLIS)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("strong", has_text="schedules")).to_be_visible()
    assert httpx.get(project).json()["description"] == "We compare **schedules**."
    reports = page.get_by_role("region", name="Reports", exact=True).get_by_role("listitem")
    expect(reports).to_have_text([re.compile("Ablation.*starred"), re.compile("Notes.*Draft")])
    expect(page.get_by_role("region", name="Pinned reports")).to_have_count(0)
    expect(page.get_by_role("region", name="Newest runs")).to_contain_text("first")
    starred = page.get_by_role("region", name="Starred runs")
    expect(starred.get_by_role("listitem")).to_have_text([re.compile("best.*loss 0.25")])
    assert axe_faults(page) == []
    page.get_by_role("link", name="Learning rates").click()
    expect(page).to_have_url(re.compile(r"/local/over\?.*view="))
    page.go_back()
    starred.get_by_role("link", name="All 1").click()
    expect(page.get_by_role("link", name="best")).to_be_visible()
    expect(page.get_by_role("link", name="first")).to_have_count(0)


def test_a_report_is_pinned_to_the_overview_in_the_list(
    page: Page, app: OpenApp, server: ServerProcess, project: str
) -> None:
    page.goto(f"{app(server)}/local/over/reports")
    page.get_by_role("button", name="More of Notes").click()
    page.get_by_role("menuitem", name="Pin to overview").click()
    expect(page.get_by_role("link", name="Notes pinned")).to_be_visible()
    page.get_by_role("link", name="Overview", exact=True).click()
    pinned = page.get_by_role("region", name="Pinned reports")
    expect(pinned.get_by_role("listitem")).to_have_text([re.compile("Notes.*Draft")])
    others = page.get_by_role("region", name="Reports", exact=True).get_by_role("listitem")
    expect(others).to_have_text([re.compile("Ablation")])
    assert axe_faults(page) == []
    answer = httpx.get(f"{project}/reports", params={"order": "pinned"})
    assert [report["title"] for report in answer.json()["reports"]] == ["Notes", "Ablation"]


@pytest.mark.at_length
def test_a_bare_project_says_what_is_missing_on_a_narrow_page(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    httpx.put(f"{server.url}/api/v1/projects/local/bare", json={}).raise_for_status()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app(server)}/local/bare/overview")
    for text in (
        "No reports yet",
        "No starred runs yet",
        "No runs yet",
        "No saved views yet",
    ):
        expect(page.get_by_text(text)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_faults(page) == []
