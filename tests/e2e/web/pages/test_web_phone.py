"""The app on a phone of 390 px: each page's main job by touch, and nothing wider than the page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from at_length import at_length
from server_process import ServerProcess, wait_until
from web_pages import (
    OpenApp,
    Theme,
    axe_faults,
    in_both_themes,
    make_view,
    outside,
    plot,
    run_script,
)

SCRIPT = """
import sys, time, weft
from PIL import Image

sizes = ((8, "1e-4"), (16, "2e-5"), (64, "2e-5"))
names = [f"llama3.1-8b-tulu3-lora-r{rank}-lr{lr}-bs64-seed0" for rank, lr in sizes]
for name in names:
    with weft.init(project="lora", name=name, tags=["lora"]) as run:
        run.config.update({"lr": 2e-5, "model": {"name": "llama3.1-8b"}})
        run.config["corpus"] = f"tulu-mixture-core-{2000 + names.index(name)}"
        run.define_metric("val/loss", goal="minimize", summary="min")
        for step in range(20):
            run.log({"val/loss": 2 / (step + 1), "train/loss": 2.5 / (step + 1), "perf/mfu": 0.4})
        run.log({"samples": weft.Image(Image.new("RGB", (64, 32), "navy"), caption="street")})
        boxes = [{"position": {"minX": 0.1, "minY": 0.1, "maxX": 0.4, "maxY": 0.5},
                  "class_id": n} for n in range(20)]
        classes = {n: f"class-{n}" for n in range(20)}
        layers = {"pred": {"box_data": boxes, "class_labels": classes}}
        run.log({"boxed": weft.Image(Image.new("RGB", (64, 32), "gray"), boxes=layers)})
        print("a line of output that is much too long for the narrow page of a phone " * 4)
        artifact = weft.Artifact("adapter-of-llama3.1-8b", type="model")
        with artifact.new_file("weights.txt") as file:
            file.write("0.5")
        run.log_artifact(artifact)
rates = {"lr": {"min": 0.1, "max": 1}}
weft.sweep({"name": "rates", "method": "random", "parameters": rates}, project="lora")
live = weft.init(project="lora", id="live", name="still-running", config={"lr": 1e-4})
live.define_metric("val/loss", goal="minimize")
for step in range(100_000):
    live.log({"val/loss": 1 / (step + 1)})
    print("step", step)
    time.sleep(0.2)
"""

SWEEP = """
import weft

def train():
    with weft.init() as run:
        run.log({"loss": (run.config.lr - 0.1) ** 2 + run.config.depth})

parameters = {"lr": {"values": [0.1, 0.2, 0.4]}, "depth": {"values": [1, 2]}}
grid = weft.sweep({
    "name": "grid-over-learning-rates-and-depths", "method": "grid", "metric": {"name": "loss"},
    "parameters": parameters,
}, project="tuned")
weft.agent(grid, function=train, project="tuned")
with weft.init(project="tasks", name="evaluated") as run:
    for step in range(3):
        run.log({f"eval/task-{i}": step * i for i in range(9)})
with weft.init(project="long", name="two-tower-sasrec-d256-lr1e-3-neg50-seed1") as run:
    for step in range(3):
        run.log({"recall@50 of items that no user has seen / ndcg@10": 0.25, "loss": step})
"""

FAILING = """
import traceback
import weft

with weft.init(project="failing", name="diverged", config={"lr": 1e-4, "depth": 2}) as run:
    for step in range(60_000, 60_003):
        run.log({f"train/metric-{i}": 1e-3 * i for i in range(12)}, step=step)
    try:
        raise ValueError("loss is NaN")
    except ValueError:
        traceback.print_exc()
        raise
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> Iterator[None]:
    """Three ended runs whose names begin alike, and one that runs on."""
    tuner = run_script(server, SWEEP)
    trainer = run_script(server, SCRIPT)
    try:
        wait_until(lambda: has_live_run(server), what="the last run has begun")
        assert tuner.wait(120) == 0
        yield
    finally:
        trainer.kill()
        trainer.wait(60)


