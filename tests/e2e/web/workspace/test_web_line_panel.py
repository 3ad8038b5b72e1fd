"""Line panels as a person sets them: expressions, groups, marks, files, writers that lag."""

from __future__ import annotations

import csv
import io
import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, Request, expect

from at_length import at_length
from chart_pixels import BOTTOM, LEFT, RIGHT, TOP, css_color, wait_for
from chart_questions import ask, drawn_x
from server_process import ServerProcess, wait_until
from web_pages import (
    OpenApp,
    hold,
    make_view,
    n_points,
    open_menu,
    open_settings,
    outside,
    panel_of,
    plot,
    run_script,
)

N_STEPS = 120
GAP = '"train/loss" - "val/loss"'

RUNS = f"""
import sys, weft
for i in range(6):
    name = ["adamw", "sgd"][i % 2]
    run = weft.init(project=sys.argv[1], id=f"{{sys.argv[1]}}-{{i}}", name=f"run-{{i}}",
                    config={{"optimizer": {{"name": name}}}})
    for step in range({N_STEPS}):
        run.log({{"train/loss": 2 - step / 100 + i / 7, "val/loss": 1 - step / 200 + i * i / 9}})
    run.finish()
"""

ENDS = """
import weft
for i, n in enumerate([60, 120, 120]):
    with weft.init(project="ends", name=f"run-{i}", config={"kind": "a"}) as run:
        for step in range(n):
            run.log({"m": i + step / 120})
"""

LENGTHS = """
import weft
for i, stride in enumerate([1, 1, 1, 1000]):
    with weft.init(project="lengths", name=f"run-{i}") as run:
        for step in range(101):
            run.log({"m": i}, step=step * stride)
"""

ZIGZAG = """
import weft
with weft.init(project="zigzag", name="zigzag") as run:
    for step in range(4000):
        run.log({"m": step % 2})
    run.log({"m": 7})
    run.log({"m": float("nan")})
"""

LEVELS = """
import weft
for project in ("picked", "levels", "dragged", "styled", "renamed"):
    for level in (1, 2, 3):
        name = f"run-{level}"
        config = {"kind": "ab"[level // 3]}
        with weft.init(project=project, id=f"{project}-{level}", name=name, config=config) as run:
            for step in (0, 50, 100):
                run.log({"m": level}, step=step)
"""
"""Three flat curves of three points: where they lie on the page is known."""

RANKS = f"""
import os, subprocess, sys, weft
if "RANK" not in os.environ:
    names = "RANK", "LOCAL_RANK", "GROUP_RANK", "WORLD_SIZE"
    ranks = [dict(zip(names, (str(rank), str(rank), "0", "4"))) for rank in range(4)]
    script = [sys.executable, *sys.argv]
    started = [subprocess.Popen(script, env={{**os.environ, **rank}}) for rank in ranks]
    sys.exit(sum(process.wait() for process in started))
rank = int(os.environ["RANK"])
run = weft.init(project="ranks", id="ddp", name="ddp")
for step in range({N_STEPS}):
    run.log({{"step_secs": (0.4 + step % 7 / 100) * (1.5 if rank == 2 else 1)}}, step=step)
run.finish()
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS` that have groups."""
    assert run_script(server, RUNS, "groups").wait(120) == 0


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess) -> None:
    """Runs of tests at length, in projects of their own."""
    scripts = [run_script(server, RUNS, project) for project in ("gap", "marks", "files")]
    scripts += [run_script(server, script) for script in (RANKS, ENDS, LENGTHS, ZIGZAG, LEVELS)]
    assert [script.wait(120) for script in scripts] == [0] * len(scripts)


def open_levels(
    page: Page, server: ServerProcess, app: OpenApp, project: str, **view: Any
) -> None:
    """Open a project of flat curves with y from 0 to 4."""
    address = make_view(server, project, settings={"yEnds": (0, 4)}, **view)
    page.goto(f"{app(server)}/local/{project}?{address}")


def at_level(page: Page, level: float, part: float = 0.3) -> tuple[float, float]:
    """Where a value lies on the page, at a part of the x axis."""
    box = plot(page, "m").bounding_box()
    assert box is not None
    floor = box["height"] - BOTTOM
    x = box["x"] + LEFT + part * (box["width"] - LEFT - RIGHT)
    return x, box["y"] + floor - level / 4 * (floor - TOP)


