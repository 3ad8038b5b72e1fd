"""P7 of the field report: what was deleted is still there, takes its time, or can't be deleted.

Each test does what the author of a complaint did, against a real server, and asserts what that
author expected. Nothing is timed. What fills a disk unasked is in `test_complaints_p7_storage.py`.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from at_length import at_length
from live_runs import LiveServer
from run_log_bytes import HandMadeLog
from sdk_script import run_well
from server_process import ServerProcess, start_server, wait_until
from stored_blobs import stored_blobs

pytestmark = pytest.mark.timeout(300)

FOR_GOOD = {"permanently": "true"}


class Project:
    """A project on a server, and what people do with it."""

    def __init__(self, server: ServerProcess, name: str) -> None:
        self.name = name
        self.data = server.data
        self.base = f"/api/v1/projects/local/{name}"
        self.client = httpx.Client(base_url=server.url, trust_env=False, timeout=60)

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def get(self, path: str) -> Any:
        return self.client.get(self.base + path).raise_for_status().json()

    def post(self, path: str, body: Any = None) -> Any:
        return self.client.post(self.base + path, json=body).raise_for_status().json()

    def delete(self, path: str, **parameters: str) -> None:
        answer = self.client.delete(self.base + path, params=parameters)
        assert answer.status_code == 204, answer.text

    def log_run(self, run: str, n_rows: int = 10) -> None:
        """A run of three metrics whose values do not compress."""
        log = HandMadeLog(run=run, writer=f"{run[:10]}-w", project=self.name)
        log.keys("loss", "acc", "grad")
        log.rows([[1 / (3 + row), (row * 7919 % 10_007) / 3, row**0.5] for row in range(n_rows)])
        log.upload(self.client).raise_for_status()

    def put_files(self, run: str, names: list[str], size: int = 100) -> None:
        def put(name: str) -> None:
            address = f"{self.base}/runs/{run}/files/{name}"
            self.client.put(address, content=name.encode() * size).raise_for_status()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, names))

    def run_ids(self) -> list[str]:
        answer = self.client.get(f"{self.base}/runs")
        return sorted(run["id"] for run in answer.json()["runs"]) if answer.is_success else []

    def sizes(self) -> dict[str, Any]:
        return self.get("/sizes")

    def blobs(self) -> list[str]:
        drafts = (self.data / "blobs" / "drafts").iterdir()
        return [*stored_blobs(self.data), *(path.name for path in drafts)]

    def metric_bytes(self) -> int:
        """Of the metric files of all projects."""
        return sum(path.stat().st_size for path in (self.data / "metrics").iterdir())

    def wait_until_smaller(self, n_bytes: float) -> None:
        """A file in use shrinks once its readers are done."""
        wait_until(lambda: self.metric_bytes() < n_bytes, what="the file is smaller", secs=60)


def add_files(data: Path, n_files: int) -> None:
    """Add files to the only file of a stopped server's, as uploads would: they take minutes."""
    blobs = data / "blobs"
    with sqlite3.connect(data / "metadata.db") as db:
        (row,) = db.execute("SELECT run_id, media_type, created_micros FROM run_file").fetchall()
        for number in range(1, n_files + 1):
            content = b"image %d" % number
            digest = hashlib.sha256(content).hexdigest()
            folder = blobs / digest[:2]
            folder.mkdir(exist_ok=True)
            (folder / digest).write_bytes(content)
            db.execute(
                "INSERT INTO run_file (run_id, path, sha256, n_bytes, media_type, created_micros,"
                " edit_micros, edit_writer, edit_position, state)"
                " VALUES (?, ?, ?, ?, ?, ?, 1, 'web', 0, 'stored')",
                (row[0], f"media/image-{number}.bin", digest, len(content), *row[1:]),
            )


@pytest.fixture
def project(live: LiveServer, request: pytest.FixtureRequest) -> Iterator[Project]:
    """A project of the test's own; afterwards nothing of it is left."""
    with Project(live.process, request.node.name.partition("_a_")[0][:100]) as project:
        yield project
        project.client.base_url = live.process.url
        project.client.delete(project.base, params=FOR_GOOD)


