"""One question for rows of a table, and the child process that answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.errors import ConfigError, LimitExceeded, WeftError
from weft.server.services.files.service import FileService
from weft.server.services.logged_tables import LoggedTable
from weft.server.services.media import media_item, paths_of
from weft.server.services.sql import Running, SqlService
from weft.server.services.sql_child.pipe import send
from weft.server.services.tables.windows import Fetched, columns_of, media_of
from weft.wire.media import MAX_MEDIA_ITEMS
from weft.wire.tables import TableMedia, TableQuery, TableWindow

_decode: Final = msgspec.json.Decoder(Fetched).decode


class RunningWindow(Running[TableWindow]):
    """One window of a table and the process that reads it.

    Args:
        tables: the table, or the left and the right one of a join.
        keys: the columns to join them by. None for a single table.
        step: where it was logged. None if it is asked for by path.
    """

    def __init__(
        self,
        files: FileService,
        sql: SqlService,
        tables: Sequence[LoggedTable],
        keys: tuple[str, str] | None,
        step: float | None,
        asked: TableQuery,
    ) -> None:
        super().__init__(sql.processes)
        self._files = files
        self._tables = tables
        self._keys = keys
        self._step = step
        self._asked = asked

    def run(self) -> TableWindow:
        """Return the window; without rows if the table's first file is not stored.

        Raises:
            NotFound: a file was deleted meanwhile.
            ConfigError: the request names an unknown column, or a file is not a Parquet file.
            LimitExceeded: the answer is too large, or took too much memory or time.
            Unavailable: it was killed, or its process ended unexpectedly.
        """
        is_there = all(table.stored for table in self._tables)
        return super().run() if is_there else self._window(_NOTHING)

    def _converse(self, into: Any, out: Any, folder: str) -> TableWindow:
        copies = [
            table.copy_to(self._files, Path(folder), f"{nth}-")
            for nth, table in enumerate(self._tables)
        ]
        self._send_bounds(into, folder, [path for paths in copies for path in paths])
        asked = self._asked
        names = ("offset", "limit", "columns", "sort", "search", "filters", "max_chars")
        window = {name: getattr(asked, name) for name in names}
        join = None if self._keys is None else {"n_left": len(copies[0]), "keys": self._keys}
        send(into, {"window": window | {"join": join}})
        self._received(out)
        return self._window(_decode(self._body(out)))

    def _window(self, fetched: Fetched) -> TableWindow:
        table = self._tables[0]
        found = [*media_of(fetched.rows)][:MAX_MEDIA_CELLS]
        wanted = {path for _, _, items in found for path in paths_of(items[:MAX_MEDIA_ITEMS])}
        run = table.run
        files = self._files.find(table.actor, run.of_project, {run.run: wanted}) if wanted else {}
        states = [one.state for one in self._tables]
        state, error = next((one for one in states if one[0] != "stored"), states[0])
        return TableWindow(
            path=table.path,
            step=self._step,
            state=state,
            error=error,
            columns=columns_of(fetched),
            n_columns=fetched.n_columns,
            n_rows=fetched.n_rows,
            total=fetched.total,
            numbers=fetched.numbers,
            rows=fetched.rows,
            cut=fetched.cut,
            media=[
                TableMedia(
                    row=row,
                    column=column,
                    items=[media_item(one, files, run.run) for one in items[:MAX_MEDIA_ITEMS]],
                )
                for row, column, items in found
            ],
        )

    def _refused(self, kind: str, message: str) -> WeftError:
        if kind == "UnknownColumn":
            return ConfigError(f"the table has no column {message!r}", field="columns")
        if kind == "OutOfMemoryException":
            return LimitExceeded(
                "the table exceeds the memory limit: ask for fewer columns or rows"
            )
        return ConfigError(
            f"the rows of {self._tables[0].path!r} can't be read: {_plain(message)}"
        )


MAX_MEDIA_CELLS: Final = 10_000
"""Most cells of a window whose media are described."""

_NOTHING: Final = Fetched([], 0, 0, 0, [], [], [], [])


def _plain(message: str) -> str:
    """DuckDB's message in one line, without its excerpt of the statement and without paths."""
    text = message.partition("\n\nLINE ")[0].partition("\nLINE ")[0]
    return " ".join(re.sub(r"['\"]?\S*weft-sql-\S*['\"]?", "the file", text).split())[:500]
