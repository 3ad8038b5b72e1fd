"""Offline runs that `weft sync` sends: their time axes, their ends, and the order of versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chart_questions import chart
from live_runs import PROJECT, LiveServer
from sdk_script import logs_in, run_script, run_well
from weft_command import run_weft

N_ROWS = 4000
"""Their log is larger than those that are sent many in one request."""

KILLED = """
    import os
    import signal

    import weft

    run = weft.init(project={project!r}, id={run!r})
    run.config["lr"] = 0.1
    for step in range({n_rows}):
        run.log({{"loss": 1.0 / (step + 1), "accuracy": step / 7}})
    artifact = weft.Artifact("weights-" + run.id, type="model")
    with artifact.new_file("weights.txt") as file:
        file.write(run.id)
    run.log_artifact(artifact)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def own_live(tmp_path: Path) -> Iterator[LiveServer]:
    folder = tmp_path / "server"
    folder.mkdir()
    with LiveServer(folder) as server:
        yield server


def sync(live: LiveServer, *paths: Path) -> None:
    env = {"WEFT_API_KEY": live.process.token}
    done = run_weft("sync", *paths, "--base-url", live.url, env=env)
    assert done.exit_code == 0, done.stderr


def kill_offline(folder: Path, run: str, n_rows: int = N_ROWS) -> None:
    code = KILLED.format(project=PROJECT, run=run, n_rows=n_rows)
    assert run_script(folder, code, is_forked=False).exit_code == -9


def first_x(live: LiveServer, run: str, axis: str) -> int:
    series = chart(live.process, PROJECT, run, "loss", axis=axis, n_buckets=10_000)
    return int(series["first_bucket"] * 2 ** series["level"])


@pytest.mark.parametrize("axis", ["time", "time_wall"])
def test_times_count_from_the_start_of_the_script(
    own_live: LiveServer, tmp_path: Path, axis: str
) -> None:
    """Not from that of the log that `weft sync` writes, and may send first, about its files."""
    for run in ("k0", "k1", "k2"):
        kill_offline(tmp_path, run)
    sync(own_live, tmp_path)
    for run in ("k0", "k1", "k2"):
        stored = own_live.run(run)
        runtime = next(stored.scan_history(keys=["loss", "_runtime"]))["_runtime"]
        assert 0 <= first_x(own_live, run, axis) <= runtime * 1_000_000
        assert chart(own_live.process, PROJECT, run, "loss", axis="wall")["origin_micros"] <= (
            own_live.rows(run)[0]["_timestamp"] * 1_000_000
        )
