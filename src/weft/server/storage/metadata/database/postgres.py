"""PostgreSQL as a metadata database: connections, notices and reasons of errors. Does I/O."""

from __future__ import annotations

from typing import Any, Final

import psycopg
from psycopg import Error as Error
from sqlalchemy import Engine, event

from weft.server.storage.metadata.database.notices import Notices
from weft.server.storage.postgres import LIMITS, PatientConnection, connect

_FULL: Final = ("too many clients", "remaining connection slots", "too many connections")


def bound_waits(engine: Engine) -> None:
    """Make an engine for `postgresql+psycopg` open `PatientConnection`s."""

    @event.listens_for(engine, "do_connect")
    def open_patient(
        _dialect: Any, _record: Any, _args: list[Any], parameters: dict[str, Any]
    ) -> PatientConnection:
        return connect(**parameters)


def open_notices(engine: Engine) -> Notices:
    """The notices between the servers of a database."""
    _, parameters = engine.dialect.create_connect_args(engine.url)
    return Notices({**LIMITS, **parameters})


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
