"""A run's page, as a person would use it: what it tells, what is changed, what was measured."""

from __future__ import annotations

import re
import signal

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from at_length import at_length
from chart_pixels import wait_for
from server_process import ServerProcess, wait_until
from web_pages import (
    OpenApp,
    copied,
    cut_short,
    go_in_app,
    hold,
    outside,
    plot,
    run_script,
    type_text,
    wait_for_route,
)

RUNS = """
import os, time
os.environ["WEFT_SYSTEM_INTERVAL"] = "0.1"
import weft
config = {"optim": {"name": "adamw", "lr": 6e-4, "betas": [0.9, 0.999]},
          "model": {"backbone": "convnext-t", "head": {"kind": "mlp"}}, "max_steps": 200,
          "clips": [0.5, float("nan"), "NaN"]}
run = weft.init(project="street", id="main0001", name="first-try", config=config,
                tags=["baseline"], group="ablation", notes="see https://example.org/x")
run.define_metric("val/acc", summary="max", goal="maximize")
for step in range(100):
    run.log({"train/loss": 1 / (step + 1), "val/acc": step / 100, "epoch": step // 10})
    time.sleep(0.025)
run.alert("Slow", text="a step took 3 s", level="warn")
run.finish()
run = weft.init(project="street", id="doomed01", name="doomed")
run.log({"train/loss": 1})
run.finish()
"""

LIVE = """
import time, weft
run = weft.init(project="street", id="live0001", name="live-one",
                config={"max_steps": 10_000})
while True:
    run.log({"train/loss": 1, "global_step": 5000})
    time.sleep(0.02)
"""

LARGE = """
import random, weft
with weft.init(project="street", id="large001", name="large") as run:
    for _ in range(5000):
        run.log({"train/loss": random.random(), "train/acc": random.random()})
"""

MANY = """
import weft
config = {"block": {f"hidden_size_of_layer_{n:03}": n for n in range(300)}}
with weft.init(project="layers", id="many0001", name="many", config=config) as run:
    run.log({f"layers/{n:03}/norm": n for n in range(300)})
"""

DELTAS = """
import weft
name = "the-baseline-with-a-name-that-is-as-long-as-names-of-sweeps-are-seed-1"
for id, n in [("base", 0), ("next", 1)]:
    with weft.init(project="deltas", id=id, name=[name, "next"][n]) as run:
        run.define_metric("val/acc", summary="max", goal="maximize")
        run.define_metric("val/loss", summary="min", goal="minimize")
        run.log({"val/acc": 0.8 - n / 10, "val/loss": 0.5 - n / 4, "tokens": 1000 + 24 * n,
                 "same": 7, "odd": float("nan") if n else 1.0})
        run.summary["only"] = n
        run.summary[f"own{n}"] = 3
"""


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


