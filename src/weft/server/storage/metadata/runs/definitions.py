"""Metric definitions, and records stored unchanged, in the metadata database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from weft.records.limits import MAX_KEY_BYTES
from weft.records.merge import Stamp
from weft.records.record import MetricDefinition
from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.many_rows import among
from weft.server.storage.metadata.database.schema import definition, kept_record, run
from weft.server.storage.metadata.database.values import clean_text

_DEFINED: Final = (
    definition.c.step_metric,
    definition.c.step_sync,
    definition.c.summary,
    definition.c.goal,
    definition.c.hidden,
)
_STAMP: Final = (
    definition.c.edit_micros,
    definition.c.edit_writer,
    definition.c.edit_position,
)

_NO_AGGREGATES: Final = json.dumps([])

_RUNS_PER_QUERY: Final = 10_000
"""Databases bound the values of a statement."""

StepMetrics = tuple[tuple[str, str | None, bool | None], ...]
"""For each definition of a run: name or glob, step metric, `step_sync`."""

HiddenMetrics = tuple[tuple[str, bool], ...]
"""For each definition of a run: name or glob, and whether it hides metrics."""

GoalRules = tuple[tuple[str, str | None], ...]
"""For each definition of a run: name or glob, and goal."""


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record, as msgpack, that has no table of its own: Alert, Gap, Preempting, Artifact."""

    writer: str
    position: int
    kind: str
    payload: bytes


class DefinitionTable:
    """Reads and writes metric definitions."""

    def put(
        self, tx: Transaction, run_row_id: int, record: MetricDefinition, stamp: Stamp
    ) -> bool:
        """Set the definition of a name; one older than the present definition changes nothing.

        A name too long for a metric is ignored. Returns whether the definition changed.
        """
        name = clean_text(record.name)
        if len(name.encode()) > MAX_KEY_BYTES:
            return False
        row = tx.connection.execute(
            select(*_STAMP, *_DEFINED).where(
                definition.c.run_id == run_row_id, definition.c.name == name
            )
        ).one_or_none()
        if row is not None and Stamp(*row[:3]) >= stamp:
            return False
        values: dict[str, Any] = {
            "step_metric": record.step_metric and clean_text(record.step_metric),
            "step_sync": record.step_sync,
            "summary": clean_text(json.dumps(record.summary)),
            "goal": record.goal and clean_text(record.goal),
            "hidden": record.hidden,
        }
        is_new = row is None or tuple(row[3:]) != tuple(values.values())
        values.update(zip([column.name for column in _STAMP], stamp, strict=True))
        tx.connection.execute(
            insert(tx, definition)
            .values(run_id=run_row_id, name=name, **values)
            .on_conflict_do_update(index_elements=["run_id", "name"], set_=values)
        )
        return is_new

    def of_run(self, tx: Transaction, run_row_id: int) -> list[MetricDefinition]:
        """All definitions of a run, by name."""
        return self.of_runs(tx, [run_row_id])[run_row_id]

    def of_runs(
        self, tx: Transaction, run_row_ids: Sequence[int]
    ) -> dict[int, list[MetricDefinition]]:
        """All definitions of several runs, by the run's row id, then by name."""
        definitions: dict[int, list[MetricDefinition]] = {row_id: [] for row_id in run_row_ids}
        query = (
            select(definition.c.run_id, definition.c.name, *_DEFINED)
            .where(definition.c.run_id.in_(run_row_ids))
            .order_by(definition.c.name)
        )
        for row_id, name, step_metric, step_sync, summary, goal, hidden in tx.connection.execute(
            query
        ):
            definitions[row_id].append(
                MetricDefinition(name, step_metric, step_sync, json.loads(summary), goal, hidden)
            )
        return definitions

    def step_metrics(self, tx: Transaction, run_row_ids: Sequence[int]) -> dict[int, StepMetrics]:
        """The step metrics of runs that define any, by the run's row id."""
        by_run: dict[int, list[tuple[str, str | None, bool | None]]] = {}
        query = (
            select(
                definition.c.run_id,
                definition.c.name,
                definition.c.step_metric,
                definition.c.step_sync,
            )
            .where(definition.c.run_id.in_(run_row_ids))
            .order_by(definition.c.run_id, definition.c.name)
        )
        for row_id, name, step_metric, step_sync in tx.connection.execute(query):
            by_run.setdefault(row_id, []).append((name, step_metric, step_sync))
        return {
            row_id: tuple(defined)
            for row_id, defined in by_run.items()
            if any(step_metric is not None for _, step_metric, _ in defined)
        }

    def used_step_metrics(
        self, tx: Transaction, project_id: int, runs: Sequence[str] | None
    ) -> list[str]:
        """The metrics that runs of a project, or those of `runs`, define as x axes, by name."""
        query = (
            select(definition.c.step_metric)
            .join(run, run.c.id == definition.c.run_id)
            .where(
                run.c.project_id == project_id,
                run.c.trashed_micros.is_(None),
                definition.c.step_metric.is_not(None),
            )
            .distinct()
        )
        parts = [query]
        if runs is not None:
            starts = range(0, len(runs), _RUNS_PER_QUERY)
            parts = [query.where(run.c.run.in_(runs[at : at + _RUNS_PER_QUERY])) for at in starts]
        return sorted({name for part in parts for (name,) in tx.connection.execute(part)})

    def goals(self, tx: Transaction, run_row_ids: Sequence[int]) -> dict[int, GoalRules]:
        """The goals of runs that define any, by the run's row id."""
        by_run: dict[int, list[tuple[str, str | None]]] = {}
        query = (
            select(definition.c.run_id, definition.c.name, definition.c.goal)
            .where(definition.c.run_id.in_(run_row_ids))
            .order_by(definition.c.run_id, definition.c.name)
        )
        for row_id, name, goal in tx.connection.execute(query):
            by_run.setdefault(row_id, []).append((name, goal))
        return {
            row_id: tuple(defined)
            for row_id, defined in by_run.items()
            if any(goal is not None for _, goal in defined)
        }

    def summarizing_runs(self, tx: Transaction, run_row_ids: Sequence[int]) -> set[int]:
        """Those of some runs whose summary shows more or less than last values."""
        query = select(definition.c.run_id).where(
            among(tx, definition.c.run_id, run_row_ids), definition.c.summary != _NO_AGGREGATES
        )
        return set(tx.connection.execute(query).scalars())

    def of_hiding_runs(self, tx: Transaction, project_id: int) -> dict[str, HiddenMetrics]:
        """The definitions of those runs of a project that hide any metric, by run id."""
        hiding = (
            select(definition.c.run_id)
            .join(run, run.c.id == definition.c.run_id)
            .where(
                run.c.project_id == project_id,
                run.c.trashed_micros.is_(None),
                definition.c.hidden.is_(True),
            )
        )
        query = (
            select(run.c.run, definition.c.name, definition.c.hidden)
            .join(run, run.c.id == definition.c.run_id)
            .where(definition.c.run_id.in_(hiding))
            .order_by(definition.c.run_id, definition.c.name)
        )
        by_name: dict[str, list[tuple[str, bool]]] = {}
        for run_id, name, hidden in tx.connection.execute(query):
            by_name.setdefault(run_id, []).append((name, hidden is True))
        return {run_id: tuple(defined) for run_id, defined in by_name.items()}


