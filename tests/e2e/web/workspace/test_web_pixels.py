"""Pixels of charts in both themes: curves, bands and marks are where their values are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length, case_at_length
from chart_pixels import (
    BOTTOM,
    LEFT,
    RIGHT,
    SLACK,
    LineChart,
    Rgb,
    color_token,
    css_color,
    number_token,
    screenshot,
    shares,
    surface_color,
    wait_for,
)
from run_log_bytes import ANCHOR_MICROS, HandMadeLog
from server_process import ServerProcess
from web_pages import OpenApp, Theme, in_both_themes, make_view, plot, run_script
from weft.records.record import Gap

N_DENSE = 100_000
"""Many points for each pixel: what is drawn are buckets with a band."""

N_NOISY = 20_000
"""As many points for each of three runs whose bands lie over each other."""

SCRIPT = """
import numpy as np, weft

with weft.init(project="curve", name="peak") as run:
    for step in range(101):
        run.log({"m": step / 50 if step <= 50 else 2 - step / 50})
for i in range(3):
    # ids whose colours are no greys, which the axes have
    with weft.init(project="marks", id=f"run-{i}", name=f"run-{i}") as run:
        for step in range(20):
            low = -1.0 if step < 10 else 0.0
            weights = np.linspace(low, low + 1, 4000) if i == 0 else None
            row = {"x": i, "y": [0.0, 4.0, 2.0][i], "length": 10.0 * (i + 1)}
            run.log(row if weights is None else {**row, "weights": weights})
"""

RARER = f"""
import weft

with weft.init(project="dense", name="dense") as run:
    for step in range({N_DENSE}):
        run.log({{"m": 0.5 + (0.2 if step % 2 else -0.2)}})
for i, (kind, value) in enumerate([("a", 0.2), ("a", 0.4), ("b", 0.6), ("b", 0.8)]):
    names = {{"id": f"g{{i}}", "name": f"run-{{i}}"}}
    with weft.init(project="groups", config={{"kind": kind}}, **names) as run:
        for step in range(101):
            run.log({{"m": value}})
for i in range(3):
    with weft.init(project="noisy", id=f"n{{i}}", name=f"run-{{i}}") as run:
        for step in range({N_NOISY}):
            run.log({{"m": 0.5 + (0.4 if step % 2 else -0.4)}})
