"""The capacity table of `docs/scale.md` follows from the constants above it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from weft.server.services.ingest.pace import UPLOADS_PER_SEC

DOCS: Final = Path(__file__).parents[2] / "docs"
ROW: Final = re.compile(
    r"^\| [^|]+ \| ([\d,]+) \| ([\d,]+) \| (\d) \| ([\d.]+) s \| ([\d.]+) \| ([\d.]+) GB \|$",
    re.MULTILINE,
)
DAY_SECS: Final = 86_400


def number(text: str) -> float:
    return float(text.replace(",", ""))


def constant(page: str, pattern: str) -> float:
    match = re.search(pattern, page)
    assert match is not None, pattern
    return number(match[1])


def test_the_capacity_table_is_what_its_script_prints() -> None:
    command = [sys.executable, DOCS.parent / "bench" / "capacity.py", "0"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    page = (DOCS / "scale.md").read_text()
    assert [line for line in output.splitlines()[1:] if line not in page] == []


def test_the_capacity_table_follows_from_the_constants() -> None:
    page = (DOCS / "scale.md").read_text()
    cores = constant(page, r"one server \| ([\d.]+) cores")
    assert (
        f"1000 writers × 1 row/s: server | ≤ 0.5 | {cores} cores"
        in (DOCS / "benchmarks.md").read_text()
    )
    ratio = constant(page, r"CPU of weft to that of one server \| ([\d.]+) \(")
    point_bytes = constant(page, r"points of noise \| ([\d.]+) bytes")
    rows = [[*map(number, row)] for row in ROW.findall(page)]
    assert len(rows) == 6
    for writers, points, servers, within, weft_cores, stored_gb in rows:
        exact = writers if writers != 6944 else 1e6 * 600 / DAY_SECS
        uploads = min(exact, UPLOADS_PER_SEC * servers)
        shared = ratio if servers > 1 else 1.0
        assert abs(points - exact * 10) <= 1
        assert abs(within - exact / uploads) < 0.06
        assert abs(weft_cores / (uploads / UPLOADS_PER_SEC * cores * shared) - 1) < 0.05
        assert abs(stored_gb / (exact * 10 * DAY_SECS * point_bytes / 1e9) - 1) < 0.02
