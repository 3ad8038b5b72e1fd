"""Line charts as a person uses them: find a spike among a million points and read it; zoom, keys.

What is drawn is pixels: tests read the tooltip, what screen readers hear, and the chart as SVG.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from run_log_bytes import HandMadeLog
from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, n_points, plot, run_script
from weft.runlog.format import encode_frame, encode_payload

N_STEPS = 1_000_000
SPIKE_STEP = 654_321
SPIKE = 9.875
UPLOADS = 5

PAIR = """
import math, time, weft
for name in ("steady", "broken"):
    run = weft.init(project="pair", name=name)
    for step in range(400):
        loss = math.nan if name == "broken" and step >= 300 else math.exp(-step / 80)
        run.log({"loss": loss, "acc": 1 - math.exp(-step / 99)})
        if name == "steady" and step == 200:
            run.alert("Hot", text="85 degrees", level="warn")
    run.finish()
"""

LEFT, RIGHT = 44, 12
"""Margins of a plot, px: see `web/src/charts/axis/scale.ts`."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("chart")) as started:
        script = run_script(started, PAIR)
        upload_long_run(started)
        script.wait(120)
        yield started


def upload_long_run(server: ServerProcess) -> None:
    """A run of a million steps with one value that is not like the others."""
    log = HandMadeLog(run="long1", project="long")
    log.keys("loss")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        position = 0
        for first in range(0, N_STEPS, N_STEPS // UPLOADS):
            steps = range(first, first + N_STEPS // UPLOADS)
            log.data += b"".join(map(row_frame, steps))
            if steps.stop == N_STEPS:
                log.n_rows = N_STEPS
                log.finish()
            log.upload(client, position).raise_for_status()
            position = len(log.data)


def row_frame(step: int) -> bytes:
    value = SPIKE if step == SPIKE_STEP else 1 - step / (2 * N_STEPS) + (step % 7) / 100
    return encode_frame(encode_payload([3, 0, step * 1000, step, [value]]))


def box_of(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box


def px_of(step: float, shown: tuple[float, float], box: FloatRect) -> float:
    """Where a step lies on the page."""
    width = box["width"] - LEFT - RIGHT
    return box["x"] + LEFT + (step - shown[0]) / (shown[1] - shown[0]) * width


def zoom_of(page: Page, *, but: tuple[float, float]) -> tuple[float, float]:
    """The range of steps that the address says, once it is another one than `but`."""
    found = but

    def has_changed() -> bool:
        nonlocal found
        address = str(page.evaluate("decodeURIComponent(location.search)"))
        parts = re.search(r"zoom=\*step:([\d.]+):([\d.]+)", address)
        if parts:
            found = (float(parts[1]), float(parts[2]))
        return found != but

    wait_until(has_changed, what="the chart is zoomed")
    return found


def drag(page: Page, begin: float, end: float, y: float) -> None:
    page.mouse.move(begin, y)
    page.mouse.down()
    page.mouse.move((begin + end) / 2, y)
    page.mouse.move(end, y)
    page.mouse.up()


def panel_of(page: Page, metric: str) -> Locator:
    return page.locator(f"[data-metric='{metric}']")


def test_a_spike_of_one_step_among_a_million_points_is_found_and_read(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/long")
    chart = plot(page, "loss")
    chart.wait_for()
    wait_until(lambda: n_points(page, "loss") == N_STEPS, what="all points are drawn")
    box = box_of(chart)
    tip = page.locator(".tip")

    # From far away the tooltip says how high the bucket reaches.
    shown = (0.0, float(N_STEPS))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(px_of(SPIKE_STEP, shown, box), middle)
    expect(tip).to_contain_text("steps 651,264 to 655,359")
    expect(tip).to_contain_text("9.8750")

    for half in (20_000.0, 500.0, 20.0):
        begin = px_of(SPIKE_STEP - half, shown, box)
        end = px_of(SPIKE_STEP + half, shown, box)
        drag(page, begin, end, middle)
        shown = zoom_of(page, but=shown)

    # One step a bucket: the value itself.
    def read() -> bool:
        page.mouse.move(box["x"] + LEFT + 1, middle)
        page.mouse.move(px_of(SPIKE_STEP, shown, box), middle)
        return "step 654,321" in (tip.text_content() or "")

    wait_until(read, what="the zoom has single steps")
    expect(tip.locator("td.v")).to_have_text("9.8750")
    expect(tip.locator("td.d")).to_have_text("")
    page.mouse.dblclick(px_of(SPIKE_STEP, shown, box), middle)
    wait_until(lambda: n_points(page, "loss") == N_STEPS, what="the whole range is back")


def test_nan_and_alerts_are_marks_that_tell_what_they_are(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/pair")
    chart = plot(page, "loss")
    wait_until(lambda: n_points(page, "loss") == 700, what="both runs are drawn")
    expect(panel_of(page, "loss").get_by_text("NaN", exact=True)).to_be_visible()
    box = box_of(chart)
    tip = page.locator(".tip")
    floor = box["y"] + box["height"] - 22 - 3
    page.mouse.move(px_of(300, (0, 400), box), floor)
    expect(tip).to_contain_text("NaN ×100")
    expect(tip).to_contain_text("broken")

    def is_told() -> bool:
        page.mouse.move(px_of(150, (0, 400), box), box["y"] + 40)
        page.mouse.move(px_of(200, (0, 400), box), box["y"] + 40)
        return "Hot" in (tip.text_content() or "")

    wait_until(is_told, what="the alert is drawn")


def test_charts_share_crosshair_and_zoom(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/pair")
    for metric, points in (("loss", 700), ("acc", 800)):
        wait_until(lambda m=metric, n=points: n_points(page, m) == n, what=f"{metric} is drawn")
    box = box_of(plot(page, "loss"))
    other = plot(page, "acc")
    at = px_of(200, (0, 400), box)
    before = other.screenshot()
    page.mouse.move(at, box["y"] + 60)
    expect(page.locator(".tip")).to_contain_text("step 200")
    wait_until(lambda: other.screenshot() != before, what="the other chart has a crosshair")
    drag(page, at, px_of(300, (0, 400), box), box["y"] + 60)
    shown = zoom_of(page, but=(0, 400))
    for metric in ("loss", "acc"):
        expect(panel_of(page, metric).get_by_text("zoomed")).to_be_visible()

    # A drag on the axis moves what is shown, to the right by a quarter: what was before comes in.
    axis = box["y"] + box["height"] - 8
    quarter = (box["width"] - LEFT - RIGHT) / 4
    page.mouse.move(box["x"] + 150, axis)
    page.mouse.down()
    page.mouse.move(box["x"] + 151, axis)
    page.mouse.move(box["x"] + 150 + quarter, axis)
    page.mouse.up()
    moved = zoom_of(page, but=shown)
    assert moved[0] == pytest.approx(shown[0] - (shown[1] - shown[0]) / 4, abs=2)
    assert moved[1] - moved[0] == pytest.approx(shown[1] - shown[0], abs=2)

    box = box_of(other)
    page.mouse.dblclick(box["x"] + 200, box["y"] + 60)
    for metric in ("loss", "acc"):
        expect(panel_of(page, metric).get_by_text("zoomed")).to_be_hidden()


def test_keys_walk_over_points_and_zoom(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/pair")
    wait_until(lambda: n_points(page, "acc") == 800, what="both runs are drawn")
    chart = plot(page, "acc")
    status = chart.get_by_role("status")
    page.keyboard.press("Tab")  # the page knows now that a keyboard is in use
    chart.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    first = status.text_content() or ""
    assert re.fullmatch(r"step \d+, (steady|broken): 0\.\d{4}", first), first
    page.keyboard.press("ArrowRight")
    expect(status).not_to_have_text(first)
    expect(page.locator(".tip")).to_be_visible()
    page.keyboard.press("+")
    expect(panel_of(page, "acc").get_by_text("zoomed")).to_be_visible()
    page.keyboard.press("0")
    expect(panel_of(page, "acc").get_by_text("zoomed")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()


def test_a_logarithmic_chart_as_svg_has_its_decades(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/pair")
    wait_until(lambda: n_points(page, "loss") == 700, what="both runs are drawn")
    panel = panel_of(page, "loss")

    def svg() -> str:
        panel.hover()
        panel.get_by_role("button", name="Panel menu").click()
        page.get_by_role("menuitem", name="Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Drawing").click()
        return download.value.path().read_text()

    linear = svg()
    assert ">steady<" in linear
    assert ">NaN ×100<" in linear
    assert ">0.01<" not in linear
    panel.hover()
    panel.get_by_role("button", name="Panel settings").click()
    settings = page.get_by_role("complementary", name="Settings")
    scale = settings.get_by_role("radiogroup", name="Y scale")
    scale.get_by_role("radio", name="Log", exact=True).click()
    expect(panel.get_by_text("log", exact=True)).to_be_visible()
    logarithmic = svg()
    assert ">0.1<" in logarithmic
    assert ">0.01<" in logarithmic
