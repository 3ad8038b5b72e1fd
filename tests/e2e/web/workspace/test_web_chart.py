"""Line charts as a person uses them: find a spike among all points and read it; zoom, keys.

Tests read pixels, the tooltip, what screen readers hear, and the chart as SVG.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from at_length import at_length
from chart_pixels import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    LineChart,
    color_token,
    css_color,
    screenshot,
    shares,
    surface_color,
    wait_for,
)
from run_log_bytes import HandMadeLog
from server_process import ServerProcess, wait_until
from web_pages import (
    OpenApp,
    Theme,
    copied,
    in_both_themes,
    make_view,
    n_points,
    panel_of,
    plot,
    run_script,
)
from weft.runlog.format import encode_frame, encode_payload

N_STEPS = int(os.environ.get("WEFT_TEST_ROWS", "125000"))
SPIKE_STEP = N_STEPS * 654_321 // 1_000_000
BUCKET_STEPS = N_STEPS * 4096 // 1_000_000
"""Steps of a bucket of the whole range."""
SPIKE = 9.875
SPIKE_CHART_TOP = SPIKE + 0.06 * (SPIKE - 0.5)
"""Where the y axis ends: a chart has room of 6 % above its values, and no axis below 0 for it."""
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

FLAT = """
import sys, weft
project, *levels = sys.argv[1:]
for level in levels:
    with weft.init(project=project, name=f"run-{level}") as run:
        for step in range(101):
            run.log({"m": float(level), "n": float(level)})
"""
"""Flat curves, so that a test knows which places of the page lie on a curve and which do not."""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `PAIR`, and a long one."""
    pair = run_script(server, PAIR)
    upload_long_run(server)
    pair.wait(120)


@pytest.fixture(scope="module")
def flat_runs(server: ServerProcess) -> None:
    """The runs of projects `flat` and `grows`."""
    scripts = [run_script(server, FLAT, *words) for words in (("grows", "1"), ("flat", *"123"))]
    for script in scripts:
        assert script.wait(120) == 0


def upload_long_run(server: ServerProcess) -> None:
    """A run of many steps with one value that is not like the others."""
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


CROWD_RUNS, CROWD_STEPS = 300, 64
CROWD_SPIKE = (171, 40)
"""The run, and the step of the one spike among all."""


