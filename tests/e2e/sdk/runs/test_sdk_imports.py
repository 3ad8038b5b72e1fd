"""Imports of weft's modules, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]


def run_alone(code: str) -> list[str]:
    """The words that code prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import weft.apis.public as p, weft; print(p.Run.__name__, p.Api is weft.Api)",
         ["StoredRun", "True"]),
        ("import weft.data_types; print(weft.data_types.Table is weft.Table)", ["True"]),
        ("import weft.plot; print(weft.plot.line.__name__)", ["line"]),
        ("from weft.plot import roc_curve; print(roc_curve.__name__)", ["roc_curve"]),
        ("from weft import plot, data_types; print(plot.__name__)", ["weft.plot"]),
        ("import weft; print(weft.plot.bar.__name__, weft.data_types.__name__)",
         ["bar", "weft.data_types"]),
        ("import weft; print('weft.plot' in __import__('sys').modules)", ["False"]),
    ],
)  # fmt: skip
def test_modules_can_be_imported_as_w_and_bs(code: str, expected: list[str]) -> None:
    assert run_alone(code) == expected


def test_importing_weft_imports_next_to_nothing() -> None:
    code = (
        "import sys; before = set(sys.modules); import weft; print(*(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert set(done.stdout.split()) <= {"weft", "__future__", "types"}
