"""Grids of panels while a report is written: settings, places and sizes, run sets, publishing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
for project, base in (("grids", 1), ("others", 3)):
    for i in range(2):
        config = {"lr": 0.1 * (i + 1)}
        with weft.init(project=project, name=f"{project}-{i}", config=config) as run:
            for step in range(10):
                run.log({"loss": (i + base) / (step + 1), "acc": step / 10})
"""

KEY_MILLIS = 15

PANELS = {
    "loss": {"kind": "line", "keys": ["loss"], "span": 6, "settings": {"later": 1}},
    "acc": {"kind": "line", "keys": ["acc"], "span": 6},
    "note": {"kind": "markdown", "title": "Note", "options": {"text": "As expected."}},
}


@pytest.fixture(scope="module")
def reports(server: ServerProcess) -> str:
    """The address of the reports of a project, next to which there is another with runs."""
    assert run_script(server, RUNS).wait(120) == 0
    return f"{server.url}/api/v1/projects/local/grids/reports"


@pytest.fixture
def other(page: Page, context: BrowserContext) -> Iterator[Page]:
    """A second page of the same report."""
    second = context.new_page()
    yield second
    second.close()


def create(reports: str, **grid: Any) -> str:
    blocks = [
        {"id": "grid", "kind": "grid", **grid},
        {"id": "text", "kind": "paragraph", "text": [{"text": "Below"}]},
    ]
    body = {"title": "Grids", "blocks": blocks}
    return httpx.post(reports, json=body).raise_for_status().json()["id"]


def grid_of(reports: str, report: str) -> dict[str, Any]:
    answer = httpx.get(f"{reports}/{report}", params={"version": "draft"})
    return answer.raise_for_status().json()["document"]["blocks"][0]


def open_editor(page: Page, address: str, report: str) -> None:
    page.goto(f"{address}/local/grids/reports/{report}?edit=1")
    expect(page.get_by_role("textbox", name="Text of the report")).to_be_visible()


def wait_until_saved(page: Page) -> None:
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text("Saved")


def titles(page: Page) -> Locator:
    return page.locator(".report-grid .cell h3")


def box_of(element: Locator) -> dict[str, float]:
    box = element.bounding_box()
    assert box is not None
    return {**box}


