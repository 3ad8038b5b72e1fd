"""The Logs tab of a run's page: lines as in a terminal, search, choices, following."""

from __future__ import annotations

import re
import signal
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from chart_pixels import wait_for
from media_runs import MediaRun
from run_log_bytes import HandMadeLog
from sdk_script import start_script
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults, go_in_app, run_script, type_text
from weft.records.record import Console, Exit
from weft.runlog.format import encode_frame, encode_payload

RANKS = """
import os, sys, weft
rank = os.environ["RANK"]
run = weft.init(project="street", id="ranks001", name="two-ranks", resume="allow")
print(f"\\x1b[32mrank {rank} begins\\x1b[0m")
for step in range(101):
    sys.stderr.write(f"\\r{step:3}%|{'#' * (step // 10):10}| rank {rank}")
sys.stderr.write("\\n")
print("loss", 0.25)
if rank == "1":
    print("ERROR: late rank")
run.finish()
"""

LIVE = """
import itertools, time, weft
run = weft.init(project="street", id="live0001", name="live-one")
for n in itertools.count():
    print("line", n)
    time.sleep(0.02)
"""

SILENT = """
import weft
weft.init(project="street", id="silent01", settings=weft.Settings(console="off")).finish()
"""

LONG_LINES = 60_000
RUNS = "/api/v1/projects/local/street/runs"


def long_log() -> HandMadeLog:
    log = HandMadeLog(run="long0001", project="street")
    frames = [
        encode_frame(encode_payload(Console("stdout", n, n * 1000, f"step {n} loss=0.{n:05}")))
        for n in range(LONG_LINES)
    ]
    log.data += b"".join(frames)
    log.finish()
    return log


def crashed_run() -> MediaRun:
    """Logs step 10 n and prints line n after it; the line of step 500 says what is wrong."""
    run = MediaRun("crash001", "street")
    for n in range(100):
        run.log("loss", n * 10, 1 / (n + 1))
        text = "RuntimeError: loss is NaN" if n == 50 else f"batch {n}"
        frame = encode_frame(encode_payload(Console("stdout", n, n * 1000 + 500, text)))
        run.log_bytes.data += frame
    run.log_bytes.finish(exit_code=1)
    return run


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A run of two ranks, and a silent one."""
    folder = tmp_path_factory.mktemp("script")
    shared = {
        "WEFT_MODE": "online", "WEFT_BASE_URL": server.url, "WEFT_API_KEY": server.token
        if server.has_token else "", "WEFT_CONSOLE": "wrap", "WORLD_SIZE": "2",
    }  # fmt: skip
    ranks = [start_script(folder, RANKS, {**shared, "RANK": str(rank)}) for rank in (0, 1)]
    silent = run_script(server, SILENT)
    for script in ranks:
        _, stderr = script.communicate(timeout=120)
        assert script.returncode == 0, stderr
    assert silent.wait(60) == 0
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        wait_until(
            lambda: client.get(f"{RUNS}/ranks001").json().get("state") == "finished",
            what="the end of both ranks",
        )


@pytest.fixture(scope="module")
def rarer_runs(server: ServerProcess) -> None:
    """The long and the crashed run, which tests at length alone ask for."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        assert long_log().upload(client).status_code == 200
        crashed_run().send(client, ends=False)


def terminal(page: Page) -> Locator:
    return page.get_by_role("log", name="Console output")


def lines(page: Page) -> list[str]:
    return terminal(page).locator(".log-text").all_inner_texts()


def search_of(page: Page) -> str:
    return str(page.evaluate("location.search"))


