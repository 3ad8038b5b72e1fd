"""The runs table: runs are found, edited, grouped, selected and exported; by mouse and by keys."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, axe_faults, run_script, type_text

N_RUNS = 40
SWEEP = f"""
import weft
for i in range({N_RUNS}):
    run = weft.init(
        project="table", id=f"t{{i:02}}", name=f"trial-{{i}}", tags=["old"] if i % 5 == 0 else [],
        config={{"optimizer": ["adam", "sgd"][i % 2], "lr": 10.0 ** -(1 + i % 4),
                 "note": 'a "b", c'}},
    )
    run.log({{"loss": 1 / (i + 1), "acc": (i * 7 % {N_RUNS}) / {N_RUNS}}})
    run.finish()
"""
NEWER = """
import weft
weft.init(project="table", id="newer", name="newer").finish()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        assert run_script(started, SWEEP).wait(60) == 0
        written: dict[str, Any] = {
            "filter": "state = finished and summary.acc exists",
            "columns": [],
        }
        wait_until(lambda: query(started, **written)["total"] == N_RUNS, what="summaries", secs=30)
        yield started


def ask(server: ServerProcess, method: str, path: str, **body: Any) -> httpx.Response:
    """A request at the project, with a JSON body."""
    return httpx.request(
        method,
        f"{server.url}/api/v1/projects/local/table{path}",
        headers={"Authorization": f"Bearer {server.token}"},
        json=body or None,
        timeout=30,
    )


def query(server: ServerProcess, **body: Any) -> Any:
    return ask(server, "POST", "/runs/query", **body).json()


@pytest.fixture
def table(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    """The table with nothing chosen yet."""
    known = ask(server, "GET", "/views/default")
    if known.json()["version"]:
        httpx.put(
            str(known.url),
            json={"document": {}},
            headers={"Authorization": f"Bearer {server.token}", "If-Match": known.headers["ETag"]},
        ).raise_for_status()
    page.goto(f"{app(server)}/local/table/runs")
    rows = page.get_by_role("treegrid")
    expect(rows).to_have_attribute("aria-rowcount", str(N_RUNS + 2), timeout=20_000)
    return page


def head(page: Page, name: str) -> Locator:
    return page.locator(".rt-names").get_by_role("columnheader", name=re.compile(f"^{name}( |$)"))


def choose(page: Page, column: str, item: str) -> None:
    """An item of the menu of a column's head."""
    head(page, column).get_by_role("button").click()
    page.get_by_role("menuitem", name=item).click()


def names(page: Page) -> list[str]:
    """What the first rows are called, from top to bottom."""
    return page.locator(".rt-pins .mid").evaluate_all("all => all.map((one) => one.title)")


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f"[id='cell-{row}-{column}']")


def message(page: Page, text: str) -> Locator:
    return page.locator(".toast", has_text=text)


def test_the_best_run_is_found_by_sorting_and_opened(table: Page, server: ServerProcess) -> None:
    first = [f"trial-{N_RUNS - 1}", f"trial-{N_RUNS - 2}"]
    wait_until(lambda: names(table)[:2] == first, what="the newest runs first")
    choose(table, "acc", "Sort descending")
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


def test_columns_are_hidden_pinned_moved_and_widened(table: Page) -> None:
    def order() -> list[str]:
        heads = table.locator(".rt-names .h")
        return heads.evaluate_all(
            "all => all.map((one) => [one.getBoundingClientRect().x, one.id.slice(5)])"
            ".sort((a, b) => a[0] - b[0]).map((one) => one[1])"
        )

    choose(table, "User", "Hide column")
    expect(head(table, "User")).to_have_count(0)
    choose(table, "acc", "Pin to the left")
    wait_until(lambda: order()[:2] == ["name", "summary.acc"], what="the pinned column")
    choose(table, "optimizer", "Move left")
    places = order()
    assert places.index("config.optimizer") == places.index("config.note") - 1
    lr, state = head(table, "lr").bounding_box(), head(table, "State").bounding_box()
    assert lr is not None
    assert state is not None
    table.mouse.move(lr["x"] + 20, lr["y"] + 10)
    table.mouse.down()
    table.mouse.move(state["x"] + 60, state["y"] + 10)
    table.mouse.move(state["x"] + 10, state["y"] + 10)
    table.mouse.up()
    wait_until(lambda: order()[2] == "config.lr", what="the dragged column")
    lr = head(table, "lr").bounding_box()
    assert lr is not None
    table.mouse.move(lr["x"] + lr["width"] - 1, lr["y"] + 10)
    table.mouse.down()
    table.mouse.move(lr["x"] + lr["width"] + 59, lr["y"] + 10)
    table.mouse.up()
    expect(head(table, "lr")).to_have_css("width", f"{lr['width'] + 60:g}px")
    # all of it is one view: it comes back, and is taken back step by step
    table.reload()
    wait_until(lambda: order()[1:3] == ["summary.acc", "config.lr"], what="the same columns")
    table.get_by_role("button", name="Columns").click()
    table.get_by_label("Find a column").fill("user")
    table.get_by_label("user", exact=True).check()
    table.keyboard.press("Escape")
    expect(head(table, "User")).to_be_visible()


