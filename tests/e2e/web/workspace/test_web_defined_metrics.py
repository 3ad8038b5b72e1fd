"""Results of `define_metric` on the page: a metric's x axis, and whether it has a panel."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from at_length import at_length
from chart_pixels import wait_for
from server_process import ServerProcess
from web_pages import OpenApp, open_settings, panel_of, plot, run_script, type_text, wait_for_route

SCRIPT = """
import weft
for name in ("first", "second"):
    batch = {"first": 2, "second": 4}[name]
    with weft.init(project="defined", id=name, name=name, config={"batch_size": batch},
                   reinit="finish_previous") as run:
        run.define_metric("val/*", step_metric="epoch")
        run.define_metric("debug/*", hidden=True)
        if name == "second":
            run.define_metric("test/acc", step_metric="epoch")
        for step in range(200):
            run.log({"loss": 200 - step, "epoch": step // 20, "val/acc": step // 20 / 10,
                     "val/f1": 0.5, "test/acc": step, "debug/grad": step,
                     "system.mine": step})
for name, row in (("first", {"loss": 1, "tokens": 7}), ("second", {"acc": 2})):
    with weft.init(project="apart", name=name, reinit="finish_previous") as run:
        run.log(row)
"""
N_RUNS = 2


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `SCRIPT`."""
    assert run_script(server, SCRIPT).wait(120) == 0


def expect_place_at_the_end(page: Page, metric: str, position: str) -> None:
    """The tooltip's x of the last point."""
    chart = plot(page, metric)
    expect(chart).to_have_attribute("aria-label", re.compile("2 curves of"))
    tip = page.locator(".tip")

    def at_the_end() -> str:
        page.mouse.move(0, 0)  # where it rests over a chart, that chart's tooltip is the mouse's
        chart.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("End")
        # curves over another axis that come just now take the tooltip away
        text = "".join(tip.all_inner_texts())
        return position if position in text else text

    # the curve over another axis comes a moment after its name
    wait_for(at_the_end, position)


