"""Exports and imports all metadata rows of a run or a project as plain values, for archives.

Paths are written out, and a run gets a new row id when it is imported. Artifacts are in
`archived_artifacts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from sqlalchemy import select

from weft.errors import CorruptLog
from weft.server.storage.metadata.archive.rows import own_columns, plain_row, row_values
from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    artifact,
    artifact_link_request,
    artifact_use,
    awaited_use,
    followed_log,
    metadata,
    path,
    project,
    run,
    run_move,
    run_path_set,
    run_writer,
    tombstone,
    view,
)
from weft.server.storage.metadata.runs.runs import created_micros

RunRecord = dict[str, Any]
"""A run's rows by table: one row for `run`, a list of rows for each other table."""

_RUNS_AT_ONCE: Final = 100
_ROWS_AT_ONCE: Final = 500

_OF_RUNS: Final = [
    table
    for table in metadata.sorted_tables
    if "run_id" in table.columns
    and table
    not in {
        *(run_move, followed_log, run_path_set, artifact, artifact_use, awaited_use),
        artifact_link_request,
    }
]
"""Tables with rows of runs. `run_path_set` is derived from fields, and its ids are local.

Artifacts belong to the project: `archived_artifacts` has them, as `archived_sweeps` has sweeps.
"""
_TAKEN_OVER: Final = ("created_micros", "active_micros", "description", "n_begun")


class ArchiveTable:
    """Reads and writes all rows of runs and projects, as plain values."""

    def read_runs(self, tx: Transaction, project_id: int) -> Iterator[RunRecord]:
        """All runs of a project that are not in the trash, oldest first."""
        ids = list(
            tx.connection.execute(
                select(run.c.id).where(_present(project_id)).order_by(run.c.id)
            ).scalars()
        )
        for at in range(0, len(ids), _RUNS_AT_ONCE):
            batch = ids[at : at + _RUNS_AT_ONCE]
            records: dict[int, RunRecord] = {}
            columns = own_columns(run)
            query = select(run.c.id, *columns).where(run.c.id.in_(batch)).order_by(run.c.id)
            for row_id, *values in tx.connection.execute(query):
                records[row_id] = {"run": plain_row(columns, values)}
            for table in _OF_RUNS:
                for record in records.values():
                    record[table.name] = []
                columns = own_columns(table)
                query = select(table.c.run_id, *columns).where(table.c.run_id.in_(batch))
                if "path_id" in table.columns:
                    query = query.add_columns(path.c.path).join(path, path.c.id == table.c.path_id)
                order = [
                    column for column in table.primary_key.columns if column.name != "path_id"
                ]
                for row_id, *values in tx.connection.execute(query.order_by(*order)):
                    plain = plain_row(columns, values)
                    if "path_id" in table.columns:
                        plain["path"] = values[-1]
                    records[row_id][table.name].append(plain)
            yield from records.values()

    def read_project(self, tx: Transaction, project_id: int) -> dict[str, Any]:
        """The project's own row."""
        columns = [column for column in own_columns(project) if column.name != "entity_id"]
        row = tx.connection.execute(select(*columns).where(project.c.id == project_id)).one()
        return plain_row(columns, row)

    def read_views(self, tx: Transaction, project_id: int) -> list[dict[str, Any]]:
        """All views of a project but those in the trash, with their documents."""
        columns = own_columns(view)
        present = (view.c.project_id == project_id) & view.c.trashed_micros.is_(None)
        query = select(*columns).where(present).order_by(view.c.id)
        return [plain_row(columns, row) for row in tx.connection.execute(query)]

    def read_tombstones(self, tx: Transaction, entity_name: str, name: str) -> dict[str, int]:
        """When each deleted run under a project's name was deleted, by run id."""
        query = select(tombstone.c.run, tombstone.c.deleted_micros).where(
            tombstone.c.entity == entity_name,
            tombstone.c.project == name,
            tombstone.c.moved_run_id.is_(None),
        )
        return {row[0]: row[1] for row in tx.connection.execute(query.order_by(tombstone.c.run))}

    def write_run(self, tx: Transaction, project_id: int, record: RunRecord) -> int:
        """Add a run as returned by `read_runs`; returns its row id.

        CorruptLog if it is malformed.
        """
        unknown = set(record) - {"run", *(table.name for table in _OF_RUNS)}
        if unknown:
            raise CorruptLog(f"the archive has rows of unknown tables: {sorted(unknown)}")
        values = row_values(run, record.get("run"))
        if "arrived_micros" not in values:  # an archive of an older version
            values["arrived_micros"] = values["created_micros"]
            values["created_micros"] = created_micros(
                values["started_micros"], values["arrived_micros"]
            )
        _correct_origin(values, record.get("run_writer"))
        row_id = tx.connection.execute(
            run.insert().values(project_id=project_id, **values).returning(run.c.id)
        ).scalar_one()
        for table in _OF_RUNS:
            rows: Any = record.get(table.name, [])
            if not isinstance(rows, list):
                raise CorruptLog(f"the archive's rows of {table.name} are not a list")
            decoded = [
                {"run_id": row_id, **row_values(table, row)} for row in cast("list[Any]", rows)
            ]
            if "path_id" in table.columns:
                _number_paths(tx, decoded)
            for at in range(0, len(decoded), _ROWS_AT_ONCE):
                tx.connection.execute(table.insert(), decoded[at : at + _ROWS_AT_ONCE])
        return row_id

    def write_project(self, tx: Transaction, project_id: int, plain: Any, *, is_new: bool) -> None:
        """Apply an archive's project row to a new project; an existing one is left unchanged."""
        values = row_values(project, plain, left_out=frozenset({"entity_id", "name"}))
        values_taken_over = (
            {name: values[name] for name in _TAKEN_OVER if name in values} if is_new else {}
        )
        if values_taken_over:
            update_row(tx, project, project_id, **values_taken_over)

    def write_views(self, tx: Transaction, project_id: int, rows: Sequence[Any]) -> None:
        """Add views from `read_views`, except those whose id or owner's default view exists."""
        for row in rows:
            values = {"project_id": project_id, **row_values(view, row)}
            tx.connection.execute(insert(tx, view).values(**values).on_conflict_do_nothing())


def _correct_origin(values: dict[str, Any], writers: Any) -> None:
    """Correct the origin of a run whose logs came in another order than they began, in an archive
    of an older version.
    """
    rows = [row_values(run_writer, row) for row in writers] if isinstance(writers, list) else []
    starts = [
        row["anchor_micros"] + (row.get("offset_micros") or 0)
        for row in rows
        if row.get("parent") is None and row.get("anchor_micros") is not None
    ]
    if starts and min(starts) < values["origin_micros"]:
        values.update(origin_micros=min(starts), is_continued=True)


def _present(project_id: int) -> Any:
    return (run.c.project_id == project_id) & run.c.trashed_micros.is_(None)


def _number_paths(tx: Transaction, rows: Sequence[dict[str, Any]]) -> None:
    texts = sorted({row["path"] for row in rows})
    numbers: dict[str, int] = {}
    for at in range(0, len(texts), _ROWS_AT_ONCE):
        batch = texts[at : at + _ROWS_AT_ONCE]
        with tx.aside() as connection:
            connection.execute(
                insert(tx, path).on_conflict_do_nothing(), [{"path": text} for text in batch]
            )
        query = select(path.c.path, path.c.id).where(path.c.path.in_(batch))
        numbers.update((row[0], row[1]) for row in tx.connection.execute(query))
    for row in rows:
        row["path_id"] = numbers[row.pop("path")]
