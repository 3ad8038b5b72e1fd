"""The capacity table of docs/scale.md is what the model computes from the measured constants."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_loads_is_computed_from_the_constants() -> None:
    scale = (ROOT / "docs" / "scale.md").read_text()
    command = [sys.executable, ROOT / "bench" / "capacity.py", "0"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    header, *loads = output.splitlines()
    assert "cores of weft" in header
    assert len(loads) == 6
    for line in loads:
        assert line in scale
    assert "| 0.891 cores," in scale
    assert "CPU of weft to that of one server | 1.8 |" in scale
    assert "| 7.5 bytes a point |" in scale
