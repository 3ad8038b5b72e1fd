"""The trials of a sweep in the app: table, best trial, curves, and queued ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import weft
from at_length import at_length
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, in_both_themes

SCRIPT = """
import pathlib, weft

def train():
    with weft.init() as run:
        if run.config.lr == 0.4:
            raise ValueError("diverged")
        for step in range(3):
            run.log({"loss": (run.config.lr - 0.1) ** 2 + run.config.net.depth / (step + 1)})

grid = weft.sweep({
    "name": "lr-grid", "method": "grid", "metric": {"name": "loss"},
    "parameters": {"lr": {"values": [0.1, 0.2, 0.4]},
                   "net": {"parameters": {"depth": {"values": [1, 2]}}}, "fast": {"value": True}},
})
weft.agent(grid, function=train)
left = weft.sweep({"name": "left", "method": "random", "metric": {"name": "loss"}, "run_cap": 9,
                   "parameters": {"lr": {"min": 0.1, "max": 0.3},
                                  "net": {"parameters": {"depth": {"value": 1}}}}})
weft.agent(left, function=train, count=1)
pathlib.Path("ids").write_text(f"{grid} {left}")
"""


@pytest.fixture(scope="module")
def sweeps(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The ids of a finished grid, of which two trials failed, and of a sweep whose agent left."""
    folder: Path = tmp_path_factory.mktemp("script")
    settings = {"WEFT_BASE_URL": server.url, "WEFT_PROJECT": "trials", "WEFT_MODE": "online"}
    run_well(folder, SCRIPT, {**server.environment, **settings})
    return (folder / "ids").read_text().split()


def numbers(page: Page) -> Locator:
    return page.get_by_role("table", name="Trials").locator(".trial-number")


def test_trials_are_sorted_filtered_and_lead_to_their_runs(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[0]}")
    expect(numbers(page)).to_have_text(["0", "2", "1", "3", "4", "5"])
    page.get_by_role("region", name="Results").get_by_role("link", name="2", exact=True).click()
    expect(page).to_have_url(re.compile(r"state=failed.*#trials"))
    expect(numbers(page)).to_have_text(["4", "5"])
    table = page.get_by_role("table", name="Trials")
    expect(table.get_by_role("row").nth(1)).to_contain_text("ValueError: diverged")
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[0]}?sort=-parameters.net.depth")
    expect(numbers(page)).to_have_text(["1", "3", "5", "0", "2", "4"])
    table.get_by_role("row").nth(1).get_by_role("link").click()
    facts = page.get_by_role("region", name="Run", exact=True).or_(page.get_by_role("main"))
    expect(facts.first.get_by_role("link", name="lr-grid")).to_be_visible()
    facts.first.get_by_role("link", name="trial 1").click()
    expect(page).to_have_url(re.compile(f"/local/trials/sweeps/{sweeps[0]}"))
    expect(numbers(page)).to_have_text(["1"])


@at_length
@in_both_themes
def test_the_table_has_its_columns_and_search_in_the_address(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[0]}")
    card = page.get_by_role("region", name="Trials")
    card.get_by_role("textbox", name="Search names").fill("DIVERGED")
    expect(numbers(page)).to_have_text(["4", "5"])
    card.get_by_role("textbox", name="Search names").fill("nothing has this")
    expect(card).to_contain_text("No trial matches")
    card.get_by_role("button", name="Show all 6 trials").click()
    expect(numbers(page)).to_have_count(6)
    card.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="net.depth").click()
    page.keyboard.press("Escape")
    heads = card.get_by_role("columnheader")
    expect(heads.filter(has_text="net.depth")).to_have_count(0)
    expect(heads.filter(has_text="Reason")).to_have_count(1)
    page.reload()
    expect(heads.filter(has_text="Reason")).to_have_count(1)
    expect(heads.filter(has_text="net.depth")).to_have_count(0)
    card.get_by_role("button", name="lr", exact=True).click()
    expect(page).to_have_url(re.compile(r"sort=parameters\.lr"))
    expect(heads.filter(has_text="lr")).to_have_attribute("aria-sort", "ascending")
    assert axe_faults(page) == []


