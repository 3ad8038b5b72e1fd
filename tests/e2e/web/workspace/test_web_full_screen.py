"""Full screen: Escape gives up a drag, else closes; on a phone a tap reads values."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from server_process import ServerProcess
from web_pages import OpenApp, run_script

RUN = """
import weft
with weft.init(project="full") as run:
    for step in range(50):
        run.log({"loss": step})
"""


def test_escape_after_a_drag_zoom_closes_full_screen(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, RUN).wait(120) == 0
    page.goto(f"{app(server)}/local/full?full=auto%3Aloss")
    full = page.get_by_role("dialog", name="Full screen")
    chart = full.locator("[role=application].plot")
    chart.hover(position={"x": 200, "y": 100})
    page.mouse.down()
    chart.hover(position={"x": 400, "y": 120})
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(full).to_be_visible()
    expect(full.get_by_text("zoomed")).to_have_count(0)
    chart.hover(position={"x": 200, "y": 100})
    page.mouse.down()
    chart.hover(position={"x": 400, "y": 120})
    page.mouse.up()
    expect(full.get_by_text("zoomed")).to_be_visible()
    page.keyboard.press("Escape")
    expect(full).to_have_count(0)


PHONE_RUN = """
import weft
with weft.init(project="phone") as run:
    for step in range(50):
        run.log({"loss": float("nan") if step == 40 else step})
"""


def test_full_screen_on_a_phone_reads_values_by_a_tap_and_says_how_it_draws(
    browser: Browser, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, PHONE_RUN).wait(120) == 0
    size = ViewportSize(width=390, height=844)
    context = browser.new_context(viewport=size, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{app(server)}/local/phone?y=log")
    panel = page.locator("[data-metric='loss']")
    expect(panel.locator("[role=application].plot")).to_have_attribute(
        "aria-label", re.compile("1 curve")
    )
    panel.get_by_role("button", name="Full screen").tap()
    full = page.get_by_role("dialog", name="Full screen")
    values = full.get_by_role("group", name="Values")
    expect(values.get_by_role("row")).to_have_count(2)
    full.locator("[role=application].plot").tap(position={"x": 200, "y": 100})
    # the panel below has the same pin, and is no reason to take it away
    expect(full.locator(".side-head")).to_contain_text("at step")
    name = full.get_by_role("heading", level=2).bounding_box()
    way_out = full.get_by_role("button", name="Close full screen").bounding_box()
    flag = full.get_by_text("NaN", exact=True).first.bounding_box()
    assert name is not None
    assert way_out is not None
    assert flag is not None
    assert name["y"] + name["height"] / 2 == pytest.approx(
        way_out["y"] + way_out["height"] / 2, abs=2
    )
    assert flag["y"] >= way_out["y"] + way_out["height"] - 8
    full.get_by_role("button", name="X axis").tap()
    page.get_by_text("Relative time (process)").tap()
    expect(full.get_by_role("button", name="X axis")).to_contain_text("Relative time")
    export = full.get_by_role("button", name="Export").bounding_box()
    assert export is not None
    assert export["x"] + export["width"] <= size["width"]
    context.close()


def test_the_list_of_a_narrow_window_gives_the_room_of_the_lowest_points_to_names(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, RUN.replace("full", "narrow")).wait(120) == 0
    page.goto(f"{app(server)}/local/narrow?full=auto%3Aloss")
    lowest = page.get_by_role("columnheader", name="Curve min")
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(lowest).to_be_visible()
    page.set_viewport_size({"width": 960, "height": 600})
    expect(page.get_by_role("columnheader", name="Value")).to_be_visible()
    expect(lowest).to_be_hidden()


@pytest.mark.parametrize("has_settings", [False, True])
def test_the_chart_of_a_low_window_has_most_of_its_height(
    page: Page, server: ServerProcess, app: OpenApp, has_settings: bool
) -> None:
    project = f"low{int(has_settings)}"
    assert run_script(server, RUN.replace("full", project)).wait(120) == 0
    page.set_viewport_size({"width": 960, "height": 600})
    page.goto(f"{app(server)}/local/{project}?full=auto%3Aloss")
    full = page.get_by_role("dialog", name="Full screen")
    if has_settings:
        full.get_by_role("button", name="Panel settings").click()
        expect(page.get_by_role("complementary", name="Settings")).to_be_visible()
    chart = full.locator("[role=application].plot")
    expect(chart).to_have_attribute("aria-label", re.compile("1 curve"))
    boxes = [part.bounding_box() for part in full.locator(".ph, .beside, .brush, .side").all()]
    head, plot, brush, side = (box for box in boxes if box is not None)
    assert head["y"] + head["height"] <= plot["y"]
    assert plot["y"] + plot["height"] <= brush["y"]
    assert plot["height"] >= (200 if has_settings else 360)
    if has_settings:
        assert brush["y"] + brush["height"] <= side["y"] + 1
