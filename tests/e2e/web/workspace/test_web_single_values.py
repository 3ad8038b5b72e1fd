"""Panels of metrics that runs logged once: bars, best first, until a run has a second value."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from server_process import ServerProcess
from web_pages import OpenApp, open_menu, plot, run_script

SCRIPT = """
import weft
for i, mse in enumerate([0.5, 0.125, 0.75]):
    with weft.init(project="tabular", id=f"fit-{i}", name=f"fit-{i}") as run:
        run.define_metric("test/mse", goal="minimize")
        run.log({"test/mse": mse, "test/r2": 1 - mse})
        run.summary["size"] = 100 * (i + 1)
"""

MORE = """
import weft
with weft.init(project="tabular", id="fit-0", resume="must") as run:
    run.log({"test/mse": 0.25})
"""

FOLDS = """
import weft
for i in range(12):
    config = {"model": ["tree", "linear"][i % 2]}
    with weft.init(project="folds", id=f"fold-{i}", config=config) as run:
        run.log({"auc": 0.9 + i / 200, "accuracy": 0.8 + i / 200})
        if i == 3:
            run.log({"auc": float("nan")})
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `SCRIPT`."""
    assert run_script(server, SCRIPT).wait(120) == 0


def tooltip_of_first_bar(page: Page, bars: Locator) -> Locator:
    """The tooltip of the uppermost bar."""
    box = bars.bounding_box()
    assert box is not None
    tip = page.get_by_role("tooltip")
    for y in range(2, int(box["height"]), 4):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + y)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        if tip.count():
            break
    return tip


@at_length
def test_one_value_per_run_is_a_bar_and_further_values_are_curves(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/tabular")
    for metric, best, value in (("test/mse", "fit-1", "0.125"), ("test/r2", "fit-1", "0.875")):
        bars = plot(page, metric)
        expect(bars).to_have_attribute("aria-label", re.compile("3 bars"))
        tip = tooltip_of_first_bar(page, bars)
        expect(tip).to_contain_text(best)
        expect(tip).to_contain_text(value)
    page.mouse.move(2, 2)

    open_menu(page, "test/r2")
    page.get_by_role("menuitem", name="Draw as points").click()
    expect(plot(page, "test/r2")).to_have_attribute(
        "aria-label", re.compile("3 curves of 3 points")
    )
    open_menu(page, "test/r2")
    page.get_by_role("menuitem", name="Draw as bars").click()
    expect(plot(page, "test/r2")).to_have_attribute("aria-label", re.compile("3 bars"))

    assert run_script(server, MORE).wait(120) == 0
    page.reload()
    curves = plot(page, "test/mse")
    expect(curves).to_have_attribute("aria-label", re.compile("3 curves of 4 points"))
    open_menu(page, "test/mse")
    expect(page.get_by_role("menu")).to_be_visible()
    expect(page.get_by_role("menuitem", name=re.compile("^Draw as"))).to_have_count(0)
    page.keyboard.press("Escape")
    # a metric that still has one value of each run keeps its bars
    expect(plot(page, "test/r2")).to_have_attribute("aria-label", re.compile("3 bars"))


@at_length
def test_results_that_were_set_and_not_logged_are_bars(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/tabular")
    page.get_by_role("button", name="Add panel").first.click()
    dialog = page.get_by_role("dialog", name="Add panel")
    dialog.locator("label.kind").filter(has=page.get_by_text("Bar", exact=True)).click()
    page.keyboard.type("size")
    expect(dialog.get_by_role("img", name=re.compile("size.*3 bars"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)  # its preview is a bar panel, too
    bars = page.locator("[data-kind='bar']").get_by_role("img")
    expect(bars).to_have_attribute("aria-label", re.compile("3 bars"))
    tip = tooltip_of_first_bar(page, bars)
    expect(tip).to_contain_text("fit-2")
    expect(tip).to_contain_text("300")


@at_length
def test_bars_of_groups_have_one_kind_of_whiskers_and_name_it(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, FOLDS).wait(120) == 0
    page.goto(f"{app(server)}/local/folds?group=config.model")
    for metric, more in (("accuracy", ""), ("auc", ", last finite values")):
        panel = page.get_by_role("article", name=metric)
        expect(panel).to_contain_text(f"best first, ± standard error{more}")
        bars = plot(page, metric)
        expect(bars).to_have_attribute("aria-label", re.compile("2 bars"))
        tip = tooltip_of_first_bar(page, bars)
        expect(tip).to_contain_text("stderr")
        # the mean of 0.9 + i / 200 over odd i, and the standard error of six values 0.01 apart
        expect(tip).to_contain_text("0.93" if metric == "auc" else "0.83")
        expect(tip).to_contain_text("0.9224 – 0.9376" if metric == "auc" else "0.8224 – 0.8376")
        page.mouse.move(2, 2)
