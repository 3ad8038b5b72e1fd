"""The runs table: runs are found, edited, grouped, selected and exported; by mouse and by keys."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from run_log_bytes import ANCHOR_MICROS, HandMadeLog
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults, hold, run_script, type_text
from weft.records.record import MetricDefinition

N_RUNS = 40
NEWER = """
import sys, weft
weft.init(project="table", id=sys.argv[1], name=sys.argv[1]).finish()
"""


def trial(number: int) -> HandMadeLog:
    """The log of one of the runs, each of which began a second after the one before it."""
    log = HandMadeLog(
        f"t{number:02}",
        project="table",
        goes_on={
            "name": f"trial-{number}",
            "user": "ada",
            "tags": ["old"] if number % 5 == 0 else [],
            "notes": "" if number % 8 else "to be repeated",
            "start_micros": ANCHOR_MICROS + number * 1_000_000,
        },
    )
    log.config(
        optimizer=["adam", "sgd"][number % 2],
        lr=10.0 ** -(1 + number % 4),
        note=f'a "b", c{number % 3}',
        classes=10,
    )
    log.add(MetricDefinition("top", summary=["max", "last"], goal="maximize"))
    row = {"loss": 1 / (number + 1), "acc": (number * 7 % N_RUNS) / N_RUNS, "top": number}
    if number == 3:
        row |= {f"layers/{layer}": layer for layer in range(30)}
    log.keys(*row)
    log.rows([list(row.values())])
    log.finish()
    return log


@pytest.fixture(scope="module", autouse=True)
def trials(server: ServerProcess) -> None:
    """Runs whose summaries are computed."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for number in range(N_RUNS):
            trial(number).upload(client).raise_for_status()
    written: dict[str, Any] = {
        "filter": "state = finished and summary.acc exists",
        "columns": [],
    }
    wait_until(lambda: query(server, **written)["total"] == N_RUNS, what="summaries", secs=60)


def ask(server: ServerProcess, method: str, path: str, **body: Any) -> httpx.Response:
    """A request at the project, with a JSON body."""
    return httpx.request(
        method,
        f"{server.url}/api/v1/projects/local/table{path}",
        headers={"Authorization": f"Bearer {server.token}"},
        json=body or None,
    )


def query(server: ServerProcess, **body: Any) -> Any:
    return ask(server, "POST", "/runs/query", **body).json()


@pytest.fixture
def table(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    """The table with nothing chosen yet."""
    page.goto(f"{app(server)}/local/table/runs")
    rows = page.get_by_role("treegrid")
    # the first page of all may have to be made ready
    expect(rows).to_have_attribute("aria-rowcount", str(N_RUNS + 2))
    # values come after the rows; those that can be edited come with this one
    expect(cell(page, 0, "state")).to_have_text("finished")
    return page


def head(page: Page, name: str) -> Locator:
    return page.locator(".rt-names").get_by_role("columnheader", name=re.compile(f"^{name}( |$)"))


def choose(page: Page, column: str, item: str) -> None:
    """An item of the menu of a column's head."""
    head(page, column).get_by_role("button").click()
    page.get_by_role("menuitem", name=item).click()


def names(page: Page) -> list[str]:
    """The names of the first rows, of groups too, from top to bottom."""
    return page.locator(".rt-pins .mid-text").all_text_contents()


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f"[id='cell-{row}-{column}']")


def message(page: Page, text: str) -> Locator:
    return page.locator(".toast", has_text=text)


def test_the_best_run_is_found_by_sorting_and_opened(table: Page, server: ServerProcess) -> None:
    first = [f"trial-{N_RUNS - 1}", f"trial-{N_RUNS - 2}"]
    wait_until(lambda: names(table)[:2] == first, what="the newest runs first")
    choose(table, "acc", "Sort high first")
    expect(head(table, "acc")).to_have_attribute("aria-sort", "descending")
    expected = query(server, order="-summary.acc", columns=["summary.acc"], limit=3)["rows"]
    wait_until(lambda: names(table)[:3] == [run["name"] for run in expected], what="the order")
    expect(cell(table, 0, "summary.acc")).to_have_text("0.9750")
    # further keys, and the same after a reload
    choose(table, "lr", "Sort by it, too")
    expect(table).to_have_url(re.compile(r"config\.lr"))
    table.reload()
    expect(table.get_by_role("button", name="Sort 2 keys")).to_be_visible()
    table.get_by_role("link", name=expected[0]["name"], exact=True).click()
    expect(table).to_have_url(re.compile(rf"/runs/{expected[0]['id']}\b"))


