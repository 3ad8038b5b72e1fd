"""Writes the mirror: new batches as they arrive, other runs whole. Does I/O.

One server does it, which has the lease. A run is removed from the mirror and written again if what
was written is unknown, or if something else of it changed than that batches arrived.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from weft.errors import Damaged, Unavailable
from weft.server.storage.clickhouse.chunk_tables import ChunkTables
from weft.server.storage.clickhouse.cluster import Shard
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.points_mirror.bookkeeping import (
    COPIED,
    EMPTY,
    Bookkeeping,
    EmptyRun,
    FreshBatch,
)
from weft.server.storage.clickhouse.points_mirror.rows import PointRows, RunRows
from weft.server.storage.clickhouse.points_mirror.tables import MirrorTables
from weft.server.storage.clickhouse.reader import PostgresView, Reader
from weft.server.storage.contract import Column
from weft.server.storage.metrics.encoding.block import drop_points
from weft.server.storage.metrics.fresh import FreshReader, decode_fresh
from weft.server.storage.metrics.reading.joined import KEYS_AT_ONCE
from weft.server.storage.metrics.reading.parts import number_writers, parts_of
from weft.server.storage.metrics.reading.units import Unit, load_all_headers, read_units

POINTS_AT_ONCE: Final = 500_000
"""About as many points are in memory and inserted at once: 250 MB as Python's values."""

BATCHES_AT_ONCE: Final = 5000
RUNS_AT_ONCE: Final = 100
REMOVED_AT_ONCE: Final = 1000
LISTED_AT_ONCE: Final = 10_000
"""Runs of all shards among which those of one are looked for."""

WHOLE_SECS: Final = 2.0
"""Whole runs are written for about so long between new batches."""

COMPARED_SECS: Final = 86_400.0
NOTES_SECS: Final = 86_400
"""The time for which notes stay of how late the mirror was."""

_log = logging.getLogger(__name__)


