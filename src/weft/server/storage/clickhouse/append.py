"""Applies uploads: points, lines and positions in one transaction of PostgreSQL. Does I/O.

ClickHouse has no part in it, so that an acknowledgement does not wait while it elects or merges.
Appends hold a shared lock of their store for the transaction; what changes the state of runs holds
it alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

import numpy as np

from weft.errors import WeftError
from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.keys import Keys
from weft.server.storage.clickhouse.schema import LOCKS
from weft.server.storage.contract import Batch
from weft.server.storage.group_commit import GroupCommit
from weft.server.storage.metrics.encoding.block import (
    Block,
    block_from_rows,
    cut_rows,
    drop_points,
)
from weft.server.storage.metrics.encoding.row_set import RowSet
from weft.server.storage.metrics.fresh import encode_fresh
from weft.server.storage.refusals import refuse_misplaced

WINDOW_SECS: Final = 0.01
"""See `MetricStore.append`."""


@dataclass(slots=True)
class _Call:
    """One caller's batches, and the error if they were refused."""

    batches: Sequence[Batch]
    keys: dict[str, int]
    error: BaseException | None = None


@dataclass(slots=True)
class _Run:
    run: int
    origin: int | None
    gone: bool


@dataclass(slots=True)
class _Stream:
    """A stream's end; `state` is what its decoder has to remember, None if that is unchanged.

    `stream` is its number, None if it is new.
    """

    stream: int | None = None
    position: int = 0
    n_rows: int = 0
    tail: bytes = b""
    state: bytes | None = None
    is_moved: bool = False


@dataclass(slots=True)
class _Writer:
    writer: int
    rows: RowSet
    is_changed: bool = False


StreamName = tuple[str, str]
"""Names of a run and of one of its streams, or of one of its writers."""


@dataclass(slots=True)
class _Stage:
    """State of a group's transaction: rows that it has read or is to write."""

    runs: dict[str, _Run]
    streams: dict[StreamName, _Stream]
    frozen: set[str]
    writers: dict[StreamName, _Writer] = field(default_factory=dict[StreamName, _Writer])
    tombs: dict[int, dict[int, int]] = field(default_factory=dict[int, dict[int, int]])
    fresh: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    marked: dict[int, int] = field(default_factory=dict[int, int])


