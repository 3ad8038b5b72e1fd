"""Exports: history of runs as one table, streamed.

Receives queries from `http.metrics.exports`, reads joined rows from the project's metric store,
and streams the bytes of a file: never more than one batch is in memory.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from weft.errors import ConfigError, Gone, LimitExceeded, NotFound
from weft.queries.filter_json import filter_of
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.exporting.history_table import ROW_FIELDS, PointTable, WideTable, type_of
from weft.server.services.exporting.run_rows import write_run_rows
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.selecting.select import select_runs
from weft.server.services.stores.audit import MAX_LISTED
from weft.server.services.stores.stores import Service
from weft.server.services.table_formats.arrow_stream import ArrowWriter
from weft.server.services.table_formats.csv_text import CsvWriter
from weft.server.storage.contract import ColumnBatch, KeyTotal
from weft.tables.batches import FieldType, TableBatch, TableWriter, regroup
from weft.tables.parquet import ParquetWriter
from weft.wire.metrics.exports import MAX_EXPORT_COLUMNS, ExportFormat, ExportNote, ExportQuery
from weft.wire.runs.runs import MAX_RUNS

BATCH_ROWS: Final = 131_072
BATCH_CELLS: Final[Mapping[ExportFormat, int]] = {
    "parquet": 2_000_000,
    "arrow": 250_000,
    "csv": 250_000,
}
"""Rows × columns written at once: 16 MB of numbers, 2 MB, about 4 MB of text. Each running export
holds a few times that in memory, for as long as its client takes to read."""

_RUNS_AT_ONCE: Final = 500

_WRITERS: Final[Mapping[str, type[ParquetWriter] | type[ArrowWriter]]] = {
    "parquet": ParquetWriter,
    "arrow": ArrowWriter,
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is being streamed. After an error in one of the pieces it is unusable."""

    media_type: str
    file_name: str
    pieces: Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A validated export.

    `keys` is None for all metrics; `initial` are those of the table that had points when the
    export began.
    """

    project_id: int
    runs: Sequence[str]
    keys: Sequence[str] | None
    initial: frozenset[str]
    system: bool
    lo: float | None
    hi: float | None


class ExportService(Service):
    """Writes history as files."""

    def note(self, actor: Actor, path: ProjectPath, note: ExportNote) -> None:
        """Note that a page made a CSV file of what it had read."""
        require(actor, Action.READ, path)
        self._stores.find_project(path)
        exported = {"kind": note.kind, "format": "csv", "n_runs": note.n_runs, "title": note.title}
        self._stores.audit.note_alone(actor, "export", path.entity, path, exported)

    def history(self, actor: Actor, path: ProjectPath, query: ExportQuery) -> Export:
        """A table of the joined rows of runs. The call checks the query; each `next` reads rows.

        While pieces are made:
            Gone: the project, or an exported run or metric, was deleted.
            Conflict: a metric got values of another kind.
        """
        require(actor, Action.READ, path)
        _check(query)
        project_id = self._stores.find_project(path)
        runs = self._runs(actor, project_id, query)
        totals = self._totals(project_id, runs, query)
        plan = _Plan(
            project_id=project_id,
            runs=runs,
            keys=None if query.keys is None else list(dict.fromkeys(query.keys)),
            initial=frozenset(total.key for total in totals),
            system=query.system,
            lo=query.step_lo,
            hi=query.step_hi,
        )
        table: WideTable | PointTable
        step_type: FieldType = "float" if self._has_fractions(plan) else "int"
        if query.shape == "points":
            table = PointTable(step_type=step_type)
        else:
            kinds: dict[str, FieldType] = {total.key: type_of(total.kinds) for total in totals}
            keys = list(kinds) if plan.keys is None else plan.keys
            base = [name for name in ROW_FIELDS if name != "runtime"]
            columns: dict[str, FieldType] = {key: kinds.get(key, "float") for key in keys}
            table = WideTable(base, columns, step_type=step_type)
        writer: TableWriter
        if query.format == "csv":
            writer = CsvWriter(table.fields, escape_formulas=query.escape_formulas)
        else:
            writer = _WRITERS[query.format](table.fields)
        exported = {
            "kind": "history",
            "format": query.format,
            "n_runs": len(runs),
            "runs": runs[:MAX_LISTED],
        }
        self._stores.audit.note_alone(actor, "export", path.entity, path, exported)
        name = runs[0] if len(runs) == 1 and query.runs is not None else path.project
        return Export(
            writer.media_type,
            f"{name}.{query.format}",
            self._pieces(plan, table, writer, BATCH_CELLS[query.format]),
        )

    def run_rows(self, actor: Actor, path: RunPath, write: Callable[[bytes], object]) -> bool:
        """Write the rows of a run as a Parquet file; False if it has none.

        See `run_rows.write_run_rows`.
        """
        require(actor, Action.READ, path)
        return write_run_rows(self._stores, self._stores.find_run(path), write)

    def _runs(self, actor: Actor, project_id: int, query: ExportQuery) -> list[str]:
        if query.runs is None:
            return select_runs(self._stores, actor, project_id, filter_of(query.filter)).ids
        runs = list(dict.fromkeys(query.runs))
        missing = self._missing(project_id, runs)
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise NotFound(f"no run {missing[0]!r}{more} in this project")
        return runs

    def _missing(self, project_id: int, runs: Sequence[str]) -> list[str]:
        with self._stores.metadata.read() as tx:
            present = self._stores.metadata.runs.origins(tx, project_id, runs)
        return [run for run in runs if run not in present]

    def _totals(
        self, project_id: int, runs: Sequence[str], query: ExportQuery
    ) -> Sequence[KeyTotal]:
        """The metrics of a table. For the shape `points`, only those that the query names."""
        keys = None if query.keys is None else frozenset(query.keys)
        if keys is None and query.shape == "points":
            return ()

        limit = MAX_EXPORT_COLUMNS if keys is None else max(1, len(keys))
        lineage = lineage_of(self._stores, project_id, runs)
        with self._stores.metrics.use(project_id) as store:
            page = store.search_keys(
                runs,
                system=query.system,
                lineage=lineage,
                matches=None if keys is None else keys.__contains__,
                limit=limit,
            )
        if keys is None and page.total > MAX_EXPORT_COLUMNS:
            raise LimitExceeded(
                f"these runs have {page.total} metrics, and a wide table at most"
                f" {MAX_EXPORT_COLUMNS}:"
                ' name some with keys, or ask for the shape "points"'
            )
        return page.keys

    def _has_fractions(self, plan: _Plan) -> bool:
        with self._stores.metrics.use(plan.project_id) as store:
            lineage = lineage_of(self._stores, plan.project_id, plan.runs)
            return store.has_fractional_steps(plan.runs, system=plan.system, lineage=lineage)

    def _pieces(
        self, plan: _Plan, table: WideTable | PointTable, writer: TableWriter, n_cells: int
    ) -> Iterator[bytes]:
        n_rows = max(1, min(BATCH_ROWS, n_cells // len(table.fields)))
        batches = _tables(self._batches(plan), table)
        for batch in regroup(table.fields, batches, n_rows):
            yield writer.write(batch)
        self._check_all_there(plan)
        yield writer.end()

    def _batches(self, plan: _Plan) -> Iterator[ColumnBatch]:
        lineage = lineage_of(self._stores, plan.project_id, plan.runs)
        for first in range(0, len(plan.runs), _RUNS_AT_ONCE):
            runs = plan.runs[first : first + _RUNS_AT_ONCE]
            with self._stores.metrics.use(plan.project_id) as store:
                batches = store.columns(
                    runs,
                    plan.keys,
                    lo=plan.lo,
                    hi=plan.hi,
                    system=plan.system,
                    lineage=lineage,
                )
            yield from self._stores.metrics.in_turn(plan.project_id, store, batches)

    def _check_all_there(self, plan: _Plan) -> None:
        """Raise Gone if a run or metric was deleted meanwhile: the file has only part of it."""
        missing = self._missing(plan.project_id, plan.runs)
        if missing:
            raise Gone(f"run {missing[0]} was deleted meanwhile")
        if not plan.initial:
            return
        lineage = lineage_of(self._stores, plan.project_id, plan.runs)
        with self._stores.metrics.use(plan.project_id) as store:
            page = store.search_keys(
                plan.runs,
                system=plan.system,
                lineage=lineage,
                matches=plan.initial.__contains__,
                limit=len(plan.initial),
            )
        if page.total < len(plan.initial):
            deleted = sorted(plan.initial - {total.key for total in page.keys})
            raise Gone(f"metric {deleted[0]!r} was deleted meanwhile")


def _tables(batches: Iterable[ColumnBatch], table: WideTable | PointTable) -> Iterator[TableBatch]:
    for batch in batches:
        yield from table.convert(batch)


def _check(query: ExportQuery) -> None:
    if query.runs is not None and query.filter is not None:
        raise ConfigError("name either runs or a filter", field="runs")
    if query.runs is not None and len(query.runs) > MAX_RUNS:
        raise LimitExceeded(f"at most {MAX_RUNS} runs can be named; a filter takes any number")
    if query.keys is not None and len(query.keys) > MAX_EXPORT_COLUMNS:
        raise LimitExceeded(f"at most {MAX_EXPORT_COLUMNS} keys can be named")
    if query.escape_formulas and query.format != "csv":
        raise ConfigError("only CSV has formulas to escape", field="escape_formulas")
    ends = (query.step_lo, query.step_hi)
    if any(end is not None and not math.isfinite(end) for end in ends):
        raise ConfigError("step_lo and step_hi must be finite", field="step_lo")
