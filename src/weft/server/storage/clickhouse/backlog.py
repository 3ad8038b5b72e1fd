"""Overdue work of movers, in all stores and of all servers. Does I/O."""

from __future__ import annotations

from typing import Final

from weft.server.storage.clickhouse.chunk_view import LISTED
from weft.server.storage.clickhouse.connections import Connections
from weft.server.storage.clickhouse.reader import DELETED, HIDDEN, LIVE
from weft.server.storage.contract import Backlog
from weft.server.storage.metrics.chunking.plan import (
    CONSOLE_BYTES,
    FRESH_BATCHES,
    IDLE_SECS,
    TIER_ROWS,
)

OVERDUE_SECS: Final = 30.0
"""Work that is due for so long falls to a server that does not have the store open."""

_WAITING: Final = """
WITH waiting AS (
    SELECT run, writer, system, "offset", fractional, n_bytes, received,
        row_number() OVER class AS n_batches, sum(n) OVER class AS n_rows,
        sum(CASE WHEN console THEN n_bytes ELSE 0 END) OVER class AS console_bytes
    FROM fresh WHERE chunk IS NULL
    WINDOW class AS (PARTITION BY run, writer, system, "offset", fractional ORDER BY fresh)
), class AS (
    SELECT run, count(*) AS n_batches, sum(n_bytes) AS n_bytes, least(
        min(received) FILTER (WHERE n_batches >= %s OR n_rows >= %s OR console_bytes >= %s),
        max(received) + %s * interval '1 s') AS due
    FROM waiting GROUP BY run, writer, system, "offset", fractional
)
SELECT store.name, sum(n_batches)::bigint, sum(n_bytes)::bigint,
    extract(epoch FROM clock_timestamp() - min(due))::float8
FROM class JOIN run USING (run) JOIN store USING (store) WHERE gone = ANY(%s) GROUP BY 1
"""

_UNMIRRORED: Final = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - min(received)), 0)::float8
FROM fresh JOIN run USING (run) WHERE mirrored = false AND gone = %s
"""

_UNFINISHED: Final = """
SELECT name FROM store WHERE store IN (
    SELECT store FROM run WHERE gone = %s
    UNION SELECT store FROM chunk JOIN run USING (run) WHERE gone = ANY(%s) AND state = %s
        AND NOT planned AND header IS NOT NULL AND since < clock_timestamp() - %s * interval '1 s'
    UNION SELECT store FROM chunk JOIN run USING (run) WHERE gone = ANY(%s) AND state = %s AND cut
)
"""


def read_backlog(connections: Connections) -> Backlog:
    """The overdue work: rows to be moved and mirrored, merges, and deletions."""
    with connections.use() as connection:
        waiting = connection.execute(
            _WAITING,
            (FRESH_BATCHES, TIER_ROWS[0], CONSOLE_BYTES, IDLE_SECS, [LIVE, HIDDEN]),
        ).fetchall()
        ((mirror_lag_secs,),) = connection.execute(_UNMIRRORED, (LIVE,)).fetchall()
        unfinished = connection.execute(
            _UNFINISHED,
            (DELETED, [LIVE, HIDDEN], LISTED, OVERDUE_SECS, [LIVE, HIDDEN], LISTED),
        ).fetchall()
    overdue = {name for name, *_, lag_secs in waiting if lag_secs > OVERDUE_SECS}
    return Backlog(
        tuple(sorted(overdue.union(name for (name,) in unfinished))),
        sum(n_batches for _, n_batches, _, _ in waiting),
        sum(n_bytes for _, _, n_bytes, _ in waiting),
        max((lag_secs for *_, lag_secs in waiting if lag_secs > 0), default=0.0),
        mirror_lag_secs,
    )
