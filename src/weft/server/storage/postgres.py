"""Connections to PostgreSQL that give up when the server no longer answers. Does I/O.

A server that hangs, for example on a stalled disk, keeps its connections open but answers nothing,
so timeouts that the server enforces don't help. So the client checks: if a statement gets no
answer for a while, a second connection shows whether the server still responds. A statement that
merely takes long continues.

An address may have several hosts, of which one is the primary: connections go to that one.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Final

import psycopg

CONNECT_SECS: Final = 8
SILENCE_SECS: Final = 6.0
"""A request to a hanging server waits for this silence, a check and a new connection: 22 s."""

IDLE_SECS: Final = 30
"""PostgreSQL ends a connection whose transaction does nothing for this time."""

PREPARED_FROM: Final = 1
"""A statement that a connection has executed so often is planned once for all later times: the
plan of a run with its joins takes longer than its execution. Psycopg begins at 5."""

LIMITS: Final = {
    "connect_timeout": CONNECT_SECS,
    # A connection dropped by a firewall, or to a host without power, is silent, too.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    # A server that was paused in a transaction would block others by its locks.
    "options": f"-c idle_in_transaction_session_timeout={IDLE_SECS}s",
    # A standby that an address leads to for a moment would refuse statements, not connections.
    "target_session_attrs": "primary",
}

_OF_HOSTS: Final = {"host", "hostaddr", "port", "target_session_attrs", "load_balance_hosts"}


class PatientConnection(psycopg.Connection[Any]):
    """A connection that closes itself if the server doesn't answer a new connection either."""

    address: dict[str, Any]

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **kwargs: Any) -> Any:
        """See `psycopg.Connection.wait`."""
        return super().wait(self._watched(gen), *args, **kwargs)

    def _watched(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """`gen` with a check of the server; psycopg resumes it several times a second."""
        look_at = time.monotonic() + SILENCE_SECS
        ready: Any = None
        while True:
            try:
                events = gen.send(ready)
            except StopIteration as end:
                return end.value
            ready = yield events
            if ready:
                look_at = time.monotonic() + SILENCE_SECS
            elif time.monotonic() > look_at:
                if not _answers(self.address):
                    self.pgconn.finish()
                    raise psycopg.errors.ConnectionTimeout("the server does not answer")
                look_at = time.monotonic() + SILENCE_SECS


def connect(**address: Any) -> PatientConnection:
    """Connect with `LIMITS`, to which `address` adds parameters of libpq and psycopg."""
    options: dict[str, Any] = {**LIMITS, "prepare_threshold": PREPARED_FROM, **address}
    connection = PatientConnection.connect(**options)
    connection.address = _address_of(connection, options)
    return connection


def _address_of(connection: PatientConnection, options: dict[str, Any]) -> dict[str, Any]:
    """Parameters that lead to the server of a connection and to none of the other hosts: it may
    hang while another has become the primary.
    """
    info = connection.info
    own = {"host": info.host, "hostaddr": info.hostaddr, "port": info.port}
    others = {name: options[name] for name in options if name not in _OF_HOSTS | {"context"}}
    return others | {name: value for name, value in own.items() if value}


def _answers(address: dict[str, Any]) -> bool:
    try:
        psycopg.connect(**address).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.OperationalError:
        return True  # a refusal is an answer; if the server is gone, the OS closes the connection
    return True