@at_length
def test_p7_43_wandb_4206_a_run_of_any_number_of_files_is_deleted_by_one_request(
    live: LiveServer, project: Project
) -> None:
    # Of a million files only the first 10,000 of a page went, and the rest stayed without a word.
    project.log_run("many")
    project.put_files("many", ["media/image-0.bin"])
    live.process.stop()
    add_files(project.data, 10_500)
    live.start_again()
    assert project.sizes()["file_bytes"] > 10_500
    assert len(project.blobs()) == 10_501
    project.client.timeout = 150
    project.delete("/runs/many", **FOR_GOOD)
    assert project.blobs() == []
    assert project.sizes()["file_bytes"] == 0


@at_length
def test_p7_44_wandb_8944_what_was_deleted_is_gone_also_after_a_restart(
    live: LiveServer, project: Project
) -> None:
    for run in ("kept", "gone"):
        project.log_run(run)
    project.delete("/runs/gone", **FOR_GOOD)
    live.process.stop()
    live.start_again()
    listed = project.get("/runs")["runs"]
    assert [run["id"] for run in listed] == ["kept"]
    assert project.client.get(f"{project.base}/runs/gone").status_code == 410
    assert project.get("/trash")["total"] == 0


@at_length
def test_p7_45_wandb_10928_the_space_is_back_when_the_deletion_is_answered(
    live: LiveServer, project: Project
) -> None:
    # Hours passed until the server noticed that files were deleted and let people at their runs.
    project.log_run("small")
    before, told_before = project.metric_bytes(), project.sizes()["n_bytes"]
    project.log_run("large", 30_000)
    project.put_files("large", ["model.bin"], size=50_000)
    assert project.metric_bytes() > before + 200_000
    project.delete("/runs/large", **FOR_GOOD)
    project.wait_until_smaller(before + 100_000)
    assert project.sizes()["n_bytes"] < told_before + 100_000
    assert len(project.get("/runs/small/history")["rows"]) == 10