@at_length
def test_name_notes_and_tags_are_edited_in_place(table: Page, server: ServerProcess) -> None:
    def told() -> list[Any]:
        columns = ["name", "notes", "tags"]
        return query(server, filter="id = t39", columns=columns)["rows"][0]["values"]

    cell(table, 0, "notes").dblclick()
    table.get_by_label("Notes of trial-39").fill("best so far")
    table.keyboard.press("Enter")
    expect(cell(table, 0, "notes")).to_have_text("best so far")
    cell(table, 0, "tags").dblclick()
    type_text(table, "warm")
    table.keyboard.press("Enter")
    table.keyboard.press("Enter")
    expect(cell(table, 0, "tags")).to_have_text("warm")
    table.keyboard.press("F2")
    table.get_by_label("Name of trial-39").fill("winner")
    table.keyboard.press("Enter")
    wait_until(lambda: told() == ["winner", "best so far", ["warm"]], what="the edits are kept")
    message(table, "Renamed to winner").get_by_role("button", name="Undo").click()
    wait_until(lambda: told()[0] == "trial-39", what="the old name")
    expect(cell(table, 0, "name")).to_contain_text("trial-39")
    # what is given up changes nothing, and what is refused is taken back
    table.get_by_role("treegrid").focus()
    table.keyboard.press("F2")
    table.get_by_label("Name of trial-39").fill("other")
    table.keyboard.press("Escape")
    expect(cell(table, 0, "name")).to_contain_text("trial-39")
    table.keyboard.press("F2")
    table.get_by_label("Name of trial-39").fill("x" * 2000)
    table.keyboard.press("Enter")
    expect(message(table, "Could not rename trial-39")).to_be_visible()
    expect(cell(table, 0, "name")).to_contain_text("trial-39")
    assert told()[0] == "trial-39"


@at_length
def test_a_refused_edit_leaves_a_newer_one_of_its_cell(table: Page, server: ServerProcess) -> None:
    def write(note: str) -> None:
        cell(table, 1, "notes").dblclick()
        table.get_by_label("Notes of trial-38").fill(note)
        table.keyboard.press("Enter")

    write("first")
    expect(message(table, "trial-38: notes changed")).to_be_visible()
    change_run = hold(table, "**/runs/t38")
    write("x" * 1_100_000)
    expect(cell(table, 1, "notes")).to_contain_text("xxx")
    write("newest")
    expect(cell(table, 1, "notes")).to_have_text("newest")
    # every text that the cell shows from here on
    table.evaluate(
        """(id) => {
            const cell = document.getElementById(id);
            window.seen = new Set();
            const watch = new MutationObserver(() => window.seen.add(cell.textContent));
            watch.observe(cell, { subtree: true, childList: true, characterData: true });
        }""",
        "cell-1-notes",
    )
    change_run()
    expect(message(table, "Could not change the notes of trial-38")).to_be_visible()
    wait_until(
        lambda: ask(server, "GET", "/runs/t38").json()["notes"] == "newest", what="the newest note"
    )
    expect(message(table, "trial-38: notes changed")).to_have_count(1)
    assert table.evaluate("[...window.seen]") in ([], ["newest"])
    expect(cell(table, 1, "notes")).to_have_text("newest")


@at_length
def test_an_edit_on_its_way_is_not_lost_to_an_answer_without_it(
    table: Page, server: ServerProcess
) -> None:
    expect(cell(table, 6, "name")).to_contain_text("trial-33")
    change_run = hold(table, "**/runs/t34")
    cell(table, 5, "notes").dblclick()
    table.get_by_label("Notes of trial-34").fill("mine")
    table.keyboard.press("Enter")
    expect(cell(table, 5, "notes")).to_have_text("mine")
    # a change elsewhere has the page ask for its rows again
    ask(server, "PATCH", "/runs/t33", notes="elsewhere").raise_for_status()
    expect(cell(table, 6, "notes")).to_have_text("elsewhere")
    assert cell(table, 5, "notes").inner_text() == "mine"
    change_run()
    expect(message(table, "trial-34: notes changed")).to_be_visible()


def ids_of_heads(page: Page) -> list[str]:
    """Ids of the shown columns from left to right."""
    return page.locator(".rt-names .h").evaluate_all(
        "all => all.map((one) => [one.getBoundingClientRect().x, one.id.slice(5)])"
        ".sort((a, b) => a[0] - b[0]).map((one) => one[1])"
    )


