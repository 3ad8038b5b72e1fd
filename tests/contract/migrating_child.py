"""A server that opens its databases, and is killed before its nth statement of one kind."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import Engine, event

from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.metadata import MetadataStore


class Countdown:
    """Kills the process at the last of so many statements."""

    def __init__(self, n_left: int) -> None:
        self._n_left = n_left

    def count(self, *_: object) -> None:
        self._n_left -= 1
        if self._n_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def migrate(url: str, nth: str) -> None:
    """Bring a metadata database up to date."""
    countdown = Countdown(int(nth))
    event.listen(Engine, "before_cursor_execute", countdown.count)
    event.listen(Engine, "commit", countdown.count)
    MetadataStore(url).close()


def open_points(url: str, clickhouse_url: str, nth: str) -> None:
    """Create the tables of points and of their mirror, unless they are there."""
    countdown = Countdown(int(nth))
    for name in ("read", "read_of_server", "change", "insert"):
        method = getattr(Clients, name)

        def call(clients: Clients, *args: Any, method: Any = method) -> Any:
            countdown.count()
            return method(clients, *args)

        setattr(Clients, name, call)
    SharedEngine(url, clickhouse_url, mirrors_points=True).close()


{"migrate": migrate, "open_points": open_points}[sys.argv[1]](*sys.argv[2:])
