"""Notices between the servers of one PostgreSQL database: short texts, by LISTEN/NOTIFY. Does I/O.

A notice only saves waiting: one that is sent while a listener is cut off is lost, and a pooler may
pass none on. What must arrive is in a table (`shared_changes`), which listeners read each second
anyway. A notice is never part of a transaction that writes: PostgreSQL commits those with notices
one after another.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
from sqlalchemy import Connection

from weft.server.storage.postgres import SILENCE_SECS, PatientConnection, connect

_CHANNEL: Final = "weft"


class Notices:
    """Sends notices, and receives those of others. `wait` and `close` are called in one thread."""

    def __init__(self, address: dict[str, Any]) -> None:
        self._address = address
        self._sender = secrets.token_hex(8)
        self._connection: PatientConnection | None = None
        self._heard_secs = 0.0

    def send(self, connection: Connection, texts: Sequence[str]) -> None:
        """Send texts of at most `changes.MAX_NOTICE_BYTES`, as the transaction ends."""
        for text in texts:
            connection.exec_driver_sql(
                "SELECT pg_notify(%s, %s)", (_CHANNEL, f"{self._sender} {text}")
            )

    def wait(self, secs: float) -> list[str]:
        """The texts that others sent since the last call. Waits for the first, at most so long.

        psycopg.Error if the database is away; the next call connects again.
        """
        try:
            connection = self._connect()
            if time.monotonic() - self._heard_secs > SILENCE_SECS:
                # No notices may mean that the server hangs, and that others have another primary.
                connection.execute("SELECT 1")
                self._heard_secs = time.monotonic()
            texts: list[str] = []
            timeout = secs
            while True:
                batch = list(connection.notifies(timeout=timeout, stop_after=1))
                if not batch:
                    return texts
                timeout = 0.0
                self._heard_secs = time.monotonic()
                for notice in batch:
                    sender, _, text = notice.payload.partition(" ")
                    if sender != self._sender:
                        texts.append(text)
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection of `wait`."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()

    def _connect(self) -> PatientConnection:
        if self._connection is None:
            connection = connect(**self._address, autocommit=True)
            connection.execute(f"LISTEN {_CHANNEL}")
            self._connection = connection
            self._heard_secs = time.monotonic()
        return self._connection