@at_length
def test_columns_are_hidden_pinned_moved_and_widened(table: Page) -> None:
    table.set_viewport_size({"width": 2200, "height": 900})
    # all runs have one user
    expect(head(table, "User")).to_have_count(0)
    choose(table, "Runtime", "Hide column")
    expect(head(table, "Runtime")).to_have_count(0)
    choose(table, "acc", "Pin to the left")
    wait_until(
        lambda: ids_of_heads(table)[:2] == ["name", "summary.acc"], what="the pinned column"
    )
    choose(table, "optimizer", "Move left")

    def is_moved() -> bool:
        ids = ids_of_heads(table)
        return ids.index("config.optimizer") == ids.index("config.note") - 1

    wait_until(is_moved, what="the column that was moved")
    lr, state = head(table, "lr").bounding_box(), head(table, "State").bounding_box()
    assert lr is not None
    assert state is not None
    table.mouse.move(lr["x"] + 20, lr["y"] + 10)
    table.mouse.down()
    table.mouse.move(state["x"] + 60, state["y"] + 10)
    table.mouse.move(state["x"] + 10, state["y"] + 10)
    table.mouse.up()
    wait_until(lambda: ids_of_heads(table)[2] == "config.lr", what="the dragged column")
    lr = head(table, "lr").bounding_box()
    assert lr is not None
    table.mouse.move(lr["x"] + lr["width"] - 1, lr["y"] + 10)
    table.mouse.down()
    table.mouse.move(lr["x"] + lr["width"] + 59, lr["y"] + 10)
    table.mouse.up()
    expect(head(table, "lr")).to_have_css("width", f"{lr['width'] + 60:g}px")
    # all of it is one view: it comes back, and is taken back step by step
    table.reload()
    wait_until(
        lambda: ids_of_heads(table)[1:3] == ["summary.acc", "config.lr"], what="the same columns"
    )
    table.get_by_role("button", name="Columns").click()
    table.get_by_label("Find a column").fill("user")
    table.get_by_label("User", exact=True).check()
    table.keyboard.press("Escape")
    expect(head(table, "User")).to_be_visible()


def shown(page: Page) -> list[str]:
    """The same without the name's."""
    return ids_of_heads(page)[1:]


OWN = ["state", "created", "runtime", "tags", "notes"]
SUGGESTED = [
    *OWN, "summary.top.max", "summary.acc", "summary.loss", "summary.top.last",
    "config.lr", "config.note", "config.optimizer",
]  # fmt: skip


@at_length
def test_the_first_columns_tell_runs_apart(table: Page) -> None:
    table.set_viewport_size({"width": 2200, "height": 900})
    # a goal first; neither what one run has nor what is the same in all
    wait_until(lambda: shown(table) == SUGGESTED, what="the suggested columns")
    expect(table.get_by_role("button", name=re.compile(r"^Columns 12 of \d+$"))).to_be_visible()
    # another figure of a metric takes the place of the one
    table.locator("[id='head-summary.top.max'] .name").click()
    table.get_by_role("menuitem", name="Show max").hover()
    table.get_by_role("menuitem", name="last", exact=True).click()
    wait_until(
        lambda: shown(table)[5:8] == ["summary.top.last", "summary.acc", "summary.loss"],
        what="the other figure",
    )


@at_length
def test_many_columns_are_shown_and_hidden_by_part_of_their_names(table: Page) -> None:
    table.set_viewport_size({"width": 2200, "height": 900})
    table.get_by_role("button", name="Columns").click()
    table.get_by_label("Find a column").click()
    table.keyboard.type("layers/", delay=5)
    bulk = table.get_by_role("group", name="All that match")
    expect(bulk).to_contain_text("30 match")
    bulk.get_by_role("button", name="Only these").click()
    wait_until(lambda: shown(table)[:2] == ["summary.layers/0", "summary.layers/1"])
    table.get_by_role("button", name="Reset to suggested").click()
    wait_until(lambda: shown(table) == SUGGESTED, what="the suggested columns again")
    bulk.get_by_role("button", name="Show", exact=True).click()
    expect(table.get_by_role("button", name=f"Columns {len(SUGGESTED) + 30} of")).to_be_visible()
    bulk.get_by_role("button", name="Hide", exact=True).click()
    wait_until(lambda: shown(table) == SUGGESTED, what="all of the prefix hidden")


@at_length
def test_enter_adds_the_first_column_found_and_scrolls_it_into_sight(table: Page) -> None:
    head = table.locator("[id='head-summary.layers/17']")
    table.get_by_role("button", name="Columns").click()
    table.get_by_label("Find a column").click()
    table.keyboard.type("layers/17", delay=5)
    table.keyboard.press("Enter")
    expect(head).to_be_in_viewport()
    expect(table.get_by_role("checkbox", name="summary.layers/17")).to_be_checked()
    table.get_by_role("button", name="Reset to suggested").click()
    expect(head).to_have_count(0)


