"""The upload thread: logs that can't be opened are opened again or named as damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server_process import wait_until
from weft.records.record import Run
from weft.runlog.child_log import make_child_log
from weft.runlog.header import make_header
from weft.sync import upload_thread
from weft.sync.status import LogStatus, StatusPage
from weft.sync.upload_thread import UploadThread
from weft.sync.uploading.uploader import Uploader

RUN = Run("ab12cd34", "demo")


@pytest.fixture
def page(tmp_path: Path) -> StatusPage:
    return StatusPage(tmp_path / "page", write=True)


@pytest.fixture
def thread(page: StatusPage, monkeypatch: pytest.MonkeyPatch) -> Iterator[UploadThread]:
    monkeypatch.setattr(upload_thread, "REOPEN_SECS", 0.01)
    thread = UploadThread(Uploader(None), page)
    thread.start()
    yield thread
    thread.stop(timeout_secs=30)


def log_of(page: StatusPage) -> LogStatus | None:
    status = page.read()
    return status.logs[0] if status is not None and status.logs else None


def test_a_log_that_the_disk_does_not_give_is_opened_again(
    page: StatusPage, thread: UploadThread, tmp_path: Path
) -> None:
    log = make_child_log(tmp_path, make_header(RUN.run_id), RUN, "worker-0").path
    readable = log.rename(tmp_path / "readable")
    log.symlink_to(log)  # no one can open it; a file's permissions would not keep root out
    thread.add(log, lambda: True)
    wait_until(lambda: log_of(page), what="the log on the page")
    status = log_of(page)
    assert status is not None
    assert (status.name, status.run_id, status.state) == (log.name, RUN.run_id, "open")
    assert status.error == f"{log} can't be read: Too many levels of symbolic links"
    assert status.size > status.acked, "the end of the script waits for it"
    assert not thread.is_caught_up
    readable.replace(log)
    wait_until(lambda: len(thread.uploader.logs) == 1, what="the log at the uploader")
    wait_until(lambda: thread.is_caught_up, what="no log that is to be opened")


def test_a_log_without_a_whole_beginning_counts_as_damaged(
    page: StatusPage, thread: UploadThread, tmp_path: Path
) -> None:
    log = make_child_log(tmp_path, make_header(RUN.run_id), RUN, "worker-0").path
    log.write_bytes(b"x" * 100)
    thread.add(log, lambda: True)
    wait_until(lambda: log_of(page), what="the log on the page")
    status = log_of(page)
    assert status is not None
    assert (status.name, status.run_id, status.state) == (log.name, RUN.run_id, "done")
    assert (status.acked, status.n_damaged_bytes) == (100, 100)
    wait_until(lambda: thread.is_caught_up, what="no log that is to be opened")
