"""`weft ui` on a directory: what it finds, and what copies and damage do to it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from at_length import at_length
from live_runs import sidecars
from run_log_bytes import HandMadeLog
from sdk_script import start_script
from server_process import ServerProcess, start_server, wait_until
from weft.records.record import File
from weft_command import run_weft


@contextmanager
def ui(tmp_path: Path, directory: Path) -> Iterator[tuple[ServerProcess, httpx.Client]]:
    with (
        start_server(tmp_path, str(directory), command="ui") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client,
    ):
        yield server, client


def made_log(n_rows: int, *, run: str = "run1", writer: str = "writer1") -> HandMadeLog:
    log = HandMadeLog(run=run, writer=writer)
    log.keys("x")
    log.rows([[i] for i in range(n_rows)])
    return log


def put(directory: Path, log: HandMadeLog, data: bytes | None = None) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"run-{log.run}.{log.writer}.weft"
    path.write_bytes(log.data if data is None else data)
    return path


def rows(client: httpx.Client, log: HandMadeLog) -> list[Any]:
    answer = client.get(f"{log.path}/history")
    return [row["x"] for row in answer.json()["rows"]] if answer.status_code == 200 else []


def is_finished(client: httpx.Client, log: HandMadeLog) -> bool:
    """Its state is written after its rows."""
    return client.get(log.path).json().get("state") == "finished"


def run_ids(client: httpx.Client) -> list[str]:
    answer = client.get("/api/v1/projects/local/p/runs")
    if answer.status_code != 200:
        return []
    return sorted(run["id"] for run in answer.json()["runs"])


@at_length
def test_runs_are_found_wherever_the_directory_points(tmp_path: Path) -> None:
    work = tmp_path / "work"
    run = work / "project/weft/run-20260101_000000-run1"
    put(run, made_log(3))
    for directory in (work, work / "project", work / "project/weft", run):
        with ui(tmp_path, directory) as (_, client):
            wait_until(lambda: run_ids(client) == ["run1"], what=f"the run under {directory}")


def test_the_store_is_a_cache(tmp_path: Path) -> None:
    log = made_log(5)
    path = put(tmp_path / "weft/run-20260101_000000-run1", log)
    with ui(tmp_path, tmp_path) as (server, client):
        wait_until(lambda: rows(client, log) == list(range(5)), what="the rows")
        cache = Path(server.environment["XDG_CACHE_HOME"]) / "weft/ui"
        assert len(list(cache.iterdir())) == 1
        assert not Path(server.environment["XDG_STATE_HOME"], "weft/server.json").exists()
    log.rows([[5]])
    path.write_bytes(log.data)
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: rows(client, log) == list(range(6)), what="the rows after a restart")


@at_length
def test_edits_outlive_the_store(tmp_path: Path) -> None:
    log = made_log(3)
    log.config(lr=0.1, batch=8)
    log.finish()
    directory = tmp_path / "weft/run-20260101_000000-run1"
    put(directory, log)
    with ui(tmp_path, tmp_path) as (server, client):
        wait_until(lambda: is_finished(client, log), what="the run's end")
        assert rows(client, log) == [0, 1, 2]
        ended = client.get(log.path).json()["ended_micros"]
        assert client.get(log.path).json()["color"] == 1
        client.patch(log.path, json={"color": 7})
        client.patch(log.path, json={"name": "first", "notes": "away", "tags": ["a", "b"]})
        client.patch(log.path, json={"config": {"set": [[["lr"], 0.2]], "removed": [["batch"]]}})
        edited = client.patch(log.path, json={"notes": None, "name": "last"}).json()
        assert (edited["name"], edited["notes"]) == ("last", None)
    assert len(list(directory.glob("*.weft"))) == 2
    shutil.rmtree(Path(server.environment["XDG_CACHE_HOME"]) / "weft/ui")
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(
            lambda: (
                run_ids(client)
                and client.get(log.path).json()["name"] == "last"
                and is_finished(client, log)
            ),
            what="the edits, and the run, in a new store",
        )
        run = client.get(log.path).json()
        assert (run["notes"], run["tags"], run["color"]) == (None, ["a", "b"], 7)
        assert run["config"] == {"lr": 0.2}
        assert (run["state"], run["ended_micros"]) == ("finished", ended)
        assert rows(client, log) == [0, 1, 2]


def without_store(server: ServerProcess) -> None:
    shutil.rmtree(Path(server.environment["XDG_CACHE_HOME"]) / "weft/ui")


def test_a_deleted_run_goes_to_the_trash_and_stays_away(tmp_path: Path) -> None:
    log, other = made_log(3), made_log(2, run="run2", writer="writer2")
    first = tmp_path / "weft/run-20260101_000000-run1"
    second = tmp_path / "weft/run-20260102_000000-run1"
    shared = tmp_path / "weft/run-20260103_000000-mixed"
    resumed = made_log(4, writer="writer3")
    put(first, log)
    put(first.with_name("run-20260104_000000-run1"), log, log.data[: log.ends[4]])
    put(second, resumed)
    put(shared, made_log(1, writer="writer4"))
    put(shared, other)
    with ui(tmp_path, tmp_path) as (server, client):
        wait_until(lambda: len(rows(client, log)) == 8, what="the rows")
        wait_until(lambda: len(rows(client, other)) == 2, what="the other run's rows")
        client.patch(log.path, json={"name": "edited"}).raise_for_status()
        assert client.delete(log.path).status_code == 204
        assert run_ids(client) == ["run2"]
    trash = tmp_path / ".weft-ui/trash"
    assert len(list(trash.rglob("*.weft"))) == 5
    assert [path.name for path in (tmp_path / "weft").rglob("*.weft")] == ["run-run2.writer2.weft"]
    without_store(server)
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: len(rows(client, other)) == 2, what="the other run's rows again")
        assert run_ids(client) == ["run2"]
        assert client.delete("/api/v1/projects/local/p").status_code == 204
    assert len(list(trash.rglob("*.weft"))) == 6
    assert not list((tmp_path / "weft").rglob("*.weft"))


def test_a_run_that_can_not_be_moved_is_not_deleted(tmp_path: Path) -> None:
    log = made_log(3)
    path = put(tmp_path / "weft/run-20260101_000000-run1", log)
    (tmp_path / ".weft-ui").write_text("no folder")
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: len(rows(client, log)) == 3, what="the rows")
        answer = client.delete(log.path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert ".weft-ui/trash" in answer.json()["detail"]
        assert len(rows(client, log)) == 3
    assert path.exists()


def test_of_copies_the_longest_counts_once(tmp_path: Path) -> None:
    log = made_log(9)
    put(tmp_path / "weft/run-20260101_000000-run1", log, log.data[: log.ends[6]])
    put(tmp_path / "weft/run-20260102_000000-run1", log)
    put(tmp_path / "weft/run-20260103_000000-run1", log, log.data[: log.ends[4]])
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: rows(client, log) == list(range(9)), what="the rows")
        assert run_ids(client) == ["run1"]


def test_copies_that_differ_are_two_runs(tmp_path: Path) -> None:
    log, other = made_log(4), made_log(2)
    other.rows([[100], [101], [102]])
    put(tmp_path / "weft/run-20260101_000000-run1", log)
    put(tmp_path / "weft/run-20260102_000000-run1", other)
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: len(run_ids(client)) == 2, what="two runs")
        first, second = run_ids(client)
        assert first == "run1"
        assert second.startswith("run1-")
        wait_until(lambda: rows(client, log) == list(range(4)), what="the first run's rows")
        log.run = second
        wait_until(lambda: rows(client, log) == [0, 1, 100, 101, 102], what="the second's")


def test_damage_is_passed_over_and_rubbish_left_alone(tmp_path: Path) -> None:
    log = made_log(10)
    data = bytearray(log.data)
    data[log.ends[6] + 15] ^= 0xFF
    path = put(tmp_path / "weft/run-20260101_000000-run1", log, bytes(data))
    path.with_name("run-run1.rubbish.weft").write_bytes(b"rubbish" * 100)
    path.with_name("run-run1.empty.weft").write_bytes(b"")
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: len(rows(client, log)) == 9, what="all rows but the damaged one")
        log.rows([[10]])
        with path.open("ab") as file:
            file.write(log.data[log.ends[-2] :])
        wait_until(lambda: len(rows(client, log)) == 10, what="a row that came later")


def extend(path: Path, log: HandMadeLog) -> None:
    """Write what was added to the log since it was put there."""
    data = path.read_bytes()
    with path.open("ab") as file:
        file.write(log.data[len(data) :])


def catch_up(client: httpx.Client) -> httpx.Response:
    """The answer once all that lay there has been read, or that it can't be."""
    answers: list[httpx.Response] = []

    def has_ended() -> bool:
        answers.append(client.post("/api/v1/server/catch-up"))
        return answers[-1].json().get("caught_up") is not False

    wait_until(has_ended, what="all read")
    return answers[-1]


