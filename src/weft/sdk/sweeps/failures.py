"""Ends an agent with an error if its first runs all failed, or all that it had."""

from __future__ import annotations

import time
from typing import Final

from weft.errors import UsageError
from weft.sdk.setup.settings import Settings

_QUICK_SECS: Final = 60.0
_N_QUICK: Final = 3


class Failures:
    """The failures among the runs of one agent.

    If `quick`, three in the first minute are enough, as for programs. `most_consecutive` in a row
    end the agent at any time.

    >>> failures = Failures(Settings(), quick=False)
    >>> failures.note(well=False); failures.check_all()
    Traceback (most recent call last):
      ...
    weft.errors.UsageError: the only run of this agent failed; its output says why
    """

    def __init__(
        self, settings: Settings, *, quick: bool, most_consecutive: int | None = None
    ) -> None:
        self._most = 0 if settings.agent_disable_flapping else settings.agent_max_initial_failures
        self._most_consecutive = most_consecutive
        self._quick = quick
        self._n_failed = self._n_consecutive = 0
        self._has_succeeded = False
        self._began_secs = time.monotonic()

    def note(self, *, well: bool) -> None:
        """Count a run that has ended."""
        if well:
            self._has_succeeded = True
            self._n_consecutive = 0
        else:
            self._n_failed += 1
            self._n_consecutive += 1

    def are_too_many(self) -> bool:
        """Whether so many runs have failed, at first or in a row, that the agent must end."""
        if self._are_too_many_in_a_row():
            return True
        if self._has_succeeded or self._most <= 0:
            return False
        is_quick = (
            self._quick
            and self._n_failed >= _N_QUICK
            and time.monotonic() - self._began_secs < _QUICK_SECS
        )
        return is_quick or self._n_failed >= self._most

    def _are_too_many_in_a_row(self) -> bool:
        return self._most_consecutive is not None and self._n_consecutive >= self._most_consecutive

    def error(self) -> UsageError:
        """The error of an agent of which too many runs failed."""
        if self._are_too_many_in_a_row():
            return UsageError(
                f"{self._n_consecutive} runs of this agent failed in a row, so it ends; the sweep "
                "continues"
            )
        return UsageError(
            f"the first {self._n_failed} runs of this agent all failed, so it ends; the sweep "
            "continues. To let it try further, set WEFT_AGENT_DISABLE_FLAPPING=true"
        )

    def check_all(self) -> None:
        """Check the runs of an agent that has ended; UsageError if all of them failed."""
        if self._has_succeeded or not self._n_failed:
            return
        runs = "the only run" if self._n_failed == 1 else f"all {self._n_failed} runs"
        raise UsageError(f"{runs} of this agent failed; its output says why")
