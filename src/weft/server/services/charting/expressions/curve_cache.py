"""In-memory cache of recently computed expression curves, which a zoom requests again.

`services.stores.live_hub` reports every change of a run before it acknowledges the upload or
deletion that made it. A cached curve is used only while none of its runs has changed since the
read of its points began, so that no answer lacks data that was acknowledged.
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
"""Number of runs whose last changes are stored. Older curves of other runs are computed again."""


class CurveCache:
    """A bounded cache that drops the least recently used curve first. Thread-safe."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._lock = threading.Lock()
        self._max_bytes = max_bytes
        self._n_bytes = 0
        self._curves: OrderedDict[Hashable, tuple[Curve, int]] = OrderedDict()
        self._n_changes = 0
        self._forgotten = 0
        self._changes: OrderedDict[RunPath, int] = OrderedDict()

    def note_change(self, path: RunPath) -> None:
        """Record that a run has changed. Called by `LiveHub`."""
        with self._lock:
            self._n_changes += 1
            self._changes[path] = self._n_changes
            self._changes.move_to_end(path)
            if len(self._changes) > _MAX_RUNS:
                _, self._forgotten = self._changes.popitem(last=False)

    def moment(self) -> int:
        """Number of changes noted. Read it before reading points, and pass it to `put`."""
        with self._lock:
            return self._n_changes

    def get(self, name: Hashable, made_of: Iterable[RunPath]) -> Curve | None:
        """A cached curve; None if it is missing or one of the runs in `made_of` has changed."""
        with self._lock:
            cached = self._curves.get(name)
            if cached is None:
                return None
            curve, moment = cached
            if any(self._changes.get(path, self._forgotten) > moment for path in made_of):
                self._drop(name)
                return None
            self._curves.move_to_end(name)
            return curve

    def put(self, name: Hashable, curve: Curve, moment: int) -> None:
        """Cache a curve whose points were read after `moment`."""
        with self._lock:
            self._drop(name)
            if curve.n_bytes > self._max_bytes:
                return
            self._curves[name] = curve, moment
            self._n_bytes += curve.n_bytes
            while self._n_bytes > self._max_bytes:
                self._drop(next(iter(self._curves)))

    def _drop(self, name: Hashable) -> None:
        dropped = self._curves.pop(name, None)
        if dropped is not None:
            self._n_bytes -= dropped[0].n_bytes
