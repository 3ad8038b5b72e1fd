"""Panels of logged charts, as people use them: each preset in both themes, several runs, steps,
charts that cannot be drawn."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from chart_pixels import Rgb, color_token, css_color, screenshot, surface_color, wait_for
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp, Theme, axe_faults, in_both_themes, open_menu, open_settings

LINES = """
import weft
for n in range(2):
    with weft.init(project="lines", id=f"run{n}", name=f"run-{n}") as run:
        for step in range(2):
            line = weft.Table(
                columns=["epoch", "it's [a].b"], data=[[x, x * n] for x in range(11)]
            )
            run.log({"line": weft.plot.line(line, "epoch", "it's [a].b", title="A <b>line</b>")})
"""

SCRIPT = """
import numpy as np, weft
n = NUMBER
run = weft.init(project="p", id=f"run{n}", name=f"run-{n}")
names = ["Straße", "歩行者"]
for step in range(2):
    # of run 0 nothing is right at step 0; all else is
    right = n == 1 or step == 1
    y = np.tile([0, 1], 20)
    scores = np.eye(2)[y if right else 1 - y] * 0.8 + 0.1
    line = weft.Table(
        columns=["epoch", "it's [a].b", "part"],
        data=[[x, x * n, part] for x in range(11) for part in ("train", "val")],
    )
    # a column that is called as the run is in a preset
    bars = weft.Table(columns=["name", "value"], data=[["one", 1 + n], ["two", 2 + 2 * n]])
    values = weft.Table(columns=["score"], data=[[10.0 * n + i % 3] for i in range(300)])
    points = weft.Table(columns=["x", "y"], data=[[i, 5 * n] for i in range(11)])
    run.log({
        "loss": 1.0,
        "eval/roc": weft.plot.roc_curve(y, scores, labels=names),
        "eval/matrix": weft.plot.confusion_matrix(y_true=y, probs=scores, class_names=names),
        "line": weft.plot.line(line, "epoch", "it's [a].b", title="A <b>line</b>"),
        "parts": weft.plot.line(line, "epoch", "it's [a].b", stroke="part"),
        "scatter": weft.plot.scatter(points, "x", "y"),
        "bar": weft.plot.bar(bars, "name", "value"),
        "histogram": weft.plot.histogram(values, "score"),
        "series": weft.plot.line_series([0, 10], [[n, n], [n, n]], keys=["a", "b"]),
    })
