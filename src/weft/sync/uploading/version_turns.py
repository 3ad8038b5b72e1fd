"""The order in which logs of one `weft sync` send the contents of versions. No I/O.

Versions of an artifact get their numbers in the order in which their contents are complete.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Collection
from pathlib import Path

Artifact = tuple[str, str, str]
"""The entity, project and name of an artifact."""


class VersionTurns:
    """The turns of logs that announce versions of the same artifacts, first come first served.

    Connections share it: thread-safe. Logs without a turn never wait. As logs come in one order
    for all artifacts, the first of them waits for none.

    >>> first, second = Path("first"), Path("second")
    >>> turns = VersionTurns()
    >>> for log in (first, second):
    ...     turns.add_log(log, [("local", "demo", "model")])
    >>> turns.is_next(first), turns.is_next(second)
    (True, False)
    >>> turns.end(first)
    >>> turns.is_next(second)
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._logs: dict[Artifact, deque[Path]] = {}
        self._artifacts: dict[Path, Collection[Artifact]] = {}

    def add_log(self, log: Path, artifacts: Collection[Artifact]) -> None:
        """Add a log that announces versions of artifacts, after those that were added before."""
        with self._lock:
            self._artifacts[log] = artifacts
            for artifact in artifacts:
                self._logs.setdefault(artifact, deque()).append(log)

    def is_next(self, log: Path) -> bool:
        """Whether the turns of all logs before it with versions of its artifacts have ended."""
        with self._lock:
            artifacts = self._artifacts.get(log, ())
            return all(self._logs[artifact][0] == log for artifact in artifacts)

    def end(self, log: Path) -> None:
        """End the turn of a log: its contents are sent, or will not be."""
        with self._lock:
            for artifact in self._artifacts.pop(log, ()):
                self._logs[artifact].remove(log)

    def end_all(self) -> None:
        """End all turns: no log waits any more."""
        with self._lock:
            self._logs.clear()
            self._artifacts.clear()
