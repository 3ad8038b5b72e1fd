"""Sweeps in the app: the list, a sweep's page, pausing, the form that creates one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

import weft
from at_length import at_length
from sdk_script import run_well
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults

WHOLE = ViewportSize(width=1440, height=3600)
"""The whole page of a sweep: charts out of sight are not drawn."""

SCRIPT = """
import pathlib, weft

def train():
    with weft.init() as run:
        if run.config.lr == 0.4:
            raise ValueError("diverged")
        run.log({"loss": (run.config.lr - 0.1) ** 2 + run.config.depth, "size": run.config.lr})

parameters = {"lr": {"values": [0.1, 0.2, 0.4]}, "depth": {"values": [1, 2]}}
grid = weft.sweep({
    "name": "lr-grid", "method": "grid", "metric": {"name": "loss"}, "parameters": parameters
})
weft.agent(grid, function=train)
metrics = [{"name": "loss"}, {"name": "size", "goal": "maximize"}]
front = weft.sweep({
    "method": "random", "metrics": metrics, "run_cap": 3, "seed": 1,
    "parameters": {**parameters, "lr": {"min": 0.1, "max": 0.3}},
})
weft.agent(front, function=train)
waiting = weft.sweep({"name": "waiting", "method": "random", "metric": {"name": "loss"},
                      "run_cap": 4, "parameters": parameters})
pathlib.Path("ids").write_text(f"{grid} {front} {waiting}")
"""


@pytest.fixture(scope="module")
def sweeps(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The ids of a finished grid, of a sweep with two metrics, and of one without runs."""
    folder: Path = tmp_path_factory.mktemp("script")
    settings = {"WEFT_BASE_URL": server.url, "WEFT_PROJECT": "digits", "WEFT_MODE": "online"}
    run_well(folder, SCRIPT, {**server.environment, **settings})
    return (folder / "ids").read_text().split()


