"""Line panels as a person sets them: expressions, groups, marks, files, writers that lag."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from chart_questions import ask, drawn_x
from server_process import ServerProcess, start_server, wait_until
from web_pages import OpenApp, plot, run_script

N_STEPS = 120
GAP = '"train/loss" - "val/loss"'

RUNS = f"""
import sys, weft
for i in range(6):
    name = ["adamw", "sgd"][i % 2]
    run = weft.init(project=sys.argv[1], id=f"{{sys.argv[1]}}-{{i}}", name=f"run-{{i}}",
                    config={{"optimizer": {{"name": name}}}})
    for step in range({N_STEPS}):
        run.log({{"train/loss": 2 - step / 100 + i / 7, "val/loss": 1 - step / 200 + i * i / 9}})
    run.finish()
"""

RANKS = f"""
import os, subprocess, sys, weft
if "RANK" not in os.environ:
    names = "RANK", "LOCAL_RANK", "GROUP_RANK", "WORLD_SIZE"
    ranks = [dict(zip(names, (str(rank), str(rank), "0", "4"))) for rank in range(4)]
    script = [sys.executable, *sys.orig_argv[1:]]
    started = [subprocess.Popen(script, env={{**os.environ, **rank}}) for rank in ranks]
    sys.exit(sum(process.wait() for process in started))
rank = int(os.environ["RANK"])
run = weft.init(project="ranks", id="ddp", name="ddp")
for step in range({N_STEPS}):
    run.log({{"step_secs": (0.4 + step % 7 / 100) * (1.5 if rank == 2 else 1)}}, step=step)
run.finish()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with start_server(tmp_path_factory.mktemp("lines")) as started:
        projects = ["gap", "groups", "marks", "files"]
        scripts = [run_script(started, RUNS, project) for project in projects]
        scripts.append(run_script(started, RANKS))
        assert [script.wait(120) for script in scripts] == [0] * len(scripts)
        yield started


def panel_of(page: Page, metric: str) -> Locator:
    return page.locator(f"[data-metric='{metric}']")


def open_settings(page: Page, metric: str) -> Locator:
    panel_of(page, metric).hover()
    panel_of(page, metric).get_by_role("button", name="Panel settings").click()
    return page.get_by_role("complementary", name="Settings")


def open_menu(page: Page, metric: str) -> None:
    panel_of(page, metric).hover()
    panel_of(page, metric).get_by_role("button", name="Panel menu").click()


def shown(value: float) -> str:
    """A value as tables and tooltips write it."""
    return f"{value:.4f}".replace("-", "\u2212")


def test_an_expression_is_typed_and_a_misspelt_metric_named(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/gap")
    settings = open_settings(page, "train/loss")
    new = settings.get_by_label("New expression")
    new.fill("train/loss - val/los")
    new.press("Enter")
    error = settings.get_by_role("alert")
    expect(error).to_contain_text("No run has “val/los”. Did you mean val/loss?")
    # what can be drawn stays drawn
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("6 curves"))
    error.get_by_role("button", name="val/loss").click()
    expect(error).to_have_count(0)
    settings.get_by_role("button", name="Draw train/loss").click()
    expect(settings.get_by_label("Expression 1", exact=True)).to_have_value(
        "train/loss - val/loss"
    )
    expect(panel_of(page, "train/loss").get_by_role("heading")).to_have_text(
        "train/loss − val/loss"
    )
    label = f"train/loss − val/loss: 6 curves of {6 * N_STEPS} points"
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", label)

    # the values under the crosshair are those of the API
    ids = [f"gap-{i}" for i in range(6)]
    (rows,) = ask(server, "gap", {"runs": ids, "expressions": [{"name": "gap", "text": GAP}]})
    lasts = {row["run"]: shown(row["mean64"][-1]) for row in rows}
    panel_of(page, "train/loss").hover()
    panel_of(page, "train/loss").get_by_role("button", name="Full screen").click()
    values = page.get_by_role("group", name="Values")
    for i in range(6):
        row = values.get_by_role("row").filter(has_text=f"run-{i}")
        expect(row).to_contain_text(lasts[f"gap-{i}"])


