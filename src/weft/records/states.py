"""The states of a run: the values of its `state`, which filters compare with."""

from __future__ import annotations

from typing import Final, Literal, get_args

RunState = Literal[
    "pending", "running", "finished", "failed", "crashed", "killed", "preempting", "preempted"
]

RUN_STATES: Final[tuple[RunState, ...]] = get_args(RunState)

ENDED_STATES: Final[frozenset[RunState]] = frozenset(
    {"finished", "failed", "crashed", "killed", "preempted"}
)
"""The states of runs that no process writes to."""