@at_length
def test_a_set_of_columns_is_saved_applied_replaced_and_deleted(table: Page) -> None:
    table.set_viewport_size({"width": 2200, "height": 900})
    table.get_by_role("button", name="Columns").click()
    sets = table.get_by_role("region", name="Sets of columns")
    expect(sets).to_contain_text("None yet")
    table.get_by_label("Find a column").click()
    table.keyboard.type("acc", delay=5)
    bulk = table.get_by_role("group", name="All that match")
    bulk.get_by_role("button", name="Only these").click()
    wait_until(lambda: shown(table) == ["summary.acc"], what="only the column that is found")
    name = "Für Größen 测试 " + "long " * 8 + "end"
    sets.get_by_role("button", name="Save as set").click()
    type_text(table, f" {name} ")
    table.keyboard.press("Enter")
    saved = sets.get_by_role("button", name=name, exact=True)
    expect(saved).to_be_visible()
    expect(saved).to_have_attribute("aria-current", "true")
    expect(sets).to_contain_text("applied")
    expect(sets.get_by_role("button", name="Save as set")).to_be_focused()
    delete = sets.get_by_role("button", name=f"Delete {name}")
    box, window = delete.bounding_box(), sets.bounding_box()
    assert box is not None
    assert window is not None
    assert box["x"] + box["width"] <= window["x"] + window["width"]

    reset = sets.get_by_role("button", name="Reset to suggested")
    reset.click()
    wait_until(lambda: shown(table) == SUGGESTED, what="the suggested columns")
    expect(sets).not_to_contain_text("applied")
    saved.focus()
    table.keyboard.press("Enter")
    wait_until(lambda: shown(table) == ["summary.acc"], what="the set by Enter")
    expect(saved).to_have_attribute("aria-current", "true")
    table.keyboard.press("Control+z")
    wait_until(lambda: shown(table) == SUGGESTED, what="the columns before the set")

    # a name that is taken replaces; Escape leaves only the form
    saved.click()
    wait_until(lambda: shown(table) == ["summary.acc"], what="the set by a click")
    table.get_by_label("Find a column").fill("loss")
    bulk.get_by_role("button", name="Show", exact=True).click()
    wait_until(lambda: shown(table) == ["summary.acc", "summary.loss"], what="one more column")
    sets.get_by_role("button", name="Save as set").click()
    type_text(table, name)
    expect(sets.get_by_role("button", name="Replace", exact=True)).to_be_visible()
    table.keyboard.press("Escape")
    expect(sets.get_by_role("button", name="Save as set")).to_be_focused()
    expect(sets).not_to_contain_text("applied")
    sets.get_by_role("button", name=f"Replace {name}").click()
    expect(message(table, "Replaced the set")).to_be_visible()
    expect(saved).to_have_attribute("aria-current", "true")
    reset.click()
    wait_until(lambda: shown(table) == SUGGESTED, what="the suggested columns once more")
    saved.click()
    wait_until(lambda: shown(table) == ["summary.acc", "summary.loss"], what="the replaced set")
    delete.click()
    expect(sets).to_contain_text("None yet")
    message(table, "Deleted the set").get_by_role("button", name="Undo").click()
    table.get_by_role("button", name="Columns 2 of").click()
    expect(saved).to_be_visible()