def test_p7_45_wandb_12814_a_deleted_run_leaves_no_history_behind_that_counts(
    live: LiveServer, project: Project
) -> None:
    # Months after runs were deleted their history still took the quota, and had no delete button.
    for number in range(5):
        project.log_run(f"run{number}", 2000)
    request = {"runs": [f"run{number}" for number in range(5)], "action": {"kind": "delete"}}
    assert project.post("/runs/bulk", request)["n_done"] == 5
    sizes = project.sizes()
    assert sizes["trash_bytes"] > 10_000, "what lies in the trash is told as used"
    assert project.client.delete(f"{project.base}/trash").json() == {"n_done": 5}
    sizes = project.sizes()
    assert (sizes["trash_bytes"], sizes["runs"], sizes["file_bytes"]) == (0, [], 0)
    live.process.stop()
    (file,) = (project.data / "metrics").glob("*.db")
    with sqlite3.connect(file) as db:
        for table in ("fresh", "chunk", "col", "part", "metric", "console"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    live.start_again()


@at_length
def test_p7_50_mlflow_2152_a_run_can_be_deleted_for_good_with_all_its_files(
    live: LiveServer, project: Project
) -> None:
    project.log_run("doomed")
    project.put_files("doomed", ["weights/best.bin"])
    project.delete("/runs/doomed", **FOR_GOOD)
    assert project.blobs() == []
    assert project.post("/runs/doomed/undelete") == {"restored": False}


def test_p7_50_mlflow_5541_a_deleted_project_takes_its_files_along(
    live: LiveServer, project: Project
) -> None:
    project.log_run("run1")
    project.put_files("run1", ["a.bin", "b.bin"])
    project.delete("", **FOR_GOOD)
    assert project.blobs() == []
    assert list((project.data / "metrics").iterdir()) == []
    assert project.client.get("/api/v1/trash").json() == {"projects": []}


@at_length
def test_p7_50_mlflow_602_deletion_has_two_steps_and_the_second_frees_the_storage(
    live: LiveServer, project: Project
) -> None:
    project.log_run("run1")
    project.put_files("run1", ["a.bin"])
    project.delete("/runs/run1")
    assert len(project.blobs()) == 1, "it can still be brought back"
    assert project.post("/runs/run1/undelete") == {"restored": True}
    assert project.client.get(f"{project.base}/runs/run1/files/a.bin").content == b"a.bin" * 100
    project.delete("/runs/run1")
    project.client.delete(f"{project.base}/trash").raise_for_status()
    assert project.blobs() == []


def test_p7_50_mlflow_8205_what_another_run_still_has_stays(
    live: LiveServer, project: Project
) -> None:
    for run in ("one", "two"):
        project.log_run(run)
        project.put_files(run, ["shared.bin", f"{run}.bin"])
    project.delete("/runs/one", **FOR_GOOD)
    assert (
        project.client.get(f"{project.base}/runs/two/files/shared.bin").content
        == b"shared.bin" * 100
    )
    assert len(project.blobs()) == 2
    project.delete("/runs/two", **FOR_GOOD)
    assert project.blobs() == []


def test_p7_50_mlflow_15294_no_row_of_a_deleted_run_is_left_in_the_database(
    live: LiveServer, project: Project, tmp_path: Path
) -> None:
    run_well(
        tmp_path,
        """
        import weft
        config = {f"p{i}": i for i in range(50)}
        run = weft.init(id="wordy", config=config, tags=["a"], notes="n")
        weft.define_metric("loss", summary="min")
        run.alert("title", "text")
        run.log({"loss": 1.0})
        run.finish()
        """,
        {**live.environment, "WEFT_PROJECT": project.name},
    )
    wait_until(lambda: project.get("/runs/wordy")["state"] == "finished", what="the run's end")
    project.delete("/runs/wordy", **FOR_GOOD)
    live.process.stop()
    with sqlite3.connect(project.data / "metadata.db") as db:
        for table in ("run", "run_writer", "field", "definition", "kept_record", "run_file"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
    live.start_again()


@at_length
def test_p7_50_mlflow_13393_the_trash_is_emptied_whatever_was_deleted_in_which_order(
    live: LiveServer, project: Project
) -> None:
    # The command that was to remove deleted runs failed, as their experiment was deleted, too.
    for run in ("one", "two"):
        project.log_run(run)
        project.put_files(run, [f"{run}.bin"])
    project.delete("/runs/one")
    project.delete("")
    assert project.client.delete("/api/v1/trash").json() == {"n_done": 1}
    assert project.blobs() == []
    assert project.client.delete("/api/v1/trash").json() == {"n_done": 0}


@at_length
def test_p7_50_mlflow_12005_no_command_has_to_be_run_for_a_deletion_to_happen(
    tmp_path: Path,
) -> None:
    with start_server(tmp_path, "--trash-days", "0") as server, Project(server, "p") as project:
        project.log_run("kept")
        before = project.metric_bytes()
        project.log_run("run1", 30_000)
        project.put_files("run1", ["model.bin"], size=50_000)
        assert project.metric_bytes() > before + 200_000
        project.delete("/runs/run1")
        assert project.get("/trash")["total"] == 0
        project.wait_until_smaller(before + 100_000)
        assert project.blobs() == []
        project.delete("/runs/kept")
        assert project.sizes()["runs"] == []


@at_length
def test_p7_50_tensorboard_785_a_run_of_a_directory_is_deleted_and_brought_back(
    tmp_path: Path,
) -> None:
    # Failed runs fill the directory; which to remove is only seen in the page that can't.
    script = """
        import weft
        for name in ("bad", "good"):
            with weft.init(id=name, project="tests") as run:
                run.log({"loss": 1.0})
        """
    run_well(tmp_path, script)

    def logs(run: str) -> list[Path]:
        return list((tmp_path / "weft").glob(f"run-*/run-{run}.*.weft"))

    with (
        start_server(tmp_path, str(tmp_path), command="ui") as server,
        Project(server, "tests") as project,
    ):
        wait_until(lambda: project.run_ids() == ["bad", "good"], what="the runs")
        project.delete("/runs/bad")
        assert (project.run_ids(), logs("bad"), len(logs("good"))) == (["good"], [], 1)
        (trashed,) = project.get("/trash")["runs"]
        assert (trashed["id"], trashed["purge_micros"]) == ("bad", None)
        assert project.post("/runs/bad/undelete") == {"restored": True}
        wait_until(lambda: project.run_ids() == ["bad", "good"], what="the run that came back")
        assert len(logs("bad")) == 1
        project.delete("/runs/bad", **FOR_GOOD)
        assert not list(tmp_path.rglob("run-bad.*.weft"))


@at_length
def test_p7_50_clearml_server_313_a_project_has_its_own_file_and_deletion_makes_it_small(
    live: LiveServer, project: Project
) -> None:
    # All runs of all projects were in one index without an end, whose writes and deletions took
    # minutes.
    with Project(live.process, "another") as other:
        for number in range(20):
            project.log_run(f"old{number}", 1500)
            other.log_run(f"new{number}")
        assert len(list((project.data / "metrics").glob("*.db"))) == 2
        before = project.metric_bytes()
        request = {
            "filter": 'id matches "^old"',
            "action": {"kind": "delete", "permanently": True},
        }
        answer = project.post("/runs/bulk", request)
        assert (answer["n_done"], answer["failed"]) == (20, [])
        project.wait_until_smaller(before / 2)
        assert len(other.run_ids()) == 20
        other.delete("", **FOR_GOOD)


@at_length
def test_p7_50_clearml_server_85_uploads_go_on_while_much_is_deleted(
    live: LiveServer, project: Project
) -> None:
    done = threading.Event()
    failed: list[int] = []
    uploads: list[tuple[float, float]] = []

    def upload() -> None:
        while not done.is_set():
            began = time.monotonic()
            try:
                project.log_run(f"new{len(uploads)}")
            except httpx.HTTPStatusError as error:
                failed.append(error.response.status_code)
            uploads.append((began, time.monotonic()))

    def delete_much() -> tuple[float, float]:
        runs = [f"old{number}" for number in range(30)]
        for run in runs:
            project.log_run(run, 1500)
        began = time.monotonic()
        action = {"kind": "delete", "permanently": True}
        with httpx.Client(base_url=live.process.url, trust_env=False, timeout=60) as client:
            answer = client.post(
                f"{project.base}/runs/bulk", json={"runs": runs, "action": action}
            )
            ended = time.monotonic()
        assert answer.json()["n_done"] == 30
        for run in runs:
            project.post(f"/runs/{run}/undelete")  # the id is free again
        return began, ended

    thread = threading.Thread(target=upload)
    thread.start()
    deletions: list[tuple[float, float]] = []

    def n_during() -> int:
        """Uploads that began and were answered within one deletion."""
        return sum(
            start <= began and ended <= end
            for start, end in deletions
            for began, ended in list(uploads)
        )

    try:
        while n_during() < 5 and len(deletions) < 10:
            deletions.append(delete_much())
    finally:
        done.set()
        thread.join()
    assert failed == []
    assert n_during() >= 5
    listed = project.get("/runs")
    assert listed["total"] == len(uploads)
    assert all(run["summary"]["grad"] == 3.0 for run in listed["runs"])


@at_length
def test_p7_50_clearml_server_87_a_large_run_is_deleted_like_a_small_one(
    live: LiveServer, project: Project
) -> None:
    project.log_run("small")
    before = project.metric_bytes()
    project.log_run("large", 60_000)
    project.put_files("large", [f"{number}.bin" for number in range(50)], size=10_000)
    assert project.metric_bytes() > before + 200_000
    project.delete("/runs/large", **FOR_GOOD)
    project.wait_until_smaller(before + 100_000)
    assert project.blobs() == []
    assert project.client.get("/readyz").status_code == 200
    assert len(project.get("/runs/small/history")["rows"]) == 10
    assert project.sizes()["total"] == 1


@at_length
def test_p7_50_clearml_server_89_what_takes_the_space_is_told_and_can_be_deleted_by_metric(
    live: LiveServer, project: Project
) -> None:
    project.log_run("run1", 20_000)
    project.log_run("run2", 100)

    def told() -> dict[str, int]:
        sizes = project.get("/runs/run1/sizes")
        return {metric["key"]: metric["n_bytes"] for metric in sizes["metrics"]}

    wait_until(lambda: len(told()) == 3, what="metrics told apart")
    largest = project.sizes()["runs"][0]
    bytes_before = project.metric_bytes()
    assert largest["id"] == "run1"
    before = largest["n_bytes"]
    request = {"runs": ["run1", "run2"], "regex": "^(acc|grad)$"}
    assert project.post("/metrics/delete", request) == {
        "n_runs": 2,
        "n_metrics": 4,
        "locked": [],
    }
    assert list(told()) == ["loss"]
    assert project.sizes()["runs"][0]["n_bytes"] < before / 2
    # Rows that were not packed yet are written anew without the two metrics.
    project.wait_until_smaller(0.7 * bytes_before)