def is_ready(client: httpx.Client) -> bool:
    """Not at once on a busy machine: a look that takes long is "not ready"."""
    return client.get("/readyz").status_code == 200


@at_length
def test_a_renamed_directory_is_followed_on(tmp_path: Path) -> None:
    log, live = made_log(5), made_log(4, run="run2", writer="writer2")
    log.finish()
    first = put(tmp_path / "a/weft/run-20260101_000000-run1", log).parent
    growing = put(tmp_path / "a/weft/run-20260101_000000-run2", live)
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: len(rows(client, log) + rows(client, live)) == 9, what="the rows")
        client.patch(log.path, json={"name": "edited"}).raise_for_status()
        first.rename(first.with_name("run-20260102_000000-run1"))
        renamed = growing.parent.rename(growing.parent.with_name("run-20260102_000000-run2"))
        live.rows([[4]])
        extend(renamed / growing.name, live)
        # Between two looks, and again, with the folder around them and while it grows.
        (tmp_path / "a").rename(tmp_path / "z")
        live.rows([[5]])
        extend(tmp_path / "z/weft" / renamed.name / growing.name, live)
        other = made_log(2, run="run3", writer="writer3")
        put(tmp_path / "z/weft/run-20260103_000000-run3", other)
        wait_until(lambda: rows(client, other) == [0, 1], what="a run that came afterwards")
        wait_until(lambda: rows(client, live) == list(range(6)), what="rows that came afterwards")
        assert catch_up(client).json()["caught_up"]
        assert (rows(client, log), run_ids(client)) == ([0, 1, 2, 3, 4], ["run1", "run2", "run3"])
        wait_until(lambda: is_ready(client), what="it is ready")
        client.patch(log.path, json={"notes": "after"}).raise_for_status()
        assert client.get(log.path).json()["name"] == "edited"
    assert len(list((tmp_path / "z").rglob("run-run1.*.weft"))) == 3


