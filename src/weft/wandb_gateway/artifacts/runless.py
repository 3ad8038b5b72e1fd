"""Drafts whose client names their run later, with the manifest. Only this process knows them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from weft.errors import NotFound
from weft.server.services.access import RunPath

_MAX_BYTES: Final = 64 * 2**20
_MAX_ADOPTED: Final = 20_000


class RunlessDrafts:
    """Keeps what clients say of such drafts, and the runs that adopted them. Thread-safe."""

    def __init__(self) -> None:
        self._notes: OrderedDict[str, bytes] = OrderedDict()
        self._runs: OrderedDict[str, RunPath] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, token: str, notes: bytes) -> None:
        """Keep the notes of a draft; the oldest are dropped once all take too much space."""
        with self._lock:
            self._notes[token] = notes
            n_bytes = sum(map(len, self._notes.values()))
            while len(self._notes) > 1 and n_bytes > _MAX_BYTES:
                n_bytes -= len(self._notes.popitem(last=False)[1])

    def notes(self, token: str) -> bytes:
        """The notes of a draft.

        Raises:
            NotFound: this process does not know it.
        """
        with self._lock:
            notes = self._notes.get(token)
        if notes is None:
            raise NotFound("no such artifact is being uploaded: log it again")
        return notes

    def adopt(self, token: str, run: RunPath) -> None:
        """Note the run that has the draft now."""
        with self._lock:
            self._notes.pop(token, None)
            self._runs[token] = run
            if len(self._runs) > _MAX_ADOPTED:
                self._runs.popitem(last=False)

    def run_of(self, token: str) -> RunPath | None:
        """The run that adopted a draft; None before that."""
        with self._lock:
            return self._runs.get(token)
