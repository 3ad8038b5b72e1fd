"""The web app in a real Chromium against a real server, as a person would use it.

Needs the built app (`make setup`) and Debian's Chromium.
"""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Locator,
    Page,
    Request,
    Route,
    expect,
)

from at_length import at_length
from server_forks import ForkedProcess
from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, keep_messages, n_points, plot, run_script, type_text, wait_for_route

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

NEWER_RUNS = """
import weft
for i in range(12):
    with weft.init(project="older", name=f"newer-{i}") as run:
        run.log({"train/loss": i})
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


@pytest.fixture(scope="module", autouse=True)
def finished_runs(server: ServerProcess) -> None:
    run_script(server, FINISHED_RUNS).wait(120)


@pytest.fixture
def start_training(server: ServerProcess) -> Iterator[Callable[[str], None]]:
    """Starts a script that logs to a project until the test ends."""
    started: list[ForkedProcess] = []

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
    expect(page.get_by_role("heading", name="No runs in growing yet")).to_be_visible()
    start_training("growing")
    expect(plot(page, "train/loss")).to_be_visible()
    expect(page.get_by_text("1 running", exact=True)).to_be_visible()
    before = n_points(page, "train/loss")
    wait_until(lambda: n_points(page, "train/loss") > before + 50, what="a longer curve")


@at_length
def test_a_metric_that_comes_while_the_list_of_metrics_is_read_has_a_chart(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    def log(metric: str) -> None:
        code = (
            f"import weft; weft.init(project='meanwhile', name={metric!r}).log({{{metric!r}: 1}})"
        )
        assert run_script(server, code).wait(120) == 0

    log("early")
    held: list[Route] = []
    answers: list[APIResponse] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            # others come while this one is fetched
            held.append(route)
            answers.append(route.fetch())

    page.route("**/metrics/names*", hold_the_first)
    page.goto(f"{app(server)}/local/meanwhile")
    expect(page.get_by_role("link", name="early")).to_be_visible()
    while not answers:
        page.wait_for_timeout(20)
    log("late")
    expect(page.get_by_role("link", name="late")).to_be_visible()
    held[0].fulfill(response=answers[0])
    expect(plot(page, "late")).to_be_visible()


def make_run(server: ServerProcess, project: str) -> Callable[[str], None]:
    """Create a run named `first`; returns a function that renames it without the page."""
    script = (
        f"import weft; weft.init(project={project!r}, id='run1', name='first').log({{'x': 1}})"
    )
    assert run_script(server, script).wait(120) == 0
    url = f"{server.url}/api/v1/projects/local/{project}/runs/run1"

    def rename(name: str) -> None:
        httpx.patch(url, json={"name": name}).raise_for_status()

    return rename


@at_length
def test_what_changes_before_a_page_hears_of_changes_is_shown(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    rename = make_run(server, "unheard")
    held: list[Route] = []
    page.route("**/events", lambda route: held.append(route))
    page.goto(f"{app(server)}/local/unheard")
    expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
    stream = wait_for_route(page, held)
    rename("second")
    stream.continue_()
    expect(page.get_by_role("link", name="second", exact=True)).to_be_visible()


@at_length
def test_what_changed_while_one_was_on_another_page_is_shown(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    rename = make_run(server, "left")
    page.goto(f"{app(server)}/local/left")
    expect(page.get_by_role("link", name="first", exact=True)).to_be_visible()
    rename("second")
    expect(page.get_by_role("link", name="second", exact=True)).to_be_visible()
    page.get_by_role("link", name="weft home").click()
    expect(page.get_by_role("region", name="Recent")).to_be_visible()
    rename("third")
    page.go_back()
    expect(page.get_by_role("link", name="third", exact=True)).to_be_visible()


@at_length
def test_the_chart_under_the_pointer_stays_while_points_arrive(
    page: Page, server: ServerProcess, app: OpenApp, start_training: Callable[[str], None]
) -> None:
    page.goto(f"{app(server)}/local/still")
    start_training("still")
    chart = plot(page, "train/loss")
    expect(chart).to_be_visible()
    wait_until(lambda: n_points(page, "train/loss") > 50, what="a curve to point at")
    box = chart.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.75

    def steps_at_pointer() -> tuple[int, int]:
        page.mouse.move(x + 1, y)
        page.mouse.move(x, y)
        # where there are more steps than px: "steps 1,120 to 1,121"
        match = re.search(r"steps? ([\d,]+)(?: to ([\d,]+))?", page.locator(".tip").inner_text())
        assert match is not None
        first, last = (int((text or match[1]).replace(",", "")) for text in match.groups())
        return first, last

    (before, _), n_before = steps_at_pointer(), n_points(page, "train/loss")
    wait_until(lambda: n_points(page, "train/loss") > 2 * n_before, what="twice the points")
    first, last = steps_at_pointer()
    assert first - 1 <= before <= last + 1

    def step_after_leaving() -> int:
        # a page that is slow may not have drawn the new points before the pointer is back
        page.mouse.move(0, 0)
        return steps_at_pointer()[0]

    wait_until(lambda: step_after_leaving() > before * 1.5, what="all points after it left")


@at_length
def test_running_runs_are_shown_wherever_they_are_in_the_list(
    page: Page,
    server: ServerProcess,
    app: OpenApp,
    start_training: Callable[[str], None],
) -> None:
    """A run that started before 12 others, and still runs, is drawn, also after it has ended."""
    start_training("older")
    page.goto(f"{app(server)}/local/older")
    rows = page.locator(".list [role=row]")
    expect(rows).to_have_count(1)
    # of the newer ones the page would go on showing those that it had seen running
    page.goto("about:blank")
    assert run_script(server, NEWER_RUNS).wait(120) == 0
    page.goto(f"{app(server)}/local/older")
    expect(rows).to_have_count(13)
    badge = page.locator(".rh .badge")
    expect(badge).to_have_text("11 / 13")
    expect(page.locator(".rfoot")).to_contain_text("Newest 10 and running: 11 of 13 runs")
    live = page.locator(".list [role=row]", has=page.get_by_text("live", exact=True))
    eye = live.get_by_role("button", name="Show live")
    expect(eye).to_have_attribute("aria-pressed", "true")

    eye.click()
    expect(badge).to_have_text("10 / 13")
    eye.click()
    expect(badge).to_have_text("11 / 13")
    live.get_by_text("live", exact=True).click(button="right")
    page.get_by_role("menuitem", name="Stop").click()
    expect(page.get_by_text("1 running", exact=True)).to_have_count(0)
    expect(badge).to_have_text("11 / 13")

    page.get_by_role("link", name="Runs").click()
    eye = page.get_by_role("button", name="Show live in charts")
    expect(eye).to_have_attribute("aria-pressed", "true")


@at_length
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
    wait_until(lambda: tops()[0] == tops()[1], what="both sections in one row")
    charts.get_by_role("button", name=re.compile("^charts")).click()
    wait_until(lambda: tops()[1] > tops()[0], what="the open section in a row of its own")


def color_of(dot: Locator) -> str:
    return str(dot.evaluate("dot => getComputedStyle(dot).backgroundColor"))


def colors_in(dots: Locator, n: int) -> list[str]:
    expect(dots).to_have_count(n)
    return [color_of(dots.nth(i)) for i in range(n)]


def make_colored_runs(server: ServerProcess, project: str) -> None:
    script = """
