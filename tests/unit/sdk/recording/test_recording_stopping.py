"""A stop from outside ends a run, and never the run that its thread begins next."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import weft
from weft.runlog.layout import STOP

DEADLINE_SECS = 60


@pytest.mark.parametrize("has_ended", [True, False])
def test_a_thread_is_interrupted_for_a_run_that_has_not_ended(
    tmp_path: Path, *, has_ended: bool
) -> None:
    begun, probed = threading.Event(), threading.Event()
    runs: list[weft.Run] = []
    caught: list[str] = []

    def train() -> None:
        run = weft.init(project="p", mode="offline", dir=tmp_path, settings={"silent": True})
        runs.append(run)
        try:
            if has_ended:
                run.finish()
            begun.set()
            for _ in range(100 * DEADLINE_SECS):
                if probed.wait(0.01):
                    break
            for _ in range(1000):
                pass  # where an interrupt is raised
        except KeyboardInterrupt:
            caught.append("interrupted")
        run.finish()

    thread = threading.Thread(target=train)
    thread.start()
    assert begun.wait(DEADLINE_SECS)
    recorder = runs[0]._recorder
    assert recorder.log.path is not None
    (recorder.log.path.parent / STOP).write_text("enough")
    recorder.probe()  # as when another thread logs, and began to before the run ended
    probed.set()
    thread.join(DEADLINE_SECS)
    assert caught == ([] if has_ended else ["interrupted"])