@at_length
def test_a_set_of_columns_is_not_saved_before_the_columns_are_known(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    list_columns = hold(page, "**/columns?*order=use*")
    page.goto(f"{app(server)}/local/table/runs")
    page.get_by_role("button", name="Columns").click()
    save = page.get_by_role("button", name="Save as set")
    expect(save).to_be_disabled()
    list_columns()
    expect(save).to_be_enabled()


@at_length
def test_what_is_sorted_by_stands_beside_the_name(table: Page) -> None:
    table.get_by_role("button", name="Sort", exact=True).click()
    expect(table.get_by_role("combobox", name="Add a sort key")).to_be_focused()
    table.keyboard.type("layers/7", delay=5)
    expect(table.get_by_role("option", selected=True)).to_have_text("summary.layers/71 run")
    table.keyboard.press("Enter")
    table.keyboard.press("Escape")
    wait_until(lambda: shown(table)[0] == "summary.layers/7", what="the key beside the name")
    expect(cell(table, 0, "summary.layers/7")).to_have_text("7")
    expect(table.get_by_role("button", name="Sort layers/7")).to_be_visible()
    table.locator("[id='head-summary.layers/7'] .name").click()
    table.get_by_role("menuitem", name="Do not sort by it").click()
    wait_until(lambda: shown(table)[0] == "state", what="the column is off again")


@at_length
def test_groups_have_figures(table: Page, server: ServerProcess) -> None:
    choose(table, "optimizer", "Group by it")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "4")
    query = {
        "by": ["config.optimizer"],
        "aggregates": [{"column": "summary.acc", "function": "mean"}],
    }
    groups = ask(server, "POST", "/runs/groups", **query).json()["groups"]
    for row, group in enumerate(groups):
        expect(cell(table, row, "name")).to_contain_text(f"{group['values'][0]} 20 runs")
        states = cell(table, row, "state").locator("span").first
        expect(states).to_have_attribute("title", "20 finished")
        mean = f"{group['aggregates'][0]:.4f}"
        expect(cell(table, row, "summary.acc")).to_have_text(re.compile(rf"{mean}\s±0\.\d\d\d$"))
        expect(cell(table, row, "config.lr")).to_have_text(["1e−3 – 1e−1", "1e−4 – 1e−2"][row])
        counts = (
            [("c0", 7), ("c2", 7), ("c1", 6)] if row == 0 else [("c0", 7), ("c1", 7), ("c2", 6)]
        )
        note = cell(table, row, "config.note")
        expect(note).to_have_text(", ".join(f'a "b", {end}' for end, _ in counts))
        title = "\n".join(f'a "b", {end}: {n} runs' for end, n in counts)
        expect(note.locator("span")).to_have_attribute("title", title)
    table.get_by_role("button", name="adam 20 runs").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "24")
    wait_until(lambda: names(table)[:2] == ["adam", "trial-38"], what="the group's runs")
    table.get_by_label("Select the runs of sgd").click()
    expect(table.get_by_role("toolbar", name="Selected runs")).to_contain_text("20 selected")


@at_length
def test_a_group_is_given_a_color(table: Page) -> None:
    choose(table, "optimizer", "Group by it")
    square = table.get_by_label("Color of group adam").locator(".sw-dot")
    before = square.evaluate("dot => getComputedStyle(dot).backgroundColor")
    square.click()
    colors = table.get_by_role("radiogroup", name="Color of adam")
    chosen = colors.get_by_role("radio", name="Color 9").locator(".sw-dot")
    color = chosen.evaluate("dot => getComputedStyle(dot).backgroundColor")
    assert color != before
    colors.get_by_role("radio", name="Color 9").click()
    expect(square).to_have_css("background-color", color)
    # the group is as closed as before
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "4")


@at_length
def test_many_runs_are_edited_and_deleted_with_a_way_back(
    table: Page, server: ServerProcess
) -> None:
    table.get_by_label("Select trial-38").click()
    table.get_by_label("Select trial-35").click(modifiers=["Shift"])
    bar = table.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("4 selected")
    bar.get_by_role("button", name="Tag").click()
    type_text(table, "candidate")
    table.keyboard.press("Enter")
    expect(message(table, "4 runs tagged candidate")).to_be_visible()
    for row in (1, 2, 3, 4):
        expect(cell(table, row, "tags")).to_contain_text("candidate")
    message(table, "4 runs tagged").get_by_role("button", name="Undo").click()
    expect(cell(table, 1, "tags")).not_to_contain_text("candidate")

    bar.get_by_role("button", name="Edit").click()
    edit = table.get_by_role("dialog", name="Edit 4 runs")
    edit.get_by_role("radio", name="Pattern").click()
    edit.get_by_label("Pattern of names").fill("{n}: lr{config.lr} {name}")
    names = edit.get_by_role("group", name="New names")
    expect(names.get_by_role("listitem").first).to_contain_text(re.compile("4: lr0.0.* trial-38"))
    edit.get_by_role("combobox", name="Group").fill("final")
    edit.get_by_role("button", name="Config value").click()
    type_text(table, "notebook.cell")
    edit.get_by_role("combobox", name="Config value").fill("12")
    edit.get_by_role("button", name="Change 4 runs").click()
    expect(message(table, "4 runs edited")).to_be_visible()
    expect(cell(table, 1, "name")).to_contain_text("4: lr")
    edited = query(server, filter="group = final and config.notebook.cell = 12", columns=[])
    assert edited["total"] == 4
    table.keyboard.press("ControlOrMeta+z")
    expect(message(table, "4 runs as before")).to_be_visible()
    expect(cell(table, 1, "name")).to_have_text(re.compile("^trial-38"))
    assert query(server, filter="group = final", columns=[])["total"] == 0

    bar.get_by_role("button", name="Delete").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS - 2))
    assert query(server, filter="id in (t38, t35)", columns=[])["total"] == 0
    message(table, "4 runs in the trash").get_by_role("button", name="Undo").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 2))
    expect(cell(table, 1, "name")).to_contain_text("trial-38")


