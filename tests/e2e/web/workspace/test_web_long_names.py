"""Long names of runs, keys and columns in tables, pickers and pages, above all on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from at_length import at_length
from chart_pixels import wait_for
from server_process import ServerProcess
from web_pages import OpenApp, run_script

SCRIPT = """
import weft

sizes = [(blocks, depth) for blocks in (24, 48, 96) for depth in (128, 512)]
for i, (blocks, depth) in enumerate(sizes):
    name = f"evoformer-{blocks}blk-msa{depth}-crop256-ft{i % 2}-seed{i % 3}"
    model = {"evoformer": {"blocks": blocks, "dropout": blocks / 960}}
    config = {"model": model, "lr": 10.0 ** -i}
    with weft.init(project="folds", id=f"r{i}", name=name, config=config) as run:
        table = weft.Table(columns=["target", "length", "lddt_ca", "category"])
        for row in range(40):
            category = "FM" if row % 4 else "TBM"
            table.add_data(f"T{1024 + row}", 100 + row, (row * 7 + i) % 40 / 40, category)
        run.log({"targets": table, "loss": 1.0 / (i + 1)})
        weights = weft.Artifact("weights", type="model")
        with weights.new_file("model.txt") as file:
            file.write(name)
        run.log_artifact(weights)
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    assert run_script(server, SCRIPT).wait(120) == 0


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def full_table(page: Page, address: str) -> Locator:
    """The table `targets` in full screen."""
    page.goto(f"{address}/local/folds?p=targets")
    panel = page.locator("[data-kind='table'][data-metric='targets']")
    expect(panel.get_by_role("row").nth(2)).to_be_visible()
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    full = page.get_by_role("dialog", name="Full screen")
    expect(full.get_by_role("row").nth(2)).to_be_visible()
    return full


IS_BEHIND_TITLE = """(head) => {
    const title = head.querySelector(".sort").getBoundingClientRect();
    const filter = head.querySelector(".tbl-filter").getBoundingClientRect();
    const {left, right} = head.getBoundingClientRect();
    return left <= title.left && title.right <= filter.left && filter.right <= right;
}"""
"""Whether the button of a head's filter is between the head's title and its right end."""

COVERS = """(popover) => {
    const foot = popover.querySelector(".dialog-end").getBoundingClientRect();
    const {left, right, bottom} = popover.getBoundingClientRect();
    const above = popover.querySelector(".dialog-end").previousElementSibling;
    return foot.left < left || foot.right > right || bottom - foot.bottom > 2
        || above.getBoundingClientRect().bottom > foot.top;
}"""
"""Whether a popover's foot sticks out of it, floats above its end, or covers the row above it."""


def test_the_filters_of_a_table_are_behind_the_titles_of_their_heads_on_a_phone(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    full = full_table(phone, app(server))
    for title in ("target", "length", "lddt_ca", "category"):
        head = full.get_by_role("columnheader", name=re.compile(f"^{title}"))
        assert head.evaluate(IS_BEHIND_TITLE), title


@pytest.mark.parametrize("width", [390, 960])
def test_the_foot_of_a_popover_of_a_table_covers_nothing(
    width: int, page: Page, phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    own = phone if width == 390 else page
    own.set_viewport_size({"width": width, "height": 600})
    full = full_table(own, app(server))
    for button in ("Filter by target", "Filter by length", "Join"):
        opener = full.get_by_role("button", name=button)
        opener.focus()
        opener.press("Enter")
        popover = own.get_by_role("dialog", name=button)
        expect(popover).to_be_visible()
        wait_for(lambda popover=popover: popover.evaluate(COVERS), False)
        own.keyboard.press("Escape")
        expect(popover).to_have_count(0)


def test_a_join_keeps_order_and_filters_and_each_head_names_its_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 960, "height": 600})
    full = full_table(page, app(server))
    full.get_by_role("button", name=re.compile("^lddt_ca")).click()
    opener = full.get_by_role("button", name="Filter by category")
    opener.focus()
    opener.press("Enter")
    page.get_by_role("textbox", name="Text").fill("FM")
    page.keyboard.press("Enter")
    expect(full.get_by_text("30 of 40 rows")).to_be_visible()
    full.get_by_role("button", name="Join").click()
    popover = page.get_by_role("dialog", name="Join")
    popover.get_by_role("button", name="Run:").click()
    page.get_by_role("menuitemradio").nth(2).click()
    heads = full.get_by_role("columnheader", name=re.compile("^lddt_ca"))
    expect(heads).to_have_count(2)
    expect(full.get_by_text("30 of 40 rows")).to_be_visible()
    expect(heads.first).to_have_attribute("aria-sort", "ascending")
    wait_for(lambda: len(set(painted_names(heads))), 2)
    box = heads.last.bounding_box()
    assert box is not None
    assert box["width"] < 180
    popover.get_by_role("button", name="Remove the join").click()
    expect(heads).to_have_count(1)
    expect(full.get_by_text("30 of 40 rows")).to_be_visible()
    expect(heads).to_have_attribute("aria-sort", "ascending")