def has_live_run(server: ServerProcess) -> bool:
    answer = httpx.get(
        f"{server.url}/api/v1/projects/local/lora/runs/live",
        headers={"Authorization": f"Bearer {server.token}"},
    )
    return answer.status_code == 200


@pytest.fixture
def context(browser: Browser, theme: Theme) -> Iterator[BrowserContext]:
    phone = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    phone.set_default_timeout(60_000)
    yield phone
    phone.close()


def small_targets(area: Locator) -> list[str]:
    """Controls in view of which a finger 19 px beside their middle hits another thing."""
    return area.evaluate(
        """(area) => [...area.querySelectorAll("a, button")]
            .filter((control) => {
                const { x, y, width, height, bottom, right } = control.getBoundingClientRect();
                if (getComputedStyle(control).pointerEvents === "none") return false;
                const isInView = x >= 0 && right <= innerWidth && y >= 0 && bottom <= innerHeight;
                if (width < 2 || !control.checkVisibility() || !isInView) return false;
                const hits = (dx, dy) => {
                    const hit = document.elementFromPoint(x + width / 2 + dx, y + height / 2 + dy);
                    return hit !== null && (control.contains(hit) || hit.contains(control));
                };
                return ![[-19, 0], [19, 0], [0, -19], [0, 19]].every(([dx, dy]) => hits(dx, dy));
            })
            .map((control) => control.outerHTML.slice(0, 160))"""
    )


def flick(page: Page, on: Locator, px: int) -> None:
    """Move a finger fast to the side: by the times of its events, whenever they arrive."""
    box = on.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session: Any = page.context.new_cdp_session(page)  # its types are partly unknown
    began_secs = time.time()
    moves = [
        ("touchStart", x),
        ("touchMove", x + px / 2),
        ("touchMove", x + px),
        ("touchEnd", None),
    ]
    for nth, (kind, at) in enumerate(moves):
        points = [] if at is None else [{"x": at, "y": y}]
        event = {"type": kind, "touchPoints": points, "timestamp": began_secs + nth * 0.02}
        session.send("Input.dispatchTouchEvent", event)
    session.detach()


SEEN_TEXTS = "all => all.map((name) => name.lastElementChild.dataset.text || name.innerText)"
"""The painted texts of names that may be cut."""


def drag_up(page: Page, on: Locator, px: int) -> None:
    """Move a finger up, slowly."""
    box = on.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.9
    session: Any = page.context.new_cdp_session(page)  # its types are partly unknown
    for moved in range(0, px, 10):
        kind = "touchMove" if moved else "touchStart"
        event = {"type": kind, "touchPoints": [{"x": x, "y": y - moved}]}
        session.send("Input.dispatchTouchEvent", event)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def seen_names(page: Page) -> set[str]:
    """The part of each name in the list that tells it from the others, as it is read."""
    texts = page.get_by_role("treegrid").locator(".mid").evaluate_all(SEEN_TEXTS)
    return {(re.search(r"r\d+(?=-|…)", text) or [text])[0] for text in texts}


def name_of(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=re.compile(re.escape(name))).first