@at_length
def test_csv_has_what_the_api_has(table: Page, server: ServerProcess, tmp_path: Path) -> None:
    choose(table, "acc", "Sort low first")
    head(table, "optimizer").get_by_role("button").click()
    table.get_by_role("menuitem", name="Filter by it").click()
    table.get_by_label("adam", exact=True).check()
    table.get_by_role("button", name="Only these").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "22")
    table.get_by_role("button", name="CSV").click()
    with table.expect_download() as started:
        table.get_by_role("menuitem", name="Shown columns").first.click()
    started.value.save_as(tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["state", "config.lr", "config.note", "summary.acc"]
    answer = query(server, filter="config.optimizer = adam", order="summary.acc", columns=columns)
    assert [row["id"] for row in rows] == [run["id"] for run in answer["rows"]]
    for row, run in zip(rows, answer["rows"], strict=True):
        state, lr, note, acc = run["values"]
        assert (row["name"], row["state"], row["config.note"]) == (run["name"], state, note)
        assert (float(row["config.lr"]), float(row["summary.acc"])) == (lr, acc)
        assert row["created"].endswith("Z")
    headers = {"Authorization": f"Bearer {server.token}"}
    audit = httpx.get(f"{server.url}/api/v1/audit?action=export", headers=headers).json()
    assert audit["entries"][0]["after"] == {
        "kind": "runs", "format": "csv", "n_runs": len(rows), "title": "",
    }  # fmt: skip


@at_length
def test_a_csv_waits_for_the_runs_that_are_searched_for(table: Page, tmp_path: Path) -> None:
    button = table.get_by_role("button", name="CSV")
    expect(button).to_be_enabled()
    list_runs = hold(table, "**/runs/query")
    table.get_by_role("textbox", name="Search runs").fill("trial-1")
    expect(button).to_be_disabled()
    list_runs()
    button.click()
    with table.expect_download() as started:
        table.get_by_role("menuitem", name="Shown columns").click()
    started.value.save_as(tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 11


@at_length
def test_the_search_leads_into_the_rows_once_they_are_there(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    list_runs = hold(page, "**/runs/query")
    page.goto(f"{app(server)}/local/table/runs")
    page.get_by_role("textbox", name="Search runs").press("ArrowDown")
    list_runs()
    expect(page.get_by_role("treegrid")).to_be_focused()


@at_length
def test_a_search_that_found_nothing_is_cleared_without_losing_its_field(table: Page) -> None:
    search = table.get_by_role("textbox", name="Search runs")
    search.fill("nothing of it")
    expect(table.get_by_text("No run matches")).to_be_visible()
    search.press("Escape")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 2))
    expect(search).to_be_focused()


@at_length
def test_everything_goes_by_keys(table: Page) -> None:
    grid = table.get_by_role("treegrid")
    grid.focus()
    table.keyboard.press("ArrowDown")
    table.keyboard.press("x")
    table.keyboard.press("Shift+ArrowDown")
    table.keyboard.press("Shift+ArrowDown")
    bar = table.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("3 selected")
    table.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    # a run's eye, and a note
    eye = table.get_by_label("Show trial-36 in charts")
    expect(eye).to_have_attribute("aria-pressed", "true")
    table.keyboard.press(" ")
    expect(eye).to_have_attribute("aria-pressed", "false")
    for _ in OWN:
        table.keyboard.press("ArrowRight")
    expect(grid).to_have_attribute("aria-activedescendant", "cell-3-notes")
    table.keyboard.press("Enter")
    type_text(table, "by keys")
    table.keyboard.press("Enter")
    expect(cell(table, 3, "notes")).to_have_text("by keys")
    # the head: sort by the last column
    table.keyboard.press("End")
    table.keyboard.press("Control+Home")
    table.keyboard.press("End")
    table.keyboard.press("ArrowUp")
    table.keyboard.press("Enter")
    table.get_by_role("menuitem", name="Sort low first").press("Enter")
    expect(head(table, "optimizer")).to_have_attribute("aria-sort", "ascending")
    # and the last row opens; until the new order is here, that of the old one
    expect(cell(table, 0, "name")).to_contain_text("trial-38")
    table.keyboard.press("Control+End")
    table.keyboard.press("Home")
    expect(grid).to_have_attribute("aria-activedescendant", f"cell-{N_RUNS - 1}-name")
    expect(cell(table, N_RUNS - 1, "name")).to_contain_text(re.compile(r"trial-1\b"))
    table.keyboard.press("Enter")
    expect(table).to_have_url(re.compile(r"/runs/t01\b"))


@at_length
def test_back_from_a_run_and_from_a_comparison_the_keys_go_on_at_their_row(table: Page) -> None:
    grid = table.get_by_role("treegrid")
    grid.focus()
    for _ in range(3):
        table.keyboard.press("ArrowDown")
    run = cell(table, 3, "name").inner_text()
    table.keyboard.press("Enter")
    expect(table.get_by_role("heading", name=run)).to_be_visible()
    table.go_back()
    expect(grid).to_be_focused()
    expect(grid).to_have_attribute("aria-activedescendant", "cell-3-name")
    table.keyboard.press("x")
    table.keyboard.press("ArrowDown")
    table.keyboard.press("x")
    compare = table.get_by_role("toolbar", name="Selected runs").get_by_role(
        "link", name="Compare"
    )
    compare.focus()
    table.keyboard.press("Enter")
    expect(table.get_by_role("switch", name="Only differences")).to_be_visible()
    expect(grid).to_have_count(0)
    table.go_back()
    expect(grid).to_be_focused()
    expect(grid).to_have_attribute("aria-activedescendant", "cell-4-name")


@at_length
def test_a_new_order_begins_at_its_first_row_with_the_active_cell(table: Page) -> None:
    grid = table.get_by_role("treegrid")
    grid.focus()
    table.keyboard.press("Control+ArrowDown")
    expect(grid).to_have_attribute("aria-activedescendant", f"cell-{N_RUNS - 1}-name")
    expect(cell(table, N_RUNS - 1, "name")).to_be_in_viewport()
    choose(table, "optimizer", "Sort low first")
    expect(cell(table, 0, "name")).to_contain_text("trial-38")
    expect(cell(table, 0, "name")).to_be_in_viewport()
    expect(grid).to_have_attribute("aria-activedescendant", "cell-0-name")


@at_length
def test_a_new_run_moves_no_row_under_the_pointer(table: Page, server: ServerProcess) -> None:
    cell(table, 2, "state").hover()
    table.mouse.move(700, 300)
    assert run_script(server, NEWER, "newer").wait(120) == 0
    expect(table.get_by_role("button", name="The order has changed")).to_be_visible()
    wait_until(lambda: names(table)[:1] == [f"trial-{N_RUNS - 1}"], what="the newest run first")
    # Shift selects what is seen, and afterwards from the run that was clicked, wherever it is
    selected = table.get_by_role("toolbar", name="Selected runs").locator(".count")
    table.get_by_label("Select trial-38").click()
    table.get_by_label("Select trial-36").click(modifiers=["Shift"])
    expect(selected).to_have_text("3 selected")
    expect(table.get_by_label("Select trial-36")).to_be_checked()
    table.mouse.move(5, 500)
    expect(cell(table, 0, "name")).to_contain_text("newer")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 3))
    table.get_by_label("Select trial-35").click(modifiers=["Shift"])
    expect(selected).to_have_text("4 selected")
    expect(table.get_by_label("Select trial-35")).to_be_checked()
    ask(server, "DELETE", "/runs/newer")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 2))


