"""The runs list of the workspace: filters, groups, orders, the selection; by mouse and by keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, axe_faults, run_script, type_text

SWEEP = """
import weft
for i in range(23):
    run = weft.init(
        project="sweep", id=f"s{i:02}", name=f"trial-{i}", group=f"g{i % 2}",
        config={"optimizer": {"name": ["adam", "sgd", "lion"][i % 3]}, "lr": 10.0 ** -(1 + i % 4)},
    )
    for step in range(20):
        run.log({"loss": 1 / (step + 1) + i / 100, "acc": i / 23})
    run.finish()
"""
CRASH = """
import os, weft
run = weft.init(project="sweep", id="lost", name="lost", config={"lr": 1.0})
run.log({"loss": 1})
os.kill(os.getpid(), 9)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        assert run_script(started, SWEEP).wait(60) == 0
        run_script(started, CRASH).wait(60)
        url = f"{started.url}/api/v1/projects/local/sweep/runs/lost"
        headers = {"Authorization": f"Bearer {started.token}"}

        def is_crashed() -> bool:
            return bool(httpx.get(url, headers=headers).json().get("state") == "crashed")

        wait_until(is_crashed, what="the run is known to have crashed", secs=60)
        yield started


@pytest.fixture
def sweep(page: Page, context: BrowserContext, server: ServerProcess, app: OpenApp) -> Page:
    """The sweep's workspace with nothing chosen yet."""
    url = f"{server.url}/api/v1/projects/local/sweep/views/default"
    headers = {"Authorization": f"Bearer {server.token}"}
    known = httpx.get(url, headers=headers)
    if known.json()["version"]:
        again = {**headers, "If-Match": known.headers["ETag"]}
        assert httpx.put(url, json={"document": {}}, headers=again).status_code == 200
    page.goto(f"{app(server)}/local/sweep")
    # the first page of all may have to be made ready
    expect(badge(page)).to_have_text("10 / 24", timeout=30_000)
    return page


def badge(page: Page) -> Locator:
    """How many runs are shown and listed."""
    return page.locator(".rh .badge")


def row(page: Page, name: str) -> Locator:
    """A run's row, or a group's."""
    return page.locator(".list [role=row]", has=page.get_by_text(name, exact=True))


def names(page: Page, n: int) -> list[str]:
    """What the first rows are called, from top to bottom."""
    placed = page.locator(".list [role=row] .mid").evaluate_all(
        "all => all.map((one) => [one.getBoundingClientRect().y, one.title])"
    )
    return [title for _, title in sorted(placed)][:n]


def test_crashed_runs_are_hidden_by_one_click(sweep: Page) -> None:
    expect(row(sweep, "lost")).to_be_visible()
    sweep.get_by_role("button", name="Filter", exact=True).click()
    sweep.get_by_role("button", name="Hide crashed").click()
    expect(sweep.get_by_role("dialog")).to_contain_text("23 of 24 match")
    sweep.keyboard.press("Escape")
    expect(row(sweep, "lost")).to_have_count(0)
    chip = sweep.get_by_role("group", name="Filters", exact=True)
    expect(chip).to_contain_text("state is not crashed")
    chip.get_by_role("button", name="Remove the filter").click()
    expect(row(sweep, "lost")).to_be_visible()


def test_groups_have_figures_and_one_eye_each(sweep: Page) -> None:
    sweep.get_by_role("button", name="Group", exact=True).click()
    sweep.get_by_role("combobox", name="Add a group key").fill("optimizer")
    sweep.get_by_role("option", name="config.optimizer.name").click()
    sweep.keyboard.press("Escape")
    expect(sweep.get_by_text("4 groups, 24 runs")).to_be_visible()
    adam = sweep.locator(".list [role=row]", has_text=re.compile("^adam"))
    expect(adam).to_contain_text("8")
    expect(sweep.locator("[data-metric='loss']")).to_contain_text("adam")

    # a pinned column has the mean of the group, more on hover
    sweep.get_by_role("button", name="Columns").click()
    sweep.get_by_role("textbox", name="Find a column").fill("acc")
    sweep.get_by_role("checkbox", name="acc").check()
    sweep.keyboard.press("Escape")
    expect(adam.locator(".num").last).to_have_attribute("title", re.compile(r"^mean 0\.4565, std"))

    sweep.get_by_role("button", name="Show group adam").click()
    expect(badge(sweep)).to_have_text("16 / 24")
    expect(sweep.locator("[data-metric='loss'] .plot")).to_have_attribute(
        "aria-label", re.compile("3 curves")
    )
    adam.get_by_role("button", name="Open adam").click()
    sweep.get_by_role("button", name="Show trial-3", exact=True).click()
    expect(badge(sweep)).to_have_text("17 / 24")
    expect(adam).to_contain_text("1 of 8")


