"""Acts on panels whose answers have not come, or are those of a question before."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from at_length import at_length
from server_process import ServerProcess
from web_pages import (
    OpenApp,
    hold,
    open_menu,
    open_settings,
    panel_of,
    plot,
    run_script,
    wait_for_route,
)

N_STEPS = 200
TIME = "Relative time (process)"

SCRIPT = f"""
import numpy as np
import weft
for name in ("first", "second"):
    with weft.init(project="late", id=name, name=name, config={{"kind": "a"}},
                   reinit="finish_previous") as run:
        for step in range({N_STEPS}):
            run.log({{"train/loss": 200 - step, "val/acc": step / 200, "epoch": step // 20}})
for name, first in (("early", 0), ("later", 10)):
    with weft.init(project="bins", id=name, name=name, reinit="finish_previous") as run:
        for step in range(first, 50, 10):
            run.log({{"weights": np.linspace(-1, 1, 200) * (1 + step)}}, step=step)
"""

pytestmark = at_length


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `SCRIPT`."""
    assert run_script(server, SCRIPT).wait(120) == 0


GROWING = """
import sys, weft
with weft.init(project="growing", id=sys.argv[1], name=sys.argv[1]) as run:
    for step in range(20):
        run.log({"loss": 20 - step})
"""


def choose_axis(page: Page, before: str, name: str) -> None:
    """The x axis of all panels."""
    page.get_by_role("button", name=f"X axis {before}").click()
    page.get_by_role("radio", name=re.compile(f"^{re.escape(name)}")).click()
    page.keyboard.press("Escape")


def choose_steps_late(page: Page, address: str) -> Callable[[], None]:
    """A chart over time, its x axis now steps; returns what lets the curves over them come."""
    page.goto(f"{address}/local/late?x=time")
    expect(plot(page, "val/acc")).to_have_attribute("aria-label", re.compile("2 curves of"))
    release = hold(page, "**/series")
    choose_axis(page, TIME, "Step")
    return release


def drag(page: Page, area: Locator, begin: float, end: float) -> None:
    """Over this part of the width of a part of the page."""
    box = area.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + begin * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + (begin + end) / 2 * box["width"], y)
    page.mouse.move(box["x"] + end * box["width"], y)
    page.mouse.up()


def test_a_range_of_the_former_x_axis_is_no_zoom_of_the_new_one(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/late?x=time")
    chart = plot(page, "val/acc")
    zoomed = panel_of(page, "val/acc").get_by_role("button", name="zoomed")
    expect(chart).to_have_attribute("aria-label", re.compile("2 curves of 400 points"))
    drag(page, chart, 0.3, 0.6)
    expect(zoomed).to_be_visible()
    release = hold(page, "**/series")
    choose_axis(page, TIME, "Step")
    expect(zoomed).to_have_count(0)
    drag(page, chart, 0.3, 0.6)
    choose_axis(page, "Step", TIME)
    expect(zoomed).to_be_visible()
    choose_axis(page, TIME, "Step")
    expect(zoomed).to_have_count(0)
    release()
    expect_over_steps(page, "val/acc")
    drag(page, chart, 0.3, 0.6)
    expect(zoomed).to_be_visible()


def expect_over_steps(page: Page, metric: str) -> None:
    chart = plot(page, metric)
    tip = page.locator(".tip")
    expect(chart).to_have_attribute("aria-label", re.compile("2 curves of"))
    page.mouse.move(0, 0)
    while f"step {N_STEPS - 1}" not in "".join(tip.all_inner_texts()):
        chart.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        page.wait_for_timeout(20)
    page.keyboard.press("Escape")


PRESS_AT_ONCE = """
new MutationObserver(() => {
    const chart = document.querySelector("[data-metric='val/acc'] .plot");
    if (!chart || !/[1-9] curves/.test(chart.ariaLabel) || window.pressed) return;
    window.pressed = true;
    chart.focus();
    for (const key of ["Home", "End"])
        chart.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
"""Presses keys in a chart as soon as it says what it has, before it can be drawn."""


def test_keys_count_before_a_chart_is_drawn(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.add_init_script(PRESS_AT_ONCE)
    page.goto(f"{app(server)}/local/late")
    # the first key begins in the middle, the second goes to the end
    status = plot(page, "val/acc").get_by_role("status")
    expect(status).to_contain_text(f"step {N_STEPS - 1}")


def test_the_brush_below_a_chart_waits_for_the_whole_range_of_its_axis(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/late?x=step")
    panel_of(page, "val/acc").hover()
    panel_of(page, "val/acc").get_by_role("button", name="Full screen").click()
    full = page.get_by_role("dialog", name="Full screen")
    zoomed = full.get_by_role("button", name="zoomed")
    end = full.get_by_role("slider", name="End of the range")
    expect(end).to_have_attribute("aria-valuenow", str(N_STEPS))
    release = hold(page, "**/series")
    full.get_by_role("button", name="X axis").click()
    page.get_by_role("radio", name=re.compile(f"^{re.escape(TIME)}")).click()
    expect(end).to_be_disabled()
    end.press("ArrowLeft")
    drag(page, full.locator(".brush"), 0.3, 0.6)
    expect(zoomed).to_have_count(0)
    release()
    expect(end).to_be_enabled()
    expect(zoomed).to_have_count(0)
    drag(page, full.locator(".brush"), 0.3, 0.6)
    expect(zoomed).to_be_visible()


def test_a_panel_becomes_a_file_only_with_the_curves_that_it_asks_for(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    release = choose_steps_late(page, app(server))
    open_menu(page, "val/acc")
    page.get_by_role("menuitem", name="Export", exact=True).click()
    values = page.get_by_role("menuitem", name="Values")
    expect(values).to_be_disabled()
    release()
    expect(values).to_be_enabled()
    with page.expect_download() as download:
        values.click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
    assert {int(row["step"]) for row in rows} == set(range(N_STEPS))


def test_a_panel_is_added_once_the_sections_are_known(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    release = hold(page, "**/metrics/names*")
    page.goto(f"{app(server)}/local/late")
    page.get_by_role("button", name="Add panel").first.click()
    dialog = page.get_by_role("dialog", name="Add panel")
    dialog.get_by_role("combobox", name="Expression").fill("train/loss - val/acc")
    dialog.get_by_role("button", name="Add panel").click()
    expect(dialog).to_be_visible()
    release()
    expect(dialog).to_be_hidden()
    # a section of metrics is not one that a person made, which could be removed
    train = page.get_by_role("region", name="train", exact=True)
    expect(train.get_by_role("article", name="train/loss - val/acc")).to_be_visible()
    train.get_by_role("button", name="Section menu").click()
    expect(page.get_by_role("menuitem", name="Hide section")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Delete section")).to_have_count(0)


def test_a_metric_is_added_by_what_was_typed_last(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/late")
    settings = open_settings(page, "train/loss")
    settings.get_by_role("button", name="Metric", exact=True).click()
    field = settings.get_by_role("combobox", name="Metric", exact=True)
    expect(page.get_by_role("option", name="val/acc")).to_be_visible()
    release = hold(page, re.compile(r"/metrics\?search=epo"))
    field.fill("epo")
    field.press("Enter")
    release()
    expect(settings.get_by_role("button", name="Remove epoch")).to_be_visible()


def test_tab_completes_a_name_whose_offers_come_late(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    release = hold(page, re.compile(r"/metrics\?search="))
    page.goto(f"{app(server)}/local/late")
    settings = open_settings(page, "train/loss")
    field = settings.get_by_label("New expression")
    field.press_sequentially("val/a")
    field.press("Tab")
    expect(field).to_be_focused()
    release()
    expect(field).to_have_value("val/acc")


def test_a_mark_is_not_set_on_the_former_x_axis(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    release = choose_steps_late(page, app(server))
    open_menu(page, "val/acc")
    page.get_by_role("menuitem", name="Annotate").click()
    layer = panel_of(page, "val/acc").get_by_role("application", name="Annotate")
    layer.click(position={"x": 150, "y": 60})
    expect(layer).to_be_visible()
    expect(page.get_by_role("dialog", name="Annotation")).to_have_count(0)
    release()
    chart = plot(page, "val/acc").bounding_box()
    assert chart is not None
    status = layer.get_by_role("status")
    while "step" not in "".join(status.all_inner_texts()):
        page.mouse.move(chart["x"] + 150, chart["y"] + 60)
        page.mouse.move(chart["x"] + 151, chart["y"] + 60)
        page.wait_for_timeout(20)
    layer.click(position={"x": 150, "y": 60})
    expect(page.get_by_role("dialog", name="Annotation")).to_be_visible()


def test_charts_of_listed_runs_wait_for_no_list_of_their_own(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    bodies: list[str] = []
    page.on("request", lambda request: bodies.append(request.post_data or ""))
    page.goto(f"{app(server)}/local/late")
    expect(plot(page, "val/acc")).to_have_attribute("aria-label", re.compile("2 curves of"))
    assert not [body for body in bodies if '"limit":1000' in body]


def test_the_style_of_a_curve_is_of_what_it_shows(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/late")
    expect(plot(page, "val/acc")).to_have_attribute("aria-label", re.compile("2 curves of"))
    release = hold(page, "**/series")
    page.get_by_role("button", name="Group", exact=True).click()
    page.get_by_role("combobox", name="Add a group key").fill("kind")
    page.get_by_role("option", name="kind").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    legend = panel_of(page, "val/acc").locator(".legend")
    legend.get_by_role("button", name="first").click()
    page.get_by_role("menuitem", name="Style in this panel").click()
    settings = page.get_by_role("complementary", name="Settings")
    settings.get_by_label("Name of first").fill("best")
    expect(legend).to_contain_text("best")
    release()


def test_the_cursor_of_histograms_stays_at_its_step(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/bins")
    panel = panel_of(page, "weights")
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    full = page.get_by_role("dialog", name="Full screen")
    chart = full.get_by_role("application")
    expect(chart).to_have_attribute("aria-label", re.compile("weights of later: 4 hist"))
    chart.focus()
    for key in ("Home", "ArrowRight"):
        page.keyboard.press(key)
    cursor = full.locator(".hist-key")
    expect(cursor).to_contain_text("Step 20")
    full.get_by_role("button", name="Run: later").click()
    page.get_by_role("option", name="early").click()
    expect(chart).to_have_attribute("aria-label", re.compile("weights of early: 5 hist"))
    expect(cursor).to_contain_text("Step 20")


def test_a_chart_is_drawn_where_runs_begin_faster_than_answers_come(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, GROWING, "first").wait(120) == 0
    held: list[Route] = []
    page.route("**/series", lambda route: held.append(route))
    page.goto(f"{app(server)}/local/growing")
    wait_for_route(page, held)
    begun = list(held)
    held.clear()
    assert run_script(server, GROWING, "second").wait(120) == 0
    expect(page.get_by_title("shown in charts / listed")).to_have_text("2 / 2")
    for route in begun:
        route.continue_()
    expect(plot(page, "loss")).to_have_attribute("aria-label", re.compile("1 curve of"))
    wait_for_route(page, held)
    for route in held:
        route.continue_()
    expect(plot(page, "loss")).to_have_attribute("aria-label", re.compile("2 curves of"))
