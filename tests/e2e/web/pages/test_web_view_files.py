"""A view of the workspace as one HTML file: opened from the disk without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
for name in ("calm", "bold", "</script>"):
    config = {"lr": 0.1 if name == "calm" else 0.2}
    with weft.init(project="viewed", name=name, config=config) as run:
        for step in range(50):
            run.log({"loss": 1 / (step + 1), "val/acc": step / 50})
"""


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page without a network."""
    context = browser.new_context(
        offline=True, reduced_motion="reduce", viewport={"width": 1440, "height": 1000}
    )
    yield context.new_page()
    context.close()


def test_a_view_is_one_file_whose_charts_are_live_without_a_server(
    page: Page, offline: Page, app: OpenApp, server: ServerProcess, tmp_path: Path
) -> None:
    assert run_script(server, RUNS).wait(120) == 0
    page.goto(f"{app(server)}/local/viewed")
    page.get_by_role("button", name="View: Default view").click()
    page.get_by_role("menuitem", name="Download as HTML").click()
    dialog = page.get_by_role("dialog", name="Download as HTML")
    expect(dialog).to_contain_text("3 runs and 2 panels")
    with page.expect_download(timeout=120_000) as download:
        dialog.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "viewed-Default-view.html"
    file = tmp_path / "view.html"
    download.value.save_as(file)
    expect(dialog).to_be_hidden()

    requests: list[str] = []
    faults: list[str] = []
    offline.on("request", lambda request: requests.append(request.url))
    offline.on("console", lambda message: faults.append(message.text))
    offline.on("pageerror", lambda error: faults.append(str(error)))
    offline.goto(file.as_uri())
    expect(offline).to_have_title("viewed: Default view")
    curves = offline.get_by_role("application", name="loss: 3 curves")
    expect(curves).to_be_visible()
    expect(offline.get_by_role("application", name="acc: 3 curves")).to_be_visible()
    table = offline.get_by_role("group", name="Runs, scrolled")
    expect(table).to_contain_text("lr")
    expect(table.get_by_role("row")).to_have_count(4)
    assert axe_faults(offline) == []

    # the values under the pointer, a zoom, a run that is hidden
    box = curves.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    offline.mouse.move(box["x"] + box["width"] * 0.5, middle)
    expect(offline.get_by_role("tooltip")).to_contain_text("calm")
    offline.mouse.move(box["x"] + box["width"] * 0.3, middle)
    offline.mouse.down()
    offline.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    offline.mouse.up()
    loss = offline.get_by_role("article", name="loss")
    expect(loss.get_by_role("button", name=re.compile("[Zz]oom"))).to_be_visible()
    offline.get_by_role("button", name="Hide bold").click()
    expect(offline.get_by_role("application", name="loss: 2 curves")).to_be_visible()
    offline.get_by_role("button", name="Show bold").click()
    expect(offline.get_by_role("application", name="loss: 3 curves")).to_be_visible()

    text = file.read_text()
    assert urlsplit(server.url).netloc not in text
    assert requests == [file.as_uri()]
    assert faults == []


def test_a_file_has_runs_of_its_project_alone_and_what_panels_ask(server: ServerProcess) -> None:
    assert run_script(server, RUNS).wait(120) == 0
    projects = f"{server.url}/api/v1/projects/local"
    rows = httpx.post(f"{projects}/viewed/runs/query", json={"columns": []}).json()["rows"]
    ids = [row["id"] for row in rows]
    body = {
        "name": "</title>",
        "view": {},
        "runs": [*ids, "elsewhere"],
        "requests": [{"method": "GET", "path": "files"}, {"method": "GET", "path": "/users"}],
    }
    answer = httpx.post(f"{projects}/viewed/view-file", json=body).raise_for_status()
    text = answer.text
    [data] = re.findall(r'id="weft-view">(.*?)</script>', text)
    assert [run["id"] for run in json.loads(data)["runs"]] == ids
    assert "user" not in json.loads(data)["runs"][0]
    assert "<title>&lt;/title&gt;</title>" in text
    too_many = {**body, "runs": [str(n) for n in range(201)]}
    assert httpx.post(f"{projects}/viewed/view-file", json=too_many).status_code == 400
    absent = httpx.post(f"{projects}/absent/view-file", json=body)
    assert absent.status_code == 404
