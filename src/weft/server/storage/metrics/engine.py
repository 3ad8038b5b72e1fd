"""The embedded engine: one SQLite file per project in a folder. Does I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from weft.server.storage.contract import (
    Advance,
    Backlog,
    Fault,
    FrozenStore,
    MetricStore,
    MoveTimes,
    Unowned,
)
from weft.server.storage.metrics.folder import MetricFolder
from weft.server.storage.metrics.store import SqliteMetricStore
from weft.server.storage.metrics.upkeep.frozen import FrozenFile
from weft.server.storage.metrics.upkeep.verify import disown_parts, leaked_parts, verify_file


class SqliteEngine(MetricFolder):
    """See `weft.server.storage.contract.MetricEngine`."""

    def open(self, name: str) -> MetricStore:
        return SqliteMetricStore(self.path_of(name))

    def freeze(self, name: str) -> FrozenStore:
        return FrozenFile(self.path_of(name))

    def verify(self, name: str, advance: Advance) -> Iterator[Fault]:
        return verify_file(self.path_of(name), advance)

    def unowned(self, name: str) -> Unowned:
        leaked = leaked_parts(self.path_of(name))
        return Unowned(
            sum(hi - lo for lo, hi, _ in leaked), sum(n_bytes for _, _, n_bytes in leaked)
        )

    def reclaim(self, name: str) -> None:
        disown_parts(self.path_of(name))

    def backlog(self) -> Backlog:
        """See `MetricEngine.backlog`: the process that opened a store does its work."""
        return Backlog()

    def move_times(self) -> MoveTimes:
        """See `MetricEngine.move_times`."""
        return MoveTimes()

    @property
    def has_mirror(self) -> bool:
        """See `MetricEngine.has_mirror`: people's SQL would need the file of a live server."""
        return False

    def mirror_points(self, paths: Mapping[int, str]) -> bool:
        """See `MetricEngine.mirror_points`."""
        raise NotImplementedError("an engine of one process has no mirror")

    def close(self) -> None:
        """See `MetricEngine.close`: each store has files of its own."""