def test_a_finished_sweep_is_listed_and_shown(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.set_viewport_size(WHOLE)
    page.goto(f"{app(server)}/local/digits")
    page.get_by_role("link", name="Sweeps", exact=True).click()
    rows = page.get_by_role("table", name="Sweeps").get_by_role("row")
    expect(rows).to_have_count(4)
    row = rows.filter(has_text="lr-grid")
    expect(row).to_contain_text(re.compile("grid.*Finished.*6 of 6.*1.*loss"))
    row.get_by_role("link", name="lr-grid").click()

    expect(page).to_have_url(re.compile(f"/local/digits/sweeps/{sweeps[0]}$"))
    expect(page.get_by_role("heading", name="lr-grid")).to_be_visible()
    results = page.get_by_role("region", name="Results")
    expect(results).to_contain_text(re.compile("Best loss.*1.*6.*of 6.*4 finished.*2 failed"))
    expect(page.get_by_role("application", name="loss over time: 6 runs")).to_be_visible()
    expect(page.get_by_role("application", name="Parallel coordinates: lr, depth")).to_be_visible()
    expect(page.get_by_role("article", name="Parameter importance")).to_contain_text("for loss")
    agents = page.get_by_role("table", name="Agents")
    expect(agents).to_contain_text(re.compile("agent-1.*6.*Left"))
    settings = page.get_by_role("region", name="Configuration")
    expect(settings).to_contain_text(f"weft agent local/digits/{sweeps[0]}")
    expect(settings).to_contain_text("values: [0.1, 0.2, 0.4]")
    assert axe_faults(page) == []

    # by keyboard, from mark to mark; the first run of the grid is the first to end
    page.get_by_role("application", name="loss over time").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile("loss.*lr.*state.*finished"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/local/digits/runs/"))
    page.go_back()
    results.get_by_role("link").first.click()
    expect(page).to_have_url(re.compile("/local/digits/runs/"))


@at_length
def test_axe_finds_nothing_in_the_list(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/digits/sweeps")
    expect(page.get_by_role("table", name="Sweeps").get_by_role("row")).not_to_have_count(0)
    assert axe_faults(page) == []


@at_length
def test_brushes_are_in_the_address(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    address = f"{app(server)}/local/digits/sweeps/{sweeps[0]}"
    page.goto(f"{address}?brush=%7B%22summary.loss%22%3A%7B%22lo%22%3A0%2C%22hi%22%3A1.5%7D%7D")
    panel = page.get_by_role("article", name="Parallel coordinates")
    expect(panel).to_contain_text("2 of 4 runs in the brush")
    panel.get_by_role("button", name="brushed").click()
    expect(page).to_have_url(address)
    expect(panel).not_to_contain_text("in the brush")


@at_length
def test_slices_show_each_parameter_and_follow_brushes(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.set_viewport_size(WHOLE)
    address = f"{app(server)}/local/digits/sweeps/{sweeps[0]}"
    page.goto(address)
    slices = page.get_by_role("region", name="Slices")
    expect(slices).to_contain_text("loss over each parameter, 4 runs")
    expect(slices.get_by_role("application", name="loss over depth: 4 runs")).to_be_visible()
    chart = slices.get_by_role("application", name="loss over lr: 4 runs")
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile("loss.*lr.*0.1.*depth.*trial"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/local/digits/runs/"))
    page.goto(f"{address}?brush=%7B%22summary.loss%22%3A%7B%22lo%22%3A0%2C%22hi%22%3A1.5%7D%7D")
    expect(slices).to_contain_text("2 of 4 runs in the brush")
    contour = page.get_by_role("region", name="Contour")
    expect(contour).to_contain_text("Too few runs for a map")


@at_length
def test_a_contour_plot_has_its_parameters_in_the_address(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/digits/sweeps/{sweeps[0]}")
    contour = page.get_by_role("region", name="Contour")
    contour.scroll_into_view_if_needed()
    expect(
        contour.get_by_role("application", name="loss over lr and depth: 4 runs")
    ).to_be_visible()
    expect(contour).to_contain_text("Color: the mean of the runs near a place")
    contour.get_by_role("button", name="X lr").click()
    page.get_by_role("menuitemradio", name="depth").click()
    expect(page).to_have_url(re.compile("x=depth&y=lr"))
    page.reload()
    contour.scroll_into_view_if_needed()
    chart = contour.get_by_role("application", name="loss over depth and lr: 4 runs")
    expect(chart).to_be_visible()
    assert axe_faults(page) == []
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tooltip")).to_contain_text(re.compile("loss.*depth"))


@at_length
def test_a_sweep_is_described_and_given_more_runs(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    sweep = weft.Api(server.url, api_key=server.token).sweep(f"local/digits/{sweeps[1]}")
    page.goto(f"{app(server)}/local/digits/sweeps/{sweeps[1]}")
    results = page.get_by_role("region", name="Results")
    expect(results).to_contain_text("of 3")
    page.get_by_role("button", name="Edit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Description").fill("Which rate is best?")
    cap = dialog.get_by_role("textbox", name="Most runs")
    cap.fill("0")
    expect(dialog.get_by_role("alert")).to_contain_text("Not a whole number from 1 on")
    expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    cap.fill("5")
    assert axe_faults(page) == []
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).not_to_be_visible()
    expect(results).to_contain_text("of 5")
    expect(page.get_by_role("main")).to_contain_text("Which rate is best?")
    assert sweep.load().expected_run_count == 5


@at_length
def test_a_sweep_is_found_by_its_name(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/digits")
    expect(page.get_by_role("link", name="Sweeps")).to_be_visible()
    page.keyboard.press("Control+K")
    expect(page.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("lr-gr")
    page.get_by_role("option", name="lr-grid").click()
    expect(page).to_have_url(re.compile(f"/local/digits/sweeps/{sweeps[0]}$"))


@at_length
def test_a_sweep_of_several_metrics_has_a_front(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.set_viewport_size(WHOLE)
    page.goto(f"{app(server)}/local/digits/sweeps/{sweeps[1]}")
    expect(page.get_by_role("region", name="Results")).to_contain_text("Pareto front")
    expect(page.get_by_role("application", name="size against loss: 3 runs")).to_be_visible()
    expect(
        page.get_by_role("application", name="Parallel coordinates: lr, depth, loss, size")
    ).to_be_visible()
    slices = page.get_by_role("region", name="Slices")
    slices.get_by_role("button", name="Metric loss").click()
    page.get_by_role("menuitemradio", name="size").click()
    expect(page).to_have_url(re.compile("metric=size"))
    expect(slices.get_by_role("application", name="size over lr: 3 runs")).to_be_visible()
    page.goto(f"{app(server)}/local/digits/sweeps")
    row = page.get_by_role("row").filter(has_text="front of loss, size")
    trials = weft.Api(server.url, api_key=server.token).sweep(f"local/digits/{sweeps[1]}").trials()
    reached = [tuple(trial["values"]) for trial in trials]
    n_best = sum(
        not any(
            loss <= least and size >= own and (loss, size) != (least, own)
            for loss, size in reached
        )
        for least, own in reached
    )
    expect(row.get_by_title("Runs that no other run is better than")).to_have_text(
        f"{n_best} run{'s' if n_best > 1 else ''}"
    )


@at_length
def test_a_sweep_is_renamed_paused_resumed_cancelled_and_deleted(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    sweep = weft.Api(server.url, api_key=server.token).sweep(f"local/digits/{sweeps[2]}")
    page.goto(f"{app(server)}/local/digits/sweeps/{sweeps[2]}")
    expect(page.get_by_text("No agent has asked for a run yet.")).to_be_visible()
    expect(page.get_by_role("region", name="No runs yet")).to_contain_text(
        "weft agent local/digits"
    )
    page.get_by_role("button", name="Rename").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("größer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="größer")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    head = page.get_by_role("main").get_by_role("banner").or_(page.locator(".sweep-head"))
    expect(head.first).to_contain_text("Paused")
    assert sweep.load().state == "PAUSED"
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the sweep").click()
    expect(head.first).to_contain_text("Cancelled")
    page.get_by_role("button", name="Delete the sweep").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Its 0 runs stay")
    dialog.get_by_role("button", name="Delete the sweep").click()
    expect(page).to_have_url(re.compile("/local/digits/sweeps$"))
    expect(page.get_by_role("table", name="Sweeps")).not_to_contain_text("größer")
    page.goto(f"{app(server)}/local/digits/sweeps/{sweeps[2]}")
    expect(page.get_by_role("alert")).to_contain_text("No such sweep")


@at_length
def test_a_sweep_is_created_once_its_configuration_is_valid(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    page.goto(f"{app(server)}/local/digits/sweeps")
    page.get_by_role("button", name="New sweep").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Valid. 40 runs. It may hand out:")
    create = dialog.get_by_role("button", name="Create")
    text = dialog.get_by_role("textbox", name="Configuration")
    text.fill("method: guess\nmetric: {name: loss}\nparameters: {lr: {values: [1, 2]}}")
    expect(dialog.get_by_role("list", name="Problems")).to_contain_text("method")
    expect(create).to_be_disabled()
    text.fill("name: made\nmethod: grid\nmetric: {name: loss}\nparameters: {lr: {values: [1, 2]}}")
    expect(dialog).to_contain_text("Valid. 2 runs.")
    assert axe_faults(page) == []
    create.click()
    expect(page.get_by_role("heading", name="made")).to_be_visible()
    expect(page.get_by_role("region", name="Results")).to_contain_text("of 2")


@at_length
def test_a_project_without_sweeps_says_how_to_create_one(
    page: Page, app: OpenApp, server: ServerProcess, sweeps: list[str]
) -> None:
    weft.Api(server.url, api_key=server.token).create_project("empty", "local")
    page.goto(f"{app(server)}/local/empty/sweeps")
    main = page.get_by_role("main")
    expect(main).to_contain_text("No sweeps yet")
    expect(main).to_contain_text('project="empty"')
    assert axe_faults(page) == []
