"""The states of sweeps and of their trials. `schedule` draws their transitions."""

from __future__ import annotations

from typing import Final, Literal

SweepState = Literal["pending", "running", "paused", "stopped", "cancelled", "finished", "crashed"]
TrialState = Literal["queued", "given", "finished", "failed"]

OPEN_SWEEPS: Final = ("pending", "running", "paused", "stopped")
"""States of sweeps whose trials may still change."""

ENDED_SWEEPS: Final = ("stopped", "cancelled", "finished", "crashed")
"""States of sweeps that give no more trials until a user resumes them."""