def test_a_nested_filter_by_mouse_is_the_same_as_text(sweep: Page) -> None:
    sweep.get_by_role("button", name="Filter", exact=True).click()
    dialog = sweep.get_by_role("dialog", name="Filter")
    dialog.get_by_role("combobox", name="Column").fill("group")
    sweep.get_by_role("option", name="group 23").click()
    dialog.get_by_role("combobox", name="Value").fill("g1")
    expect(dialog).to_contain_text("11 of 24 match")
    dialog.get_by_role("button", name="Group").last.click()
    nest = dialog.get_by_role("group", name="Group of conditions")
    nest.get_by_role("combobox", name="Column").fill("config.lr")
    sweep.get_by_role("option", name="config.lr").click()
    nest.get_by_role("button", name="Comparison: is").click()
    sweep.get_by_role("menuitemradio", name="at most").click()
    nest.get_by_role("combobox", name="Value").fill("1e-4")
    nest.get_by_role("button", name="Condition", exact=True).click()
    nest.get_by_role("combobox", name="Column").nth(1).fill("optimizer")
    sweep.get_by_role("option", name="config.optimizer.name").click()
    nest.get_by_role("combobox", name="Value").nth(1).fill("sgd")
    sweep.keyboard.press("Escape")

    dialog.get_by_role("radio", name="Expression").click()
    text = dialog.get_by_role("textbox", name="Filter expression")
    expect(text).to_have_value(
        'group = "g1" and (config.lr <= 0.0001 or config.optimizer.name = "sgd")'
    )
    expect(sweep.get_by_role("group", name="Filters", exact=True)).to_contain_text("any of 2")

    text.fill("state = finished and config.lr >> 1")
    expect(dialog.get_by_role("alert")).to_contain_text("Column 33: a value is expected, not '>'")
    text.fill("config.lr <= 0.001 and not (group = g0 or state = crashed)")
    expect(dialog).to_contain_text("5 of 24 match")
    dialog.get_by_role("radio", name="Builder").click()
    expect(dialog.get_by_role("button", name="Which must hold: none of these")).to_be_visible()
    expect(badge(sweep)).to_have_text("5 / 5")


def test_runs_are_sorted_by_two_keys(sweep: Page) -> None:
    sweep.get_by_role("button", name="Sort", exact=True).click()
    for typed in ("optimizer", "summary.acc"):
        sweep.get_by_role("combobox", name="Add a sort key").fill(typed)
        sweep.get_by_role("option", name=typed).click()
    direction = sweep.get_by_role("radiogroup", name="Direction of config.optimizer.name")
    direction.get_by_role("radio", name="Low first").click()
    sweep.keyboard.press("Escape")
    expect(sweep.get_by_role("button", name="Sort 2 keys")).to_be_visible()
    expect(row(sweep, "trial-21")).to_be_visible()
    wait_until(lambda: names(sweep, 3) == ["trial-21", "trial-18", "trial-15"])

    sweep.get_by_role("button", name="Sort by name").click()
    wait_until(lambda: names(sweep, 3) == ["lost", "trial-0", "trial-1"])


def test_selected_runs_are_tagged_and_untagged_again(sweep: Page, server: ServerProcess) -> None:
    row(sweep, "trial-22").locator(".num").first.click(modifiers=["ControlOrMeta"])
    row(sweep, "trial-18").locator(".num").first.click(modifiers=["Shift"])
    bar = sweep.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("5 selected")
    bar.get_by_role("button", name="Tag").click()
    sweep.get_by_role("textbox", name="Find or make a tag").fill("good")
    sweep.keyboard.press("Enter")
    expect(sweep.get_by_text("5 runs tagged good")).to_be_visible()
    expect(sweep.get_by_role("checkbox", name="good")).to_be_checked()

    url = f"{server.url}/api/v1/projects/local/sweep/runs?filter=tags has good"
    headers = {"Authorization": f"Bearer {server.token}"}
    assert httpx.get(url, headers=headers).json()["total"] == 5
    sweep.get_by_role("button", name="Undo", exact=True).last.click()
    wait_until(lambda: httpx.get(url, headers=headers).json()["total"] == 0)

    bar.get_by_role("button", name="Delete").click()
    expect(badge(sweep)).to_have_text("10 / 19")
    sweep.get_by_role("button", name="Undo", exact=True).last.click()
    expect(badge(sweep)).to_have_text("10 / 24")


def test_all_is_within_reach_of_the_keyboard(sweep: Page) -> None:
    sweep.keyboard.press("/")
    type_text(sweep, "trial-2")
    expect(badge(sweep)).to_have_text("4 / 4")
    sweep.keyboard.press("Tab")
    sweep.locator(".list").focus()
    sweep.keyboard.press("Home")
    sweep.keyboard.press("Space")
    expect(badge(sweep)).to_have_text("3 / 4")
    sweep.keyboard.press("x")
    sweep.keyboard.press("Shift+ArrowDown")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_contain_text("2 selected")
    sweep.keyboard.press("Shift+ArrowDown")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_contain_text("3 selected")
    sweep.keyboard.press("Control+a")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_contain_text("4 selected")
    sweep.keyboard.press("Escape")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_have_count(0)
    sweep.keyboard.press("m")
    sweep.get_by_role("menuitem", name="Set as baseline").press("Enter")
    expect(row(sweep, "trial-20")).to_contain_text("base")
    expect(sweep.locator(".list")).to_be_focused()
    sweep.keyboard.press("Home")
    sweep.keyboard.press("Enter")
    expect(sweep.get_by_role("heading", name="trial-22")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_filter_and_groups_are_accessible(
    sweep: Page, context: BrowserContext, theme: str
) -> None:
    sweep.evaluate("theme => localStorage.setItem('weft-theme', theme)", theme)
    sweep.reload()
    expect(badge(sweep)).to_have_text("10 / 24")

    def assert_accessible() -> None:
        assert axe_faults(sweep, "'.runs, .mantine-Popover-dropdown'") == []

    row(sweep, "trial-22").locator(".num").first.click(modifiers=["ControlOrMeta"])
    sweep.get_by_role("button", name="Filter", exact=True).click()
    sweep.get_by_role("button", name="Hide crashed").click()
    expect(sweep.get_by_role("dialog")).to_contain_text("23 of 24 match")
    assert_accessible()
    sweep.get_by_role("radio", name="Expression").click()
    assert_accessible()
