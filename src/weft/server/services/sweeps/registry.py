"""The sweeps in memory: those that agents asked since the server started, bounded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.early_stopping import EarlyStopping
from weft.server.services.sweeps.live_sweep import LiveSweep
from weft.server.storage.metadata import SweepRow

MAX_SWEEPS: Final = 200
"""Most sweeps in memory: about 1 KB a trial."""


class LiveSweeps:
    """Opens sweeps when they are asked for. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._opening: dict[int, threading.Lock] = {}
        self._row_ids: dict[tuple[int, str], int] = {}
        self._sweeps: OrderedDict[int, tuple[LiveSweep, EarlyStopping]] = OrderedDict()

    def open(self, row: SweepRow) -> LiveSweep:
        """The sweep in memory; read from the metadata if it is not."""
        with self._lock:
            entry = self._sweeps.get(row.row_id)
            if entry is not None:
                self._sweeps.move_to_end(row.row_id)
                return entry[0]
            opening = self._opening.setdefault(row.row_id, threading.Lock())
        # Apart from other sweeps, as one with many trials takes seconds to open.
        with opening:
            with self._lock:
                entry = self._sweeps.get(row.row_id)
            if entry is not None:
                return entry[0]
            opened = LiveSweep(self._stores, row), EarlyStopping(self._stores)
            with self._lock:
                self._sweeps[row.row_id] = opened
                self._row_ids[row.project_id, row.sweep] = row.row_id
                self._opening.pop(row.row_id, None)
                while len(self._sweeps) > MAX_SWEEPS:
                    _, (dropped, _) = self._sweeps.popitem(last=False)
                    self._row_ids.pop((dropped.row.project_id, dropped.row.sweep), None)
            return opened[0]

    def peek(self, row_id: int) -> LiveSweep | None:
        """The sweep, if it is in memory."""
        entry = self._sweeps.get(row_id)
        return None if entry is None else entry[0]

    def find_sweep(self, project_id: int, sweep: str) -> LiveSweep | None:
        """The sweep with this id, if it is in memory."""
        row_id = self._row_ids.get((project_id, sweep))
        return None if row_id is None else self.peek(row_id)

    def drop(self, row_id: int) -> None:
        """Forget a sweep: it was deleted, or changed elsewhere."""
        with self._lock:
            entry = self._sweeps.pop(row_id, None)
            if entry is not None:
                row = entry[0].row
                self._row_ids.pop((row.project_id, row.sweep), None)

    def all(self) -> list[tuple[LiveSweep, EarlyStopping]]:
        """All sweeps in memory."""
        with self._lock:
            return list(self._sweeps.values())