class KeptRecordTable:
    """Reads and writes records that are stored unchanged."""

    def add_record(self, tx: Transaction, run_row_id: int, record: KeptRecord) -> None:
        """Store a record, unless one of the same writer and position exists."""
        tx.connection.execute(
            insert(tx, kept_record)
            .values(
                run_id=run_row_id,
                writer=record.writer,
                position=record.position,
                kind=record.kind,
                payload=record.payload,
            )
            .on_conflict_do_nothing()
        )

    def counts(self, tx: Transaction, run_row_ids: Sequence[int], kind: str) -> dict[int, int]:
        """Numbers of the records of one kind by run; runs without any are left out."""
        query = (
            select(kept_record.c.run_id, func.count())
            .where(kept_record.c.run_id.in_(run_row_ids), kept_record.c.kind == kind)
            .group_by(kept_record.c.run_id)
        )
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def of_runs(
        self, tx: Transaction, run_row_ids: Sequence[int], kinds: Sequence[str]
    ) -> dict[int, list[KeptRecord]]:
        """Kept records of some kinds, by the run's row id, each in log order by writer."""
        by_run: dict[int, list[KeptRecord]] = {row_id: [] for row_id in run_row_ids}
        query = (
            select(*kept_record.c["run_id", "writer", "position", "kind", "payload"])
            .where(kept_record.c.run_id.in_(run_row_ids), kept_record.c.kind.in_(kinds))
            .order_by(kept_record.c.writer, kept_record.c.position)
        )
        for run_row_id, *columns in tx.connection.execute(query):
            by_run[run_row_id].append(KeptRecord(*columns))
        return by_run
