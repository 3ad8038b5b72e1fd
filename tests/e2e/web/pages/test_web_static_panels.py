"""Panels of all kinds in a file of a view that the command line writes without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from server_process import ServerProcess
from web_pages import axe_faults, run_script
from weft_command import run_weft

RUNS = """
import weft
for number in range(8):
    config = {"lr": 0.1 * (1 + number % 3), "model": "wide" if number % 2 else "deep"}
    with weft.init(project="panelled", name=f"run {number}", config=config) as run:
        for step in range(40):
            run.log({"loss": (1 + number) / (step + 1), "val/acc": step / 50 + number / 100})
        run.log({"rows": weft.Table(columns=["word"], data=[[f"of {number}"]])})
"""
MEDIA = """
import numpy as np, weft
noise = np.random.default_rng(1).integers(0, 255, (1000, 1000, 3), dtype=np.uint8)
for name in ("calm", "bold"):
    with weft.init(project="pictured", name=name) as run:
        for step in range(3):
            sample = weft.Image(noise[:40, :60], caption=f"{name} at {step}")
            run.log({"sample": sample, "large": weft.Image(noise), "page": weft.Html("<p>Hi</p>")})
        run.log({"curve": weft.plot.line(weft.Table(["x", "y"], [[1, 2], [2, 3]]), "x", "y")})
