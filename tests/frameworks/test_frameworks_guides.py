"""The snippets of the guide on watched models run, with the real PyTorch."""

from __future__ import annotations

import re
from pathlib import Path

from sdk_script import log_rows, logs_in, run_well

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "watch.md"


def test_the_snippet_logs_what_the_guide_says(tmp_path: Path) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    run_well(tmp_path, snippet)
    rows = log_rows(logs_in(tmp_path)[0])
    counted = [row["_step"] for row in rows if "gradients/0.weight" in row]
    assert counted == [0, 100, 200]
    assert len([name for name in rows[0] if "/" in name]) == 8
