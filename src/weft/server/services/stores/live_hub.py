"""Live events: the runs, metrics and comments that changed, merged until a listener takes them.

`services.ingest` publishes when points are durable; `http.projects.live` sends what a
`Subscription` has gathered to the open pages of a project. Events are only in memory; a page that
was disconnected refetches.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.live_relay import LiveRelay, merge
from weft.wire.projects.live import Change, RunChange

_MAX_KEYS: Final = 200
"""Most metric names in an event. With more, it has "any": a page that shows that many refetches
all of them anyway."""


def now_micros() -> int:
    """The time of changes: monotonic, from an arbitrary start."""
    return time.monotonic_ns() // 1000


class Subscription:
    """The changes of a project that a listener has not taken yet. Thread-safe.

    `on_change` is called, in the thread that published, when the first change since the last
    `take` arrives.
    """

    def __init__(self, hub: LiveHub, path: ProjectPath, on_change: Callable[[], None]) -> None:
        self._hub = hub
        self._path = path
        self._on_change = on_change
        self._lock = threading.Lock()
        self._pending: dict[str, RunChange] = {}
        self._has_comments = False
        self._newest_micros = 0

    def take(self) -> tuple[Change, int] | None:
        """All changes since the last call as one, and when the newest was published; None if
        nothing changed.
        """
        with self._lock:
            if not self._pending and not self._has_comments:
                return None
            change = Change(runs=self._pending, comments=self._has_comments)
            self._pending, self._has_comments = {}, False
            return change, self._newest_micros

    def close(self) -> None:
        """End the subscription: no more changes arrive."""
        self._hub.forget(self._path, self)

    def add(
        self,
        run: str,
        keys: frozenset[str] | None,
        *,
        meta: bool,
        logs: bool,
        summary: bool,
        micros: int,
    ) -> None:
        """Note a change for the next `take`; called by the hub."""
        with self._lock:
            self._newest_micros = max(self._newest_micros, micros)
            was_idle = not self._pending and not self._has_comments
            change = self._pending.get(run)
            if change is None:
                change = self._pending[run] = RunChange(keys=[], meta=False)
            merge(change, keys, meta=meta, logs=logs, summary=summary)
            if change.keys is not None and len(change.keys) > _MAX_KEYS:
                change.keys = None
        if was_idle:
            self._on_change()

    def add_comments(self, micros: int) -> None:
        """Note that comments changed; called by the hub."""
        with self._lock:
            self._newest_micros = max(self._newest_micros, micros)
            was_idle = not self._pending and not self._has_comments
            self._has_comments = True
        if was_idle:
            self._on_change()


class LiveHub:
    """Carries changes from ingest and edits to listeners in this process. Thread-safe.

    `relay` is what carries them to other servers; None if this one is alone.
    """

    def __init__(self, relay: LiveRelay | None = None) -> None:
        self.relay = relay
        self._lock = threading.Lock()
        self._listeners: dict[ProjectPath, tuple[Subscription, ...]] = {}
        self._changed_micros: dict[ProjectPath, int] = {}
        self.watchers: list[Callable[[RunPath], None]] = []
        """Callbacks that get a run's path at each change, before the change is acknowledged."""

    def subscribe(
        self, actor: Actor, path: ProjectPath, on_change: Callable[[], None] = lambda: None
    ) -> Subscription:
        """Listen to a project, which need not exist yet. Close the subscription when done."""
        require(actor, Action.READ, path)
        subscription = Subscription(self, path, on_change)
        with self._lock:
            self._listeners[path] = (*self._listeners.get(path, ()), subscription)
        return subscription

    def n_subscriptions(self, actor: Actor) -> int:
        """The number of listeners of all projects."""
        require(actor, Action.READ, SERVER)
        with self._lock:
            return sum(map(len, self._listeners.values()))

    def changed_micros(self, actor: Actor, path: ProjectPath) -> int:
        """The time of a project's last published change, by `now_micros`; 0 if it has not changed
        since the server started.

        Read it after `subscribe`: the subscription receives all later changes.
        """
        require(actor, Action.READ, path)
        return self._changed_micros.get(path, 0)

    def publish(
        self,
        actor: Actor,
        path: RunPath,
        *,
        keys: Iterable[str] | None = (),
        meta: bool = False,
        logs: bool = False,
        summary: bool = False,
        is_relayed: bool = False,
    ) -> None:
        """Tell listeners that a run changed: it has new points of `keys` (None if of any), new
        metadata, console lines, or values of what it logged in its summary. Cost: about 1 µs
        without subscriptions. `is_relayed` if it came from another server.
        """
        require(actor, Action.LOG, path)
        project = path.of_project
        for watcher in self.watchers:
            watcher(path)
        # Set before the listeners are looked up: a later listener finds the change by its time.
        with self._lock:  # so that the time never goes back
            micros = self._changed_micros[project] = now_micros()
        listeners = self._listeners.get(project)
        if not listeners and (self.relay is None or is_relayed):
            return
        names = None if keys is None else frozenset(keys)
        if self.relay is not None and not is_relayed:
            self.relay.add(path, names, meta=meta, logs=logs, summary=summary)
        if listeners:
            for subscription in listeners:
                subscription.add(
                    path.run, names, meta=meta, logs=logs, summary=summary, micros=micros
                )

    def publish_comments(self, actor: Actor, path: ProjectPath) -> None:
        """Tell listeners at this server that comments on reports of a project changed. Other
        servers learn it from the metadata.
        """
        require(actor, Action.READ, path)
        with self._lock:
            micros = self._changed_micros[path] = now_micros()
        for subscription in self._listeners.get(path, ()):
            subscription.add_comments(micros)

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
