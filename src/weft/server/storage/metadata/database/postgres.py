"""PostgreSQL as a metadata database: connections, notices and reasons of errors. Does I/O."""

from __future__ import annotations

import select
import time
from typing import Any, Final

import psycopg
from psycopg import Error as Error
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

from weft.errors import ConfigError
from weft.server.storage.metadata.database.notices import Notices
from weft.server.storage.postgres import PatientConnection, connect

_FULL: Final = ("too many clients", "remaining connection slots", "too many connections")

_TRUSTED_SECS: Final = 5.0
"""A connection that was used so lately, and has received nothing since, is taken to be open."""

_IDLE_SINCE: Final = "idle_since_secs"


def address_of(url: str) -> dict[str, Any]:
    """The parameters of libpq in a URL, which may have several hosts: SQLAlchemy's own URLs have
    one. ConfigError if libpq refuses it.
    """
    try:
        return conninfo_to_dict(url)
    except psycopg.Error as error:
        raise ConfigError(
            "the metadata database must be an address such as postgresql://user@host/weft"
        ) from error


def bound_waits(engine: Engine, address: dict[str, Any]) -> None:
    """Make an engine for `postgresql+psycopg` open `PatientConnection`s to an address."""

    @event.listens_for(engine, "do_connect")
    def open_patient(
        _dialect: Any, _record: Any, _args: list[Any], parameters: dict[str, Any]
    ) -> PatientConnection:
        return connect(**parameters, **address)


def check_idle(engine: Engine) -> None:
    """Make an engine drop connections that were closed while they were idle.

    A server that ends closes its connections, which shows without a question to it.
    `pool_pre_ping` asks before each use, which takes as long as a short question itself.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: PatientConnection | None, record: Any, _proxy: Any) -> None:
        since_secs = record.info.pop(_IDLE_SINCE, None)
        if connection is None or since_secs is None:
            return
        is_trusted = time.monotonic() - since_secs < _TRUSTED_SECS and not _has_received(
            connection
        )
        if not is_trusted and not _is_open(engine, connection):
            raise InvalidatePoolError


def _has_received(connection: PatientConnection) -> bool:
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _is_open(engine: Engine, connection: PatientConnection) -> bool:
    try:
        return engine.dialect.do_ping(connection)  # type: ignore[arg-type]
    except psycopg.Error:
        return False


def open_notices(address: dict[str, Any]) -> Notices:
    """The notices between the servers of a database."""
    return Notices(address)


def is_full(error: BaseException | None) -> bool:
    """Whether the server refused a connection because it has too many."""
    # libpq sets no SQLSTATE for a refused connection.
    return isinstance(error, psycopg.OperationalError) and any(
        text in str(error) for text in _FULL
    )


def reason_of(error: BaseException) -> str:
    """The reason for an error, without host or port."""
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return "it does not answer"
    if is_full(error):
        return "it has no free connection"
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        return error.diag.message_primary
    return "it can't be reached"