@at_length
def test_home_names_each_run_and_its_number_and_leads_to_it(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(app(server))
    running = page.get_by_role("region", name="Running")
    live = running.get_by_role("link", name="still-running")
    expect(live).to_be_visible()
    expect(running).to_contain_text("val/loss")
    # no run tells its length, so there is no time left
    expect(running.locator("td.left")).to_have_count(0)
    recent = page.get_by_role("region", name="Recent")
    for name in ("r8-lr1e-4", "r16-lr2e-5", "r64-lr2e-5"):
        expect(name_of(page, name)).to_be_visible()
    expect(recent).to_contain_text("0.1000")
    assert outside(page) == []
    for area in (running, page.get_by_role("banner"), page.get_by_role("complementary")):
        assert small_targets(area) == []
    live.tap()
    expect(page.get_by_role("heading", name="still-running")).to_be_visible()
    # a tap on the name in the top bar leads one level up
    page.get_by_role("navigation", name="Where you are").tap()
    expect(page).to_have_url(re.compile("/local/lora$"))


@at_length
def test_compare_shows_each_key_and_number_whole(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora/runs")
    links = [name_of(page, name).get_attribute("href") or "" for name in ("r8", "r64")]
    ids = ",".join(link.rpartition("/")[2] for link in links)
    page.goto(f"{app(server)}/local/lora/compare?ids={ids}&equal=1")
    table = page.get_by_role("table", name="Runs side by side")
    expect(table.get_by_role("rowheader", name="val/loss", exact=False)).to_be_visible()
    cut = """(table) => [...table.querySelectorAll(".cmp-key, span:has(> .chg) > .ell, .chg")]
        .filter((text) => text.scrollWidth > text.clientWidth + 1
            || text.scrollHeight > text.clientHeight + 1)
        .map((text) => text.textContent)"""
    assert table.evaluate(cut) == []
    assert outside(page) == []
    # texts that begin alike differ in what is seen of them
    row = table.get_by_role("row").filter(has_text="corpus")
    values = row.get_by_role("cell").locator(".mid").evaluate_all(SEEN_TEXTS)
    assert len(values) > 1
    assert len(set(values)) == len(values), values


PLOT_MARGIN_PX = 30
"""More than a chart leaves free above its curves."""


def is_above(tip: Locator, chart: Locator) -> bool:
    if tip.count() == 0:
        return False
    tip_box, chart_box = tip.bounding_box(), chart.bounding_box()
    assert tip_box is not None
    assert chart_box is not None
    return tip_box["y"] + tip_box["height"] <= chart_box["y"] + PLOT_MARGIN_PX


@at_length
def test_the_workspace_shows_charts_or_the_list_and_turns_pages_by_a_flick(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora")
    chart = plot(page, "val/loss")
    expect(chart).to_be_visible()
    assert outside(page) == []
    assert small_targets(page.get_by_role("toolbar", name="Workspace")) == []

    page.get_by_role("button", name="Show the runs list").tap()
    rows = page.get_by_role("treegrid").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(chart).to_be_hidden()
    assert outside(page) == []
    assert small_targets(rows.first) == []
    # names have room, and stay where the columns scroll behind them
    name = rows.first.locator(".mid")
    assert rows.first.locator(".nm").evaluate("(cell) => cell.clientWidth") >= 170
    assert seen_names(page) == {"still-running", *(f"r{rank}" for rank in (8, 16, 64))}
    page.goto(f"{app(server)}/local/lora?sort=-summary.val%2Floss.min")  # the list is open still
    created = page.get_by_role("button", name=re.compile("^Sort by created", re.IGNORECASE))
    expect(name).to_be_in_viewport(ratio=1)
    expect(created).not_to_be_in_viewport(ratio=0.9)
    page.get_by_role("treegrid").evaluate("(list) => list.scrollTo({ left: 500 })")
    expect(created).to_be_in_viewport(ratio=0.9)
    expect(name).to_be_in_viewport(ratio=1)
    value = rows.first.get_by_role("gridcell").nth(-2).bounding_box()
    head = created.bounding_box()
    assert value is not None
    assert head is not None
    assert value["x"] == pytest.approx(head["x"], abs=1)
    page.get_by_role("button", name="Hide the runs list").tap()

    page.get_by_role("button", name="Add panel").tap()
    dialog = page.get_by_role("dialog", name="Add panel")
    dialog.get_by_text("Vega-Lite", exact=True).tap()
    # the row of kinds scrolls, and not the dialog with it
    assert dialog.evaluate("(dialog) => dialog.scrollWidth <= dialog.clientWidth")
    dialog.get_by_role("button", name="Cancel").tap()

    chart.tap()
    # above the curves that it names
    wait_until(lambda: is_above(page.locator(".tip.pinned"), chart), what="the tooltip is pinned")
    page.get_by_role("button", name="Unpin").tap()

    panel = page.locator("[data-metric='val/loss']")
    panel.get_by_role("button", name="Panel menu").tap()
    menu = page.get_by_role("menu").bounding_box()
    assert menu is not None
    assert menu["y"] + menu["height"] <= 844
    page.get_by_role("menuitem", name="Move with arrows").tap()
    expect(page.get_by_role("button", name="Down", exact=True)).to_be_visible()
    page.get_by_role("button", name="Done").tap()
    # notifications stand above the bar at the bottom, as wide as the page
    panel.get_by_role("button", name="Panel menu").tap()
    page.get_by_role("menuitem", name="Hide", exact=True).tap()
    undo = page.get_by_role("button", name="Undo").last
    expect(undo).to_be_in_viewport(ratio=1)
    toast, bar = page.locator(".toast").bounding_box(), page.locator("aside.rail").bounding_box()
    assert toast is not None
    assert bar is not None
    assert toast["width"] == 374
    assert toast["y"] + toast["height"] < bar["y"]
    undo.tap()
    expect(chart).to_be_visible()
    panel.get_by_role("button", name="Full screen").tap()
    full = page.get_by_role("dialog", name="Full screen")
    expect(full.get_by_role("heading", level=2)).to_have_text("val/loss")
    assert outside(page) == []
    # its tools have one row, and only the part below the chart scrolls
    tools = full.locator(".ph .tools").bounding_box()
    assert tools is not None
    assert tools["height"] < 60
    values = full.get_by_role("group", name="Values")
    assert values.evaluate("list => getComputedStyle(list).overflowY") == "visible"
    flick(page, full.get_by_role("heading", level=2), 100)
    expect(full.get_by_role("heading", level=2)).to_have_text("train/loss")
    # in full screen a finger zooms the chart
    flick(page, full.locator(".plot").first, 100)
    expect(full.get_by_role("button", name="zoomed")).to_be_visible()


def test_the_values_of_a_chart_with_a_long_title_fit_and_close_by_a_tap(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/long")
    plot(page, "recall@50 of items that no user has seen / ndcg@10").tap()
    tip = page.locator(".tip.pinned")
    expect(tip.get_by_text("0.25", exact=False)).to_be_in_viewport(ratio=1)
    expect(tip.get_by_role("button", name="Unpin")).to_be_in_viewport(ratio=1)
    box, bar = tip.bounding_box(), page.locator(".rail").bounding_box()
    assert box is not None
    assert bar is not None
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= bar["y"]
    page.locator(".sech").first.tap(position={"x": 200, "y": 10})
    expect(tip).to_have_count(0)


@at_length
def test_the_runs_table_has_names_and_numbers_side_by_side(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora/runs")
    link = page.get_by_role("treegrid").get_by_role("link", name=re.compile("r8-lr1e-4"))
    expect(link).to_be_visible()
    expect(page.get_by_role("img", name="running").first).to_be_in_viewport()
    expect(page.get_by_role("columnheader", name=re.compile("val.loss")).first).to_be_in_viewport()
    expect(page.get_by_role("gridcell", name="0.1000").first).to_be_in_viewport()
    assert fits_the_screen(page)
    page.get_by_role("button", name="Filter", exact=True).tap()
    page.get_by_role("dialog", name="Filter").get_by_role("combobox", name="Column").tap()
    expect(page.get_by_role("option", name="config.lr")).to_be_visible()
    columns = page.locator(".mantine-Popover-dropdown:has(> [role=listbox])").bounding_box()
    assert columns is not None
    assert columns["width"] >= 240
    assert columns["x"] + columns["width"] <= 390
    page.get_by_role("option", name="config.lr").tap()
    # the touch was none outside the filter, which goes on to the value
    value = page.get_by_role("dialog", name="Filter").get_by_role("combobox", name="Value")
    expect(value).to_be_focused()
    assert page.evaluate(
        """() => [...document.querySelectorAll(".mid[data-cut] .mid-seen")]
            .every((name) => name.scrollWidth <= name.clientWidth + 1)"""
    )
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    state = page.get_by_role("columnheader", name="State")
    state.scroll_into_view_if_needed()
    expect(state).to_be_in_viewport()
    expect(link).to_be_in_viewport()
    link.tap()
    expect(page.get_by_role("heading", name=re.compile("r8-lr1e-4"))).to_be_visible()

    page.get_by_role("link", name="Artifacts").last.tap()
    name = page.get_by_role("row").get_by_role("link", name=re.compile("adapter")).bounding_box()
    assert name is not None
    assert name["width"] > 100


def fits_the_screen(page: Page) -> bool:
    """Whether the page itself does not scroll sideways; parts of it may."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@at_length
def test_a_run_begins_with_its_numbers_and_its_log_wraps_and_follows(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora/runs/live")
    numbers = page.get_by_role("region", name="Key numbers")
    expect(numbers).to_contain_text("val/loss")
    first, run = numbers.bounding_box(), page.get_by_role("region", name="Run").bounding_box()
    assert first is not None
    assert run is not None
    assert first["y"] + first["height"] <= run["y"]
    assert outside(page) == outside_tabs(page)
    assert small_targets(page.get_by_role("navigation", name="Of this run")) == []

    page.get_by_role("link", name="Logs").tap()
    log = page.get_by_role("log")
    expect(page.get_by_text("following")).to_be_visible()
    before = log.locator(".log-line").last.inner_text()
    wait_until(
        lambda: log.locator(".log-line").last.inner_text() != before,
        what="a further line is shown",
    )
    assert log.evaluate("(log) => log.scrollWidth <= log.clientWidth")
    assert page.get_by_role("button", name="Wrap").get_attribute("aria-pressed") == "true"
    # the values at a line leave room for it
    page.goto(f"{app(server)}/local/lora/runs/live/logs?line=3")
    moment = page.get_by_role("region", name="The chosen line")
    expect(moment).to_contain_text("val/loss")
    expect(log.locator(".log-line.cur")).to_be_in_viewport(ratio=1)
    close = moment.get_by_role("button", name="Close")
    expect(close).to_be_in_viewport(ratio=1)
    box, end = moment.bounding_box(), close.bounding_box()
    assert box is not None
    assert end is not None
    assert box["height"] < 50
    assert end["x"] + end["width"] > 380

    ended = page.request.get(
        f"{server.url}/api/v1/projects/local/lora/runs",
        headers={"Authorization": f"Bearer {server.token}"},
    ).json()["runs"]
    run_id = next(run["id"] for run in ended if run["id"] != "live")
    page.goto(f"{app(server)}/local/lora/runs/{run_id}/media?metric=samples")
    page.get_by_role("button", name=re.compile("full size")).tap()
    viewer = page.get_by_role("dialog")
    expect(viewer.get_by_role("button", name=re.compile("Close"))).to_be_in_viewport(ratio=1)
    page.goto(f"{app(server)}/local/lora/runs/{run_id}/media?metric=boxed")
    page.get_by_role("button", name=re.compile("full size")).tap()
    viewer.get_by_role("button", name="Boxes and masks").tap()
    layers = viewer.get_by_role("complementary", name="Boxes and masks")
    last = layers.get_by_role("button", name="class-19")
    expect(last).not_to_be_in_viewport()
    drag_up(page, layers, 400)
    expect(last).to_be_in_viewport()
    # turned, what is touched stays as high
    page.set_viewport_size({"width": 844, "height": 390})
    page.goto(f"{app(server)}/local/lora")
    expect(plot(page, "val/loss")).to_be_visible()
    assert small_targets(page.get_by_role("toolbar", name="Workspace")) == []


def outside_tabs(page: Page) -> list[str]:
    """The tabs that are reached by moving their row."""
    return [tab for tab in outside(page) if "/local/lora/runs/live/" in tab]


PAGES = {
    "projects": "/?view=projects",
    "list": "/local/lora/sweeps",
    "artifacts": "/local/lora/artifacts",
    "artifact": "/local/lora/artifacts/model/adapter-of-llama3.1-8b",
    "files": "/local/lora/runs/live/files",
    "code": "/local/lora/runs/live/code",
    "system": "/local/lora/runs/live/system",
    "trash": "/local/lora/trash",
    "registry": "/registry",
    "settings": "/settings",
    "key": "/authorize",
    "docs": "/docs/charts",
}


@at_length
@in_both_themes
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES.keys())
def test_no_page_is_wider_than_a_phone(
    page: Page, server: ServerProcess, app: OpenApp, path: str
) -> None:
    page.goto(f"{app(server)}{path}")
    expect(page.locator("main, article").first).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    assert fits_the_screen(page)
    assert small_targets(page.locator("aside.rail")) == []
    assert axe_faults(page) == []


@at_length
def test_lists_of_other_pages_are_read_and_opened_by_a_finger(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    runs = f"{server.url}/api/v1/projects/local/lora/runs"
    ids = [run["id"] for run in httpx.get(runs, headers=headers).json()["runs"]]
    ended = next(run for run in ids if run != "live")
    httpx.delete(f"{runs}/{ended}", headers=headers).raise_for_status()
    page.goto(f"{app(server)}/local/lora/trash")
    deleted = page.get_by_role("region", name="Deleted runs")
    expect(deleted.get_by_role("link", name=re.compile("llama"))).to_be_in_viewport(ratio=1)
    expect(deleted.get_by_role("button", name=re.compile("Delete now"))).to_be_in_viewport(ratio=1)
    assert outside(page) == []
    httpx.post(f"{runs}/{ended}/undelete", headers=headers).raise_for_status()
    page.goto(f"{app(server)}/local/lora/sweeps")
    # a finger on another cell than the name's
    page.get_by_role("table", name="Sweeps").get_by_role("cell").nth(1).tap()
    expect(page).to_have_url(re.compile("/local/lora/sweeps/[^/]+$"))

    page.goto(f"{app(server)}/docs")
    page.get_by_role("textbox", name="Search documents").fill("resume")
    matches = page.get_by_role("region", name="What was found").get_by_role("link")
    matches.filter(has_text=re.compile("^Resume, fork, rewind")).first.tap()
    expect(page.get_by_role("heading", name=re.compile("^Resume, fork"))).to_be_in_viewport()
    expect(matches).to_have_count(0)


@at_length
def test_a_sweep_shows_its_result_its_charts_and_its_agents(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/tuned/sweeps")
    # the first row has the heads
    page.get_by_role("table", name="Sweeps").get_by_role("row").nth(1).tap()
    heading = page.get_by_role("heading", name="grid-over-learning-rates-and-depths")
    expect(heading).to_be_visible()
    results = page.get_by_role("region", name="Results")
    expect(results).to_contain_text(re.compile("Best loss.*1.*6.*of 6"))
    agents = page.get_by_role("region", name="Agents")
    cards = {
        results: None,
        page.get_by_role("article", name="loss over time"): "loss over time: 6 runs",
        page.get_by_role("article", name="Parameter importance"): None,
        page.get_by_role(
            "article", name="Parallel coordinates"
        ): "Parallel coordinates: lr, depth",
        page.get_by_role("region", name="Slices"): "loss over lr: 6 runs",
        page.get_by_role("region", name="Contour"): "loss over lr and depth: 6 runs",
        agents: None,
    }
    for card, chart in cards.items():
        # charts are drawn once they are near
        card.scroll_into_view_if_needed()
        for part in [card, *([card.get_by_role("application", name=chart)] if chart else [])]:
            expect(part.first).to_be_visible()
            box = part.first.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
            assert box["width"] > 250
    expect(agents).to_contain_text(re.compile("agent-1.*6"))
    # the head has scrolled away, and choices stand above their plot
    expect(heading).not_to_be_in_viewport()
    contour = page.get_by_role("region", name="Contour")
    drawn = contour.get_by_role("application").bounding_box()
    assert drawn is not None
    for choice in contour.get_by_role("button").all():
        box = choice.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= drawn["y"]
        assert box["x"] + box["width"] <= 390
    assert fits_the_screen(page)
    assert outside(page, moved="[role=table][aria-label=Trials]") == []

    # a finger reaches the best run
    results.scroll_into_view_if_needed()
    results.get_by_role("link").first.tap()
    expect(page).to_have_url(re.compile("/local/tuned/runs/"))


@at_length
def test_a_flick_turns_the_page_of_a_section(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/tasks")
    section = page.locator("[data-section='eval']")
    panels = section.locator("[data-metric]")
    expect(panels.first).to_have_attribute("data-metric", "eval/task-0")
    expect(section).to_contain_text("1–6 of 9")
    heading = section.get_by_role("heading", name="eval")
    flick(page, heading, -100)
    expect(panels.first).to_have_attribute("data-metric", "eval/task-6")
    # the last page has no next one
    flick(page, heading, -100)
    expect(panels.first).to_have_attribute("data-metric", "eval/task-6")
    flick(page, heading, 100)
    expect(panels.first).to_have_attribute("data-metric", "eval/task-0")


def test_a_tap_on_a_dot_of_a_scatter_tells_its_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    dots = {
        "kind": "scatter",
        "section": "charts",
        "keys": ["loss"],
        "options": {"x": "config.lr"},
    }
    page.goto(f"{app(server)}/local/tuned?{make_view(server, 'tuned', panels={'dots': dots})}")
    chart = page.locator("[data-kind='scatter']").get_by_role("application")
    expect(chart).to_have_attribute("aria-label", re.compile("6 runs"))
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    tip = page.get_by_role("tooltip")
    # the marks nearest to the middle of each part of the plot, until a tap comes to one
    for y in range(20, int(box["height"]) - 30, 12):
        page.touchscreen.tap(box["x"] + box["width"] - 20, box["y"] + y)
        if tip.count():
            break
    expect(tip).to_contain_text("loss")
    expect(tip).to_contain_text("0.4")
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] - 12)
    expect(tip).to_have_count(0)


@at_length
def test_runs_are_selected_by_a_long_press_and_taps(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora")
    page.get_by_role("button", name="Show the runs list").tap()
    rows = page.get_by_role("treegrid").get_by_role("row")
    expect(rows).to_have_count(4)
    box = rows.nth(1).bounding_box()
    assert box is not None
    bar = page.get_by_role("toolbar", name="Selected runs")
    touch = page.context.new_cdp_session(page)
    point = {"x": box["x"] + box["width"] / 3, "y": box["y"] + box["height"] / 2}
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    expect(bar).to_contain_text("1 selected")
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    # boxes appear, and the lifted finger neither opens the run nor its menu
    expect(rows.nth(2).get_by_role("checkbox")).to_be_visible()
    expect(page.get_by_role("menu")).to_have_count(0)
    rows.nth(2).locator(".name").tap()
    rows.nth(3).locator(".name").tap()
    expect(bar).to_contain_text("3 selected")
    for row in (1, 2, 3):
        expect(rows.nth(row)).to_have_attribute("aria-selected", "true")
    # two lines, with words
    bounds = bar.bounding_box()
    assert bounds is not None
    assert bounds["height"] < 100
    for word in ("Compare", "Only these", "Share", "Lock", "Delete"):
        expect(bar.get_by_text(word, exact=True)).to_be_in_viewport(ratio=1)
    bar.get_by_role("link", name="Compare").tap()
    expect(page).to_have_url(re.compile("/local/lora/compare"))


def tap_middle(page: Page, target: Locator) -> None:
    """A finger at the middle of a thing, whatever covers it there."""
    box = target.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


@at_length
def test_the_reason_of_a_failure_leads_to_its_line_in_the_log(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, FAILING).wait(120) == 1
    page.goto(app(server))
    row = page.get_by_role("row").filter(has_text="diverged")
    reason = row.get_by_role("link", name="ValueError: loss is NaN")
    expect(reason).to_be_visible()
    tap_middle(page, reason)
    expect(page).to_have_url(re.compile("/runs/[^/]+/logs.*error"))
    # the line's moment is shown whole
    page.get_by_role("log").get_by_text("ValueError").last.tap()
    moment = page.get_by_role("region", name="The chosen line")
    step = moment.get_by_role("link", name="step 60,002")
    expect(step).to_be_visible()
    assert cut_parts(moment) == []
    page.goto(app(server))
    tap_middle(page, row.get_by_role("link", name="diverged"))
    expect(page).to_have_url(re.compile("/failing/runs/[^/]+$"))
    page.get_by_role("main").get_by_role("link", name="ValueError: loss is NaN").tap()
    expect(page).to_have_url(re.compile("/runs/[^/]+/logs.*error"))


def cut_parts(area: Locator) -> list[str]:
    """Texts that their area, which is scrolled to the side, shows a part of."""
    return area.evaluate(
        """(area) => [...area.querySelectorAll(".log-values > *")]
            .filter((part) => part.getBoundingClientRect().right
                > part.parentElement.getBoundingClientRect().right + 1)
            .map((part) => part.textContent)"""
    )


@at_length
def test_a_tap_next_to_a_sheet_closes_it_and_opens_no_run(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora")
    page.get_by_role("button", name="Show the runs list").tap()
    page.get_by_role("button", name="Sort", exact=True).tap()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    last = page.get_by_role("treegrid").get_by_role("row").last.locator(".name")
    tap_middle(page, last)
    expect(sheet).to_have_count(0)
    expect(page).to_have_url(re.compile("/local/lora([?]|$)"))
    tap_middle(page, last)
    expect(page).to_have_url(re.compile("/local/lora/runs/"))


def test_undo_stays_below_the_finger_that_tapped_it(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora")
    toolbar = page.get_by_role("toolbar", name="Workspace")
    toolbar.get_by_role("button", name=re.compile("bands", re.IGNORECASE)).tap()
    undo = toolbar.get_by_role("button", name="Undo")
    expect(undo).to_be_enabled()
    before = undo.bounding_box()
    undo.tap()
    expect(undo).to_be_disabled()
    assert undo.bounding_box() == before


@at_length
def test_the_search_of_panels_has_room_for_its_text_next_to_an_undo(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora")
    toolbar = page.get_by_role("toolbar", name="Workspace")
    search = page.get_by_role("textbox", name="Search panels")
    toolbar.get_by_role("button", name=re.compile("bands", re.IGNORECASE)).tap()
    expect(toolbar.get_by_role("button", name="Undo")).to_be_visible()
    search.tap()
    page.keyboard.type("parallel")
    is_whole = "(field) => field.scrollWidth <= field.clientWidth"
    add = toolbar.get_by_role("button", name="Add panel")
    expect(add).to_be_hidden()
    assert search.evaluate(is_whole)
    search.evaluate("(field) => field.blur()")
    expect(add).to_be_visible()
    expect(toolbar.get_by_role("button", name="Undo")).to_be_visible()
    assert search.evaluate(is_whole)
    assert small_targets(toolbar) == []
    # the cross clears it at once, wherever it moves to
    toolbar.get_by_role("button", name="Clear search").tap()
    expect(search).to_have_value("")
    expect(search).to_be_focused()


def test_a_run_without_tags_gets_one(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/lora/runs/live")
    page.get_by_role("button", name="Edit tags").tap()
    field = page.get_by_role("combobox", name="Add a tag")
    expect(field).to_be_focused()
    page.keyboard.type("by-finger")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("main").get_by_text("by-finger")).to_be_visible()
    assert outside(page) == outside_tabs(page)


@at_length
def test_the_name_of_the_view_is_whole_when_it_is_edited(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora")
    menu = page.get_by_role("button", name=re.compile("^View: "))
    menu.tap()
    page.get_by_role("menuitem", name="Save as new view").tap()
    dialog = page.get_by_role("dialog", name="Save as new view")
    dialog.get_by_label("Name", exact=True).fill("rates of two models")
    dialog.get_by_role("button", name="Save").tap()
    expect(menu).to_have_accessible_name("View: rates of two models")
    page.get_by_role("button", name="Bands").tap()
    expect(menu).to_have_accessible_name("View: rates of two models edited")
    name = menu.get_by_text("rates of two models")
    expect(name).to_be_in_viewport(ratio=1)
    assert name.evaluate("(name) => name.closest('[data-cut]') === null")
    assert small_targets(page.get_by_role("toolbar", name="Workspace")) == []


@at_length
def test_the_plus_after_filters_is_at_their_height(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/lora?filter=config.lr%20%3D%202e-5")
    page.get_by_role("button", name="Show the runs list").tap()
    filters = page.get_by_role("group", name="Filters")
    expect(filters.locator(".chip")).to_be_visible()
    middles = filters.evaluate(
        """(group) => [...group.children].map((child) => {
            const { top, bottom } = child.getBoundingClientRect();
            return (top + bottom) / 2;
        })"""
    )
    assert max(middles) - min(middles) < 1
