"""Panels of logged tables, as people use them: rows, order, search, cells, steps, other runs."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from chart_pixels import wait_for
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

SCRIPT = """
import numpy as np, pandas as pd, weft
for number in range(2):
    run = weft.init(project="PROJECT", id=f"run{number}", name=f"run-{number}")
    n = N_ROWS
    rows = np.arange(n)
    frame = pd.DataFrame({
        "id": rows,
        "score": (rows * 7919 % n) / n + number,
        "text": [f"Row {i} of run {number}" for i in rows],
        "class": rows % 3,
    })
    run.log({"big": weft.Table(dataframe=frame), "loss": 1.0})
    for step in range(3):
        table = weft.Table(columns=["image", "label", "note", "none"])
        for i in range(step + 1):
            pixels = np.full((20, 30, 3), 60 * i, np.uint8)
            image = weft.Image(pixels, caption=f"picture {i}")
            table.add_data(image, i == 1, "long " * 1000 + "end", None)
        run.log({"val/predictions": table})
    people = weft.Table(columns=["who", "age"], data=[["Ada", 36], ["Bob", 40]])
    visits = weft.Table(columns=["who", "place"], data=[["Ada", "Rome"], ["Cy", "Oslo"]])
    run.log({"visits": weft.JoinedTable(people, visits, "who")})
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.4, 0.6], [0.7, 0.3]])
    run.log({"roc": weft.plot.roc_curve([0, 1, 1, 0], scores, labels=["a", "b"])})
    run.finish()
"""


@pytest.fixture(scope="module", autouse=True)
def tables(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A run with tables of 3000 rows."""
    log_tables(tmp_path_factory.mktemp("script"), server, "few", 3_000)


def log_tables(folder: Path, server: ServerProcess, project: str, n_rows: int) -> None:
    code = SCRIPT.replace("PROJECT", project).replace("N_ROWS", str(n_rows))
    run_well(folder, code, WEFT_MODE="online", WEFT_BASE_URL=server.url)


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Project `p`, whose large tables tests at length alone ask for."""
    log_tables(tmp_path_factory.mktemp("script"), server, "p", 30_000)


@pytest.fixture
def workspace(page: Page, server: ServerProcess, rarer_runs: None, app: OpenApp) -> Page:
    page.goto(f"{app(server)}/local/p")
    expect(page.locator("[data-metric='loss']")).to_be_visible()
    return page


def panel_of(page: Page, metric: str) -> Locator:
    panel = page.locator(f"[data-kind='table'][data-metric='{metric}']")
    panel.scroll_into_view_if_needed()
    return panel


def row(panel: Locator, number: int) -> Locator:
    """The row at a place of the order, from 0."""
    return panel.locator(f"[aria-rowindex='{number + 2}']")


def cells(panel: Locator, number: int) -> list[str]:
    return row(panel, number).get_by_role("cell").all_inner_texts()


def scroll_to(panel: Locator, px: int) -> None:
    panel.get_by_role("group", name=re.compile("^Rows of")).evaluate(
        f"(element) => {{ element.scrollTop = {px}; }}"
    )


def test_a_table_has_a_panel_by_itself_which_is_scrolled_sorted_and_searched(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/few")
    section = page.get_by_role("region", name="media", exact=True)
    expect(section.locator("[data-kind='table']")).to_have_count(3)
    panel = panel_of(page, "big")
    expect(row(panel, 0).get_by_role("cell").nth(2)).to_have_text(re.compile("Row 0 of run"))
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "3001")
    scroll_to(panel, 26 * 1_500)
    expect(row(panel, 1_501).get_by_role("cell").first).to_have_text("1501")
    assert panel.get_by_role("row").count() < 100
    scroll_to(panel, 26 * 4_000)
    expect(row(panel, 2_999).get_by_role("rowheader")).to_have_text("2,999")

    # a click on a head sorts, a search leaves rows
    head = panel.get_by_role("columnheader", name=re.compile("score"))
    scroll_to(panel, 26 * 500)
    head.get_by_role("button", name=re.compile("^score")).click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(row(panel, 0).get_by_role("cell").first).to_have_text("0")
    head.get_by_role("button", name=re.compile("^score")).press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    expect(row(panel, 0).get_by_role("cell").first).not_to_have_text("0")
    search = panel.get_by_role("textbox", name="Search rows")
    search.fill("row 299")
    expect(panel.get_by_role("status")).to_have_text("11 of 3,000 rows")
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "12")
    search.fill("no such text")
    expect(panel.get_by_text("No row contains this")).to_be_visible()
    search.press("Escape")
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "3001")
    head.get_by_role("button", name=re.compile("^score")).click()
    expect(head).not_to_have_attribute("aria-sort", re.compile(".*"))
    expect(row(panel, 0).get_by_role("cell").first).to_have_text("0")


def test_columns_are_as_wide_as_their_contents_and_keep_a_dragged_width(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/few")
    panel = panel_of(page, "big")
    head = panel.get_by_role("columnheader", name=re.compile("^class"))
    px = width_of(head)
    assert px < 110
    drag_edge(page, head, 60)
    wait_for(lambda: abs(width_of(head) - px - 60) < 4, True)
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.reload()
    wait_for(lambda: abs(width_of(head) - px - 60) < 4, True)

    # short texts stay next to each other, a long one takes the room that is left
    panel.get_by_role("button", name="Full screen").click()
    big = page.get_by_role("dialog").locator("[data-metric='big']")
    rows = big.get_by_role("group", name=re.compile("^Rows of"))
    expect(big.get_by_role("columnheader")).to_have_count(5)
    widths = [width_of(cell) for cell in big.get_by_role("columnheader").all()]
    assert max(widths) < 260
    assert sum(widths) < rows.evaluate("(rows) => rows.clientWidth") - 300
    page.keyboard.press("Escape")
    panel = panel_of(page, "val/predictions")
    panel.get_by_role("button", name="Full screen").click()
    predictions = page.get_by_role("dialog").locator("[data-metric='val/predictions']")
    note = predictions.get_by_role("columnheader", name=re.compile("^note"))
    rows = predictions.get_by_role("group", name=re.compile("^Rows of"))
    wait_for(lambda: width_of(note) > 700, True)
    assert rows.evaluate("(rows) => rows.scrollWidth <= rows.clientWidth")


def width_of(head: Locator) -> int:
    return head.evaluate("(head) => head.offsetWidth")


def drag_edge(page: Page, head: Locator, px: int) -> None:
    """Drag the right edge of a column's head."""
    box = head.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2 + px, box["y"] + 10)
    page.mouse.up()


