"""Databases of one process share what SQLAlchemy compiles.

A server opens one database and compiles each statement once. Tests of its modules open hundreds,
and would compile the same statements for each: a third of their time. The forks that servers are
have the statements with which a database is opened.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import util
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import Engine
from sqlalchemy.schema import CreateIndex, CreateTable

_statements = util.LRUCache[Any, Any](2000)
Engine._compiled_cache = property(lambda _: _statements, lambda _, cache: None)  # type: ignore[assignment]

# Part of the key of each statement: all dialects of SQLite are one, and those of one PostgreSQL.
for _dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
    _dialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign]
    _dialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]

_definitions: dict[tuple[Any, ...], Any] = {}


def _compile_once(
    self: CreateTable | CreateIndex, bind: Any = None, dialect: Any = None, **options: Any
) -> Any:
    foreign_keys = getattr(self, "include_foreign_key_constraints", None)
    key = (self.element, dialect, None if foreign_keys is None else tuple(foreign_keys))
    if key not in _definitions:
        compiled = super(type(self), self).compile(bind=bind, dialect=dialect, **options)
        _definitions[key] = compiled
    return _definitions[key]


for _creation in (CreateTable, CreateIndex):
    _creation.compile = _compile_once  # type: ignore[method-assign]