with weft.init(project="shared", name="shared") as run:
    for step in range(100):
        # the last panel of the page is below what is in view
        short = {{f"s/{{n:02}}": 5.0 for n in range(23)}} if step < 50 else {{}}
        run.log({{**short, "s/last": step / 9.9}})
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `SCRIPT`, a resumed one and one with lost rows."""
    assert run_script(server, SCRIPT).wait(120) == 0
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        for log in [*resumed_run(), run_with_lost_rows()]:
            assert log.upload(client).status_code == 200


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess) -> None:
    """Projects `dense`, `groups`, `noisy` and `shared`, which tests at length alone ask for."""
    assert run_script(server, RARER).wait(120) == 0


def resumed_run() -> list[HandMadeLog]:
    """A second at 0.2, a pause of two, a second at 0.8."""
    first = HandMadeLog("resumed", "w1", "paused", goes_on={"start_micros": ANCHOR_MICROS})
    resumed_at = ANCHOR_MICROS + 3_000_000
    life = {"start_micros": resumed_at, "resume": "must", "runtime_micros": 1_000_000}
    second = HandMadeLog("resumed", "w2", "paused", goes_on=life, anchor_micros=resumed_at)
    for log, value in ((first, 0.2), (second, 0.8)):
        log.keys("m")
        log.rows([[value]] * 1000)
        log.finish()
    return [first, second]


def run_with_lost_rows() -> HandMadeLog:
    """Steps 40 to 59 of 101 are lost."""
    log = HandMadeLog("gap", "w1", "lost", goes_on={"start_micros": ANCHOR_MICROS})
    log.keys("m")
    log.rows([[0.3]] * 40)
    log.add(Gap(20, 40_000, 59_000))
    log.n_rows += 20
    log.rows([[0.3]] * 41)
    log.finish()
    return log


@pytest.fixture
def open_line(
    page: Page, theme: Theme, server: ServerProcess, app: OpenApp
) -> Callable[..., LineChart]:
    """Gives the chart of `m` in a project: y from 0 to 1, x over all steps or to `end`."""

    def open_(
        project: str, baseline: str | None = None, end: float = 100, **settings: Any
    ) -> LineChart:
        x = (0.0, float(N_DENSE if project == "dense" else end))
        ends = {"xEnds": x, "yEnds": (0, 1)}
        view = make_view(server, project, settings={**ends, **settings}, baseline=baseline)
        page.goto(f"{app(server)}/local/{project}?{view}")
        return LineChart(plot(page, "m"), surface_color(page, theme), x, (0.0, 1.0))

    return open_


def legend_color(page: Page, name: str) -> Rgb:
    """The colour of a curve of `m`, as the legend of its panel has it."""
    entry = page.locator("[data-metric='m'] .legend > span", has=page.get_by_title(name))
    return css_color(entry.locator(".swatch"))


@dataclass
class MarkPlot:
    """A panel over the runs of `marks`.

    Attributes:
        colors: of the runs, by name, as the list has them now: they may change while
            its first runs come.
    """

    plot: Locator
    background: Rgb

    @property
    def colors(self) -> dict[str, Rgb]:
        return list_colors(self.plot.page)


@pytest.fixture
def open_marks(
    page: Page, theme: Theme, server: ServerProcess, app: OpenApp
) -> Callable[..., MarkPlot]:
    """Gives a panel that is alone in a view of `marks`."""

    def open_(kind: str, **panel: Any) -> MarkPlot:
        document = {"kind": kind, "section": "mine", "span": 8, "height": 320, **panel}
        hidden = ["auto:x", "auto:y", "auto:length", "histogram:weights"]
        view = make_view(server, "marks", panels={"mine": document}, hiddenPanels=hidden)
        page.goto(f"{app(server)}/local/marks?{view}")
        plot = page.locator(f"[data-kind='{kind}'] .plot").first
        expect(plot).to_be_visible()
        return MarkPlot(plot, surface_color(page, theme))

    return open_


def list_colors(page: Page) -> dict[str, Rgb]:
    """Colours of the runs, as the list has them."""
    rows = page.locator(".run-row")
    expect(rows).to_have_count(3)
    return {
        str(row.locator(".mid").get_attribute("title")): css_color(
            row.locator(".sw-dot"), "backgroundColor"
        )
        for row in rows.all()
    }


@in_both_themes
def test_a_curve_is_where_its_values_are(page: Page, open_line: Callable[..., LineChart]) -> None:
    chart = open_line("curve")
    color = legend_color(page, "peak")
    values = {float(step): 1 - abs(step - 50) / 50 for step in (5, 20, 35, 65, 80, 95)}
    wait_for(lambda: chart.picture().curve_faults(color, values), [])


@at_length
@pytest.mark.usefixtures("rarer_runs")
@in_both_themes
def test_a_band_reaches_from_the_least_to_the_largest_value(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("dense")
    color = legend_color(page, "dense")
    strength = number_token(page, "band")
    xs = tuple(N_DENSE * part for part in (0.1, 0.3, 0.5, 0.7, 0.9))

    def faults() -> list[str]:
        picture = chart.picture()
        curve = picture.curve_faults(color, dict.fromkeys(xs, 0.5))
        inside, outside = ((0.31, 0.47), (0.53, 0.69)), ((0.02, 0.28), (0.72, 0.98))
        return curve + picture.band_faults(color, strength, xs, inside, outside)

    wait_for(faults, [])


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_curve_of_hidden_bands_reaches_from_its_least_to_its_largest_value_while_highlighted(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("noisy", end=N_NOISY)
    colors = {name: legend_color(page, name) for name in ("run-0", "run-2")}
    strength = number_token(page, "band")
    xs = tuple(N_NOISY * part for part in (0.1, 0.5, 0.9))
    inside, beyond = ((0.12, 0.46), (0.54, 0.88)), ((0.02, 0.07), (0.93, 0.98))

    def faults(highlighted: str | None) -> list[str]:
        """Of the highlighted curve: its band; of none: bands that are there."""
        picture = chart.picture()
        if highlighted is not None:
            return picture.band_faults(colors[highlighted], strength, xs, inside, beyond)
        empty = (*inside, *beyond)
        return [
            fault
            for color in colors.values()
            for fault in picture.band_faults(color, strength, xs, (), empty)
        ]

    wait_for(lambda: faults(None), [])
    for name in colors:
        page.locator("[data-metric='m'] .legend").get_by_title(name).hover()
        wait_for(partial(faults, name), [])
    page.mouse.move(0, 0)
    wait_for(lambda: faults(None), [])


@at_length
def test_a_pause_is_a_gap_by_wall_time_and_none_by_process_time(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    process = open_line("paused", axis="time", end=2)
    color = css_color(page.locator(".run-row .sw-dot"), "backgroundColor")
    heights = {0.1: 0.2, 0.5: 0.2, 0.9: 0.2, 1.1: 0.8, 1.5: 0.8, 1.9: 0.8}
    wait_for(lambda: process.picture().curve_faults(color, heights), [])

    wall = open_line("paused", axis="time_wall", end=4)
    heights = {0.1: 0.2, 0.9: 0.2, 2.0: 0.5, 3.1: 0.8, 3.9: 0.8}
    wait_for(lambda: wall.picture().curve_faults(color, heights), [])


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_panels_of_a_section_share_their_ranges(
    page: Page, theme: Theme, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 1280, "height": 600})
    shared = {"rows": 8, "settings": {"hasSharedX": True, "hasSharedY": True}}
    view = make_view(server, "shared", sections={"s": shared})
    page.goto(f"{app(server)}/local/shared?{view}")
    first, last = plot(page, "s/00"), plot(page, "s/last")
    # a sixteenth of its height is empty above the tallest curve
    together = LineChart(first, surface_color(page, theme), (0, 100), (0, 10.6))
    color = css_color(page.locator(".run-row .sw-dot"), "backgroundColor")
    wait_for(lambda: together.picture().curve_faults(color, {10: 5.0, 30: 5.0, 45: 5.0}), [])
    expect(last).not_to_be_in_viewport()
    assert np.all(together.picture().column(70, color) < 0.55), "where its metric has ended"

    # one that is set keeps its own range
    panels = {"auto:s/00": {"kind": "line", "section": "s", "keys": ["s/00"],
                            "settings": {"hasSharedX": False, "yEnds": [0, 20]}}}  # fmt: skip
    view = make_view(server, "shared", sections={"s": shared}, panels=panels)
    page.goto(f"{app(server)}/local/shared?{view}")
    alone = LineChart(first, surface_color(page, theme), (0, 50), (0, 20))
    wait_for(lambda: alone.picture().curve_faults(color, {10: 5.0, 30: 5.0, 45: 5.0}), [])


@in_both_themes
def test_lost_rows_are_hatched_where_they_were(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("lost")
    warning = color_token(page, "warning")

    def faults() -> list[str]:
        picture = chart.picture()
        floor = picture.height - BOTTOM
        faults: list[str] = []
        for x, is_lost in {20: False, 35: False, 45: True, 55: True, 80: False}.items():
            tint = picture.share_between(x, 0.4, 0.9, warning)
            if (0.05 < tint < 0.12) != is_lost:
                faults.append(f"tint {tint:.2f} at x {x}")
            at = picture.x_px(x)
            axis = picture.pixels[floor + 1 : floor + 5, at - 4 : at + 4]
            hatch = float(shares(axis, warning, chart.background).max())
            if (hatch > 0.6) != is_lost:
                faults.append(f"hatch {hatch:.2f} at x {x}")
        return faults

    wait_for(faults, [])
    chart.plot.hover(
        position={"x": chart.picture().x_px(50), "y": chart.picture().height - BOTTOM}
    )
    expect(page.locator(".tip")).to_contain_text("20 rows lost")


@at_length
@pytest.mark.usefixtures("rarer_runs")
@in_both_themes
@at_length
def test_groups_have_a_curve_and_a_band_each(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("groups", groupBy=["config.kind"])
    colors = [legend_color(page, name) for name in ("a", "b")]
    strength = number_token(page, "band")
    xs = (10.0, 45.0, 85.0)

    def faults() -> list[str]:
        picture = chart.picture()
        faults: list[str] = []
        for color, middle in zip(colors, (0.3, 0.7), strict=True):
            faults += picture.curve_faults(color, dict.fromkeys(xs, middle))
            inside = ((middle - 0.09, middle - 0.03), (middle + 0.03, middle + 0.09))
            outside = ((0.02, 0.18), (0.43, 0.57), (0.83, 0.98))
            faults += picture.band_faults(color, strength, xs, inside, outside)
        return faults

    wait_for(faults, [])


@in_both_themes
@at_length
def test_areas_reach_to_zero(page: Page, open_line: Callable[..., LineChart]) -> None:
    chart = open_line("curve", fill="area")
    color = legend_color(page, "peak")
    strength = number_token(page, "band")

    def faults() -> list[str]:
        picture = chart.picture()
        inside, outside = ((0.05, 0.4),), ((0.6, 0.9),)
        return picture.band_faults(color, strength, (25.0, 75.0), inside, outside)

    wait_for(faults, [])


@at_length
@pytest.mark.usefixtures("rarer_runs")
@in_both_themes
@pytest.mark.parametrize(("fill", "total"), [("stacked", 2.0), case_at_length("percent", 100.0)])
@at_length
def test_stacked_areas_lie_on_each_other(
    page: Page, open_line: Callable[..., LineChart], fill: str, total: float
) -> None:
    drawn = open_line("groups", fill=fill, yEnds=(0, total))
    # run-0 is the last of the list, so at the bottom: 0.2 of 2; then 0.4, 0.6, 0.8
    chart = LineChart(drawn.plot, drawn.background, drawn.x, (0.0, 2.0))
    parts = {"run-0": (0.0, 0.2), "run-1": (0.2, 0.6), "run-2": (0.6, 1.2), "run-3": (1.2, 2.0)}
    colors = {name: legend_color(page, name) for name in parts}

    def faults() -> list[str]:
        picture = chart.picture()
        faults: list[str] = []
        for name, (low, high) in parts.items():
            # half of the run's colour, and of no other
            expected = (colors[name] + chart.background) / 2
            for x in (10, 45, 85):
                rows = slice(picture.y_px(high) + SLACK, picture.y_px(low) - SLACK)
                painted = np.median(picture.pixels[rows, picture.x_px(x)], axis=0)
                if np.abs(painted - expected).max() > 3:
                    faults.append(f"{name} at x {x}: {painted}, not {expected}")
        return faults

    wait_for(faults, [])
    box = chart.plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + chart.picture().x_px(50), box["y"] + chart.picture().y_px(0.9))
    tip = page.get_by_role("tooltip")
    near = tip.locator("tr.near")
    expect(near).to_contain_text("run-2")
    expect(near.locator(".value")).to_have_text("0.6000")
    expect(near.locator(".d")).to_have_text("30.0 %" if fill == "percent" else "")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_symlog_axis_is_logarithmic_away_from_zero(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("groups", yScale="symlog", yEnds=(-100, 100))
    # four decades from the largest value on it is linear
    evenly = LineChart(chart.plot, chart.background, chart.x, (-1.0, 1.0))

    def place(value: float) -> float:
        return math.log10(1 + value / 0.01) / math.log10(1 + 100 / 0.01)

    for name, value in (("run-0", 0.2), ("run-3", 0.8)):
        color = legend_color(page, name)
        values = dict.fromkeys((20.0, 80.0), place(value))
        wait_for(lambda c=color, v=values: evenly.picture().curve_faults(c, v), [])


@at_length
def test_the_raw_curve_stays_faint_behind_the_smoothed_one(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("curve", smoothing={"kind": "gaussian", "amount": 0.4})
    color = legend_color(page, "peak")

    def rows() -> list[bool]:
        picture = chart.picture()
        column = picture.column(50, color)
        top = picture.y_px(1.0)
        raw = column[top - 2 : top + 4].max()
        smoothed = np.nonzero(column > 0.7)[0]
        return [0.1 < raw < 0.5, len(smoothed) > 0 and bool(smoothed.min() > top + 8)]

    wait_for(rows, [True, True])


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_curve_stands_out_while_its_legend_is_pointed_at(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("groups")
    colors = {name: legend_color(page, name) for name in ("run-0", "run-3")}

    def strengths() -> list[bool]:
        picture = chart.picture()
        return [bool(picture.column(50, color).max() > 0.55) for color in colors.values()]

    wait_for(strengths, [True, True])
    page.locator("[data-metric='m'] .legend").get_by_title("run-3").hover()
    wait_for(strengths, [False, True])
    page.mouse.move(0, 0)
    wait_for(strengths, [True, True])


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_baseline_is_dashed_and_others_are_told_against_it(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("groups", baseline="g1")
    colors = [legend_color(page, name) for name in ("run-1", "run-3")]

    def filled() -> list[bool]:
        """Whether a curve has no gaps."""
        picture = chart.picture()
        xs = np.linspace(10, 90, 200)
        parts = [np.mean([picture.column(x, color).max() > 0.4 for x in xs]) for color in colors]
        return [bool(part > 0.97) for part in parts if part > 0.97 or 0.3 < part < 0.9]

    wait_for(filled, [False, True])
    chart.plot.hover()
    tip = page.locator(".tip")
    expect(tip.get_by_role("row", name="run-1").locator(".d")).to_have_text("base")
    expect(tip.get_by_role("row", name="run-3").locator(".d")).to_contain_text("+0.4")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_baseline_is_drawn_beside_groups(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    chart = open_line("groups", baseline="g3", groupBy=["config.kind"])
    color = legend_color(page, "run-3")
    wait_for(lambda: chart.picture().column(50, color).max() > 0, True)
    chart.plot.hover()
    tip = page.locator(".tip")
    # the mean of b, and of a, against the 0.8 of the baseline
    expect(tip.get_by_role("row", name="run-3").locator(".d")).to_have_text("base")
    expect(tip.get_by_role("row", name=re.compile("^b ")).locator(".d")).to_contain_text("−0.1")
    expect(tip.get_by_role("row", name=re.compile("^a ")).locator(".d")).to_contain_text("−0.5")
    with page.expect_download() as download:
        panel = page.locator("[data-metric='m']")
        panel.hover()
        panel.get_by_role("button", name="Panel menu").click()
        page.get_by_role("menuitem", name="Export", exact=True).click()
        page.get_by_role("menuitem", name="Values").click()
    assert "run-3" in download.value.path().read_text()


@at_length
def test_outliers_are_left_out_of_the_y_axis(
    page: Page, open_line: Callable[..., LineChart]
) -> None:
    open_line("curve", hasOutliers=False, yEnds=(None, None))
    expect(
        page.locator("[data-metric='m']").get_by_text(re.compile(r"^y 0\.\d+ to 0\.9"))
    ).to_be_visible()


@in_both_themes
def test_bars_are_as_long_as_their_values(
    open_marks: Callable[..., MarkPlot],
) -> None:
    bars = open_marks("bar", keys=["length"])

    def lengths() -> list[float]:
        """Of each run's bar, as parts of the longest one; they all begin at one place."""
        pixels, colors = screenshot(bars.plot), bars.colors
        begins: list[int] = []
        ends: list[int] = []
        for name in ("run-0", "run-1", "run-2"):
            # a bar is at least 5 px thick, and text of no run's colour
            (columns,) = np.nonzero(
                (shares(pixels, colors[name], bars.background) > 0.9).sum(0) >= 5
            )
            if len(columns) == 0 or len(columns) < 0.98 * (columns[-1] - columns[0]):
                return []
            begins.append(int(columns[0]))
            ends.append(int(columns[-1]) + 1)
        if max(begins) - min(begins) > 1:
            return []
        longest = max(ends) - min(begins)
        return [round((end - min(begins)) / longest, 1) for end in ends]

    wait_for(lengths, [round(part / 3, 1) for part in (1, 2, 3)])