def test_two_ranks_look_as_in_a_terminal(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/street/runs/ranks001")
    page.get_by_role("link", name="Logs").click()
    expect(terminal(page).locator(".log-line")).to_have_count(7)
    assert sorted(lines(page)) == [
        "100%|##########| rank 0", "100%|##########| rank 1", "ERROR: late rank", "loss 0.25",
        "loss 0.25", "rank 0 begins", "rank 1 begins",
    ]  # fmt: skip
    green = terminal(page).get_by_text("rank 0 begins")
    assert "--w-ansi-green" in str(green.get_attribute("style"))
    page.get_by_role("button", name="Process").click()
    page.get_by_role("menuitemradio", name="rank 1").click()
    expect(terminal(page).locator(".log-line")).to_have_count(4)
    assert lines(page) == [
        "rank 1 begins", "100%|##########| rank 1", "loss 0.25", "ERROR: late rank",
    ]  # fmt: skip
    page.get_by_role("button", name="Stream").click()
    page.get_by_role("menuitemradio", name="stderr", exact=True).click()
    expect(terminal(page).locator(".log-line")).to_have_count(1)
    assert "source=rank+1" in search_of(page)
    page.reload()
    expect(terminal(page).locator(".log-line")).to_have_count(1)
    assert axe_faults(page) == []
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download").click()
    assert downloading.value.path().read_text() == "100%|##########| rank 1\n"
    go_in_app(page, page.url.replace("ranks001", "silent01").split("?")[0])
    expect(page.get_by_text("No console output")).to_be_visible()


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_a_long_log_is_searched_by_keys(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/street/runs/long0001/logs")
    expect(terminal(page).get_by_text(f"step {LONG_LINES - 1} loss")).to_be_visible()
    assert terminal(page).locator(".log-line").count() < 200
    page.keyboard.press("/")
    type_text(page, "STEP 3000")
    hits = page.locator(".log-hits")
    expect(hits).to_have_text("11")
    page.keyboard.press("Enter")
    expect(hits).to_have_text("1 of 11")
    expect(terminal(page).locator(".log-line.cur mark")).to_have_text("step 3000")
    page.keyboard.press("Shift+Enter")
    expect(hits).to_have_text("11 of 11")
    current = terminal(page).locator(".log-line.cur .log-text")
    expect(current).to_contain_text("step 30009")
    assert "line=30010" in search_of(page)
    page.reload()
    expect(current).to_be_in_viewport()
    page.keyboard.press("Control+f")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Search logs")).to_have_value("")
    type_text(page, r"^step \d+7 (")
    page.get_by_role("button", name="Regular expression").click()
    expect(page.get_by_role("alert")).to_contain_text("not a regular expression")
    page.get_by_label("Search logs").press("End")
    page.keyboard.press("Backspace")
    expect(hits).to_have_text("5,999")
    page.get_by_role("button", name="To the end").click()
    expect(terminal(page).get_by_text(f"step {LONG_LINES - 1} loss")).to_be_in_viewport()


def test_a_live_log_is_followed_until_a_person_scrolls_up(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = run_script(server, LIVE)
    try:
        address = f"{app(server)}/local/street/runs/live0001/logs"
        wait_until(
            lambda: httpx.get(f"{server.url}{RUNS}/live0001/logs").status_code == 200,
            what="the live run",
        )
        page.goto(address)

        def last() -> int:
            numbers = re.findall(r"line (\d+)", " ".join(lines(page)))
            return max(map(int, numbers), default=-1)

        wait_for(lambda: last() > 60, True)
        first_seen = last()
        wait_for(lambda: last() > first_seen, True)
        expect(page.get_by_text("following")).to_be_visible()
        terminal(page).hover()
        page.mouse.wheel(0, -400)
        follow = page.get_by_role("button", name="Follow")
        expect(follow).to_be_visible()

        def top() -> Any:
            return terminal(page).evaluate("(element) => element.scrollTop")

        def total() -> str:
            return page.locator(".log-foot").inner_text()

        before, n_before = top(), total()
        wait_for(lambda: total() != n_before, True)
        assert top() == before
        follow.click()
        expect(page.get_by_text("following")).to_be_visible()
    finally:
        script.send_signal(signal.SIGINT)
        script.wait(60)


TYPE_AND_ENTER = """async (field, text) => {
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    set.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await null;
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
}"""
"""As a person who presses Enter before the field's text is painted."""


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_from_an_error_one_comes_to_its_step_and_from_a_step_to_its_line(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/crash001/logs")
    page.get_by_role("textbox", name="Search logs").evaluate(TYPE_AND_ENTER, "error")
    chosen = page.get_by_role("region", name="The chosen line")
    expect(chosen).to_contain_text("line 51")
    expect(chosen).to_contain_text("step 500")
    expect(chosen).to_contain_text("loss0.0196")
    chosen.get_by_role("link", name="step 500").click()
    expect(page.locator("[data-metric='loss']")).to_be_visible()
    expect(page).to_have_url(re.compile("charts.*zoom=.*step.*450.*550"))
    page.go_back()
    expect(chosen).to_contain_text("step 500")
    field = page.get_by_role("textbox", name="Go to step")
    field.press_sequentially("195")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    expect(chosen).to_contain_text("line 21")
    expect(chosen).to_contain_text("step 200")
    assert axe_faults(page) == []
    chosen.get_by_role("button", name="Close").click()
    expect(chosen).to_have_count(0)
    field.fill("x")
    expect(field).to_have_attribute("aria-invalid", "true")


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_errors_are_found_by_one_click(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/street/runs/crash001")
    expect(page.get_by_role("region", name="Run", exact=True)).to_contain_text("Error")
    page.get_by_role("link", name="in the log").click()
    chosen = page.get_by_role("region", name="The chosen line")
    expect(chosen).to_contain_text("line 51")
    expect(page.get_by_text("1 of 1", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/logs\?level=error&line=51$"))
    page.get_by_role("button", name="Errors").click()
    expect(page.get_by_role("textbox", name="Search logs")).to_have_value("")
    expect(chosen).to_have_count(0)


def test_the_reason_of_a_failed_run_leads_to_its_log_and_to_none_that_is_empty(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    reason = "ValueError: bad shape"

    def row_of(run: str) -> Locator:  # a name is shortened, and another run may be quiet
        return page.get_by_role("row").filter(has=page.locator(f"a[href$='/runs/{run}']"))

    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        failed = Exit(2000, 1, reason=reason)
        ends = {
            "quiet": [failed],
            "loud": [Console("stderr", 0, 1000, reason), failed],
        }
        for name, records in ends.items():
            long_name = f"conformer-large-ls960-lr3e-4-{name}"
            log = HandMadeLog(run=f"{name}000", project="ends", goes_on={"name": long_name})
            for record in records:
                log.add(record)
            assert log.upload(client).status_code == 200
    page.goto(app(server))
    links = row_of("quiet000").locator("a[href*='/logs']")
    box = links.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    expect(links).to_have_count(0)
    row_of("loud000").locator("a[href*='/logs']").click()
    expect(page).to_have_url(re.compile(r"/logs\?level=error"))
    expect(page.get_by_text(reason).first).to_be_visible()
    page.goto(f"{app(server)}/local/ends/runs")
    page.get_by_role("link", name=re.compile("quiet")).first.click()
    facts = page.get_by_role("region", name="Run", exact=True)
    expect(facts).to_contain_text(reason)
    expect(facts.get_by_role("link", name="in the log")).to_have_count(0)

    # on a phone the reason has a line below the name
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(app(server))
    row = row_of("quiet000")
    name, words = row.locator(".name").bounding_box(), row.get_by_text(reason).bounding_box()
    assert name is not None
    assert words is not None
    # its tap area reaches a little over the name, its words do not
    assert words["y"] + words["height"] / 2 >= name["y"] + name["height"]
    assert words["width"] > 110
    assert words["x"] + words["width"] <= 390


@at_length
@pytest.mark.usefixtures("rarer_runs")
def test_only_matching_lines_are_shown(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/street/runs/crash001/logs")
    only = page.get_by_role("button", name="Only matches")
    expect(only).to_be_disabled()
    page.keyboard.press("/")
    type_text(page, "batch 7")
    only.click()
    shown = [f"batch {n}" for n in (7, *range(70, 80))]
    wait_for(lambda: lines(page), shown)
    assert terminal(page).locator(".log-no").all_inner_texts()[:2] == ["8", "71"]
    foot = page.locator(".log-foot")
    expect(foot).to_contain_text("11 of 100 lines")
    page.reload()
    wait_for(lambda: lines(page), shown)
    assert axe_faults(page) == []
    terminal(page).get_by_role("button", name="Link to line 73").click()
    chosen = page.get_by_role("region", name="The chosen line")
    expect(chosen).to_contain_text("step 720")
    chosen.get_by_role("button", name="Show the lines around it").click()
    expect(foot).to_contain_text("100 lines")
    expect(terminal(page).get_by_text("batch 69", exact=True)).to_be_in_viewport()
    expect(terminal(page).locator(".log-line.cur .log-text")).to_have_text("batch 72")
    error = terminal(page).locator(".log-line.error")
    expect(error).to_have_text(re.compile("RuntimeError: loss is NaN"))
    only.click()
    page.get_by_role("textbox", name="Search logs").fill("no such text")
    expect(page.get_by_text("No line matches")).to_be_visible()


@at_length
def test_the_processes_of_a_run_are_listed(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/ranks001")
    page.get_by_role("button", name="2 writers: list").click()
    rows = page.get_by_role("dialog", name="Writers").get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text("rank")
    expect(rows.nth(1).get_by_role("cell").last).to_have_text("right")