def test_the_number_of_a_row_stays_in_full_screen_on_a_phone(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/few")
    panel = panel_of(page, "big")
    expect(row(panel, 0).get_by_role("rowheader")).to_be_visible()
    panel.hover()
    panel.get_by_role("button", name="Full screen").click()
    full = page.get_by_role("dialog", name="Full screen")
    page.set_viewport_size({"width": 390, "height": 844})
    number = row(full, 0).get_by_role("rowheader")
    expect(number).to_be_visible()
    # all tools, in one row
    tools = full.locator(".tbl-tools").first
    box = tools.bounding_box()
    assert box is not None
    assert box["height"] < 56
    columns = tools.get_by_role("button", name="Columns")
    columns.scroll_into_view_if_needed()
    expect(columns).to_be_in_viewport(ratio=1)
    rows = full.get_by_role("group", name=re.compile("^Rows of"))
    edge = "(element) => element.getBoundingClientRect().left"
    before = number.evaluate(edge)
    scrolled = rows.evaluate(
        "(element) => { element.scrollLeft = 60; return element.scrollLeft; }"
    )
    assert scrolled > 0
    assert number.evaluate(edge) == before


@at_length
def test_tables_of_all_runs_have_a_computed_column_and_are_plotted(workspace: Page) -> None:
    panel = panel_of(workspace, "big")
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "30001")
    # the rows of both runs in one table, with a column of runs and one that is computed
    panel.get_by_role("button", name=re.compile("^Run: ")).click()
    workspace.get_by_role("menuitemradio", name="All 2 tables").click()
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "60001")
    panel.get_by_role("button", name="Columns").click()
    workspace.get_by_role("textbox", name="Name of the column").fill("twice")
    workspace.get_by_role("textbox", name="Expression over columns").fill("2 * score")
    workspace.get_by_role("button", name="Add the column").click()
    workspace.keyboard.press("Escape")
    twice = panel.get_by_role("columnheader", name=re.compile("^twice"))
    twice.get_by_role("button", name="twice", exact=True).click()
    twice.get_by_role("button", name="twice", exact=True).click()
    expect(row(panel, 0).get_by_role("cell").first).to_have_text("run-1")
    expect(row(panel, 0).get_by_role("cell").last).to_have_text(re.compile(r"^3\.99|^4"))
    panel.get_by_role("button", name="Plot").click()
    expect(panel.get_by_role("img", name="Scatter of big")).to_be_visible()
    panel.get_by_role("button", name="Show the rows").click()


