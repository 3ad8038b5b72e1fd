"""`make demo-cluster ONCE=1`: three servers over a cluster of stores, of which nothing is left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from at_length import at_length

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for temporary files that PostgreSQL, which does not run as root, may enter."""
    with tempfile.TemporaryDirectory(prefix="weft-demo-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@at_length
def test_the_demo_of_a_cluster_reads_each_row_back_and_leaves_nothing_running(
    folder: Path,
) -> None:
    environment = {**os.environ, "TMPDIR": str(folder)}
    demo = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo_cluster.py", "--once"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    assert demo.returncode == 0, demo.stdout + demo.stderr
    output = demo.stdout
    assert re.search(r"killed replica a of ClickHouse's shard [12]\n  the chart goes on", output)
    assert "killed server 1 of 3\n  the chart goes on" in output
    assert re.search(r"read back: \d+ rows, each once", output)
    address = re.search(r"weft is at +(http://\S+?)/local", output)
    assert address is not None
    with pytest.raises(httpx.ConnectError):
        httpx.get(address[1], trust_env=False)
    left = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in argument for argument in process.info["cmdline"] or ())
    ]
    assert left == []
    assert list(folder.iterdir()) == []