def test_a_run_is_renamed_tagged_and_annotated(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/main0001")
    page.get_by_role("button", name="More of this run").click()
    page.get_by_role("menuitem", name="Rename").click()
    type_text(page, "the-baseline")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", name="the-baseline")
    expect(heading).to_be_visible()

    page.get_by_role("button", name="Edit tags").click()
    type_text(page, "second,")
    page.keyboard.press("Enter")
    tags = page.locator(".head-tags")
    expect(tags.get_by_role("button", name="Edit tags")).to_be_visible()
    expect(tags).to_contain_text("second")

    notes = page.get_by_role("region", name="Notes")
    expect(notes.get_by_role("link", name="https://example.org/x")).to_be_visible()
    notes.get_by_role("button", name="Edit notes").click()
    notes.get_by_role("textbox", name="Notes").fill(
        "**best** of all, https://example.org/x\nsecond line <b>x</b>"
    )
    page.keyboard.press("Control+Enter")
    expect(notes).to_contain_text("best of all")
    expect(notes.locator("strong")).to_have_text("best")
    expect(notes).to_contain_text("second line <b>x</b>")
    expect(page.get_by_text(": notes changed")).to_be_visible()

    page.reload()
    expect(heading).to_be_visible()
    expect(tags).to_contain_text(re.compile("baseline.*second"))
    expect(notes).to_contain_text("best of all")
    expect(page.get_by_role("region", name="Alerts")).to_contain_text("a step took 3 s")


@at_length
def test_config_and_summary_are_searched_and_copied(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/main0001")
    config = page.get_by_role("region", name="Config")
    expect(config.locator(".tree-line")).to_have_count(10)
    config.get_by_role("button", name="optim").click()
    expect(config.locator(".tree-line")).to_have_count(7)
    expect(config).to_contain_text('[0.5, NaN, "NaN"]')
    config.get_by_role("textbox").fill("head mlp")
    expect(config.locator(".tree-line")).to_have_text(["model2", "head1", "kindmlp"])
    config.get_by_role("textbox").fill("nothing-like-it")
    expect(config.get_by_role("status")).to_be_visible()
    config.get_by_role("radio", name="YAML").click()
    expect(config).to_contain_text("betas: [0.9, 0.999]")
    expect(config).to_contain_text("clips: [0.5, .nan, NaN]")
    config.get_by_role("button", name="Copy the config").click()
    python = copied(page, page.get_by_role("menuitem", name="Copy as Python").click)
    expect(page.get_by_text("Copied the config as Python")).to_be_visible()
    assert eval(python)["optim"]["betas"] == [0.9, 0.999]

    summary = page.get_by_role("region", name="Summary")
    expect(summary.get_by_role("row", name=re.compile("val.acc max"))).to_contain_text("0.9900")
    summary.get_by_role("textbox").fill("train")
    expect(summary.get_by_role("rowgroup").get_by_role("row")).to_have_count(1)


@at_length
def test_long_config_and_summary_scroll_with_their_page(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, MANY).wait(60) == 0
    inner = """() => [...document.querySelectorAll(".overview .card *")].filter(
        (element) => element.scrollHeight > element.clientHeight + 2
            && /auto|scroll/.test(getComputedStyle(element).overflowY)).length"""
    for width, n_first in [(1440, 30), (390, 12)]:
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{app(server)}/local/layers/runs/many0001")
        for name, total in [("Config", 301), ("Summary", 300)]:
            card = page.get_by_role("region", name=name)
            rows = card.locator(".tree-line, .summary-line:not(.head)")
            expect(rows).to_have_count(n_first)
            card.get_by_role("button", name="Show all 300").click()
            expect(card.get_by_role("button", name="Show fewer")).to_have_count(1)
            # only those in view, or near it, are drawn
            assert rows.count() < total
            card.get_by_role("button", name="Show fewer").scroll_into_view_if_needed()
            expect(rows.last).to_contain_text("299")
            expect(rows.last).to_be_in_viewport()
            assert page.evaluate(inner) == 0
            card.get_by_role("textbox").fill("299")
            expect(rows).to_have_count(total - 299)
            card.get_by_role("textbox").fill("")


@at_length
def test_tags_added_while_the_first_is_on_its_way_stay(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft; weft.init(project='edits', id='edited01', tags=['first']).finish()"
    assert run_script(server, script).wait(120) == 0
    held: list[Route] = []

    def hold_first_edit(route: Route) -> None:
        if route.request.method == "PATCH" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/runs/edited01", hold_first_edit)
    page.goto(f"{app(server)}/local/edits/runs/edited01")
    page.get_by_role("button", name="Edit tags").click()
    type_text(page, "one,")
    first = wait_for_route(page, held)
    tags = page.locator(".head-tags")
    type_text(page, "two,")
    expect(tags.get_by_role("button", name="Remove tag two")).to_be_visible()
    first.continue_()
    type_text(page, "three,")
    all_of_them = ["first", "one", "two", "three"]

    def stored() -> object:
        # by the page, so that its requests come to their route meanwhile
        run = page.request.get(f"{server.url}/api/v1/projects/local/edits/runs/edited01")
        return run.json()["tags"]

    wait_until(lambda: stored() == all_of_them, what="all tags at the server")
    for tag in all_of_them:
        expect(tags.get_by_role("button", name=f"Remove tag {tag}")).to_be_visible()


TYPE_AT_ONCE = """async (input, texts) => {
    const { set } = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    for (const text of texts) {
        set.call(input, text);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        // a busy page handles the next key before any timer
        for (let i = 0; i < 20; i++) await null;
    }
}"""


@at_length
def test_tags_added_before_the_page_has_shown_the_first_stay(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = "import weft; weft.init(project='edits', id='edited02').finish()"
    assert run_script(server, script).wait(120) == 0
    page.goto(f"{app(server)}/local/edits/runs/edited02")
    page.get_by_role("button", name="Edit tags").click()
    tags = page.locator(".head-tags")
    tags.get_by_role("combobox", name="Add a tag").evaluate(TYPE_AT_ONCE, ["one,", "two,"])
    for tag in ("one", "two"):
        expect(tags.get_by_role("button", name=f"Remove tag {tag}")).to_be_visible()


@at_length
def test_a_summary_keeps_its_names_on_a_narrow_page(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.set_viewport_size({"width": 700, "height": 800})
    page.goto(f"{app(server)}/local/street/runs/main0001")
    summary = page.get_by_role("region", name="Summary")
    expect(summary.get_by_role("row", name=re.compile("val.acc max"))).to_be_visible()
    words = summary.locator("[role=columnheader], [role=cell]:first-child")
    wait_for(lambda: page.evaluate("document.fonts.status"), "loaded")
    assert cut_short(words) == []
    assert outside(page) == []


@at_length
def test_a_summary_tells_how_far_it_is_from_the_baselines(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, DELTAS).wait(120) == 0
    page.goto(f"{app(server)}/local/deltas")
    page.get_by_role("row", name=re.compile("the-baseline")).click(button="right")
    page.get_by_role("menuitem", name="Set as baseline").click()
    page.get_by_role("link", name="next").click()
    summary = page.get_by_role("region", name="Summary")

    def change(key: str) -> Locator:
        row = summary.get_by_role("rowgroup").get_by_role("row", name=re.compile(f"^{key} "))
        return row.get_by_role("cell").last

    def check() -> None:
        expect(summary).to_contain_text("Differences to the baseline")
        expect(summary.get_by_role("columnheader")).to_have_text(
            ["Metric", "Trend", "Value", "Difference"]
        )
        expect(change("val.acc max")).to_have_text("−0.1000")
        expect(change("val.acc max")).to_have_class(re.compile(r"\bworse\b"))
        expect(change("val.loss min")).to_have_text("−0.2500")
        expect(change("val.loss min")).to_have_class(re.compile(r"\bbetter\b"))
        expect(change("tokens")).to_have_text("+24")
        expect(change("tokens")).not_to_have_class(re.compile("better|worse"))
        for key in ("same", "odd", "own1"):
            expect(change(key)).to_have_text("")

    check()
    # the view has saved itself: the page knows the baseline also where it is opened first
    views = f"{server.url}/api/v1/projects/local/deltas/views/default"
    wait_until(
        lambda: httpx.get(views).json()["document"].get("baseline") == "base", what="the view"
    )
    page.reload()
    check()
    summary.get_by_role("link", name=re.compile("the-baseline")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("the-baseline")
    expect(summary.get_by_role("row", name=re.compile("^tokens"))).to_contain_text("1,000")
    expect(summary.get_by_role("columnheader")).to_have_text(["Metric", "Trend", "Value"])


@at_length
def test_a_run_leads_to_those_like_it_and_to_the_next(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = f"{app(server)}/local/street/runs"
    page.goto(f"{address}/main0001/charts")
    expect(page.get_by_role("link", name="Newer run")).to_be_visible()
    expect(page.get_by_role("link", name="Older run")).to_have_count(0)
    page.get_by_role("link", name="Newer run").click()
    expect(page).to_have_url(f"{address}/doomed01/charts")
    page.get_by_role("link", name="Older run").click()
    expect(page).to_have_url(f"{address}/main0001/charts")

    page.goto(f"{address}/main0001")
    summary = page.get_by_role("region", name="Summary").get_by_role("rowgroup")
    expect(summary.get_by_role("row").first).to_contain_text("val/acc max")
    for value in ("ablation", "baseline"):
        page.goto(f"{address}/main0001")
        page.get_by_role("link", name=value, exact=True).click()
        expect(page).to_have_url(re.compile("/local/street/runs[?]only="))
        expect(page.get_by_role("status").filter(has_text="1 of 2 runs")).to_be_visible()


@at_length
def test_the_key_for_the_next_run_waits_until_it_is_known(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = f"{app(server)}/local/street/runs"
    list_runs = hold(page, "**/runs/query")
    page.goto(f"{address}/main0001")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.keyboard.press("k")
    list_runs()
    expect(page).to_have_url(f"{address}/doomed01")


@at_length
def test_charts_and_system_have_addresses_of_their_own(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/street/runs/main0001")
    tabs = page.get_by_role("navigation", name="Of this run")
    tabs.get_by_role("link", name="Charts").click()
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("1 curve of 100"))
    tabs.get_by_role("link", name="System").click()
    expect(page).to_have_url(re.compile("/runs/main0001/system$"))
    memory = page.locator("[data-panel='Host and process: Memory, %'] .plot")
    expect(memory).to_have_attribute("aria-label", re.compile("2 curves of"))
    page.go_back()
    expect(plot(page, "train/loss")).to_be_visible()


def test_a_running_script_tells_the_time_left_and_is_stopped_by_a_button(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    script = run_script(server, LIVE)
    try:
        page.goto(f"{app(server)}/local/street")
        left = page.locator(".run-row", has=page.get_by_title("live-one")).locator(".left")
        title = re.compile("^about .+: 5,000 of 10,000 steps$")
        expect(left).to_have_attribute("title", title, timeout=60_000)
        page.get_by_role("button", name="1 running").click()
        expect(page.locator(".run-row")).to_have_count(1)
        page.get_by_role("button", name="1 running").click()
        expect(page.locator(".run-row", has=page.get_by_title("doomed"))).to_be_visible()
        go_in_app(page, f"{app(server)}/local/street/runs/live0001")
        stop = page.get_by_role("button", name="Stop", exact=True)
        stop.click()
        dialog = page.get_by_role("dialog", name="Stop live-one?")
        dialog.get_by_role("button", name="Cancel").click()
        expect(dialog).to_have_count(0)
        expect(page.locator(".stat")).to_contain_text("running")
        stop.click()
        dialog.get_by_role("button", name="Stop", exact=True).click()
        expect(page.get_by_text("live-one is asked to stop")).to_be_visible()
        assert script.wait(60) == -signal.SIGINT
        expect(page.locator(".stat")).to_contain_text("killed")
        expect(stop).to_have_count(0)
    finally:
        script.kill()
        script.wait()


@at_length
def test_a_deleted_run_is_brought_back_from_its_own_address(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = f"{app(server)}/local/street/runs/doomed01"
    page.goto(address)
    page.get_by_role("button", name="More of this run").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.locator(".toast").get_by_text("doomed is in the trash")).to_be_visible()
    expect(page).to_have_url(re.compile("/local/street$"))
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("doomed is in the trash")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", name="doomed")).to_be_visible()
    page.goto(address + "9")
    expect(page.get_by_role("alert")).to_contain_text("There is no such run")


@at_length
def test_who_has_left_a_run_is_not_led_away_by_its_deletion(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = f"{app(server)}/local/street/runs"
    page.goto(f"{address}/doomed01")
    page.get_by_role("button", name="More of this run").click()
    delete = hold(page, "**/runs/doomed01")
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("link", name="Older run").click()
    expect(page).to_have_url(f"{address}/main0001")
    delete()
    message = page.get_by_role("status").filter(has_text="doomed is in the trash")
    expect(message).to_be_visible()
    expect(page).to_have_url(f"{address}/main0001")
    # nor by its Undo, once another page was opened
    bring_back = hold(page, "**/runs/doomed01/undelete")
    message.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Charts", exact=True).click()
    expect(page).to_have_url(f"{address}/main0001/charts")
    with page.expect_response("**/runs/doomed01/undelete"):
        bring_back()
    page.get_by_role("link", name="System", exact=True).click()
    expect(page).to_have_url(f"{address}/main0001/system")
    # the list of runs has it again a moment later
    newer = page.get_by_role("link", name="Newer run")
    expect(newer).to_have_attribute("href", re.compile("/doomed01"))
    newer.click()
    expect(page.get_by_role("heading", name="doomed")).to_be_visible()


@at_length
def test_the_size_of_a_run_is_shown_by_metric(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    assert run_script(server, LARGE).wait(120) == 0
    url = f"{server.url}/api/v1/projects/local/street/runs/large001/sizes"
    headers = {"Authorization": f"Bearer {server.token}"}
    wait_until(
        lambda: httpx.get(url, headers=headers).json().get("metrics"),
        what="rows are divided by metric",
        secs=60,
    )
    page.goto(f"{app(server)}/local/street/runs/large001")
    page.get_by_role("region", name="Run", exact=True).get_by_title("By metric").click()
    sizes = page.get_by_role("dialog", name="by metric")
    listed = sizes.get_by_role("list", name="Sizes").get_by_role("listitem")
    expect(listed.filter(has_text="train/loss")).to_have_text(re.compile(r"\d (bytes|kB)$"))
    expect(listed.filter(has_text="Steps and times")).to_have_count(1)
    type_text(page, "los")
    expect(listed).to_have_text([re.compile("^train/loss")])
    page.keyboard.type("x", delay=20)
    expect(sizes.get_by_role("status")).to_have_text("No metric's name has losx.")


@at_length
def test_a_run_that_is_deleted_elsewhere_says_so_by_itself(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    url = f"{server.url}/api/v1/projects/local/street/runs/doomed01"
    headers = {"Authorization": f"Bearer {server.token}"}
    page.goto(f"{app(server)}/local/street/runs/doomed01")
    heading = page.get_by_role("heading", name="doomed", exact=True)
    expect(heading).to_be_visible()
    httpx.delete(url, headers=headers).raise_for_status()
    expect(page.get_by_role("alert")).to_contain_text("doomed is in the trash")
    httpx.post(f"{url}/undelete", headers=headers).raise_for_status()
    expect(heading).to_be_visible()
