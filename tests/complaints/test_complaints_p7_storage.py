"""P7 of the field report: what a training leaves on the user's own disk.

Each test runs the script of a complaint and looks at the user's folders. Nothing is timed. What
can't be deleted from a server is in `test_complaints_p7_deletion.py`.
"""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from at_length import at_length
from live_runs import LiveServer, await_no_sidecar
from sdk_script import run_well, start_script
from server_process import wait_until

pytestmark = pytest.mark.timeout(300)

LOGGING = """
    import os, weft
    run = weft.init(id=os.environ["RUN"])
    for step in range(2000):
        run.log({"loss": 1 / (step + 1), "text": f"sample {step}"})
    run.finish()
    """


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's home: nothing but what weft puts there."""
    home = tmp_path / "home"
    home.mkdir()
    return home


def environment(live: LiveServer, home: Path) -> dict[str, str]:
    """The user's folders below `home`, and a server to log to."""
    folders = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "TMPDIR": str(home / "tmp"),
    }
    (home / "tmp").mkdir(exist_ok=True)
    return {**live.environment, **folders}


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def staged_in(home: Path) -> list[Path]:
    """Files in a home folder besides the list of a user's names on servers, which is bounded."""
    return [path for path in files_in(home) if path.name != "accounts.json"]


def n_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in files_in(folder))


def log_a_run(tmp_path: Path, live: LiveServer, home: Path, run_id: str) -> Path:
    """Log a run to the server and wait for it; the folder that the script ran in."""
    folder = tmp_path / run_id
    folder.mkdir()
    run_well(folder, LOGGING, {**environment(live, home), "RUN": run_id})
    assert live.ended(run_id).state == "finished"
    await_no_sidecar()
    return folder


@at_length
def test_p7_46_wandb_2690_no_cache_grows_with_each_run_of_a_sweep(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # The folder for cached objects had grown to about 400 GB.
    for number in range(4):
        log_a_run(tmp_path, live, home, f"trial{number}")
    assert staged_in(home) == []


@at_length
def test_p7_47_wandb_4534_a_run_s_folder_may_be_removed_once_it_is_sent(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # The local folder fills the disk; which of it is safe to remove, nobody could tell.
    folder = log_a_run(tmp_path, live, home, "sent")
    shutil.rmtree(folder / "weft")
    rows = live.rows("sent")
    assert [row["text"] for row in rows] == [f"sample {step}" for step in range(2000)]


@at_length
def test_p7_48_wandb_7673_nothing_is_staged_anywhere_else(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # 70 GB of temporary files, of runs that were stopped before all was uploaded.
    script = start_script(
        tmp_path,
        """
        import time, weft
        run = weft.init(id="stopped")
        for step in range(500):
            run.log({"loss": step})
        print("logged", flush=True)
        time.sleep(60)
        """,
        environment(live, home),
    )
    assert script.stdout is not None
    assert script.stdout.readline() == "logged\n"
    script.send_signal(signal.SIGKILL)
    script.communicate()
    await_no_sidecar()
    assert staged_in(home) == []


def test_p7_49_wandb_8781_what_is_uploaded_is_kept_once_and_only_on_the_server(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # Checkpoints that were uploaded filled 1.6 TB of the cluster's disk with copies.
    folder = log_a_run(tmp_path, live, home, "checkpoints")
    before = n_bytes(folder)
    content = os.urandom(300_000)
    (tmp_path / "model.bin").write_bytes(content)
    code = f"""
        import weft
        run = weft.Api().run("local/tests/checkpoints")
        for name in ("model.bin", "copy.bin"):
            run.upload_file({str(tmp_path / "model.bin")!r}, root={str(tmp_path)!r})
        """
    run_well(folder, code, {**environment(live, home), "WEFT_API_KEY": live.process.token})
    blobs = live.process.data / "blobs"
    assert [path.stat().st_size for path in blobs.glob("??/*")] == [300_000]
    assert (staged_in(home), n_bytes(folder) - before < 10_000) == ([], True)


@at_length
def test_p7_49_wandb_3430_a_run_takes_no_more_here_than_on_the_server(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # More than 1 TB in local folders, of runs that took 5 GB on the server.
    folder = log_a_run(tmp_path, live, home, "same")
    (log,) = folder.glob("weft/run-*/run-same.*.weft")
    assert log.stat().st_size < 2000 * 60
    assert n_bytes(folder / "weft") < log.stat().st_size + 100_000


@at_length
def test_p7_49_wandb_7066_a_run_makes_few_files_however_much_it_logs(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # A few dozen runs made hundreds of thousands of files, and met the quota of files.
    folder = log_a_run(tmp_path, live, home, "few")
    assert len(files_in(folder / "weft")) <= 10
    assert staged_in(home) == []


@at_length
def test_p7_49_wandb_1193_nothing_has_to_be_cleaned_after_an_upload(
    tmp_path: Path, live: LiveServer, home: Path
) -> None:
    # The cache was not cleaned after the upload, until it took all of the disk.
    folder = log_a_run(tmp_path, live, home, "clean")
    script = start_script(folder, "import weft; weft.init(id='next').log({'a': 1})",
                          environment(live, home))  # fmt: skip
    assert script.wait(120) == 0
    script.communicate()
    wait_until(lambda: live.has("next"), what="the next run")
    await_no_sidecar()
    assert staged_in(home) == []
    runtime = Path(os.environ["XDG_RUNTIME_DIR"])
    assert n_bytes(runtime) < 10_000
    assert not list(folder.rglob("*.tmp"))