def test_groups_have_figures(table: Page, server: ServerProcess) -> None:
    choose(table, "optimizer", "Group by it")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "4")
    asked = {
        "by": ["config.optimizer"],
        "aggregates": [{"column": "summary.acc", "function": "mean"}],
    }
    groups = ask(server, "POST", "/runs/groups", **asked).json()["groups"]
    for row, group in enumerate(groups):
        expect(cell(table, row, "name")).to_contain_text(f"{group['values'][0]} 20 runs")
        mean = f"{group['aggregates'][0]:.4f}"
        expect(cell(table, row, "summary.acc")).to_have_text(re.compile(rf"{mean}\s±0\.\d\d\d$"))
        expect(cell(table, row, "config.lr")).to_have_text(["0.001 – 0.1", "1e−4 – 0.01"][row])
    table.get_by_role("button", name="adam 20 runs").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", "24")
    wait_until(lambda: names(table)[:1] == ["trial-38"], what="the group's runs")
    table.get_by_label("Select the runs of sgd").click()
    expect(table.get_by_role("toolbar", name="Selected runs")).to_contain_text("20 selected")


def test_many_runs_are_tagged_and_deleted_with_a_way_back(
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
    bar.get_by_role("button", name="Delete").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS - 2))
    assert query(server, filter="id in (t38, t35)", columns=[])["total"] == 0
    message(table, "4 runs in the trash").get_by_role("button", name="Undo").click()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 2))
    expect(cell(table, 1, "name")).to_contain_text("trial-38")


def test_csv_has_what_the_api_has(table: Page, server: ServerProcess, tmp_path: Path) -> None:
    choose(table, "acc", "Sort ascending")
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
    told = query(server, filter="config.optimizer = adam", order="summary.acc", columns=columns)
    assert [row["id"] for row in rows] == [run["id"] for run in told["rows"]]
    for row, run in zip(rows, told["rows"], strict=True):
        state, lr, note, acc = run["values"]
        assert (row["name"], row["state"], row["config.note"]) == (run["name"], state, note)
        assert (float(row["config.lr"]), float(row["summary.acc"])) == (lr, acc)
        assert row["created"].endswith("Z")


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
    for _ in range(6):
        table.keyboard.press("ArrowRight")
    expect(grid).to_have_attribute("aria-activedescendant", "cell-3-notes")
    table.keyboard.press("Enter")
    type_text(table, "by keys")
    table.keyboard.press("Enter")
    expect(cell(table, 3, "notes")).to_have_text("by keys")
    # the head: sort by a column that is far to the right, and move it
    table.keyboard.press("End")
    table.keyboard.press("Control+Home")
    table.keyboard.press("End")
    table.keyboard.press("ArrowUp")
    table.keyboard.press("Enter")
    table.get_by_role("menuitem", name="Sort ascending").press("Enter")
    expect(head(table, "loss")).to_have_attribute("aria-sort", "ascending")
    table.keyboard.press("Shift+ArrowLeft")
    # and the last row opens
    table.keyboard.press("Control+End")
    table.keyboard.press("Home")
    expect(grid).to_have_attribute("aria-activedescendant", f"cell-{N_RUNS - 1}-name")
    table.keyboard.press("Enter")
    expect(table).to_have_url(re.compile(r"/runs/t00\b"))


def test_a_new_run_moves_no_row_under_the_pointer(table: Page, server: ServerProcess) -> None:
    cell(table, 2, "state").hover()
    table.mouse.move(700, 300)
    assert run_script(server, NEWER).wait(60) == 0
    expect(table.get_by_role("button", name="The order has changed")).to_be_visible()
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 3))
    wait_until(lambda: names(table)[:1] == [f"trial-{N_RUNS - 1}"], what="the newest run first")
    table.mouse.move(5, 500)
    expect(cell(table, 0, "name")).to_contain_text("newer")
    ask(server, "DELETE", "/runs/newer")
    expect(table.get_by_role("treegrid")).to_have_attribute("aria-rowcount", str(N_RUNS + 2))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_table_is_accessible(table: Page, theme: str) -> None:
    table.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    choose(table, "optimizer", "Group by it")
    table.get_by_role("button", name="adam 20 runs").click()
    expect(cell(table, 1, "state")).to_have_text("finished")
    assert axe_faults(table) == []
