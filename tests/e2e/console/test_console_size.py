"""Much console output: nothing of it stays in memory, and all of it is stored."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from at_length import at_length
from live_runs import LiveServer, sidecars
from sdk_script import script_environment
from server_process import wait_until

pytestmark = pytest.mark.timeout(600)

MB = 1 << 20
LINE = "step {:8} loss=0.12345678 accuracy=0.87654321 examples/s=12345.6 memory=1234 MB"
LINE_BYTES = len(LINE.format(0)) + 1
WARM_LINES = 48 * MB // LINE_BYTES
MOST_GROWN_MB = {"script": 4, "sidecar": 8, "server": 64}

PRINTS = f"""
import sys, weft
run = weft.init(id="ID", project="tests")
for n_lines in map(int, sys.stdin):
    for n in range(n_lines):
        print("{LINE}".format(n))
    sys.stderr.write("printed\\n")
    sys.stderr.flush()
run.finish()
"""


def memory_mb(processes: dict[str, psutil.Process]) -> dict[str, float]:
    """Memory that each of the processes has for itself."""
    return {name: process.memory_full_info().uss / MB for name, process in processes.items()}


@at_length
def test_output_of_any_length_takes_no_memory(tmp_path: Path, live: LiveServer) -> None:
    run_id, n_lines = "much", 100 * MB // LINE_BYTES
    env = {**live.environment, "WEFT_CONSOLE": "wrap", "WEFT_SYSTEM_INTERVAL": "0"}
    with (tmp_path / "printed").open("w") as printed:
        script = subprocess.Popen(
            [sys.executable, "-c", PRINTS.replace("ID", run_id)],
            cwd=tmp_path, env=script_environment(env), text=True,
            stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.PIPE,
        )  # fmt: skip
    stdin, stderr = script.stdin, script.stderr
    assert stdin is not None
    assert stderr is not None

    def print_lines(n: int, n_before: int) -> None:
        stdin.write(f"{n}\n")
        stdin.flush()
        while (line := stderr.readline()) != "printed\n":
            assert line, "the script has ended"
        wait_until(lambda: n_stored() >= n_before + n, what="all lines at the server", secs=300)

    def n_stored() -> int:
        last = None
        if live.has(run_id):
            last = next(live.run(run_id).console_logs(last=1, stream="stdout"), None)
        return 0 if last is None else last.line + 1

    print_lines(WARM_LINES, 0)
    (sidecar,) = sidecars()
    processes = {
        "script": psutil.Process(script.pid),
        "sidecar": sidecar,
        "server": psutil.Process(live.process.pid),
    }
    before = memory_mb(processes)
    print_lines(n_lines, WARM_LINES)
    after = memory_mb(processes)
    script.communicate(timeout=120)
    assert script.returncode == 0
    for name in processes:
        assert after[name] < before[name] + MOST_GROWN_MB[name], (before, after)
