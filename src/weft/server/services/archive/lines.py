"""Checks of an archive's lines, which are untrusted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec

from weft.errors import ConfigError, Conflict, CorruptLog
from weft.server.services.access.paths import ProjectPath
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction

_NAMED: Final = 5
"""Maximum number of things that a message names."""

_T = TypeVar("_T")
_V = TypeVar("_V")


@contextmanager
def at_line(name: str, number: int) -> Generator[None]:
    """Name the entry and its line, counted from 1, in an error of the block."""
    try:
        yield
    except CorruptLog as error:
        raise CorruptLog(f"{name}, line {number}: {error}") from None


def convert_line(line: dict[str, Any], shape: type[_T], subject: str) -> _T:
    """A line as `shape`, else CorruptLog.

    The message names `subject`, the list that the line is in.
    """
    try:
        return msgspec.convert(line, shape)
    except msgspec.ValidationError as error:
        raise CorruptLog(f"the archive is damaged: a line of {subject}: {error}") from None


def check_value(check: Callable[[_V], _T], value: _V) -> _T:
    """Check a value as an upload's is checked; what `check` refuses is a CorruptLog."""
    try:
        return check(value)
    except ConfigError as error:
        raise CorruptLog(f"the archive is damaged: {error}") from None


def find_existing(
    stores: Stores, to: ProjectPath, find: Callable[[Transaction, int], Iterable[str]]
) -> set[str]:
    """Find the names of an archive that project `to` already has. Empty if it does not exist."""
    metadata = stores.metadata
    with metadata.read() as tx:
        project_id = metadata.projects.find_project(tx, *to)
        return set() if project_id is None else set(find(tx, project_id))


def check_existing(
    subject: str, existing: Collection[str], to: ProjectPath, *, skip_existing: bool
) -> None:
    """Refuse with Conflict an archive with things (`subject`, such as "runs") that the project
    already has, unless `skip_existing`.
    """
    if not existing or skip_existing:
        return
    named = ", ".join(sorted(existing)[:_NAMED])
    more = f" and {len(existing) - _NAMED} more" if len(existing) > _NAMED else ""
    raise Conflict(
        f"project {to} already has {subject} of the archive: {named}{more}; "
        "import it to another project, or leave these out (--skip-existing)"
    )
