"""The compare page: what differs between runs, by link, with their charts beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from at_length import at_length
from media_runs import MediaRun
from server_process import ServerProcess, wait_until
from web_pages import OpenApp, axe_faults, copied

RUNS: dict[str, dict[str, Any]] = {
    "run1": {"lr": 0.1, "layers": 2, "name": "a"},
    "run2": {"lr": 0.2, "layers": 2, "name": "a", "only": "here"},
    "run3": {"lr": 0.1, "layers": 4, "name": "a"},
}


def files_of(run: str) -> dict[str, bytes]:
    last = run[-1]
    noted = {
        "program": "train.py",
        "args": ["--seed", last],
        "cpu_count": int(last),
    }
    gathered = {"git": {"commit": last * 40, "remote": "https://example.org/a/b.git"}}
    return {
        "metadata.json": json.dumps(noted).encode(),
        "environment.json": json.dumps(gathered).encode(),
        "requirements.txt": f"numpy==2.{last}\ntorch==2.13\n".encode(),
        "code/train.py": f"seed = {last}\n".encode(),
        "code/model.py": b"width = 64\n",
    }


@pytest.fixture(scope="module", autouse=True)
def runs(server: ServerProcess) -> None:
    """The runs of `RUNS`, each with five rows and its files."""
    with httpx.Client(base_url=server.url, timeout=60, trust_env=False) as client:
        for name, config in RUNS.items():
            run = MediaRun(name, "p", label=f"the {name}")
            run.log_bytes.config(**config)
            for step in range(5):
                run.log("loss", step, step + int(name[-1]))
            run.send(client)
            for path, content in files_of(name).items():
                address = f"{run.log_bytes.path}/files/{path}"
                client.put(address, content=content).raise_for_status()


@pytest.fixture
def compared(page: Page, app: OpenApp, server: ServerProcess) -> Page:
    page.goto(f"{app(server)}/local/p/compare?ids=run1,run2")
    expect(table(page).get_by_role("columnheader")).to_have_count(3)
    return page


def table(page: Page) -> Locator:
    return page.get_by_role("table", name="Runs side by side")


def row(page: Page, key: str) -> Locator:
    header = page.get_by_role("rowheader", name=key, exact=True)
    return table(page).get_by_role("row").filter(has=header)


def test_only_differences_are_shown_until_the_rest_is_asked_for(compared: Page) -> None:
    expect(row(compared, "lr").get_by_role("cell").nth(1)).to_contain_text("0.2× 2")
    expect(row(compared, "only").get_by_role("cell").first).to_have_text("not set")
    expect(row(compared, "numpy").get_by_role("cell")).to_have_text(["2.1", "2.2"])
    expect(row(compared, "train.py").get_by_role("cell").first).to_contain_text("9 bytes")
    expect(row(compared, "Command").get_by_role("cell").nth(1)).to_contain_text("--seed 2")
    expect(row(compared, "CPU").get_by_role("cell")).to_have_text(["1 core", "2 cores"])
    for same in ("layers", "torch", "model.py"):
        expect(row(compared, same)).to_have_count(0)
    compared.get_by_role("switch", name="Only differences").click()
    expect(row(compared, "layers").get_by_role("cell")).to_have_text(["2", "2"])
    expect(compared).to_have_url(re.compile("equal=1"))
    compared.reload()
    expect(row(compared, "torch").get_by_role("cell")).to_have_text(["2.13", "2.13"])


@at_length
def test_runs_are_added_removed_and_made_the_base(compared: Page) -> None:
    compared.get_by_role("button", name="Add run").click()
    field = compared.get_by_role("combobox", name="Name of the run")
    field.press_sequentially("run3")
    expect(field).to_be_focused()
    compared.get_by_role("option").filter(has_text="the run3").click()
    expect(table(compared).get_by_role("columnheader")).to_have_count(4)
    expect(row(compared, "layers").get_by_role("cell")).to_have_text(["2", "2", "4× 2"])
    compared.get_by_role("button", name="Compare with the run3").click()
    expect(row(compared, "layers").get_by_role("cell").first).to_have_text("4")
    expect(compared).to_have_url(re.compile("ids=run3%2Crun1%2Crun2"))
    compared.get_by_role("button", name="Remove the run1").click()
    expect(table(compared).get_by_role("columnheader")).to_have_count(3)
    table(compared).get_by_role("link", name="the run3").click()
    expect(compared.get_by_role("heading", name="the run3")).to_be_visible()
    compared.go_back()
    expect(table(compared).get_by_role("columnheader")).to_have_count(3)


@at_length
def test_the_charts_of_the_runs_stand_beside_it(compared: Page) -> None:
    panel = compared.locator("[data-metric='loss']")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("the run2")
    # on a low page they stand below the table, which keeps most of it
    compared.set_viewport_size({"width": 960, "height": 600})
    differences = compared.get_by_role("region", name="Differences")
    wait_until(
        lambda: differences.evaluate("(part) => part.clientHeight") >= 340,
        what="a table of some rows",
    )
    expect(compared.get_by_role("textbox", name="Search panels")).to_be_in_viewport()
    compared.get_by_role("switch", name="Charts").click()
    expect(panel).to_have_count(0)
    expect(compared).to_have_url(re.compile("charts=0"))


@at_length
def test_a_search_a_link_and_a_file_take_it_along(compared: Page) -> None:
    field = compared.get_by_role("textbox", name="Search keys and values")
    field.press_sequentially("layers")
    expect(row(compared, "layers")).to_be_visible()
    expect(row(compared, "lr")).to_have_count(0)
    expect(field).to_be_focused()
    button = compared.get_by_role("button", name="Copy link")
    assert "find=layers" in copied(compared, button.click)
    with compared.expect_download() as started:
        compared.get_by_role("button", name="Save as CSV").click()
    text = Path(started.value.path()).read_bytes().decode()
    assert text.startswith("section,key,the run1,the run2\r\n")
    assert "config,lr,0.1,0.2\r\n" in text
    assert "packages,torch,2.13,2.13\r\n" in text


@at_length
def test_runs_that_are_not_there_are_told_and_none_is_a_hint(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.goto(f"{app(server)}/local/p/compare?ids=run1,nothere1")
    alert = page.get_by_role("alert").filter(has_text="nothere1")
    expect(alert).to_contain_text("can't be shown")
    expect(row(page, "lr")).to_be_visible()
    alert.get_by_role("button", name="Remove").click()
    expect(alert).to_have_count(0)
    page.goto(f"{app(server)}/local/p/compare")
    expect(page.get_by_text("No runs to compare")).to_be_visible()


@at_length
def test_selected_runs_lead_to_it_and_it_has_no_faults_of_accessibility(
    page: Page, app: OpenApp, server: ServerProcess
) -> None:
    page.goto(f"{app(server)}/local/p/runs")
    for name in ("the run1", "the run3"):
        page.get_by_role("checkbox", name=f"Select {name}").click()
    page.get_by_role("toolbar", name="Selected runs").get_by_role("link", name="Compare").click()
    expect(table(page).get_by_role("columnheader")).to_have_count(3)
    expect(page.locator("[data-metric='loss'] canvas").first).to_be_visible()
    assert axe_faults(page) == []