def test_a_run_goes_with_its_directory(tmp_path: Path) -> None:
    log, other = made_log(5), made_log(2, run="run2", writer="writer2")
    rank, copied = made_log(3, run="run2", writer="writer3"), made_log(9, run="run4")
    first = put(tmp_path / "weft/run-20260101_000000-run1", log).parent
    put(tmp_path / "weft/run-20260101_000000-run2", other)
    put(tmp_path / "weft/run-20260102_000000-run2", rank)
    longest = put(tmp_path / "weft/run-20260101_000000-run4", copied).parent
    put(tmp_path / "weft/run-20260102_000000-run4", copied, copied.data[: copied.ends[7]])
    with ui(tmp_path, tmp_path) as (_, client):
        wait_until(lambda: run_ids(client) == ["run1", "run2", "run4"], what="the runs")
        wait_until(lambda: len(rows(client, other)) == 5, what="the rows of two writers")
        wait_until(lambda: len(rows(client, copied)) == 9, what="the longest copy's rows")
        shutil.rmtree(first)
        shutil.rmtree(tmp_path / "weft/run-20260101_000000-run2")
        shutil.rmtree(longest)
        assert catch_up(client).json()["caught_up"]
        assert run_ids(client) == ["run2", "run4"], "a run goes with its last log"
        assert rows(client, rank) == [0, 1, 2], "what is left of a run is shown"
        n_left = len(rows(client, copied))
        assert 0 < n_left < 9, "of a run that was copied, the copy that remains"
        again = made_log(3, writer="writer9")
        put(tmp_path / "weft/run-20260109_000000-run1", again)
        assert catch_up(client).json()["caught_up"]
        assert rows(client, again) == [0, 1, 2], "a new run of that id begins clean"
    # While no server runs: one is replaced by a new run of its id, one goes, one is cut.
    shutil.rmtree(tmp_path / "weft")
    put(tmp_path / "weft/run-20260101_000000-run1", made_log(2, writer="writer8"))
    put(tmp_path / "weft/run-20260102_000000-run4", copied, copied.data[: copied.ends[5]])
    with ui(tmp_path, tmp_path) as (_, client):
        assert catch_up(client).json()["caught_up"]
        assert run_ids(client) == ["run1", "run4"]
        assert rows(client, again) == [0, 1]
        assert 0 < len(rows(client, copied)) < n_left


