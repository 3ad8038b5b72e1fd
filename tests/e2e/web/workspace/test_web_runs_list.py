"""The runs list of the workspace: filters, groups, orders, the selection; by mouse and by keys."""

from __future__ import annotations

import contextlib
import functools
import re

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from at_length import at_length, case_at_length
from chart_pixels import wait_for
from server_process import ServerProcess, wait_until
from web_pages import (
    DESKTOP,
    IS_STILL,
    SMALLEST,
    OpenApp,
    axe_faults,
    hold,
    make_view,
    outside,
    plot,
    run_script,
    type_text,
)

SWEEP = """
import weft
for i in range(23):
    run = weft.init(
        project="sweep", id=f"s{i:02}", name=f"trial-{i}", group=f"g{i % 2}",
        config={"optimizer": {"name": ["adam", "sgd", "lion"][i % 3]}, "lr": 10.0 ** -(1 + i % 4)},
    )
    for step in range(20):
        run.log({"loss": 1 / (step + 1) + i / 100, "acc": i / 23})
    run.finish()
"""
AIMS = """
import weft
for i in range(9):
    is_odd = i == 8
    run = weft.init(project="aims", id=f"a{i}", name="odd" if is_odd else f"aim-{i}")
    if not is_odd:
        run.define_metric("val/accuracy", summary="max", goal="maximize")
        run.define_metric("val/loss", summary="min", goal="minimize")
    run.log({"val/accuracy": (i + 1) / 10, "val/loss": i / 10})
    run.finish()
"""
CRASH = """
import os, weft
run = weft.init(project="sweep", id="lost", name="lost", config={"lr": 1.0})
run.log({"loss": 1})
os.kill(os.getpid(), 9)
"""


OURS = """
import os, weft
for i in range(14):
    # two in the middle are of a colleague
    os.environ.update(WEFT_USERNAME="ada" if i in (6, 7) else "")
    with weft.init(project="ours", name=f"our-{i}") as run:
        run.log({"loss": i})
"""
LONG_NAMES = """
import weft
for i in range(10):
    ends = f"convnext-tiny-imagenet1k-adamw-cosine-wd0.05-lr0.003-seed{i}"
    middles = f"resnet50d-imagenet1k-lr{i}e-5-warmup-then-cosine-augmented-ema"
    with weft.init(project="names", name=ends if i % 2 else middles) as run:
        run.log({"loss": i})
"""

PART_PX = 80
"""More than `imagenet1k-` takes: a part of a name is whole or gone."""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `SWEEP`, and one that has crashed."""
    assert run_script(server, SWEEP).wait(120) == 0
    run_script(server, CRASH).wait(120)
    url = f"{server.url}/api/v1/projects/local/sweep/runs/lost"
    headers = {"Authorization": f"Bearer {server.token}"}

    def is_crashed() -> bool:
        return bool(httpx.get(url, headers=headers).json().get("state") == "crashed")

    wait_until(is_crashed, what="the run is known to have crashed")


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess) -> None:
    """Projects `aims` and `ours`, which tests at length alone ask for."""
    for script in [run_script(server, code) for code in (AIMS, OURS)]:
        assert script.wait(120) == 0


@pytest.fixture
def sweep(page: Page, server: ServerProcess, app: OpenApp) -> Page:
    """The sweep's workspace with nothing chosen yet."""
    page.goto(f"{app(server)}/local/sweep")
    # the first page of all may have to be made ready
    expect(badge(page)).to_have_text("10 / 24")
    # the keys of the list do nothing before its rows are there
    expect(page.locator(".list [role=row]").first).to_be_visible()
    return page


def badge(page: Page) -> Locator:
    """The badge with the numbers of shown and listed runs."""
    return page.locator(".rh .badge")


def row(page: Page, name: str) -> Locator:
    """A run's row, or a group's."""
    return page.locator(".list [role=row]", has=page.get_by_text(name, exact=True))


def names(page: Page, n: int) -> list[str]:
    """The names of the first rows, from top to bottom."""
    placed = page.locator(".list [role=row] .mid").evaluate_all(
        "all => all.map((one) => [one.getBoundingClientRect().y, one.title])"
    )
    return [title for _, title in sorted(placed)][:n]


@at_length
@pytest.mark.parametrize(
    ("theme", "viewport"),
    [
        pytest.param("light", DESKTOP, id="light"),
        case_at_length("dark", DESKTOP, id="dark"),
        case_at_length("light", SMALLEST, id="1024 px"),
    ],
    indirect=True,
)
def test_crashed_runs_are_hidden_by_one_click(sweep: Page) -> None:
    expect(row(sweep, "lost")).to_be_visible()
    sweep.get_by_role("button", name="Filter", exact=True).click()
    sweep.get_by_role("button", name="Hide crashed").click()
    expect(sweep.get_by_role("dialog")).to_contain_text("23 of 24 match")
    assert outside(sweep) == []
    sweep.keyboard.press("Escape")
    expect(row(sweep, "lost")).to_have_count(0)
    expect(plot(sweep, "loss")).to_be_visible()
    assert outside(sweep) == []
    chip = sweep.get_by_role("group", name="Filters", exact=True)
    expect(chip).to_contain_text("state is not crashed")
    chip.get_by_role("button", name="Remove the filter").click()
    expect(row(sweep, "lost")).to_be_visible()


@at_length
def test_groups_have_figures_and_one_eye_each(sweep: Page) -> None:
    sweep.get_by_role("button", name="Group", exact=True).click()
    sweep.get_by_role("combobox", name="Add a group key").fill("optimizer")
    sweep.get_by_role("option", name="config.optimizer.name").click()
    sweep.keyboard.press("Escape")
    expect(sweep.get_by_text("4 groups, 24 runs")).to_be_visible()
    adam = sweep.locator(".list [role=row]", has_text=re.compile("^adam"))
    expect(adam).to_contain_text("8")
    expect(sweep.locator("[data-metric='loss']")).to_contain_text("adam")

    # a pinned column has the mean of the group, more on hover; names keep their room
    edge = sweep.get_by_role("separator", name="Width of the runs list")
    expect(edge).to_have_attribute("aria-valuenow", "384")
    sweep.get_by_role("button", name="Columns", exact=True).click()
    sweep.get_by_role("textbox", name="Find a column").fill("acc")
    sweep.get_by_role("checkbox", name="acc").check()
    expect(edge).to_have_attribute("aria-valuenow", "436")
    sweep.keyboard.press("Escape")
    expect(adam.locator(".num").last).to_have_attribute("title", re.compile(r"^mean 0\.4565, std"))

    sweep.get_by_role("button", name="Show group adam").click()
    expect(badge(sweep)).to_have_text("16 / 24")
    expect(sweep.locator("[data-metric='loss'] .plot")).to_have_attribute(
        "aria-label", re.compile("3 curves")
    )
    adam.get_by_role("button", name="Open adam").click()
    sweep.get_by_role("button", name="Show trial-3", exact=True).click()
    expect(badge(sweep)).to_have_text("17 / 24")
    expect(adam).to_contain_text("1 of 8")

    # the button that had the focus goes with its row: the field takes it
    sweep.get_by_role("button", name=re.compile("^Group")).first.click()
    groups = sweep.get_by_role("dialog", name="Group")
    groups.get_by_role("button", name=re.compile("^Remove .*optimizer")).click()
    expect(adam).to_have_count(0)
    expect(groups.get_by_role("combobox", name="Add a group key")).to_be_focused()
    sweep.keyboard.press("Escape")
    sweep.keyboard.press("Escape")
    expect(groups).to_be_hidden()