@in_both_themes
@at_length
def test_dots_are_at_both_their_values(open_marks: Callable[..., MarkPlot]) -> None:
    options = {"x": "summary.x", "y": "summary.y", "xScale": "linear", "yScale": "linear"}
    dots = open_marks("scatter", keys=["y"], options=options)

    def places() -> list[tuple[int, int]]:
        """Of each run's dot, in percent of both axes; its centre is what its pixels surround."""
        pixels, colors = screenshot(dots.plot), dots.colors
        width, height = pixels.shape[1] - 44 - 14, pixels.shape[0] - 36 - 8
        centers: list[tuple[int, int]] = []
        for name in ("run-0", "run-1", "run-2"):
            rows, columns = np.nonzero(shares(pixels, colors[name], dots.background) > 0.9)
            if not 30 <= len(rows) <= 90 or max(np.ptp(rows), np.ptp(columns)) > 10:
                return []
            x, y = columns.mean() - 44, pixels.shape[0] - 36 - rows.mean()
            # the axes go beyond the least and largest value by 6 %
            centers.append((round(x / width * 112 - 6), round(y / height * 112 - 6)))
        return centers

    def nearly(positions: list[tuple[int, int]]) -> list[tuple[int, int]]:
        return [(round(x / 4), round(y / 4)) for x, y in positions]

    wait_for(lambda: nearly(places()), nearly([(0, 0), (50, 100), (100, 50)]))


