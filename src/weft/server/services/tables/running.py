"""Queries for rows of tables, and the child process that answers them one after the other."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.errors import ConfigError, LimitExceeded, NotFound, Unavailable, WeftError
from weft.server.services.logged_tables import LoggedTable, TableOwner
from weft.server.services.media import Item, media_item, paths_of
from weft.server.services.sql import Running, SqlService
from weft.server.services.sql_child.pipe import send
from weft.server.services.sql_child.table_sources import MAX_LINE_BYTES
from weft.server.services.sql_child.table_unions import MAX_UNITED_CELLS
from weft.server.services.tables.text_tables import TextTables
from weft.server.services.tables.windows import Fetched, MediaCell, columns_of, media_of, sides_of
from weft.wire.metrics.media import MAX_MEDIA_ITEMS
from weft.wire.metrics.tables import (
    TableAnswer,
    TableAnswers,
    TableFault,
    TableMedia,
    TableQuery,
    TableWindow,
)

ENOUGH_BYTES: Final = 16 * 2**20
ENOUGH_SECS: Final = 10.0
"""Limits after which the remaining tables are left to another request."""

MAX_MEDIA_CELLS: Final = 10_000
"""Most cells of a window whose media are described."""

_NOTHING: Final = Fetched([], 0, 0, 0, [], [], [], [])

_decode: Final = msgspec.json.Decoder(Fetched).decode


@dataclass(frozen=True, slots=True)
class WindowQuery:
    """A query for rows of a table.

    `tables` are the table; or the left and the right one of a join by `keys`; or the table, and
    the one whose rows are left out; or those of a union, with a label each. `step` is None if it
    is named by path.
    """

    tables: Sequence[LoggedTable]
    keys: tuple[str, str] | None
    step: float | None
    request: TableQuery
    labels: Sequence[str] | None = None

    @property
    def has_rows(self) -> bool:
        """Whether the first file of each table is stored, or of any table of a union."""
        have_rows = [bool(table.stored) for table in self.tables]
        return all(have_rows) if self.labels is None else any(have_rows)


WindowOrError = TableWindow | WeftError
"""The rows of one table, or the error that prevents them."""


class RunningWindows(Running[list[WindowOrError]]):
    """Windows of several tables, and the process that reads them; an error stands for a query
    that can't be answered.
    """

    def __init__(
        self,
        sql: SqlService,
        queries: Sequence[WindowQuery | WeftError],
        text_tables: TextTables,
    ) -> None:
        super().__init__(sql.processes)
        self._text_tables = text_tables
        # By paths of files of text: the path to write a copy to, and the content.
        self._copies: dict[str, tuple[str, str]] = {}
        self._queries = queries
        self._tables: Sequence[LoggedTable] = ()
        self._windows: list[WindowOrError] = []

    def run(self) -> list[WindowOrError]:
        """Return the windows, in order; without a stored first file, a window is empty.

        At least one; fewer than requested if they were large or took long. A table whose rows
        can't be read has an error instead. Unavailable if the process ended unexpectedly.
        """
        if not any(isinstance(query, WindowQuery) and query.has_rows for query in self._queries):
            return [self._without_rows(query) for query in self._queries]
        try:
            return super().run()
        except LimitExceeded as error:  # of the table that was being read
            return [*self._windows, error]
        except Unavailable:
            if self._is_killed or not self._windows:
                raise
            return self._windows  # another request begins with the table that ended the process

    def _converse(self, into: Any, out: Any, folder: str) -> list[WindowOrError]:
        copied = [self._copied(nth, Path(folder)) for nth in range(len(self._queries))]
        read = [
            (query, paths) for query, paths in copied if isinstance(query, WindowQuery) and paths
        ]
        files = [path for _, paths in read for path in chain(*paths)]
        copies = {path: copy for path, (copy, _) in self._copies.items()}
        self._send_bounds(into, folder, [*files, *copies.values()])
        send(into, {"windows": [_message(query, paths, copies) for query, paths in read]})
        begun, n_bytes = time.monotonic(), 0
        for query, paths in copied:
            if n_bytes > ENOUGH_BYTES or time.monotonic() - begun > ENOUGH_SECS:
                break
            if isinstance(query, WeftError) or not paths:
                self._windows.append(self._without_rows(query))
                continue
            self._tables = query.tables
            try:
                self._received(out)
            except (ConfigError, LimitExceeded) as error:
                self._windows.append(error)
                continue
            body = self._body(out)
            n_bytes += len(body)
            self._keep_copies(chain(*paths))
            self._windows.append(self._window(query, _decode(body)))
        return self._windows

    def _copied(self, nth: int, folder: Path) -> tuple[WindowQuery | WeftError, list[list[str]]]:
        """A query and copies of the files of its tables; none if it has no rows."""
        query = self._queries[nth]
        if isinstance(query, WeftError) or not query.has_rows:
            return query, []
        try:
            return query, [
                self._copied_table(table, folder, f"{nth}-{side}-")
                for side, table in enumerate(query.tables)
            ]
        except NotFound as error:  # deleted meanwhile
            return error, []

    def _copied_table(self, table: LoggedTable, folder: Path, prefix: str) -> list[str]:
        content = self._text_tables.content_of(table)
        parquet = folder / f"{prefix}copy.parquet"
        if content is None:
            return table.copy_to(folder, prefix)
        if self._text_tables.link_to(content, parquet):
            return [str(parquet)]
        (path,) = table.copy_to(folder, prefix)
        self._copies[path] = (str(parquet), content)
        return [path]

    def _keep_copies(self, paths: Iterable[str]) -> None:
        """Keep the copies that were made of files whose rows have come."""
        for path in paths:
            if path in self._copies:
                copy, content = self._copies[path]
                self._text_tables.keep(content, Path(copy))

    def _without_rows(self, query: WindowQuery | WeftError) -> WindowOrError:
        return query if isinstance(query, WeftError) else self._window(query, _NOTHING)

    def _window(self, query: WindowQuery, fetched: Fetched) -> TableWindow:
        table = query.tables[0]
        media_cells = [
            MediaCell(cell.row, cell.column, cell.items[:MAX_MEDIA_ITEMS])
            for cell in islice(media_of(fetched.rows), MAX_MEDIA_CELLS)
        ]
        owners = [_owners(query, fetched, cell) for cell in media_cells]
        needed: dict[TableOwner, set[str]] = {}
        for cell, candidates in zip(media_cells, owners, strict=True):
            for owner in candidates:
                needed.setdefault(owner, set()).update(paths_of(cell.items))
        files = {
            (owner.name, path): file
            for owner, paths in needed.items()
            for path, file in owner.find_files(paths).items()
        }
        states = [table.state for table in query.tables]
        state, error = next((state for state in states if state[0] != "stored"), states[0])
        return TableWindow(
            path=table.path,
            step=query.step,
            state=state,
            error=error,
            columns=columns_of(fetched),
            n_columns=fetched.n_columns,
            n_rows=fetched.n_rows,
            total=fetched.total,
            numbers=fetched.numbers,
            rows=fetched.rows,
            cut=fetched.cut,
            runs=[query.tables[index].owner.name for index in fetched.tables],
            media=[
                TableMedia(
                    row=cell.row,
                    column=cell.column,
                    items=[
                        media_item(item, files, _name_of(candidates, item, files))
                        for item in cell.items
                    ],
                )
                for cell, candidates in zip(media_cells, owners, strict=True)
            ],
        )

    def _refused(self, kind: str, message: str) -> WeftError:
        if kind == "UnknownColumn":
            return ConfigError(f"the table has no column {message!r}", field="columns")
        if kind == "InvalidPattern":
            return ConfigError(f"invalid pattern: {message}", field="filters")
        if kind == "LargeExpression":
            return ConfigError("the expression of a column is too large", field="computed")
        if kind == "LargeUnion":
            return LimitExceeded(
                f"the tables have too many columns together: {MAX_UNITED_CELLS:,} divided by the "
                "number of tables is the limit; unite fewer tables"
            )
        if kind == "LongLine":
            return LimitExceeded(
                f"a line of {self._tables[0].path!r} has more than {MAX_LINE_BYTES // 10**6} MB: "
                "log such texts as files of their own"
            )
        if kind == "OutOfMemoryException":
            return LimitExceeded(
                "the table exceeds the memory limit: ask for fewer columns or rows"
            )
        return ConfigError(
            f"the rows of {self._tables[0].path!r} can't be read: {_plain(message)}"
        )


def _owners(query: WindowQuery, fetched: Fetched, cell: MediaCell) -> Sequence[TableOwner]:
    """The owners that may have the files of a cell: several for a group of rows of a union."""
    tables = query.tables
    if query.labels is None:
        sides = sides_of(fetched, is_joined=query.keys is not None)
        return [tables[sides[cell.column]].owner]
    if fetched.tables:
        return [tables[fetched.tables[cell.row]].owner]
    return list(dict.fromkeys(table.owner for table in tables))


def _name_of(
    candidates: Sequence[TableOwner], item: Item, files: Mapping[tuple[str, str], Any]
) -> str:
    """The name of the first owner that has the files of an item."""
    paths = list(paths_of([item]))
    names = [owner.name for owner in candidates]
    return next((name for name in names if all((name, path) in files for path in paths)), names[0])


def answers_of(windows: Sequence[WindowOrError]) -> TableAnswers:
    """The answer to a request for several tables."""
    return TableAnswers(
        answers=[
            TableAnswer(fault=TableFault(code=window.code, detail=str(window)))
            if isinstance(window, WeftError)
            else TableAnswer(window=window)
            for window in windows
        ]
    )


def _message(
    query: WindowQuery, paths: Sequence[Sequence[str]], copies: Mapping[str, str]
) -> dict[str, Any]:
    """The message to the child process about a query."""
    names = ("offset", "limit", "columns", "sort", "search", "filters", "group", "max_chars")
    request = {name: getattr(query.request, name) for name in names}
    return request | {
        "files": paths,
        "keys": query.keys,
        "labels": query.labels,
        "computed": [(column.name, column.expression) for column in query.request.computed],
        "copies": copies,
    }


def _plain(message: str) -> str:
    """DuckDB's message in one line, without its excerpt of the statement and without paths."""
    text = message.partition("\n\nLINE ")[0].partition("\nLINE ")[0]
    return " ".join(re.sub(r"['\"]?\S*weft-sql-\S*['\"]?", "the file", text).split())[:500]
