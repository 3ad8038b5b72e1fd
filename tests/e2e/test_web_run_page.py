"""A run's page, as a person would use it: what it tells, what is changed, what was measured."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from server_process import ServerProcess, start_server
from web_pages import OpenApp, plot, run_script, type_text

RUNS = """
import os, time
os.environ["WEFT_SYSTEM_INTERVAL"] = "0.1"
import weft
config = {"optim": {"name": "adamw", "lr": 6e-4, "betas": [0.9, 0.999]},
          "model": {"backbone": "convnext-t", "head": {"kind": "mlp"}}, "max_steps": 200}
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

ARGUMENTS = ("--epochs", "3", "--api-key", "my-secret")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        assert run_script(started, RUNS, *ARGUMENTS).wait(120) == 0
        yield started


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
    type_text(page, "ablation-2,")
    page.keyboard.press("Enter")
    tags = page.locator(".head-tags")
    expect(tags.get_by_role("button", name="Edit tags")).to_be_visible()
    expect(tags).to_contain_text("ablation-2")

    notes = page.get_by_role("region", name="Notes")
    expect(notes.get_by_role("link", name="https://example.org/x")).to_be_visible()
    notes.get_by_role("button", name="Edit notes").click()
    notes.get_by_role("textbox", name="Notes").fill("best so far")
    page.keyboard.press("Control+Enter")
    expect(notes).to_contain_text("best so far")
    expect(page.get_by_text("Notes saved")).to_be_visible()

    page.reload()
    expect(heading).to_be_visible()
    expect(tags).to_contain_text(re.compile("baseline.*ablation-2"))
    expect(notes).to_contain_text("best so far")


def test_config_and_summary_are_searched(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/street/runs/main0001")
    config = page.get_by_role("region", name="Config")
    expect(config.locator(".tree-line")).to_have_count(9)
    config.get_by_role("button", name="optim").click()
    expect(config.locator(".tree-line")).to_have_count(6)
    config.get_by_role("textbox").fill("head mlp")
    expect(config.locator(".tree-line")).to_have_text(["model2", "head1", "kindmlp"])
    config.get_by_role("textbox").fill("nothing-like-it")
    expect(config.get_by_role("status")).to_be_visible()
    config.get_by_role("radio", name="YAML").click()
    expect(config).to_contain_text("betas: [0.9, 0.999]")

    summary = page.get_by_role("region", name="Summary")
    expect(summary.get_by_role("row", name=re.compile("val.acc max"))).to_contain_text("0.9900")
    summary.get_by_role("textbox").fill("train")
    expect(summary.get_by_role("rowgroup").get_by_role("row")).to_have_count(1)
    expect(page.get_by_role("region", name="Alerts")).to_contain_text("a step took 3 s")


def test_how_a_run_was_started_is_told(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/street/runs/main0001")
    expect(page.get_by_role("region", name="Machine")).to_contain_text(platform.python_version())
    command = page.get_by_role("region", name="Command")
    expect(command).to_contain_text("--epochs 3")
    expect(command).not_to_contain_text("my-secret")


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


def test_a_deleted_run_is_brought_back_from_its_own_address(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    address = f"{app(server)}/local/street/runs/doomed01"
    page.goto(address)
    page.get_by_role("button", name="More of this run").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("doomed is in the trash")).to_be_visible()
    expect(page).to_have_url(re.compile("/local/street$"))
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("doomed is in the trash")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("heading", name="doomed")).to_be_visible()
    page.goto(address + "9")
    expect(page.get_by_role("alert")).to_contain_text("There is no such run")