def test_panels_are_set_moved_and_resized_and_the_other_page_sees_it(
    page: Page, other: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, panels=PANELS, panelOrder=["loss", "acc", "note"])
    open_editor(other, app(server), report)
    open_editor(page, app(server), report)
    page.bring_to_front()
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    loss = page.get_by_role("article", name="loss")
    loss.hover()
    loss.get_by_role("button", name="Panel settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    expect(drawer.get_by_role("heading", name="Line panel")).to_be_visible()
    title = drawer.get_by_role("textbox", name="Title")
    title.press_sequentially("Training", delay=KEY_MILLIS)
    drawer.get_by_role("radio", name="Log", exact=True).last.click()
    assert axe_faults(page) == []
    drawer.get_by_role("button", name="Done").click()
    expect(titles(other)).to_have_text(["Training", "acc", "Note"])
    wait_until_saved(page)
    stored = grid_of(reports, report)["panels"]["loss"]
    assert (stored["title"], stored["span"]) == ("Training", 6)
    assert stored["settings"] == {"later": 1, "yScale": "log"}

    # by its head, behind the other one
    panel = page.get_by_role("article", name="Training")
    head, target = box_of(panel.locator(".ph")), box_of(page.get_by_role("article", name="acc"))
    page.mouse.move(head["x"] + 60, head["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + target["width"] - 30, target["y"] + 80, steps=5)
    page.mouse.up()
    expect(titles(page)).to_have_text(["acc", "Training", "Note"])
    expect(titles(other)).to_have_text(["acc", "Training", "Note"])
    # by its corner
    before = box_of(panel)
    corner = before["x"] + before["width"] - 4, before["y"] + before["height"] - 4
    page.mouse.move(*corner)
    page.mouse.down()
    page.mouse.move(corner[0] - 150, corner[1] + 60, steps=5)
    page.mouse.up()
    wait_until_saved(page)
    stored = grid_of(reports, report)
    assert stored["panelOrder"] == ["acc", "loss", "note"]
    assert stored["panels"]["loss"]["span"] == 4
    assert stored["panels"]["loss"]["height"] > 236
    assert stored["panels"]["acc"] == PANELS["acc"]

    # by keys, from the panel's menu
    panel.hover()
    panel.get_by_role("button", name="Panel menu").click()
    expect(page.get_by_role("menuitem", name="Move to section")).to_have_count(0)
    page.get_by_role("menuitem", name="Move with arrow keys").click()
    page.keyboard.press("ArrowLeft", delay=KEY_MILLIS)
    page.keyboard.press("Enter", delay=KEY_MILLIS)
    expect(titles(other)).to_have_text(["Training", "acc", "Note"])
    expect(panel.get_by_role("button", name="Panel menu")).to_be_focused()
    page.keyboard.press("Enter", delay=KEY_MILLIS)
    page.get_by_role("menuitem", name="Resize with arrow keys").click()
    page.keyboard.press("ArrowRight", delay=KEY_MILLIS)
    page.keyboard.press("Escape", delay=KEY_MILLIS)
    wait_until_saved(page)
    assert grid_of(reports, report)["panels"]["loss"]["span"] == 5

    # two panels at once: both win, and each takes back their own
    other.bring_to_front()
    acc = other.get_by_role("article", name="acc")
    acc.hover()
    acc.get_by_role("button", name="Panel menu").click()
    other.get_by_role("menuitem", name="Delete").click()
    expect(titles(page)).to_have_text(["Training", "Note"])
    page.bring_to_front()
    page.keyboard.press("Control+z", delay=KEY_MILLIS)
    wait_until_saved(page)
    stored = grid_of(reports, report)["panels"]
    assert (stored["loss"]["span"], set(stored)) == (4, {"loss", "note"})
    other.bring_to_front()
    other.get_by_role("button", name="Undo").first.click()
    expect(titles(page)).to_have_text(["Training", "acc", "Note"])


def test_run_sets_are_added_filtered_chosen_and_removed(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, panels={"loss": {"kind": "line", "keys": ["loss"], "span": 12}})
    open_editor(page, app(server), report)
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    sets = page.get_by_role("list", name="Run sets")
    # the newest runs, of which there is no set yet
    sets.get_by_role("button", name="Menu of the run set").click()
    page.get_by_role("menuitem", name="Duplicate").click()
    lines = sets.locator(":scope > li")
    expect(lines).to_have_count(2)
    first, second = lines.first, lines.last
    first.locator(".set-name").click()
    page.get_by_role("textbox", name="Name of the run set").press_sequentially(
        "Slow", delay=KEY_MILLIS
    )
    page.keyboard.press("Escape", delay=KEY_MILLIS)

    # one of its runs, in a color of this grid
    first.get_by_role("button", name="Runs chosen").click()
    window = page.get_by_role("dialog", name="Runs")
    window.get_by_role("button", name="Show grids-1").click()
    window.get_by_role("button", name="Color of grids-0").click()
    window.get_by_role("radio", name="Color 9").click()
    expect(window.get_by_role("radio")).to_have_count(0)
    assert axe_faults(page) == []
    page.keyboard.press("Escape", delay=KEY_MILLIS)
    expect(first).to_contain_text("1 of 2 runs")

    # the other is of another project
    second.locator(".set-name").click()
    page.get_by_role("textbox", name="Name of the run set").press_sequentially(
        "Theirs", delay=KEY_MILLIS
    )
    page.get_by_role("combobox", name="Project").fill("others")
    page.get_by_role("option", name="local/others").click()
    page.keyboard.press("Escape", delay=KEY_MILLIS)
    # the runs of both projects in one chart
    expect(second).to_contain_text("of local/others")
    expect(page.get_by_role("application", name="loss: 3 curves")).to_be_visible()
    assert axe_faults(page) == []
    second.get_by_role("button", name="Group").click()
    page.get_by_role("combobox").last.press_sequentially("lr", delay=KEY_MILLIS)
    page.get_by_role("option", name=re.compile("lr")).first.click()
    page.keyboard.press("Escape", delay=KEY_MILLIS)
    expect(second).to_contain_text("grouped by lr")
    wait_until_saved(page)
    stored = grid_of(reports, report)
    slow, theirs = (stored["runSets"][id_] for id_ in stored["runSetOrder"])
    [(_, color)] = slow["runColors"].items()
    assert (slow["name"], color, len(slow["selection"]["off"])) == ("Slow", 9, 1)
    assert theirs == {"name": "Theirs", "project": "local/others", "groupBy": ["config.lr"]}

    second.get_by_role("button", name="Menu of the run set").click()
    page.get_by_role("menuitem", name="Remove").click()
    expect(lines).to_have_count(1)
    page.keyboard.press("Control+z", delay=KEY_MILLIS)
    expect(lines).to_have_count(2)


def test_a_draft_is_published_from_the_editor_with_its_figures(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, panels={"loss": {"kind": "line", "keys": ["loss"], "span": 12}})
    open_editor(page, app(server), report)
    expect(page.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    page.locator(".written p").click()
    page.keyboard.press("End", delay=KEY_MILLIS)
    page.keyboard.type(", and published", delay=KEY_MILLIS)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Stored the figures of version 1")).to_be_visible(timeout=60_000)
    expect(page).to_have_url(re.compile(rf"/reports/{report}$"))
    expect(page.get_by_text("Below, and published")).to_be_visible()
    expect(page.get_by_role("radio", name="As published")).to_be_checked()
    assert axe_faults(page) == []


def test_a_grid_of_texts_has_no_runs(
    page: Page, app: OpenApp, server: ServerProcess, reports: str
) -> None:
    report = create(reports, panels={"note": PANELS["note"]})
    httpx.post(f"{reports}/{report}/publish").raise_for_status()
    page.goto(f"{app(server)}/local/grids/reports/{report}")
    expect(page.get_by_role("article", name="Note")).to_be_visible()
    expect(page.get_by_role("list", name="Run sets")).to_have_count(0)
    expect(page.get_by_role("button", name="Store figures")).to_have_count(0)
    assert axe_faults(page) == []