@at_length
def test_the_best_trial_is_copied_and_its_curves_are_drawn(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[0]}")
    best = page.get_by_role("region", name="Best trial")
    expect(best).to_contain_text(re.compile(r"#0.*lr.*0\.1.*net\.depth.*1.*fast", re.DOTALL))
    copied = []
    for name in ("YAML", "Flags", "Python"):
        best.get_by_role("button", name=name).click()
        expect(best.get_by_role("button", name="Copied").last).to_be_visible()
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    assert sorted(copied[0].splitlines()) == ["  depth: 1", "fast: true", "lr: 0.1", "net:"]
    assert sorted(copied[1].split()) == ["--fast=True", "--lr=0.1", "--net.depth=1"]
    assert '"net": {"depth": 1}' in copied[2]
    curves = page.get_by_role("article", name="Curves")
    expect(curves).to_be_visible()
    expect(page.get_by_text("loss of 6 runs of the table below, in its order")).to_be_visible()
    page.get_by_role("link", name="Open in workspace").click()
    expect(page).to_have_url(re.compile("/local/trials.*only="))
    expect(page.get_by_role("region", name="Runs")).to_contain_text("6 / 6")


@at_length
def test_a_sweep_without_agents_says_so_and_takes_a_queued_trial(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[1]}")
    waiting = page.get_by_role("region", name="Waiting for an agent")
    expect(waiting).to_contain_text(f"weft agent local/trials/{sweeps[1]}")
    expect(waiting).to_contain_text("8 more trials can be handed out")
    expect(page.locator(".sweep-head")).to_contain_text("Waiting for an agent")
    page.get_by_role("button", name="Queue a trial").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="lr").fill("5")
    dialog.get_by_role("button", name="Queue the trial").click()
    expect(dialog.get_by_role("alert")).to_contain_text("lr can't be 5")
    dialog.get_by_role("textbox", name="lr").fill("0.125")
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Queue the trial").click()
    expect(dialog).not_to_be_visible()
    row = page.get_by_role("table", name="Trials").get_by_role("row").filter(has_text="Queued")
    expect(row).to_contain_text("0.1250")
    stored = weft.Api(server.url, api_key=server.token).sweep(f"local/trials/{sweeps[1]}")
    assert stored.trials()[1]["parameters"]["lr"] == 0.125
    assert stored.enqueue({"lr": 0.25, "net": {"depth": 1}})["number"] == 2


@at_length
def test_the_timeline_has_a_bar_for_each_trial(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[0]}")
    # all of it at once: a scroll takes the tooltip away
    page.set_viewport_size({"width": 1280, "height": 3600})
    timeline = page.get_by_role("region", name="Timeline")
    chart = timeline.get_by_role("application", name="Timeline: 6 trials of 1 agent")
    expect(chart).to_be_visible()
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile("loss.*lr.*trial.*0.*took"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/local/trials/runs/"))


@at_length
def test_notes_of_a_trial_are_those_of_its_run(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/trials/sweeps/{sweeps[0]}")
    card = page.get_by_role("region", name="Trials")
    row = card.get_by_role("row").nth(1)
    row.get_by_role("button", name="Notes of").click()
    row.get_by_role("textbox", name="Notes of").fill("best on the test set")
    page.keyboard.press("Enter")
    expect(row).to_contain_text("best on the test set")
    stored = weft.Api(server.url, api_key=server.token).sweep(f"local/trials/{sweeps[0]}")
    run = stored.trials()[0]["run"]
    assert stored.best_run().id == run
    assert stored.best_run().notes == "best on the test set"
    card.get_by_role("textbox", name="Search names").fill("test set")
    expect(numbers(page)).to_have_text(["0"])
