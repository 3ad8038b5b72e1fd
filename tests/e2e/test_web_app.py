"""The web app in a real Chromium against a real server, as a person would use it.

Needs the built app (`make setup`) and Debian's Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FloatRect,
    Locator,
    Page,
    Request,
    expect,
    sync_playwright,
)

from server_process import ServerProcess, start_server, wait_until

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
GIVEN_STEPS = 4000
SPIKE_STEP = 2345
SPIKE = 87.625

FINISHED_RUNS = f"""
import math, weft
for i in range(3):
    run = weft.init(project="given", name=f"run-{{i}}")
    for step in range({GIVEN_STEPS}):
        loss = math.exp(-step / 900) + i / 10
        if i == 1 and step == {SPIKE_STEP}:
            loss = {SPIKE}
        loss = math.nan if i == 2 and step > 3000 else loss
        run.log({{"train/loss": loss, "lr": 0.1 / (step + 1)}})
    run.finish()
"""

LIVE_RUN = """
import sys, time, weft
run = weft.init(project=sys.argv[1], name="live")
step = 0
while True:
    run.log({"train/loss": 1 / (step + 1)})
    step += 1
    time.sleep(0.02)
"""


FAMILY = """
import weft
for arguments in ({"id": "first"}, {"id": "child", "name": "child", "fork_from": "first?_step=4"},
                  {"resume_from": "first?_step=7"}):
    run = weft.init(project="family", **arguments)
    for _ in range(10):
        run.log({"loss": 1 / (run.step + 1)})
    run.finish()
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or "/usr/bin/chromium"
    with sync_playwright() as playwright:
        # without --disable-gpu, Chromium draws canvases by a software GL that is unusably slow
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        run_script(started, FINISHED_RUNS).wait(120)
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1600, "height": 1000})
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that must not break: an exception in it fails the test."""
    made = context.new_page()
    broken: list[str] = []
    made.on("pageerror", lambda error: broken.append(str(error)))
    yield made
    assert broken == []


def run_script(server: ServerProcess, script: str, *args: str) -> subprocess.Popen[bytes]:
    """Start a user's script that logs to the server."""
    folder = server.data.parent / "script"
    folder.mkdir(exist_ok=True)
    environment = {**server.environment, "WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"}
    return subprocess.Popen([sys.executable, "-c", script, *args], cwd=folder, env=environment)


@pytest.fixture
def start_training(server: ServerProcess) -> Iterator[Callable[[str], None]]:
    """Starts a script that logs to a project until the test ends."""
    started: list[subprocess.Popen[bytes]] = []

    def start(project: str) -> None:
        started.append(run_script(server, LIVE_RUN, project))

    yield start
    for process in started:
        process.terminate()
        process.wait(30)


def plot(page: Page, metric: str) -> Locator:
    return page.locator(f"[data-metric='{metric}'] .plot")


def n_points(page: Page, metric: str) -> int:
    """How many points the chart shows, as it tells screen readers."""
    label = plot(page, metric).get_attribute("aria-label") or ""
    found = re.search(r"of ([\d,]+) point", label)
    return int(found[1].replace(",", "")) if found else 0


