"""The examples of the guide on frameworks run as pasted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sdk_script import log_rows, logs_in, run_well

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "frameworks.md"

LOGGED = {
    "TensorBoard": {"loss", "note", "global_step"},
    "Traces of PyTorch's profiler": set[str](),
    "Videos of agents": {"videos"},
}
"""By section: keys of the rows."""


@pytest.mark.parametrize("section", LOGGED)
def test_the_example_of_a_section_runs_and_logs(tmp_path: Path, section: str) -> None:
    _, _, text = GUIDE.read_text().partition(f"\n## {section}\n")
    code = re.search(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert code is not None
    # With TensorFlow in the process, PyTorch's import of Triton crashes the interpreter.
    run_well(tmp_path, "import sys; sys.modules['tensorflow'] = None\n" + code[1])
    rows = log_rows(logs_in(tmp_path)[0])
    assert LOGGED[section] <= {key for row in rows for key in row}
