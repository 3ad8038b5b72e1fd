"""Panels that are no line charts, as people use them: added, read, brushed, set."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from at_length import at_length, case_at_length
from chart_pixels import screenshot, wait_for
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, hold, make_view, run_script

N_RUNS = 12
RUNS = """
import numpy as np
import weft

for i in range(12):
    run = weft.init(
        project="p",
        name=f"run-{i}",
        config={
            "optim": {"lr": 10.0 ** -(1 + i % 4), "name": "adam"},
            "loss": ["ce", "focal", "dice"][i % 3],
            "batch": 32,
            "seed": i * 7 % 5,
        },
    )
    run.define_metric("acc", summary="max", goal="maximize")
    for step in range(40):
        top = 0.2 + 0.15 * (i % 4) + 0.001 * i
        row = {"acc": top if step == 31 else top / 2, "speed": 100 + i, "cost": 5 - i / 10}
        if step % 10 == 0:
            row["weights"] = np.linspace(-1, 1, 500) * (1 + step / 10)
        run.log(row)
    run.finish(exit_code=1 if i == 11 else 0)
"""

IS_DRAWN = """() => new Promise(
    (done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))
)"""
"""Once the page shows what the pointer did."""
IS_LAID_OUT = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const places = () => [...document.querySelectorAll("[data-kind]")]
        .map((panel) => JSON.stringify(panel.getBoundingClientRect())).join();
    for (let n = 0, before = ""; n < 10; n++) {
        // what an observer tells React is laid out in a task between two frames
        await new Promise((done) => setTimeout(done));
        await frame();
        const now = places();
        if (now !== before) n = 0;
        before = now;
    }
}"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


@pytest.fixture
def workspace(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    """The workspace as at first."""
    page.goto(f"{app(server)}/local/p")
    expect(page.locator("[data-metric='acc']").first).to_be_visible()
    return page


def panel_of(page: Page, kind: str) -> Locator:
    return page.locator(f"[data-kind='{kind}']")


def add_panel(page: Page, kind: str, title: str, *metrics: str) -> Locator:
    """Add a panel by the dialog; its settings are closed again."""
    page.get_by_role("button", name="Add panel").first.click()
    dialog = page.get_by_role("dialog", name="Add panel")
    dialog.locator("label.kind").filter(has=page.get_by_text(title, exact=True)).click()
    for metric in metrics:
        dialog.get_by_role("checkbox", name=metric, exact=True).check(force=True)
    dialog.get_by_role("button", name="Add panel").click()
    panel = panel_of(page, kind)
    # its code is loaded now
    expect(panel).to_be_visible()
    return panel


def close_settings(page: Page) -> None:
    """Once this returns the panels are where they stay: the board gets more columns."""
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("complementary", name="Settings")).to_have_count(0)
    page.evaluate(IS_LAID_OUT)


def sweep(page: Page, plot: Locator, step: int = 9) -> None:
    """Move over a chart until a mark tells its values."""
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    tip = page.get_by_role("tooltip")
    for y in range(4, int(box["height"]) - 24, step):
        for x in range(48, int(box["width"]) - 12, step):
            page.mouse.move(box["x"] + x, box["y"] + y)
            page.evaluate(IS_DRAWN)
            if tip.count():
                return


@at_length
def test_a_scalar_card_tells_the_best_run_and_its_step(workspace: Page) -> None:
    panel = add_panel(workspace, "scalar", "Scalar", "acc")
    close_settings(workspace)
    # 0.2 + 0.15 * 3 + 0.001 * 11
    expect(panel.locator(".big")).to_have_text("0.6610")
    expect(panel.get_by_role("heading")).to_contain_text("Best acc")
    expect(panel).to_contain_text("run-11")
    expect(panel.locator("dd", has_text="31")).to_be_visible()


@at_length
def test_after_the_choice_of_a_kind_keys_go_to_the_search(workspace: Page) -> None:
    workspace.get_by_role("button", name="Add panel").first.click()
    dialog = workspace.get_by_role("dialog", name="Add panel")
    dialog.locator("label.kind").filter(has=workspace.get_by_text("Scatter", exact=True)).click()
    search = dialog.get_by_role("textbox", name="Search metrics")
    expect(search).to_be_focused()
    workspace.keyboard.type("ac")
    expect(search).to_have_value("ac")
    # by arrows the kinds keep the focus, until something is typed
    dialog.get_by_role("radio", name=re.compile("^Scatter")).focus()
    workspace.keyboard.press("ArrowUp")
    workspace.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("radio", name=re.compile("^Scatter"))).to_be_focused()
    workspace.keyboard.type("c")
    expect(search).to_be_focused()
    expect(search).to_have_value(re.compile("c$"))


@at_length
def test_bars_and_dots_tell_their_values(workspace: Page) -> None:
    bars = add_panel(workspace, "bar", "Bar", "speed")
    close_settings(workspace)
    expect(bars.get_by_role("img")).to_have_attribute("aria-label", re.compile("10 bars"))
    sweep(workspace, bars.locator(".plot"))
    tip = workspace.get_by_role("tooltip")
    # the newest run is the first of the list
    expect(tip).to_contain_text("run-11")
    expect(tip).to_contain_text("111")

    dots = add_panel(workspace, "scatter", "Scatter", "acc")
    close_settings(workspace)
    # x begins as the learning rate, y as the summary that was defined
    expect(dots.get_by_role("heading")).to_contain_text("acc max against optim.lr")
    plot = dots.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("10 runs"))
    plot.focus()
    workspace.keyboard.press("ArrowRight")
    expect(tip).to_contain_text("optim.lr")
    name = tip.locator("b").inner_text().strip()
    i = int(name.split("-")[1])
    expect(tip).to_contain_text(f"{0.2 + 0.15 * (i % 4) + 0.001 * i:.4f}")


@at_length
def test_a_scatter_is_found_by_its_title_before_it_was_drawn(workspace: Page) -> None:
    add_panel(workspace, "scatter", "Scatter", "acc")
    close_settings(workspace)
    separator = "&" if "?" in workspace.url else "?"
    workspace.goto(f"{workspace.url}{separator}p=max+against")
    heading = workspace.get_by_role("heading", name="acc max against optim.lr")
    expect(heading).to_be_visible()


@at_length
def test_groups_are_box_plots_and_violins(workspace: Page) -> None:
    panel = add_panel(workspace, "bar", "Bar", "speed")
    image = panel.get_by_role("img")
    settings = workspace.get_by_role("complementary", name="Settings")
    looks = settings.get_by_role("radiogroup", name="Groups as")
    expect(settings.get_by_role("combobox", name="Group by column")).to_be_visible()
    expect(looks).to_have_count(0)
    settings.get_by_role("combobox", name="Group by column").fill("loss")
    workspace.get_by_role("option", name=re.compile("loss")).click()
    expect(image).to_have_attribute("aria-label", re.compile("3 bars"))

    looks.get_by_role("radio", name="Boxes").check(force=True)
    expect(image).to_have_attribute("aria-label", re.compile("3 box plots"))
    expect(settings.get_by_role("radiogroup", name="Whisker")).to_have_count(0)
    sweep(workspace, panel.locator(".plot"))
    tip = workspace.get_by_role("tooltip")
    # the best of the newest ten runs first: of focal 4, 7 and 10 with 104, 107 and 110
    expect(tip).to_contain_text("focal")
    expect(tip).to_contain_text("107")
    expect(tip).to_contain_text("105.5 – 108.5")
    expect(tip).to_contain_text("104 – 110")
    boxes = screenshot(panel.locator(".plot"))

    looks.get_by_role("radio", name="Violins").check(force=True)
    expect(image).to_have_attribute("aria-label", re.compile("3 violins"))
    workspace.mouse.move(2, 2)
    expect(tip).to_have_count(0)
    wait_for(lambda: bool((screenshot(panel.locator(".plot")) != boxes).any()), True)


def test_a_brush_shows_exactly_the_runs_inside_it(workspace: Page) -> None:
    panel = add_panel(workspace, "parallel", "Parallel coordinates", "acc")
    close_settings(workspace)
    plot = panel.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("12 runs"))
    expect(workspace.locator(".runs .rh .badge").first).to_have_text(re.compile(r"^10 / 12"))
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    x, top = box["x"] + box["width"] - 44, box["y"]
    # the upper tenth of the last axis: the three runs of the best learning rate
    workspace.mouse.move(x, top + 20)
    workspace.mouse.down()
    workspace.mouse.move(x, top + 50, steps=4)
    workspace.mouse.up()
    expect(panel).to_contain_text("3 of 12 runs in the brush")
    expect(workspace.locator(".runs .rh .badge").first).to_have_text(re.compile(r"^3 / 12"))
    # one step back takes back brush and runs together
    workspace.keyboard.press("Control+z")
    expect(panel).not_to_contain_text("in the brush")
    expect(workspace.locator(".runs .rh .badge").first).to_have_text(re.compile(r"^10 / 12"))
    # the same by keys, and away again
    plot.focus()
    for key in ("End", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp"):
        workspace.keyboard.press(key)
    expect(panel).to_contain_text("in the brush")
    # other runs than those inside are shown, and said to be
    workspace.locator(".runs .eye[aria-pressed='false']").first.click()
    expect(panel).to_contain_text(re.compile("of 12 runs in the brush, [0-9]+ shown"))
    panel.get_by_role("button", name="Show these").click()
    expect(panel).to_contain_text("in the brush")
    expect(panel).not_to_contain_text("shown")
    panel.get_by_title("Show the runs of before").click()
    expect(workspace.locator(".runs .rh .badge").first).to_have_text(re.compile(r"^10 / 12"))


@at_length
def test_brushes_on_two_axes_show_the_runs_inside_both(workspace: Page) -> None:
    panel = add_panel(workspace, "parallel", "Parallel coordinates", "acc")
    workspace.get_by_role("combobox", name="Add an axis").fill("speed")
    workspace.get_by_role("option", name=re.compile("speed")).click()
    close_settings(workspace)
    plot = panel.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("speed, acc max of 12 runs"))
    plot.focus()
    # the upper half of the axis just added: runs 6 to 11
    for key in ("ArrowRight", "ArrowRight", "ArrowUp"):
        workspace.keyboard.press(key)
    expect(panel).to_contain_text("6 of 12 runs in the brush")
    expect(plot).to_have_attribute("aria-label", re.compile("speed, acc max of 12 runs"))
    # of them the best two learning rates
    workspace.keyboard.press("ArrowRight")
    workspace.keyboard.press("ArrowUp")
    expect(panel).to_contain_text("4 of 12 runs in the brushes")
    expect(workspace.locator(".runs .rh .badge").first).to_have_text(re.compile(r"^4 / 12"))
    # its sign stands next to the panel's actions, which appear below a pointer
    plot.hover()
    flag = panel.get_by_role("button", name="4 of 12 brushed")
    actions = panel.get_by_role("button", name="Panel menu")
    expect(actions).to_be_visible()
    box = flag.bounding_box()
    assert box is not None
    workspace.mouse.click(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
    expect(panel).not_to_contain_text("in the brush")


@at_length
def test_a_brush_over_the_rows_of_a_list_before_is_of_the_new_list(workspace: Page) -> None:
    search = workspace.get_by_label("Search runs", exact=True)
    search.fill("run-1")
    panel = add_panel(workspace, "parallel", "Parallel coordinates", "acc")
    close_settings(workspace)
    plot = panel.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("of 3 runs"))
    release = hold(workspace, "**/runs/query")
    # the new list is asked for a moment after the last key: a brush before that is of the old list
    with workspace.expect_request("**/runs/query"):
        search.fill("")
    plot.focus()
    # the upper half of the accuracies: two of the three runs, and more of all
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowUp"):
        workspace.keyboard.press(key)
    expect(panel).to_contain_text("2 of 3 runs in the brush")
    release()
    expect(panel).to_contain_text(re.compile("[4-6] of 12 runs in the brush"))
    expect(workspace.locator(".runs .rh .badge").first).to_have_text(re.compile(r"^[4-6] / 12"))


@at_length
def test_axes_of_parallel_coordinates_wait_for_what_they_show(workspace: Page) -> None:
    release = hold(workspace, re.compile("scope=config"))
    panel = add_panel(workspace, "parallel", "Parallel coordinates", "acc")
    expect(workspace.get_by_role("combobox", name="Color column")).to_be_visible()
    # the axes to add to are not known yet
    field = workspace.get_by_role("combobox", name="Add an axis")
    expect(field).to_have_count(0)
    release()
    plot = panel.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("optim.lr.*acc.* of 12 runs"))

    release = hold(workspace, "**/runs/query")
    field.fill("speed")
    workspace.get_by_role("option", name=re.compile("speed")).click()
    expect(panel.locator("header")).to_contain_text("4 keys")
    # a brush on it would hold no run yet
    expect(plot).not_to_have_attribute("aria-label", re.compile("speed"))
    release()
    expect(plot).to_have_attribute("aria-label", re.compile("optim.lr.*speed.*acc.* of 12 runs"))


@at_length
@pytest.mark.parametrize(
    ("kind", "title", "last"),
    [
        ("bar", "Bar", "[role=img][aria-label$='10 bars']"),
        case_at_length(
            "parallel", "Parallel coordinates", "[role=application][aria-label*='of 12 runs']"
        ),
        case_at_length("scalar", "Scalar", "dd:text('31')"),
        case_at_length("comparer", "Run comparer", "[role=rowheader]:has-text('loss')"),
    ],
)
def test_a_panel_is_saved_as_the_picture_on_the_screen(
    workspace: Page, kind: str, title: str, last: str
) -> None:
    panel = add_panel(workspace, kind, title, *([] if kind == "comparer" else ["acc"]))
    close_settings(workspace)
    # what comes between the picture and the screenshot is in one of them only
    expect(panel.locator(last).first).to_be_visible()
    for plot in panel.locator(".plot").all():
        wait_for(lambda p=plot: bool(np.ptp(screenshot(p), axis=(0, 1)).max() > 64), True)
    panel.get_by_role("button", name="Panel menu").click()
    with workspace.expect_download() as download:
        workspace.get_by_role("menuitem", name="Save picture").click()
    assert download.value.suggested_filename.endswith(".png")
    saved = Image.open(download.value.path()).convert("RGB")
    workspace.mouse.move(0, 0)
    shown = screenshot(panel)
    assert saved.width == pytest.approx(2 * shown.shape[1], abs=4)
    small = np.asarray(saved.resize((shown.shape[1], shown.shape[0])), float)
    # soft edges differ by a pixel; of a picture without curves or letters all would
    background = shown[20, 6]
    is_drawn = np.abs(shown - background).max(axis=2) > 64
    is_other = np.abs(small - shown).max(axis=2) > 64
    inside = (slice(4, -4), slice(4, -4))
    assert is_other[inside].sum() < is_drawn[inside].sum() / 4


@at_length
def test_importance_names_the_parameter_that_matters(workspace: Page) -> None:
    panel = add_panel(workspace, "importance", "Parameter importance", "acc")
    close_settings(workspace)
    first = panel.locator("tbody tr").first
    expect(first).to_contain_text("optim.lr")
    # a smaller rate was always better
    expect(first.locator("td").last).to_have_text(re.compile("^−(0.9|1.0)"))
    # what is equal in all runs is no parameter
    expect(panel.locator("tbody")).not_to_contain_text("batch")
    expect(panel).to_contain_text("12 runs")


@at_length
@pytest.mark.parametrize("width", [960, 1440])
def test_importance_shows_the_value_that_a_correlation_is_of(workspace: Page, width: int) -> None:
    workspace.set_viewport_size({"width": width, "height": 800})
    panel = add_panel(workspace, "importance", "Parameter importance", "acc")
    text = panel.locator("tbody tr", has_text="loss").locator(".level")
    expect(text).to_have_text(re.compile("^= (ce|focal|dice)$"))
    assert text.evaluate("(text) => text.scrollWidth <= text.clientWidth")
    assert text.evaluate(
        "(text) => text.getBoundingClientRect().right"
        " <= text.closest('td').getBoundingClientRect().right"
    )
    foot = panel.locator(".imp-foot > span").last
    assert foot.evaluate("(foot) => foot.scrollWidth <= foot.clientWidth + 1")


@at_length
def test_a_comparison_has_differences_first(workspace: Page) -> None:
    panel = add_panel(workspace, "comparer", "Run comparer")
    close_settings(workspace)
    heads = panel.get_by_role("rowheader")
    expect(heads.nth(0)).to_contain_text("Config")
    expect(heads.nth(1)).to_have_text("loss")
    expect(heads.nth(2)).to_have_text("optim.lr")
    # equal in all: folded away, and found by a search
    expect(heads.filter(has_text="batch")).to_have_count(0)
    panel.get_by_label("Search keys and values").fill("batch")
    expect(heads.filter(has_text="batch")).to_be_visible()
    panel.get_by_label("Search keys and values").fill("")

    panel.get_by_role("radio", name="Since last good run").click()
    names = panel.get_by_role("columnheader")
    expect(names).to_have_count(3)
    expect(names.nth(1)).to_contain_text("run-10")
    expect(names.nth(2)).to_contain_text("run-11")
    lr = panel.get_by_role("row").filter(has=workspace.get_by_role("rowheader", name="optim.lr"))
    # in the notation of the other value, 1e−4
    expect(lr.get_by_role("cell").nth(0)).to_have_text("1e−3")
    expect(lr.get_by_role("cell").nth(1)).to_contain_text("× 0.1")


@at_length
def test_latest_values_sort_runs(workspace: Page) -> None:
    panel = add_panel(workspace, "latest", "Latest values", "speed", "cost")
    close_settings(workspace)
    rows = panel.locator("tbody tr")
    expect(rows).to_have_count(10)
    expect(rows.first).to_contain_text("run-11")
    expect(rows.first.locator("td").first).to_have_text("111")
    panel.get_by_role("button", name="cost").click()
    expect(rows.first).to_contain_text("run-2")
    expect(rows.first.locator("td").nth(1)).to_have_text("4.8000")


@at_length
def test_the_wheel_scrolls_on_over_texts_comparisons_and_legends(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    text = "\n\n".join(f"Line {i}" for i in range(60))
    curves = {"keys": ["acc"], "settings": {"legend": "right"}}
    kinds = {"line": curves, "comparer": {}, "markdown": {"options": {"text": text}}}
    panels = {
        kind: {"kind": kind, "section": f"own {kind}", "span": 12, "height": 160, **part}
        for kind, part in kinds.items()
    }
    room = {"kind": "scalar", "section": "room below", "keys": ["acc"], "span": 12, "height": 900}
    view = make_view(server, "p", panels={**panels, "room": room})
    names = {"line": "Legend", "comparer": "Comparison, scrolled", "markdown": "Text, scrolled"}
    for kind, name in names.items():
        # anew, as a browser leaves quick turns to what the last ones scrolled
        page.goto(f"{app(server)}/local/p?{view}")
        section = page.get_by_role("region", name=f"own {kind}", exact=True)
        area = section.get_by_role("group", name=name)
        section.scroll_into_view_if_needed()
        assert area.evaluate("(area) => area.scrollHeight - area.clientHeight") >= 40
        board = area.evaluate_handle("(area) => area.closest('.scroll')")
        section.evaluate("(section) => section.scrollIntoView({ block: 'center' })")
        page.evaluate(IS_LAID_OUT)
        head, box = section.bounding_box(), area.bounding_box()
        assert head is not None
        assert box is not None
        x, y = box["x"] + box["width"] / 2, head["y"] + 10
        # from the section's head, past the panel's, into its middle
        n_turns = round((box["y"] + 0.75 * box["height"] - y) / 30)
        px = board.evaluate("(board) => board.scrollTop")
        page.mouse.move(x, y)
        for _ in range(n_turns):
            page.mouse.wheel(0, 30)
            px += 30
            wait_for(lambda: board.evaluate("(board) => board.scrollTop"), px, 20)  # noqa: B023
        assert area.evaluate("(area) => area.scrollTop") == 0
        # a click gives it the wheel
        page.mouse.down()
        page.mouse.up()
        page.mouse.wheel(0, 30)
        wait_for(lambda: area.evaluate("(area) => area.scrollTop"), 30)  # noqa: B023
        assert board.evaluate("(board) => board.scrollTop") == px


@at_length
def test_text_and_a_chart_of_ones_own(workspace: Page) -> None:
    text = add_panel(workspace, "markdown", "Text")
    area = workspace.get_by_role("textbox", name="Text", exact=True)
    area.fill("# What we try\n\nA *smaller* [rate](https://example.org)\n\n<script>x</script>")
    expect(text.get_by_role("heading")).to_contain_text("What we try")
    expect(text.locator("em")).to_have_text("smaller")
    expect(text.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")
    expect(text).to_contain_text("<script>")
    close_settings(workspace)

    own = add_panel(workspace, "vega", "Vega-Lite")
    expect(own.locator("canvas")).to_be_visible()
    spec = workspace.get_by_role("textbox", name="Specification")
    spec.fill("{")
    expect(workspace.locator(".vega-spec [role='alert']")).to_be_visible()
    expect(own.locator("canvas")).to_be_visible()
    spec.fill('{"mark": "nothing", "data": {"name": "runs"}, "encoding": {}}')
    expect(own.get_by_role("alert")).to_contain_text("cannot draw")
    # a bar for each run, red for three of the ten
    spec.fill(
        '{"data": {"name": "runs"}, "mark": "bar", "encoding": {'
        ' "x": {"field": "name", "type": "nominal", "axis": null}, "y": {"value": 0},'
        ' "color": {"value": "#0000ff", "condition":'
        ' {"test": "datum.config.optim.lr == 0.0001", "value": "#ff0000"}}}}'
    )

    def red_part() -> float:
        pixels = screenshot(own)  # the canvas may just be replaced
        red, blue = ((pixels == color).all(-1).sum() for color in ((255, 0, 0), (0, 0, 255)))
        return round(float(red) / float(red + blue), 1) if red + blue > 1000 else 0.0

    wait_for(red_part, 0.3)


@at_length
def test_histograms_have_a_panel_by_themselves_with_a_cursor(workspace: Page) -> None:
    panel = workspace.locator("[data-metric=weights]")
    plot = panel.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("4 histograms"))
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    panel = workspace.get_by_role("dialog")
    plot = panel.get_by_role("application")
    expect(panel).to_contain_text("500 values")
    expect(panel.get_by_role("img")).to_have_attribute("aria-label", re.compile("Step 30"))
    plot.focus()
    workspace.keyboard.press("ArrowLeft")
    expect(panel.get_by_role("img")).to_have_attribute("aria-label", re.compile("Step 20"))
    panel.get_by_role("button", name="Drawn as").click()
    workspace.get_by_role("menuitemradio", name="Ridgeline").click()
    plot = panel.get_by_role("application")
    # the ridges of four steps have four tones between those of the background and of text
    wait_for(lambda: len(filled_colors(plot)) >= 4, True)
    plot.focus()
    workspace.keyboard.press("ArrowUp")
    expect(panel.get_by_role("img")).to_have_attribute("aria-label", re.compile("Step 10"))
    box = plot.bounding_box()
    assert box is not None
    workspace.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 24)
    expect(panel.get_by_role("img")).to_have_attribute("aria-label", re.compile("Step 30"))
    assert axe_faults(workspace, "'[role=dialog]'") == []


def filled_colors(plot: Locator) -> set[str]:
    """Colors that fill more than 500 pixels of a chart's lower canvas."""
    colors = plot.locator("canvas").first.evaluate(
        """(canvas) => {
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const counts = {};
          for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] === 255) {
              const color = `${data[i]},${data[i + 1]},${data[i + 2]}`;
              counts[color] = (counts[color] ?? 0) + 1;
            }
          return Object.keys(counts).filter((color) => counts[color] > 500);
        }"""
    )
    return set(colors)


@at_length
def test_all_can_be_read_by_everyone(workspace: Page) -> None:
    for kind, title, metrics in (
        ("importance", "Parameter importance", ["acc"]),
        ("latest", "Latest values", ["speed"]),
        ("scalar", "Scalar", ["acc"]),
        ("comparer", "Run comparer", []),
    ):
        add_panel(workspace, kind, title, *metrics)
        close_settings(workspace)
    expect(workspace.locator(".cmp-row").first).to_be_visible()
    assert axe_faults(workspace, "'.panels'") == []
