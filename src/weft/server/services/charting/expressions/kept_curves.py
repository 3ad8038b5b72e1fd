"""Curves of expressions that were computed a moment ago: a zoom asks for them again. In memory.

`services.stores.live_hub` tells of every change of a run before the upload or deletion that made
it is acknowledged. A curve is given out only while no run that it was made of has changed since
the reading of its points began, so that nobody sees less than what was acknowledged.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Final

from weft.server.services.access.paths import RunPath
from weft.server.services.charting.expressions.evaluate import Curve

MAX_BYTES: Final = 64 * 2**20
_MAX_RUNS: Final = 20_000
"""Runs whose last change is known; what was made of others before is made anew."""


class KeptCurves:
    """A bounded cache; the least recently used goes first. Thread-safe."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._lock = threading.Lock()
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._curves: OrderedDict[Hashable, tuple[Curve, int]] = OrderedDict()
        self._n_changes = 0
        self._forgotten = 0
        self._changes: OrderedDict[RunPath, int] = OrderedDict()

    def note_change(self, path: RunPath) -> None:
        """A run has changed; called by `LiveHub`."""
        with self._lock:
            self._n_changes += 1
            self._changes[path] = self._n_changes
            self._changes.move_to_end(path)
            if len(self._changes) > _MAX_RUNS:
                _, self._forgotten = self._changes.popitem(last=False)

    def moment(self) -> int:
        """To be asked for before points are read, and handed to `put`."""
        with self._lock:
            return self._n_changes

    def get(self, name: Hashable, made_of: Iterable[RunPath]) -> Curve | None:
        """A curve, if none of the runs it was made of has changed; else None."""
        with self._lock:
            found = self._curves.get(name)
            if found is None:
                return None
            curve, moment = found
            if any(self._changes.get(path, self._forgotten) > moment for path in made_of):
                self._drop(name)
                return None
            self._curves.move_to_end(name)
            return curve

    def put(self, name: Hashable, curve: Curve, moment: int) -> None:
        """Keep a curve that was made of points read after `moment`."""
        with self._lock:
            self._drop(name)
            if curve.n_bytes > self._max_bytes:
                return
            self._curves[name] = curve, moment
            self._n_bytes += curve.n_bytes
            while self._n_bytes > self._max_bytes:
                self._drop(next(iter(self._curves)))

    def _drop(self, name: Hashable) -> None:
        found = self._curves.pop(name, None)
        if found is not None:
            self._n_bytes -= found[0].n_bytes