def expect_curves(page: Page, n: int) -> None:
    expect(plot(page, "m")).to_have_attribute("aria-label", re.compile(f"{n} curves? of"))


def shown(value: float) -> str:
    """A value as tables and tooltips write it."""
    return f"{value:.4f}".replace("-", "\u2212")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_an_expression_is_typed_and_a_misspelt_metric_named(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/gap")
    settings = open_settings(page, "train/loss")
    new = settings.get_by_label("New expression")
    new.fill("train/loss - val/los")
    expect(page.get_by_role("option").first).to_be_visible()
    new.press("Escape")  # closes the offers, of which Enter takes the first
    new.press("Enter")
    error = settings.get_by_role("alert")
    expect(error).to_contain_text("No run has “val/los”. Did you mean val/loss?")
    # what can be drawn stays drawn
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("6 curves"))
    error.get_by_role("button", name="val/loss").click()
    expect(error).to_have_count(0)
    settings.get_by_role("button", name="Draw train/loss").click()
    expect(settings.get_by_label("Expression 1", exact=True)).to_have_value(
        "train/loss - val/loss"
    )
    expect(panel_of(page, "train/loss").get_by_role("heading")).to_have_text(
        "train/loss − val/loss"
    )
    label = f"train/loss − val/loss: 6 curves of {6 * N_STEPS} points"
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", label)

    # the values under the crosshair are those of the API
    ids = [f"gap-{i}" for i in range(6)]
    (rows,) = ask(server, "gap", {"runs": ids, "expressions": [{"name": "gap", "text": GAP}]})
    lasts = {row["run"]: shown(row["mean64"][-1]) for row in rows}
    panel_of(page, "train/loss").hover()
    panel_of(page, "train/loss").get_by_role("button", name="Full screen").click()
    values = page.get_by_role("group", name="Values")
    for i in range(6):
        row = values.get_by_role("row").filter(has_text=f"run-{i}")
        expect(row).to_contain_text(lasts[f"gap-{i}"])


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_drawing_names_the_metric_that_its_title_does_not(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    titled = {"kind": "line", "section": "charts", "keys": ["m"], "title": "Accuracy"}
    for panels, expected in (({}, False), ({"auto:m": titled}, True)):
        view = make_view(server, "ends", panels=panels)
        page.goto(f"{app(server)}/local/ends?{view}")
        expect(plot(page, "m")).to_have_attribute("aria-label", re.compile("3 curves"))
        open_menu(page, "m")
        page.get_by_role("menuitem", name="Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name="Drawing").click()
        text = download.value.path().read_text()
        assert (">Accuracy<" in text, "y: m" in text) == (expected, expected)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_full_screen_lists_the_last_values_as_they_were_logged(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/zigzag?full=auto%3Am")
    side = page.get_by_role("dialog", name="Full screen")
    row = side.get_by_role("group", name="Values").get_by_role("row").nth(1)
    expect(row.get_by_role("cell").nth(2)).to_have_text("7")
    expect(side).to_contain_text("last values")
    expect(side.get_by_role("columnheader", name="Curve min", exact=True)).to_be_visible()
    # under the crosshair they are what is drawn, and the points that this stands for
    chart = side.locator("[role=application].plot")
    chart.hover(position={"x": 300, "y": 100})
    expect(side).to_contain_text(re.compile(r"steps [\d,]+ to \d"))
    expect(row.get_by_role("cell").nth(2)).to_have_text(re.compile(r"^0\.5"))
    expect(side.get_by_role("columnheader", name="Low – high", exact=True)).to_be_visible()
    expect(row.get_by_role("cell").nth(3)).to_have_text("0 – 1")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_full_screen_lists_the_smoothed_ends_of_smoothed_curves(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/zigzag?full=auto%3Am&smooth=0.9")
    side = page.get_by_role("dialog", name="Full screen")
    row = side.get_by_role("group", name="Values").get_by_role("row").nth(1)
    # the last bucket has one step, half a bucket away from the mean before it:
    # of the step between 0.5 and 7, 1 - 0.9 ** 0.5625 is seen
    expect(row.get_by_role("cell").nth(2)).to_have_text("0.8740")
    # next to the value as it was logged, to which the lowest one belongs
    expect(side.get_by_role("columnheader")).to_have_text(
        ["Run", "Smoothed", "Value", "Curve min"]
    )
    expect(row.get_by_role("cell").nth(3)).to_have_text("7")
    page.set_viewport_size({"width": 700, "height": 800})
    page.wait_for_load_state("networkidle")
    expect(row.get_by_role("cell").nth(2)).to_have_text("0.8740")


CROWD = """
import weft
for i in range(40):
    with weft.init(project="crowd", name=f"resnet50-lr1e-{i % 7}-seed{i}") as run:
        run.log({"once": i})
        for step in range(4000):
            run.log({"m": i + step % 7 / 10})
"""


@pytest.fixture(scope="module")
def crowd(server: ServerProcess) -> None:
    """Runs that no window has room for in one list."""
    assert run_script(server, CROWD).wait(120) == 0


@pytest.mark.usefixtures("crowd")
def test_full_screen_has_a_bar_for_each_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 960, "height": 600})
    page.goto(f"{app(server)}/local/crowd?full=auto%3Aonce&runs=all")
    bars = page.get_by_role("dialog", name="Full screen").get_by_role("group", name="Bars")
    expect(bars.get_by_role("img", name="40 bars")).to_be_visible()
    box = _box(bars)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, 5000)
    wait_until(lambda: bars.evaluate("(bars) => bars.scrollTop > 100"))
    # the last row is the lowest value
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 32)
    expect(page.locator(".tip")).to_contain_text("-seed0")


