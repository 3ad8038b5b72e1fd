"""Live events: the runs and metrics that changed, at most twice a second to each listener.

`services.ingest` publishes when points are durable; `http.projects.live` waits on a `Subscription`
for each open page. Events are only in memory; a page that was disconnected refetches.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, require
from weft.wire.projects.live import Change, RunChange

SHORTEST_GAP_SECS: Final = 0.5
_MAX_KEYS: Final = 200
"""Most metric names in an event. With more, it has "any": a page that shows that many refetches
all of them anyway."""


def now_micros() -> int:
    """The time of changes: monotonic, from an arbitrary start."""
    return time.monotonic_ns() // 1000


class Subscription:
    """One listener's view of a project.

    Attributes:
        returned_micros: when the newest change that `get` has returned was published.
        changed_micros: when the last change before the subscription was published, by
            `now_micros`; 0 if there was none since the server started. `get` may not return it.
    """

    def __init__(self, hub: LiveHub, path: ProjectPath) -> None:
        self._hub = hub
        self._path = path
        self._condition = threading.Condition()
        self._pending: dict[str, RunChange] = {}
        self._newest_micros = 0
        self._given_at = float("-inf")
        self.returned_micros = 0
        self.changed_micros = 0
        self._closed = False

    def get(self, timeout_secs: float) -> Change | None:
        """Wait at most `timeout_secs` for the next change; None if nothing changed.

        Changes within half a second of each other are returned as one.
        """
        deadline = time.monotonic() + timeout_secs
        with self._condition:
            while not self._closed:
                now = time.monotonic()
                wake = deadline
                if self._pending:
                    due = self._given_at + SHORTEST_GAP_SECS
                    if now >= due:
                        self._given_at = now
                        self.returned_micros = self._newest_micros
                        change = Change(runs=self._pending)
                        self._pending = {}
                        return change
                    wake = min(deadline, due)
                if now >= deadline:
                    return None
                self._condition.wait(wake - now)
        return None

    def close(self) -> None:
        """End the subscription; a waiting `get` returns None."""
        self._hub.forget(self._path, self)
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def add(
        self, run: str, keys: frozenset[str] | None, *, meta: bool, logs: bool, micros: int
    ) -> None:
        """Note a change for the next `get`; called by the hub."""
        with self._condition:
            self._newest_micros = micros
            was_idle = not self._pending
            change = self._pending.get(run)
            if change is None:
                change = self._pending[run] = RunChange(keys=[], meta=False)
            change.meta |= meta
            change.logs |= logs
            if keys is None or change.keys is None:
                change.keys = None
            elif not keys.issubset(change.keys):
                merged = keys.union(change.keys)
                change.keys = None if len(merged) > _MAX_KEYS else sorted(merged)
            if was_idle:
                self._condition.notify_all()


class LiveHub:
    """Carries changes from ingest and edits to listeners in this process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[ProjectPath, tuple[Subscription, ...]] = {}
        self._changed_micros: dict[ProjectPath, int] = {}
        self.watchers: list[Callable[[RunPath], None]] = []
        """Callbacks that get a run's path at each change, before the change is acknowledged."""

    def subscribe(self, actor: Actor, path: ProjectPath) -> Subscription:
        """Listen to a project, which need not exist yet. Close the subscription when done."""
        require(actor, Action.READ, path)
        subscription = Subscription(self, path)
        with self._lock:
            self._listeners[path] = (*self._listeners.get(path, ()), subscription)
        # Read after it listens: any change it does not receive was published before.
        subscription.changed_micros = self._changed_micros.get(path, 0)
        return subscription

    def publish(
        self,
        actor: Actor,
        path: RunPath,
        *,
        keys: Iterable[str] | None = (),
        meta: bool = False,
        logs: bool = False,
    ) -> None:
        """Tell listeners that a run changed: it has new points of `keys` (None if of any), new
        metadata or console lines. Cost: about 1 µs without subscriptions.
        """
        require(actor, Action.LOG, path)
        project = path.of_project
        for watcher in self.watchers:
            watcher(path)
        # Set before the listeners are looked up: a later listener finds the change by its time.
        micros = self._changed_micros[project] = now_micros()
        listeners = self._listeners.get(project)
        if listeners:
            names = None if keys is None else frozenset(keys)
            for subscription in listeners:
                subscription.add(path.run, names, meta=meta, logs=logs, micros=micros)

    def forget(self, path: ProjectPath, subscription: Subscription) -> None:
        """Remove a closed subscription; called by `Subscription.close`."""
        with self._lock:
            remaining = tuple(
                other for other in self._listeners.get(path, ()) if other is not subscription
            )
            if remaining:
                self._listeners[path] = remaining
            else:
                self._listeners.pop(path, None)

    def close(self) -> None:
        """End all subscriptions."""
        with self._lock:
            listeners = [
                subscription for several in self._listeners.values() for subscription in several
            ]
        for subscription in listeners:
            subscription.close()