@in_both_themes
@at_length
def test_hidden_runs_are_outlines_in_their_own_colors(
    page: Page, open_marks: Callable[..., MarkPlot]
) -> None:
    axes = {"xScale": "linear", "yScale": "linear", "scope": "listed"}
    options = {"x": "summary.x", "y": "summary.y", **axes}
    dots = open_marks("scatter", keys=["y"], options=options)
    colors = dots.colors

    def inks() -> list[str]:
        """The fill of each run's dot, from left to right."""
        pixels, kinds = screenshot(dots.plot), list[str]()
        height, width = pixels.shape[:2]
        for name, x, y in (("run-0", 0, 0), ("run-1", 50, 100), ("run-2", 100, 50)):
            # the axes go beyond the least and largest value by 6 %
            left = round(LEFT + (x + 6) / 112 * (width - LEFT - RIGHT))
            top = round(height - 36 - (y + 6) / 112 * (height - 36 - 8))
            dot = shares(pixels, colors[name], dots.background)[
                top - 6 : top + 7, left - 6 : left + 7
            ]
            middle = dot[5:8, 5:8].mean()
            is_there = (dot > 0.5).sum() >= 15
            kinds.append("full" if middle > 0.9 else "hollow" if middle < 0.1 and is_there else "")
        return kinds

    wait_for(inks, ["full", "full", "full"])
    page.locator(".run-row").get_by_role("button", name="Show run-2", exact=True).click()
    page.mouse.move(0, 0)
    wait_for(inks, ["full", "full", "hollow"])