def type_keys(page: Page, field: Locator, text: str) -> None:
    """Type key by key, without giving the focus back in between."""
    field.click()
    for at, key in enumerate(text, 1):
        page.keyboard.press(key)
        expect(field).to_have_value(text[:at])


@at_length
def test_columns_have_filters_that_are_typed_key_by_key_and_last(workspace: Page) -> None:
    panel = panel_of(workspace, "big")
    status = panel.locator(".tbl-tools").get_by_role("status")
    table = panel.get_by_role("table")
    panel.get_by_role("button", name="Filter by text").click()
    window = workspace.get_by_role("dialog", name="Filter by text")
    text = window.get_by_role("textbox", name="Text")
    expect(text).to_be_focused()
    type_keys(workspace, text, "row 77")
    expect(status).to_have_text("111 of 30,000 rows")
    expect(row(panel, 0).get_by_role("cell").first).to_have_text("77")
    expect(text).to_be_focused()
    window.get_by_role("button", name="Comparison: contains").click()
    workspace.get_by_role("menuitemradio", name="matches the pattern").click()
    text.fill("")
    type_keys(workspace, text, "[")
    expect(panel.get_by_role("alert")).to_contain_text("invalid pattern")
    expect(text).to_be_focused()
    text.fill("")
    type_keys(workspace, text, "77 of")
    expect(status).to_have_text("300 of 30,000 rows")
    workspace.keyboard.press("Enter")
    expect(window).to_have_count(0)
    panel.get_by_role("button", name="Filter by id").press("Enter")
    window = workspace.get_by_role("dialog", name="Filter by id")
    type_keys(workspace, window.get_by_role("textbox", name="At least"), "200")
    type_keys(workspace, window.get_by_role("textbox", name="At most"), "400")
    expect(status).to_have_text("2 of 30,000 rows")
    workspace.keyboard.press("Escape")
    # the sign of a filter is next to the name of its own column
    gap = panel.get_by_role("columnheader", name=re.compile("^id")).evaluate(
        """(head) => head.querySelector(".sort").getBoundingClientRect().left
            - head.querySelector(".tbl-filter").getBoundingClientRect().right"""
    )
    assert -1 < gap < 8
    score = panel.get_by_role("columnheader", name=re.compile("score"))
    score.get_by_role("button", name=re.compile("^score")).click()
    expect(score).to_have_attribute("aria-sort", "ascending")
    score.get_by_role("button", name=re.compile("^score")).click()
    expect(score).to_have_attribute("aria-sort", "descending")
    expect(row(panel, 0).get_by_role("cell").first).to_have_text("377")
    assert cells(panel, 1)[0] == "277"
    workspace.reload()  # the URL has it all
    expect(status).to_have_text("2 of 30,000 rows")
    # next to them all tools are in one row, which scrolls in a narrow panel
    workspace.set_viewport_size({"width": 390, "height": 844})
    tools = panel.locator(".tbl-tools")
    expect(tools.get_by_role("button", name="Clear the filters")).to_be_visible()
    middles = tools.locator(":scope > *").evaluate_all(
        """(tools) => tools.map((tool) => tool.getBoundingClientRect())
            .filter(({ height }) => height > 0)
            .map(({ top, bottom }) => (top + bottom) / 2)"""
    )
    assert max(middles) - min(middles) < 8
    clear = tools.get_by_role("button", name="Clear the filters")
    clear.scroll_into_view_if_needed()
    expect(clear).to_be_in_viewport(ratio=1)
    workspace.set_viewport_size({"width": 1280, "height": 720})
    expect(score).to_have_attribute("aria-sort", "descending")
    named = panel.get_by_role("button", name="Filter by id: >= 200, <= 400")
    expect(named).to_have_attribute("aria-pressed", "true")
    named.click()
    low = workspace.get_by_role("textbox", name="At least")
    expect(low).to_have_value("200")
    low.fill("399")
    expect(panel.get_by_text("No row passes the filters")).to_be_visible()
    workspace.keyboard.press("Escape")
    panel.get_by_role("button", name="Clear the filters").first.click()
    expect(table).to_have_attribute("aria-rowcount", "30001")
    workspace.keyboard.press("Control+z")
    expect(status).to_have_text("0 of 30,000 rows")
    panel.get_by_role("button", name="Clear the filters").first.click()
    expect(status).to_have_text("")


