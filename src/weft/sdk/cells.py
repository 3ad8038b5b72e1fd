"""Ends runs of a notebook that were stopped from outside, when their cell ends. Calls IPython.

The KeyboardInterrupt of a stopped run ends a script, and its run with it. In a notebook it ends
the cell only.
"""

from __future__ import annotations

import sys
from typing import Any

from weft.errors import WeftError
from weft.sdk.finish import end_run, ending_of
from weft.sdk.session import session


def end_stopped_runs_after_cells() -> None:
    """Watch the cells of this process's notebook, from now on."""
    shell: Any = sys.modules["IPython"].get_ipython()
    if _end_stopped_runs not in shell.events.callbacks["post_run_cell"]:
        shell.events.register("post_run_cell", _end_stopped_runs)


def _end_stopped_runs(*_: object) -> None:
    for run in session.runs[:]:
        recorder = run._recorder  # noqa: SLF001
        if recorder.life.stopped:
            try:
                end_run(recorder, ending_of(KeyboardInterrupt()))
            except WeftError as error:  # the run is strict, and no one is left to raise to
                recorder.guard.say(f"ERROR {error}")
