"""A project as a folder of HTML files, which the command line writes without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from at_length import case_at_length
from server_process import ServerProcess
from web_pages import axe_faults, run_script
from weft_command import run_weft

RUNS = """
import weft
for name in ("calm", "bold", "shy"):
    with weft.init(project="foldered", name=name, config={"lr": len(name)}) as run:
        for step in range(50):
            run.log({"loss": 1 / (step + 1), "val/acc": step / 50})
"""


@pytest.fixture(scope="module", autouse=True)
def project(server: ServerProcess) -> None:
    """Three runs, a view and a published report."""
    assert run_script(server, RUNS).wait(120) == 0
    project = f"{server.url}/api/v1/projects/local/foldered"
    loss = {
        "id": "own",
        "kind": "line",
        "section": "charts",
        "keys": ["loss"],
        "settings": {"axis": "step"},
    }
    only = {"panels": {"own": loss}, "selection": {"base": "all", "on": [], "off": []}}
    view = {"kind": "shared", "name": "Loss / all", "document": only}
    httpx.post(f"{project}/views", json=view).raise_for_status()
    body = {
        "title": "Findings",
        "blocks": [{"id": "p", "kind": "paragraph", "text": [{"text": "Good."}]}],
    }
    report = httpx.post(f"{project}/reports", json=body).raise_for_status().json()["id"]
    httpx.post(f"{project}/reports/{report}/publish").raise_for_status()


@pytest.fixture(params=["light", case_at_length("dark")])
def offline(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page without a network, in each theme."""
    context = browser.new_context(
        offline=True, reduced_motion="reduce", color_scheme=request.param
    )
    yield context.new_page()
    context.close()


def test_a_project_is_a_folder_of_pages_that_lead_to_each_other(
    offline: Page, server: ServerProcess, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    command = ("export", "foldered", "--static", site, "--runs", 2, "--base-url", server.url)
    done = run_weft(*command, "--json")
    assert done.exit_code == 0, done.stderr
    assert {key: done.report[f"n_{key}"] for key in ("views", "reports", "runs")} == {
        "views": 2,
        "reports": 1,
        "runs": 2,
    }
    again = run_weft(*command)
    assert again.exit_code != 0
    assert "is not an empty folder" in again.stderr

    requests: list[str] = []
    faults: list[str] = []
    offline.on("request", lambda request: requests.append(request.url))
    offline.on("console", lambda message: faults.append(message.text))
    offline.on("pageerror", lambda error: faults.append(str(error)))
    offline.goto((site / "index.html").as_uri())
    table = offline.get_by_role("group", name="Runs, scrolled")
    expect(table).to_contain_text("calm")
    assert axe_faults(offline) == []
    offline.get_by_role("link", name="Loss / all").click()
    expect(offline.get_by_role("heading", name="foldered: Loss / all")).to_be_visible()
    curves = offline.get_by_role("application", name="loss: 3 curves")
    expect(curves).to_have_count(2)
    expect(offline.get_by_text("not in the file")).to_have_count(0)
    assert axe_faults(offline) == []
    offline.get_by_role("link", name="Project").click()
    offline.get_by_role("link", name="shy").click()
    expect(offline.get_by_role("region", name="Config")).to_contain_text("lr")
    expect(offline.get_by_role("application", name="acc")).to_be_visible()
    assert axe_faults(offline) == []
    offline.go_back()
    offline.get_by_role("link", name="Findings").click()
    expect(offline.get_by_text("Good.")).to_be_visible()

    host = urlsplit(server.url).netloc
    assert all(host not in file.read_text() for file in site.rglob("*.html"))
    assert all(request.startswith("file:") for request in requests)
    assert faults == []


def test_a_view_is_written_by_its_name(server: ServerProcess, tmp_path: Path) -> None:
    assert run_script(server, RUNS).wait(120) == 0
    command = ("export", "foldered", tmp_path / "view.html", "--base-url", server.url)
    done = run_weft(*command, "--view", "default", "--json")
    assert done.exit_code == 0, done.stderr
    assert 'id="weft-view"' in (tmp_path / "view.html").read_text()
    absent = run_weft(*command, "--view", "absent", "--force")
    assert absent.exit_code != 0
    assert "no view absent in local/foldered" in absent.stderr
    assert run_weft(*command, "--view", "default", "--static", tmp_path / "site").exit_code == 2
