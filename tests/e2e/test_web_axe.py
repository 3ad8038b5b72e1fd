"""No page of the web app has what axe calls a fault, in either theme."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from server_process import ServerProcess, start_server
from web_pages import OpenApp, axe_faults, run_script

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

# address, and a text that shows when the page is there
PAGES = [
    ("/", "Recent"),
    ("/?view=projects", "Last activity"),
    ("/gallery", "Third quantity"),
    ("/local/given", "train"),
    ("/local/given?full=auto:train/loss", "Min"),
    ("/local/given?edit=auto:train/loss", "Smoothing"),
    ("/local/given?group=config.optim.name", "adamw"),
    ("/local/given/runs", "run-2"),
    (RUN, "sgd"),
    (f"{RUN}/charts", "train"),
    (f"{RUN}/system", "Threads"),
    (f"{RUN}9", "There is no such run"),
    ("/local/empty-one", "Waiting for the first run"),
    ("/no/such/page/at/all", "There is no such page"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("web")) as started:
        assert run_script(started, RUNS).wait(120) == 0
        yield started


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(
    context: BrowserContext, server: ServerProcess, app: OpenApp, theme: str
) -> None:
    context.add_init_script(f"localStorage.setItem('weft-theme', '{theme}')")
    page = context.new_page()
    page.emulate_media(reduced_motion="reduce")
    for path, landmark in PAGES:
        page.goto(app(server) + path)
        expect(page.get_by_text(landmark).first).to_be_visible()
        assert axe_faults(page) == [], path

    page.goto(f"{app(server)}/local/given")
    expect(page.get_by_text("train").first).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search or jump to").fill("run")
    expect(page.get_by_role("option", name="run-1")).to_be_visible()
    assert axe_faults(page) == [], "palette"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    assert axe_faults(page) == [], "shortcuts"