def test_curve_grows_without_reload(
    page: Page, server: ServerProcess, start_training: Callable[[str], None]
) -> None:
    page.goto(f"{server.url}/local/growing")
    expect(page.get_by_text("No runs in growing yet")).to_be_visible()
    start_training("growing")
    expect(plot(page, "train/loss")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 running")).to_be_visible()
    before = n_points(page, "train/loss")
    wait_until(lambda: n_points(page, "train/loss") > before + 50, what="a longer curve")


def test_zoom_shows_the_exact_value_of_a_spike(page: Page, server: ServerProcess) -> None:
    page.goto(f"{server.url}/local/given")
    expect(plot(page, "train/loss")).to_be_visible()
    chart = plot(page, "train/loss")

    def box_of_chart() -> FloatRect:
        found = chart.bounding_box()
        assert found is not None
        return found

    def px(step: float, first: float, last: float) -> float:
        box = box_of_chart()
        return box["x"] + 44 + (step - first) / (last - first) * (box["width"] - 56)

    box = box_of_chart()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(px(SPIKE_STEP - 40, 0, GIVEN_STEPS), middle)
    page.mouse.down()
    page.mouse.move(px(SPIKE_STEP + 40, 0, GIVEN_STEPS), middle, steps=5)
    page.mouse.up()
    expect(page.get_by_role("button", name="zoomed")).to_be_visible()
    page.wait_for_url(re.compile("zoom="))
    zoom = re.search(r"zoom=[^&]*%3A(\d+)%3A(\d+)", page.url)
    assert zoom is not None
    x = px(SPIKE_STEP, float(zoom[1]), float(zoom[2]))
    top = box["y"] + 8 + 0.06 * (box["height"] - 30)

    def tip() -> str:
        page.mouse.move(x + 1, top)
        page.mouse.move(x, top)
        return page.locator(".tip").inner_text() if page.locator(".tip").count() else ""

    wait_until(lambda: f"step {SPIKE_STEP:,}" in tip(), what="the spike's own step")
    row = page.locator(".tip tr.near")
    expect(row).to_contain_text("run-1")
    expect(row).to_contain_text("87.6250")
    chart.dblclick(position={"x": 200, "y": 60})
    expect(page.get_by_role("button", name="zoomed")).to_have_count(0)


def test_the_chart_under_the_pointer_stays_while_points_arrive(
    page: Page, server: ServerProcess, start_training: Callable[[str], None]
) -> None:
    page.goto(f"{server.url}/local/still")
    start_training("still")
    chart = plot(page, "train/loss")
    expect(chart).to_be_visible(timeout=20_000)
    wait_until(lambda: n_points(page, "train/loss") > 50, what="a curve to point at")
    box = chart.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.75

    def step_at_pointer() -> int:
        page.mouse.move(x + 1, y)
        page.mouse.move(x, y)
        found = re.search(r"step ([\d,]+)", page.locator(".tip").inner_text())
        assert found is not None
        return int(found[1].replace(",", ""))

    before, n_before = step_at_pointer(), n_points(page, "train/loss")
    wait_until(lambda: n_points(page, "train/loss") > 2 * n_before, what="twice the points")
    assert abs(step_at_pointer() - before) <= 1
    page.mouse.move(0, 0)
    wait_until(lambda: step_at_pointer() > before * 1.5, what="all points after the pointer left")


def test_a_link_shows_the_same_view_to_another_person(
    page: Page, browser: Browser, server: ServerProcess
) -> None:
    page.goto(f"{server.url}/local/given")
    chart = page.locator("[data-metric='train/loss']")
    chart.hover()
    chart.get_by_role("button", name="log").click()
    page.get_by_label("Smoothing").fill("0.6")
    page.get_by_role("button", name="charts").click()
    page.get_by_role("button", name="X axis").click()
    page.get_by_role("menuitemradio", name="Relative time").click()
    page.wait_for_url(re.compile("x=time"))

    context = browser.new_context()
    other = context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-metric='train/loss'] .ax")).to_have_text("log")
    expect(other.get_by_label("Smoothing")).to_have_value("0.6")
    expect(other.get_by_role("button", name="charts")).to_have_attribute("aria-expanded", "false")
    expect(other.get_by_role("button", name="X axis")).to_contain_text("Relative time")
    context.close()


def test_a_closed_section_leaves_no_hole_beside_open_ones(
    page: Page, server: ServerProcess
) -> None:
    page.goto(f"{server.url}/local/given")
    charts = page.get_by_role("region", name="charts", exact=True)
    train = page.get_by_role("region", name="train", exact=True)

    def tops() -> tuple[float, float]:
        first, second = charts.bounding_box(), train.bounding_box()
        assert first is not None
        assert second is not None
        return first["y"], second["y"]

    expect(plot(page, "train/loss")).to_be_visible()
    assert tops()[0] == tops()[1]
    charts.get_by_role("button", name="charts").click()
    wait_until(lambda: tops()[1] > tops()[0], what="the open section in a row of its own")


def test_runs_seen_together_have_colours_of_their_own_in_every_page(
    page: Page, server: ServerProcess
) -> None:
    script = """
import weft
for i in range(10):
    run = weft.init(project="colours", id=f"colour{i:02}", name=f"hue-{i}")
    run.log({"a": i})
    run.finish()
"""
    run_script(server, script).wait(120)

    def color_of(dot: Locator) -> str:
        return str(dot.evaluate("dot => getComputedStyle(dot).backgroundColor"))

    page.goto(f"{server.url}/local/colours")
    expect(page.locator(".r")).to_have_count(10)
    dots = page.locator(".r .sw-dot")
    assert len({color_of(dots.nth(i)) for i in range(10)}) == 10
    of_first = color_of(dots.first)
    page.locator(".r .name").first.click()
    expect(page.get_by_role("heading", name="hue-9")).to_be_visible()
    assert color_of(page.locator(".run-head .sw-dot")) == of_first


def test_nothing_jumps_while_pages_load(page: Page, server: ServerProcess) -> None:
    page.add_init_script(
        """
        window.shifts = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shifts.push(entry.value);
        }).observe({ type: "layout-shift", buffered: true });
        """
    )
    for path, last in (("/", ".home .dt"), ("/local/given", "[data-metric='train/loss'] .plot")):
        page.goto(server.url + path)
        expect(page.locator(last).first).to_be_visible()
        # the share of the page that moved; a font that comes late moves some letters
        assert sum(page.evaluate("window.shifts")) < 0.05, path


def test_eyes_search_and_names(page: Page, server: ServerProcess) -> None:
    page.goto(f"{server.url}/local/given")
    badge = page.locator(".rh .badge")
    expect(badge).to_have_text("3 / 3")
    page.get_by_role("button", name="Show run-2").click()
    expect(badge).to_have_text("2 / 3")
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("2 curves"))
    page.wait_for_url(re.compile("off="))

    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".rh .badge")).to_have_text("2 / 3")
    other.close()

    page.keyboard.press("/")
    page.keyboard.type("run-1")
    expect(page.locator(".r")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".r")).to_have_count(3)

    page.locator(".list").focus()
    page.keyboard.press("End")
    page.keyboard.press("F2")
    page.keyboard.type("the-baseline")
    page.keyboard.press("Enter")
    expect(page.locator(".r").get_by_text("the-baseline")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".r").get_by_text("run-0")).to_be_visible()