class Appender:
    """Group commit: the batches of concurrent callers go into one transaction.

    Each caller's batches are accepted or refused independently.
    """

    def __init__(self, connections: Connections, keys: Keys, store: int) -> None:
        self._connections = connections
        self._keys = keys
        self._store = store
        self._commits = GroupCommit(self._commit, window_secs=WINDOW_SECS)

    def append(self, batches: Sequence[Batch]) -> None:
        """Apply one caller's batches. See `MetricStore.append`."""
        names = (key for batch in batches if batch.rows is not None for key in batch.rows.columns)
        call = _Call(batches, self._keys.numbers(names))
        self._commits.run(call)
        if call.error is not None:
            raise call.error

    def _commit(self, calls: Sequence[_Call]) -> None:
        try:
            self._connections.change(
                lambda connection: self._apply(connection, calls), pipelined=True
            )
        except BaseException as error:
            for call in calls:
                call.error = call.error or error
            if not isinstance(error, Exception):
                raise

    def _apply(self, connection: Connection, calls: Sequence[_Call]) -> None:
        for call in calls:
            call.error = None  # of an earlier try
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", (LOCKS, self._store))
        batches = [batch for call in calls for batch in call.batches]
        stage = self._read(connection, batches)
        accepted: list[_Call] = []
        for call in calls:
            try:
                _check(stage, call.batches)
            except WeftError as error:
                call.error = error
                continue
            accepted.append(call)
            for batch in call.batches:
                _move_stream(stage, batch)
        self._write(connection, stage, accepted)

    # Reading

    def _read(self, connection: Connection, batches: Sequence[Batch]) -> _Stage:
        names = sorted({batch.run for batch in batches})
        frozen = connection.execute(
            "SELECT DISTINCT name FROM frozen WHERE store = %s AND name = ANY(%s)"
            " AND expires > clock_timestamp()",
            (self._store, names),
        )  # its rows come with those of the next statement
        runs = self._runs(connection, names)
        pairs = sorted({(batch.run, batch.stream) for batch in batches})
        streams = {pair: _Stream() for pair in pairs}
        by_number = {info.run: name for name, info in runs.items()}
        stored = [(runs[run].run, name) for run, name in pairs if run in runs]
        # In one order, so that no two transactions wait in a ring.
        for run, name, *end in connection.execute(
            "SELECT s.run, s.name, p.stream, p.position, p.n_rows, p.tail"
            " FROM unnest(%s::bigint[], %s::text[]) AS q (run, name)"
            " JOIN stream s ON s.run = q.run AND s.name = q.name"
            " JOIN position p ON p.stream = s.stream ORDER BY p.stream FOR UPDATE OF p",
            ([run for run, _ in stored], [name for _, name in stored]),
        ).fetchall():
            streams[by_number[run], name] = _Stream(*end)
        return _Stage(runs, streams, {name for (name,) in frozen})

    def _runs(self, connection: Connection, names: Sequence[str]) -> dict[str, _Run]:
        rows = connection.execute(
            "SELECT name, run, origin, gone FROM run WHERE store = %s AND name = ANY(%s)",
            (self._store, names),
        ).fetchall()
        return {name: _Run(run, origin, gone != 0) for name, run, origin, gone in rows}

    # Writing

    def _write(self, connection: Connection, stage: _Stage, calls: Sequence[_Call]) -> None:
        batches = [batch for call in calls for batch in call.batches]
        if not batches:
            return
        self._put_runs(connection, stage, batches)
        self._put_writers(connection, stage, batches)
        for call in calls:
            for batch in call.batches:
                self._stage_fresh(stage, batch, call.keys)
        self._put_streams(connection, stage)
        _update_writers(connection, stage)
        _insert_fresh(connection, stage.fresh)
        mark_dirty(connection, stage.marked)

    def _put_runs(self, connection: Connection, stage: _Stage, batches: Sequence[Batch]) -> None:
        origins: dict[str, int | None] = {}
        for batch in batches:
            info = stage.runs.get(batch.run)
            origin = origins.get(batch.run, None if info is None else info.origin)
            if origin is None:
                origin = batch.origin_micros
            if origin is None and batch.rows is not None and len(batch.rows):
                # Without a Run record, the time of the first row serves as origin; it only
                # matters that the origin never changes.
                origin = int(batch.rows.times[0]) + batch.offset_micros
            origins[batch.run] = origin
        changed = sorted(
            name
            for name, origin in origins.items()
            if name not in stage.runs or stage.runs[name].origin != origin
        )
        if not changed:
            return
        connection.execute(
            "INSERT INTO run (store, name, origin) SELECT %s, q.name, q.origin"
            " FROM unnest(%s::text[], %s::bigint[]) AS q (name, origin)"
            " ON CONFLICT (store, name) DO UPDATE"
            " SET origin = coalesce(run.origin, excluded.origin)",
            (self._store, changed, [origins[name] for name in changed]),
        )
        stage.runs.update(self._runs(connection, changed))

    def _put_writers(
        self, connection: Connection, stage: _Stage, batches: Sequence[Batch]
    ) -> None:
        pairs = sorted(
            {
                (stage.runs[batch.run].run, batch.writer)
                for batch in batches
                if (batch.rows is not None and len(batch.rows)) or batch.console
            }
        )
        if not pairs:
            return
        values = [run for run, _ in pairs], [name for _, name in pairs]
        stored = self._lock_writers(connection, *values)
        if len(stored) < len(pairs):
            connection.execute(
                "INSERT INTO writer (run, name) SELECT * FROM unnest(%s::bigint[], %s::text[])"
                " ON CONFLICT (run, name) DO NOTHING",
                values,
            )
            stored = self._lock_writers(connection, *values)
        by_number = {stage.runs[batch.run].run: batch.run for batch in batches}
        for writer, run, name, spans in stored:
            rows = RowSet(zip(spans[::2], spans[1::2], strict=True))
            stage.writers[by_number[run], name] = _Writer(writer, rows)
        numbers = [writer for writer, *_ in stored]
        for writer, key, row_hi in connection.execute(
            "SELECT writer, key, row_hi FROM tomb WHERE run = ANY(%s) AND writer = ANY(%s)",
            (values[0], numbers),
        ):
            stage.tombs.setdefault(writer, {})[key] = row_hi

    def _lock_writers(
        self, connection: Connection, runs: list[int], names: list[str]
    ) -> list[tuple[int, int, str, list[int]]]:
        return connection.execute(
            "SELECT w.writer, w.run, w.name, w.spans"
            " FROM unnest(%s::bigint[], %s::text[]) AS q (run, name)"
            " JOIN writer w ON w.run = q.run AND w.name = q.name ORDER BY w.writer"
            " FOR UPDATE OF w",
            (runs, names),
        ).fetchall()

    def _stage_fresh(self, stage: _Stage, batch: Batch, keys: Mapping[str, int]) -> None:
        block = _NO_ROWS
        run = stage.runs[batch.run].run
        if batch.rows is not None and len(batch.rows):
            writer = stage.writers[batch.run, batch.writer]
            block = block_from_rows(batch.rows, keys)
            missing = writer.rows.missing_in(block.rows)
            if missing is not None:
                block = cut_rows(block, missing)
            writer.rows.add(block.rows)
            tombs = stage.tombs.get(writer.writer)
            if len(block):
                writer.is_changed = True
                block = drop_points(block, tombs) if tombs else block
                stage.marked[run] = stage.marked.get(run, 0) + 1
        if not len(block) and not batch.console:
            return
        writer = stage.writers[batch.run, batch.writer]
        stage.fresh.append(
            _fresh_row(
                run, writer.writer, batch.system, batch.offset_micros, block,
                encode_fresh(block, batch.console), has_console=bool(batch.console),
            )
        )  # fmt: skip

    def _put_streams(self, connection: Connection, stage: _Stage) -> None:
        moved = {name: stream for name, stream in stage.streams.items() if stream.is_moved}
        new = sorted(name for name, stream in moved.items() if stream.stream is None)
        if new:
            runs, names = [stage.runs[run].run for run, _ in new], [name for _, name in new]
            by_number = dict(zip(runs, (run for run, _ in new), strict=True))
            # Where another server adds the same stream, this one begins again (`UniqueViolation`).
            for number, run, name in connection.execute(
                "INSERT INTO stream (run, name) SELECT * FROM unnest(%s::bigint[], %s::text[])"
                " RETURNING stream, run, name",
                (runs, names),
            ).fetchall():
                moved[by_number[run], name].stream = number
            connection.execute(
                f"INSERT INTO position SELECT * FROM {_ENDS}",
                _ends_of([moved[name] for name in new]),
            )
        old = [stream for name, stream in moved.items() if name not in new]
        if old:
            connection.execute(
                "UPDATE position SET position = q.position, n_rows = q.n_rows, tail = q.tail"
                f" FROM {_ENDS} AS q (stream, position, n_rows, tail)"
                " WHERE position.stream = q.stream",
                _ends_of(old),
            )
        states = [stream for stream in moved.values() if stream.state is not None]
        if states:
            connection.execute(
                "INSERT INTO decoder SELECT * FROM unnest(%s::bigint[], %b::bytea[])"
                " ON CONFLICT (stream) DO UPDATE SET state = excluded.state",
                ([stream.stream for stream in states], [stream.state for stream in states]),
            )


