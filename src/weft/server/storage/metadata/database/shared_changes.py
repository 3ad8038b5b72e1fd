"""Changes of runs by other servers of one PostgreSQL database, read from a table. Does I/O.

Each transaction that touches runs adds a row with its parts, which the other servers read every
second. Row ids and times are no order of commits, so a server reads again from the oldest
transaction that was still open when it last read, and skips what it has read.
"""

from __future__ import annotations

import secrets
from typing import Final

import msgspec
from sqlalchemy import Connection

from weft.server.storage.metadata.database.changes import PARTS, Part, Touched

KEPT_SECS: Final = 300
"""A row is deleted after this time. A server that reads nothing for longer reads all runs
again."""

_PRUNE_SECS: Final = 60
_MICROS: Final = 1_000_000
_NOW: Final = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"

_ADD: Final = f"""
INSERT INTO run_change (server, transaction, micros, touched)
VALUES (%s, pg_current_xact_id()::text::bigint, {_NOW}, %s)
"""
_PRESENT: Final = f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, {_NOW}"
_READ: Final = """
SELECT id, transaction, touched FROM run_change WHERE transaction >= %s AND server <> %s
"""
_PRUNE: Final = "DELETE FROM run_change WHERE micros < %s"

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, list[int]]).decode


class SharedChanges:
    """Writes changes by this server, and reads those by others, in one thread at a time."""

    def __init__(self) -> None:
        self._server = secrets.token_hex(8)
        self._since: int | None = None
        self._ids: set[int] = set()
        """Rows that were read, of transactions from `_since` on."""
        self._read_micros = 0
        self._pruned_micros = 0

    def add(self, connection: Connection, touched: Touched) -> None:
        """Add what a transaction has touched, before its commit."""
        if not touched:
            return
        by_part: dict[str, list[int]] = {}
        for part, row_id in touched:
            by_part.setdefault(part, []).append(row_id)
        connection.exec_driver_sql(_ADD, (self._server, _encode(by_part).decode()))

    def read(self, connection: Connection) -> Touched | None:
        """Read the parts of runs that others have touched since the last call; None if that is
        no longer known.

        The first call returns nothing: later ones are about what comes after it.
        """
        oldest_open, now_micros = connection.exec_driver_sql(_PRESENT).one()
        since, read_micros = self._since, self._read_micros
        if since is None or now_micros - read_micros > KEPT_SECS * _MICROS:
            self._since, self._ids, self._read_micros = oldest_open, set(), now_micros
            return () if since is None else None
        rows = connection.exec_driver_sql(_READ, (since, self._server)).all()
        touched: set[tuple[Part, int]] = set()
        for row_id, _, text in rows:
            if row_id not in self._ids:
                for part, run_row_ids in _decode(text).items():
                    if part in PARTS:
                        touched.update((part, run) for run in run_row_ids)
        self._since, self._read_micros = oldest_open, now_micros
        self._ids = {row_id for row_id, transaction, _ in rows if transaction >= oldest_open}
        if now_micros - self._pruned_micros > _PRUNE_SECS * _MICROS:
            self._pruned_micros = now_micros
            connection.exec_driver_sql(_PRUNE, (now_micros - KEPT_SECS * _MICROS,))
        return touched
