"""The metric stores of all projects, opened when first asked for. Does I/O.

One file per project, named by the project's row id, which is never used twice.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from weft.errors import Gone
from weft.server.storage.contract import MetricStore

MAX_OPEN: Final = 64
"""Stores kept open while idle: about 1 MB and ten file descriptors each."""

OpenStore = Callable[[Path], MetricStore]


class _Slot:
    __slots__ = ("n_users", "store")

    def __init__(self, store: MetricStore) -> None:
        self.store = store
        self.n_users = 0


class MetricStores:
    """Opens, shares and closes metric stores. Thread-safe."""

    def __init__(self, directory: Path, open_store: OpenStore) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._open_store = open_store
        self._lock = threading.Condition()
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._removed: set[int] = set()

    @contextmanager
    def use(self, project_id: int) -> Generator[MetricStore, None, None]:
        """A project's store; it is not closed while in use.

        Raises:
            Gone: the project was deleted.
        """
        slot = self._take(project_id)
        try:
            yield slot.store
        finally:
            self._give_back(slot)

    def ids_on_disk(self) -> list[int]:
        """Row ids of the projects that have a file."""
        return sorted(
            int(path.stem) for path in self._directory.glob("*.db") if path.stem.isdecimal()
        )

    def open_ids(self) -> list[int]:
        """Row ids of the projects whose store is open, least recently used first."""
        with self._lock:
            return list(self._slots)

    def remove(self, project_id: int) -> None:
        """Close a deleted project's store once nobody uses it, and delete its file."""
        with self._lock:
            self._removed.add(project_id)
            slot = self._slots.pop(project_id, None)
            while slot is not None and slot.n_users:
                self._lock.wait()
        if slot is not None:
            slot.store.close()
        # The main file last: while it is there, a restart finds and removes the rest.
        for suffix in ("-wal", "-shm", ""):
            (self._directory / f"{project_id}.db{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Close all stores."""
        with self._lock:
            slots = list(self._slots.values())
            self._slots.clear()
        for slot in slots:
            slot.store.close()

    def _take(self, project_id: int) -> _Slot:
        with self._lock:
            if project_id in self._removed:
                raise Gone("the project was deleted")
            slot = self._slots.get(project_id)
            if slot is None:
                slot = _Slot(self._open_store(self._directory / f"{project_id}.db"))
                self._slots[project_id] = slot
            else:
                self._slots.move_to_end(project_id)
            slot.n_users += 1
            if len(self._slots) > MAX_OPEN:
                self._close_surplus()
        return slot

    def _close_surplus(self) -> None:
        # Under the lock: a file must not be opened again before it is closed.
        for project_id in list(self._slots):
            if len(self._slots) <= MAX_OPEN:
                break
            if not self._slots[project_id].n_users:
                self._slots.pop(project_id).store.close()

    def _give_back(self, slot: _Slot) -> None:
        with self._lock:
            slot.n_users -= 1
            if not slot.n_users:
                self._lock.notify_all()