@at_length
def test_a_run_is_renamed_where_it_is_by_then(table: Page, server: ServerProcess) -> None:
    table.get_by_role("treegrid").focus()
    table.keyboard.press("ArrowDown")
    table.keyboard.press("m")
    rename = table.get_by_role("menuitem", name="Rename")
    expect(rename).to_be_visible()
    assert run_script(server, NEWER, "newest").wait(120) == 0
    expect(cell(table, 0, "name")).to_contain_text("newest")
    rename.click()
    expect(table.get_by_label("Name of trial-38")).to_be_focused()
    table.keyboard.press("Escape")
    ask(server, "DELETE", "/runs/newest")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 2))


@at_length
def test_the_table_is_accessible(table: Page) -> None:
    choose(table, "optimizer", "Group by it")
    table.get_by_role("button", name="adam 20 runs").click()
    expect(cell(table, 1, "state")).to_have_text("finished")
    assert axe_faults(table) == []


@at_length
def test_back_and_a_reload_lead_to_where_the_table_and_the_workspace_were_scrolled(
    table: Page, server: ServerProcess, app: OpenApp
) -> None:
    def scroll(area: Locator, to: int) -> None:
        # as soon as the content is as high
        script = "(element, top) => { element.scrollTo(0, top); return element.scrollTop; }"
        wait_until(lambda: area.evaluate(script, to) == to, what=f"the scroll to {to} px")

    def top(area: Locator) -> int:
        return round(area.evaluate("element => element.scrollTop"))

    def visit_run(link: Locator) -> None:
        link.click()
        expect(table).to_have_url(re.compile(r"/runs/\w+"))
        expect(table.get_by_role("region", name="Summary")).to_be_visible()
        table.go_back()

    rows = table.get_by_role("treegrid")
    most = rows.evaluate("element => element.scrollHeight - element.clientHeight")
    assert most > 100
    scroll(rows, 100)
    visit_run(rows.get_by_role("link").nth(9))
    wait_until(lambda: top(rows) == 100, what="the place in the table")
    # forward and back once more, with the keys of the browser
    table.go_forward()
    expect(table.get_by_role("region", name="Summary")).to_be_visible()
    table.go_back()
    wait_until(lambda: top(rows) == 100, what="the place in the table")
    table.reload()
    wait_until(lambda: top(rows) == 100, what="the place in the table after a reload")
    # back from another document leads there, too
    table.goto("about:blank")
    table.go_back()
    wait_until(lambda: top(rows) == 100, what="the place in the table after another document")

    table.set_viewport_size({"width": 1440, "height": 360})
    table.goto(f"{app(server)}/local/table")
    panels = table.get_by_role("group", name="Panels, scrolled")
    listed = table.locator(".list")
    expect(table.get_by_role("article", name="acc", exact=True)).to_be_visible()
    expect(listed.locator("a.name").first).to_be_visible()
    scroll(panels, 60)
    scroll(listed, 200)
    visit_run(listed.locator("a.name").nth(11))
    wait_until(lambda: (top(panels), top(listed)) == (60, 200), what="the places")
    table.reload()
    wait_until(lambda: (top(panels), top(listed)) == (60, 200), what="the places after a reload")
    # a new visit begins at the top
    table.get_by_role("link", name="Runs", exact=True).first.click()
    expect(listed).to_have_count(0)
    table.get_by_role("link", name="Workspace", exact=True).first.click()
    expect(listed.locator("a.name").first).to_be_visible()
    assert top(listed) == 0