@at_length
def test_columns_are_hidden_and_widened_and_tables_of_runs_stand_side_by_side(
    workspace: Page,
) -> None:
    panel = panel_of(workspace, "big")
    head = panel.get_by_role("columnheader", name=re.compile("^id"))
    before = width_of(head)
    scroll_to(panel, 26 * 100)
    expect(row(panel, 101).get_by_role("cell").first).to_have_text("101")
    drag_edge(workspace, head, 100)
    wait_for(lambda: abs(width_of(head) - before - 100) < 4, True)
    expect(row(panel, 101).get_by_role("cell").first).to_be_visible()
    panel.get_by_role("button", name="Columns").click()
    workspace.get_by_role("checkbox", name="score").click()
    workspace.keyboard.press("Escape")
    expect(panel.get_by_role("columnheader")).to_have_count(4)
    panel.get_by_role("button", name="Panel settings").click()
    group = workspace.get_by_role("radiogroup", name="Tables side by side")
    group.get_by_role("radio", name="2").click()
    expect(panel.get_by_role("table")).to_have_count(2)
    panel.get_by_role("textbox", name="Search rows").fill("row 2999")
    for nth, status in enumerate(panel.get_by_role("status").all()):
        expect(status).to_have_text("11 of 30,000 rows")
        pane = panel.locator(".tbl-table").nth(nth)
        expect(row(pane, 0).get_by_role("cell").nth(1)).to_contain_text("Row 2999 of run")
    texts = [row(panel.locator(".tbl-table").nth(at), 0).inner_text() for at in range(2)]
    assert texts[0] != texts[1]
    workspace.reload()
    expect(panel.get_by_role("table")).to_have_count(2)
    expect(panel.get_by_role("columnheader")).to_have_count(8)


@at_length
def test_a_joined_table_has_the_rows_of_both_side_by_side(workspace: Page) -> None:
    panel = panel_of(workspace, "visits")
    expect(row(panel, 2).get_by_role("cell").nth(2)).to_have_text("Cy")
    assert cells(panel, 0) == ["Ada", "36", "Ada", "Rome"]
    panel.get_by_role("textbox", name="Search rows").type("oslo")
    expect(panel.get_by_role("status")).to_have_text("1 of 3 rows")
    assert cells(panel, 0)[2:] == ["Cy", "Oslo"]


@at_length
def test_rows_are_grouped_by_a_column_and_a_group_leads_to_its_rows(workspace: Page) -> None:
    panel = panel_of(workspace, "big")
    panel.get_by_role("button", name="Group by").click()
    workspace.get_by_role("menuitemradio", name="class").click()
    expect(panel.get_by_role("status")).to_have_text("3 groups of 30,000 rows")
    heads = panel.get_by_role("columnheader").locator(".sort > .ell")
    assert heads.all_inner_texts() == [
        "class",
        "rows",
        "mean of id",
        "mean of score",
        "first text",
    ]
    assert cells(panel, 1)[:3] == ["1", "10000", "15,000"]
    mean = panel.get_by_role("columnheader", name=re.compile("mean of id"))
    for order in ("ascending", "descending"):
        mean.locator(".sort").click()
        expect(mean).to_have_attribute("aria-sort", order)
    expect(row(panel, 0).get_by_role("cell").first).to_have_text("2")
    assert axe_faults(workspace) == []
    workspace.reload()
    expect(panel.get_by_role("status").first).to_have_text("3 groups of 30,000 rows")
    row(panel, 0).get_by_role("button", name="2", exact=True).click()
    expect(panel.get_by_role("status")).to_have_text("10,000 of 30,000 rows")
    expect(row(panel, 1).get_by_role("cell").first).to_have_text("5")


