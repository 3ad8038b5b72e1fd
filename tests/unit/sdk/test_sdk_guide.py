"""The client's guide tells the truth: its snippets run, its settings are all there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sdk_script import log_rows, logs_in, run_script
from weft.sdk.settings import SETTINGS

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "client.md"
TEXT = GUIDE.read_text()
SNIPPETS = [
    code for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL) if "weft.Api" not in code
]


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_a_snippet_of_the_guide_runs(tmp_path: Path, number: int) -> None:
    script = run_script(tmp_path, SNIPPETS[number])
    assert script.exit_code == 0, script.stderr
    assert "WARNING" not in script.stderr
    assert log_rows(logs_in(tmp_path)[0])


def test_the_guide_has_every_setting_and_its_variable() -> None:
    for name, setting in SETTINGS.items():
        shown = "id" if name == "run_id" else name
        assert f"`{shown}`" in TEXT
        assert f"`{setting.variables[0]}`" in TEXT


def test_the_smallest_example_runs(tmp_path: Path) -> None:
    example = GUIDE.parents[2] / "examples" / "quickstart.py"
    script = run_script(tmp_path, example.read_text())
    assert script.exit_code == 0, script.stderr
    assert len(log_rows(logs_in(tmp_path)[0])) == 500
