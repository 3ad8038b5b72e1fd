"""Panels of a workspace as people arrange them: added, moved, resized, hidden, searched, set."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, run_script

RUNS = """
import weft
for i in range(2):
    with weft.init(project="p", name=f"run-{i}") as run:
        for step in range(50):
            run.log({f"{part}/{name}": (step + 1) * 0.5 + i
                     for part in ("train", "val") for name in ("acc", "loss", "lr")})
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("panels")) as started:
        run_script(started, RUNS).wait(120)
        yield started


@pytest.fixture
def board(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    """The workspace of two runs with `train/acc` … `val/lr`, as nobody has changed it."""
    views = f"{server.url}/api/v1/projects/local/p/views/default"
    if httpx.get(views).json()["version"] > 0:
        httpx.delete(views).raise_for_status()
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
    page.get_by_role("menuitem", name=entry).click()


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


def test_a_panel_of_the_difference_of_two_metrics(board: Page) -> None:
    board.get_by_role("button", name="Add panel").click()
    dialog = board.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Expression").fill("train/loss - val/loss")
    dialog.get_by_role("button", name="Add panel").click()
    made = board.get_by_role("article", name="train/loss - val/loss")
    expect(made.locator(".plot")).to_have_attribute("aria-label", re.compile("2 curves of"))
    expect_panels(board, "train", "train/loss - val/loss", "acc", "loss", "lr")
    expect(made.get_by_role("button", name="Panel menu")).to_be_focused()
    board.reload()
    expect_panels(board, "train", "train/loss - val/loss", "acc", "loss", "lr")


def test_panels_are_moved_by_mouse_within_and_between_sections(board: Page) -> None:
    drag(board, cell(board, "val/lr").locator("h3"), cell(board, "val/acc"), 0.1, 0.5)
    expect_panels(board, "val", "lr", "acc", "loss")
    drag(board, cell(board, "val/acc").locator("h3"), cell(board, "train/loss"), 0.9, 0.5)
    expect_panels(board, "train", "acc", "loss", "val/acc", "lr")
    board.keyboard.press("Control+z")
    expect_panels(board, "train", "acc", "loss", "lr")
    expect_panels(board, "val", "lr", "acc", "loss")


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


def test_a_panel_is_resized_by_its_corner(board: Page) -> None:
    panel = cell(board, "train/acc")
    width, _ = size(panel)
    panel.hover()
    drag(board, panel.locator(".resize"), cell(board, "train/loss"), 0.98, 1.3)
    wait_until(lambda: size(panel)[0] > 1.9 * width, what="a panel twice as wide")
    # what stood beside it made room
    wait_until(lambda: size(cell(board, "train/loss"))[0] == width, what="its neighbour as wide")


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


def test_panels_are_searched_by_pattern(board: Page) -> None:
    bar = board.get_by_role("toolbar", name="Workspace")
    bar.get_by_role("button", name="Regular expression").click()
    field = bar.get_by_role("textbox", name="Search panels")
    field.fill("^val/.*(ss|r)$")
    expect(board.locator(".cell h3")).to_have_text(["loss", "lr"])
    field.fill("nothing")
    board.get_by_role("button", name="Clear search").last.click()
    expect_panels(board, "train", "acc", "loss", "lr")


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


def test_a_section_is_made_named_and_taken_away(board: Page) -> None:
    board.get_by_role("button", name="Add section").click()
    board.get_by_role("dialog").get_by_role("textbox").fill("mine")
    board.keyboard.press("Enter")
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
