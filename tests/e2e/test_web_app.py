"""The web app in a real Chromium against a real server, as a person would use it.

Needs the built app (`make setup`) and Debian's Chromium.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    expect,
)

from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, n_points, plot, run_script, type_text

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
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        run_script(started, FINISHED_RUNS).wait(120)
        yield started


@pytest.fixture(autouse=True)
def _default_view_as_at_first(server: ServerProcess) -> None:
    """What one test changes of its view is no other's beginning."""
    for project in httpx.get(f"{server.url}/api/v1/projects").json()["projects"]:
        httpx.delete(f"{server.url}/api/v1/projects/local/{project['project']}/views/default")


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


def test_curve_grows_without_reload(
    page: Page, server: ServerProcess, app: OpenApp, start_training: Callable[[str], None]
) -> None:
    page.goto(f"{app(server)}/local/growing")
    expect(page.get_by_text("No runs in growing yet")).to_be_visible()
    start_training("growing")
    expect(plot(page, "train/loss")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("1 running")).to_be_visible()
    before = n_points(page, "train/loss")
    wait_until(lambda: n_points(page, "train/loss") > before + 50, what="a longer curve")


def test_the_chart_under_the_pointer_stays_while_points_arrive(
    page: Page, server: ServerProcess, app: OpenApp, start_training: Callable[[str], None]
) -> None:
    page.goto(f"{app(server)}/local/still")
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


def test_a_closed_section_leaves_no_hole_beside_open_ones(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/given")
    charts = page.get_by_role("region", name="charts", exact=True)
    train = page.get_by_role("region", name="train", exact=True)

    def tops() -> tuple[float, float]:
        first, second = charts.bounding_box(), train.bounding_box()
        assert first is not None
        assert second is not None
        return first["y"], second["y"]

    expect(plot(page, "train/loss")).to_be_visible()
    assert tops()[0] == tops()[1]
    charts.get_by_role("button", name=re.compile("^charts")).click()
    wait_until(lambda: tops()[1] > tops()[0], what="the open section in a row of its own")


def test_runs_seen_together_have_colours_of_their_own_in_every_page(
    page: Page, server: ServerProcess, app: OpenApp
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

    page.goto(f"{app(server)}/local/colours/runs")
    dots = page.locator(".rt-pins .sw-dot")
    expect(dots).to_have_count(10)
    in_table = [color_of(dots.nth(i)) for i in range(10)]
    assert len(set(in_table)) == 10
    page.goto(f"{app(server)}/local/colours")
    expect(page.locator(".r")).to_have_count(10)
    dots = page.locator(".r .sw-dot")
    assert [color_of(dots.nth(i)) for i in range(10)] == in_table
    of_first = color_of(dots.first)
    page.locator(".r .name").first.click()
    expect(page.get_by_role("heading", name="hue-9")).to_be_visible()
    assert color_of(page.locator(".run-head .sw-dot")) == of_first


def test_nothing_jumps_while_pages_load(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.add_init_script(
        """
        window.shifts = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shifts.push(entry.value);
        }).observe({ type: "layout-shift", buffered: true });
        """
    )
    for path, last in (("/", ".home .dt"), ("/local/given", "[data-metric='train/loss'] .plot")):
        page.goto(app(server) + path)
        expect(page.locator(last).first).to_be_visible()
        # the share of the page that moved; a font that comes late moves some letters
        assert sum(page.evaluate("window.shifts")) < 0.05, path


def test_eyes_search_and_names(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/given")
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
    type_text(page, "run-1")
    expect(page.locator(".r")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".r")).to_have_count(3)

    page.locator(".list").focus()
    page.keyboard.press("End")
    page.keyboard.press("F2")
    type_text(page, "the-baseline")
    page.keyboard.press("Enter")
    expect(page.locator(".r").get_by_text("the-baseline")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".r").get_by_text("run-0")).to_be_visible()


def test_nan_is_a_mark(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/given")
    flag = page.locator("[data-metric='train/loss'] .flag.dan")
    expect(flag).to_have_text("NaN")
    expect(flag).to_have_attribute("title", re.compile("run-2"))


def test_run_page_names_the_run(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/given")
    page.get_by_role("link", name="run-1").click()
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()
    expect(page.locator(".stat")).to_contain_text("finished")
    page.get_by_role("link", name="Charts").click()
    expect(plot(page, "train/loss")).to_have_attribute(
        "aria-label", re.compile("1 curve of 4,000")
    )


def test_run_page_says_what_a_run_goes_on_from(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, FAMILY).wait(60) == 0
    page.goto(f"{app(server)}/local/family/runs/child")
    facts = page.get_by_role("region", name="Run", exact=True)
    expect(facts).to_contain_text(re.compile(r"Forked from\s*first\s*at step 4"))
    facts.get_by_role("link", name="first").click()
    expect(facts).to_contain_text(re.compile(r"Rewound to\s*step 7"))
    expect(page).to_have_url(re.compile("/local/family/runs/first$"))


def test_a_deleted_run_can_be_brought_back(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft; weft.init(project='doomed', name='precious').log({'loss': 1})"
    assert run_script(server, script).wait(60) == 0
    page.goto(f"{app(server)}/local/doomed")
    row = page.get_by_role("link", name="precious")
    row.click(button="right")
    page.get_by_role("menuitem", name="Delete").click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row).to_be_visible()


def test_the_old_address_of_a_moved_run_leads_to_the_new_one(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = """
import weft
weft.init(project="before", id="wanderer").log({"loss": 1})
weft.finish()
weft.Api().run("before/wanderer").move("after")
"""
    assert run_script(server, script).wait(60) == 0
    page.goto(f"{app(server)}/local/before/runs/wanderer/charts?p=lo")
    expect(plot(page, "loss")).to_have_attribute("aria-label", re.compile("of 1 point"))
    expect(page).to_have_url(re.compile(r"/local/after/runs/wanderer/charts\?p=lo"))


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


def test_a_connection_that_falls_silent_shows_and_heals(page: Page, tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        run_script(server, FINISHED_RUNS).wait(120)
        page.clock.install()
        page.goto(f"{server.url}/local/given")
        expect(plot(page, "train/loss")).to_be_visible()
        lost = page.get_by_text("Not connected, trying again")
        # as when a laptop leaves its network: nothing is refused, nothing comes
        server.process.send_signal(signal.SIGSTOP)
        try:
            page.clock.fast_forward("00:45")
            expect(lost).to_be_visible()
        finally:
            server.process.send_signal(signal.SIGCONT)
        page.clock.fast_forward("00:10")
        expect(lost).to_have_count(0)
        run_script(server, FINISHED_RUNS).wait(120)
        expect(page.locator(".rh .badge")).to_have_text("6 / 6")


def test_eight_tabs_share_one_event_stream(
    context: BrowserContext,
    server: ServerProcess,
    app: OpenApp,
    start_training: Callable[[str], None],
) -> None:
    streams: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url:
            streams.append(request.url)

    context.on("request", note)
    start_training("tabs")
    pages = [context.new_page() for _ in range(8)]
    for each in pages:
        each.goto(f"{app(server)}/local/tabs")
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


def test_a_page_opened_before_its_run_shows_it_when_it_comes(
    page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    page.goto(f"{app(server)}/local/given/runs/early001/charts")
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
