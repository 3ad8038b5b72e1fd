"""A gigabyte of console output of one script: every line is recorded, and memory stays bounded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from at_length import case_at_length
from sdk_script import script_environment
from weft.records.record import Console
from weft.runlog.reader import read_records

pytestmark = pytest.mark.timeout(1800)

MB = 1 << 20
LINE_CHARS = 1000
MOST_MB = 200
"""Python and weft with numpy need 60 MB."""

PRINTS = """
import sys, weft
run = weft.init(mode="offline", id="much")
body = ("abcdefghij" * 100)[:LINE_CHARS - 11]
for n in range(int(sys.argv[1])):
    print(f"{n:010} {body}")
run.finish()
# not ru_maxrss, which begins with the memory of the process that started this one
peak = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
print(int(peak) // 1024, file=sys.stderr)
""".replace("LINE_CHARS", str(LINE_CHARS))


@pytest.mark.parametrize(
    ("console", "n_mb"), [("wrap", 10), ("redirect", 10), case_at_length("wrap", 1024)]
)
def test_all_lines_of_much_output_are_recorded(tmp_path: Path, console: str, n_mb: int) -> None:
    n_lines = n_mb * MB // (LINE_CHARS + 1)
    env = {"WEFT_CONSOLE": console, "WEFT_SYSTEM_INTERVAL": "0", "WEFT_SILENT": "true"}
    with Path(os.devnull).open("w") as printed:
        script = subprocess.run(
            [sys.executable, "-c", PRINTS, str(n_lines)],
            cwd=tmp_path, env=script_environment(env), text=True, check=True,
            stdout=printed, stderr=subprocess.PIPE,
        )  # fmt: skip
    assert int(script.stderr.splitlines()[-1]) < MOST_MB
    seen = bytearray(n_lines)
    for log in tmp_path.glob("weft/run-*/run-much.*.weft"):
        for record in read_records(log):
            if isinstance(record, Console) and record.stream == "stdout" and len(record.text) > 10:
                assert len(record.text) == LINE_CHARS
                assert record.line == int(record.text[:10])
                seen[record.line] = 1
    assert seen.count(1) == n_lines
    (output,) = tmp_path.glob("weft/run-*/files/output.log")
    with output.open() as lines:
        assert all(line[:10] == f"{n:010}" for n, line in enumerate(lines))
    assert output.stat().st_size == n_lines * (LINE_CHARS + 1)
    output.unlink()