big = weft.Table(columns=["x", "y"], data=[[i % 500, i] for i in range(12_000)])
run.log({
    "big": weft.plot.scatter(big, "x", "y"),
    "mine": weft.plot_table("me/mine", points, {"x": "x"}),
    "lacks": weft.plot.line(points, "x", "no such column"),
    "list": [weft.plot.scatter(points, "x", "y", title=title) for title in ("First", "Second")],
    "gone": weft.plot.scatter(big, "y", "x"),
})
run.finish()
"""


@pytest.fixture(scope="module", autouse=True)
def lines(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The runs of `LINES`."""
    folder = tmp_path_factory.mktemp("script")
    run_well(folder, LINES, WEFT_MODE="online", WEFT_BASE_URL=server.url)


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Project `p`, with a chart of each preset, which tests at length alone ask for."""
    folder = tmp_path_factory.mktemp("script")
    for number in range(2):
        code = SCRIPT.replace("NUMBER", str(number))
        run_well(folder, code, WEFT_MODE="online", WEFT_BASE_URL=server.url)


OpenChart = Callable[[str], Locator]


@pytest.fixture
def open_chart(page: Page, server: ServerProcess, rarer_runs: None, app: OpenApp) -> OpenChart:
    """Opens the workspace at the panel of a chart."""
    address = f"{app(server)}/local/p"

    def opened(metric: str) -> Locator:
        page.goto(f"{address}?p={metric}")
        return page.locator(f"[data-kind='chart'][data-metric='{metric}']")

    return opened


class Spots:
    """The pixels of one colour in a chart.

    Attributes:
        x: their places from the left, px.
        y: from the top.
    """

    def __init__(self, pixels: Rgb, color: Rgb) -> None:
        self.y, self.x = np.nonzero(np.abs(pixels - color).max(-1) < 8)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def height(self) -> int:
        return int(np.ptp(self.y))


def run_color(panel: Locator, run: str) -> Rgb:
    return css_color(panel.locator(".legend > span", has_text=run).locator(".swatch"))


def spots_of_runs(page: Page, panel: Locator, theme: Theme, opacity: float = 1) -> list[Spots]:
    """Where run 0 and run 1 are drawn, once both are."""
    behind = surface_color(page, theme)

    def found() -> list[Spots]:
        # around the canvas, which is replaced when a font has come
        pixels = screenshot(panel.locator(".vega-box"))
        colors = [run_color(panel, f"run-{number}") for number in range(2)]
        return [Spots(pixels, behind + opacity * (color - behind)) for color in colors]

    wait_for(lambda: min(map(len, found())) > 20, True)
    return found()


@in_both_themes
def test_lines_of_two_runs_are_where_their_rows_say(
    page: Page, server: ServerProcess, app: OpenApp, theme: Theme
) -> None:
    page.goto(f"{app(server)}/local/lines?p=line")
    panel = page.locator("[data-kind='chart'][data-metric='line']")
    flat, rising = spots_of_runs(page, panel, theme)
    assert flat.height < 8
    assert rising.height > 60
    left, right = rising.x < np.quantile(rising.x, 0.2), rising.x > np.quantile(rising.x, 0.8)
    assert rising.y[left].mean() > rising.y[right].mean() + 40
    expect(panel.locator(".ax")).to_have_text("A <b>line</b>, step 1")


@in_both_themes
@at_length
def test_points_and_series_of_two_runs_are_where_their_rows_say(
    page: Page, open_chart: OpenChart, theme: Theme
) -> None:
    low, high = spots_of_runs(page, open_chart("scatter"), theme, opacity=0.7)
    assert low.y.min() > high.y.max() + 40

    low, high = spots_of_runs(page, open_chart("series"), theme)
    assert low.y.min() > high.y.max() + 40


@in_both_themes
@at_length
def test_bars_and_histograms_of_two_runs_have_their_sizes(
    page: Page, open_chart: OpenChart, theme: Theme
) -> None:
    panel = open_chart("bar")
    short, long = spots_of_runs(page, panel, theme)
    assert 1.9 < len(long) / len(short) < 2.1
    panel.locator(".vega-box").hover(
        position={"x": float(long.x[0] + 5), "y": float(long.y[0] + 3)}
    )
    tip = page.locator("#vg-tooltip-element")
    for text in ("run-1", "name", "one", "value", "2"):
        expect(tip).to_contain_text(text)

    left, right = spots_of_runs(page, open_chart("histogram"), theme, opacity=0.6)
    assert left.x.max() < right.x.min()
    assert 0.8 < len(left) / len(right) < 1.25


@in_both_themes
@at_length
def test_curves_and_matrices_of_two_runs_follow_the_step(
    page: Page, open_chart: OpenChart, theme: Theme
) -> None:
    panel = open_chart("eval/roc")
    expect(panel.locator("canvas")).to_be_visible()
    panel.get_by_role("slider", name="Step", exact=True).press("Home")
    expect(panel.locator(".ax")).to_have_text("ROC Curve, step 0")

    def is_wrong_and_right() -> bool:
        # the one along the lower edge and up at the right, the other up at the left
        wrong, right = spots_of_runs(page, panel, theme)
        return bool(wrong.x.mean() > right.x.mean() and wrong.y.mean() > right.y.mean())

    wait_for(is_wrong_and_right, True)

    panel = open_chart("eval/matrix")
    expect(panel.locator("canvas").first).to_be_visible()
    panel.get_by_role("slider", name="Step", exact=True).press("Home")

    def slope(run: str) -> float:
        """The direction of the full cells: 1 from the upper left, -1 from the lower left."""
        figure = panel.locator("figure", has_text=run)
        figure.scroll_into_view_if_needed()
        cells = Spots(screenshot(figure.locator(".vega-box")), color_token(page, "seq-6"))
        # without the legend at the right, whose end has the same colour
        cells.y, cells.x = cells.y[cells.x < 200], cells.x[cells.x < 200]
        return round(float(np.corrcoef(cells.x, cells.y)[0, 1])) if len(cells) > 500 else 0

    wait_for(lambda: slope("run-1"), 1)
    wait_for(lambda: slope("run-0"), -1)
    panel.get_by_role("slider", name="Step", exact=True).press("End")
    wait_for(lambda: slope("run-0"), 1)


@at_length
def test_a_chart_is_drawn_anew_in_another_theme_and_another_size(
    page: Page, open_chart: OpenChart
) -> None:
    panel = open_chart("bar")
    spots_of_runs(page, panel, "light")
    page.emulate_media(color_scheme="dark")
    spots_of_runs(page, panel, "dark")
    box, canvas = panel.locator(".vega-box"), panel.locator("canvas")

    def width(element: Locator) -> int:
        return round((element.bounding_box() or {"width": 0})["width"])

    before = width(box)
    open_settings(page, "bar")
    wait_for(lambda: width(box) < before, True)
    wait_for(lambda: width(canvas) == width(box), True)


@at_length
def test_the_wheel_scrolls_the_page_and_zooms_with_control(
    page: Page, open_chart: OpenChart
) -> None:
    page.set_viewport_size({"width": 1600, "height": 500})
    panel = open_chart("line")
    spots_of_runs(page, panel, "light")
    box = panel.locator(".vega-box")
    top = (box.bounding_box() or {"y": 0})["y"]
    box.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    # the line along the lower edge is beyond it
    wait_for(lambda: len(Spots(screenshot(box), run_color(panel, "run-0"))), 0)
    assert (box.bounding_box() or {"y": 0})["y"] == top
    page.mouse.wheel(0, 100)
    wait_for(lambda: (box.bounding_box() or {"y": top})["y"] < top, True)


@at_length
def test_lines_have_colours_of_their_runs_or_of_their_own(
    page: Page, open_chart: OpenChart
) -> None:
    panel = open_chart("parts")
    spots_of_runs(page, panel, "light")
    drawer = open_settings(page, "parts")
    drawer.get_by_role("radio", name="By line").click()
    # Vega's legend names the lines, and no run has a colour
    expect(panel.locator(".legend")).to_have_count(0)
    drawer.get_by_role("radio", name="By run").click()
    spots_of_runs(page, panel, "light")


@at_length
def test_a_list_of_charts_is_drawn_side_by_side(open_chart: OpenChart) -> None:
    panel = open_chart("list")
    expect(panel.locator("figcaption")).to_have_text(["First", "Second"])
    expect(panel.locator("canvas").first).to_be_visible()
    expect(panel.get_by_role("img", name=re.compile("^list of 2 runs"))).not_to_have_count(0)


@at_length
def test_a_table_that_is_too_long_says_how_much_of_it_is_drawn(open_chart: OpenChart) -> None:
    expect(open_chart("big").locator(".flag")).to_have_text("first 20,000 of 24,000 rows")


@at_length
def test_a_chart_of_an_unknown_preset_offers_its_table(page: Page, open_chart: OpenChart) -> None:
    panel = open_chart("mine")
    expect(panel.get_by_text("No preset me/mine")).to_be_visible()
    panel.get_by_role("button", name="Show its table").click()
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "12")
    page.reload()
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "12")
    panel.get_by_role("button", name="Show the chart").click()
    expect(panel.get_by_text("No preset me/mine")).to_be_visible()
    # any chart has it in its menu
    open_chart("bar")
    open_menu(page, "bar")
    page.get_by_role("menuitem", name="Show its table").click()
    bars = page.locator("[data-kind='chart'][data-metric='bar']")
    expect(bars.get_by_role("table")).to_have_attribute("aria-rowcount", "3")


@at_length
def test_a_chart_that_lacks_a_column_or_its_table_says_so(
    page: Page, server: ServerProcess, open_chart: OpenChart
) -> None:
    panel = open_chart("lacks")
    expect(panel.get_by_role("listitem").first).to_contain_text(
        "the table has no column 'no such column'"
    )
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        base = "/api/v1/projects/local/p"
        body = {"runs": ["run0", "run1"], "keys": ["gone"]}
        series = client.post(f"{base}/media/query", json=body).json()["series"]
        paths = {row["run"]: row["items"][0]["file"]["path"] for row in series}
        client.delete(f"{base}/runs/run0/files/{paths['run0']}").raise_for_status()
        panel = open_chart("gone")
        expect(panel.locator(".flag", has_text="not drawn")).to_have_text("1 run not drawn")
        expect(panel.locator("canvas")).to_be_visible()
        client.delete(f"{base}/runs/run1/files/{paths['run1']}").raise_for_status()
    page.reload()
    expect(panel.get_by_role("listitem")).to_have_text(
        [re.compile("run-1.*its table was deleted"), re.compile("run-0.*its table was deleted")]
    )


@at_length
def test_panels_of_charts_pass_axe(page: Page, open_chart: OpenChart) -> None:
    for metric in ("eval/matrix", "mine", "lacks"):
        panel = open_chart(metric)
        expect(panel.locator("canvas, .say").first).to_be_visible()
        assert axe_faults(page) == []