@pytest.fixture(scope="module")
def crowd(server: ServerProcess) -> None:
    """Flat curves next to each other, one of them with a spike of one step."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for number in range(CROWD_RUNS):
            log = HandMadeLog(run=f"crowd{number}", project="crowd")
            log.keys("loss")
            values = [SPIKE if (number, step) == CROWD_SPIKE else 1 + number / CROWD_RUNS
                      for step in range(CROWD_STEPS)]  # fmt: skip
            log.data += b"".join(
                encode_frame(encode_payload([3, 0, step * 1000, step, [value]]))
                for step, value in enumerate(values)
            )
            log.n_rows = CROWD_STEPS
            log.finish()
            log.upload(client, 0).raise_for_status()


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
    position = but

    def has_changed() -> bool:
        nonlocal position
        address = str(page.evaluate("decodeURIComponent(location.search)"))
        parts = re.search(r"zoom=\*step:([\d.]+):([\d.]+)", address)
        if parts:
            position = (float(parts[1]), float(parts[2]))
        return position != but

    wait_until(has_changed, what="the chart is zoomed")
    return position


def drag(page: Page, begin: float, end: float, y: float) -> None:
    page.mouse.move(begin, y)
    page.mouse.down()
    page.mouse.move((begin + end) / 2, y)
    page.mouse.move(end, y)
    page.mouse.up()


@in_both_themes
def test_a_spike_of_one_step_among_many_rows_is_found_and_read(
    page: Page, theme: Theme, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/long")
    chart = plot(page, "loss")
    chart.wait_for()
    wait_until(lambda: n_points(page, "loss") == N_STEPS, what="all points are drawn")
    far_away = LineChart(chart, surface_color(page, theme), (0, N_STEPS), (0, SPIKE_CHART_TOP))
    color = css_color(panel_of(page, "loss").locator(".legend .swatch"))
    wait_for(lambda: far_away.picture().spike_faults(color, SPIKE_STEP, 2.0, SPIKE), [])
    box = box_of(chart)
    tip = page.locator(".tip")

    # From far away the tooltip says how high the bucket reaches.
    shown = (0.0, float(N_STEPS))
    middle = box["y"] + box["height"] / 2
    page.mouse.move(px_of(SPIKE_STEP, shown, box), middle)
    first = SPIKE_STEP - SPIKE_STEP % BUCKET_STEPS
    expect(tip).to_contain_text(f"steps {first:,} to {first + BUCKET_STEPS - 1:,}")
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
        return f"step {SPIKE_STEP:,}" in "".join(tip.all_text_contents())

    wait_until(read, what="the zoom has single steps")
    expect(tip.locator("td.value")).to_have_text("9.8750")
    expect(tip.locator("td.d")).to_have_text("")
    page.mouse.dblclick(px_of(SPIKE_STEP, shown, box), middle)
    wait_until(lambda: n_points(page, "loss") == N_STEPS, what="the whole range is back")


@at_length
@pytest.mark.usefixtures("crowd")
def test_the_spike_of_one_run_among_300_is_seen_and_tells_its_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/crowd?runs=all")
    chart = plot(page, "loss")
    chart.wait_for()
    expect(panel_of(page, "loss").get_by_text("Density of 300 curves")).to_be_visible()
    shown, box = (0, CROWD_STEPS - 1), box_of(chart)
    run, step = CROWD_SPIKE
    # Just below the top of the spike, far above all curves but one.
    plot_px = box["height"] - TOP - BOTTOM
    at = px_of(step, shown, box), box["y"] + TOP + plot_px * 0.1
    surface, accent = color_token(page, "surface"), color_token(page, "accent")

    def inked() -> bool:
        """Whether the spike's column has the density's colour there, and one far from it none."""
        ink = shares(screenshot(chart), accent, surface)
        y, x = round(at[1] - box["y"]), round(at[0] - box["x"])
        row = ink[y - 2 : y + 3]
        return bool(row[:, x - 2 : x + 3].max() > 0.05 and row[:, x // 2].max() < 0.02)

    wait_until(inked, what="the spike is drawn")
    names = httpx.get(f"{server.url}/api/v1/projects/local/crowd/runs/crowd{run}").json()
    near = page.locator(".tip tr.near")

    def name_near() -> str:
        page.mouse.move(at[0] - 30, at[1])
        page.mouse.move(*at)
        return near.first.inner_text() if near.count() else ""

    wait_until(lambda: names["name"] in name_near(), what="the tooltip names the run")
    expect(near).to_contain_text("9.8750")


@at_length
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
        return "Hot" in "".join(tip.all_text_contents())

    wait_until(is_told, what="the alert is drawn")


def test_charts_share_crosshair_and_zoom(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/pair")
    for metric, points in (("loss", 700), ("acc", 800)):
        wait_until(lambda m=metric, n=points: n_points(page, m) == n, what=f"{metric} is drawn")
    box = box_of(plot(page, "loss"))
    other = plot(page, "acc")
    at = px_of(200, (0, 400), box)
    surface, cross = color_token(page, "surface"), color_token(page, "cross")

    def crosshairs() -> list[int]:
        """Columns of the other chart that have the crosshair's colour from top to bottom."""
        lines = shares(screenshot(other), cross, surface)[TOP + 2 : -BOTTOM - 2]
        # curves and grid lines cover some of it
        return np.nonzero((lines > 0.25).mean(0) > 0.8)[0].tolist()

    wait_for(crosshairs, [])
    page.mouse.move(at, box["y"] + 60)
    expect(page.locator(".tip")).to_contain_text("step 200")
    middle = round(at - box["x"])
    wait_for(lambda: [abs(x - middle) <= 2 for x in crosshairs()], [True])
    # each canvas costs time in each frame: a second one is over the chart under the pointer
    expect(plot(page, "loss").locator("canvas:visible")).to_have_count(2)
    expect(other.locator("canvas:visible")).to_have_count(1)
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


# One move of the pointer over an element in each frame, at positions by the number of the frame.
MOVE_EACH_FRAME = """([plot, frames]) => new Promise((resolve) => {
  const { left, top, width, height } = plot.getBoundingClientRect();
  let n = 0;
  const move = () => {
    const clientX = left + width * (0.3 + 0.4 * ((n * 3) % 97) / 97);
    const clientY = top + height / 2;
    plot.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY, bubbles: true }));
    if (++n < frames) requestAnimationFrame(move);
    else resolve();
  };
  requestAnimationFrame(move);
})"""