"""
PANELS: dict[str, dict[str, Any]] = {
    "bars": {"kind": "bar", "keys": ["loss"]},
    "least": {"kind": "bar", "keys": ["loss"], "options": {"figure": "min"}},
    "dots": {"kind": "scatter", "keys": ["val/acc"]},
    "axes": {"kind": "parallel", "keys": ["val/acc"], "span": 8, "height": 300},
    "ranks": {"kind": "importance", "keys": ["val/acc"], "span": 6},
    "best": {"kind": "scalar", "keys": ["val/acc"]},
    "last": {"kind": "latest", "keys": ["loss"]},
    "equal": {"kind": "comparer", "keys": [], "span": 12},
    "rows": {"kind": "table", "keys": ["rows"], "span": 6},
    "match": {"kind": "line", "keys": [], "pattern": "^val/"},
    "own": {
        "kind": "line",
        "keys": ["loss"],
        "title": "deep",
        "runFilter": 'config.model = "deep"',
    },
}
CHARTS = {
    "bars": "loss: 8 bars",
    "least": "loss: 8 bars",
    "dots": "val/acc against lr: 8 runs",
    "axes": "Parallel coordinates: lr, model, val/acc of 8 runs",
    "match": "/^val//: 8 curves",
    "own": "deep: 4 curves",
}


@pytest.fixture(scope="module", autouse=True)
def project(server: ServerProcess) -> None:
    """Eight runs, a view with a panel of each kind, and one in groups."""
    assert run_script(server, RUNS).wait(120) == 0
    views = f"{server.url}/api/v1/projects/local/panelled/views"
    panels = {name: {"id": name, "section": "made", **panel} for name, panel in PANELS.items()}
    hidden = ["auto:loss", "auto:val/acc", "table:rows"]
    grouped = {
        "groupBy": ["config.model"],
        "panels": {"bars": panels["bars"]},
        "hiddenGroups": ['["wide"]'],
    }
    whole = {"panels": panels, "hiddenPanels": hidden, "sections": {"made": {"rows": 9}}}
    documents = {"All kinds": whole, "Groups": grouped}
    for name, document in documents.items():
        view = {"kind": "shared", "name": name, "document": document}
        httpx.post(views, json=view).raise_for_status()


@pytest.fixture
def offline(browser: Browser) -> Iterator[Page]:
    """A page without a network, so high that it draws all panels."""
    context = browser.new_context(
        offline=True, reduced_motion="reduce", viewport={"width": 1440, "height": 2600}
    )
    yield context.new_page()
    context.close()


def open_view(page: Page, server: ServerProcess, name: str, folder: Path) -> dict[str, Any]:
    """Open the file of a view; return what the command reports."""
    file = folder / "view.html"
    done = run_weft(
        *("export", "panelled", file, "--view", name, "--base-url", server.url, "--json")
    )
    assert done.exit_code == 0, done.stderr
    page.goto(file.as_uri())
    return done.report


def test_a_file_without_a_browser_has_panels_of_all_kinds(
    offline: Page, server: ServerProcess, tmp_path: Path
) -> None:
    faults: list[str] = []
    offline.on("pageerror", lambda error: faults.append(str(error)))
    report = open_view(offline, server, "All kinds", tmp_path)
    assert report["n_panels_omitted"] == 0
    for panel, label in CHARTS.items():
        cell = offline.locator(f'[data-cell="{panel}"]')
        expect(cell.get_by_label(label)).to_be_visible()
    best = offline.locator('[data-cell="best"]')
    expect(best).to_contain_text("run 7")
    expect(best).to_contain_text("39")
    expect(offline.locator('[data-cell="last"]')).to_contain_text("run 3")
    expect(offline.locator('[data-cell="rows"]')).to_contain_text("of 7")
    equal = offline.locator('[data-cell="equal"]')
    expect(equal).to_contain_text("lr")
    # the last good run is not in the file
    expect(equal.get_by_role("radio")).to_have_count(0)
    expect(offline.locator('[data-cell="ranks"]')).to_contain_text("lr")
    expect(offline.get_by_text("not in the file")).to_have_count(0)
    assert axe_faults(offline) == []

    offline.get_by_role("button", name="Hide run 7").click()
    expect(offline.get_by_label("val/acc against lr: 7 runs")).to_be_visible()
    expect(offline.locator('[data-cell="bars"]').get_by_label("loss: 7 bars")).to_be_visible()
    assert faults == []


def test_a_file_has_the_groups_that_its_view_shows(
    offline: Page, server: ServerProcess, tmp_path: Path
) -> None:
    open_view(offline, server, "Groups", tmp_path)
    expect(offline.get_by_role("application", name="loss: 1 curve")).to_be_visible()
    expect(
        offline.locator('[data-cell="bars"]').get_by_label("loss by model: 1 bar")
    ).to_be_visible()
    expect(offline.get_by_text("not in the file")).to_have_count(0)
    # the runs of a group have the color of its curve
    table = offline.get_by_role("group", name="Runs, scrolled")
    expect(table.get_by_role("row")).to_have_count(5)
    dots = table.locator("i.dot").evaluate_all("(dots) => dots.map((dot) => dot.style.background)")
    assert len(set(dots)) == 1


def test_images_of_media_panels_are_inside_and_other_media_are_named(
    offline: Page, server: ServerProcess, tmp_path: Path
) -> None:
    assert run_script(server, MEDIA).wait(120) == 0
    file = tmp_path / "view.html"
    command = ("export", "pictured", file, "--view", "default", "--base-url", server.url)
    done = run_weft(*command, "--json")
    assert done.exit_code == 0, done.stderr
    assert done.report["n_panels_omitted"] == 0
    faults: list[str] = []
    offline.on("console", lambda message: faults.append(message.text))
    offline.on("pageerror", lambda error: faults.append(str(error)))
    offline.goto(file.as_uri())
    samples = offline.get_by_role("article", name="sample")
    for name in ("calm at 2", "bold at 2"):
        picture = samples.get_by_role("img", name=name)
        size = "(image) => image.decode().then(() => image.naturalWidth)"
        assert picture.evaluate(size) == 60
    expect(samples).to_contain_text("step 2")
    large = offline.get_by_role("article", name="large")
    expect(large.get_by_text("Not in this file: it has more than 2.1 MB")).to_have_count(2)
    page = offline.get_by_role("article", name="page")
    expect(page.get_by_text("Not in this file: only images are")).to_have_count(2)
    assert axe_faults(offline) == []
    # an eye of the file hides its images, and opens none that are not there
    offline.get_by_role("button", name="Hide calm").click()
    expect(samples.get_by_role("img")).to_have_count(1)
    chart = offline.get_by_role("article", name="curve")
    expect(chart.locator("canvas, svg.marks").first).to_be_visible()
    expect(chart).to_contain_text("bold")
    assert "/api/v1/" not in file.read_text()
    assert faults == []
