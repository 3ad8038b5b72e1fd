"""Deaths of test processes at calls of the engine's methods."""

from __future__ import annotations

import os
import signal
from typing import Any

from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.move import Move
from weft.server.storage.clickhouse.points_mirror.bookkeeping import Bookkeeping
from weft.server.storage.clickhouse.points_mirror.tables import MirrorTables

OWNERS = {
    owner.__name__: owner for owner in (Bookkeeping, ChunkTables, Clients, MirrorTables, Move)
}


def kill_at(method_name: str, nth: int) -> None:
    """Have the process die instead of calling a method for the nth time."""
    owner, name = OWNERS[method_name.partition(".")[0]], method_name.partition(".")[2]
    method = getattr(owner, name)
    n_calls = 0

    def call(*args: Any, **options: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*args, **options)

    setattr(owner, name, call)
