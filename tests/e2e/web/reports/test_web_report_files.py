"""A report as one HTML file: downloaded from the app, opened from the disk without a network."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from at_length import at_length
from run_log_bytes import HandMadeLog
from server_process import ServerProcess
from web_pages import OpenApp, axe_faults, run_script

RUNS = """
import weft
from PIL import Image
for name in ("calm", "bold"):
    with weft.init(project="filed", name=name) as run:
        for step in range(50):
            run.log({"loss": 1 / (step + 1), "acc": step / 50})
        Image.new("RGB", (60, 40), "teal").save("plot.png")
        run.save("plot.png")
        run.log({"image": weft.Image(Image.new("RGB", (80, 50), "navy"), caption=f"of {name}")})
"""
ALL = {"all": {"selection": {"base": "all", "on": [], "off": []}}}
MOST_BYTES = 5_000_000
"""Most bytes of the file of a report with 20 charts of 20 runs."""


@pytest.fixture(scope="module")
def run(server: ServerProcess) -> str:
    """A run of a project, as `entity/project/run`."""
    assert run_script(server, RUNS).wait(120) == 0
    path = f"{server.url}/api/v1/projects/local/filed/runs/query"
    rows = httpx.post(path, json={"columns": []}).raise_for_status().json()["rows"]
    return f"local/filed/{rows[0]['id']}"


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page without a network."""
    context = browser.new_context(
        offline=True, reduced_motion="reduce", viewport={"width": 1440, "height": 1000}
    )
    yield context.new_page()
    context.close()


def image(block: str, url: str, alt: str) -> dict[str, Any]:
    return {"id": block, "kind": "image", "url": url, "alt": alt}


def blocks_of(run: str) -> list[dict[str, Any]]:
    value = {"kind": "value", "run": run, "key": "summary.acc", "format": 2}
    entity, project, name = run.split("/")
    files = f"/api/v1/projects/{entity}/{project}/runs/{name}/files"
    home = {"text": "the project", "link": "/local/filed"}
    return [
        {"id": "h", "kind": "heading", "level": 1, "text": [{"text": "Results"}]},
        {"id": "p", "kind": "paragraph", "text": [{"text": "It reaches "}, value, home]},
        {
            "id": "curves",
            "kind": "grid",
            "runSets": ALL,
            "panels": {
                "loss": {"kind": "line", "keys": ["loss"], "span": 6},
                "acc": {"kind": "bar", "keys": ["acc"], "span": 6},
                "media": {"kind": "media", "keys": ["image"], "span": 6},
            },
        },
        {"id": "h2", "kind": "heading", "level": 2, "text": [{"text": "The end"}]},
        {"id": "card", "kind": "card", "of": "run", "path": run},
        {"id": "math", "kind": "math", "latex": "x^2"},
        {"id": "code", "kind": "code", "language": "python", "code": "import weft  # </script>"},
        image("picture", f"{files}/plot.png", "A plot"),
        image("gone", f"{files}/gone.png", "Another plot"),
    ]


def publish(page: Page, app: str, server: ServerProcess, project: str, body: Any) -> str:
    """Publish a report with its figures on its page, and return its id."""
    reports = f"{server.url}/api/v1/projects/local/{project}/reports"
    report = str(httpx.post(reports, json=body).raise_for_status().json()["id"])
    page.goto(f"{app}/local/{project}/reports/{report}")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Stored the figures of version 1")).to_be_visible(timeout=120_000)
    return report


def test_a_report_is_one_file_that_needs_no_server(
    page: Page, offline: Page, app: OpenApp, server: ServerProcess, run: str, tmp_path: Path
) -> None:
    body = {"title": "Findings & </title>", "blocks": blocks_of(run)}
    publish(page, app(server), server, "filed", body)
    page.get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="HTML file").click()
    assert download.value.suggested_filename == "Findings-title.html"
    file = tmp_path / "findings.html"
    download.value.save_as(file)

    requests: list[str] = []
    faults: list[str] = []
    offline.on("request", lambda request: requests.append(request.url))
    offline.on("console", lambda message: faults.append(message.text))
    offline.on("pageerror", lambda error: faults.append(str(error)))
    offline.goto(file.as_uri())
    expect(offline).to_have_title("Findings & </title>")
    expect(offline.get_by_text("0.98").first).to_have_attribute(
        "title", re.compile("as published")
    )
    curves = offline.get_by_role("application", name="loss: 2 curves")
    expect(curves).to_be_visible()
    expect(offline.get_by_role("img", name="acc: 2 bars")).to_be_visible()
    # images of media panels are inside, and open as on the page
    logged = offline.get_by_role("article", name="image").get_by_role("img", name="of bold")
    assert logged.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 80
    logged.click()
    viewer = offline.get_by_role("dialog", name="of bold")
    expect(viewer.get_by_role("img", name="of bold")).to_be_visible()
    assert axe_faults(offline) == []
    offline.keyboard.press("Escape")
    expect(viewer).to_have_count(0)
    expect(offline.get_by_text("As of ")).to_be_visible()
    assert offline.locator("a[href]:not([href^='#'])").count() == 0
    assert axe_faults(offline) == []
    expect(offline.locator("pre .tk-keyword")).to_have_text("import")
    picture = offline.get_by_role("img", name="A plot")
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 60
    expect(offline.get_by_text("Another plot: not in this file.")).to_be_visible()
    offline.emulate_media(color_scheme="dark")
    assert axe_faults(offline) == []
    offline.emulate_media(color_scheme="light")

    # the legend, the values under the pointer, a zoom and the way back
    loss = offline.get_by_role("article", name="loss")
    expect(loss).to_contain_text("bold")
    box = curves.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    offline.mouse.move(box["x"] + box["width"] * 0.5, middle)
    expect(offline.get_by_role("tooltip")).to_contain_text("calm")
    offline.mouse.move(box["x"] + box["width"] * 0.3, middle)
    offline.mouse.down()
    offline.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    offline.mouse.up()
    expect(loss.get_by_role("button", name=re.compile("[Zz]oom"))).to_be_visible()

    # what the file has not: the server's address, addresses of the API
    text = file.read_text()
    assert urlsplit(server.url).netloc not in text
    assert server.url not in text
    assert requests == [file.as_uri()]
    assert faults == []


@at_length
def test_a_file_of_twenty_charts_of_twenty_runs_is_small(
    page: Page, offline: Page, app: OpenApp, server: ServerProcess, tmp_path: Path
) -> None:
    n = 20
    with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as http:
        for number in range(n):
            noise = random.Random(number)
            log = HandMadeLog(run=f"run{number:05d}", project="many")
            log.keys(*[f"loss/{key}" for key in range(n)])
            log.rows(
                [(1 + key) * math.exp(-step / 1500) + noise.gauss(0.1, 0.05) for key in range(n)]
                for step in range(8000)
            )
            assert log.upload(http).status_code == 200
        panels = [
            {f"p{key}": {"kind": "line", "keys": [f"loss/{key}"], "span": 6}} for key in range(n)
        ]
        blocks = [
            {"id": f"g{at}", "kind": "grid", "runSets": ALL, "panels": panel}
            for at, panel in enumerate(panels)
        ]
        report = publish(page, app(server), server, "many", {"title": "Many", "blocks": blocks})
        content = http.get(f"/api/v1/projects/local/many/reports/{report}/export").content
    assert len(content) <= MOST_BYTES
    file = tmp_path / "many.html"
    file.write_bytes(content)
    offline.goto(file.as_uri())
    expect(offline.get_by_role("application", name="loss/0: 20 curves")).to_be_visible()