import sys, weft
for i in range(6):
    config = {"opt": "adam" if i % 2 else "sgd"}
    run = weft.init(project=sys.argv[1], id=f"{sys.argv[1]}{i}", name=f"hue-{i}", config=config)
    run.log({"a": i})
    run.finish()
"""
    run_script(server, script, project).wait(120)


@at_length
def test_runs_have_the_same_colours_for_everybody_and_on_every_page(
    page: Page, browser: Browser, server: ServerProcess, app: OpenApp
) -> None:
    make_colored_runs(server, "colours")
    page.goto(f"{app(server)}/local/colours")
    in_list = colors_in(page.locator(".run-row .sw-dot"), 6)
    assert len(set(in_list)) == 6
    context = browser.new_context()
    context.set_default_timeout(60_000)
    other = context.new_page()
    keep_messages(other)
    other.goto(f"{app(server)}/local/colours/runs")
    in_table = other.locator(".rt-pins .sw-dot")
    assert colors_in(in_table, 6) == in_list

    # one browser's choice is seen in the other, whose page is open, and outlives a reload
    page.get_by_label("Color of hue-5").click()
    page.get_by_role("radio", name="Color 12").click()
    expect(in_table.first).not_to_have_css("background-color", in_list[0])
    chosen = color_of(page.locator(".run-row .sw-dot").first)
    expect(in_table.first).to_have_css("background-color", chosen)
    page.reload()
    assert colors_in(page.locator(".run-row .sw-dot"), 6) == [chosen, *in_list[1:]]
    page.locator(".run-row .name").first.click()
    expect(page.get_by_role("heading", name="hue-5")).to_be_visible()
    expect(page.locator(".run-head .sw-dot")).to_have_css("background-color", chosen)
    page.goto(app(server))
    dot = page.locator(".row", has=page.get_by_role("link", name="hue-5")).locator(".sw-dot")
    expect(dot.first).to_have_css("background-color", chosen)

    # Ctrl Z takes it back, for everybody
    other.get_by_label("Color of hue-4").click()
    other.get_by_role("radio", name="Color 11").click()
    expect(other.get_by_text("hue-4: color changed")).to_be_visible()
    expect(in_table.nth(1)).not_to_have_css("background-color", in_list[1])
    other.keyboard.press("Control+z")
    expect(in_table.nth(1)).to_have_css("background-color", in_list[1])
    context.close()


@at_length
def test_runs_are_coloured_by_a_value_as_the_view_says(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    make_colored_runs(server, "tinted")
    page.goto(f"{app(server)}/local/tinted")
    dots = page.locator(".run-row:not(.g) .sw-dot")
    own = colors_in(dots, 6)
    page.get_by_role("button", name="Color", exact=True).click()
    type_text(page, "opt")
    expect(page.get_by_role("option", name=re.compile("opt"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Color by opt")).to_be_visible()
    expect(dots.first).not_to_have_css("background-color", own[0])
    by_value = colors_in(dots, 6)
    assert by_value == by_value[:2] * 3
    assert by_value[0] != by_value[1]
    page.keyboard.press("Escape")
    page.get_by_label("Color of hue-5").click()
    expect(page.get_by_role("radiogroup", name="Color of adam")).to_be_visible()
    page.get_by_role("radio", name="Color 2", exact=True).click()
    expect(dots.first).not_to_have_css("background-color", by_value[0])
    by_value = colors_in(dots, 6)
    assert by_value == by_value[:2] * 3
    page.keyboard.press("Control+z")
    expect(dots.first).not_to_have_css("background-color", by_value[0])
    by_value = colors_in(dots, 6)

    # groups of the same column have its colours; one that is chosen is a part of the view
    page.get_by_role("button", name="Group", exact=True).click()
    type_text(page, "opt")
    expect(page.get_by_role("option", name=re.compile("opt"))).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    groups = page.locator(".run-row.g .sw-dot")
    wait_until(
        lambda: set(colors_in(groups, 2)) == set(by_value), what="the colours of their values"
    )
    before = color_of(groups.first)
    # else the address might change by what was done before
    expect(page).to_have_url(re.compile("group="))
    url = page.url
    page.get_by_label("Color of group adam").click()
    page.get_by_role("radio", name="Color 9").click()
    expect(groups.first).not_to_have_css("background-color", before)
    chosen = color_of(groups.first)
    expect(page).not_to_have_url(url)
    page.reload()
    expect(groups.first).to_have_css("background-color", chosen)


@at_length
def test_nothing_jumps_while_pages_load(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.add_init_script(
        """
        window.shifts = [];
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) window.shifts.push(entry.value);
        }).observe({ type: "layout-shift", buffered: true });
        """
    )
    # what runs comes and goes by itself; a script of another test may only now have ended
    projects = f"{server.url}/api/v1/projects"
    wait_until(
        lambda: not any(project["n_running"] for project in httpx.get(projects).json()["projects"])
    )
    for path, last in (
        ("/", ".home .data-table"),
        ("/local/given", "[data-metric='train/loss'] .plot"),
    ):
        page.goto(app(server) + path)
        expect(page.locator(last).first).to_be_visible()
        # the share of the page that moved; a font that comes late moves some letters
        assert sum(page.evaluate("window.shifts")) < 0.05, path


@at_length
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
    expect(page.locator(".run-row")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".run-row")).to_have_count(3)

    page.locator(".list").focus()
    page.keyboard.press("End")
    page.keyboard.press("F2")
    type_text(page, "the-baseline")
    page.keyboard.press("Enter")
    expect(page.locator(".run-row").get_by_text("the-baseline")).to_be_visible()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".run-row").get_by_text("run-0")).to_be_visible()


@at_length
def test_nan_is_a_mark(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/given")
    flag = page.locator("[data-metric='train/loss'] .flag.dan")
    expect(flag).to_have_text("NaN")
    expect(flag).to_have_attribute("title", re.compile("run-2"))


@at_length
def test_run_page_names_the_run(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/given")
    page.get_by_role("link", name="run-1").click()
    expect(page.get_by_role("heading", name="run-1")).to_be_visible()
    expect(page.locator(".stat")).to_contain_text("finished")
    page.get_by_role("link", name="Charts").click()
    expect(plot(page, "train/loss")).to_have_attribute(
        "aria-label", re.compile("1 curve of 4,000")
    )


@at_length
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


@at_length
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


@at_length
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
    expect(plot(page, "loss")).to_have_attribute("aria-label", "loss: 1 bar")
    expect(page).to_have_url(re.compile(r"/local/after/runs/wanderer/charts\?p=lo"))


def test_lost_connection_shows_and_heals(page: Page, tmp_path: Path) -> None:
    with start_server(tmp_path) as first:
        run_script(first, FINISHED_RUNS).wait(120)
        port = first.url.rsplit(":", 1)[1]
        page.goto(f"{first.url}/local/given")
        expect(plot(page, "train/loss")).to_be_visible()
        first.kill()
        expect(page.get_by_text("Not connected, trying again")).to_be_visible()
        expect(plot(page, "train/loss")).to_be_visible()
    with start_server(tmp_path, "--port", port) as second:
        expect(page.get_by_text("Not connected, trying again")).to_have_count(0)
        run_script(second, FINISHED_RUNS).wait(120)
        expect(page.locator(".rh .badge")).to_have_text("6 / 6")


@at_length
@pytest.mark.usefixtures("own_context")
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


COUNT_STILLS = """
window.stills = 0;
window.EventSource = class extends EventSource {
    constructor(url) {
        super(url);
        this.addEventListener("still", () => { window.stills += 1; });
    }
};
"""


@at_length
@pytest.mark.usefixtures("own_context")
def test_an_idle_page_stays_connected(page: Page, tmp_path: Path) -> None:
    """A page takes 40 s without a word for a lost connection; the server speaks more often."""
    page.add_init_script(COUNT_STILLS)
    streams: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url:
            streams.append(request.url)

    page.context.on("request", note)
    often = "import weft.server.http.answers.event_stream as events; events.KEEP_ALIVE_SECS = 0.2"
    with start_server(tmp_path, before=often) as server:
        assert run_script(server, FAMILY).wait(60) == 0
        page.clock.install()
        page.goto(f"{server.url}/local/family")
        expect(plot(page, "loss")).to_be_visible()
        while not streams:
            page.wait_for_timeout(20)
        for _ in range(8):
            heard = page.evaluate("stills")
            wait_until(partial(page.evaluate, f"stills > {heard}"), what="a word of the server")
            page.clock.fast_forward("00:15")
        expect(page.get_by_text("Not connected, trying again")).to_have_count(0)
        # a lost connection would have been opened again
        assert len(streams) == 1


@at_length
def test_eight_tabs_share_one_event_stream(
    own_context: BrowserContext,
    server: ServerProcess,
    app: OpenApp,
    start_training: Callable[[str], None],
) -> None:
    streams: list[str] = []

    def note(request: Request) -> None:
        if "/events" in request.url:
            streams.append(request.url)

    own_context.on("request", note)
    start_training("tabs")
    pages = [own_context.new_page() for _ in range(8)]
    for each in pages:
        each.goto(f"{app(server)}/local/tabs")
        expect(plot(each, "train/loss")).to_be_visible(timeout=240_000)
    assert len(streams) == 1
    last = pages[-1]
    before = n_points(last, "train/loss")
    wait_until(lambda: n_points(last, "train/loss") > before, what="news in the last tab")
    pages[0].close()
    before = n_points(last, "train/loss")
    wait_until(
        lambda: n_points(last, "train/loss") > before + 20, what="news after the first tab went"
    )
    # what the first stream had brought may still have been on its way to the chart
    wait_until(lambda: len(streams) == 2, what="the stream of another tab")


@at_length
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
    expect(page.get_by_text("There is no such run")).to_have_count(0)
    expect(plot(page, "a")).to_be_visible()
