"""A script that is process 1, as in a container: nothing outlives it, so `finish` sends it all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import weft
from server_process import start_server

SCRIPT = """
import os, weft
assert os.getpid() == 1
run = weft.init(project="boxes", id="pidone01")
for i in range(2000):
    run.log({"i": i})
run.finish()
"""


def test_a_script_that_is_process_1_sends_all_before_it_ends(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        done = subprocess.run(
            # A space of pids of its own, with its /proc: what a container runtime makes.
            ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", SCRIPT],
            cwd=tmp_path,
            env=server.environment | {"WEFT_BASE_URL": server.url},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        run = weft.Api(server.url, api_key=server.token).run("local/boxes/pidone01")
        assert run.state == "finished"
        assert [row["i"] for row in run.scan_history()] == list(range(2000))
        assert int(run.metadata["memory"]["total"]) > 0, "the environment is waited for, too"
