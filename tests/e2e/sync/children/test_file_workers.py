"""Several file workers: real child processes that share orders."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from files_at_work import file_workers
from weft.runlog.spool import Job, spool_path, write_spool
from weft.sync.files.worker import FileResult, Order
from weft.sync.files.worker_pool import AHEAD_BYTES, BUSY_BYTES, SHARED_BYTES, FileWorkers
from weft.sync.files.worker_process import IDLE_SECS
from weft.sync.spawn import package_folders


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def workers(now: list[float]) -> Iterator[FileWorkers]:
    workers = FileWorkers(package_folders(), most=2, clock=lambda: now[0])
    yield workers
    workers.close()


def spooled(run: Path, name: str) -> Order:
    path = spool_path(run, name, 0)
    write_spool(path, [Job(f"media/{name}", "bytes")], [[name.encode()]])
    return Order(str(run / "files"), str(path))


def work_off(workers: FileWorkers) -> list[FileResult]:
    done: list[FileResult] = []
    deadline = time.monotonic() + 240  # on a busy machine they may long get no core
    while not workers.is_idle:
        done += [file for _, file in workers.poll(1.0)]
        assert time.monotonic() < deadline, "the workers answer"
    return done


def test_another_worker_is_started_while_much_is_waiting(
    workers: FileWorkers, tmp_path: Path, now: list[float]
) -> None:
    n_together = BUSY_BYTES // AHEAD_BYTES
    names = [f"f{number}" for number in range(6 * n_together)]
    for name in names[:n_together]:
        workers.add(spooled(tmp_path, name), AHEAD_BYTES)
    assert len(file_workers()) == 1, "little is waiting"
    for name in names[n_together:]:
        workers.add(spooled(tmp_path, name), AHEAD_BYTES)
    started = file_workers()
    assert len(started) == 2, "no more than are allowed"
    done = work_off(workers)
    assert sorted(file.path for file in done) == sorted(f"media/{name}" for name in names)
    for name in names:
        assert (tmp_path / "files" / "media" / name).read_text() == name
    if sys.platform != "win32":
        assert {process.nice() for process in started} == {
            min(19, psutil.Process().nice() + 10),
            min(19, psutil.Process().nice() + 15),
        }
    workers.poll()
    now[0] += IDLE_SECS + 1
    workers.poll()
    assert file_workers() == []


def test_large_payloads_are_made_one_after_the_other(workers: FileWorkers, tmp_path: Path) -> None:
    names = [f"f{number}" for number in range(6)]
    for name in names:
        workers.add(spooled(tmp_path, name), SHARED_BYTES + 1)
    assert len(file_workers()) == 1
    assert [file.path for file in work_off(workers)] == [f"media/{name}" for name in names]


def test_a_file_is_hashed_by_one_worker_in_order(workers: FileWorkers, tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(b"1")
    for _ in range(4):
        workers.add(Order(str(tmp_path), paths=["model.pt"]), BUSY_BYTES)
    assert len(file_workers()) == 1
    assert [file.n_bytes for file in work_off(workers)] == [1, 1, 1, 1]
