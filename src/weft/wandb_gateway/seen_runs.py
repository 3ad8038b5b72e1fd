"""The runs that agents of sweeps had, as far as they said. In memory only."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

_MAX_AGENTS: Final = 10_000


class SeenRuns:
    """Which runs agents said they have, to tell a run that failed at once from one never begun."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def note(self, agent: str, runs: Iterable[str]) -> set[str]:
        """Note what an agent has, of the runs that it was given; all that it ever had."""
        with self._lock:
            if agent not in self._seen and len(self._seen) >= _MAX_AGENTS:
                del self._seen[next(iter(self._seen))]
            seen = self._seen.setdefault(agent, set())
            seen.update(runs)
            return set(seen)
