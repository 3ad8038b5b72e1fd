"""When an uploader has nothing to do but to wait for the versions of another one's log."""

from __future__ import annotations

from pathlib import Path

from made_logs import finish_log, make_log, make_run_directory
from weft.sync.uploading.tail import TailedLog
from weft.sync.uploading.uploader import Uploader
from weft.sync.uploading.version_turns import VersionTurns


def log_with_lacking_contents(folder: Path, name: str, turns: VersionTurns) -> TailedLog:
    """A log that is sent, with a version of the same artifact as all others."""
    (folder / name).mkdir()
    log = make_log(make_run_directory(folder / name))
    finish_log(log)
    turns.add_log(log.path, [("local", "demo", "model")])
    tailed = TailedLog(log.path, is_orphan=True)
    tailed.seek(tailed.size)
    tailed.contents.note(1)
    return tailed


def test_a_log_that_waits_for_one_of_another_uploader_counts_as_waiting(tmp_path: Path) -> None:
    """Its uploader gives nothing up meanwhile, however long the other one takes."""
    turns = VersionTurns()
    first, second = (log_with_lacking_contents(tmp_path, name, turns) for name in ("a", "b"))
    others = [Uploader(None, turns=turns), Uploader(None, turns=turns)]
    for uploader, log in zip(others, (first, second), strict=True):
        uploader.logs.append(log)
    assert [uploader.is_waiting_for_turn for uploader in others] == [False, True]
    others[0].close()  # it gave the first one up
    assert not others[1].is_waiting_for_turn
    others[1].close()


def test_a_log_that_waits_for_one_of_its_own_uploader_does_not(tmp_path: Path) -> None:
    """Else no uploader would ever give up a log that the server does not take."""
    turns = VersionTurns()
    logs = [log_with_lacking_contents(tmp_path, name, turns) for name in ("a", "b")]
    uploader = Uploader(None, turns=turns)
    uploader.logs += logs
    assert not uploader.is_waiting_for_turn
    uploader.close()
