"""Messages of an upload to its script: a trouble that lasts, once, and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from weft.errors import WeftError
from weft.sdk.guard import Guard
from weft.sdk.recording.upload_watch import PATIENCE_SECS, UploadWatch
from weft.sync.handle import Trouble

AWAY = Trouble("nothing listens there", lasts=False)
GONE = Trouble("the run was deleted", lasts=True)


class Clock:
    def __init__(self) -> None:
        self.secs = 0.0

    def __call__(self) -> float:
        return self.secs


def watch(*, strict: bool = False) -> tuple[UploadWatch, Clock]:
    clock = Clock()
    return UploadWatch(Guard(strict=strict), Path("weft/run-x"), clock=clock), clock


def test_a_server_that_restarts_is_not_worth_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    eye, clock = watch()
    for secs in range(100):
        clock.secs = secs
        eye.look(AWAY if secs % 10 else None)
    assert capsys.readouterr().err == ""


def test_one_that_stays_away_is_told_once_and_when_it_is_back(
    capsys: pytest.CaptureFixture[str],
) -> None:
    eye, clock = watch()
    for _ in range(2):
        for secs in range(30):
            clock.secs += 1
            eye.look(AWAY if secs < 25 else None)
    first, back, again = capsys.readouterr().err.splitlines()
    assert first.startswith("weft: WARNING nothing is uploaded: nothing listens there; everything")
    assert "run-x and will be sent once that is over" in first
    assert back == again == "weft: The upload continues"


def test_what_does_not_pass_is_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    eye, _ = watch()
    eye.look(GONE)
    eye.look(GONE)
    (line,) = capsys.readouterr().err.splitlines()
    assert "the run was deleted" in line
    assert "sent" not in line


def test_a_strict_run_raises_once() -> None:
    eye, clock = watch(strict=True)
    eye.look(AWAY)
    clock.secs = PATIENCE_SECS
    with pytest.raises(WeftError, match="nothing listens there"):
        eye.look(AWAY)
    eye.look(AWAY)