@at_length
def test_a_table_is_joined_with_that_of_another_run_and_of_another_step(workspace: Page) -> None:
    panel = panel_of(workspace, "big")
    panel.get_by_role("button", name="Join").click()
    window = workspace.get_by_role("dialog", name="Join")
    window.get_by_role("button", name="Run: none yet").click()
    entry = workspace.get_by_role("menuitemradio").filter(has_text="this run")
    own = "run-1" if "run-1" in entry.inner_text() else "run-0"
    other = "run-0" if own == "run-1" else "run-1"
    workspace.get_by_role("menuitemradio", name=other).click()
    heads = panel.get_by_role("columnheader").locator(".sort")
    wait_for(
        lambda: heads.evaluate_all("all => all.map((head) => head.textContent)"),
        [
            f"{column} · {run}"
            for run in (own, other)
            for column in ("id", "score", "text", "class")
        ],
    )
    expect(row(panel, 5).get_by_role("cell").nth(6)).to_contain_text(f"Row 5 of run {other[-1]}")
    assert cells(panel, 5)[2] == f"Row 5 of run {own[-1]}"
    window.get_by_role("button", name="Column: id").click()
    workspace.get_by_role("menuitemradio", name="text").click()
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "60001")
    window.get_by_role("button", name="Remove the join").click()
    expect(panel.get_by_role("columnheader")).to_have_count(5)
    workspace.keyboard.press("Escape")
    steps = panel_of(workspace, "val/predictions")
    steps.get_by_role("button", name="Join").click()
    field = window.get_by_role("textbox", name="At step")
    field.click()
    workspace.keyboard.type("1")
    workspace.keyboard.press("Enter")
    expect(steps.get_by_role("columnheader", name=re.compile("label · step 1"))).to_be_visible()
    assert axe_faults(workspace) == []


@at_length
def test_images_and_long_texts_in_cells_open_over_the_page(workspace: Page) -> None:
    panel = panel_of(workspace, "val/predictions")
    image = row(panel, 2).get_by_role("button", name="picture 2: full size")
    expect(image.locator("img")).to_be_visible()
    wait_for(lambda: image.locator("img").evaluate("(image) => image.naturalWidth"), 30)
    assert cells(panel, 1)[1] == "true"
    assert row(panel, 1).get_by_label("no value").count() == 1
    image.click()
    viewer = workspace.get_by_role("dialog", name="picture 2")
    expect(viewer.locator("img")).to_be_visible()
    workspace.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    text = row(panel, 0).get_by_role("button", name=re.compile("^long long"))
    text.click()
    dialog = workspace.get_by_role("dialog", name="note")
    # the window had only its beginning
    expect(dialog.locator("pre")).to_have_text(re.compile("end$"))
    workspace.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


@at_length
def test_the_slider_shows_the_table_of_a_step_and_the_menu_that_of_another_run(
    workspace: Page,
) -> None:
    panel = panel_of(workspace, "val/predictions")
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "4")
    panel.get_by_role("slider", name="Step", exact=True).press("Home")
    expect(panel.get_by_role("table")).to_have_attribute("aria-rowcount", "2")
    big = panel_of(workspace, "big")
    chooser = big.get_by_role("button", name=re.compile("^Run: "))
    shown = chooser.get_attribute("aria-label")
    other = "run-0" if shown == "Run: run-1" else "run-1"
    chooser.click()
    workspace.get_by_role("menuitemradio", name=other).click()
    expect(row(big, 3).get_by_role("cell").nth(2)).to_have_text(f"Row 3 of run {other[-1]}")
    workspace.reload()
    expect(row(panel_of(workspace, "big"), 3).get_by_role("cell").nth(2)).to_have_text(
        f"Row 3 of run {other[-1]}"
    )


@at_length
def test_table_panels_pass_axe(workspace: Page) -> None:
    for metric in ("val/predictions", "big"):
        expect(row(panel_of(workspace, metric), 0)).to_be_visible()
    assert axe_faults(workspace) == []


@at_length
def test_a_table_whose_file_is_gone_says_so(
    page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    code = """
import weft
with weft.init(project="gone", id="run0") as run:
    run.log({"people": weft.Table(columns=["who"], data=[["Ada"]])})
"""
    run_well(tmp_path, code, WEFT_MODE="online", WEFT_BASE_URL=server.url)
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        base = "/api/v1/projects/local/gone"
        body = {"runs": ["run0"], "keys": ["people"]}
        for row in client.post(f"{base}/media/query", json=body).json()["series"]:
            path = row["items"][0]["file"]["path"]
            client.delete(f"{base}/runs/{row['run']}/files/{path}").raise_for_status()
    page.goto(f"{app(server)}/local/gone")
    expect(panel_of(page, "people").locator(".media-say")).to_have_text("Deleted")
