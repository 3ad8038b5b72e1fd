"""Work that one of several servers does at a time: each piece has a lease in the metadata.

A server takes the lease of a piece when it is due, and keeps it by renewing it, so that the others
find it taken. If the server dies, its leases end within `LEASE_SECS` and another one goes on. With
SQLite there is one server, and no lease.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final, TypeVar

from weft.errors import Unavailable, WeftError
from weft.runlog.platform import boot_clock_nanos
from weft.server.services.locks import OrderedLock
from weft.server.storage.metadata import Lease, LeaseLost, MetadataStore, fenced

MOVES: Final = "moves"
IMPORTS: Final = "imports"

LEASE_SECS: Final = 10.0
RENEW_SECS: Final = 2.0

_TAKE_SECS: Final = 30.0
_LOOK_AGAIN_SECS: Final = 0.1

_T = TypeVar("_T")


class SharedLock:
    """A lock of this server, and with a shared metadata database also a lease, so that all servers
    take turns. Transactions inside fail once another server has taken the lease.
    """

    def __init__(self, lock: OrderedLock, duties: Duties, name: str) -> None:
        self._lock = lock
        self._duties = duties
        self._name = name
        self._stack = ExitStack()

    def __enter__(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._lock)
            stack.enter_context(self._duties.alone(self._name))
            self._stack = stack.pop_all()

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)


class Duties:
    """The leases that this server has. Thread-safe."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self.owner = f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Lease, float]] = {}
        """By name, with the time at which each ends unless it is renewed."""
        self._renewed_secs = 0.0
        self._n_alone: Counter[str] = Counter()
        self._resuming: set[str] = set()

    def n_held(self) -> int:
        """The number of leases that this server has."""
        with self._lock:
            return len(self._held)

    def run(self, name: str, job: Callable[[], _T]) -> _T | None:
        """Do a piece of work if it falls to this server; None if it is another's.

        Its transactions fail once another server has taken it over.
        """
        if not self._metadata.is_shared:
            return job()
        lease = self._lease(name)
        if lease is None:
            return None
        try:
            with fenced(lease):
                return job()
        except LeaseLost:
            self._drop(lease)
            return None

    def resume(self, name: str, job: Callable[[], object]) -> bool:
        """Finish what killed servers left of work that is done `alone`, and give the lease back.
        False if this server or another one is at such work.
        """
        if not self._metadata.is_shared:
            job()
            return True
        with self._lock:
            if self._n_alone[name]:
                return False
            self._resuming.add(name)
        lease = None
        try:
            lease = self._lease(name)
            if lease is not None:
                with fenced(lease):
                    job()
        except LeaseLost:
            return False
        finally:
            if lease is not None:
                self._end(lease)
            with self._lock:
                self._resuming.discard(name)
        return lease is not None

    @contextmanager
    def alone(self, name: str) -> Generator[None]:
        """Do a piece of work that a request waits for, alone among all servers; other threads of
        this one may be at it, too. Unavailable if another server is at it for long.
        """
        if not self._metadata.is_shared:
            yield
            return
        deadline = time.monotonic() + _TAKE_SECS
        while not self._begin_alone(name):
            _wait_until(deadline, name)
        ended = threading.Event()
        lease = None
        try:
            while (lease := self._lease(name)) is None:
                _wait_until(deadline, name)
            # Also of a command that imports, which has no background jobs.
            threading.Thread(target=self._keep, args=(ended,), daemon=True).start()
            with fenced(lease):
                yield
        finally:
            ended.set()
            with self._lock:
                self._n_alone[name] -= 1
                is_last = not self._n_alone[name]
            if lease is not None and is_last:
                self._end(lease)

    def _begin_alone(self, name: str) -> bool:
        """Count a thread that works alone; False while such work is being resumed here."""
        with self._lock:
            if name in self._resuming:
                return False
            self._n_alone[name] += 1
            return True

    def _end(self, lease: Lease) -> None:
        self._drop(lease)
        with suppress(WeftError), self._metadata.write() as tx:
            self._metadata.leases.give_back(tx, [lease])

    def _keep(self, ended: threading.Event) -> None:
        while not ended.wait(RENEW_SECS):
            with suppress(WeftError):
                self.renew()

    def renew(self) -> None:
        """Renew the leases that this server has, every `RENEW_SECS`."""
        now = _now()
        with self._lock:
            leases = [lease for lease, _ in self._held.values()]
        if not leases or now - self._renewed_secs < RENEW_SECS:
            return
        with self._metadata.write() as tx:
            renewed = self._metadata.leases.renew(tx, leases, LEASE_SECS)
        self._renewed_secs = now
        for lease in leases:
            if lease not in renewed:
                self._drop(lease)
        with self._lock:
            for lease in renewed:
                if lease.name in self._held:
                    self._held[lease.name] = lease, now + LEASE_SECS

    def give_back(self) -> None:
        """Give all leases back, as the server ends, so that others need not wait for their end."""
        with self._lock:
            leases = [lease for lease, _ in self._held.values()]
            self._held = {}
        if leases:
            with self._metadata.write() as tx:
                self._metadata.leases.give_back(tx, leases)

    def _lease(self, name: str) -> Lease | None:
        now = _now()
        entry = self._held.get(name)
        if entry is not None and now < entry[1]:
            return entry[0]
        with self._metadata.write() as tx:
            lease = self._metadata.leases.take(tx, name, self.owner, LEASE_SECS)
        with self._lock:
            if lease is None:
                self._held.pop(name, None)
            else:
                self._held[name] = lease, now + LEASE_SECS
        return lease

    def _drop(self, lease: Lease) -> None:
        with self._lock:
            entry = self._held.get(lease.name)
            if entry is not None and entry[0] == lease:
                del self._held[lease.name]


def _wait_until(deadline: float, name: str) -> None:
    """Wait a moment; Unavailable if the deadline has passed."""
    if time.monotonic() > deadline:
        raise Unavailable(f"another server is at this work ({name}); try again later")
    time.sleep(_LOOK_AGAIN_SECS)


def _now() -> float:
    # It goes on while the machine sleeps, as the database's clock does.
    return boot_clock_nanos() / 1e9
