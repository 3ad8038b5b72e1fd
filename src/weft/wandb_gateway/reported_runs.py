"""The runs that agents of sweeps had, as far as they said. In memory only."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

_MAX_AGENTS: Final = 10_000


class ReportedRuns:
    """The runs that agents reported, to tell a run that failed at once from one never begun."""

    def __init__(self) -> None:
        self._reported: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def add_runs(self, agent: str, runs: Iterable[str]) -> set[str]:
        """Add runs that an agent reports, and return all that it ever reported."""
        with self._lock:
            if agent not in self._reported and len(self._reported) >= _MAX_AGENTS:
                del self._reported[next(iter(self._reported))]
            reported = self._reported.setdefault(agent, set())
            reported.update(runs)
            return set(reported)