def test_runs_are_grouped_into_bands(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/groups")
    settings = open_settings(page, "val/loss")
    settings.get_by_role("button", name="Add a column").click()
    page.get_by_role("combobox", name="Column to group by").fill("optimizer")
    page.get_by_role("option", name="config.optimizer.name").click()
    settings.get_by_role("radio", name="Std", exact=True).click()
    panel = panel_of(page, "val/loss")
    expect(panel.locator(".ax")).to_have_text("mean, std")
    expect(panel.locator(".legend")).to_contain_text("adamw")
    expect(plot(page, "val/loss")).to_have_attribute("aria-label", re.compile("2 curves"))

    group = {"by": ["config.optimizer.name"], "center": "mean", "band": "std"}
    ids = [f"groups-{i}" for i in range(6)]
    (rows,) = ask(server, "groups", {"runs": ids, "keys": ["val/loss"], "group": group})
    box = plot(page, "val/loss").bounding_box()
    assert box is not None

    def tip() -> str:
        page.mouse.move(box["x"] + box["width"] / 2 + 1, box["y"] + 60)
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
        found = page.locator(".tip")
        return found.inner_text() if found.count() else ""

    wait_until(lambda: "sgd" in tip(), what="a tooltip of groups")
    text = tip()
    step = int(re.findall(r"step (\d+)", text)[0])
    for row in rows:
        at = drawn_x(row).index(step)
        assert shown(row["mean64"][at]) in text
        low, high = shown(row["low64"][at]), shown(row["high64"][at])
        assert re.search(rf"{low}\s*–\s*{high}", text), (low, high, text)


def test_a_threshold_and_an_annotation(page: Page, server: ServerProcess, app: OpenApp) -> None:
    page.goto(f"{app(server)}/local/marks")
    expect(plot(page, "train/loss")).to_have_attribute("aria-label", re.compile("6 curves"))
    open_menu(page, "train/loss")
    page.get_by_role("menuitem", name="Set a threshold").click()
    layer = panel_of(page, "train/loss").get_by_role("application", name="Set a threshold")
    layer.click(position={"x": 120, "y": 60})
    editor = page.get_by_role("dialog", name="Threshold")
    editor.get_by_label("Text").fill("overfit")
    editor.get_by_label("Value").fill("1.5")
    editor.get_by_role("radio", name="goal").click()
    editor.get_by_role("button", name="Done").click()

    settings = open_settings(page, "train/loss")
    expect(settings.get_by_label("Value of threshold 1")).to_have_value("1.5")
    settings.get_by_role("button", name="Annotation").click()
    settings.get_by_label("Place of annotation 2").fill("50")
    settings.get_by_label("Text of annotation 2").fill("unfreeze")
    settings.get_by_role("button", name="Done").click()

    panel_of(page, "train/loss").hover()
    panel_of(page, "train/loss").get_by_role("button", name="Full screen").click()
    page.wait_for_url(re.compile("full="))
    page.reload()
    marks = page.get_by_role("region", name="Marks")
    # run-5 ends at 1.52
    expect(marks.get_by_role("button", name="overfit 1.5")).to_contain_text("reached by 5 of 6")
    expect(marks.get_by_role("button", name="unfreeze")).to_contain_text("50")
    marks.get_by_role("button", name="unfreeze").click()
    marks.get_by_role("button", name="Remove annotation 2").click()
    expect(marks.get_by_role("button", name="unfreeze")).to_have_count(0)


def test_a_panel_becomes_a_file(
    page: Page, server: ServerProcess, app: OpenApp, tmp_path: Path
) -> None:
    page.goto(f"{app(server)}/local/files")
    expect(plot(page, "val/loss")).to_have_attribute("aria-label", re.compile("6 curves"))

    def exported(entry: str) -> bytes:
        open_menu(page, "val/loss")
        page.get_by_role("menuitem", name="Export", exact=True).click()
        with page.expect_download() as download:
            page.get_by_role("menuitem", name=entry).click()
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        assert path.stem in {"val-loss", "val_loss"}
        return path.read_bytes()

    table = csv.DictReader(io.StringIO(exported("Values").decode()))
    found = {(row["run"], int(row["step"])): float(row["mean"]) for row in table}
    (rows,) = ask(
        server, "files", {"runs": [f"files-{i}" for i in range(6)], "keys": ["val/loss"]}
    )
    wanted = {
        (row["run"], step): value
        for row in rows
        for step, value in zip(drawn_x(row), row["mean64"], strict=True)
    }
    assert found == wanted
    assert exported("Picture").startswith(b"\x89PNG")
    drawing = exported("Drawing")
    assert drawing.startswith(b"<svg")
    assert b"run-5" in drawing


def test_the_writer_that_lags_behind_stands_first(
    page: Page, server: ServerProcess, app: OpenApp
) -> None:
    page.goto(f"{app(server)}/local/ranks")
    settings = open_settings(page, "step_secs")
    settings.get_by_role("button", name="Find stragglers").click()
    panel = panel_of(page, "step_secs")
    expect(plot(page, "step_secs")).to_have_attribute("aria-label", re.compile("4 curves"))
    expect(panel.locator(".legend span").first).to_contain_text("rank 2")
    panel.get_by_role("button", name="rank 2 +50 %").click()
    first = page.get_by_role("group", name="Values").get_by_role("row").nth(1)
    expect(first).to_contain_text("rank 2")
    expect(first).to_contain_text("+50 %")
