"""A server that moves rows to ClickHouse, and is killed when it calls a method the nth time."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from weft.server.storage.clickhouse import mover
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.clients import Clients
from weft.server.storage.clickhouse.engine import SharedEngine
from weft.server.storage.clickhouse.move import Move

OWNERS = {owner.__name__: owner for owner in (ChunkTables, Clients, Move)}


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


def main(url: str, clickhouse_url: str, method_name: str, nth: str) -> None:
    mover.KEPT_SECS = 0
    kill_at(method_name, int(nth))
    SharedEngine(url, clickhouse_url).open("1").compact(until_idle=True)


main(*sys.argv[1:])
