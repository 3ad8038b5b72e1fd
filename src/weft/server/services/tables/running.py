"""One question for rows of a table, and the child process that answers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from weft.errors import ConfigError, LimitExceeded, WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.files.service import FileService
from weft.server.services.media import media_item, paths_of
from weft.server.services.sql import Running, SqlService
from weft.server.services.sql_child.pipe import send
from weft.server.services.tables.windows import Fetched, columns_of, media_of
from weft.wire.files import File
from weft.wire.media import MAX_MEDIA_ITEMS
from weft.wire.tables import TableMedia, TableQuery, TableWindow

_decode: Final = msgspec.json.Decoder(Fetched).decode


class Table(NamedTuple):
    """A logged table.

    Attributes:
        actor: who reads it.
        owners: the runs whose files it may have.
        path: the path of its file, or of its last increment.
        step: where it was logged. None if it is asked for by path.
        files: its files, each with its run; None for one that was not announced yet.
    """

    actor: Actor
    project: ProjectPath
    owners: Sequence[str]
    path: str
    step: float | None
    files: Sequence[tuple[RunPath, File] | None]


class RunningWindow(Running[TableWindow]):
    """One window of a table and the process that reads it."""

    def __init__(
        self, files: FileService, sql: SqlService, table: Table, asked: TableQuery
    ) -> None:
        super().__init__(sql.processes)
        self._files = files
        self._table = table
        self._asked = asked

    def run(self) -> TableWindow:
        """Return the window; without rows if the table's first file is not stored.

        Raises:
            NotFound: a file was deleted meanwhile.
            ConfigError: the request names an unknown column, or a file is not a Parquet file.
            LimitExceeded: the answer is too large, or took too much memory or time.
            Unavailable: it was killed, or its process ended unexpectedly.
        """
        return super().run() if self._stored() else self._window(_NOTHING)

    def _stored(self) -> list[tuple[RunPath, File]]:
        """The files before the first that is missing: rows after a gap have no known place."""
        there = takewhile(
            lambda one: one is not None and one[1].state == "stored", self._table.files
        )
        return [one for one in there if one is not None]

    def _converse(self, into: Any, out: Any, folder: str) -> TableWindow:
        paths: list[str] = []
        for nth, (run, file) in enumerate(self._stored()):
            path = Path(folder, f"{nth}.parquet")
            self._files.copy_to(self._table.actor, run, file, path)
            paths.append(str(path))
        self._send_bounds(into, folder, paths)
        asked = self._asked
        names = ("offset", "limit", "columns", "sort", "search", "filters", "max_chars")
        send(into, {"window": {name: getattr(asked, name) for name in names}})
        self._received(out)
        return self._window(_decode(self._body(out)))

    def _window(self, fetched: Fetched) -> TableWindow:
        table = self._table
        found = [*media_of(fetched.rows)][:MAX_MEDIA_CELLS]
        wanted = {path for _, _, items in found for path in paths_of(items[:MAX_MEDIA_ITEMS])}
        of_owners = dict.fromkeys(table.owners, wanted)
        files = self._files.find(table.actor, table.project, of_owners) if wanted else {}
        state, error = self._state()
        return TableWindow(
            path=table.path,
            step=table.step,
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
                    items=[
                        media_item(one, files, table.owners) for one in items[:MAX_MEDIA_ITEMS]
                    ],
                )
                for row, column, items in found
            ],
        )

    def _state(self) -> tuple[str, str | None]:
        """The state of the first file that is not stored, if any."""
        for one in self._table.files:
            if one is None:
                return "awaited", None
            if one[1].state != "stored":
                return one[1].state, one[1].error
        return "stored", None

    def _refused(self, kind: str, message: str) -> WeftError:
        if kind == "UnknownColumn":
            return ConfigError(f"the table has no column {message!r}", field="columns")
        if kind == "OutOfMemoryException":
            return LimitExceeded(
                "the table exceeds the memory limit: ask for fewer columns or rows"
            )
        return ConfigError(f"the rows of {self._table.path!r} can't be read: {_plain(message)}")


MAX_MEDIA_CELLS: Final = 10_000
"""Most cells of a window whose media are described."""

_NOTHING: Final = Fetched([], 0, 0, 0, [], [], [], [])


def _plain(message: str) -> str:
    """DuckDB's message in one line, without its excerpt of the statement and without paths."""
    text = message.partition("\n\nLINE ")[0].partition("\nLINE ")[0]
    return " ".join(re.sub(r"['\"]?\S*weft-sql-\S*['\"]?", "the file", text).split())[:500]
