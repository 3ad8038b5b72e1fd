"""Changes of runs in a table, for other servers of one PostgreSQL and for saved columns. Does I/O.

Each transaction that touches runs, or other things that servers have in memory, adds a row with
them. The other servers read the rows at a notice (`notices`), and every second. Row ids and times
are no order of commits, so a server reads again from the oldest transaction that was still open
when it last read, and skips what it has read.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import Connection

from weft.server.storage.metadata.database.changes import (
    KINDS,
    PARTS,
    Kind,
    OthersChanges,
    Part,
    Things,
    Touched,
)

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
_PRUNE: Final = """
DELETE FROM run_change WHERE micros < %s
AND id <= coalesce((SELECT min(mark) FROM column_save), id)
AND id < (SELECT max(id) FROM run_change)
"""
_ADD_ON_SQLITE: Final = """
INSERT INTO run_change (server, "transaction", micros, touched)
SELECT '', 0, 0, ? WHERE EXISTS (SELECT 1 FROM column_save)
"""

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(dict[str, list[int]]).decode


def add_on_sqlite(connection: Connection, touched: Touched) -> None:
    """Add what a transaction has touched, before its commit, if any columns are saved."""
    if touched:
        connection.exec_driver_sql(_ADD_ON_SQLITE, (_text_of(touched),))


def touched_in(texts: Iterable[str]) -> dict[Part, set[int]]:
    """Row ids of the runs in texts of the table, by part."""
    touched: dict[Part, set[int]] = {part: set() for part in PARTS}
    for text in texts:
        for name, row_ids in _decode(text).items():
            if name in PARTS:
                touched[name].update(row_ids)
    return touched


def _text_of(changes: Iterable[tuple[str, int]]) -> str:
    by_part: dict[str, list[int]] = {}
    for part, row_id in changes:
        by_part.setdefault(part, []).append(row_id)
    return _encode(by_part).decode()


class SharedChanges:
    """Writes changes by this server, and reads those by others, in one thread at a time."""

    def __init__(self) -> None:
        self._server = secrets.token_hex(8)
        self._since: int | None = None
        self._ids: set[int] = set()
        """Rows that were read, of transactions from `_since` on."""
        self._read_micros = 0
        self._pruned_micros = 0

    def add(self, connection: Connection, touched: Touched, things: Things) -> None:
        """Add what a transaction has touched, before its commit."""
        if not touched and not things:
            return
        connection.exec_driver_sql(_ADD, (self._server, _text_of((*touched, *things))))

    def read(self, connection: Connection) -> OthersChanges:
        """Read what others have touched since the last call.

        The first call returns nothing: later ones are about what comes after it.
        """
        oldest_open, now_micros = connection.exec_driver_sql(_PRESENT).one()
        since, read_micros = self._since, self._read_micros
        if since is None or now_micros - read_micros > KEPT_SECS * _MICROS:
            self._since, self._ids, self._read_micros = oldest_open, set(), now_micros
            return OthersChanges(is_whole=since is None)
        rows = connection.exec_driver_sql(_READ, (since, self._server)).all()
        touched: set[tuple[Part, int]] = set()
        things: set[tuple[Kind, int]] = set()
        for row_id, _, text in rows:
            if row_id not in self._ids:
                for name, row_ids in _decode(text).items():
                    if name in PARTS:
                        touched.update((name, run) for run in row_ids)
                    elif name in KINDS:
                        things.update((name, thing) for thing in row_ids)
        self._since, self._read_micros = oldest_open, now_micros
        self._ids = {row_id for row_id, transaction, _ in rows if transaction >= oldest_open}
        if now_micros - self._pruned_micros > _PRUNE_SECS * _MICROS:
            self._pruned_micros = now_micros
            connection.exec_driver_sql(_PRUNE, (now_micros - KEPT_SECS * _MICROS,))
        return OthersChanges(touched, things)
