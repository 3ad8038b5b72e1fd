"""The guide tells the truth: its snippets run, its tables are whole, its examples work."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import weft
from media_files import made_files
from sdk_script import Script, latest_run, log_rows, logs_in, run_script
from weft.sdk.setup.settings import SETTINGS

ROOT = Path(__file__).parents[4]
GUIDE = ROOT / "docs" / "guide" / "client.md"
TEXT = GUIDE.read_text()
SETTINGS_TEXT = (ROOT / "docs" / "reference" / "settings.md").read_text()
MEDIA = (ROOT / "docs" / "guide" / "media.md").read_text()
FROM_WANDB = (ROOT / "docs" / "guide" / "coming-from-wandb.md").read_text()
SNIPPETS = [
    code
    for code in re.findall(r"```python\n(.*?)```", TEXT + FROM_WANDB + MEDIA, re.DOTALL)
    if "weft.Api" not in code
]


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_of_the_guide_runs(tmp_path: Path, number: int) -> None:
    script = run_script(tmp_path, SNIPPETS[number])
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr
    assert log_rows(logs_in(tmp_path)[0])


def test_the_reference_has_every_setting_with_its_variable_and_default() -> None:
    for name, setting in SETTINGS.items():
        shown = "id" if name == "run_id" else name
        begin = rf"^\| `{shown}` \| `{setting.variables[0]}` \| (.*?) \|"
        row = re.search(begin, SETTINGS_TEXT, re.M)
        assert row, name
        assert getattr(weft.Settings(), shown) == getattr(weft.Settings(), name)
        if isinstance(setting.default, float):
            assert row[1] == f"{setting.default:g}", name
        elif isinstance(setting.default, (bool, int)):
            assert row[1] == str(setting.default).lower(), name


def test_the_reference_has_every_argument_of_init() -> None:
    text = SETTINGS_TEXT
    table = text[text.index("| argument |") : text.index("## Where a setting comes from")]
    for name in inspect.signature(weft.init).parameters:
        assert f"`{name}`" in table, name


def test_the_guide_has_all_that_a_run_has() -> None:
    section = TEXT[TEXT.index("## The `Run`") : TEXT.index("## Trouble")]
    of_wandb_only = {"get_url", "get_project_url", "get_sweep_url", "project_name", "directory"}
    for name in vars(weft.Run):
        if not name.startswith("_") and name not in of_wandb_only:
            assert re.search(rf"`{name}\b", section), name


def test_links_within_the_guide_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}
    for anchor in re.findall(r"\]\(#([^)]+)\)", TEXT):
        assert anchor in anchors


# -- examples ---


def run_example(folder: Path, name: str) -> Script:
    return run_script(folder, (ROOT / "examples" / f"{name}.py").read_text())


def run_well(folder: Path, name: str) -> Script:
    script = run_example(folder, name)
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr
    return script


def test_the_smallest_example_runs(tmp_path: Path) -> None:
    run_well(tmp_path, "quickstart")
    assert len(log_rows(logs_in(tmp_path)[0])) == 500


def test_the_example_of_resume_goes_on_where_it_was(tmp_path: Path) -> None:
    assert run_example(tmp_path, "resume").exit_code == 1
    run_well(tmp_path, "resume")
    first, second = (
        [row["_step"] for row in log_rows(log)] for log in sorted(logs_in(tmp_path), key=_age)
    )
    assert first == [*range(51)]
    assert second == [*range(50, 100)]


def test_the_example_of_fork_and_rewind_begins_at_step_50(tmp_path: Path) -> None:
    run_well(tmp_path, "fork_and_rewind")
    steps = [
        [row["_step"] for row in log_rows(log)] for log in sorted(logs_in(tmp_path), key=_age)
    ]
    assert steps == [[*range(100)], [*range(50, 100)], [*range(50, 100)]]


def test_the_example_of_define_metric_shows_the_best(tmp_path: Path) -> None:
    assert "best accuracy: 0." in run_well(tmp_path, "define_metric").stdout


def test_the_example_of_many_processes_writes_a_log_each(tmp_path: Path) -> None:
    run_well(tmp_path, "many_processes")
    keys = {next(iter(log_rows(log)[0])) for log in logs_in(tmp_path)}
    assert keys == {"main/score", "worker0/score", "worker1/score", "worker2/score"}


def test_the_example_of_media_logs_one_of_each_type(tmp_path: Path) -> None:
    run_well(tmp_path, "media")
    (row,) = log_rows(logs_in(tmp_path)[0])
    files = made_files(latest_run(tmp_path))
    assert {row[name]["_type"] for name in row if not name.startswith("_")} == {
        "image-file", "images/separated", "audio-file", "html-file", "histogram",
        "object3D-file", "plotly-file", "video-file", "molecule-file", "graph-file",
    }  # fmt: skip
    folders = {path.split("/")[1] for path in files}
    assert folders == {
        "audio",
        "html",
        "images",
        "metadata",
        "object3D",
        "plotly",
        "videos",
        "molecule",
        "graph",
    }


def _age(log: Path) -> int:
    return log.stat().st_mtime_ns
