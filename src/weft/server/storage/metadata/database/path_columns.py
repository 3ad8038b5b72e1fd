"""Conditions on columns with paths of files: what is below a folder, what is directly in it."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, func, true

from weft.server.storage.metadata.database.engine import Transaction

_AFTER_ALL: Final = "\U0010ffff"
"""A character that no path contains and that sorts after all others."""


def begins_with(path: Column[str] | Column[Any], prefix: str) -> ColumnElement[bool]:
    """Whether a path begins with `prefix`; an index on the path finds these."""
    return (path >= prefix) & (path < prefix + _AFTER_ALL) if prefix else true()


def slash_after(
    tx: Transaction, path: Column[str] | Column[Any], folder: str
) -> ColumnElement[int]:
    """Where in the rest of a path the next folder ends, from 1 on; 0: it is a file's name.

    Args:
        folder: '' or a path that ends with a slash and that the path begins with.
    """
    rest = func.substr(path, len(folder) + 1)
    position = func.instr if tx.dialect == "sqlite" else func.strpos
    return position(rest, "/")