def test_charts_are_drawn_over_the_step_metric(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined")
    expect(page.get_by_role("button", name="X axis As defined")).to_be_visible()
    expect(panel_of(page, "val/acc").locator(".ax")).to_have_text("by epoch")
    expect(panel_of(page, "loss").locator(".ax")).to_have_count(0)
    expect_place_at_the_end(page, "val/acc", "epoch 9")
    expect_place_at_the_end(page, "loss", "step 199")
    assert "x=" not in page.url

    # an explicit choice wins, for all panels or for one
    page.get_by_role("button", name="X axis As defined").click()
    page.get_by_role("radio", name="Step", exact=False).click()
    expect(panel_of(page, "val/acc").locator(".ax")).to_have_count(0)
    expect_place_at_the_end(page, "val/acc", "step 199")
    expect(page).to_have_url(re.compile(r"[?&]x=step"))
    page.get_by_role("button", name="X axis Step").click()
    page.get_by_role("radio", name="As defined").click()
    expect(panel_of(page, "val/acc").locator(".ax")).to_have_text("by epoch")
    expect(page).not_to_have_url(re.compile(r"[?&]x="))


def test_a_chart_has_one_x_axis_and_names_the_runs_over_another(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined")
    panel = panel_of(page, "test/acc")
    chart = plot(page, "test/acc")
    expect(panel.locator(".ax")).to_have_text("by epoch")
    expect(chart).to_have_attribute("aria-label", re.compile("1 curve of"))
    panel.get_by_role("button", name="1 run by step").click()
    expect(chart).to_have_attribute("aria-label", re.compile("2 curves of"))
    expect(panel.get_by_role("button", name="1 run by step")).to_have_count(0)


@at_length
def test_an_expression_is_typed_as_the_x_axis(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined")
    expect_place_at_the_end(page, "loss", "step 199")
    page.get_by_role("button", name="X axis As defined").click()
    field = page.get_by_role("combobox", name="Expression of the x axis")
    field.click()
    type_text(page, "_step * config.batch")
    expect(page.get_by_role("option", name="config.batch_size")).to_contain_text("2 runs")
    page.keyboard.press("Tab")
    expect(field).to_have_value("_step * config.batch_size")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="X axis _step * config.batch_size")).to_be_visible()
    expect_place_at_the_end(page, "loss", "_step * config.batch_size 796")
    expect(page).to_have_url(re.compile(r"[?&]x=expression%3A_step"))
    page.reload()
    expect_place_at_the_end(page, "loss", "_step * config.batch_size 796")

    # of one panel another, with a mistake on the way
    drawer = open_settings(page, "loss")
    own = drawer.get_by_role("combobox", name="Expression of the x axis")
    own.click()
    page.keyboard.press("ControlOrMeta+a")
    type_text(page, "_step / config.batch_sizs ")
    expect(drawer.get_by_role("alert")).to_contain_text("No run has a number “config.batch_sizs”.")
    drawer.get_by_role("button", name="config.batch_size", exact=True).click()
    expect(drawer.get_by_role("alert")).to_have_count(0)
    expect(panel_of(page, "loss").locator(".ax")).to_have_text("by _step / config.batch_size")
    expect_place_at_the_end(page, "loss", "_step / config.batch_size 49")
    expect_place_at_the_end(page, "system.mine", "_step * config.batch_size 796")


@at_length
def test_the_crosshair_of_one_axis_gives_no_range_to_the_next(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined")
    expect_place_at_the_end(page, "val/acc", "epoch 9")
    held: list[Route] = []
    is_released = False
    page.route("**/series", lambda route: route.continue_() if is_released else held.append(route))
    page.get_by_role("button", name="X axis As defined").click()
    page.get_by_role("radio", name="Step", exact=False).click()
    page.keyboard.press("Escape")
    wait_for_route(page, held)
    expect_place_at_the_end(page, "val/acc", "epoch 9")
    is_released = True
    for route in held:
        route.continue_()
    expect_place_at_the_end(page, "val/acc", "step 199")
    expect(page).not_to_have_url(re.compile("zoom="))


@at_length
def test_a_panel_without_a_curve_says_what_is_missing_and_offers_steps(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/apart?x=metric:tokens")
    panel = panel_of(page, "acc")
    expect(plot(page, "loss")).to_be_visible()
    expect(panel).to_contain_text("1 of 2 runs has acc, but no tokens.")
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    full = page.get_by_role("dialog", name="Full screen")
    expect(full).to_contain_text("1 of 2 runs has acc, but no tokens.")
    full.get_by_role("button", name="Use step").click()
    expect(full.get_by_role("img", name="acc: 1 bar")).to_be_visible()


@at_length
def test_charts_with_the_same_defined_axis_share_a_zoom(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined?zoom=*metric%253aepoch:2:4")
    for metric in ("val/acc", "val/f1"):
        expect(panel_of(page, metric).get_by_role("button", name="zoomed")).to_be_visible()
    expect(panel_of(page, "loss").get_by_role("button", name="zoomed")).to_have_count(0)
    panel_of(page, "val/f1").get_by_role("button", name="zoomed").click()
    expect(panel_of(page, "val/acc").get_by_role("button", name="zoomed")).to_have_count(0)


@at_length
def test_a_hidden_metric_has_no_panel_and_no_column_until_asked_for(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined")
    expect(plot(page, "loss")).to_have_attribute("aria-label", re.compile("2 curves"))
    expect(panel_of(page, "debug/grad")).to_have_count(0)
    page.keyboard.press("p")
    type_text(page, "grad")
    expect(plot(page, "debug/grad")).to_have_attribute(
        "aria-label", f"debug/grad: {N_RUNS} curves of {N_RUNS * 200} points"
    )
    page.keyboard.press("Escape")
    expect(panel_of(page, "debug/grad")).to_have_count(0)

    page.goto(f"{app(server)}/local/defined/runs")
    head = page.get_by_role("columnheader")
    expect(head.filter(has_text="val/acc")).to_have_count(1)
    expect(head.filter(has_text="debug/grad")).to_have_count(0)


@at_length
def test_what_a_script_logs_below_system_is_among_its_own_metrics(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/defined")
    own = page.get_by_role("region", name="charts", exact=True)
    expect(own.locator("[data-metric='system.mine'] h3")).to_have_text("system.mine")
    chart = own.locator("[data-metric='system.mine'] .plot")
    expect(chart).to_have_attribute("aria-label", re.compile("2 curves of 400 points"))
