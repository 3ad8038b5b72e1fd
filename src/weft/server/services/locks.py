"""The locks that services hold while they call other code, and the order in which they are taken.

`LockOrder` states that order for the whole server. Every other lock is a leaf: its holder takes
no other lock and calls no service. A store's transaction begins after all of these; the stores
have their own locks and never call a service.
"""

from __future__ import annotations

import threading
from enum import IntEnum

from weft.server.storage.metadata import is_writing


class LockOrder(IntEnum):
    """The state that a lock protects. A thread with a lock may take only those listed below it.

    Attributes:
        EDIT: the files of a followed directory, while an edit of one of its runs is saved there.
        PRESENCE: which runs exist, in both databases: deleting, restoring, moving, importing.
        PURGE: the rows of one project, while deleted ones are removed from its metric file.
        ARTIFACT: a version of an artifact, while its manifest is read.
        SWEEP: a sweep in memory, while trials are handed out.
        REFRESH: one run, while its summary is read from the metric store.
        RUN: the entry of one run in memory.
        REPORT: the draft of one report in memory.
    """

    EDIT = 1
    PRESENCE = 2
    PURGE = 3
    ARTIFACT = 4
    SWEEP = 5
    REFRESH = 6
    RUN = 7
    REPORT = 8


class _Held(threading.local):
    def __init__(self) -> None:
        self.locks: list[tuple[LockOrder, int]] = []


_held = _Held()


class OrderedLock:
    """A lock that raises RuntimeError if a thread takes it out of order, or in a transaction that
    writes metadata.

    Two threads that take locks in different orders deadlock, but only occasionally. This class
    makes the mistake fail every time, in the first test that reaches it. Locks of one order are
    taken in ascending order of `key`.

    >>> run, presence = OrderedLock(LockOrder.RUN, 7), OrderedLock(LockOrder.PRESENCE)
    >>> with presence, run:
    ...     pass
    >>> with run, presence:
    ...     pass
    Traceback (most recent call last):
    RuntimeError: PRESENCE 0 must not be locked while RUN 7 is held
    """

    __slots__ = ("_lock", "_place")

    def __init__(self, order: LockOrder, key: int = 0) -> None:
        self._lock = threading.Lock()
        self._place = (order, key)

    def __enter__(self) -> None:
        held = _held.locks
        if is_writing():
            order, key = self._place
            raise RuntimeError(f"{order.name} {key} must not be locked in a transaction")
        if held and held[-1] >= self._place:
            (order, key), (held_order, held_key) = self._place, held[-1]
            raise RuntimeError(
                f"{order.name} {key} must not be locked while {held_order.name} {held_key} is held"
            )
        self._lock.acquire()
        held.append(self._place)

    def __exit__(self, *_: object) -> None:
        _held.locks.pop()
        self._lock.release()