def painted_names(area: Locator) -> list[str]:
    return area.locator(".mid").evaluate_all(
        """all => all.map((name) => name.querySelector(".mid-seen").dataset.text
            || name.querySelector(".mid-text").textContent)"""
    )


def test_runs_are_told_apart_in_pickers_and_in_the_versions_of_an_artifact(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/local/folds?p=targets")
    panel = phone.locator("[data-kind='table'][data-metric='targets']")
    expect(panel.get_by_role("row").nth(2)).to_be_visible()
    chosen = panel.get_by_role("button", name="Run: evoformer")
    wait_for(lambda: "96blk-msa512" in painted_names(chosen)[0], True)
    phone.goto(f"{app(server)}/local/folds/artifacts/model/weights")
    versions = phone.get_by_role("table", name="Versions")
    expect(versions.get_by_role("row")).to_have_count(7)
    links = versions.locator("a[href*='/runs/']")
    wait_for(lambda: len(set(painted_names(links))), 6)


def test_the_keys_of_a_comparison_of_three_runs_are_whole_on_a_phone(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/local/folds/compare?ids=r0,r2,r4")
    keys = phone.locator(".cmp-key")
    expect(keys.filter(has_text="blocks")).to_be_visible()
    cut = """keys => keys.filter((key) => key.scrollHeight > key.clientHeight + 1
        || key.scrollHeight > key.closest("[role=row]").clientHeight)
        .map((key) => key.textContent)"""
    assert keys.evaluate_all(cut) == []


def test_the_palette_shows_whole_names_and_projects_on_a_phone(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/")
    phone.get_by_role("button", name="Search or jump to").tap()
    phone.get_by_role("combobox", name="Search or jump to").fill("96blk seed1")
    option = phone.get_by_role("option").filter(has_text="evoformer-96blk")
    expect(option.first).to_be_visible()
    cut = """texts => texts.filter((text) => text.scrollWidth > text.clientWidth)
        .map((text) => text.textContent)"""
    assert option.locator(".name, .muted").evaluate_all(cut) == []
    expect(option.first.get_by_text("folds")).to_be_visible()


@at_length
def test_a_brush_is_drawn_in_a_panel_by_a_long_press(
    phone: Page, server: ServerProcess, app: OpenApp
) -> None:
    phone.goto(f"{app(server)}/local/folds")
    phone.get_by_role("button", name="Add panel").first.click()
    dialog = phone.get_by_role("dialog", name="Add panel")
    kind = dialog.locator("label.kind")
    kind.filter(has=phone.get_by_text("Parallel coordinates", exact=True)).click()
    dialog.get_by_role("button", name="Add panel").click()
    phone.get_by_role("button", name="Done").click()
    panel = phone.locator("[data-kind='parallel']")
    plot = panel.get_by_role("application")
    expect(plot).to_have_attribute("aria-label", re.compile("6 runs"))
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    x, top = box["x"] + 46, box["y"] + 20
    touch = phone.context.new_cdp_session(phone)

    def send(kind: str, y: float) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", top)
    phone.wait_for_timeout(600)
    for y in range(10, 70, 10):
        send("touchMove", top + y)
    send("touchEnd", 0)
    expect(panel.get_by_role("button", name=re.compile(r"of 6 brushed"))).to_be_visible()
