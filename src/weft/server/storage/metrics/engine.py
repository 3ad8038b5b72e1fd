"""The embedded engine: one SQLite file per project. Does I/O."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from weft.server.storage.contract import (
    Advance,
    Fault,
    FrozenStore,
    MetricStore,
    Unowned,
)
from weft.server.storage.metrics.store import SqliteMetricStore
from weft.server.storage.metrics.upkeep.frozen import FrozenFile
from weft.server.storage.metrics.upkeep.verify import disown_parts, leaked_parts, verify_file

_SUFFIXES: Final = ("-wal", "-shm", "")


class SqliteEngine:
    """See `weft.server.storage.contract.MetricEngine`."""

    def open(self, path: Path) -> MetricStore:
        return SqliteMetricStore(path)

    def freeze(self, path: Path) -> FrozenStore:
        return FrozenFile(path)

    def verify(self, path: Path, advance: Advance) -> Iterator[Fault]:
        return verify_file(path, advance)

    def unowned(self, path: Path) -> Unowned:
        leaked = leaked_parts(path)
        return Unowned(
            sum(hi - lo for lo, hi, _ in leaked), sum(n_bytes for _, _, n_bytes in leaked)
        )

    def reclaim(self, path: Path) -> None:
        disown_parts(path)

    def n_bytes(self, path: Path) -> int:
        files = [path.with_name(path.name + suffix) for suffix in _SUFFIXES]
        return sum(file.stat().st_size for file in files if file.exists())

    def remove(self, path: Path) -> None:
        # The main file is removed last: while it exists, a restart finds and removes the rest.
        for suffix in _SUFFIXES:
            path.with_name(path.name + suffix).unlink(missing_ok=True)
