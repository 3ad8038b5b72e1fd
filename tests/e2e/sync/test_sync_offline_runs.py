"""Offline runs that `weft sync` sends: their time axes, their ends, and the order of versions."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chart_questions import chart
from live_runs import PROJECT, LiveServer
from run_log_bytes import HandMadeLog
from sdk_script import only_log, run_script, run_well
from weft.runlog.layout import log_path, run_directory
from weft.runlog.reader import read_header, read_records
from weft_command import Done, run_weft

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


def sync(live: LiveServer, *paths: Path, exit_code: int = 0) -> Done:
    env = {"WEFT_API_KEY": live.process.token}
    done = run_weft("sync", *paths, "--base-url", live.url, env=env)
    assert done.exit_code == exit_code, done.stderr
    return done


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
        assert 0 <= first_x(own_live, run, axis) <= round(runtime * 1_000_000)
        assert chart(own_live.process, PROJECT, run, "loss", axis="wall")["origin_micros"] <= (
            own_live.rows(run)[0]["_timestamp"] * 1_000_000
        )


LOGGING = """
    import weft

    run = weft.init(project={project!r}, id={run!r}, resume="allow")
    for name, n_bytes in {versions!r}:
        artifact = weft.Artifact({artifact!r}, type="model", metadata={{"name": name}})
        with artifact.new_file("weights.txt") as file:
            file.write(name * (n_bytes // len(name)))
        run.log_artifact(artifact)
    run.finish()
"""

LARGE, SMALL = 12_000_000, 1000


def log_versions(
    folder: Path, run: str, names: list[str], n_bytes: int, artifact: str = "checkpoint"
) -> None:
    code = LOGGING.format(
        project=PROJECT, run=run, versions=[(name, n_bytes) for name in names], artifact=artifact
    )
    run_well(folder, code)


def versions_of(live: LiveServer, artifact: str, n: int) -> list[Any]:
    """The names of the first versions of an artifact, by number, and of the latest."""
    labels = [*(f"v{number}" for number in range(n)), "latest"]
    return [
        live.api.artifact(f"local/{PROJECT}/{artifact}:{label}").metadata["name"]
        for label in labels
    ]


def test_versions_of_a_run_that_was_resumed_come_in_the_order_of_its_scripts(
    own_live: LiveServer, tmp_path: Path
) -> None:
    names = [f"k{number}" for number in range(8)]
    for part in range(4):
        log_versions(
            tmp_path, "resumed", names[2 * part : 2 * part + 2], SMALL if part % 2 else LARGE
        )
    sync(own_live, tmp_path)
    assert versions_of(own_live, "checkpoint", len(names)) == [*names, names[-1]]


def test_versions_of_several_runs_come_in_the_order_of_their_scripts(
    own_live: LiveServer, tmp_path: Path
) -> None:
    """Also from directories that are named in another order."""
    folders = [tmp_path / folder for folder in "dcba"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        log_versions(folder, f"run{number}", [f"k{number}"], SMALL if number % 2 else LARGE)
    sync(own_live, *reversed(folders))
    names = [f"k{number}" for number in range(4)]
    assert versions_of(own_live, "checkpoint", len(names)) == [*names, names[-1]]


def test_a_run_that_can_not_be_sent_holds_up_no_later_version(
    own_live: LiveServer, tmp_path: Path
) -> None:
    log_versions(tmp_path, "run0", [], LARGE)
    sync(own_live, tmp_path)
    own_live.run("run0").delete()
    for number in range(3):
        log_versions(tmp_path, f"run{number}", [f"k{number}"], LARGE)
    assert "run0 was deleted" in sync(own_live, tmp_path, exit_code=1).stderr
    assert versions_of(own_live, "checkpoint", 2) == ["k1", "k2", "k2"]


@pytest.mark.parametrize("n_rows", [0, 5, N_ROWS])
def test_a_run_that_was_killed_is_crashed_once_it_is_sent(
    own_live: LiveServer, tmp_path: Path, n_rows: int
) -> None:
    kill_offline(tmp_path, "killed", n_rows)
    sync(own_live, tmp_path)
    run = own_live.run("killed")
    assert (run.state, run.exit_code) == ("crashed", None)
    assert run.reason is not None
    assert "kill -9" in run.reason
    # It ended with its last record, not when it was sent, and not when it began.
    log = only_log(tmp_path)
    header = read_header(log)
    assert header is not None
    assert run.ended_at is not None
    last = max(getattr(record, "micros", 0) for record in read_records(log))
    ended = datetime.fromisoformat(run.ended_at).timestamp()
    assert ended == pytest.approx((header.wall_micros + last) / 1_000_000, abs=0.01)


@pytest.mark.parametrize(("quiet_secs", "state"), [(3600.0, "crashed"), (0.0, "pending")])
def test_a_run_of_another_machine_is_crashed_if_its_log_is_quiet(
    own_live: LiveServer, tmp_path: Path, quiet_secs: float, state: str
) -> None:
    """Whether its process runs can't be told here: the server waits for more of it."""
    log = HandMadeLog("elsewhere", "w1", PROJECT)
    log.keys("loss")
    log.rows([[1.0], [2.0]])
    directory = run_directory(tmp_path, "elsewhere", time.time())
    directory.mkdir(parents=True)
    path = log_path(directory, "elsewhere", "w1")
    path.write_bytes(log.data)
    changed = time.time() - quiet_secs
    os.utime(path, (changed, changed))
    sync(own_live, tmp_path)
    assert own_live.run("elsewhere").state == state