@pytest.mark.usefixtures("crowd")
def test_full_screen_names_the_curve_under_the_pointer(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 960, "height": 600})
    page.goto(f"{app(server)}/local/crowd?full=auto%3Am&runs=all&smooth=0")
    side = page.get_by_role("dialog", name="Full screen")
    values = side.get_by_role("group", name="Values")
    expect(values.get_by_role("row")).to_have_count(41)
    chart = side.locator("[role=application].plot")
    box = _box(chart)
    # curves at the bottom have the last rows, those at the top the first ones
    for y, run in ((box["height"] - 40, r"-seed\d$"), (30, r"-seed3\d$")):
        name = values.locator("tr.lit").get_by_role("cell").nth(1)
        wait_until(
            partial(_is_lit_at, chart, box["width"] / 2, y, name, run), what=f"{run} is lit"
        )
        wait_until(lambda: _is_lit_row_seen(values))
    assert page.evaluate("document.scrollingElement.scrollTop") == 0
    # names have the room of "Low – high" in so narrow a list
    heads = side.get_by_role("columnheader")
    expect(heads.last).to_have_accessible_name("Value")
    expect(heads.last).to_be_in_viewport(ratio=1)
    assert values.evaluate("(list) => list.scrollWidth <= list.clientWidth")
    # names that have been scrolled away are below the head
    values.evaluate("(list) => { list.scrollTop = 40; }")
    head = _box(values.get_by_role("columnheader").first)
    left, top = head["x"] + 40, head["y"] + head["height"] / 2
    tag = page.evaluate("([x, y]) => document.elementFromPoint(x, y).tagName", [left, top])
    assert tag == "TH"


def _is_lit_at(chart: Locator, x: float, y: float, name: Locator, run: str) -> bool:
    """Whether the pointer lights a run there; it moves, as the chart may not be drawn before."""
    chart.hover(position={"x": x - 2, "y": y})
    chart.hover(position={"x": x, "y": y})
    return any(re.search(run, text) for text in name.all_inner_texts())


def _box(part: Locator) -> FloatRect:
    box = part.bounding_box()
    assert box is not None
    return box


