"""Queries of tables with paths of files: pages of them, and the folders in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeVarTuple

from sqlalchemy import Column, ColumnElement, Row, Select, Table, func, or_, select, true

from weft.records.files.described import DESCRIBING_FILES, DESCRIBING_FOLDERS
from weft.server.storage.metadata.database.engine import Transaction

_Columns = TypeVarTuple("_Columns")

_AFTER_ALL: Final = "\U0010ffff"
"""A character that no path contains and that sorts after all others."""


class FolderRow(NamedTuple):
    """A folder with all that is below it. Its name is without the folders that it is in."""

    name: str
    n_files: int
    n_bytes: int


def begins_with(
    path: Column[str] | Column[Any], prefix: str | ColumnElement[str]
) -> ColumnElement[bool]:
    """Whether a path begins with `prefix`; an index on the path finds these."""
    if isinstance(prefix, str) and not prefix:
        return true()
    return (path >= prefix) & (path < prefix + _AFTER_ALL)


def describes_run(path: Column[str]) -> ColumnElement[bool]:
    """Whether a run's file describes it, as `records.files.described` has it."""
    folders = [begins_with(path, folder) for folder in DESCRIBING_FOLDERS]
    return or_(*folders, path.in_(DESCRIBING_FILES))


def slash_after(
    tx: Transaction, path: Column[str] | Column[Any], folder: str
) -> ColumnElement[int]:
    """Where in the rest of a path below `folder` the next folder ends, from 1 on; 0: it is a
    file's name. The folder is '' or ends with a slash.
    """
    rest = func.substr(path, len(folder) + 1)
    position = func.instr if tx.dialect == "sqlite" else func.strpos
    return position(rest, "/")


def page_by_path(
    tx: Transaction,
    query: Select[*_Columns],
    path: ColumnElement[str],
    after: str | None,
    limit: int,
) -> Sequence[Row[*_Columns]]:
    """The rows of a query by path, starting after `after`."""
    if after is not None:
        query = query.where(path > after)
    return tx.connection.execute(query.order_by(path).limit(limit)).all()


def folders_in(
    tx: Transaction, table: Table, below: ColumnElement[bool], folder: str, limit: int
) -> list[FolderRow]:
    """The folders in a folder, by name.

    `below` is the condition that a file is below it, '' or a path that ends with a slash.
    """
    slash = slash_after(tx, table.c.path, folder)
    name = func.substr(table.c.path, len(folder) + 1, slash - 1).label("name")
    query = (
        select(name, func.count(), func.sum(table.c.n_bytes))
        .where(below, slash > 0)
        .group_by(name)
        .order_by(name)
        .limit(limit)
    )
    return [FolderRow(row[0], row[1], int(row[2])) for row in tx.connection.execute(query)]