@at_length
def test_a_hidden_run_is_counted_in_the_groups_of_each_level(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    view = make_view(server, "sweep", groupBy=["group", "config.optimizer.name"])
    page.goto(f"{app(server)}/local/sweep?{view}")
    rows = page.locator(".list [role=row]")
    outer = rows.filter(has=page.get_by_text("g0", exact=True)).first
    inner = rows.filter(has=page.get_by_text("adam", exact=True)).first
    expect(inner).to_contain_text("4")
    inner.get_by_role("button", name="Open adam").click()
    page.get_by_role("button", name=re.compile("^Show trial-")).first.click()
    expect(inner).to_contain_text("3 of 4")
    expect(outer).to_contain_text("11 of 12")


@at_length
def test_groups_name_the_texts_of_their_runs(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    pinned = ["config.optimizer.name", "config.lr"]
    view = make_view(server, "sweep", groupBy=["group"], pinned=pinned)
    page.goto(f"{app(server)}/local/sweep?{view}")
    group = page.locator(".list [role=row]").filter(has=page.get_by_text("g0", exact=True))
    texts = group.get_by_text("adam, lion, sgd")
    expect(texts).to_be_visible()
    expect(texts).to_have_attribute("title", "adam: 4 runs\nlion: 4 runs\nsgd: 4 runs")
    # of numbers the mean
    expect(group.get_by_title(re.compile("^mean 0.0"))).to_be_visible()


@at_length
def test_charts_stay_until_all_of_a_grouped_list_is_known(sweep: Page) -> None:
    drawn = sweep.locator("[data-metric='loss'] .plot")
    expect(drawn).to_have_attribute("aria-label", re.compile("10 curves"))
    drawn.evaluate("(one) => one.classList.add('kept')")
    sweep.get_by_role("button", name="Group", exact=True).click()
    sweep.get_by_role("combobox", name="Add a group key").fill("optimizer")
    count_runs = hold(sweep, "**/runs/query")
    with sweep.expect_response("**/runs/groups"):
        sweep.get_by_role("option", name="config.optimizer.name").click()
    expect(badge(sweep)).to_have_text("10 / 24")
    count_runs()
    expect(sweep.get_by_text("4 groups, 24 runs")).to_be_visible()
    expect(badge(sweep)).to_have_text("24 / 24")
    expect(sweep.locator("[data-metric='loss'] .plot.kept")).to_have_count(1)


@at_length
def test_groups_in_groups_have_their_colours_in_list_and_charts(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    keys = ["config.optimizer.name", "config.lr"]
    view = make_view(server, "sweep", groupBy=keys, filter="state != crashed")
    page.goto(f"{app(server)}/local/sweep?{view}")
    panel = page.locator("[data-metric='loss']")
    expect(panel.locator(".legend")).to_contain_text("adam, 0.1")

    # the outer groups are open at first, and have no color: no curve is theirs
    listed = page.locator(".list [role=row][aria-level]")
    panel.locator(".legend .more").click()
    drawn = page.get_by_role("dialog").locator(".entry")

    def colors(rows: Locator, name: str, swatch: str) -> list[tuple[str, str | None]]:
        pairs: list[list[str | None]] = rows.evaluate_all(
            "(all, [name, swatch]) => all.map((one) => [one.querySelector(name).title,"
            " one.querySelector(swatch)?.getAttribute('style').match(/--w-run-\\d+/)[0]])",
            [name, swatch],
        )
        return [(str(text), color) for text, color in pairs]

    def agree() -> bool:
        in_list: dict[str, str | None] = {}
        outer = ""
        for name, color in colors(listed, ".tx > .mid", ".sw-dot"):
            if color is None:
                outer = name
            else:
                in_list[f"{outer}, {name}"] = color
        in_chart = dict(colors(drawn, ".mid", ".swatch"))
        is_each_its_own = len(set(in_chart.values())) == len(in_chart) == 12
        # in the order of the list, too
        return is_each_its_own and list(in_list.items()) == list(in_chart.items())

    expect(drawn).to_have_count(12)
    wait_until(agree, what="the colours of the chart in the list")


def test_runs_are_searched_by_pattern_and_filtered(sweep: Page) -> None:
    runs = sweep.get_by_role("region", name="Runs", exact=True)
    runs.get_by_role("button", name="Regular expression").click()
    runs.get_by_role("textbox", name="Search runs").fill("^trial-1?[37]$")
    expect(badge(sweep)).to_have_text("4 / 4")
    wait_until(lambda: names(sweep, 5) == ["trial-17", "trial-13", "trial-7", "trial-3"])
    runs.get_by_role("textbox", name="Search runs").fill("")
    expect(badge(sweep)).to_have_text("10 / 24")
    # a value is typed key by key into the first condition
    dialog = open_filter(sweep, "config.lr", "less than")
    sweep.keyboard.type("0.005", delay=KEY_MILLIS)
    expect(dialog.get_by_role("combobox", name="Value")).to_have_value("0.005")
    expect(dialog.get_by_role("combobox", name="Value")).to_be_focused()
    expect(dialog).to_contain_text("11 of 24 match")


@at_length
def test_the_arrow_in_the_search_leads_into_the_runs_it_finds(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    search, rows = page.get_by_role("textbox", name="Search runs"), page.locator(".list")
    list_runs = hold(page, "**/runs/query")
    page.goto(f"{app(server)}/local/sweep")
    search.press("ArrowDown")
    list_runs()
    expect(rows).to_be_focused()
    # rows of the search before are not those that it finds
    list_runs = hold(page, "**/runs/query")
    search.press_sequentially("trial-1")
    page.keyboard.press("ArrowDown")
    expect(rows).not_to_be_focused()
    list_runs()
    expect(rows).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="trial-19")).to_be_visible()


@at_length
def test_the_arrow_in_the_search_leads_nowhere_once_one_types_on(sweep: Page) -> None:
    search = sweep.get_by_role("textbox", name="Search runs")
    search.focus()
    list_runs = hold(sweep, "**/runs/query")
    sweep.keyboard.type("trial-1")
    sweep.keyboard.press("ArrowDown")
    sweep.keyboard.type("9")
    list_runs()
    expect(badge(sweep)).to_have_text("1 / 1")
    expect(search).to_be_focused()


@at_length
def test_a_nested_filter_by_mouse_is_the_same_as_text(sweep: Page) -> None:
    sweep.get_by_role("button", name="Filter", exact=True).click()
    dialog = sweep.get_by_role("dialog", name="Filter")
    dialog.get_by_role("combobox", name="Column").fill("group")
    sweep.get_by_role("option", name="group 23").click()
    dialog.get_by_role("combobox", name="Value").fill("g1")
    expect(dialog).to_contain_text("11 of 24 match")
    dialog.get_by_role("button", name="Group").last.click()
    nest = dialog.get_by_role("group", name="Group of conditions")
    nest.get_by_role("combobox", name="Column").fill("config.lr")
    sweep.get_by_role("option", name="config.lr").click()
    nest.get_by_role("button", name="Comparison: is").click()
    sweep.get_by_role("menuitemradio", name="at most").click()
    nest.get_by_role("combobox", name="Value").fill("1e-4")
    nest.get_by_role("button", name="Condition", exact=True).click()
    nest.get_by_role("combobox", name="Column").nth(1).fill("optimizer")
    sweep.get_by_role("option", name="config.optimizer.name").click()
    nest.get_by_role("combobox", name="Value").nth(1).fill("sgd")
    sweep.keyboard.press("Tab")

    dialog.get_by_role("radio", name="Expression").click()
    text = dialog.get_by_role("textbox", name="Filter expression")
    expect(text).to_have_value(
        'group = "g1" and (config.lr <= 0.0001 or config.optimizer.name = "sgd")'
    )
    expect(sweep.get_by_role("group", name="Filters", exact=True)).to_contain_text("any of 2")

    text.fill("state = finished and config.lr >> 1")
    expect(dialog.get_by_role("alert")).to_contain_text(
        "Character 33: a value is expected, not '>'"
    )
    text.fill("config.lr <= 0.001 and not (group = g0 or state = crashed)")
    expect(dialog).to_contain_text("5 of 24 match")
    dialog.get_by_role("radio", name="Builder").click()
    expect(dialog.get_by_role("button", name="Which must hold: none of these")).to_be_visible()
    expect(badge(sweep)).to_have_text("5 / 5")


KEY_MILLIS = 40
"""Between two keys of a person who types: time enough for the page to lose the focus."""


def open_filter(page: Page, column: str, word: str) -> Locator:
    """Open the builder with one condition on a column, and go to the field of its value."""
    page.get_by_role("button", name="Filter", exact=True).click()
    dialog = page.get_by_role("dialog", name="Filter")
    dialog.get_by_role("combobox", name="Column").click()
    page.keyboard.type(column, delay=KEY_MILLIS)
    page.get_by_role("option", name=re.compile(rf"^{column} \d", re.IGNORECASE)).click()
    dialog.get_by_role("button", name="Comparison: ").click()
    page.get_by_role("menuitemradio", name=word, exact=True).click()
    dialog.get_by_role("combobox", name="Value").click()
    return dialog


@pytest.mark.parametrize(
    ("column", "word", "typed", "rest", "message", "n_matches"),
    [
        ("created", "after", "2020-", "01-01", "is not a time", "24 of 24"),
        ("name", "matches", "trial-[1", "3]$", "not a regular expression", "2 of 24"),
    ],
)
@at_length
def test_what_is_half_typed_stays_in_its_row(
    sweep: Page, column: str, word: str, typed: str, rest: str, message: str, n_matches: str
) -> None:
    dialog = open_filter(sweep, column, word)
    sweep.keyboard.type(typed, delay=KEY_MILLIS)
    expect(dialog.get_by_role("alert")).to_contain_text(message)
    sweep.keyboard.type(rest, delay=KEY_MILLIS)
    expect(dialog.get_by_role("combobox", name="Value")).to_have_value(typed + rest)
    expect(dialog.get_by_role("alert")).to_have_count(0)
    expect(dialog).to_contain_text(f"{n_matches} match")


@at_length
def test_of_two_quick_filters_in_a_row_none_is_lost(sweep: Page) -> None:
    sweep.get_by_role("button", name="Filter", exact=True).click()
    quick = sweep.get_by_role("group", name="Quick filters").get_by_role("button")
    expect(quick.nth(1)).to_have_text("Hide failed")
    quick.evaluate_all("all => { all[0].click(); all[1].click(); }")
    chips = sweep.get_by_role("group", name="Filters", exact=True)
    expect(chips).to_contain_text("state is not crashed")
    expect(chips).to_contain_text("state is not failed")


@at_length
def test_a_row_of_the_filter_before_takes_back_no_quick_filter(sweep: Page) -> None:
    dialog = open_filter(sweep, "group", "is")
    sweep.keyboard.type("g1", delay=KEY_MILLIS)
    expect(dialog).to_contain_text("11 of 24 match")
    read_filters = hold(sweep, "**/filters/parse")
    with sweep.expect_request("**/filters/parse"):
        dialog.get_by_role("button", name="Hide crashed").click()
    chips = sweep.get_by_role("group", name="Filters", exact=True)
    value = dialog.get_by_role("combobox", name="Value").bounding_box()
    assert value is not None
    sweep.mouse.click(value["x"] + value["width"] / 2, value["y"] + value["height"] / 2)
    sweep.keyboard.type("23")
    read_filters()
    expect(chips).to_contain_text("state is not crashed")
    expect(dialog.get_by_role("combobox", name="Value").first).to_have_value("g1")
    expect(dialog).to_contain_text("11 of 24 match")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_only_mine_and_only_shown(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/ours")
    expect(badge(page)).to_have_text("10 / 14")
    row(page, "our-13").get_by_role("button", name="Show our-13").click()
    expect(badge(page)).to_have_text("9 / 14")
    page.get_by_role("button", name="Filter", exact=True).click()
    filters = page.get_by_role("dialog", name="Filter")
    button = filters.get_by_role("button", name="Only mine")
    shown = filters.get_by_role("button", name="Only shown")
    # who one is may be told after the window is open
    expect(button).to_be_visible()
    expect(filters).to_contain_text("14 of 14 match")
    wait_for(lambda: page.evaluate(IS_STILL), True)
    box = shown.bounding_box()
    button.click()
    expect(filters).to_contain_text("12 of 14 match")
    expect(badge(page)).to_have_text("9 / 12")
    # its new row moves no button from under the pointer
    expect(filters.get_by_role("combobox", name="Value")).to_have_value("root")
    assert shown.bounding_box() == box
    # a part is added to the filter that the server has read
    expect(button).to_have_attribute("aria-pressed", "true")
    shown.click()
    expect(filters).to_contain_text("9 of 14 match")
    expect(shown).to_have_attribute("aria-pressed", "true")
    expect(badge(page)).to_have_text("9 / 9")
    page.keyboard.press("Escape")
    expect(filters).to_be_hidden()
    chips = page.get_by_role("group", name="Filters", exact=True)
    expect(chips).to_contain_text("id is any of 9 runs")
    # hiding a run leaves it in the list, where it can be shown again
    row(page, "our-12").get_by_role("button", name="Show our-12").click()
    expect(badge(page)).to_have_text("8 / 9")
    for before in ("9 / 9", "9 / 12", "9 / 14"):
        page.keyboard.press("Control+z")
        expect(badge(page)).to_have_text(before)
    page.keyboard.press("t")
    expect(page.get_by_role("toolbar", name="Runs table")).to_be_visible()
    page.keyboard.press("f")
    shown.click()
    expect(filters).to_contain_text("9 of 14 match")
    expect(shown).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(filters).to_contain_text("7 of 14 match")
    expect(button).to_have_attribute("aria-pressed", "true")
    shown.click()
    expect(filters).to_contain_text("12 of 14 match")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_only_shown_waits_until_the_filter_is_read_and_the_runs_are_known(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    read_filters, list_runs = hold(page, "**/filters/parse"), hold(page, "**/runs/query")
    page.goto(f"{app(server)}/local/ours?filter=name+%21%3D+%22our-13%22")
    page.get_by_role("button", name="Filter", exact=True).click()
    filters = page.get_by_role("dialog", name="Filter")
    shown = filters.get_by_role("button", name="Only shown")
    chips = page.get_by_role("group", name="Filters", exact=True)
    shown.click()
    list_runs()
    expect(badge(page)).to_have_text("10 / 13")
    read_filters()
    expect(badge(page)).to_have_text("10 / 10")
    expect(chips).to_contain_text("id is any of 10 runs")
    expect(shown).to_be_focused()
    # pressed again before the server has read what another quick filter made
    read_filters = hold(page, "**/filters/parse")
    filters.get_by_role("button", name="Only mine").click()
    expect(badge(page)).to_have_text("8 / 8")
    shown.click()
    read_filters()
    expect(badge(page)).to_have_text("10 / 11")
    # and while the runs shown are still those of the filter before
    filters.get_by_role("button", name="Only mine").click()
    expect(badge(page)).to_have_text("10 / 13")
    page.keyboard.press("Escape")
    row(page, "our-12").get_by_role("button", name="Show our-12").click()
    expect(badge(page)).to_have_text("9 / 13")
    page.keyboard.press("f")
    list_runs = hold(page, "**/runs/query")
    filters.get_by_role("button", name="Only mine").click()
    shown.click()
    list_runs()
    expect(badge(page)).to_have_text("9 / 9")


@at_length
def test_an_invalid_filter_in_the_address_is_shown_at_its_place(
    sweep: Page, server: ServerProcess, app: OpenApp
) -> None:
    sweep.goto(f"{app(server)}/local/sweep?filter=config.lr >> 1")
    expect(sweep.get_by_role("button", name="Filter, invalid")).to_be_visible()
    runs = sweep.get_by_role("region", name="Runs", exact=True)
    expect(runs).to_contain_text("The filter is invalid")
    runs.get_by_role("button", name="Edit filter").click()
    dialog = sweep.get_by_role("dialog", name="Filter")
    text = dialog.get_by_role("textbox", name="Filter expression")
    expect(text).to_be_focused()
    expect(text).to_have_value("config.lr >> 1")
    expect(dialog.get_by_role("alert")).to_contain_text("Character 12: a value is expected")
    expect(dialog.locator("mark")).to_have_text(">")
    assert axe_faults(sweep, "'.mantine-Popover-dropdown'") == []
    sweep.keyboard.press("Escape")
    runs.get_by_role("button", name="Clear filter").click()
    expect(badge(sweep)).to_have_text("10 / 24")


@at_length
def test_what_is_typed_amid_an_expression_stays_where_the_cursor_is(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/sweep?filter=name+%3D+trial-1")
    expect(badge(page)).to_have_text("1 / 1")
    page.get_by_role("button", name="Filter, 1 set").click()
    dialog = page.get_by_role("dialog", name="Filter")
    dialog.get_by_text("Expression", exact=True).click()
    text = dialog.get_by_role("textbox", name="Filter expression")
    text.click()
    text.evaluate("field => field.setSelectionRange(5, 5)")
    page.keyboard.type("!")
    expect(dialog).to_contain_text("23 of 24 match")
    expect(badge(page)).to_have_text("10 / 23")
    page.keyboard.press("Backspace")
    expect(text).to_have_value("name = trial-1")


@at_length
def test_an_expression_holds_also_where_its_window_is_closed_before_it_is_read(
    sweep: Page,
) -> None:
    sweep.get_by_role("button", name="Filter", exact=True).click()
    dialog = sweep.get_by_role("dialog", name="Filter")
    dialog.get_by_text("Expression", exact=True).click()
    read_filters = hold(sweep, "**/filters/parse")
    with sweep.expect_request("**/filters/parse"):
        dialog.get_by_role("textbox", name="Filter expression").fill("name = trial-1")
    sweep.get_by_role("heading", name="Runs").click()
    expect(dialog).to_have_count(0)
    read_filters()
    expect(badge(sweep)).to_have_text("1 / 1")


@at_length
def test_popovers_have_the_focus_in_their_field_and_keep_the_pages_keys(sweep: Page) -> None:
    find_run = sweep.get_by_role("textbox", name="Search runs")

    def type_into(button: str, field: Locator) -> None:
        sweep.get_by_role("button", name=button, exact=True).click()
        expect(field).to_be_focused()
        sweep.keyboard.type("p/acc", delay=KEY_MILLIS)
        expect(field).to_have_value("p/acc")
        sweep.keyboard.press("Escape")
        sweep.keyboard.press("Escape")
        expect(sweep.get_by_role("dialog")).to_have_count(0)

    sort_key = sweep.get_by_role("combobox", name="Add a sort key")
    type_into("Columns", sweep.get_by_role("textbox", name="Find a column"))
    type_into("Sort", sort_key)
    sweep.get_by_role("button", name="Sort by name").click()
    type_into("Sort Name", sort_key)

    type_into("Filter", sweep.get_by_role("combobox", name="Column"))
    expect(find_run).to_have_value("")
    # one without a text field keeps them, too
    sweep.get_by_role("button", name="Filter", exact=True).click()
    filters = sweep.get_by_role("dialog", name="Filter")
    filters.get_by_role("button", name="Hide crashed").focus()
    for key in "/p?":
        sweep.keyboard.press(key)
    expect(filters).to_be_visible()
    expect(find_run).not_to_be_focused()
    expect(find_run).to_have_value("")
    sweep.keyboard.press("Escape")
    expect(filters).to_have_count(0)
    sweep.keyboard.press("/")
    expect(find_run).to_be_focused()


@at_length
def test_a_name_is_one_text_to_find_and_to_copy(sweep: Page, server: ServerProcess) -> None:
    url = f"{server.url}/api/v1/projects/local/sweep/runs/s05"
    headers = {"Authorization": f"Bearer {server.token}"}

    def rename(name: str) -> None:
        httpx.patch(url, json={"name": name}, headers=headers).raise_for_status()

    name = "warmup-then-cosine-3e-4-two-of-three"
    rename(name)
    try:
        sweep.get_by_role("textbox", name="Search runs").fill("cosine")
        expect(row(sweep, name)).to_be_visible()
        find = "name => [window.find(name), String(getSelection())]"
        assert sweep.evaluate(find, name) == [True, name]
    finally:
        rename("trial-5")


def cuts(page: Page, area: str) -> list[tuple[str, float]]:
    """The visible parts of names that are cut, and the px of room that each leaves at its end."""
    texts = page.locator(f"{area} .mid[data-cut] .mid-seen").evaluate_all(
        """all => all.map((one) => {
            const room = one.clientWidth
            const { width } = getComputedStyle(one, "::before")
            return [one.dataset.text, room - parseFloat(width)]
        })"""
    )
    return [(text, left) for text, left in texts]


def are_cut_well(page: Page, area: str) -> bool:
    cut = cuts(page, area)
    return len({text for text, _ in cut}) == 10 and all(-0.5 <= left < PART_PX for _, left in cut)


@at_length
def test_long_names_are_cut_where_they_are_the_same(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, LONG_NAMES).wait(120) == 0
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{app(server)}/local/names")
    name = page.locator(".list .mid").first
    expect(name).to_have_attribute("data-cut", "")
    expect(name.locator(".mid-text")).to_have_text(re.compile("^convnext"))
    for area, address in ((".list", ""), (".rt-pins", "/runs")):
        page.goto(f"{app(server)}/local/names{address}")
        expect(page.locator(f"{area} .mid[data-cut]")).to_have_count(10)
        wait_for(lambda: page.evaluate("document.fonts.status"), "loaded")
        # names are cut anew when others are beside them, and in another font
        with contextlib.suppress(AssertionError):
            wait_until(functools.partial(are_cut_well, page, area))
        seen = [text for text, _ in cuts(page, area)]
        assert len(set(seen)) == 10, seen
        # names that differ at their end, and others that differ in the middle
        assert [text for text in seen if re.fullmatch(r"con.*…(.*-)?seed\d", text)] != [], seen
        assert [text for text in seen if re.fullmatch(r"res.*…lr\de-5.*", text)] != [], seen
        # no part more would have room, and the dots are followed by what is next to them
        assert all(-0.5 <= left < PART_PX for _, left in cuts(page, area)), cuts(page, area)


@at_length
def test_runs_are_sorted_by_two_keys(sweep: Page) -> None:
    sweep.get_by_role("button", name="Sort", exact=True).click()
    for typed in ("optimizer", "summary.acc"):
        sweep.get_by_role("combobox", name="Add a sort key").fill(typed)
        sweep.get_by_role("option", name=typed).click()
    direction = sweep.get_by_role("radiogroup", name="Direction of config.optimizer.name")
    direction.get_by_role("radio", name="Low first").click()
    sweep.keyboard.press("Escape")
    expect(sweep.get_by_role("button", name="Sort 2 keys")).to_be_visible()
    expect(row(sweep, "trial-21")).to_be_visible()
    wait_until(lambda: names(sweep, 3) == ["trial-21", "trial-18", "trial-15"])

    sweep.get_by_role("button", name="Sort by name").click()
    wait_until(lambda: names(sweep, 3) == ["lost", "trial-0", "trial-1"])


@pytest.fixture
def aims(page: Page, rarer_runs: None, server: ServerProcess, app: OpenApp) -> Page:
    """A project whose newest run has no goal, and a column that only it has."""
    page.goto(f"{app(server)}/local/aims")
    expect(row(page, "odd")).to_be_visible()
    return page


def press(page: Page, text: str) -> None:
    """Type key by key, as a person does."""
    for key in text:
        page.keyboard.press("Space" if key == " " else key)


@at_length
def test_the_best_run_is_found_by_typing_part_of_a_metric(aims: Page) -> None:
    aims.get_by_role("button", name="Sort", exact=True).click()
    field = aims.get_by_role("combobox", name="Add a sort key")
    expect(field).to_be_focused()
    press(aims, "val/acc")
    first = aims.get_by_role("option").first
    expect(first).to_have_text("summary.val/accuracy max8 runs")
    expect(first).to_have_attribute("aria-selected", "true")
    aims.keyboard.press("Enter")
    keys = aims.get_by_role("list", name="Sort keys, first one first")
    expect(keys).to_contain_text("summary.val/accuracy max")
    expect(aims.get_by_role("radio", name="High first")).to_be_checked()
    aims.keyboard.press("Escape")
    # the button and the list say what it is, and the best run is the first one
    expect(aims.get_by_role("button", name="Sort val/accuracy max")).to_be_visible()
    expect(aims.get_by_role("button", name="Sort by val/accuracy max")).to_be_visible()
    wait_until(lambda: names(aims, 2) == ["aim-7", "aim-6"], what="the best runs first")
    expect(row(aims, "aim-7")).to_contain_text("0.8")
    expect(aims).to_have_url(re.compile("val%2Faccuracy.max|val/accuracy.max"))


@at_length
def test_a_metric_to_minimize_sorts_low_first(aims: Page) -> None:
    aims.get_by_role("button", name="Sort", exact=True).click()
    expect(aims.get_by_role("combobox", name="Add a sort key")).to_be_focused()
    press(aims, "min val/loss")
    expect(aims.get_by_role("option", selected=True)).to_contain_text("val/loss min")
    aims.keyboard.press("Enter")
    expect(aims.get_by_role("radio", name="Low first")).to_be_checked()
    aims.keyboard.press("Escape")
    wait_until(lambda: names(aims, 2) == ["aim-0", "aim-1"], what="the lowest loss first")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_the_first_click_on_a_head_waits_until_the_goal_is_known(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    list_aims = hold(page, "**/columns?*has_goal*")
    pinned = make_view(server, "aims", pinned=["summary.val/accuracy.max"])
    page.goto(f"{app(server)}/local/aims?{pinned}")
    page.get_by_role("button", name="Sort by val/accuracy max").click()
    list_aims()
    expect(
        page.get_by_role("button", name="Sort by val/accuracy max, sorted, high first")
    ).to_be_visible()
    wait_until(lambda: names(page, 2) == ["aim-7", "aim-6"], what="the best runs first")


@at_length
def test_a_column_field_takes_the_marked_one_and_discards_nothing(aims: Page) -> None:
    aims.get_by_role("button", name="Sort", exact=True).click()
    field = aims.get_by_role("combobox", name="Add a sort key")
    expect(field).to_be_focused()
    # an arrow marks another
    press(aims, "val/acc")
    expect(aims.get_by_role("option")).to_have_count(2)
    aims.keyboard.press("ArrowDown")
    expect(aims.get_by_role("option", selected=True)).to_have_text("summary.val/accuracy1 run")
    # Escape gives up, and the window stays
    aims.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(field).to_be_visible()
    # a text that is no column stays, with what would be taken
    press(aims, "accu")
    heading = aims.get_by_role("heading", name="Sort by")
    heading.click()
    expect(field).to_have_value("accu")
    expect(field).to_have_attribute("aria-invalid", "true")
    dialog = aims.get_by_role("dialog", name="Sort")
    expect(dialog.get_by_role("alert")).to_have_text("not a column: Enter takes val/accuracy max")
    # the name as it is shown is one
    field.click()
    aims.keyboard.press("ControlOrMeta+a")
    press(aims, "val/accuracy max")
    heading.click()
    expect(dialog.get_by_role("list", name="Sort keys")).to_contain_text("val/accuracy max")
    expect(dialog.get_by_role("alert")).to_have_count(0)


@at_length
def test_a_name_that_is_typed_stays_as_runs_come(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft, sys; weft.init(project='renamed', name=sys.argv[1]).finish()"
    for name in ("old-1", "old-2"):
        assert run_script(server, script, name).wait(120) == 0
    page.goto(f"{app(server)}/local/renamed")
    expect(badge(page)).to_have_text("2 / 2")
    page.locator(".list").focus()
    page.keyboard.press("F2")
    page.get_by_label("New name of old-2").fill("mine")
    assert run_script(server, script, "newer").wait(120) == 0
    expect(page.get_by_role("button", name="1 new run")).to_be_visible()
    expect(page.get_by_label("New name of old-2")).to_have_value("mine")
    page.keyboard.press("Enter")
    expect(row(page, "mine")).to_be_visible()
    expect(row(page, "newer")).to_be_visible()


def test_the_last_value_of_a_row_stays_whole_next_to_its_menu(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft; run = weft.init(project='values', name='r'); run.log({'loss': 0.4179})"
    assert run_script(server, script).wait(120) == 0
    view = make_view(server, "values", pinned=("summary.loss",))
    page.goto(f"{app(server)}/local/values?{view}")
    value = row(page, "r").locator(".num").last
    expect(value).not_to_be_empty()
    row(page, "r").hover()
    more = page.get_by_role("button", name="More about r", exact=True)
    expect(more).to_have_css("opacity", "1")
    right = value.evaluate(
        """(cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return range.getBoundingClientRect().right;
        }"""
    )
    button = more.bounding_box()
    assert button is not None
    assert right <= button["x"] + 1
    assert value.evaluate("(cell) => cell.scrollWidth <= cell.clientWidth")


def test_a_run_is_renamed_from_the_menu_of_its_row(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft; weft.init(project='menus', name='old').finish()"
    assert run_script(server, script).wait(120) == 0
    page.goto(f"{app(server)}/local/menus")
    for before, after in (("old", "new name"), ("new name", "newest")):
        page.get_by_role("row", name=before).hover()
        page.get_by_role("button", name=f"More about {before}").click()
        page.get_by_role("menuitem", name="Rename").click()
        expect(page.get_by_role("menu")).to_have_count(0)
        field = page.get_by_role("textbox", name=f"New name of {before}").bounding_box()
        line = page.get_by_role("treegrid").bounding_box()
        assert field is not None
        assert line is not None
        assert field["width"] > 0.7 * line["width"]
        page.keyboard.press("ControlOrMeta+a")
        page.keyboard.type(after)
        page.keyboard.press("Enter")
        expect(row(page, after)).to_be_visible()
        expect(page.get_by_role("treegrid")).to_be_focused()


def test_ctrl_z_takes_back_one_change_at_a_time_the_newest_first(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft, sys; weft.init(project='undone', name=sys.argv[1]).finish()"
    for name in ("one", "two"):
        assert run_script(server, script, name).wait(120) == 0
    page.goto(f"{app(server)}/local/undone")
    page.get_by_role("button", name="Show one", exact=True).click()
    expect(badge(page)).to_have_text("1 / 2")
    row(page, "two").click(button="right")
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("New name of two").fill("three")
    page.keyboard.press("Enter")
    expect(row(page, "three")).to_be_visible()
    row(page, "three").click(button="right")
    page.get_by_role("menuitem", name="Delete").click()
    expect(badge(page)).to_have_text("0 / 1")

    page.keyboard.press("ControlOrMeta+z")
    expect(badge(page)).to_have_text("1 / 2")
    expect(row(page, "three")).to_be_visible()
    page.keyboard.press("ControlOrMeta+z")
    expect(row(page, "two")).to_be_visible()
    expect(badge(page)).to_have_text("1 / 2")
    page.keyboard.press("ControlOrMeta+z")
    expect(badge(page)).to_have_text("2 / 2")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_runs_are_starred_by_keys_in_menus_and_on_their_page(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    def tags(run: str) -> list[str]:
        answer = httpx.get(f"{server.url}/api/v1/projects/local/aims/runs/{run}")
        tags: list[str] = answer.json()["tags"]
        return tags

    def star_of(area: Page | Locator, name: str) -> Locator:
        return area.get_by_role("button", name=f"Star {name}", exact=True)

    page.goto(f"{app(server)}/local/aims")
    runs = page.get_by_role("treegrid")
    expect(runs.get_by_role("row")).to_have_count(9)
    runs.focus()
    page.keyboard.press("s")
    expect(star_of(runs, "odd")).to_have_attribute("aria-pressed", "true")
    wait_until(lambda: tags("a8") == ["starred"])
    runs.get_by_role("row", name="aim-7").click(button="right")
    page.get_by_role("menuitem", name="Star").click()
    expect(star_of(runs, "aim-7")).to_be_visible()
    wait_until(lambda: tags("a7") == ["starred"])

    # a star is a tag: the filter finds it
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("button", name="Starred").click()
    page.keyboard.press("Escape")
    expect(runs.get_by_role("row")).to_have_count(2)

    page.get_by_role("link", name="Runs", exact=True).click()
    table = page.get_by_role("treegrid", name=re.compile("edits"))
    expect(star_of(table, "odd")).to_be_visible()
    star_of(table, "aim-7").click()
    expect(star_of(table, "aim-7")).to_have_count(0)
    wait_until(lambda: tags("a7") == [])
    table.get_by_role("link", name="odd").click()
    star = star_of(page, "odd")
    expect(star).to_have_attribute("aria-pressed", "true")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    wait_until(lambda: tags("a8") == [])


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_runs_of_one_colour_are_told_apart(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    runs = f"{server.url}/api/v1/projects/local/aims/runs"

    def colors() -> dict[str, int]:
        return {f"a{i}": httpx.get(f"{runs}/a{i}").json()["color"] for i in range(9)}

    before = colors()
    assert len(set(before.values())) == 9
    # the newest is first in the list and keeps its colour
    assert httpx.patch(f"{runs}/a3", json={"color": before["a8"]}).status_code == 200
    page.goto(f"{app(server)}/local/aims")
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(9)
    line = page.get_by_text("1 shown run has the color of another", exact=True)
    tell_apart = page.get_by_role("button", name="Tell them apart")
    expect(line).to_be_visible()
    tell_apart.click()
    expect(line).to_have_count(0)
    wait_until(lambda: len(set(colors().values())) == 9)
    assert {run: color for run, color in colors().items() if run != "a3"} == {
        run: color for run, color in before.items() if run != "a3"
    }
    page.get_by_role("button", name="Undo", exact=True).click()
    wait_until(lambda: colors()["a3"] == before["a8"])

    # who wants the line no more finds the offer below Color
    page.get_by_role("button", name="Dismiss: Color still offers it").click()
    expect(line).to_have_count(0)
    page.reload()
    expect(page.get_by_role("treegrid").get_by_role("row")).to_have_count(9)
    page.get_by_role("button", name="Color", exact=True).click()
    window = page.get_by_role("dialog", name="Color")
    expect(window).to_contain_text("1 run of the 9 shown has the color of another.")
    expect(line).to_have_count(0)
    window.get_by_role("button", name="Tell them apart").click()
    expect(tell_apart).to_have_count(0)
    wait_until(lambda: len(set(colors().values())) == 9)


def test_a_search_that_leads_to_a_hidden_run_offers_that_run(sweep: Page) -> None:
    panels = sweep.get_by_role("region", name="Panels")
    sweep.get_by_role("button", name="Hide all runs").click()
    expect(panels).to_contain_text("All 24 runs are hidden")
    expect(panels.get_by_role("button", name="Show the newest 10")).to_be_visible()
    sweep.get_by_role("textbox", name="Search runs").fill("trial-17")
    expect(panels).to_contain_text("trial-17 is hidden")
    panels.get_by_role("button", name="Show this run").click()
    expect(badge(sweep)).to_have_text("1 / 1")
    expect(panels.locator("[data-metric='loss'] .legend")).to_contain_text("trial-17")
    # the others stay as they were
    sweep.get_by_role("textbox", name="Search runs").fill("")
    expect(badge(sweep)).to_have_text("1 / 24")


@at_length
def test_hidden_groups_are_all_shown_again_by_one_click(sweep: Page) -> None:
    sweep.goto(f"{sweep.url.split('?')[0]}?group=group")
    groups = sweep.locator(".list .run-row.g")
    expect(groups).to_have_count(3)
    for i in range(3):
        groups.nth(i).locator(".eye").click()
    panels = sweep.get_by_role("region", name="Panels")
    expect(panels).to_contain_text("All 24 runs are hidden")
    panels.get_by_role("button", name="Show these 3 groups").click()
    expect(badge(sweep)).to_have_text("24 / 24")


@at_length
def test_selected_runs_are_tagged_and_untagged_again(sweep: Page, server: ServerProcess) -> None:
    row(sweep, "trial-22").locator(".num").first.click(modifiers=["ControlOrMeta"])
    row(sweep, "trial-18").locator(".num").first.click(modifiers=["Shift"])
    bar = sweep.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("5 selected")
    for word in ("Compare", "Only these", "Hide", "Edit", "Tag", "Move"):
        expect(bar.get_by_text(word, exact=True)).to_be_visible()
    bar.get_by_role("button", name="Tag").click()
    sweep.get_by_role("textbox", name="Find or make a tag").fill("good")
    sweep.keyboard.press("Enter")
    expect(sweep.get_by_text("5 runs tagged good")).to_be_visible()
    expect(sweep.get_by_role("checkbox", name="good")).to_be_checked()

    url = f"{server.url}/api/v1/projects/local/sweep/runs?filter=tags has good"
    headers = {"Authorization": f"Bearer {server.token}"}
    assert httpx.get(url, headers=headers).json()["total"] == 5
    sweep.get_by_role("button", name="Undo", exact=True).last.click()
    wait_until(lambda: httpx.get(url, headers=headers).json()["total"] == 0)

    bar.get_by_role("button", name="Delete").click()
    expect(badge(sweep)).to_have_text("10 / 19")
    sweep.get_by_role("button", name="Undo", exact=True).last.click()
    expect(badge(sweep)).to_have_text("10 / 24")


@at_length
def test_the_palette_shares_tags_locks_and_deletes_the_selected_runs(sweep: Page) -> None:
    def choose(label: str) -> None:
        sweep.keyboard.press("Control+k")
        commands = sweep.get_by_role("group", name="3 selected runs")
        expect(commands.get_by_role("option")).to_have_text(
            [re.compile(f"^{verb} the 3 selected runs") for verb in verbs]
        )
        commands.get_by_text(label).click()

    verbs = ["Share", "Tag", "Lock", "Delete"]
    row(sweep, "trial-22").locator(".num").first.click(modifiers=["ControlOrMeta"])
    row(sweep, "trial-20").locator(".num").first.click(modifiers=["Shift"])
    choose("Share")
    expect(sweep.get_by_role("dialog", name="Share the selected runs")).to_be_visible()
    sweep.keyboard.press("Escape")
    choose("Tag")
    expect(sweep.get_by_role("textbox", name="Find or make a tag")).to_be_focused()
    sweep.keyboard.press("Escape")
    choose("Lock")
    expect(sweep.get_by_text("3 runs locked")).to_be_visible()
    verbs[2] = "Unlock"
    choose("Delete")
    dialog = sweep.get_by_role("dialog", name="These runs are locked")
    expect(dialog.get_by_role("listitem")).to_have_count(3)
    sweep.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    choose("Unlock")
    expect(sweep.get_by_text("3 runs unlocked")).to_be_visible()
    verbs[2] = "Lock"
    choose("Delete")
    expect(badge(sweep)).to_have_text("10 / 21")
    sweep.keyboard.press("Control+k")
    expect(sweep.get_by_role("combobox", name="Search or jump to")).to_be_visible()
    expect(sweep.get_by_role("group", name="3 selected runs")).to_have_count(0)
    sweep.keyboard.press("Escape")
    sweep.get_by_role("button", name="Undo", exact=True).last.click()
    expect(badge(sweep)).to_have_text("10 / 24")


@at_length
def test_tags_of_selected_runs_wait_until_they_are_known(
    sweep: Page, server: ServerProcess
) -> None:
    url = f"{server.url}/api/v1/projects/local/sweep/runs"
    headers = {"Authorization": f"Bearer {server.token}"}
    row(sweep, "trial-5").locator(".num").first.click(modifiers=["ControlOrMeta"])
    bar = sweep.get_by_role("toolbar", name="Selected runs")
    bar.get_by_role("button", name="Tag").click()
    sweep.get_by_role("textbox", name="Find or make a tag").fill("kept")
    sweep.keyboard.press("Enter")
    box = sweep.get_by_role("checkbox", name="kept")
    expect(box).to_be_checked()
    sweep.keyboard.press("Escape")
    expect(box).to_have_count(0)
    row(sweep, "trial-4").locator(".num").first.click(modifiers=["ControlOrMeta"])
    list_tags = hold(sweep, "**/runs/groups")
    bar.get_by_role("button", name="Tag").click()
    expect(box).to_be_disabled()
    list_tags()
    expect(box).to_be_enabled()
    box.click()
    expect(box).to_be_checked()
    wait_until(
        lambda: httpx.get(f"{url}?filter=tags has kept", headers=headers).json()["total"] == 2,
        what="both runs have the tag",
    )
    # nothing else has it
    box.click()
    expect(box).to_have_count(0)


@at_length
def test_the_undo_of_hidden_runs_takes_back_nothing_that_came_after(sweep: Page) -> None:
    for name in ("trial-22", "trial-21"):
        row(sweep, name).locator(".num").first.click(modifiers=["ControlOrMeta"])
    bar = sweep.get_by_role("toolbar", name="Selected runs")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Hide").click()
    expect(badge(sweep)).to_have_text("8 / 24")
    undo = sweep.locator(".toast").get_by_role("button", name="Undo")
    sweep.keyboard.press("Escape")
    row(sweep, "trial-20").get_by_role("button", name="Show trial-20").click()
    expect(badge(sweep)).to_have_text("7 / 24")
    undo.click()
    expect(badge(sweep)).to_have_text("9 / 24")


@at_length
def test_all_runs_that_come_after_they_are_let_go_are_not_selected(sweep: Page) -> None:
    sweep.locator(".list").focus()
    sweep.keyboard.press("Home")
    # If the list itself is still being read, the runs to be selected are asked for after that.
    list_runs = hold(sweep, "**/runs/query")
    sweep.keyboard.press("Control+a")
    sweep.keyboard.press("Escape")
    with sweep.expect_event(
        "requestfinished", lambda request: request.url.endswith("/runs/query")
    ):
        list_runs()
    sweep.keyboard.press("x")
    expect(sweep.get_by_role("toolbar", name="Selected runs").locator(".count")).to_have_text(
        "1 selected"
    )


@at_length
def test_all_runs_are_selected_of_a_search_that_is_not_answered_yet(sweep: Page) -> None:
    bar = sweep.get_by_role("toolbar", name="Selected runs")
    search = sweep.get_by_role("textbox", name="Search runs")
    list_runs = hold(sweep, "**/runs/query")
    search.fill("trial-2")
    sweep.get_by_role("checkbox", name="Select all").click()
    list_runs()
    expect(bar.locator(".count")).to_have_text("4 selected")
    # and none where they are let go before the answer
    list_runs = hold(sweep, "**/runs/query")
    search.fill("trial-1")
    sweep.locator(".list").focus()
    sweep.keyboard.press("Control+a")
    sweep.keyboard.press("Escape")
    list_runs()
    expect(badge(sweep)).to_have_text("10 / 11")
    expect(bar).to_have_count(0)


def test_selected_runs_that_a_search_hides_are_counted_and_let_go(sweep: Page) -> None:
    bar = sweep.get_by_role("toolbar", name="Selected runs")
    for name in ("trial-22", "trial-21", "trial-20"):
        row(sweep, name).locator(".num").first.click(modifiers=["ControlOrMeta"])
    expect(bar).to_contain_text("3 selected")
    sweep.get_by_role("textbox", name="Search runs").fill("trial-20")
    expect(bar).to_contain_text("2 not in the list")
    for word in ("Compare", "Only these", "Share", "Edit", "Tag", "Delete"):
        expect(bar.get_by_text(word, exact=True)).to_be_visible()
    # it stands for the rows of the list, all of which are selected
    head = sweep.get_by_role("checkbox", name="Select none").first
    expect(head).to_be_checked()
    sweep.get_by_role("textbox", name="Search runs").fill("trial-19")
    expect(bar).to_contain_text("3 not in the list")
    expect(sweep.get_by_role("checkbox", name="Select all").first).not_to_be_checked()
    bar.get_by_role("button", name="3 not in the list").click()
    expect(bar).to_have_count(0)


@at_length
def test_comparing_runs_leaves_the_view_as_it_is(sweep: Page) -> None:
    for name in ("trial-22", "trial-21"):
        row(sweep, name).locator(".num").first.click(modifiers=["ControlOrMeta"])
    sweep.get_by_role("link", name="Compare").click()
    compared = sweep.get_by_role("table", name="Runs side by side")
    expect(compared.get_by_role("columnheader")).to_have_count(3)
    expect(compared.get_by_role("columnheader").nth(1)).to_contain_text("trial-2")
    sweep.go_back()
    expect(badge(sweep)).to_have_text("10 / 24")
    expect(sweep.get_by_role("button", name="Undo (Ctrl Z)")).to_be_disabled()


@at_length
def test_all_is_within_reach_of_the_keyboard(sweep: Page) -> None:
    sweep.keyboard.press("/")
    type_text(sweep, "trial-2")
    expect(badge(sweep)).to_have_text("4 / 4")
    sweep.keyboard.press("Tab")
    sweep.locator(".list").focus()
    sweep.keyboard.press("Home")
    sweep.keyboard.press("Space")
    expect(badge(sweep)).to_have_text("3 / 4")
    sweep.keyboard.press("x")
    sweep.keyboard.press("Shift+ArrowDown")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_contain_text("2 selected")
    sweep.keyboard.press("Shift+ArrowDown")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_contain_text("3 selected")
    sweep.keyboard.press("Control+a")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_contain_text("4 selected")
    sweep.keyboard.press("Escape")
    expect(sweep.get_by_role("toolbar", name="Selected runs")).to_have_count(0)
    sweep.keyboard.press("m")
    sweep.get_by_role("menuitem", name="Set as baseline").press("Enter")
    expect(row(sweep, "trial-20")).to_contain_text("base")
    expect(sweep.locator(".list")).to_be_focused()
    sweep.keyboard.press("Home")
    sweep.keyboard.press("Enter")
    expect(sweep.get_by_role("heading", name="trial-22")).to_be_visible()


@at_length
def test_filter_and_groups_are_accessible(sweep: Page) -> None:
    def assert_accessible() -> None:
        # runs of the question before are faint until those that match are here
        expect(sweep.locator(".list")).to_have_attribute("aria-busy", "false")
        assert axe_faults(sweep, "'.runs, .mantine-Popover-dropdown'") == []

    row(sweep, "trial-22").locator(".num").first.click(modifiers=["ControlOrMeta"])
    sweep.get_by_role("button", name="Filter", exact=True).click()
    sweep.get_by_role("button", name="Hide crashed").click()
    expect(sweep.get_by_role("dialog")).to_contain_text("23 of 24 match")
    assert_accessible()
    sweep.get_by_role("radio", name="Expression").click()
    expect(sweep.get_by_role("textbox", name="Filter expression")).to_be_visible()
    assert_accessible()


@at_length
def test_the_eye_for_all_waits_until_it_is_known_what_is_shown(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    held: list[Route] = []
    is_released = False

    def hold_shown(route: Route) -> None:
        if is_released or (route.request.post_data_json or {})["columns"]:
            route.continue_()
        else:
            held.append(route)

    page.route("**/runs/query", hold_shown)
    with page.expect_request(
        lambda request: (
            request.url.endswith("/runs/query") and not (request.post_data_json or {})["columns"]
        )
    ):
        page.goto(f"{app(server)}/local/sweep")
    expect(page.get_by_role("button", name="Show trial-22")).to_be_visible()
    eye = page.get_by_role("button", name=re.compile("^(Hide|Show) all runs$"))
    expect(eye).to_have_accessible_name("Hide all runs")
    expect(eye).to_be_disabled()
    is_released = True
    for route in held:
        route.continue_()
    expect(eye).to_be_enabled()
    expect(eye).to_have_accessible_name("Hide all runs")
    eye.click()
    expect(eye).to_have_accessible_name("Show all runs")
    # other tests may have taken runs away
    expect(page.locator(".rh .badge")).to_have_text(re.compile(r"^0 / \d+$"))
    eye.click()
    expect(page.locator(".rh .badge")).to_have_text(re.compile(r"^(\d+) / \1$"))


@at_length
def test_a_legend_without_room_opens_the_list_of_all_its_curves(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    view = make_view(server, "sweep", selection={"base": "all", "on": [], "off": []})
    page.goto(f"{app(server)}/local/sweep?{view}")
    expect(badge(page)).to_have_text("24 / 24")
    panel = page.locator("[data-metric='loss']")
    more = panel.get_by_role("button", name=re.compile("more: all 24 curves"))
    expect(more).to_be_visible()
    more.focus()
    page.keyboard.press("Enter")
    curves = page.get_by_role("list", name="All 24 curves")
    expect(curves).to_be_focused()
    entries = curves.get_by_role("listitem")
    assert [entry.locator(".mid").get_attribute("title") for entry in entries.all()] == [
        "lost",
        *(f"trial-{i}" for i in reversed(range(23))),
    ]
    # each has its run's colour
    last = row(page, "trial-22").locator(".sw-dot")
    color = last.evaluate("dot => getComputedStyle(dot).backgroundColor")
    expect(entries.nth(1).locator(".swatch")).to_have_css("border-top-color", color)
    # the end of a long list is reached by keys
    expect(entries.last).not_to_be_in_viewport()
    page.keyboard.press("End")
    expect(entries.last).to_be_in_viewport()
    assert axe_faults(page, "'.pop-body'") == []
    page.keyboard.press("Escape")
    expect(curves).to_have_count(0)
    expect(more).to_be_focused()


@at_length
def test_legends_have_groups_in_the_order_of_the_list(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    # by name backwards; the groups' first runs are in another order
    order = [{"column": "config.optimizer.name", "descending": True}]
    grouping = {"groupBy": ["config.optimizer.name"], "order": order}
    view = make_view(server, "sweep", filter="name != lost", **grouping)
    page.goto(f"{app(server)}/local/sweep?{view}")
    names_of = page.locator("[data-metric='acc'] .legend .mid")
    expect(names_of).to_have_count(3)
    listed = page.locator(".list [role=row] .tx")
    order_of_list = ["sgd", "lion", "adam"]
    expect(listed).to_have_text(order_of_list)
    titles = "all => all.map((one) => one.title)"
    wait_until(
        lambda: names_of.evaluate_all(titles) == order_of_list, what="the order in the legend"
    )
