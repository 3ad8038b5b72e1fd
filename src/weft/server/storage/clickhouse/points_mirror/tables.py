"""The tables of the mirror in ClickHouse. Does I/O."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from weft.server.storage.clickhouse.chunk_tables import await_removal, create_tables
from weft.server.storage.clickhouse.cluster import Cluster, Node, Shard
from weft.server.storage.metrics.schema import listed

_TEXT: Final = "LowCardinality(String) CODEC(ZSTD(1))"

POINT_COLUMNS: Final = {
    "project": ("UInt32", "UInt32 CODEC(Delta, ZSTD(1))"),
    "run": ("String", _TEXT),
    "key": ("String", _TEXT),
    "writer": ("String", _TEXT),
    "row": ("UInt64", "UInt64 CODEC(DoubleDelta, ZSTD(1))"),
    "step": ("Int64", "Int64 CODEC(DoubleDelta, ZSTD(1))"),
    "fraction": ("Float64", "Float64 CODEC(ZSTD(1))"),
    "time": ("Int64", "Int64 CODEC(Delta, ZSTD(1))"),
    "value": ("Nullable(Float64)", "Nullable(Float64) CODEC(ZSTD(1))"),
    "text": ("Nullable(String)", "Nullable(String) CODEC(ZSTD(1))"),
    "number": ("UInt64", "UInt64 CODEC(Delta, ZSTD(1))"),
}
"""The type of each column of `points`, before and since `_WITH_CODECS`. `number` is the
run's in PostgreSQL: it names its rows also after the run was renamed."""

_WITH_CODECS: Final = (20, 1)

_N_PARTITIONS: Final = 16
"""A step writes points of many runs, as one part of each partition."""

_OTHERS: Final = {
    "project_paths": "(project UInt32, path String, version UInt64) ENGINE = {engine}"
    " ORDER BY (version, project)",
    "points_copied": "(until DateTime) ENGINE = {engine} ORDER BY until",
}

_PROJECTS: Final = (
    "CREATE VIEW IF NOT EXISTS projects AS SELECT project, path FROM project_paths"
    " WHERE version = (SELECT max(version) FROM project_paths)"
)


class MirrorTables:
    """Reads and writes the tables on all shards. Thread-safe."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    def create(self) -> None:
        """Create the tables of all nodes that answered at the start, unless they are there."""
        for node in self.cluster.reachable:
            create_tables(node, {"points": _points(node), **_OTHERS})
            node.change(_PROJECTS)

    def insert(self, shard: str, columns: Sequence[Sequence[Any]]) -> None:
        """Add points, given column by column in the order of `POINT_COLUMNS`."""
        node = self.cluster.shard(shard).in_turn()[0]
        node.insert("points", list(POINT_COLUMNS), columns)

    def remove(self, shard: str, runs: Iterable[int]) -> None:
        """Remove all points of runs, by number, and wait until no replica has them."""
        self._remove(self.cluster.shard(shard), "points", f"number IN {listed(runs)}")

    def _remove(self, shard: Shard, table: str, condition: str) -> None:
        shard.in_turn()[0].change(f"ALTER TABLE {table} DELETE WHERE {condition}")
        query = f"SELECT count() FROM {table} WHERE {condition}"
        await_removal(
            lambda: sum(node.read(query)[0][0] for node in shard.nodes), f"rows of {table}"
        )

    def counts(self, shard: Shard) -> list[dict[int, int]]:
        """The points of each run, by number, that each replica has."""
        query = "SELECT number, count() FROM points GROUP BY number"
        return [dict(node.read(query)) for node in shard.nodes]

    def set_paths(self, shard: str, paths: Mapping[int, str]) -> None:
        """Replace the paths of all projects, by the numbers of their stores, on a shard."""
        on_shard = self.cluster.shard(shard)
        node = on_shard.in_turn()[0]
        ((previous,),) = node.read("SELECT max(version) FROM project_paths")
        # The clock of the server that did it last may have been ahead of this one's.
        version = max(time.time_ns(), previous + 1)
        if paths:
            columns = [[*paths], [path.encode() for path in paths.values()]]
            node.insert(
                "project_paths",
                ["project", "path", "version"],
                [*columns, [version] * len(paths)],
            )
        # Not the previous version: a query of `projects` may just have read its number.
        self._remove(on_shard, "project_paths", f"version < {previous if paths else version}")

    def note_copied(self, until_secs: int) -> None:
        """Note that all points are there which servers had received before a time."""
        for shard in self.cluster.shards.values():
            shard.in_turn()[0].change(f"INSERT INTO points_copied SELECT toDateTime({until_secs})")

    def forget_notes(self, before_secs: int) -> None:
        """Remove earlier notes."""
        for shard in self.cluster.shards.values():
            self._remove(shard, "points_copied", f"until < toDateTime({before_secs})")


def _points(node: Node) -> str:
    has_codecs = node.version is not None and node.version >= _WITH_CODECS
    columns = ", ".join(f"{name} {kinds[has_codecs]}" for name, kinds in POINT_COLUMNS.items())
    return (
        f"({columns}) ENGINE = {{engine}} PARTITION BY project % {_N_PARTITIONS}"
        " ORDER BY (project, run, key, writer, row)"
        # Points that were removed and are written again may be the same block.
        " SETTINGS replicated_deduplication_window = 0"
    )
