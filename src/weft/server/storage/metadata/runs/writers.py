"""Writers of runs in the metadata database, and how much of each log has been applied."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, Final

from sqlalchemy import bindparam, select

from weft.records.limits import MAX_ID_BYTES, MAX_REASON_BYTES
from weft.server.storage.metadata.database.engine import Transaction, insert_of
from weft.server.storage.metadata.database.many_rows import execute_many
from weft.server.storage.metadata.database.schema import (
    MAX_STATE_CHARS,
    entity,
    followed_log,
    project,
    run,
    run_writer,
)
from weft.server.storage.metadata.database.values import clean_text


@dataclass(frozen=True, slots=True)
class WriterRow:
    """A writer of a run.

    Attributes:
        parent: the main writer of the script this one belongs to. None if it is the main writer.
        anchor_micros: the wall time, on the writer's clock, that its log counts from.
        offset_micros: the correction to add to its clock's times. None, which counts as 0, if not
            known yet.
        resumed: whether its script resumed an existing run.
        first_micros, heartbeat_micros: times on the server's clock; heartbeats come only while its
            process runs.
        exit_micros: when it ended, on its own clock. None if it has not reported its end.
        exit_reason: the exception that ended it, in one line. None if its Exit has none.
        preempting: whether it reported that its machine is about to be preempted.
        record_position: the end of the last record applied or refused; -1 if there is none yet.
        run_record: its last Run record, as msgpack.
        n_refused: how many records of its log were refused.
        refusal: why the first of them was refused.
        n_damaged_bytes: how many bytes of its log were skipped as no valid frame.
        labels: how its log distinguishes it from the run's other writers: rank, node, process.
    """

    writer: str
    parent: str | None = None
    host: str | None = None
    anchor_micros: int | None = None
    offset_micros: int | None = None
    resumed: bool = False
    first_micros: int = 0
    heartbeat_micros: int | None = None
    exit_micros: int | None = None
    exit_code: int | None = None
    exit_state: str | None = None
    exit_reason: str | None = None
    preempting: bool = False
    record_position: int = -1
    run_record: bytes | None = None
    n_refused: int = 0
    refusal: str | None = None
    n_damaged_bytes: int = 0
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


_MAX_REFUSAL_CHARS: Final = 500
"""The longest refusal stored; it may quote a long name from the log."""

MAX_LABELS: Final = 32
MAX_LABEL_CHARS: Final = 128
"""The longest label. Labels are short words to group charts by, but a log may contain anything."""

_NAMES: Final = [column.name for column in fields(WriterRow)]
_COLUMNS: Final = [run_writer.c[name] for name in _NAMES]

# Built once, because building a statement costs as much as running it, and these run for each
# upload of a new writer.
_OF_RUN: Final = (
    select(*_COLUMNS)
    .where(run_writer.c.run_id == bindparam("run_row_id"))
    .order_by(run_writer.c.first_micros, run_writer.c.writer)
)
_ONE: Final = select(*_COLUMNS).where(
    run_writer.c.run_id == bindparam("run_row_id"),
    run_writer.c.writer == bindparam("writer_name"),
)


@cache
def _insert_of(dialect: str) -> Any:
    statement = insert_of(dialect, run_writer)
    return statement.on_conflict_do_update(
        index_elements=["run_id", "writer"],
        set_={name: statement.excluded[name] for name in _NAMES if name != "writer"},
    )


@cache
def _insert_followed_of(dialect: str) -> Any:
    statement = insert_of(dialect, followed_log)
    return statement.on_conflict_do_nothing()


class WriterTable:
    """Reads and writes the writers of runs."""

    def get(self, tx: Transaction, run_row_id: int, writer: str) -> WriterRow | None:
        """One writer, or None if it has sent nothing yet."""
        values = {"run_row_id": run_row_id, "writer_name": writer}
        row = tx.connection.execute(_ONE, values).one_or_none()
        return None if row is None else _row(row)

    def of_run(self, tx: Transaction, run_row_id: int) -> list[WriterRow]:
        """All writers of a run, in the order in which the server first heard from them."""
        return [_row(row) for row in tx.connection.execute(_OF_RUN, {"run_row_id": run_row_id})]

    def of_runs(self, tx: Transaction, run_row_ids: Sequence[int]) -> dict[int, list[WriterRow]]:
        """All writers of several runs, by the run's row id."""
        writers: dict[int, list[WriterRow]] = {row_id: [] for row_id in run_row_ids}
        query = (
            select(run_writer.c.run_id, *_COLUMNS)
            .where(run_writer.c.run_id.in_(run_row_ids))
            .order_by(run_writer.c.first_micros, run_writer.c.writer)
        )
        for run_row_id, *columns in tx.connection.execute(query):
            writers[run_row_id].append(_row(columns))
        return writers

    def put(self, tx: Transaction, run_row_id: int, row: WriterRow) -> None:
        """Insert or replace a writer's row."""
        tx.touched.add(("writers", run_row_id))
        values: dict[str, Any] = {name: getattr(row, name) for name in _NAMES}
        values["host"] = row.host and clean_text(row.host)
        values["parent"] = row.parent and clean_text(row.parent)[:MAX_ID_BYTES]
        values["exit_state"] = row.exit_state and clean_text(row.exit_state)[:MAX_STATE_CHARS]
        values["exit_reason"] = row.exit_reason and clean_text(row.exit_reason)[:MAX_REASON_BYTES]
        values["labels"] = _bounded_labels(row.labels)
        values["refusal"] = row.refusal and clean_text(row.refusal)[:_MAX_REFUSAL_CHARS]
        statement = _insert_of(tx.dialect)
        tx.queue(statement, {"run_id": run_row_id, **values})

    def note_followed(self, tx: Transaction, run_row_id: int, writer: str) -> None:
        """Record that a writer's log is in the followed directory."""
        statement = _insert_followed_of(tx.dialect)
        tx.queue(statement, {"run_id": run_row_id, "writer": writer})

    def followed(self, tx: Transaction) -> list[tuple[str, str, str, str]]:
        """Entity, project, run and writer of followed logs, except those of trashed runs."""
        query = (
            select(entity.c.name, project.c.name, run.c.run, followed_log.c.writer)
            .select_from(followed_log)
            .join(run, run.c.id == followed_log.c.run_id)
            .join(project, project.c.id == run.c.project_id)
            .join(entity, entity.c.id == project.c.entity_id)
            .where(run.c.trashed_micros.is_(None), project.c.trashed_micros.is_(None))
        )
        return [(row[0], row[1], row[2], row[3]) for row in tx.connection.execute(query)]

    def set_heartbeats(self, tx: Transaction, micros_of: Mapping[tuple[int, str], int]) -> None:
        """Set the last heartbeats of writers, by (run's row id, writer)."""
        if micros_of:
            execute_many(
                tx.connection,
                run_writer.update()
                .where(
                    run_writer.c.run_id == bindparam("row"),
                    run_writer.c.writer == bindparam("name"),
                )
                .values(heartbeat_micros=bindparam("beat")),
                [
                    {"row": row_id, "name": writer, "beat": micros}
                    for (row_id, writer), micros in micros_of.items()
                ],
            )


def _row(columns: Sequence[Any]) -> WriterRow:
    *others, labels = columns
    return WriterRow(*others, labels=json.loads(labels) if labels else {})


def _bounded_labels(labels: Mapping[str, str]) -> str | None:
    bounded = {
        clean_text(name)[:MAX_LABEL_CHARS]: clean_text(value)[:MAX_LABEL_CHARS]
        for name, value in list(labels.items())[:MAX_LABELS]
    }
    return json.dumps(bounded) if bounded else None
