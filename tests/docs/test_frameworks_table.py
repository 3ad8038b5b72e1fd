"""The table of tested frameworks: each training has a row, and versions are those installed."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
FRAMEWORKS = ROOT / "tests" / "frameworks"

PACKAGES = {
    "ignite": "pytorch-ignite",
    "ultralytics": "ultralytics-opencv-headless",
}
SCRIPTS = {"scikit-learn": "sklearn"}


def test_each_training_has_a_row_with_the_version_that_is_installed() -> None:
    guide = (ROOT / "docs" / "guide" / "frameworks.md").read_text()
    section = guide.partition("## What is tested")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\w .-]+) \| ([\d.]+) \|", section, re.MULTILINE)
    versions = {name.lower(): version for name, version in rows}
    scripts = (FRAMEWORKS / "trainings").glob("*_script.py")
    names = {SCRIPTS.get(name, name) for name in versions}
    assert names == {script.stem.removesuffix("_script") for script in scripts}
    lines = [FRAMEWORKS / "requirements.txt", ROOT / "requirements.lock"]
    pins = dict(
        re.findall(r"^([\w.\[\]-]+)==([\d.]+)", "\n".join(p.read_text() for p in lines), re.M)
    )
    assert versions == {name: pins[PACKAGES.get(name, name)] for name in versions}
