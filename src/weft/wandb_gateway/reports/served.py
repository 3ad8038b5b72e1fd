"""Reports as clients loaded them last. In memory, as far as it goes.

A script that loads a report, and saves it after a person has changed it, sends old text. What the
script itself changed is its difference from what it loaded; after a restart of the server, or at
another one, it is the difference from what is stored.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final, NamedTuple

from weft.server.services.access import Actor, ProjectPath
from weft.wire.reports.reports import Report

_MAX_BYTES: Final = 32 << 20
"""Of all specs together; the reports take a few times as much."""


class _Entry(NamedTuple):
    report: Report
    n_bytes: int


class ServedReports:
    """The last state of each report that each user got. Thread-safe."""

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[tuple[str, ProjectPath, str], _Entry] = OrderedDict()
        self._n_bytes = 0
        self._lock = threading.Lock()

    def note(self, actor: Actor, path: ProjectPath, report: Report, n_bytes: int) -> None:
        """Note that a user got a report, whose spec has a number of bytes."""
        key = _key_of(actor, path, report.id)
        with self._lock:
            self._remove(key)
            if n_bytes > self._max_bytes:
                return
            self._entries[key] = _Entry(report, n_bytes)
            self._n_bytes += n_bytes
            while self._n_bytes > self._max_bytes:
                self._remove(next(iter(self._entries)))

    def last(self, actor: Actor, path: ProjectPath, report: str) -> Report | None:
        """The report as a user got it last; None if that is unknown."""
        with self._lock:
            entry = self._entries.get(_key_of(actor, path, report))
        return None if entry is None else entry.report

    def _remove(self, key: tuple[str, ProjectPath, str]) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._n_bytes -= entry.n_bytes


def _key_of(actor: Actor, path: ProjectPath, report: str) -> tuple[str, ProjectPath, str]:
    return actor.user or "", path, report