def test_what_can_not_be_read_is_kept_and_told(tmp_path: Path) -> None:
    work = tmp_path / "work"
    log, other = made_log(3), made_log(2, run="run2", writer="writer2")
    first = put(work / "weft/run-20260101_000000-run1", log).parent
    second = put(work / "weft/run-20260101_000000-run2", other)
    with ui(tmp_path, work) as (_, client):
        wait_until(lambda: len(rows(client, log) + rows(client, other)) == 5, what="the rows")
        first.rename(tmp_path / "aside")
        first.symlink_to(first)  # a loop: the folder can't be listed, whoever asks
        second.write_bytes(b"rubbish")
        assert catch_up(client).json()["caught_up"]
        assert run_ids(client) == ["run1", "run2"]
        assert rows(client, log) == [0, 1, 2]
        warnings = client.get("/api/v1/server").json()["following"]["warnings"]
        assert any(
            "folder can't be read" in warning and first.name in warning for warning in warnings
        )
        assert any(str(second) in warning for warning in warnings)
        assert str(second) in client.get(other.path).json()["warnings"][0]
        first.unlink()
        (tmp_path / "aside").rename(first)
        second.write_bytes(other.data)
        wait_until(lambda: not client.get("/api/v1/server").json()["following"]["warnings"],
                   what="the end of all trouble", secs=60)  # fmt: skip
        # All of the directory is away, as when a network file system is: nothing is dropped.
        work.rename(tmp_path / "away")
        answer = catch_up(client)
        assert (answer.status_code, str(work) in answer.json()["detail"]) == (503, True)
        assert client.get("/readyz").status_code == 503
        assert str(work) in client.get("/api/v1/server").json()["following"]["error"]
        assert (run_ids(client), rows(client, log)) == (["run1", "run2"], [0, 1, 2])
        (tmp_path / "away").rename(work)
        assert catch_up(client).json()["caught_up"]
        wait_until(lambda: is_ready(client), what="it is ready")
        assert (run_ids(client), rows(client, other)) == (["run1", "run2"], [0, 1])


def test_a_second_ui_on_the_same_directory_points_to_the_first(tmp_path: Path) -> None:
    put(tmp_path / "weft/run-20260101_000000-run1", made_log(1))
    with ui(tmp_path, tmp_path) as (server, _):
        second = run_weft("ui", tmp_path, "--no-browser", env=server.environment)
        assert second.exit_code == 0
        assert f"already serving {server.url}" in second.stderr
        wait_until(lambda: "weft: 1 run read in " in server.stderr, what="the end of the reading")
        assert "\r" not in server.stderr


