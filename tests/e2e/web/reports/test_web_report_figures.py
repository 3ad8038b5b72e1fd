"""Figures of published reports in the app: stored when a report is published, read as published or
as the runs are now.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Request, expect

from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
for name in ("calm", "bold"):
    with weft.init(project="figures", name=name) as run:
        for step in range(20):
            run.log({"loss": 1 / (step + 1), "acc": step / 20})
"""
LATER = """
import weft
with weft.init(project="figures", name="late") as run:
    for step in range(20):
        run.log({"loss": 2 / (step + 1), "acc": 0.5})
with weft.init(project="figures", id=%r, resume="must") as run:
    for step in range(20, 40):
        run.log({"loss": 5.0, "acc": 1.5})
"""
SERIES = re.compile(r"/(series|histograms|runs/groups)$")


@pytest.fixture(scope="module")
def runs(server: ServerProcess) -> dict[str, str]:
    """Ids of the runs by name."""
    assert run_script(server, RUNS).wait(120) == 0
    return ids_of(server)


def ids_of(server: ServerProcess) -> dict[str, str]:
    path = f"{server.url}/api/v1/projects/local/figures/runs/query"
    rows = httpx.post(path, json={"columns": []}).raise_for_status().json()["rows"]
    return {row["name"]: row["id"] for row in rows}


def blocks_of(run: str) -> list[dict[str, Any]]:
    value = {"kind": "value", "run": f"local/figures/{run}", "key": "summary.acc", "format": 2}
    return [
        {"id": "h", "kind": "heading", "level": 1, "text": [{"text": "Results"}]},
        {"id": "p", "kind": "paragraph", "text": [{"text": "It reaches "}, value]},
        {
            "id": "curves",
            "kind": "grid",
            "runSets": {"all": {"selection": {"base": "all", "on": [], "off": []}}},
            "panels": {
                "loss": {"kind": "line", "keys": ["loss"], "span": 6},
                "acc": {"kind": "bar", "keys": ["acc"], "span": 6},
            },
        },
        {
            "id": "more",
            "kind": "collapsible",
            "summary": [{"text": "More"}],
            "blocks": [
                {
                    "id": "folded",
                    "kind": "grid",
                    "runSets": {"none": {"selection": {"base": "newest", "on": [], "off": []}}},
                    "panels": {"accs": {"kind": "line", "keys": ["acc"], "span": 12}},
                }
            ],
        },
    ]


@pytest.fixture
def requests(page: Page) -> list[str]:
    """The addresses of requests for data of runs."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        if SERIES.search(request.url):
            addresses.append(request.url)

    page.on("request", note)
    return addresses


def test_a_report_shows_its_runs_as_published_and_as_they_are_now(
    page: Page, app: OpenApp, server: ServerProcess, runs: dict[str, str], requests: list[str]
) -> None:
    reports = f"{server.url}/api/v1/projects/local/figures/reports"
    body = {"title": "Findings", "blocks": blocks_of(runs["calm"])}
    report = httpx.post(reports, json=body).raise_for_status().json()["id"]
    page.goto(f"{app(server)}/local/figures/reports/{report}")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Stored the figures of version 1")).to_be_visible(timeout=60_000)
    stored = httpx.get(f"{reports}/{report}").json()["figures"]
    assert [info["part"] for info in stored] == ["curves", "folded", "values:local/figures"]

    switch = page.get_by_role("radiogroup", name="State of the runs")
    expect(switch.get_by_role("radio", name="As published")).to_be_checked()
    assert run_script(server, LATER % runs["calm"]).wait(120) == 0
    path = f"{server.url}/api/v1/projects/local/figures/runs/{runs['bold']}"
    httpx.delete(path, params={"permanently": True}).raise_for_status()

    requests.clear()
    page.reload()
    curves = page.get_by_role("application", name="loss: 2 curves")
    expect(curves).to_be_visible()
    loss = page.get_by_role("article", name="loss")
    expect(loss).to_contain_text("bold")
    expect(page.get_by_role("img", name="acc: 2 bars")).to_be_visible()
    words = "1 run added, 1 deleted, 1 got more data"
    changes = page.get_by_role("button", name=re.compile(words))
    expect(changes.first).to_be_visible()
    value = page.get_by_role("link", name="0.95")
    expect(value).to_have_attribute("title", re.compile("as published, now 1.50"))
    expect(value).to_have_class(re.compile("changed"))
    assert requests == []
    assert axe_faults(page) == []

    changes.first.click()
    window = page.get_by_role("dialog", name=re.compile("1 run added"))
    expect(window.get_by_role("listitem").filter(has_text="bold")).to_contain_text("deleted")
    expect(window.get_by_role("link", name="late")).to_have_attribute(
        "href", re.compile("/local/figures/runs/")
    )
    page.keyboard.press("Escape")

    # a zoom gets the stored curve, and asks for nothing
    box = curves.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    assert requests == []

    switch.get_by_role("radio", name="Now").click()
    expect(page).to_have_url(re.compile(r"figures=now"))
    expect(loss).to_contain_text("late")
    expect(loss).not_to_contain_text("bold")
    expect(page.get_by_role("link", name="1.50")).to_have_attribute(
        "title", re.compile("as it is now, 0.95 when published")
    )
    assert requests


def test_a_version_of_a_script_has_no_figures_until_a_member_stores_them(
    page: Page, app: OpenApp, server: ServerProcess, runs: dict[str, str]
) -> None:
    reports = f"{server.url}/api/v1/projects/local/figures/reports"
    body = {"title": "By a script", "blocks": blocks_of(runs["calm"])}
    report = httpx.post(reports, json=body).raise_for_status().json()["id"]
    httpx.post(f"{reports}/{report}/publish").raise_for_status()
    page.goto(f"{app(server)}/local/figures/reports/{report}")
    expect(page.get_by_text("figures show the runs as they are now")).to_be_visible()
    page.get_by_role("button", name="Store figures").click()
    expect(page.get_by_text("Stored the figures of version 1")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("radio", name="As published")).to_be_checked()
    expect(page.get_by_text("No run has changed since").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("figures="))

    # the same after the next version, of which nothing is stored
    httpx.patch(f"{reports}/{report}", json={"title": "Again"}).raise_for_status()
    httpx.post(f"{reports}/{report}/publish").raise_for_status()
    page.goto(f"{app(server)}/local/figures/reports/{report}?version=1")
    expect(page.get_by_role("radio", name="As published")).to_be_checked()
