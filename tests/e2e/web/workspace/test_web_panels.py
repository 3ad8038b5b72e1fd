"""Panels of a workspace as people arrange them: added, moved, resized, hidden, searched, set."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from at_length import at_length
from server_process import ServerProcess, wait_until
from web_pages import (
    OpenApp,
    axe_faults,
    copied,
    cut_short,
    hold,
    make_view,
    out_of_reach,
    outside,
    plot,
    run_script,
    type_text,
)

RUNS = """
import weft
for i in range(2):
    with weft.init(project="p", name=f"run-{i}") as run:
        for step in range(50):
            run.log({f"{part}/{name}": (step + 1) * 0.5 + i
                     for part in ("train", "val") for name in ("acc", "loss", "lr")})
"""

MIXED = """
import weft
for i in range(12):
    with weft.init(project="mixed", name=f"日本語 ViT-B/16 augmented, long name {i}") as run:
        for step in range(3):
            run.log({"train/loss": step, "val/loss": step})
        for step in range(2 if i == 0 else 0):
            run.log({f"layers/block {n} weight α": n + step for n in range(300)})
for i in range(3):
    with weft.init(project="fewer", name=f"run-{i}") as run:
        for step in range(5):
            run.log({"unwanted": step, "kept": step})
"""

KINDS = """
import sys, weft
for name, kind in (one.split(":") for one in sys.argv[1:]):
    with weft.init(project="kinds", name=name, config={"kind": kind}) as run:
        for step in range(5):
            run.log({"loss": step, "acc": step})
"""

BEGINS_LATER = """
import pathlib, sys, time, weft
with weft.init(project="later", name="before") as run:
    run.log({"loss": 1, "extra/x": 1})
run = weft.init(project="later", name="live")
more = {"extra/x": 2, "extra/a": 2, "before": 2, "a/new": 2}
while True:
    run.log({"loss": 2} | (more if pathlib.Path(sys.argv[1]).exists() else {}))
    time.sleep(0.05)
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess) -> None:
    """Projects `mixed`, `fewer` and `kinds`, which tests at length alone ask for."""
    kinds = run_script(server, KINDS, "a:big", "b:small", "c:big", "d:small")
    for script in (kinds, run_script(server, MIXED)):
        assert script.wait(120) == 0