def _is_lit_row_seen(values: Locator) -> bool:
    row, around = _box(values.locator("tr.lit")), _box(values)
    head = _box(values.get_by_role("columnheader").first)
    bottom = around["y"] + around["height"]
    return row["y"] >= head["y"] + head["height"] - 1 and row["y"] + row["height"] <= bottom + 1


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_full_screen_lists_the_last_value_of_a_group_at_any_width(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/zigzag?group=state&full=auto%3Am")
    side = page.get_by_role("dialog", name="Full screen")
    row = side.get_by_role("group", name="Values").get_by_role("row").nth(1)
    for width in (1400, 700):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_load_state("networkidle")
        expect(row.get_by_role("cell").nth(2)).to_have_text("7")
    expect(side).to_contain_text("last values")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_group_says_where_the_first_of_its_runs_end(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    view = make_view(server, "ends", groupBy=["config.kind"])
    page.goto(f"{app(server)}/local/ends?{view}")
    chart = plot(page, "m")
    expect(chart).to_have_attribute("aria-label", re.compile("1 curve"))
    box = chart.bounding_box()
    assert box is not None

    def tip(part: float) -> str:
        """The tooltip at a part of the x axis."""
        x = box["x"] + LEFT + part * (box["width"] - LEFT - RIGHT)
        page.mouse.move(x + 1, box["y"] + 60)
        page.mouse.move(x, box["y"] + 60)
        tooltip = page.locator(".tip")
        return "".join(tooltip.all_inner_texts())

    wait_until(lambda: "2 of 3 runs" in tip(0.75), what="the second half is of two runs")
    wait_until(lambda: "step 30" in tip(0.25), what="the tooltip is that of the first half")
    assert "runs" not in tip(0.25)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_x_axis_ends_where_most_runs_end(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lengths")
    panel = panel_of(page, "m")
    expect_curves(page, 4)

    def step_in_the_middle() -> str:
        x, y = at_level(page, 2, 0.5)
        page.mouse.move(x + 1, y)
        page.mouse.move(x, y)
        title = page.locator(".tip .th span")
        return "".join(title.all_inner_texts())

    # a thousand steps and more are written with a comma
    wait_until(lambda: "," in step_in_the_middle(), what="the axis is that of the long run")
    settings = open_settings(page, "m")
    settings.get_by_label("where most runs end").check(force=True)
    cut = panel.get_by_role("button", name="1 of 4 curves cut off")
    expect(cut).to_be_visible()
    settings.get_by_role("button", name="Done").click()
    # single steps, although the first answer had a thousand of them in a bucket; the axis begins
    # before step 0, so that the one point of the long run has room
    wait_until(lambda: step_in_the_middle() == "step 49", what="the short runs fill the chart")
    page.reload()
    wait_until(lambda: step_in_the_middle() == "step 49", what="the view has kept it")

    cut.click()
    wait_until(lambda: "," in step_in_the_middle(), what="all is shown")
    panel.get_by_role("button", name="zoomed").click()
    expect(cut).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_long_run_that_is_hidden_leaves_the_others_no_wide_buckets(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lengths")
    expect_curves(page, 4)
    many = n_points(page, "m")
    page.get_by_role("button", name="Show run-3", exact=True).click()
    expect_curves(page, 3)
    # each step of the short runs by itself, of which the first answer had all in a few buckets
    wait_until(lambda: n_points(page, "m") == 3 * 101, what="single steps")
    page.get_by_role("button", name="Show run-3", exact=True).click()
    expect_curves(page, 4)
    wait_until(lambda: n_points(page, "m") == many, what="all as at first")


def test_runs_are_grouped_into_bands(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/groups")
    settings = open_settings(page, "val/loss")
    settings.get_by_role("button", name="Add a column").click()
    page.get_by_role("combobox", name="Column to group by").fill("optimizer")
    page.get_by_role("option", name="config.optimizer.name").click()
    settings.get_by_role("radio", name="Std", exact=True).click()
    panel = panel_of(page, "val/loss")
    expect(panel.locator(".ax")).to_have_text("mean, std")
    expect(panel.locator(".legend")).to_contain_text("adamw")
    expect(plot(page, "val/loss")).to_have_attribute("aria-label", re.compile("2 curves"))

    group = {"by": ["config.optimizer.name"], "center": "mean", "band": "std"}
    ids = [f"groups-{i}" for i in range(6)]
    (rows,) = ask(server, "groups", {"runs": ids, "keys": ["val/loss"], "group": group})
    box = plot(page, "val/loss").bounding_box()
    assert box is not None

    def tip() -> str:
        page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + 60)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
        tooltip = page.locator(".tip")
        return "".join(tooltip.all_inner_texts())

    def missing() -> list[str]:
        """Mean, deviation and extremes of the groups that the tooltip does not tell."""
        text = tip()
        match = re.search(r"step (\d+)", text)
        if match is None:
            return [text]
        values: list[str] = []
        for row in rows:
            at = drawn_x(row).index(int(match[1]))
            deviation = shown((row["high64"][at] - row["low64"][at]) / 2)
            mean, low, high = (shown(row[name][at]) for name in ("mean64", "min64", "max64"))
            row_text = rf"{mean} ± {deviation}\s*{low}\s*–\s*{high}"
            if not re.search(row_text, text):
                values.append(row_text)
        return values

    # the bands of before stay until those of standard deviations are here
    wait_for(missing, [])

    # without its groups the chart says no more of them, though the pointer stays
    page.keyboard.press("ControlOrMeta+z")
    page.keyboard.press("ControlOrMeta+z")
    expect(plot(page, "val/loss")).to_have_attribute("aria-label", re.compile("6 curves"))
    expect(page.locator(".tip", has_text="adamw")).to_have_count(0)


def test_a_pattern_is_typed_where_it_was_added_and_an_empty_one_draws_nothing(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/groups")
    chart = plot(page, "train/loss")
    expect(chart).to_have_attribute("aria-label", re.compile("6 curves"))
    patterns: list[str] = []

    def note(request: Request) -> None:
        query = parse_qs(urlsplit(request.url).query, keep_blank_values=True)
        if query.get("regex") == ["true"]:
            patterns.extend(query.get("search", [""]))

    page.on("request", note)
    settings = open_settings(page, "train/loss")
    settings.get_by_role("button", name=".* pattern").click()
    expect(settings.get_by_label("Pattern of metric names")).to_be_focused()
    expect(chart).to_have_attribute("aria-label", re.compile("6 curves"))
    page.keyboard.type("^val/")
    expect(page.get_by_label(re.compile("12 curves of")).first).to_be_visible()
    assert "^val/" in patterns
    assert "" not in patterns


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_an_expression_typed_before_the_metrics_are_known_divides_by_them(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    list_metrics = hold(page, re.compile(r"/metrics\?search=&limit=5000$"))
    page.goto(f"{app(server)}/local/gap")
    settings = open_settings(page, "train/loss")
    new = settings.get_by_label("New expression")
    new.fill("train/loss/val/loss")
    new.press("Enter")
    settings.get_by_role("textbox", name="Title").focus()
    expect(settings.get_by_label("Expression 1", exact=True)).to_be_visible()
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("6 curves"))
    list_metrics()
    # the slash between the two metrics divides; it is not part of one metric's name
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("12 curves"))
    expect(settings.get_by_role("alert")).to_have_count(0)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_place_of_a_mark_is_typed_while_its_chart_is_drawn_anew(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/groups")
    chart = plot(page, "train/loss")
    expect(chart).to_have_attribute("aria-label", re.compile("6 curves"))
    open_menu(page, "train/loss")
    page.get_by_role("menuitem", name="Set a threshold").click()
    layer = panel_of(page, "train/loss").get_by_role("application", name="Set a threshold")
    layer.click(position={"x": 120, "y": 60})
    editor = page.get_by_role("dialog", name="Threshold")
    expect(editor.get_by_label("Text")).to_be_focused()
    editor.get_by_label("Value").click()
    before = chart.get_attribute("aria-label")
    # other curves come, as points do that a run has logged meanwhile
    page.get_by_role("button", name="Show run-5", exact=True).evaluate("eye => eye.click()")
    expect(chart).not_to_have_attribute("aria-label", before or "")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(editor.get_by_label("Value")).to_be_focused()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_threshold_and_an_annotation(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/marks")
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("6 curves"))
    open_menu(page, "train/loss")
    page.get_by_role("menuitem", name="Set a threshold").click()
    layer = panel_of(page, "train/loss").get_by_role("application", name="Set a threshold")
    layer.click(position={"x": 120, "y": 60})
    editor = page.get_by_role("dialog", name="Threshold")
    editor.get_by_label("Text").fill("overfit")
    editor.get_by_label("Value").fill("1.5")
    editor.get_by_role("radio", name="goal").click()
    editor.get_by_role("button", name="Done").click()

    settings = open_settings(page, "train/loss")
    expect(settings.get_by_label("Value of threshold 1")).to_have_value("1.5")
    settings.get_by_role("button", name="Annotation").click()
    settings.get_by_label("Place of annotation 2").fill("50")
    settings.get_by_label("Text of annotation 2").fill("unfreeze")
    settings.get_by_role("button", name="Done").click()

    panel_of(page, "train/loss").hover()
    panel_of(page, "train/loss").get_by_role("button", name="Full screen").click()
    page.wait_for_url(re.compile("full="))
    page.reload()
    marks = page.get_by_role("region", name="Marks")
    # run-5 ends at 1.52
    expect(marks.get_by_role("button", name="overfit 1.5")).to_contain_text("reached by 5 of 6")
    expect(marks.get_by_role("button", name="unfreeze")).to_contain_text("50")
    marks.get_by_role("button", name="unfreeze").click()
    marks.get_by_role("button", name="Remove annotation 2").click()
    expect(marks.get_by_role("button", name="Remove annotation 2")).to_have_count(0)
    expect(marks.get_by_role("button", name="unfreeze")).to_have_count(0)
    expect(marks.locator(".badge")).to_have_text("1")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_panel_becomes_a_file(
    page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    page.goto(f"{app(server)}/local/files")
    expect(plot(page, "val/loss")).to_have_attribute("aria-label", re.compile("6 curves"))

    def exported(entry: str) -> bytes:
        open_menu(page, "val/loss")
        page.get_by_role("menuitem", name="Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=entry).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.stem.removesuffix("-for-a-spreadsheet") == "val-loss"
        return path.read_bytes()

    assert exported("For a spreadsheet") == exported("Values")  # no name is a formula
    assert len(list(tmp_path.glob("*.csv"))) == 2
    table = csv.DictReader(io.StringIO(exported("Values").decode()))
    points = {(row["run"], int(row["step"])): float(row["mean"]) for row in table}
    (rows,) = ask(
        server, "files", {"runs": [f"files-{i}" for i in range(6)], "keys": ["val/loss"]}
    )
    expected = {
        (row["run"], step): value
        for row in rows
        for step, value in zip(drawn_x(row), row["mean64"], strict=True)
    }
    assert points == expected
    assert exported("Picture").startswith(b"\x89PNG")
    drawing = exported("Drawing")
    assert drawing.startswith(b"<svg")
    assert b"run-5" in drawing


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_run_has_a_name_stroke_width_and_dots_of_its_own(
    page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    page.goto(f"{app(server)}/local/styled")
    expect_curves(page, 3)
    legend = panel_of(page, "m").locator(".legend")
    entry = legend.locator("> span").filter(has_text="run-2")
    color = css_color(entry.locator(".swatch"))

    def thickness() -> int:
        """Px of the curve's colour below each other, at its thickest."""
        picture = Image.open(io.BytesIO(plot(page, "m").screenshot())).convert("RGB")
        is_curve = np.abs(np.asarray(picture, float) - color).max(axis=2) < 30
        return int(is_curve.sum(axis=0).max())

    # a thin curve between two pixels has the whole colour at neither
    assert thickness() <= 3
    settings = open_settings(page, "m")
    settings.get_by_role("button", name="Style", exact=True).click()
    expect(page.get_by_role("combobox", name="Run, group or metric to style")).to_be_focused()
    page.keyboard.type("run-2", delay=20)
    page.keyboard.press("Enter")
    settings.get_by_label("Name of run-2").click()
    page.keyboard.type("Best of all", delay=20)
    expect(settings.get_by_label("Name of run-2")).to_have_value("Best of all")
    settings.get_by_role("button", name="Stroke of run-2").click()
    page.get_by_role("menuitemradio", name="Dotted").click()
    settings.get_by_role("button", name="Width of run-2").click()
    page.get_by_role("menuitemradio", name="6 px").click()
    settings.get_by_label("Dots at points of run-2").check(force=True)
    settings.get_by_role("button", name="Done").click()

    styled = legend.locator("> span").filter(has_text="Best of all").locator(".swatch")
    expect(styled).to_have_class(re.compile("dotted dots"))
    expect(legend).not_to_contain_text("run-2")
    # a dot is wider than its line, and the middle one is whole
    wait_until(lambda: thickness() >= 7, what="a dot on a thick curve")
    page.reload()
    expect(legend).to_contain_text("Best of all")
    wait_until(lambda: thickness() >= 7, what="the view has kept it")

    open_menu(page, "m")
    page.get_by_role("menuitem", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Drawing").click()
    download.value.save_as(tmp_path / "m.svg")
    drawing = (tmp_path / "m.svg").read_text()
    assert "Best of all" in drawing
    assert re.search(r'stroke-width="6" [^>]*stroke-dasharray="6 10"', drawing)

    page.keyboard.press("Escape")
    box = plot(page, "m").bounding_box()
    assert box is not None

    def tip() -> str:
        page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        tooltip = page.locator(".tip")
        return "".join(tooltip.all_inner_texts())

    wait_until(lambda: "Best of all" in tip(), what="the tooltip has the name")
    expect(page.locator(".tip .swatch.dotted.dots")).to_have_count(1)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_style_of_an_expression_stays_when_it_gets_another_name(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    style = {"of": "metric", "id": "double", "stroke": "dashed", "widthPx": 3, "hasDots": False}
    panel = {
        "kind": "line",
        "section": "made",
        "keys": ["m"],
        "expressions": [{"name": "double", "text": "m * 2"}],
        "settings": {"styles": [{**style, "name": None}]},
    }
    address = make_view(server, "renamed", panels={"made": panel})
    page.goto(f"{app(server)}/local/renamed?{address}")
    expression_panel = page.get_by_role("article", name="m, double")
    expression_panel.hover()
    expression_panel.get_by_role("button", name="Panel settings").click()
    settings = page.get_by_role("complementary", name="Settings")
    expect(settings.get_by_role("button", name="Stroke of double: Dashed")).to_be_visible()
    name = settings.get_by_label("Name of the expression")
    name.fill("")
    name.press_sequentially("twice", delay=20)
    name.press("Enter")
    expect(settings.get_by_role("button", name="Stroke of twice: Dashed")).to_be_visible()
    expect(settings.get_by_role("button", name="Width of twice: 3 px")).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_writer_that_lags_behind_stands_first(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/ranks")
    settings = open_settings(page, "step_secs")
    settings.get_by_role("button", name="Find stragglers").click()
    panel = panel_of(page, "step_secs")
    expect(plot(page, "step_secs")).to_have_attribute("aria-label", re.compile("4 curves"))
    expect(panel.locator(".legend span").first).to_contain_text("rank 2")
    panel.get_by_role("button", name="rank 2 +50 %").click()
    first = page.get_by_role("group", name="Values").get_by_role("row").nth(1)
    expect(first).to_contain_text("rank 2")
    expect(first).to_contain_text("+50 %")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_click_on_a_curve_opens_the_menu_of_its_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_levels(page, server, app, "picked")
    expect_curves(page, 3)
    menu = page.get_by_role("menu")

    # between two points, where the curve is only a line
    page.mouse.click(*at_level(page, 2))
    expect(menu).to_contain_text("run-2")
    expect(menu.get_by_role("menuitem", name="Open")).to_be_visible()
    menu.get_by_role("menuitem", name="Hide").click()
    expect_curves(page, 2)
    expect(menu).to_have_count(0)

    page.mouse.click(*at_level(page, 1), button="right")
    expect(menu).to_contain_text("run-1")
    menu.get_by_role("menuitem", name="Set as baseline").click()
    expect(page.get_by_role("row", name="run-1")).to_contain_text("base")

    # by keyboard, from the curve that the arrows are on
    page.keyboard.press("Tab")
    chart = plot(page, "m")
    chart.focus()
    page.keyboard.press("Home")
    status = chart.get_by_role("status")
    expect(status).to_contain_text("run-")
    name = (status.text_content() or "").split()[2].rstrip(":")
    page.keyboard.press("Enter")
    expect(menu).to_contain_text(name)
    expect(menu.get_by_role("menuitem", name="Open")).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(chart).to_be_focused()

    legend = page.locator("[data-metric='m'] .legend")
    legend.get_by_role("button", name="run-3").click()
    menu.get_by_role("menuitem", name="Style in this panel").click()
    settings = page.get_by_role("complementary", name="Settings")
    expect(settings.get_by_label("Name of run-3")).to_be_in_viewport()
    settings.get_by_label("Name of run-3").click()
    page.keyboard.type("third", delay=20)
    settings.get_by_role("button", name="Done").click()

    legend.get_by_role("button", name="third").click()
    menu.get_by_role("menuitem", name="Show only this run").click()
    # the baseline stays
    expect_curves(page, 2)
    expect(legend).not_to_contain_text("run-2")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_click_on_a_group_opens_the_menu_of_the_group(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_levels(page, server, app, "levels", groupBy=["config.kind"])
    expect_curves(page, 2)
    menu = page.get_by_role("menu")
    # `a` is the mean of 1 and 2, `b` is 3
    page.mouse.click(*at_level(page, 1.5))
    expect(menu.get_by_role("menuitem", name="Select its 2 runs")).to_be_visible()
    menu.get_by_role("menuitem", name="Hide").click()
    expect_curves(page, 1)
    page.keyboard.press("Control+z")
    expect_curves(page, 2)
    page.mouse.click(*at_level(page, 1.5))
    menu.get_by_role("menuitem", name="Style in this panel").click()
    settings = page.get_by_role("complementary", name="Settings")
    expect(settings.get_by_label("Name of a", exact=True)).to_be_in_viewport()
    settings.get_by_role("button", name="Done").click()
    page.locator("[data-metric='m'] .legend").get_by_role("button", name="b").click(button="right")
    menu.get_by_role("menuitem", name="Leave b out").click()
    expect_curves(page, 1)
    expect(page.locator("[data-metric='m'] .legend")).to_have_text("a")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_menus_of_curves_leave_the_gestures_alone(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    open_levels(page, server, app, "dragged")
    expect_curves(page, 3)
    menu = page.get_by_role("menu")
    panel = panel_of(page, "m")
    # a drag that ends on another curve zooms
    page.mouse.move(*at_level(page, 2, 0.2))
    page.mouse.down()
    page.mouse.move(*at_level(page, 2, 0.6))
    page.mouse.up()
    expect(panel.get_by_text("zoomed")).to_be_visible()
    # a double click on a curve goes back
    page.mouse.dblclick(*at_level(page, 2))
    expect(panel.get_by_text("zoomed")).to_have_count(0)
    expect(menu).to_have_count(0)
    # off the curves the browser has its own menu
    prevented = """() => new Promise((done) => document.addEventListener(
        "contextmenu", (event) => done(event.defaultPrevented), {once: true}))"""
    page.evaluate(f"() => {{ window.answer = ({prevented})(); }}")
    page.mouse.click(*at_level(page, 2.5), button="right")
    assert page.evaluate("() => window.answer") is False
    page.mouse.click(*at_level(page, 2.5))
    page.mouse.click(*at_level(page, 3))
    expect(menu).to_contain_text("run-3")
    # the run is deleted elsewhere
    run = f"{server.url}/api/v1/projects/local/dragged/runs/dragged-3"
    httpx.delete(run, headers={"Authorization": f"Bearer {server.token}"}).raise_for_status()
    expect(menu).to_have_count(0)
    expect_curves(page, 2)

    def tip() -> str:
        """The tooltip beside the pinned one, at a curve: values that come just now take it away
        until the next move.
        """
        x, y = at_level(page, 2, 0.2)
        page.mouse.move(x + 1, y)
        page.mouse.move(x, y)
        return "".join(page.locator(".tip:not(.pinned)").all_inner_texts())

    wait_until(lambda: "run-2" in tip(), what="a tooltip of another curve")


@at_length
@pytest.mark.parametrize("width", [1440, 1280])
def test_the_list_stays_readable_beside_settings(
    page: Page, server: ServerProcess, app: OpenApp, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{app(server)}/local/groups")
    settings = open_settings(page, "train/loss")
    expect(settings).to_be_visible()
    rows = page.get_by_role("treegrid")
    for i in range(6):
        expect(rows.get_by_text(f"run-{i}", exact=True)).to_be_visible()
    parts = [rows, plot(page, "train/loss"), settings]
    boxes = [part.bounding_box() for part in parts]
    listed, chart, drawer = [box for box in boxes if box is not None]
    assert listed["width"] >= 270
    assert chart["width"] >= 200
    assert listed["x"] + listed["width"] <= chart["x"]
    assert chart["x"] + chart["width"] <= drawer["x"]
    assert outside(page) == []