@in_both_themes
def test_a_heat_map_is_filled_where_the_values_are(
    open_marks: Callable[..., MarkPlot],
) -> None:
    heat = open_marks("histogram", keys=["weights"])
    strongest = color_token(heat.plot.page, "seq-6")

    def filled() -> list[bool]:
        """Of the map's quarters: below and above 0 in the first ten steps, and in the last ten."""
        pixels = screenshot(heat.plot)
        # the legend of the ramp is right of the map
        area = pixels[8 + 4 : -22 - 4, 44 + 4 : -54 - 4]
        rows, columns = area.shape[0] // 2, area.shape[1] // 2
        quarters = (
            area[rows + 8 :, : columns - 8],
            area[: rows - 8, : columns - 8],
            area[rows + 8 :, columns + 8 :],
            area[: rows - 8, columns + 8 :],
        )
        medians = [np.median(shares(quarter, strongest, heat.background)) for quarter in quarters]
        return [bool(share > 0.8) for share in medians if share > 0.8 or share < 0.1]

    wait_for(filled, [True, False, False, True])


@in_both_themes
def test_parallel_coordinates_lead_from_value_to_value(
    open_marks: Callable[..., MarkPlot],
) -> None:
    options = {"columns": ["summary.x", "summary.y"], "tint": "summary.y"}
    parallel = open_marks("parallel", keys=["y"], options=options)
    # run-1: half of x, the largest y, so the ramp's last colour
    strongest = color_token(parallel.plot.page, "seq-6")

    def faults() -> list[str]:
        pixels = screenshot(parallel.plot)
        height, width = pixels.shape[:2]
        faults: list[str] = []
        for part, value in ((0.05, 0.5), (0.5, 0.75), (0.95, 1.0)):
            x = round(44 + part * (width - 88))
            (rows,) = np.nonzero(shares(pixels[:, x], strongest, parallel.background) > 0.5)
            expected = round(26 + (1 - value) * (height - 26 - 14))
            if not len(rows) or max(abs(rows - expected)) > 6:
                faults.append(
                    f"at {part} of the way: row {expected} expected, painted {list(rows)}"
                )
        return faults

    wait_for(faults, [])