@pytest.fixture
def board(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    """The workspace of two runs with `train/acc` … `val/lr`, as nobody has changed it."""
    page.goto(f"{app(server)}/local/p")
    expect(cell(page, "val/lr")).to_be_visible()
    return page


def cell(page: Page, metric: str) -> Locator:
    return page.locator(f"[data-cell='auto:{metric}']")


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def expect_panels(page: Page, name: str, *titles: str) -> None:
    expect(section(page, name).locator(".cell h3")).to_have_text(list(titles))


def choose(page: Page, panel: Locator, entry: str) -> None:
    """An entry of a panel's menu."""
    panel.hover()
    panel.get_by_role("button", name="Panel menu").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def choose_of_section(page: Page, name: str, entry: str) -> None:
    """An entry of a section's menu."""
    head = section(page, name)
    head.hover()
    head.get_by_role("button", name="Section menu").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def drag(page: Page, start: Locator, to: Locator, x: float, y: float) -> None:
    """From one element to a place in another, in parts of its size."""
    start.hover()
    page.mouse.down()
    box = to.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
    page.mouse.up()


def size(panel: Locator) -> tuple[float, float]:
    box = panel.bounding_box()
    assert box is not None
    return box["width"], box["height"]


def test_a_panel_of_two_metrics_is_added_and_a_section_made_named_and_taken_away(
    board: Page,
) -> None:
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Expression").fill("train/loss - val/loss")
    dialog.get_by_role("button", name="Add panel").click()
    panel = board.get_by_role("article", name="train/loss - val/loss")
    expect(panel.locator(".plot")).to_have_attribute("aria-label", re.compile("2 curves of"))
    expect_panels(board, "train", "train/loss - val/loss", "acc", "loss", "lr")
    expect(panel.get_by_role("button", name="Panel menu")).to_be_focused()
    board.reload()
    expect_panels(board, "train", "train/loss - val/loss", "acc", "loss", "lr")

    board.get_by_role("button", name="Add section").click()
    board.get_by_role("dialog").get_by_role("textbox").fill("mine")
    board.keyboard.press("Enter")
    # it is before all others, which the button stands below
    head = section(board, "mine").get_by_role("button", expanded=True)
    expect(head).to_be_focused()
    expect(head).to_be_in_viewport(ratio=1)
    section(board, "mine").get_by_role("button", name="Add one").click()
    expect(board.get_by_role("dialog", name="Add panel")).to_be_visible()
    board.keyboard.press("Escape")
    expect(board.get_by_role("dialog")).to_have_count(0)
    choose(board, cell(board, "val/acc"), "Move to section")
    board.get_by_role("dialog").get_by_role("combobox", name="Section").fill("mine")
    board.get_by_role("dialog").get_by_role("button", name="Move", exact=True).click()
    expect_panels(board, "mine", "val/acc")
    head = section(board, "mine")
    head.hover()
    head.get_by_role("button", name="Section menu").click()
    board.get_by_role("menuitem", name="Rename").click()
    board.get_by_role("dialog").get_by_role("textbox").fill("ours")
    board.keyboard.press("Enter")
    expect_panels(board, "ours", "val/acc")
    head = section(board, "ours")
    head.hover()
    head.get_by_role("button", name="Section menu").click()
    board.get_by_role("menuitem", name="Delete section").click()
    expect(head).to_have_count(0)
    expect_panels(board, "val", "acc", "loss", "lr")


@at_length
def test_a_deleted_panel_comes_back_into_the_order_as_it_is_by_then(board: Page) -> None:
    choose(board, cell(board, "train/acc"), "Duplicate")
    expect_panels(board, "train", "acc", "acc", "loss", "lr")
    choose(board, section(board, "train").locator(".cell").nth(1), "Delete")
    expect_panels(board, "train", "acc", "loss", "lr")
    drag(board, cell(board, "train/lr").locator("h3"), cell(board, "train/acc"), 0.1, 0.5)
    expect_panels(board, "train", "lr", "acc", "loss")
    board.get_by_role("status").get_by_role("button", name="Undo").click()
    expect(section(board, "train").locator(".cell")).to_have_count(4)
    expect(section(board, "train").locator(".cell h3").first).to_have_text("lr")


FRAMES = """(n) => new Promise((done) => {
    const next = () => n-- > 0 ? requestAnimationFrame(next) : done();
    next();
})"""


@at_length
def test_a_new_panel_has_the_focus_however_late_its_kind_is_loaded(board: Page) -> None:
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    # its preview loads the kind, too
    load_kind = hold(board, re.compile("comparer-panel.*[.](js|tsx)"))
    dialog.locator(".kind", has_text="Run comparer").click()
    dialog.get_by_role("button", name="Add panel").click()
    expect(dialog).to_have_count(0)
    board.evaluate(FRAMES, 60)
    load_kind()
    cell = section(board, "train").locator(".cell").first
    expect(cell.get_by_role("button", name="Panel menu")).to_be_focused()


def test_a_panel_added_during_a_search_that_hides_it_is_scrolled_to(board: Page) -> None:
    board.set_viewport_size({"width": 1280, "height": 420})
    board.get_by_role("textbox", name="Search panels").fill("nothing has this name")
    expect(board.locator(".cell")).to_have_count(0)
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    dialog.locator(".kind", has_text="Scatter").click()
    dialog.get_by_role("combobox", name="Section").fill("val")
    board.keyboard.press("Enter")
    dialog.get_by_role("button", name="Add panel").click()
    expect(board.get_by_role("complementary", name="Settings")).to_be_visible()
    expect(board.locator("[data-kind='scatter']")).to_be_in_viewport(ratio=0.9)


@at_length
def test_a_new_panel_is_seen_also_where_panels_are_searched(board: Page) -> None:
    field = board.get_by_role("textbox", name="Search panels")
    field.fill("val/lr")
    expect(board.locator(".cell h3")).to_have_count(1)
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    # the label leads into its field, and a half-typed name is no fault of the preview
    dialog.get_by_text("And an expression").click()
    board.keyboard.type("val/los", delay=40)
    expect(dialog.get_by_role("combobox", name="Expression")).to_have_value("val/los")
    expect(board.get_by_role("listbox", name="Metrics, config and functions")).to_be_visible()
    preview = dialog.get_by_role("region", name="Preview")
    board.evaluate(FRAMES, 60)
    expect(preview).to_have_text("The panel appears here once it has a metric.")
    board.keyboard.type("s", delay=40)
    expect(preview.get_by_role("article")).to_be_visible()
    dialog.locator(".kind", has_text="Run comparer").click()
    dialog.get_by_role("button", name="Add panel").click()
    expect(dialog).to_have_count(0)
    expect(field).to_have_value("")
    expect(board.get_by_role("article", name="Run comparer")).to_be_visible()


def test_the_preview_of_a_wrong_expression_has_the_reason_in_place_of_the_chart_before(
    board: Page,
) -> None:
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    preview = dialog.get_by_role("region", name="Preview")
    field = dialog.get_by_role("combobox", name="Expression")
    field.press_sequentially("val/loss", delay=15)
    expect(preview.get_by_role("article", name="val/loss")).to_be_visible()
    expect(preview).to_have_attribute("aria-busy", "false")
    # one goes on typing: what was drawn before stands back
    field.press_sequentially(" * ", delay=15)
    expect(preview.get_by_role("article", name="val/loss")).to_be_visible()
    expect(preview).to_have_attribute("aria-busy", "true")
    field.press_sequentially("nonsense(", delay=15)
    field.press_sequentially("2)", delay=15)
    expect(preview).to_contain_text("There is no function “nonsense”.")
    expect(preview.get_by_role("article")).to_have_count(0)
    field.fill("val/loss * 2")
    expect(preview.get_by_role("article", name="val/loss * 2")).to_be_visible()
    field.fill("val/loss * missing_metric")
    expect(preview).to_contain_text("No run has “missing_metric”.")
    expect(preview.get_by_role("article")).to_have_count(0)


@at_length
def test_the_preview_of_a_new_panel_has_no_button_for_settings_that_open_later(
    board: Page,
) -> None:
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    dialog.locator(".kind", has_text="Markdown").click()
    preview = dialog.get_by_role("region", name="Preview")
    expect(preview.get_by_text("Nothing is written here yet.")).to_be_visible()
    expect(preview.get_by_role("button", name="Write")).to_have_count(0)
    dialog.get_by_role("button", name="Add panel").click()
    expect(section(board, "train").get_by_role("button", name="Write")).to_be_visible()


@at_length
def test_the_section_of_a_new_panel_is_typed_key_by_key(board: Page) -> None:
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    field = dialog.get_by_role("combobox", name="Section")
    # what it proposes follows the metric, until a person says another
    dialog.get_by_role("checkbox", name="val/loss", exact=True).check(force=True)
    expect(field).to_have_value("val")
    field.click()
    board.keyboard.press("ControlOrMeta+a")
    board.keyboard.type("analysis", delay=40)
    expect(field).to_have_value("analysis")
    board.keyboard.press("Tab")
    dialog.get_by_role("button", name="Add panel").click()
    expect(section(board, "analysis").get_by_role("article")).to_have_count(1)


@at_length
def test_escape_closes_suggestions_first_and_undo_brings_a_closed_panel_back(board: Page) -> None:
    refusals: list[str] = []
    board.on("response", lambda answer: answer.status == 400 and refusals.append(answer.url))
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog", name="Add panel")
    field = dialog.get_by_role("combobox", name="Expression")
    offers = board.get_by_role("listbox", name="Metrics, config and functions")
    field.press_sequentially('val/loss - "train/l', delay=40)
    expect(offers).to_be_visible()
    # the section and the buttons below stay in sight
    list_box, field_box = offers.bounding_box(), field.bounding_box()
    assert list_box is not None
    assert field_box is not None
    assert list_box["y"] + list_box["height"] <= field_box["y"]
    board.keyboard.press("Escape")
    expect(offers).to_have_count(0)
    expect(dialog.get_by_role("alert")).to_have_text("The quoted name has no end.")
    expect(dialog.get_by_role("button", name="Add panel")).to_be_disabled()
    expect(dialog.get_by_role("region", name="Preview")).not_to_contain_text('"')
    # neither a click outside nor Escape loses it
    board.mouse.click(4, 4)
    expect(field).to_have_value('val/loss - "train/l')
    field.focus()
    board.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    board.get_by_role("button", name="Undo", exact=True).last.click()
    expect(field).to_have_value('val/loss - "train/l')
    field.fill("val/loss - train/loss")
    expect(dialog.get_by_role("region", name="Preview").get_by_role("heading")).to_have_text(
        "val/loss - train/loss"
    )
    dialog.get_by_role("button", name="Add panel").click()
    expect(board.get_by_role("heading", name="val/loss - train/loss")).to_be_visible()
    assert refusals == []


@at_length
def test_full_screen_ends_where_the_settings_begin(board: Page) -> None:
    panel = cell(board, "val/loss")
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    full = board.get_by_role("dialog", name="Full screen")
    full.get_by_role("button", name="Settings").click()
    drawer = board.locator(".drawer")
    for width in (1440, 960):
        board.set_viewport_size({"width": width, "height": 800})
        full_box, drawer_box = full.bounding_box(), drawer.bounding_box()
        assert full_box is not None
        assert drawer_box is not None
        assert full_box["x"] + full_box["width"] == pytest.approx(drawer_box["x"], abs=1)
    for choices in drawer.locator(".seg").all():
        sticks_out = "(seg) => seg.scrollWidth > seg.closest('.value').clientWidth"
        assert not choices.evaluate(sticks_out)
    board.set_viewport_size({"width": 390, "height": 800})
    expect(full).to_be_hidden()


def test_escape_closes_full_screen_also_from_its_slider_and_choices(board: Page) -> None:
    panel = cell(board, "val/loss")
    full = board.get_by_role("dialog", name="Full screen")
    for control in (
        full.get_by_role("slider", name="Smoothing"),
        full.get_by_role("radio", name="Linear"),
    ):
        panel.hover()
        panel.get_by_role("button", name="Full screen").click()
        control.focus()
        # its own key
        board.keyboard.press("ArrowLeft")
        expect(full).to_be_visible()
        board.keyboard.press("Escape")
        expect(full).to_have_count(0)
        expect(panel.get_by_role("button", name="Full screen")).to_be_focused()


@at_length
def test_panels_are_moved_by_mouse_within_and_between_sections(board: Page) -> None:
    drag(board, cell(board, "val/lr").locator("h3"), cell(board, "val/acc"), 0.1, 0.5)
    expect_panels(board, "val", "lr", "acc", "loss")
    drag(board, cell(board, "val/acc").locator("h3"), cell(board, "train/loss"), 0.9, 0.5)
    expect_panels(board, "train", "acc", "loss", "val/acc", "lr")
    board.keyboard.press("Control+z")
    expect_panels(board, "train", "acc", "loss", "lr")
    expect_panels(board, "val", "lr", "acc", "loss")


@at_length
def test_a_drag_that_is_called_off_moves_nothing(board: Page) -> None:
    cell(board, "val/lr").locator("h3").hover()
    board.mouse.down()
    target = cell(board, "train/acc").bounding_box()
    assert target is not None
    board.mouse.move(target["x"] + 20, target["y"] + 80, steps=3)
    expect(board.locator(".drop-bar")).to_be_visible()
    board.keyboard.press("Escape")
    board.mouse.up()
    expect(board.locator(".drop-bar")).to_have_count(0)
    expect_panels(board, "train", "acc", "loss", "lr")


@at_length
def test_panels_are_moved_and_resized_by_keys(board: Page) -> None:
    panel = cell(board, "train/acc")
    choose(board, panel, "Move with arrow keys")
    board.keyboard.press("ArrowRight")
    expect_panels(board, "train", "loss", "acc", "lr")
    board.keyboard.press("ArrowDown")
    expect_panels(board, "val", "train/acc", "acc", "loss", "lr")
    board.keyboard.press("Enter")
    expect(panel.get_by_role("button", name="Panel menu")).to_be_focused()

    width, height = size(panel)
    choose(board, panel, "Resize with arrow keys")
    board.keyboard.press("ArrowRight")
    board.keyboard.press("ArrowDown")
    board.keyboard.press("Enter")
    wait_until(lambda: size(panel)[0] > width, what="a wider panel")
    wait_until(lambda: size(panel)[1] > height, what="a higher panel")
    choose(board, panel, "Reset size")
    wait_until(lambda: size(panel) == (width, height), what="the panel as it was")


@at_length
def test_a_panel_is_resized_by_its_corner(board: Page) -> None:
    panel = cell(board, "train/acc")
    width, _ = size(panel)
    panel.hover()
    drag(board, panel.locator(".resize"), cell(board, "train/loss"), 0.98, 1.3)
    wait_until(lambda: size(panel)[0] > 1.9 * width, what="a panel twice as wide")
    # what stood beside it made room
    wait_until(lambda: size(cell(board, "train/loss"))[0] == width, what="its neighbour as wide")


@at_length
def test_what_is_hidden_can_be_brought_back(board: Page) -> None:
    choose(board, cell(board, "val/acc"), "Hide")
    expect_panels(board, "val", "loss", "lr")
    board.locator(".toast").get_by_role("button", name="Undo").click()
    expect_panels(board, "val", "acc", "loss", "lr")
    choose(board, cell(board, "val/acc"), "Hide")
    head = section(board, "train")
    head.hover()
    head.get_by_role("button", name="Section menu").click()
    board.get_by_role("menuitem", name="Hide section").click()
    board.get_by_role("button", name="1 panel and 1 section hidden").click()
    board.get_by_role("button", name="Show val/acc").click()
    board.get_by_role("button", name="Show the section train").click()
    expect_panels(board, "train", "acc", "loss", "lr")
    expect_panels(board, "val", "acc", "loss", "lr")


@at_length
def test_panels_are_searched_by_pattern(board: Page) -> None:
    bar = board.get_by_role("toolbar", name="Workspace")
    bar.get_by_role("button", name="Regular expression").click()
    field = bar.get_by_role("textbox", name="Search panels")
    field.fill("^val/.*(ss|r)$")
    expect(board.locator(".cell h3")).to_have_text(["loss", "lr"])
    field.fill("nothing")
    board.get_by_role("button", name="Clear search").last.click()
    expect_panels(board, "train", "acc", "loss", "lr")


@at_length
def test_full_screen_goes_through_the_panels(board: Page) -> None:
    panel = cell(board, "train/lr")
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    full = board.get_by_role("dialog", name="Full screen")
    expect(full.get_by_role("heading", name="train/lr")).to_be_visible()
    board.keyboard.press("ArrowRight")
    expect(full.get_by_role("heading", name="val/acc")).to_be_visible()
    board.keyboard.press("ArrowLeft")
    expect(full.get_by_role("heading", name="train/lr")).to_be_visible()
    board.keyboard.press("Escape")
    expect(full).to_have_count(0)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_full_screen_keeps_name_and_controls_on_narrow_pages(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    everything = {"base": "all", "on": [], "off": []}
    view = make_view(server, "mixed", selection=everything, settings={"yScale": "log"})
    page.goto(f"{app(server)}/local/mixed?{view}&full=auto:layers%2Fblock 3 weight α")
    full = page.get_by_role("dialog", name="Full screen")
    expect(full.get_by_role("button", name="Export")).to_be_visible()
    expect(full.locator(".ax")).to_have_text("log")

    def faults() -> list[str]:
        return [*cut_short(full.get_by_role("heading")), *out_of_reach(full), *outside(page)]

    for width in (1380, 960, 700):
        page.set_viewport_size({"width": width, "height": 700})
        expect(full.get_by_role("slider", name="Smoothing")).to_be_visible()
        wait_until(lambda: faults() == [], what=f"all of full screen in {width} px")
    full.get_by_role("button", name="Panel settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    expect(drawer.get_by_role("button", name="Done")).to_be_visible()
    wait_until(lambda: out_of_reach(full.locator("header")) == [], what="the bar beside settings")
    full.get_by_role("button", name="Close full screen").click()
    expect(full).to_have_count(0)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_section_heads_keep_their_names_on_narrow_pages(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    everything = {"base": "all", "on": [], "off": []}
    view = make_view(server, "mixed", selection=everything, groupBy=["state", "user", "name"])
    page.set_viewport_size({"width": 1380, "height": 700})
    page.goto(f"{app(server)}/local/mixed?{view}")
    heads = page.locator(".sech")
    expect(section(page, "train").locator(".note")).to_contain_text("grouped by state, user, name")
    names = page.locator(".sech h2")
    for width in (1380, 960, 700):
        page.set_viewport_size({"width": width, "height": 700})
        expect(names.first).to_be_visible()
        wait_until(lambda: cut_short(names) == [], what=f"the sections' names in {width} px")

    panel = cell(page, "train/loss")
    panel.hover()
    panel.get_by_role("button", name="Panel settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    expect(drawer.get_by_role("button", name="Done")).to_be_visible()

    def run_over() -> bool:
        """Whether anything of a head or a legend lies over or beyond what is beside it."""
        has_overlap = """(all) => all.some((head) => {
            const [fold, right] = [head.querySelector(".fold"), head.querySelector(".rt")];
            return fold.getBoundingClientRect().right > right.getBoundingClientRect().left
                || head.scrollWidth > head.clientWidth;
        })"""
        legends = page.locator(".cell .legend")
        is_cut = "(all) => all.some((one) => one.scrollWidth > one.clientWidth)"
        return heads.evaluate_all(has_overlap) or legends.evaluate_all(is_cut)

    wait_until(lambda: not run_over(), what="heads and legends in their room")
    expect(section(page, "train").locator("h2")).to_be_visible()


@at_length
def test_settings_come_down_from_the_section_to_its_panels(board: Page) -> None:
    head = section(board, "val")
    head.hover()
    head.get_by_role("button", name="Section menu").click()
    board.get_by_role("menuitem", name="Section settings").click()
    drawer = board.get_by_role("complementary", name="Settings")
    scale = drawer.get_by_role("radiogroup", name="Y scale")
    scale.get_by_role("radio", name="Log", exact=True).click()
    expect(cell(board, "val/acc").locator(".ax")).to_have_text("log")
    expect(cell(board, "val/lr").locator(".ax")).to_have_text("log")
    expect(cell(board, "train/acc").locator(".ax")).to_have_count(0)
    drawer.get_by_role("button", name="Done").click()

    panel = cell(board, "val/acc")
    panel.hover()
    panel.get_by_role("button", name="Panel settings").click()
    scale.get_by_role("radio", name="Linear").click()
    expect(panel.locator(".ax")).to_have_count(0)
    expect(cell(board, "val/lr").locator(".ax")).to_have_text("log")
    drawer.get_by_role("button", name="Reset 1 change").click()
    expect(panel.locator(".ax")).to_have_text("log")
    drawer.get_by_role("textbox", name="Title").fill("accuracy")
    expect(panel.locator("h3")).to_have_text("accuracy")
    drawer.get_by_role("button", name="Cancel").click()
    expect(panel.locator("h3")).to_have_text("acc")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_an_edited_panel_stays_where_it_is_when_the_board_gets_narrower(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    everything = {"base": "all", "on": [], "off": []}
    layers = {"isOpen": True, "page": 1}
    view = make_view(server, "mixed", selection=everything, sections={"layers": layers})
    page.goto(f"{app(server)}/local/mixed?{view}")
    # the last of its page: with two panels in a row instead of three it is on the next page
    panel = cell(page, "layers/block 11 weight α")
    panel.scroll_into_view_if_needed()
    before = panel.bounding_box()
    assert before is not None

    def is_held(*, is_wide: bool) -> bool:
        box = panel.bounding_box() if panel.count() == 1 else None
        if box is None:
            return False
        has_width = (abs(box["width"] - before["width"]) < 1) == is_wide
        return has_width and abs(box["y"] - before["y"]) <= 1

    panel.hover()
    panel.get_by_role("button", name="Panel settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    expect(drawer.get_by_role("button", name="Done")).to_be_visible()
    wait_until(lambda: is_held(is_wide=False), what="the panel at its place beside the settings")
    drawer.get_by_role("button", name="Done").click()
    expect(drawer).to_have_count(0)
    wait_until(lambda: is_held(is_wide=True), what="the panel at its place again")
    expect(section(page, "layers")).to_contain_text("7–12 of 300")

    # a turn of the page lets it go
    panel.hover()
    panel.get_by_role("button", name="Panel settings").click()
    expect(section(page, "layers")).to_contain_text("9–12 of 300")
    section(page, "layers").get_by_role("button", name="Previous panels").click()
    expect(section(page, "layers")).to_contain_text("5–8 of 300")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_panels_and_sections_are_pasted_into_another_project(
    board: Page, server: ServerProcess, app: OpenApp
) -> None:
    choose_of_section(board, "val", "Section settings")
    drawer = board.get_by_role("complementary", name="Settings")
    drawer.get_by_label("Rows on a page").fill("5")
    drawer.get_by_role("button", name="Done").click()
    panel = copied(board, lambda: choose(board, cell(board, "val/loss"), "Copy panel"))
    expect(board.locator(".toast", has_text="Copied val/loss.")).to_be_visible()
    copied(board, lambda: choose_of_section(board, "val", "Copy section"))

    board.goto(f"{app(server)}/local/mixed")
    expect_panels(board, "val", "loss")
    board.keyboard.press("Control+v")
    expect_panels(board, "val 2", "val/acc", "val/loss", "val/lr")
    board.locator(".toast", has_text="Pasted 3 panels").get_by_role("button", name="Undo").click()
    expect(section(board, "val 2")).to_have_count(0)
    board.keyboard.press("Control+z")
    expect_panels(board, "val 2", "val/acc", "val/loss", "val/lr")
    board.keyboard.press("Control+z")
    expect(section(board, "val 2")).to_have_count(0)

    board.evaluate("text => navigator.clipboard.writeText(text)", panel)
    board.keyboard.press("Control+v")
    expect_panels(board, "val", "loss", "loss")
    pasted = section(board, "val").get_by_role("article", name="val/loss").first
    expect(pasted.locator(".plot")).to_have_attribute("aria-label", re.compile("10 curves of"))
    # in a field the text is the field's
    field = board.get_by_role("textbox", name="Search panels")
    field.click()
    board.keyboard.press("Control+v")
    expect(field).to_have_value(panel)
    field.fill("")
    expect_panels(board, "val", "loss", "loss")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_panel_has_runs_of_its_own(page: Page, server: ServerProcess, app: OpenApp) -> None:
    requests: list[str] = []
    big = 'config.kind = "big"'

    def note(request: Request) -> None:
        if request.url.endswith("/runs/query"):
            body = request.post_data_json
            if body.get("filter") == big and body["limit"] > 1:
                requests.append(request.url)

    def expect_curves(metric: str, n: int, n_panels: int = 1) -> None:
        drawn = plot(page, metric)
        expect(drawn).to_have_count(n_panels)
        for i in range(n_panels):
            words = re.compile(rf"\b{n} curves? of")
            expect(drawn.nth(i)).to_have_attribute("aria-label", words)

    page.on("request", note)
    page.goto(f"{app(server)}/local/kinds")
    expect_curves("loss", 4)
    cell(page, "loss").hover()
    cell(page, "loss").get_by_role("button", name="Panel settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    drawer.get_by_role("button", name="Runs: Shown in the list").click()
    page.get_by_role("menuitemradio", name="By a filter").click()
    drawer.get_by_role("group", name="Filter of its runs").get_by_role("button").click()
    builder = page.get_by_role("dialog", name="Filter")
    builder.get_by_text("Expression").click()
    field = builder.get_by_role("textbox", name="Filter expression")
    field.click()
    page.keyboard.type(big, delay=5)
    expect(builder).to_contain_text("2 of 4 match")
    # Escape closes what is offered, Enter ends the text, and Escape then closes the window; what
    # comes late is offered late
    offered = builder.get_by_role("listbox", name="Completions")
    expect(offered).to_be_visible()
    page.keyboard.press("Escape")
    expect(offered).to_have_count(0)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(builder).to_be_hidden()
    expect(drawer).to_be_visible()
    drawer.get_by_role("button", name="Done").click()
    own = cell(page, "loss").get_by_role("button", name=big)
    expect(own).to_be_visible()
    expect_curves("loss", 2)
    expect_curves("acc", 4)
    # the eyes are not about it, and panels with the same filter share one question
    choose(page, cell(page, "loss"), "Duplicate")
    expect(page.get_by_role("button", name=big)).to_have_count(2)
    page.get_by_role("button", name="Hide all runs").click()
    expect(cell(page, "acc")).to_contain_text("No run is shown")
    expect_curves("loss", 2, 2)
    assert len(requests) == 1
    page.reload()
    expect(page.get_by_role("button", name=big)).to_have_count(2)
    expect_curves("loss", 2, 2)
    # a run that comes later and matches is among them
    assert run_script(server, KINDS, "e:big", "f:small").wait(120) == 0
    expect_curves("loss", 3, 2)
    own.click()
    drawer.get_by_role("button", name="Reset Runs").click()
    expect(cell(page, "loss")).to_contain_text("No run is shown")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(own).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_runs_of_a_panels_own_are_grouped_and_coloured_as_the_list(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    panels = {
        "one": {
            "kind": "line",
            "section": "charts",
            "keys": ["loss"],
            "runFilter": "name in (a, b)",
        },
        "none": {
            "kind": "bar",
            "section": "charts",
            "keys": ["loss"],
            "runFilter": "name = nobody",
        },
        "bad": {"kind": "line", "section": "charts", "keys": ["loss"], "runFilter": "name >> 1"},
    }
    view = make_view(server, "kinds", groupBy=["config.kind"], panels=panels)
    page.goto(f"{app(server)}/local/kinds?{view}")
    cell = page.locator("[data-panel='one']")
    expect(cell.locator(".plot")).to_have_attribute("aria-label", re.compile(r"\b2 curves of"))
    listed = page.locator("[data-panel='auto:loss'] .legend")
    expect(listed).to_contain_text("big")
    colors = "one => [...one.querySelectorAll('.swatch')].map((dot) => dot.style.color)"
    wait_until(
        lambda: cell.locator(".legend").evaluate(colors) == listed.evaluate(colors) != [],
        what="the same groups in the same colours",
    )
    expect(page.locator("[data-panel='none']")).to_contain_text("No run matches its filter")
    expect(page.locator("[data-panel='bad']")).to_contain_text("The filter of its runs is invalid")
    page.locator("[data-panel='bad']").get_by_role("button", name="Open its settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    drawer.get_by_role("group", name="Filter of its runs").get_by_role("button").click()
    expect(page.get_by_role("dialog", name="Filter").get_by_role("alert")).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_only_shown_in_a_panels_own_filter_waits_for_the_runs_shown(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    # other tests add runs
    only = "name in (a, b, c, d)"
    own = {"kind": "line", "section": "charts", "keys": ["loss"], "runFilter": only}
    page.goto(f"{app(server)}/local/kinds?{make_view(server, 'kinds', panels={'own': own})}")
    panel = page.locator("[data-panel='own']")
    expect(panel.locator(".plot")).to_have_attribute("aria-label", re.compile(r"\b4 curves of"))
    panel.hover()
    panel.get_by_role("button", name="Panel settings").click()
    drawer = page.get_by_role("complementary", name="Settings")
    own_filter = drawer.get_by_role("group", name="Filter of its runs")
    expect(own_filter).to_be_visible()
    list_runs = hold(page, "**/runs/query")
    page.get_by_role("button", name="Show d", exact=True).click()
    own_filter.get_by_role("button").click()
    builder = page.get_by_role("dialog", name="Filter")
    builder.get_by_role("button", name="Only shown").click()
    list_runs()
    expect(builder).to_contain_text(re.compile(r"(?<!\d)3 of \d match"))


@at_length
def test_sections_are_moved_by_mouse(board: Page) -> None:
    sections = board.locator("[data-section] h2")
    expect(sections).to_have_text(["train", "val"])
    drag(board, section(board, "val").locator("h2"), section(board, "train").locator("h2"), 0.5, 0)
    expect(sections).to_have_text(["val", "train"])
    board.keyboard.press("Control+z")
    expect(sections).to_have_text(["train", "val"])


@at_length
def test_the_panels_of_a_section_are_paged(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    sections = {"train": {"rows": 1, "span": 12}, "val": {"rows": 1, "span": 6}}
    view = make_view(server, "p", sections=sections)
    page.goto(f"{app(server)}/local/p?{view}")
    expect_panels(page, "train", "acc")
    head = section(page, "train")
    head.get_by_role("button", name="Next panels").click()
    expect_panels(page, "train", "loss")
    head.get_by_role("button", name="Previous panels").click()
    expect_panels(page, "train", "acc")
    # the third would be alone on the second page
    expect_panels(page, "val", "acc", "loss", "lr")
    expect(section(page, "val").get_by_role("button", name="Next panels")).to_have_count(0)


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_many_metrics_of_one_run_are_closed_at_first(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/mixed")
    expect(cell(page, "train/loss")).to_be_visible()
    expect(page.locator("[data-section] h2")).to_have_text(["train", "val", "layers"])
    layers = section(page, "layers")
    closed = layers.get_by_text("300 panels · 1 run each", exact=True)
    expect(closed).to_be_visible()
    layers.locator(".fold").click()
    expect(closed).to_have_count(0)
    page.reload()
    expect(layers.locator(".fold")).to_have_attribute("aria-expanded", "true")
    expect(closed).to_have_count(0)
    layers.locator(".fold").click()
    expect(closed).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_panels_without_data_are_folded_into_one_line(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    view = make_view(server, "mixed", sections={"layers": {"isOpen": True}})
    page.goto(f"{app(server)}/local/mixed?{view}")
    expect(cell(page, "train/loss")).to_be_visible()
    layers = section(page, "layers")
    # the one run with them is not among the newest
    expect(layers).to_contain_text("300 panels without data for the runs shown: block 0 weight α,")
    expect(layers.locator(".cell")).to_have_count(0)
    layers.get_by_role("button", name="Show 300 panels without data").click()
    expect(layers.locator(".cell").first).to_be_visible()
    layers.get_by_role("button", name="Fold 300 panels without data").click()
    expect(layers.locator(".cell")).to_have_count(0)

    page.keyboard.press("p")
    type_text(page, "block 299")
    expect(cell(page, "layers/block 299 weight α")).to_be_visible()
    page.keyboard.press("Escape")
    expect(layers.locator(".cell")).to_have_count(0)

    page.get_by_role("textbox", name="Search runs").click()
    page.keyboard.type("name 0", delay=20)
    expect(layers.locator(".cell").first).to_be_visible()
    expect(layers.locator(".sec-fold")).to_have_count(0)


@at_length
def test_a_folded_panel_appears_when_a_live_run_logs_its_metric(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    go = server.data.parent / "script" / "go"
    live = run_script(server, BEGINS_LATER, str(go))
    try:
        page.goto(f"{app(server)}/local/later")
        expect(cell(page, "loss")).to_be_visible(timeout=120_000)
        expect(cell(page, "extra/x")).to_be_visible()
        expect(page.get_by_role("button", name="Show live", exact=True)).to_be_visible()
        eye = page.get_by_role("button", name="Show before", exact=True)
        expect(eye).to_have_attribute("aria-pressed", "true")
        eye.click()
        expect(cell(page, "extra/x")).to_have_count(0)
        extra = section(page, "extra")
        expect(extra).to_contain_text("1 panel without data for the runs shown: x")
        page.set_viewport_size({"width": 1280, "height": 300})
        extra.get_by_role("button", name="Section menu").hover()
        head = extra.locator(".sech")
        before = head.bounding_box()
        go.touch()
        expect(cell(page, "extra/x")).to_be_visible(timeout=60_000)
        expect(extra.locator(".sec-fold")).to_have_count(0)
        # what came goes behind what was there
        expect(cell(page, "extra/a")).to_be_visible()
        expect(cell(page, "before")).to_be_visible()
        expect(section(page, "a")).to_be_attached()
        names = page.locator("[data-section]").evaluate_all(
            "all => all.map(s => s.dataset.section)"
        )
        assert names[:3] == ["charts", "extra", "a"]
        assert head.bounding_box() == before
    finally:
        live.terminate()
        live.wait(120)


@at_length
def test_settings_of_the_workspace_and_of_a_panel_are_those_of_all(board: Page) -> None:
    board.get_by_role("button", name="Workspace settings").click()
    drawer = board.get_by_role("complementary", name="Settings")
    scale = drawer.get_by_role("radiogroup", name="Y scale")
    scale.get_by_role("radio", name="Log", exact=True).click()
    expect(board.locator(".cell .ax")).to_have_text(["log"] * 6)
    drawer.get_by_role("button", name="Cancel").click()
    expect(board.locator(".cell .ax")).to_have_count(0)

    panel = cell(board, "val/acc")
    choose(board, panel, "Logarithmic y axis")
    expect(board.locator(".cell .ax")).to_have_text(["log"])
    choose(board, panel, "Use its settings for")
    board.get_by_role("menuitem", name="All panels", exact=True).click()
    expect(board.locator(".cell .ax")).to_have_text(["log"] * 6)


@at_length
def test_a_metric_is_shown_over_two_x_axes(board: Page) -> None:
    choose(board, cell(board, "val/acc"), "Copy with another x axis")
    board.get_by_role("menuitem", name="Wall time").click()
    articles = section(board, "val").get_by_role("article", name=re.compile("acc"))
    expect(articles).to_have_count(2)
    expect(articles.locator(".plot").nth(1)).to_have_attribute(
        "aria-label", re.compile("2 curves")
    )
    expect(articles.nth(1).locator(".ax")).to_have_text("by wall time")
    expect(articles.nth(0).locator(".ax")).to_have_count(0)


@at_length
def test_the_link_of_a_panel_opens_it(board: Page) -> None:
    link = copied(board, lambda: choose(board, cell(board, "val/acc"), "Copy link"))
    expect(board.locator(".toast")).to_be_visible()
    board.goto(link)
    full = board.get_by_role("dialog", name="Full screen")
    expect(full.get_by_role("heading", name="val/acc")).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_metric_of_the_runs_shown_is_deleted(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    metric = "unwanted"
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{app(server)}/local/fewer")
    eye = page.get_by_role("button", name="Show run-2")
    eye.click()
    expect(plot(page, metric)).to_have_attribute("aria-label", f"{metric}: 2 curves of 10 points")
    choose(page, cell(page, metric), "Delete metric…")
    dialog = page.get_by_role("dialog", name=f"Delete the metric {metric}?")
    expect(dialog).to_contain_text("in the 2 runs shown")
    expect(dialog.get_by_role("listitem")).to_have_text(["run-1", "run-0"])
    expect(dialog).to_contain_text("cannot be restored")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    assert axe_faults(page) == []
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(plot(page, metric)).to_have_attribute("aria-label", f"{metric}: 2 curves of 10 points")

    choose(page, cell(page, metric), "Delete metric…")
    dialog.get_by_role("button", name="Delete from 2 runs").click()
    expect(page.locator(".toast")).to_contain_text(f"Deleted {metric} from 2 runs")
    expect(cell(page, "kept")).to_be_visible()
    eye.click()
    expect(plot(page, metric)).to_have_attribute("aria-label", f"{metric}: 1 curve of 5 points")
    expect(plot(page, "kept")).to_have_attribute("aria-label", "kept: 3 curves of 15 points")
