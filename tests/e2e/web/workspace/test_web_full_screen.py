"""Escape in full screen: it gives up a drag, else it closes, also after a zoom by the mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

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
