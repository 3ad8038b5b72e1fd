"""The state of the mirror in PostgreSQL: which runs and batches it has. Does I/O.

Table `mirror` has a row for each run that the mirror has, had or is to have. Its `token` is set
while rows of the run are written; after an unknown answer the run is stale. `fresh.mirrored` is
false for batches that are not copied yet, and NULL while there is no mirror.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from weft.server.storage.clickhouse.connections import Connection, Connections
from weft.server.storage.clickhouse.reader import HIDDEN, LIVE
from weft.server.storage.clickhouse.schema import LOCKS

COPIED: Final = 0
STALE: Final = 1
EMPTY: Final = 2
"""Values of `mirror.state`. `COPIED`: the mirror has all points of the run's copied batches.
`STALE`: what it has may be wrong, and is removed. `EMPTY`: it has none, and the run is to be
written whole unless it is hidden."""


COMMIT_SECS: Final = 5
"""An upload has its time before its commit, which is taken to follow within so long."""


class FreshBatch(NamedTuple):
    """A batch that is not in the mirror.

    `shard` has its run's points; `project` is the name of its project's store.
    """

    fresh: int
    run: int
    name: str
    project: str
    shard: str
    writer: int
    writer_name: str
    system: bool
    offset: int
    n_points: int


class RemovableRun(NamedTuple):
    """A run whose points are to be removed; `shard` is None if none were written.

    `remains` unless the run was deleted.
    """

    run: int
    shard: str | None
    remains: bool


class EmptyRun(NamedTuple):
    """A run that is to be written whole, with the name of its project's store."""

    run: int
    name: str
    store: int
    project: str


def turn(connections: Connections, *, is_on: bool) -> bool:
    """Turn the mirror on or off for all servers of the database. Returns whether it was off or on
    before.

    While it is off, nothing is noted; so runs that it had are stale when it is turned on again.
    """

    def work(connection: Connection) -> bool:
        connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", (LOCKS,))
        if connection.execute("SELECT mirrored FROM cluster").fetchone() == (is_on,):
            return False
        connection.execute("UPDATE cluster SET mirrored = %s", (is_on,))
        default = "SET DEFAULT false" if is_on else "DROP DEFAULT"
        connection.execute(f"ALTER TABLE fresh ALTER COLUMN mirrored {default}".encode())
        if is_on:
            connection.execute("UPDATE mirror SET state = %s, token = NULL", (STALE,))
            connection.execute(
                "INSERT INTO mirror (run, state) SELECT run, %s FROM run WHERE gone = ANY(%s)"
                " ON CONFLICT DO NOTHING",
                (EMPTY, [LIVE, HIDDEN]),
            )
        return True

    return connections.change(work)


def mark_stale(connection: Connection, runs: Sequence[int]) -> None:
    """Have runs removed from the mirror, and written again if they are there: they were deleted,
    hidden or renamed, or lost points.
    """
    connection.execute("UPDATE mirror SET state = %s WHERE run = ANY(%s)", (STALE, list(runs)))


def list_copy(connection: Connection, run: int) -> None:
    """Have a run written whole which was copied from another, if there is a mirror."""
    connection.execute(
        "INSERT INTO mirror (run, state) SELECT %s, %s FROM cluster WHERE mirrored",
        (run, EMPTY),
    )


