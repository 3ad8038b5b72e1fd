"""A server that mirrors points, and is killed when it calls a method the nth time."""

from __future__ import annotations

import sys

from dying_calls import kill_at

from weft.server.storage.clickhouse.engine import SharedEngine


def main(url: str, clickhouse_url: str, method_name: str, nth: str) -> None:
    """Write all points that are due."""
    kill_at(method_name, int(nth))
    engine = SharedEngine(url, clickhouse_url, mirrors_points=True)
    while engine.mirror_points({1: "lab/mnist"}):
        pass


main(*sys.argv[1:])