def test_nan_is_a_mark(page: Page, server: ServerProcess) -> None:
    page.goto(f"{server.url}/local/given")
    flag = page.locator("[data-metric='train/loss'] .flag.dan")
    expect(flag).to_have_text("NaN")
    expect(flag).to_have_attribute("title", re.compile("run-2"))


def test_run_page_names_the_run(page: Page, server: ServerProcess) -> None:
    page.goto(f"{server.url}/local/given")
    page.get_by_role("link", name="run-1").click()
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()
    expect(page.locator(".stat")).to_contain_text("finished")
    expect(plot(page, "train/loss")).to_have_attribute(
        "aria-label", re.compile("1 curve of 4,000")
    )


def test_run_page_says_what_a_run_goes_on_from(page: Page, server: ServerProcess) -> None:
    assert run_script(server, FAMILY).wait(60) == 0
    page.goto(f"{server.url}/local/family/runs/child")
    head = page.locator(".run-head")
    expect(head).to_contain_text(re.compile(r"Forked from\s*first\s*at step 4"))
    head.get_by_role("link", name="first").click()
    expect(head).to_contain_text(re.compile(r"Rewound to\s*step 7"))
    expect(page).to_have_url(re.compile("/local/family/runs/first$"))


def test_lost_connection_shows_and_heals(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    with start_server(tmp_path) as first:
        run_script(first, FINISHED_RUNS).wait(120)
        port = first.url.rsplit(":", 1)[1]
        page.goto(f"{first.url}/local/given")
        expect(plot(page, "train/loss")).to_be_visible()
        first.kill()
        expect(page.get_by_text("Not connected, trying again")).to_be_visible(timeout=10_000)
        expect(plot(page, "train/loss")).to_be_visible()
    with start_server(tmp_path, "--port", port) as second:
        expect(page.get_by_text("Not connected, trying again")).to_have_count(0, timeout=20_000)
        run_script(second, FINISHED_RUNS).wait(120)
        expect(page.locator(".rh .badge")).to_have_text("6 / 6", timeout=20_000)
    context.close()


def test_eight_tabs_share_one_event_stream(
    context: BrowserContext, server: ServerProcess, start_training: Callable[[str], None]
) -> None:
    streams: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url:
            streams.append(request.url)

    context.on("request", note)
    start_training("tabs")
    pages = [context.new_page() for _ in range(8)]
    for each in pages:
        each.goto(f"{server.url}/local/tabs")
        expect(plot(each, "train/loss")).to_be_visible(timeout=20_000)
    assert len(streams) == 1
    last = pages[-1]
    before = n_points(last, "train/loss")
    wait_until(lambda: n_points(last, "train/loss") > before, what="news in the last tab")
    pages[0].close()
    before = n_points(last, "train/loss")
    wait_until(
        lambda: n_points(last, "train/loss") > before + 20, what="news after the first tab went"
    )
    assert len(streams) == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(context: BrowserContext, server: ServerProcess, theme: str) -> None:
    context.add_init_script(f"localStorage.setItem('weft-theme', '{theme}')")
    page = context.new_page()
    page.goto(f"{server.url}/local/given")
    run_path = page.get_by_role("link", name="run-2").get_attribute("href") or ""
    for path, landmark in (
        ("/", "Projects"),
        ("/local/given", "train"),
        ("/local/given?full=train/loss", "Min"),
        (run_path, "Runtime"),
        (run_path + "0", "There is no such run"),
        ("/local/empty-one", "Waiting for the first run"),
    ):
        page.goto(server.url + path)
        expect(page.get_by_text(landmark).first).to_be_visible()
        page.evaluate(AXE.read_text())
        found: list[dict[str, Any]] = page.evaluate("axe.run()")["violations"]
        told = [(v["id"], n["html"][:160], n["failureSummary"]) for v in found for n in v["nodes"]]
        assert told == [], path


def test_a_page_opened_before_its_run_shows_it_when_it_comes(
    page: Page, server: ServerProcess, tmp_path: Path
) -> None:
    page.goto(f"{server.url}/local/given/runs/early001")
    expect(page.get_by_text("There is no such run")).to_be_visible()
    script = 'import weft; run = weft.init(project="given", id="early001"); run.log({"a": 1})'
    subprocess.run(
        [sys.executable, "-c", script + "; run.finish()"],
        cwd=tmp_path,
        env=server.environment | {"WEFT_BASE_URL": server.url, "WEFT_SILENT": "true"},
        check=True,
    )
    expect(page.get_by_text("There is no such run")).to_have_count(0, timeout=15_000)
    expect(plot(page, "a")).to_be_visible(timeout=15_000)