@at_length
def test_a_move_of_the_pointer_leaves_the_layers_of_the_page(
    page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    """Chromium sorted all layers at each move: a quarter of its time over twenty charts."""
    page.goto(f"{app(server)}/local/pair")
    for metric, points in (("loss", 700), ("acc", 800)):
        wait_until(lambda m=metric, n=points: n_points(page, m) == n, what=f"{metric} is drawn")
    chart = plot(page, "loss").element_handle()
    # the tooltip has its size after the first
    page.evaluate(MOVE_EACH_FRAME, [chart, 20])
    browser = page.context.browser
    assert browser
    trace = tmp_path / "trace.json"
    browser.start_tracing(page=page, path=trace, categories=["cc", "blink", "devtools.timeline"])
    page.evaluate(MOVE_EACH_FRAME, [chart, 40])
    browser.stop_tracing()
    names = Counter(event["name"] for event in json.loads(trace.read_text())["traceEvents"])
    assert names["ProxyMain::BeginMainFrame"] >= 20
    # one when the highlighted run changes, and its dots go or come
    assert names["PaintArtifactCompositor::Update"] <= 10


@at_length
def test_keys_walk_over_points_and_zoom(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/pair")
    wait_until(lambda: n_points(page, "acc") == 800, what="both runs are drawn")
    chart = plot(page, "acc")
    status = chart.get_by_role("status")
    page.keyboard.press("Tab")  # the page knows now that a keyboard is in use
    chart.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(status).to_have_text(re.compile(r"^step \d+, (steady|broken): 0\.\d{4}$"))
    first = status.text_content() or ""
    page.keyboard.press("ArrowRight")
    expect(status).not_to_have_text(first)
    expect(page.locator(".tip")).to_be_visible()
    page.keyboard.press("+")
    expect(panel_of(page, "acc").get_by_text("zoomed")).to_be_visible()
    page.keyboard.press("0")
    expect(panel_of(page, "acc").get_by_text("zoomed")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()


@at_length
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
    assert ">step<" in linear
    # above the axis' labels, where it covers no curve, and none of them
    labels = re.findall(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', linear)
    (at,) = [(float(x), y) for x, y, text in labels if text == "NaN ×100"]
    on_axis = [(float(x), text) for x, y, text in labels if float(y) == float(at[1]) + 14]
    # each label stands at its tick, also the last one at the end of the axis
    width = box_of(plot(page, "loss"))["width"]
    ends = [x for x, text in on_axis if text == "400"]
    assert ends == [pytest.approx(width - RIGHT, abs=1)]
    assert [text for x, text in on_axis if at[0] - 16 < x < at[0] + 50] == ["300"]
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


def open_flat(page: Page, server: ServerProcess, app: OpenApp, project: str, n_runs: int) -> None:
    """Open a project of flat curves with y from 0 to 4."""
    address = make_view(server, project, settings={"yEnds": (0, 4)})
    page.goto(f"{app(server)}/local/{project}?{address}")
    for metric in ("m", "n"):
        wait_until(lambda m=metric: n_points(page, m) == n_runs * 101, what="all runs are drawn")


def flat_place(page: Page, metric: str, step: float, level: float) -> tuple[float, float]:
    """Where a step and a value lie on the page."""
    box = box_of(plot(page, metric))
    floor = box["height"] - BOTTOM
    return px_of(step, (0, 100), box), box["y"] + floor - level / 4 * (floor - TOP)


@pytest.mark.usefixtures("flat_runs")
@at_length
def test_a_click_beside_the_curves_pins_the_tooltip(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_flat(page, server, app, "flat", 3)
    pinned = page.get_by_role("region", name="Pinned values")
    page.mouse.click(*flat_place(page, "m", 40, 2.5))
    expect(pinned).to_contain_text("step 40")
    expect(pinned.get_by_role("row")).to_have_count(3)
    live = page.locator(".tip:not(.pinned)")
    expect(live).to_have_count(0)  # it would say the same, over the pinned one

    # one can go into it, and a second crosshair elsewhere leaves it alone
    pinned.get_by_role("row", name="run-1").hover()
    expect(live).to_have_count(0)
    expect(pinned).to_contain_text("step 40")
    text = copied(page, lambda: pinned.get_by_role("button", name="Copy values").click())
    assert text == "m, step 40\nrun-3\t3\nrun-2\t2\nrun-1\t1"
    pinned.get_by_text("1", exact=True).dblclick()
    assert page.evaluate("getSelection().toString().trim()") == "1"
    page.mouse.move(*flat_place(page, "n", 80, 2.5))
    expect(live).to_contain_text("step 80")
    expect(pinned).to_contain_text("step 40")

    # a click on a curve opens its menu, with Shift it pins there: in another panel the pin moves
    page.mouse.click(*flat_place(page, "n", 80, 2))
    expect(page.get_by_role("menu")).to_contain_text("run-2")
    page.keyboard.press("Escape")
    expect(pinned).to_contain_text("step 40")
    page.keyboard.down("Shift")
    page.mouse.click(*flat_place(page, "n", 60, 2))
    page.keyboard.up("Shift")
    expect(pinned).to_contain_text("step 60")

    # a second click, Escape and the cross unpin it
    page.mouse.click(*flat_place(page, "n", 20, 2.5))
    expect(pinned).to_have_count(0)
    page.mouse.click(*flat_place(page, "n", 20, 2.5))
    expect(pinned).to_contain_text("step 20")
    page.keyboard.press("Escape")
    expect(pinned).to_have_count(0)
    page.mouse.click(*flat_place(page, "m", 10, 2.5))
    pinned.get_by_role("button", name="Unpin").click()
    expect(pinned).to_have_count(0)


@pytest.mark.usefixtures("flat_runs")
@at_length
def test_escape_closes_a_menu_that_has_not_the_focus_yet(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_flat(page, server, app, "flat", 3)
    pinned = page.get_by_role("region", name="Pinned values")
    plot(page, "m").focus()
    for key in ("ArrowRight", "Space"):
        page.keyboard.press(key)
    expect(pinned).to_be_visible()
    plot(page, "m").focus()
    page.keyboard.press("ArrowRight")
    page.evaluate(
        """() => {
            const seen = new MutationObserver(() => {
                if (!document.querySelector("[role=menu]")) return;
                seen.disconnect();
                window.hadFocus = document.activeElement.closest("[role=menu]") !== null;
                const escape = { key: "Escape", bubbles: true, cancelable: true };
                document.activeElement.dispatchEvent(new KeyboardEvent("keydown", escape));
                window.isPressed = true;
            });
            seen.observe(document.body, { childList: true, subtree: true });
        }"""
    )
    page.keyboard.press("Enter")
    wait_for(lambda: page.evaluate("window.isPressed"), True)
    assert page.evaluate("window.hadFocus") is False
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(pinned).to_be_visible()


@pytest.mark.usefixtures("flat_runs")
@at_length
def test_a_pinned_tooltip_follows_new_curves_and_zooms(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_flat(page, server, app, "grows", 1)
    pinned = page.get_by_role("region", name="Pinned values")
    page.mouse.click(*flat_place(page, "m", 80, 2.5))
    expect(pinned.get_by_role("row")).to_have_count(1)
    run_script(server, FLAT, "grows", "3").wait(120)
    expect(pinned.get_by_role("row")).to_have_count(2)
    expect(pinned).to_contain_text("step 80")
    # the values are of steps that the chart no longer shows
    before = box_of(pinned)["x"]
    x, y = flat_place(page, "m", 10, 2.5)
    drag(page, x, flat_place(page, "m", 60, 2.5)[0], y)
    expect(panel_of(page, "m").get_by_text("zoomed")).to_be_visible()
    expect(pinned).to_contain_text("step 80")
    wait_until(lambda: box_of(pinned)["x"] > before, what="it is at the edge of the chart")


@pytest.mark.usefixtures("flat_runs")
@at_length
def test_values_are_pinned_and_read_by_keyboard(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_flat(page, server, app, "flat", 3)
    chart = plot(page, "m")
    pinned = page.get_by_role("region", name="Pinned values of m, step 99")
    page.keyboard.press("Tab")
    chart.focus()
    for key in ("Home", "End", "ArrowLeft"):  # the first one begins in the middle
        page.keyboard.press(key)
    expect(chart.get_by_role("status")).to_contain_text("step 99, run-")
    page.keyboard.press("Space")
    expect(pinned.get_by_role("group", name="m, step 99")).to_be_focused()
    page.keyboard.press("Tab")
    expect(chart).to_be_focused()
    # a second crosshair is compared with the pinned one
    page.keyboard.press("Home")
    page.keyboard.press("Home")
    expect(page.locator(".tip:not(.pinned)")).to_contain_text("step 0")
    expect(pinned).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    pinned = page.get_by_role("region", name="Pinned values")
    page.keyboard.press("Shift+Tab")
    expect(pinned.get_by_role("button", name="Unpin")).to_be_focused()
    page.keyboard.press("Escape")
    expect(pinned).to_have_count(0)
    expect(chart).to_be_focused()
