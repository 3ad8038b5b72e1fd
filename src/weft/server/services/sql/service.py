"""Answers SQL queries: each in a child process with limits, which receives what the query needs.

Receives queries from `http.metrics.sql` and returns the whole answer, whose size is limited, too.
When the client disconnects, the child is killed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from weft.errors import ConfigError, LimitExceeded, WeftError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.files.service import FileService
from weft.server.services.sql.logged_tables import LoggedTables
from weft.server.services.sql.processes import QueryProcesses
from weft.server.services.sql.row_tables import RowTables
from weft.server.services.sql.run_tables import RunTables
from weft.server.services.sql.running import Running
from weft.server.services.sql.syntax import Needs, TableNeeds, read_tree
from weft.server.services.sql.tables import Table
from weft.server.services.sql.trees import ROW_TABLES, RUN_TABLES, TABLES, statement_of
from weft.server.services.sql_child.logged import LOGGED_FOLDER
from weft.server.services.sql_child.pipe import send, send_data, send_end
from weft.server.services.stores.stores import Stores
from weft.server.services.table_formats.arrow_stream import ArrowWriter
from weft.tables.batches import regroup
from weft.wire.metrics.exports import MAX_QUERY_CHARS, MAX_ROWS, SqlFormat

_BATCH_ROWS: Final = 65_536


DEFAULT_ROWS: Final[Mapping[SqlFormat, int]] = {
    "json": 10_000,
    "arrow": MAX_ROWS,
    "csv": MAX_ROWS,
}
"""The default row limit; lower for JSON, which people and browsers read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows that a query returns; `is_truncated` is true if there are more than the limit."""

    body: bytes
    n_rows: int
    is_truncated: bool


class SqlService:
    """Runs queries over projects."""

    def __init__(self, stores: Stores, files: FileService) -> None:
        self._stores = stores
        self._files = files
        self._processes = QueryProcesses()

    @property
    def processes(self) -> QueryProcesses:
        """The processes in which queries run."""
        return self._processes

    def close(self) -> None:
        """End the idle process that waits for a query."""
        self._processes.close()

    def prepare(
        self,
        actor: Actor,
        path: ProjectPath,
        query: str,
        *,
        answer_format: SqlFormat = "json",
        limit: int | None = None,
        escape_formulas: bool = False,
    ) -> RunningQuery:
        """A query, ready to `run` once. Only CSV may have `escape_formulas`; see `CsvWriter`."""
        require(actor, Action.READ, path)
        project_id = self._stores.find_project(path)
        if not query.strip():
            raise ConfigError("the query is empty", field="query")
        if len(query) > MAX_QUERY_CHARS:
            raise LimitExceeded(f"the query is too long: at most {MAX_QUERY_CHARS} characters")
        if "\0" in query:
            raise ConfigError("the query has a NUL character", field="query")
        limit = DEFAULT_ROWS[answer_format] if limit is None else limit
        if not 1 <= limit <= MAX_ROWS:
            raise ConfigError(f"limit must be 1 to {MAX_ROWS}", field="limit")
        if escape_formulas and answer_format != "csv":
            raise ConfigError("only CSV has formulas to escape", field="escape_formulas")
        form = AnswerForm(answer_format, limit, escape_formulas)
        logged = LoggedTables(self._stores, self._files, actor, path, project_id)
        exported = {"kind": "sql", "format": answer_format, "query": query}
        self._stores.audit.note_alone(actor, "export", path.entity, path, exported)
        return RunningQuery(
            self._stores, self._processes, actor, path, project_id, logged, query, form
        )


class AnswerForm(NamedTuple):
    """The requested form of an answer, as sent to the process.

    For `escape_formulas` see `CsvWriter`.
    """

    format: SqlFormat
    limit: int
    escape_formulas: bool


class RunningQuery(Running[Answer]):
    """One query and its process."""

    def __init__(
        self,
        stores: Stores,
        processes: QueryProcesses,
        actor: Actor,
        path: ProjectPath,
        project_id: int,
        logged: LoggedTables,
        query: str,
        form: AnswerForm,
    ) -> None:
        super().__init__(processes)
        self._logged = logged
        self._stores = stores
        self._actor = actor
        self._path = path
        self._project_id = project_id
        self._query = query
        self._form = form
        self._rows: RowTables | None = None

    def _converse(self, into: Any, out: Any, folder: str) -> Answer:
        self._send_bounds(into, folder)
        send(into, {"query": self._query})
        needs = read_tree(self._received(out)["tree"])
        if needs.tables:
            self._load(into, out, needs, Path(folder, LOGGED_FOLDER))
        send(into, self._form._asdict())
        about = self._received(out)
        return Answer(self._body(out), about["n_rows"], about["truncated"])

    def _load(self, into: Any, out: Any, needs: Needs, folder: Path) -> None:
        run_tables = RunTables(self._stores, self._actor, self._project_id, needs)
        self._rows = row_tables = RowTables(self._stores, self._path, self._project_id, needs)
        for name in sorted(needs.tables.keys() & RUN_TABLES):
            self._send_table(into, run_tables.make(name))
        for name in sorted(needs.tables.keys() & ROW_TABLES):
            runs = self._needed_runs(into, out, needs.tables[name], run_tables.runs)
            self._send_table(into, row_tables.make(name, runs))
        for key, table in needs.logged.items():
            runs = self._needed_runs(into, out, table, run_tables.runs)
            folder.mkdir(exist_ok=True)
            send(into, {"logged": self._logged.make(key, runs, folder)})

    def _needed_runs(
        self, into: Any, out: Any, needs: TableNeeds, of_project: Sequence[str]
    ) -> Sequence[str]:
        """Ids of the runs whose rows can affect the answer."""
        needed: set[str] = set()
        for mention in needs.mentions:
            runs = mention.runs
            for query in mention.among:
                send(into, {"ask": statement_of(query)})
                selected = frozenset(self._received(out)["values"])
                runs = selected if runs is None else runs & selected
            if runs is None:
                return of_project
            needed |= runs
        return [run for run in of_project if run in needed]

    def _send_table(self, into: Any, table: Table) -> None:
        send(into, {"create": table.create})
        writer = ArrowWriter(table.fields)
        for batch in regroup(table.fields, table.batches, _BATCH_ROWS):
            send_data(into, writer.write(batch))
        send_data(into, writer.end())
        send_end(into)

    def _refused(self, kind: str, message: str) -> WeftError:
        if kind == "OutOfMemoryException":
            return LimitExceeded(
                "the query exceeds its memory limit: name fewer columns, or fewer runs"
                " and steps in WHERE"
            )
        return ConfigError(_plain(message) + self._hint(message))

    def _hint(self, message: str) -> str:
        if re.search(r"Table with name .* does not exist", message):
            return f'; the tables are {", ".join(sorted(TABLES))}, and tables."METRIC"'
        unknown = re.search(r'column "?([^"\n]+)"? not found', message)
        if unknown is None or self._rows is None:
            return ""
        near = self._rows.near_metrics(unknown[1])
        return f"; metrics are called {', '.join(near)}" if near else ""


def _plain(message: str) -> str:
    """DuckDB's message in one line, without its excerpt of the query."""
    text = message.partition("\n\nLINE ")[0].partition("\nLINE ")[0]
    text = re.sub(r"\s*Did you mean \"pg_.*", "", text)
    return " ".join(text.split())
