"""Locks whose file goes away with them: never two holders, whatever the order."""

from __future__ import annotations

from pathlib import Path

import pytest

from weft.runlog import lock as lock_module
from weft.runlog.lock import FileLock


def test_a_lock_may_leave_no_file(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "x.lock")
    assert lock.acquire()
    lock.release(remove=True)
    assert not lock.path.exists()
    assert lock.acquire()
    lock.release()
    assert lock.path.exists()


def test_a_file_that_goes_between_opening_and_locking_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (FileLock(tmp_path / "x.lock") for _ in range(3))
    assert first.acquire()
    real = vars(lock_module)["_try_lock"]

    def try_lock(fd: int) -> bool:
        first.release(remove=True)
        return real(fd)

    monkeypatch.setattr(lock_module, "_try_lock", try_lock)
    assert second.acquire()
    monkeypatch.undo()
    assert second.path.exists()
    assert not third.acquire()
    second.release()
