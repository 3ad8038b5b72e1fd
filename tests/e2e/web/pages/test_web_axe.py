"""Axe finds no fault in any page of the web app, in either theme."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length, case_at_length
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, go_in_app, plot, run_script

RUNS = """
import math, os, time
os.environ["WEFT_SYSTEM_INTERVAL"] = "0.1"
import weft
for i in range(3):
    config = {"optim": {"name": ["adamw", "sgd"][i % 2], "lr": 6e-4}, "seed": i}
    run = weft.init(project="given", name=f"run-{i}", id=f"given00{i}", config=config,
                    tags=["baseline"], notes="best so far", group=f"g{i % 2}")
    run.define_metric("val/acc", summary="max", goal="maximize")
    for step in range(60):
        loss = math.nan if i == 2 and step > 40 else 1 / (step + 1)
        run.log({"train/loss": loss, "val/acc": step / 60})
        time.sleep(0.02)
    run.alert("Slow", text="a step took 3 s", level="warn")
    run.finish(exit_code=i % 2)
"""

RUN = "/local/given/runs/given001"

State = tuple[str, Callable[[Page], Locator]]
"""An address, and what is visible only when the state under test is there."""

PAGES: list[State] = [
    ("/", lambda page: page.get_by_role("region", name="Recent").get_by_role("table")),
    ("/local/given", lambda page: plot(page, "train/loss")),
    ("/local/given/runs", lambda page: page.get_by_role("link", name="run-2", exact=True)),
    (
        RUN,
        lambda page: page.get_by_role("region", name="Config", exact=True).get_by_text(
            "sgd", exact=True
        ),
    ),
    (
        f"{RUN}/system",
        lambda page: page.locator("[data-panel='Host and process: Memory, %'] .plot"),
    ),
]

STATES: list[State] = [
    ("/?view=projects", lambda page: page.get_by_role("columnheader", name="Last activity")),
    ("/gallery", lambda page: page.get_by_text("Third quantity", exact=True)),
    (
        "/local/given?full=auto:train/loss",
        lambda page: page.get_by_role("dialog", name="Full screen").get_by_role(
            "columnheader", name="Curve min", exact=True
        ),
    ),
    (
        "/local/given?edited=auto:train/loss",
        lambda page: page.get_by_role("complementary", name="Settings").get_by_role(
            "radiogroup", name="Y scale"
        ),
    ),
    (
        "/local/given?group=config.optim.name",
        lambda page: page.get_by_role("button", name="Open adamw", exact=True),
    ),
    (f"{RUN}/charts", lambda page: plot(page, "train/loss")),
    (
        f"{RUN}9",
        lambda page: page.get_by_role("alert").get_by_role("heading", name="There is no such run"),
    ),
    (
        "/local/empty-one",
        lambda page: page.get_by_role("heading", name="No runs in empty-one yet"),
    ),
    (
        "/no/such/page/at/all",
        lambda page: page.get_by_role("heading", name="There is no such page"),
    ),
]


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`."""
    assert run_script(server, RUNS).wait(120) == 0


@pytest.mark.parametrize("states", [PAGES, case_at_length(STATES)], ids=["pages", "states"])
def test_axe_finds_nothing(
    page: Page, server: ServerProcess, app: OpenApp, states: Sequence[State]
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(app(server))
    for path, landmark in states:
        go_in_app(page, path)
        expect(landmark(page)).to_be_visible()
        assert axe_faults(page) == [], path


@at_length
def test_axe_finds_nothing_in_dialogs(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{app(server)}/local/given")
    expect(plot(page, "train/loss")).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("combobox", name="Search or jump to")
    palette.fill("run")
    expect(page.get_by_role("option", name="run-1")).to_be_visible()
    assert axe_faults(page) == [], "palette"
    page.keyboard.press("Escape")
    expect(palette).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    assert axe_faults(page) == [], "shortcuts"
