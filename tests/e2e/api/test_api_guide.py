"""The guide of `weft.Api` tells the truth: its snippets run, its tables are whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from live_runs import LiveServer
from sdk_script import run_well
from weft.queries.filter_text import parse_filter
from weft.queries.wandb_filters import filter_from_wandb
from weft.records.run_columns import RUN_COLUMNS
from weft.sdk.reading.stored.facts import RunFields
from weft.sdk.reading.stored.run import StoredRun

pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "guide" / "api.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)

WRITE = """
import numpy as np, weft
for number, run_id in enumerate(["ab12cd34", "ef56gh78"]):
    with weft.init(project="mnist", id=run_id, config={"lr": 0.1 * (number + 1)},
                   tags=["baseline"]) as run:
        for step in range(30):
            run.log({"loss": 1 / (step + 1), "acc": step / 30})
        run.write_logs("loss 0.03")
        run.log({"val/images": [weft.Image(np.zeros((4, 4, 3), np.uint8), caption="four")],
                 "predictions": weft.Table(columns=["digit"], data=[[4]])}, step=30)
"""


@pytest.fixture
def folder(live: LiveServer, tmp_path: Path) -> Path:
    """A working directory whose runs are on the server, too."""
    run_well(tmp_path, WRITE, live.environment)
    return tmp_path


def test_each_snippet_runs_in_the_order_of_the_page(live: LiveServer, folder: Path) -> None:
    for number, code in enumerate(SNIPPETS):
        (folder / f"snippet{number:02}.py").write_text(code)
    done = run_well(
        folder,
        """
        import contextlib, io, pathlib, runpy
        for path in sorted(pathlib.Path().glob("snippet*.py")):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                runpy.run_path(str(path))
            print(path.stem, len(printed.getvalue()))
        """,
        {"WEFT_BASE_URL": live.url, "WEFT_API_KEY": live.process.token},
    )
    assert done.stderr == ""
    lengths = dict(line.split() for line in done.stdout.splitlines())
    assert len(lengths) == len(SNIPPETS)
    silent = [SNIPPETS[number] for number in range(len(SNIPPETS))
              if lengths[f"snippet{number:02}"] == "0"]  # fmt: skip
    assert all("export" in code or "update()" in code for code in silent), silent
    assert (folder / "mnist.parquet").stat().st_size > 1000
    assert len((folder / "runs.csv").read_text().splitlines()) == 3


def test_the_example_prints_the_best_runs(live: LiveServer, folder: Path) -> None:
    code = (ROOT / "examples" / "read_back.py").read_text()
    variables = {"WEFT_BASE_URL": live.url, "WEFT_API_KEY": live.process.token}
    done = run_well(folder, code, variables)
    assert "best loss" in done.stdout
    assert (folder / "history.parquet").exists()


def test_the_forms_of_a_filter_mean_the_same() -> None:
    section = TEXT[TEXT.index("## Filters") : TEXT.index("## Order")]
    rows = re.findall(r"^\| `(.*?)` \| `(\{.*\})` \|$", section, re.MULTILINE)
    assert len(rows) >= 5
    for text, official in rows:
        tree = eval(official)  # it is the guide's own literal
        assert parse_filter(text) == filter_from_wandb(tree), text
    for column in RUN_COLUMNS:
        assert f"`{column}`" in section


def test_the_guide_has_all_that_a_run_has() -> None:
    of_wandb_only = {
        "beta_scan_history", "cancel", "create", "description", "display_name",
        "download_history_exports", "history_line_count", "json_config", "load_full_data",
        "not_here", "read_only", "save", "storage_id", "sweep", "sweep_name", "username",
    }  # fmt: skip
    for name in {**vars(RunFields), **vars(StoredRun)}:
        if not name.startswith("_") and name not in of_wandb_only:
            assert re.search(rf"[`.]{name}\b", TEXT), name


def test_links_within_the_guide_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
    for anchor in re.findall(r"\]\(#([^)]+)\)", TEXT):
        assert anchor in anchors
