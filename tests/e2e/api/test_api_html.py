"""HTML of runs, lists, tables and artifacts, as the cells of notebooks show them."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

import weft
from live_runs import LiveServer, await_no_sidecar
from notebook_kernel import Kernel
from sdk_script import run_well

pytestmark = pytest.mark.timeout(300)

WRITE = """
import math, weft
for n in range(22):
    config = {"lr": 10.0 ** -n, "model": {"depth": n}, "same": 1, "text": "<b>"}
    with weft.init(project="cells", id=f"run{n:02}", name=f"<try {n}>", config=config) as run:
        run.define_metric("val/acc", summary="max")
        for step in range(1000 if n == 0 else 3):
            spike = 1000 if step == 517 else math.nan if step == 2 else 1 / (step + 1)
            run.log({"epoch": step, "loss": spike, "val/acc": step / 3,
                     **{f"layer/{i}": i for i in range(20)}})
        if n == 0:
            artifact = weft.Artifact("model", type="model")
            with artifact.new_file("w.txt") as file:
                file.write("weights")
            run.log_artifact(artifact).wait()
weft.init(project="cells", id="bare").finish()
"""


@pytest.fixture(scope="module")
def written(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> LiveServer:
    """The server, with what `WRITE` logged."""
    run_well(tmp_path_factory.mktemp("written"), WRITE, live.environment)
    return live


def images(html: str) -> list[str]:
    """The SVGs of the images in HTML."""
    contents = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', html)
    return [base64.b64decode(content).decode() for content in contents]


def test_a_run_shows_its_link_and_first_curves(written: LiveServer) -> None:
    html = written.api.run("cells/run00")._repr_html_()
    assert (
        f'<a href="{written.url}/local/cells/runs/run00" target="_blank">&lt;try 0&gt;</a>' in html
    )
    (svg,) = images(html)
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    # of held-out data first, counters last; the greatest value is drawn
    assert texts[::4] == ["val/acc", "loss", "layer/0", "layer/1"]
    assert texts[4:8] == ["loss", "0.001", "1000", "0.001"]
    assert "<script" not in html
    assert len(html) < 15_000


def test_a_run_without_curves_shows_its_link(written: LiveServer) -> None:
    html = written.api.run("cells/bare")._repr_html_()
    assert "/runs/bare" in html
    assert not images(html)


def test_runs_show_their_differences_results_and_a_curve(written: LiveServer) -> None:
    html = written.api.runs("cells", order="name")._repr_html_()
    heads = re.findall(r"<th>([^<]*)</th>", html)
    assert heads == ["Run", "State", "lr", "model.depth", "val/acc.max", "loss", "layer/0",
                     "val/acc.max over steps"]  # fmt: skip
    assert html.count("<tr>") == 1 + 20
    assert "The first 20 of 23 runs" in html
    assert "&lt;try 1&gt;" in html
    assert len(images(html)) == 19  # not of the run without a curve
    assert len(html) < 60_000


def test_no_runs_show_an_empty_table(written: LiveServer) -> None:
    html = written.api.runs("cells", "config.lr > 9")._repr_html_()
    assert re.findall(r"<th>([^<]*)</th>", html) == ["Run", "State"]


def test_results_of_sql_and_rows_show_their_first_rows(written: LiveServer) -> None:
    html = written.api.sql(
        "select name, 0.5 as half from runs order by name", "cells"
    )._repr_html_()
    assert '<td>&lt;try 0&gt;</td><td align="right">0.5</td>' in html
    assert "The first rows" in html
    rows = written.api.history("name = '<try 1>'", ["loss"], project="cells")._repr_html_()
    assert rows.count("<tr>") == 1 + 3
    wrong = written.api.sql("select nope from runs", "cells")._repr_html_()
    assert "nope" in wrong


def test_an_artifact_shows_what_it_is(written: LiveServer) -> None:
    html: Any = written.api.artifact("cells/model:latest")
    assert (
        re.sub("<[^>]*>", "", html._repr_html_()) == "model:v0 · model · 7 bytes · 1 file · latest"
    )
    assert (
        weft.Artifact("draft", type="data")._repr_html_()
        == "<code>&lt;Artifact draft (data)&gt;</code>"
    )


def test_a_table_to_log_shows_its_first_rows() -> None:
    table = weft.Table(columns=["text", 1], data=[["<b>", [n]] for n in range(30)])
    html = table._repr_html_()
    assert "<td>&lt;b&gt;</td><td>[0]</td>" in html
    assert html.count("<tr>") == 1 + 20
    assert "The first 20 of 30 rows" in html


def test_a_running_run_shows_the_curves_of_its_own_log(tmp_path: Path, live: LiveServer) -> None:
    with Kernel(tmp_path, live.environment) as kernel:
        kernel.run('import weft; run = weft.init(id="shown")')
        cell = kernel.run('for n in range(500): run.log({"loss": 1 / (n + 1)})\nrun')
        assert cell.error == ""
        assert 'alt="Curves of loss"' in cell.html[-1]
        assert f"{live.url}/local/tests/runs/shown" in cell.html[-1]
        kernel.run("run.finish()")
    await_no_sidecar()
