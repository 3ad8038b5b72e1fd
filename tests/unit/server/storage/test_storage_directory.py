"""One server per data directory; its token is private and stays."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from weft.errors import Conflict, Unavailable
from weft.runlog.holder import holder_of
from weft.server.storage.directory import DataDirectory


def test_a_second_claim_names_the_holder(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path / "data")
    first.announce("http://127.0.0.1:1234")
    with pytest.raises(Conflict, match=rf"process id {os.getpid()} at http://127.0.0.1:1234"):
        DataDirectory(tmp_path / "data")
    first.close()
    DataDirectory(tmp_path / "data").close()


def test_a_dead_holder_leaves_no_lock(tmp_path: Path) -> None:
    (tmp_path / "server.lock").write_text('{"pid":1,"pid_start":1,"started_micros":1,"url":"x"}')
    directory = DataDirectory(tmp_path)
    holder = holder_of(tmp_path)
    assert holder is not None
    assert holder.pid == os.getpid()
    directory.close()


def test_the_token_is_private_and_stays(tmp_path: Path) -> None:
    first = DataDirectory(tmp_path / "data")
    first.close()
    second = DataDirectory(tmp_path / "data")
    second.close()
    assert first.token == second.token
    assert stat.S_IMODE((tmp_path / "data/token").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_path_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        DataDirectory(tmp_path / "file" / "data")