_ENDS: Final = "unnest(%s::bigint[], %s::bigint[], %s::bigint[], %b::bytea[])"


def _ends_of(streams: Sequence[_Stream]) -> list[list[Any]]:
    return [
        [stream.stream for stream in streams],
        [stream.position for stream in streams],
        [stream.n_rows for stream in streams],
        [stream.tail for stream in streams],
    ]


_NO_ROWS: Final = Block(
    np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), None
)


def _check(stage: _Stage, batches: Sequence[Batch]) -> None:
    def is_gone(name: str) -> bool:
        info = stage.runs.get(name)
        return info is not None and info.gone

    refuse_misplaced(
        batches,
        is_gone=is_gone,
        is_frozen=stage.frozen.__contains__,
        end_of=lambda run, stream: stage.streams[run, stream].position,
    )


def _move_stream(stage: _Stage, batch: Batch) -> None:
    stream = stage.streams[batch.run, batch.stream]
    stream.is_moved = True
    stream.position = batch.to_position
    stream.n_rows = stream.n_rows if batch.n_rows is None else batch.n_rows
    stream.tail = stream.tail if batch.tail is None else batch.tail
    stream.state = stream.state if batch.state is None else batch.state


def _update_writers(connection: Connection, stage: _Stage) -> None:
    changed = [writer for writer in stage.writers.values() if writer.is_changed]
    if not changed:
        return
    # An array of arrays of different lengths can't be a parameter.
    spans = [
        "{" + ",".join(str(end) for span in w.rows.spans() for end in span) + "}" for w in changed
    ]
    connection.execute(
        "UPDATE writer SET spans = q.spans::bigint[]"
        " FROM unnest(%s::bigint[], %s::text[]) AS q (writer, spans)"
        " WHERE writer.writer = q.writer",
        ([writer.writer for writer in changed], spans),
    )


def _fresh_row(
    run: int,
    writer: int,
    system: bool,
    offset: int,
    block: Block,
    data: bytes,
    *,
    has_console: bool,
) -> tuple[Any, ...]:
    """A row of table `fresh` without its number."""
    lo, hi = (int(block.rows[0]), int(block.rows[-1])) if len(block) else (0, -1)
    return (
        run, writer, system, offset, block.steps.dtype != "int64", lo, hi, len(block),
        block.n_points, has_console, len(data), crc32(data), data,
    )  # fmt: skip


def _insert_fresh(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Write batches, in the caller's transaction."""
    if rows:
        connection.execute(
            'INSERT INTO fresh (run, writer, system, "offset", fractional, row_lo, row_hi, n,'
            " n_points, console, n_bytes, crc, data) SELECT * FROM unnest(%s::bigint[],"
            " %s::bigint[], %s::boolean[], %s::bigint[], %s::boolean[], %s::bigint[],"
            " %s::bigint[], %s::integer[], %s::bigint[], %s::boolean[], %s::integer[],"
            " %s::bigint[], %b::bytea[])",
            [list(column) for column in zip(*rows, strict=True)],
        )


def mark_dirty(connection: Connection, counts: Mapping[int, int]) -> None:
    """Count further batches of runs. See `MetricStore.dirty_mark`."""
    if counts:
        runs = sorted(counts)
        connection.execute(
            "INSERT INTO dirty (run, mark) SELECT * FROM unnest(%s::bigint[], %s::bigint[])"
            " ON CONFLICT (run) DO UPDATE SET mark = dirty.mark + excluded.mark",
            (runs, [counts[run] for run in runs]),
        )
