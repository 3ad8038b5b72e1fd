"""The file worker: a real child process that makes files from spool files."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

from files_at_work import file_workers
from server_process import wait_until
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.runlog.spool import MANIFEST, Job, spool_path, write_spool
from weft.sync.files.encoders.chunks import LEAST_BYTES
from weft.sync.files.encoders.manifest import DraftManifest
from weft.sync.files.worker import FileResult, Order
from weft.sync.files.worker_process import IDLE_SECS, FileWorker
from weft.sync.isolated import isolated_command
from weft.sync.spawn import package_folders
from weft.tables.packing import Layout, pack_cells


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def worker(now: list[float]) -> Iterator[FileWorker]:
    worker = FileWorker(package_folders(), 10, clock=lambda: now[0])
    yield worker
    worker.close()


def spooled(run: Path, number: int, *jobs: tuple[str, str, dict[str, object], bytes]) -> Order:
    path = spool_path(run, "w", number)
    write_spool(
        path,
        [Job(name, encoder, options) for name, encoder, options, _ in jobs],
        [[content] for *_, content in jobs],
    )
    return Order(str(run / "files"), str(path))


def work_off(worker: FileWorker, n_jobs: int) -> list[FileResult]:
    done: list[FileResult] = []
    deadline = time.monotonic() + 240  # on a busy machine it may long get no core
    while len(done) < n_jobs:
        done += [file for _, file in worker.poll(1.0)]
        assert time.monotonic() < deadline, "the worker answers"
    return done


def test_tables_are_made_without_a_library_of_the_server(
    worker: FileWorker, tmp_path: Path
) -> None:
    column, [block] = pack_cells("t", "text", ["a", None])
    layout = msgspec.to_builtins(Layout(2, [column], {}))
    worker.add(spooled(tmp_path, 0, ("t.table.parquet", "table", layout, bytes(block))))
    [file] = work_off(worker, 1)
    assert file.error is None
    assert pq.read_table(tmp_path / "files" / file.path)["t"].to_pylist() == ["a", None]


def test_files_are_made_and_hashed(worker: FileWorker, tmp_path: Path) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    options = {"width": 5, "height": 4, "mode": "RGB", "format": "png"}
    worker.add(
        spooled(
            tmp_path,
            0,
            ("media/a.txt", "bytes", {}, b"hello"),
            ("media/images/b.png", "image", options, pixels.tobytes()),
        )
    )
    worker.add(spooled(tmp_path, 1, ("c", "bytes", {}, b"")))
    done = work_off(worker, 3)
    assert [(file.path, file.error, file.is_last) for file in done] == [
        ("media/a.txt", None, False), ("media/images/b.png", None, True), ("c", None, True),
    ]  # fmt: skip
    for file in done:
        content = (tmp_path / "files" / file.path).read_bytes()
        assert (file.n_bytes, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    image = PIL.Image.open(tmp_path / "files/media/images/b.png")
    assert (np.asarray(image) == pixels).all()
    assert not list((tmp_path / "files").rglob("*.part"))
    assert worker.is_idle


def test_what_can_not_be_made_says_why_and_stops_nothing(
    worker: FileWorker, tmp_path: Path
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "taken").write_text("a file where a folder should be")
    worker.add(
        spooled(
            tmp_path,
            0,
            ("a.png", "image", {"width": 9, "height": 9, "mode": "L", "format": "png"}, b"short"),
            ("b", "of the future", {}, b""),
            ("taken/c", "bytes", {}, b"x"),
            ("d", "bytes", {}, b"x"),
        )
    )
    damaged = tmp_path / "spool" / "w-00000001"
    damaged.write_bytes(b"rubbish")
    worker.add(Order(str(tmp_path / "files"), str(damaged)))
    errors = [file.error for file in work_off(worker, 5)]
    assert errors[0] == "5 bytes of pixels where 81 are expected"
    assert errors[1] is not None
    assert "no encoder 'of the future'" in errors[1]
    assert errors[2] in {"not a directory", "file exists"}
    assert errors[3] is None
    assert errors[4] is not None
    assert errors[4].startswith("not a spool file")


@pytest.mark.skipif(sys.platform != "linux", reason="prlimit")
def test_what_fails_for_a_passing_reason_is_said_to_be_made_later(
    worker: FileWorker, tmp_path: Path
) -> None:
    """Here too many open files: at the file, and at the spool file."""
    import resource

    order = spooled(tmp_path, 0, ("a", "bytes", {}, b"a"), ("b", "bytes", {}, b"b"))
    worker.add(order)
    assert [file.error for file in work_off(worker, 2)] == [None, None]
    (child,) = file_workers()
    limits = resource.prlimit(child.pid, resource.RLIMIT_NOFILE)
    n_open = (
        max(int(descriptor.name) for descriptor in Path(f"/proc/{child.pid}/fd").iterdir()) + 1
    )
    for n_more, n_jobs in ((0, 1), (1, 2)):
        resource.prlimit(child.pid, resource.RLIMIT_NOFILE, (n_open + n_more, limits[1]))
        worker.add(order)
        done = work_off(worker, n_jobs)
        assert all(file.is_passing and file.error for file in done)
        assert [file.path for file in done] == (["a", "b"] if n_more else [""])
    resource.prlimit(child.pid, resource.RLIMIT_NOFILE, limits)
    worker.add(order)
    assert [(file.path, file.error) for file in work_off(worker, 2)] == [("a", None), ("b", None)]


def large_image(run: Path, number: int) -> Order:
    """An image that takes a second or more to encode."""
    side = 6000
    content = np.random.default_rng(0).integers(0, 256, side * side, np.uint8).tobytes()
    options = {"width": side, "height": side, "mode": "L", "format": "png"}
    return spooled(run, number, ("large.png", "image", options, content), ("b", "bytes", {}, b"b"))


def kill_at_work(run: Path) -> None:
    """Kill the child once it writes the large image."""
    (child,) = file_workers()
    begun = run / "files" / f".large.png.{child.pid}.part"
    wait_until(begun.exists, what="the image is begun")
    os.kill(child.pid, signal.SIGKILL)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_worker_does_its_job_again(worker: FileWorker, tmp_path: Path) -> None:
    worker.add(large_image(tmp_path, 0))
    kill_at_work(tmp_path)
    done = work_off(worker, 2)
    assert [(file.path, file.error) for file in done] == [("large.png", None), ("b", None)]


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_job_that_kills_its_worker_twice_fails_alone(worker: FileWorker, tmp_path: Path) -> None:
    worker.add(large_image(tmp_path, 0))
    kill_at_work(tmp_path)
    assert worker.poll(60.0) == []  # the first death is seen
    kill_at_work(tmp_path)
    done = work_off(worker, 2)
    assert [(file.path, file.error) for file in done] == [
        ("large.png", "the process that encodes files died of it twice"), ("b", None),
    ]  # fmt: skip
    assert not list((tmp_path / "files").rglob("*.part"))


def test_two_workers_at_one_job_both_do_it(tmp_path: Path) -> None:
    # The worker of a killed sidecar is still at a job that the next sidecar's worker begins.
    order = large_image(tmp_path, 0)
    workers = [FileWorker(package_folders(), 0) for _ in range(2)]
    try:
        for worker in workers:
            worker.add(order)
        batches = [work_off(worker, 2) for worker in workers]
    finally:
        for worker in workers:
            worker.close()
    assert [[(file.path, file.error) for file in done] for done in batches] == [
        [("large.png", None), ("b", None)]
    ] * 2
    assert batches[0][0].sha256 == batches[1][0].sha256


def test_an_idle_worker_ends_and_a_new_one_takes_its_place(
    worker: FileWorker, tmp_path: Path, now: list[float]
) -> None:
    worker.add(spooled(tmp_path, 0, ("a", "bytes", {}, b"a")))
    work_off(worker, 1)
    worker.poll()
    assert len(file_workers()) == 1
    now[0] += IDLE_SECS + 1
    worker.poll()
    assert file_workers() == []
    worker.add(spooled(tmp_path, 1, ("b", "bytes", {}, b"b")))
    assert [file.path for file in work_off(worker, 1)] == ["b"]


def test_chunks_do_not_overtake_results_that_are_held_back(tmp_path: Path) -> None:
    """The sidecar takes chunks for those of the first order that has no last result yet."""
    large = tmp_path / "files" / "artifacts" / "1" / "large.bin"
    large.parent.mkdir(parents=True)
    with large.open("wb") as file:
        file.truncate(LEAST_BYTES)
    manifest = Manifest([ManifestEntry("large.bin", LEAST_BYTES)])
    draft = msgspec.msgpack.encode(DraftManifest(manifest, [0]))
    orders = [
        spooled(tmp_path, 0, ("media/a", "bytes", {}, b"a")),
        spooled(tmp_path, 1, ("artifacts/1.json", MANIFEST, {}, draft)),
    ]
    hold_secs = str(10.0**9)
    command = isolated_command(
        "weft.sync.files.worker", "weft-files", package_folders(), hold_secs, "0"
    )
    lines = b"".join(msgspec.json.encode(order) + b"\n" for order in orders)
    output = subprocess.run(command, input=lines, capture_output=True, check=True).stdout
    results = [msgspec.json.decode(line, type=FileResult) for line in output.splitlines()]
    assert [(result.path, bool(result.chunks)) for result in results] == [
        ("media/a", False),
        *[("artifacts/1/large.bin", True)] * (len(results) - 2),
        ("artifacts/1.json", False),
    ]
    assert len(results) > 2