@at_length
def test_selected_runs_that_a_search_leaves_out_are_told_and_asked_about(table: Page) -> None:
    for name in ("trial-38", "trial-36", "trial-33"):
        table.get_by_label(f"Select {name}").click()
    table.get_by_role("textbox", name="Search runs").fill("trial-1")
    bar = table.get_by_role("toolbar", name="Selected runs")
    hidden = bar.get_by_role("button", name=re.compile("^3 not in the list"))
    expect(hidden).to_be_visible()
    box = table.get_by_role("checkbox", name="Select all runs", exact=True)
    expect(box).not_to_be_checked()
    assert not box.evaluate("box => box.indeterminate")
    table.get_by_label("Select trial-11").click()
    expect(bar.locator(".count")).to_have_text("4 selected")
    expect(hidden).to_be_visible()
    assert box.evaluate("box => box.indeterminate")
    bar.get_by_role("button", name="Delete").click()
    dialog = table.get_by_role("dialog", name="Delete 4 runs?")
    expect(dialog).to_contain_text("3 of the selected runs are not in the list: trial-3")
    dialog.get_by_role("button", name="Cancel").click()
    unlisted = re.compile("^3 of the selected runs are not in the list: trial-3")
    for name in ("Tag", "Move", "Edit", "Lock", "Share"):
        bar.get_by_role("button", name=name, exact=True).click()
        expect(table.get_by_text(unlisted)).to_be_visible()
        # the list of projects closes first
        for _ in range(2 if name == "Move" else 1):
            table.keyboard.press("Escape")
        expect(table.get_by_text(unlisted)).to_have_count(0)
    hidden.click()
    expect(bar.locator(".count")).to_have_text("1 selected")
    expect(hidden).to_have_count(0)


@at_length
def test_tags_of_several_runs_are_taken_back_by_the_keyboard_with_a_message(table: Page) -> None:
    for name in ("trial-38", "trial-36"):
        table.get_by_label(f"Select {name}").click()
    bar = table.get_by_role("toolbar", name="Selected runs")
    bar.get_by_role("button", name="Tag", exact=True).click()
    table.get_by_role("textbox", name="Find or make a tag").fill("passing")
    table.keyboard.press("Enter")
    toast = table.locator(".toast")
    expect(toast).to_contain_text("2 runs tagged passing")
    table.keyboard.press("Escape")
    table.keyboard.press("Control+z")
    expect(toast).to_have_text("2 runs as before")


@at_length
def test_all_of_a_head_opens_its_menu(table: Page) -> None:
    acc = head(table, "acc")
    box = acc.bounding_box()
    assert box is not None
    # left of the letters, which are at the right
    acc.click(position={"x": 6, "y": box["height"] / 2})
    expect(table.get_by_role("menuitem", name="Sort high first")).to_be_visible()
