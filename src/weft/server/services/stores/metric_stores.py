"""The metric stores of all projects, opened on first use. Does I/O.

Each project has one, named after the project's row id, which is never reused.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from weft.errors import Gone, Unavailable
from weft.server.storage.contract import (
    Advance,
    Backlog,
    ColumnBatch,
    Fault,
    FrozenStore,
    MetricEngine,
    MetricStore,
    MoveTimes,
    Unowned,
)
from weft.server.storage.metrics.engine import SqliteEngine


def embedded_engine(directory: Path) -> MetricEngine:
    """The default engine: a file per project in a folder, which backups have, too."""
    return SqliteEngine(directory)


def shared_engine(
    metadata_url: str, clickhouse_url: str | None, *, mirrors_points: bool | None = None
) -> MetricEngine:
    """An engine in the PostgreSQL of the metadata, which several servers use at once.

    Without `clickhouse_url`, chunks are where the other servers have them. `mirrors_points` turns
    the mirror on or off for all of them; None leaves it.
    """
    from weft.server.storage.clickhouse.engine import SharedEngine  # needs psycopg

    return SharedEngine(metadata_url, clickhouse_url, mirrors_points=mirrors_points)


MAX_OPEN: Final = 64
"""Most stores left open while idle: about 1 MB and ten file descriptors each."""


def store_name(project_id: int) -> str:
    """The name of a project's store."""
    return str(project_id)


class _Slot:
    """The store of one project, and its users.

    Attributes:
        store: None if it is not open; guarded by `opening`.
        n_users: guarded by the lock of all slots. That lock is never held while a file is opened
            or closed, as this is slow and would block users of other projects.
    """

    __slots__ = ("n_users", "opening", "store")

    def __init__(self) -> None:
        self.store: MetricStore | None = None
        self.opening = threading.Lock()
        self.n_users = 0


class MetricStores:
    """Opens, shares and closes metric stores. Thread-safe.

    Attributes:
        backlog: the overdue work at the latest look; empty if another server looks.
    """

    def __init__(self, engine: MetricEngine) -> None:
        self.backlog = Backlog()
        self._engine = engine
        self._lock = threading.Condition()
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._removed: set[int] = set()

    @contextmanager
    def use(self, project_id: int) -> Generator[MetricStore, None, None]:
        """Open a project's store; it is not closed while in use."""
        slot = self._take(project_id)
        try:
            self._close_surplus()
            yield self._open(project_id, slot)
        finally:
            self._give_back(project_id, slot)

    def in_turn(
        self, project_id: int, store: MetricStore, batches: Iterator[ColumnBatch]
    ) -> Iterator[ColumnBatch]:
        """Yield the batches that a store reads, using the store only while it reads one.

        This way a slow reader does not block the removal of a deleted project's file. Unavailable
        if the store was closed between two batches.
        """
        while True:
            with self.use(project_id) as now:
                if now is not store:
                    raise Unavailable("the project's file was closed in the meantime: try again")
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def stored_ids(self) -> list[int]:
        """Row ids of the projects that have a store."""
        return sorted(int(name) for name in self._engine.names() if name.isdecimal())

    def file_bytes(self, project_id: int) -> int:
        """Size of a project's store."""
        return self._engine.n_bytes(store_name(project_id))

    def freeze(self, project_id: int) -> FrozenStore:
        """A snapshot of a project's store; FileNotFoundError if it has none, or an empty one."""
        return self._engine.freeze(store_name(project_id))

    def move_times(self) -> MoveTimes:
        """See `MetricEngine.move_times`."""
        return self._engine.move_times()

    @property
    def has_mirror(self) -> bool:
        """See `MetricEngine.has_mirror`."""
        return self._engine.has_mirror

    def mirror_points(self, paths: Mapping[int, str]) -> bool:
        """See `MetricEngine.mirror_points`; `paths` are those of projects, by row id."""
        return self._engine.mirror_points(paths)

    def verify(self, project_id: int, advance: Advance) -> Iterator[Fault]:
        return self._engine.verify(store_name(project_id), advance)

    def unowned(self, project_id: int) -> Unowned:
        """The space in a project's store that belongs to no run."""
        return self._engine.unowned(store_name(project_id))

    def reclaim(self, project_id: int) -> None:
        """Free the space in a project's store that `unowned` counts."""
        self._engine.reclaim(store_name(project_id))

    def look_at_backlog(self) -> list[int]:
        """Note the overdue work of all servers; the row ids of the projects that have some."""
        self.backlog = self._engine.backlog()
        return [int(name) for name in self.backlog.stores if name.isdecimal()]

    def open_ids(self) -> list[int]:
        """Row ids of the projects whose store is open, least recently used first."""
        with self._lock:
            return list(self._slots)

    def remove(self, project_id: int) -> None:
        """Close a deleted project's store once it is unused, and delete its file."""
        with self._lock:
            self._removed.add(project_id)
            slot = self._slots.pop(project_id, None)
            while slot is not None and slot.n_users:
                self._lock.wait()
        if slot is not None and slot.store is not None:
            slot.store.close()
        self._engine.remove(store_name(project_id))

    def close(self) -> None:
        with self._lock:
            slots = list(self._slots.values())
            self._slots.clear()
        for slot in slots:
            if slot.store is not None:
                slot.store.close()
        self._engine.close()

    def _take(self, project_id: int) -> _Slot:
        with self._lock:
            if project_id in self._removed:
                raise Gone("the project was deleted")
            slot = self._slots.setdefault(project_id, _Slot())
            self._slots.move_to_end(project_id)
            slot.n_users += 1
        return slot

    def _open(self, project_id: int, slot: _Slot) -> MetricStore:
        with slot.opening:
            if slot.store is None:
                slot.store = self._engine.open(store_name(project_id))
            return slot.store

    def _close_surplus(self) -> None:
        while True:
            with self._lock:
                if len(self._slots) <= MAX_OPEN:
                    return
                idle = ((id_, slot) for id_, slot in self._slots.items() if not slot.n_users)
                project_id, slot = next(idle, (0, None))
                if slot is None:
                    return
                slot.n_users += 1
            try:
                with slot.opening:
                    # A new user now waits for `opening` and opens the store again.
                    with self._lock:
                        is_idle = slot.n_users == 1
                    if is_idle and slot.store is not None:
                        slot.store.close()
                        slot.store = None
            finally:
                self._give_back(project_id, slot)

    def _give_back(self, project_id: int, slot: _Slot) -> None:
        with self._lock:
            slot.n_users -= 1
            if slot.n_users:
                return
            if slot.store is None and self._slots.get(project_id) is slot:
                del self._slots[project_id]
            self._lock.notify_all()