def announced(path: str, content: bytes) -> File:
    return File(path, len(content), hashlib.sha256(content).hexdigest(), 1)


def test_announced_files_are_read_from_the_directory(tmp_path: Path) -> None:
    directory = tmp_path / "weft/run-20260101_000000-run1"
    (directory / "files/media").mkdir(parents=True)
    outside = tmp_path / "checkpoint.bin"
    outside.write_bytes(b"weights")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret").write_bytes(b"secret")
    files = directory / "files"
    (files / "media/a.png").write_bytes(b"image")
    (files / "saved.bin").symlink_to(outside)
    (files / "leaving").symlink_to(tmp_path / "elsewhere")
    (files / "grown.txt").write_bytes(b"longer than announced")
    os.mkfifo(files / "pipe")
    log = made_log(1)
    for path, content in {
        "media/a.png": b"image",
        "saved.bin": b"weights",
        "leaving/secret": b"secret",
        "grown.txt": b"short",
        "missing.txt": b"missing",
        "pipe": b"",
    }.items():
        log.add(announced(path, content))
    put(directory, log)
    # Another process of the same run, whose file of this name is another one.
    second = HandMadeLog(run="run1", writer="writer2")
    second.add(announced("media/b.png", b"other"))
    put(tmp_path / "weft/run-20260101_000001-run1", second)
    (tmp_path / "weft/run-20260101_000001-run1/files/media").mkdir(parents=True)
    (tmp_path / "weft/run-20260101_000001-run1/files/media/b.png").write_bytes(b"other")
    (files / "media/b.png").write_bytes(b"wrong")
    with ui(tmp_path, tmp_path) as (_, client):

        def states() -> dict[str, str]:
            answer = client.get(f"{log.path}/files")
            return (
                {file["path"]: file["state"] for file in answer.json()["files"]}
                if answer.status_code == 200
                else {}
            )

        wait_until(lambda: len(states()) == 7, what="the announced files")
        assert states() == {
            "grown.txt": "awaited",
            "leaving/secret": "awaited",
            "media/a.png": "stored",
            "media/b.png": "stored",
            "missing.txt": "awaited",
            "pipe": "awaited",
            "saved.bin": "stored",
        }
        assert client.get(f"{log.path}/files/media/a.png").content == b"image"
        assert client.get(f"{log.path}/files/media/b.png").content == b"other"
        assert client.get(f"{log.path}/files/saved.bin").content == b"weights"
        part = client.get(f"{log.path}/files/saved.bin", headers={"Range": "bytes=2-3"})
        assert (part.status_code, part.content) == (206, b"ig")
        for path in ("leaving/secret", "grown.txt", "missing.txt", "pipe"):
            assert client.get(f"{log.path}/files/{path}").status_code == 404


def test_media_of_a_killed_script_and_sidecar_are_made_and_shown(tmp_path: Path) -> None:
    script = start_script(
        tmp_path,
        """
import os, signal, sys, numpy as np, weft
run = weft.init(project="p", id="killed")
print("begun", flush=True)
sys.stdin.readline()
run.log({"img": weft.Image(np.zeros((4, 4, 3), np.uint8))})
os.kill(os.getpid(), signal.SIGKILL)
""",
        stdin=-1,
    )
    assert script.stdout is not None
    script.stdout.readline()
    wait_until(sidecars, what="the sidecar")  # its start does not hold the script up
    (sidecar,) = sidecars()
    sidecar.kill()
    script.communicate("go\n", timeout=60)
    assert list(tmp_path.glob("weft/*/spool/*"))
    with ui(tmp_path, tmp_path) as (_, client):

        def states() -> list[str]:
            answer = client.get("/api/v1/projects/local/p/runs/killed/files")
            files = answer.json()["files"] if answer.status_code == 200 else []
            return [file["state"] for file in files if file["path"].startswith("media/")]

        wait_until(lambda: states() == ["stored"], what="the image")
    assert not list(tmp_path.glob("weft/*/spool/*"))