class Bookkeeping:
    """The state, for the one server that writes the mirror."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def begin(self) -> bool:
        """Note new runs, and runs whose writing was broken off. False if the mirror is off."""

        def work(connection: Connection) -> bool:
            if connection.execute("SELECT mirrored FROM cluster").fetchone() != (True,):
                return False
            connection.execute(
                "UPDATE mirror SET state = %s, token = NULL WHERE token IS NOT NULL", (STALE,)
            )
            connection.execute(
                "INSERT INTO mirror (run, state) SELECT DISTINCT run, %s FROM fresh"
                " JOIN run USING (run) WHERE mirrored = false AND gone = ANY(%s)"
                " AND NOT EXISTS (SELECT FROM mirror m WHERE m.run = fresh.run)",
                (EMPTY, [LIVE, HIDDEN]),
            )
            return True

        return self._connections.change(work)

    def fresh_batches(self, shard: str, limit: int) -> list[FreshBatch]:
        """The oldest batches of runs that the mirror has otherwise, in one shard."""
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT fresh, f.run, run.name, store.name, shard, f.writer, writer.name, system,"
                ' "offset", n_points FROM fresh f JOIN mirror m USING (run) JOIN run USING (run)'
                " JOIN store USING (store) JOIN writer ON writer.writer = f.writer"
                " WHERE mirrored = false AND state = %s AND shard = %s AND gone = %s"
                " ORDER BY fresh LIMIT %s",
                (COPIED, shard, LIVE, limit),
            ).fetchall()
        return [FreshBatch(*row) for row in rows]

    def empty_runs(self, limit: int) -> list[EmptyRun]:
        """Runs to write whole."""
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT m.run, run.name, store, store.name FROM mirror m JOIN run USING (run)"
                " JOIN store USING (store) WHERE state = %s AND gone = %s ORDER BY run LIMIT %s",
                (EMPTY, LIVE, limit),
            ).fetchall()
        return [EmptyRun(*row) for row in rows]

    def removable_runs(self, shard: str, limit: int) -> list[RemovableRun]:
        """Runs that are stale, with points in a shard or in none."""
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT m.run, shard, coalesce(gone = ANY(%s), false)"
                " FROM mirror m LEFT JOIN run USING (run) WHERE state = %s"
                " AND (shard IS NULL OR shard = %s) LIMIT %s",
                ([LIVE, HIDDEN], STALE, shard, limit),
            ).fetchall()
        return [RemovableRun(*row) for row in rows]

    def note_removed(self, runs: Sequence[RemovableRun]) -> None:
        """Note that the mirror has no points of runs any more."""
        remaining = [run.run for run in runs if run.remains]
        deleted = [run.run for run in runs if not run.remains]

        def work(connection: Connection) -> None:
            connection.execute(
                "UPDATE mirror SET state = %s, shard = NULL, n = 0 WHERE run = ANY(%s)",
                (EMPTY, remaining),
            )
            connection.execute("DELETE FROM mirror WHERE run = ANY(%s)", (deleted,))

        self._connections.change(work)

    def start_writing(self, shard: str, runs: Iterable[int], state: int) -> tuple[int, set[int]]:
        """Note that points of runs will be written to a shard.

        Returns the token of this, and the runs whose state is still the expected one.
        """
        token = secrets.randbits(62)
        rows = self._connections.change(
            lambda connection: connection.execute(
                "UPDATE mirror SET token = %s, shard = %s WHERE run = ANY(%s) AND state = %s"
                " RETURNING run",
                (token, shard, [*runs], state),
            ).fetchall()
        )
        return token, {run for (run,) in rows}

    def end_writing(self, token: int, counts: Mapping[int, int], fresh: Sequence[int]) -> None:
        """Note how many points of runs were written, and the batches that they are of.

        Nothing was written of other runs with this token.
        """

        def work(connection: Connection) -> None:
            connection.execute(
                "UPDATE fresh SET mirrored = true WHERE fresh = ANY(%s)", (list(fresh),)
            )
            connection.execute(
                "UPDATE mirror SET token = NULL, n = mirror.n + q.n,"
                " state = CASE WHEN state = %s THEN state ELSE %s END"
                " FROM unnest(%s::bigint[], %s::bigint[]) AS q (run, n)"
                " WHERE mirror.run = q.run AND token = %s",
                (STALE, COPIED, [*counts], [*counts.values()], token),
            )
            connection.execute("UPDATE mirror SET token = NULL WHERE token = %s", (token,))

        self._connections.change(work)

    def break_off(self, token: int) -> None:
        """Note that it is unknown what was written."""
        self._connections.change(
            lambda connection: connection.execute(
                "UPDATE mirror SET token = NULL, state = %s WHERE token = %s", (STALE, token)
            )
        )

    def copied_until(self) -> float | None:
        """The time (s since 1970) before which all uploads are in the mirror. None if a run has
        still to be removed or written whole.
        """
        with self._connections.use() as connection:
            ((until, n_waiting),) = connection.execute(
                "SELECT extract(epoch FROM coalesce((SELECT min(received) FROM fresh"
                " JOIN run USING (run) WHERE mirrored = false AND gone = %s),"
                " clock_timestamp() - %s * interval '1 s'))::float8,"
                " (SELECT count(*) FROM mirror LEFT JOIN run USING (run)"
                " WHERE state <> %s AND (state = %s OR gone = %s))",
                (LIVE, COMMIT_SECS, COPIED, STALE, LIVE),
            ).fetchall()
        return None if n_waiting else until

    def counts(self) -> dict[int, tuple[str, int]]:
        """Shard and number of the points of each run that the mirror should have exactly."""
        with self._connections.use() as connection:
            rows = connection.execute(
                "SELECT run, shard, n FROM mirror WHERE state = %s AND token IS NULL", (COPIED,)
            ).fetchall()
        return {run: (shard, n) for run, shard, n in rows}

    def known_runs(self) -> set[int]:
        """All runs that the mirror may have points of."""
        with self._connections.use() as connection:
            rows = connection.execute("SELECT run FROM mirror").fetchall()
        return {run for (run,) in rows}

    def mark_stale(self, runs: Sequence[int]) -> None:
        """See `mark_stale`."""
        self._connections.change(lambda connection: mark_stale(connection, runs))