class PointsMirror:
    """Writes the mirror, one step at a time."""

    def __init__(self, connections: Connections, keys: Keys, tables: ChunkTables) -> None:
        self._connections = connections
        self._keys = keys
        self._chunks = tables
        self._tables = MirrorTables(tables.cluster)
        self._state = Bookkeeping(connections)
        self._paths: dict[str, Mapping[int, str]] = {}
        self._compared_secs = float("-inf")

    def create(self) -> None:
        """Create the tables in ClickHouse unless they are there."""
        self._tables.create()

    def copy_some(self, paths: Mapping[int, str]) -> bool:
        """Write and remove what is due, up to some amount. Returns whether more is due.

        `paths` are those of all projects, by the numbers of their stores. Unavailable if a shard
        is away, after all was done that does not need it.
        """
        if not self._state.begin():
            return False
        outages: list[Unavailable] = []
        is_more = False
        empty = self._state.empty_runs(LISTED_AT_ONCE)
        for shard in self._tables.cluster.shards.values():
            try:
                self._set_paths(shard, paths)
                is_more |= self._remove(shard)
                is_more |= self._copy_fresh(shard)
                is_more |= self._write_whole(shard, empty)
            except Unavailable as error:
                outages.append(error)
        if outages:
            raise outages[0]
        is_more |= self._compare()
        until_secs = self._state.copied_until()
        if until_secs is not None:
            self._tables.note_copied(int(until_secs))
        return is_more

    def _set_paths(self, shard: Shard, paths: Mapping[int, str]) -> None:
        if paths != self._paths.get(shard.name):
            self._tables.set_paths(shard.name, paths)
            self._paths[shard.name] = dict(paths)

    # Points that are not wanted

    def _remove(self, shard: Shard) -> bool:
        runs = self._state.removable_runs(shard.name, REMOVED_AT_ONCE)
        written = [run.run for run in runs if run.shard is not None]
        if written:
            self._tables.remove(shard.name, written)
        if runs:
            self._state.note_removed(runs)
        return bool(runs)

    # New batches

    def _copy_fresh(self, shard: Shard) -> bool:
        listed = self._state.fresh_batches(shard.name, BATCHES_AT_ONCE)
        batches = _first_points(listed)
        if not batches:
            return False
        with self._writing(shard, {batch.run for batch in batches}, COPIED) as writing:
            own = [batch for batch in batches if batch.run in writing.runs]
            with self._connections.snapshot() as connection:
                view = PostgresView(connection, writing.runs, None)
                for batch in own:
                    with _leaving_damaged():
                        self._add_batch(writing, view, batch)
            writing.fresh += [batch.fresh for batch in own]
        # A few new ones wait for the next step: an insert of its own costs ClickHouse a part.
        return len(batches) < len(listed) or len(listed) == BATCHES_AT_ONCE

    def _add_batch(self, writing: _Writing, view: PostgresView, batch: FreshBatch) -> None:
        data = view.fresh([batch.fresh]).get(batch.fresh)
        if data is None:
            # Removed since, ten minutes after its move: only reading the run whole has it.
            self._state.mark_stale([batch.run])
            return
        block, _ = decode_fresh(data)
        if batch.system or not len(block):
            return
        block = drop_points(block, view.tombs.get(batch.run, {}).get(batch.writer, {}))
        rows = RunRows(
            int(batch.project), batch.name, batch.run, batch.writer_name,
            block.rows, block.steps, block.times + batch.offset,
        )  # fmt: skip
        writing.add(rows, block.columns, view.connection)

    # Whole runs

    def _write_whole(self, shard: Shard, empty: Sequence[EmptyRun]) -> bool:
        own = [run for run in empty if self._tables.cluster.shard_of(run.run) == shard.name]
        runs = own[:RUNS_AT_ONCE]
        if not runs:
            return False
        deadline = time.monotonic() + WHOLE_SECS
        with self._writing(shard, {run.run for run in runs}, EMPTY) as writing:
            for run in runs:
                if run.run not in writing.runs:
                    continue
                self._add_run(writing, run)
                if writing.n_points >= POINTS_AT_ONCE or time.monotonic() > deadline:
                    return True  # new batches of other runs wait
        return len(runs) < len(own) or len(empty) == LISTED_AT_ONCE

    def _add_run(self, writing: _Writing, run: EmptyRun) -> None:
        writing.counts[run.run] = 0  # also if it has no points
        with Reader(
            self._connections, self._keys, self._chunks, FreshReader(), run.store, [run.name]
        ) as reader:
            parts = parts_of(reader, run.name, ())
            with reader.snapshot({part.run for part in parts}) as view:
                number_writers(view, parts)
                for unit in read_units(reader, view, parts, system=False):
                    with _leaving_damaged():
                        self._add_unit(writing, view, run, unit)
                writing.fresh += [
                    fresh
                    for (fresh,) in view.connection.execute(
                        "SELECT fresh FROM fresh WHERE run = %s AND mirrored = false", (run.run,)
                    )
                ]

    def _add_unit(self, writing: _Writing, view: PostgresView, run: EmptyRun, unit: Unit) -> None:
        block = unit.axes(view)
        rows = RunRows(
            int(run.project), run.name, run.run, unit.name,
            block.rows, block.steps, block.times + unit.offset,
        )  # fmt: skip
        load_all_headers(view, [(unit, *unit.step_span)])
        keys = sorted(unit.known_keys())
        for first in range(0, len(keys), KEYS_AT_ONCE):
            columns = unit.columns_of(view, keys[first : first + KEYS_AT_ONCE])
            writing.add(rows, columns, view.connection)

    # Comparison

    def _compare(self) -> bool:
        """Each day, find runs of which the mirror has other points than it should."""
        if time.monotonic() < self._compared_secs + COMPARED_SECS:
            return False
        expected = self._state.counts()
        stale: set[int] = set()
        for shard in self._tables.cluster.shards.values():
            counts = self._tables.counts(shard)
            for run, (name, n) in expected.items():
                of_replicas = {of_replica.get(run, 0) for of_replica in counts}
                # A replica may be behind; removal is waited for on all of them.
                if (n if name == shard.name else 0) not in of_replicas:
                    stale.add(run)
            unknown = {run for of_replica in counts for run in of_replica}
            unknown -= self._state.known_runs()
            if unknown:
                self._tables.remove(shard.name, unknown)
        # Those that were written meanwhile are looked at tomorrow.
        present = self._state.counts() if stale else {}
        stale = {run for run in stale if present.get(run) == expected[run]}
        if stale:
            _log.warning("points of %d runs are written to the mirror again", len(stale))
            self._state.mark_stale([*stale])
        until_secs = self._state.copied_until()
        if until_secs is not None:
            self._tables.forget_notes(int(until_secs) - NOTES_SECS)
        self._compared_secs = time.monotonic()
        return bool(stale)

    @contextmanager
    def _writing(self, shard: Shard, runs: set[int], state: int) -> Generator[_Writing]:
        """While the block lasts, points of runs are written. If it fails, it is unknown which."""
        token, runs = self._state.start_writing(shard.name, runs, state)
        writing = _Writing(self._tables, self._keys, shard.name, runs)
        try:
            yield writing
            writing.flush()
            self._state.end_writing(token, writing.counts, writing.fresh)
        except BaseException:
            self._state.break_off(token)
            raise


class _Writing:
    """Points that are collected and inserted.

    Attributes:
        runs: the runs that may have some.
        counts: how many of each run were added.
        fresh: the batches that they are of.
    """

    def __init__(self, tables: MirrorTables, keys: Keys, shard: str, runs: set[int]) -> None:
        self._tables = tables
        self._keys = keys
        self._shard = shard
        self._points = PointRows()
        self.runs = runs
        self.counts: Counter[int] = Counter()
        self.fresh: list[int] = []

    @property
    def n_points(self) -> int:
        return self.counts.total()

    def add(
        self, rows: RunRows, columns: Mapping[int, Sequence[Column]], connection: Connection
    ) -> None:
        """Add points of a run; inserts what was added once it is enough."""
        self.counts[rows.number] += self._points.add(
            rows, columns, lambda key: self._keys.name(key, connection)
        )
        if len(self._points) >= POINTS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Insert what was added."""
        if len(self._points):
            self._tables.insert(self._shard, self._points.columns)
        self._points = PointRows()


@contextmanager
def _leaving_damaged() -> Generator[None]:
    """Leave out rows that are damaged: the mirror has what can be read."""
    try:
        yield
    except Damaged as error:
        _log.error("the mirror lacks damaged rows: %s", error)


def _first_points(batches: Sequence[FreshBatch]) -> Sequence[FreshBatch]:
    """The first batches, up to `POINTS_AT_ONCE`."""
    n_points = 0
    for nth, batch in enumerate(batches):
        n_points += batch.n_points
        if n_points >= POINTS_AT_ONCE:
            return batches[: nth + 1]
    return batches
