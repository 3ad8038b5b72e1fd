"""Sweeps in the metadata database: hyper-parameter searches, their agents and trials."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, func, select, update

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import update_row
from weft.server.storage.metadata.database.schema import (
    entity,
    project,
    run,
    sweep,
    sweep_agent,
    sweep_trial,
)
from weft.sweeps.states import OPEN_SWEEPS, SweepState, TrialState
from weft.sweeps.trials import Trial


class PriorRun(NamedTuple):
    """A run from before the sweep, that its search knows."""

    run: str
    parameters: dict[str, Any]
    values: list[float]


@dataclass(frozen=True, slots=True)
class SweepRow:
    """A sweep.

    Attributes:
        error: why its search can't go on.
        n_changes: of the sweep, its agents and trials; servers compare it with their copy.
    """

    row_id: int
    project_id: int
    entity: str
    project: str
    sweep: str
    name: str
    description: str
    config: dict[str, Any]
    seed: int
    state: SweepState
    error: str | None
    run_cap: int | None
    prior: list[PriorRun]
    user: str
    next_number: int
    created_micros: int
    edited_micros: int
    ended_micros: int | None
    edited_by: str
    n_changes: int


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent of a sweep, by an id that it made, and a number from 1 on.

    `has_left` is true if it said that it ends.
    """

    row_id: int
    agent: str
    number: int
    host: str
    pid: int
    user: str
    created_micros: int
    heartbeat_micros: int
    has_left: bool


@dataclass(frozen=True, slots=True)
class TrialCounts:
    """Numbers of a sweep's trials by state."""

    queued: int = 0
    given: int = 0
    finished: int = 0
    failed: int = 0
    stopped_early: int = 0


@dataclass(frozen=True, slots=True)
class NewSweep:
    """A sweep to add."""

    sweep: str
    name: str
    description: str
    config: dict[str, Any]
    seed: int
    run_cap: int | None
    user: str
    created_micros: int
    prior: list[PriorRun] = field(default_factory=list[PriorRun])


class SweepTable:
    """Reads and writes sweeps, their agents and trials."""

    # -- sweeps

    def add_sweep(self, tx: Transaction, project_id: int, new: NewSweep) -> bool:
        """Add a sweep; False if the project has one with this id."""
        added = tx.connection.execute(
            insert(tx, sweep)
            .values(
                project_id=project_id,
                sweep=new.sweep,
                name=new.name,
                description=new.description,
                config=json.dumps(new.config),
                seed=new.seed,
                state="pending",
                run_cap=new.run_cap,
                prior=json.dumps([list(prior_run) for prior_run in new.prior]),
                user=new.user,
                next_number=0,
                created_micros=new.created_micros,
                edited_micros=new.created_micros,
                edited_by=new.user,
            )
            .on_conflict_do_nothing()
            .returning(sweep.c.id)
        )
        return added.scalar_one_or_none() is not None

    def find_sweep(self, tx: Transaction, project_id: int, name: str) -> SweepRow | None:
        sweeps = _sweeps(tx, (sweep.c.project_id == project_id) & (sweep.c.sweep == name))
        return sweeps[0] if sweeps else None

    def get(self, tx: Transaction, row_id: int) -> SweepRow | None:
        sweeps = _sweeps(tx, sweep.c.id == row_id)
        return sweeps[0] if sweeps else None

    def page(
        self, tx: Transaction, project_id: int, *, before: int | None, limit: int
    ) -> list[SweepRow]:
        """Sweeps of a project, newest first, from before a row id."""
        where = sweep.c.project_id == project_id
        if before is not None:
            where &= sweep.c.id < before
        return _sweeps(tx, where, limit)

    def count(self, tx: Transaction, project_id: int) -> int:
        """The number of a project's sweeps."""
        query = select(func.count()).select_from(sweep).where(sweep.c.project_id == project_id)
        return tx.connection.execute(query).scalar_one()

    def open_ids(self, tx: Transaction) -> list[int]:
        """Row ids of the sweeps whose trials may still change."""
        query = select(sweep.c.id).where(sweep.c.state.in_(OPEN_SWEEPS)).order_by(sweep.c.id)
        return list(tx.connection.execute(query).scalars())

    def n_changes(self, tx: Transaction, row_id: int) -> int | None:
        """The number of changes of a sweep; None if it was deleted."""
        query = select(sweep.c.n_changes).where(sweep.c.id == row_id)
        return tx.connection.execute(query).scalar_one_or_none()

    def advance(self, tx: Transaction, row_id: int, n_changes: int) -> bool:
        """Count a change of a sweep that had so many, which takes the sweep for this transaction.
        False if it has had others meanwhile, or was deleted.
        """
        done = tx.connection.execute(
            sweep.update()
            .where(sweep.c.id == row_id, sweep.c.n_changes == n_changes)
            .values(n_changes=n_changes + 1)
        )
        return done.rowcount == 1

    def change(self, tx: Transaction, row_id: int, **values: Any) -> None:
        """Set columns of a sweep."""
        if "config" in values:
            values["config"] = json.dumps(values["config"])
        update_row(tx, sweep, row_id, **values)

    def delete(self, tx: Transaction, row_id: int) -> None:
        """Remove a sweep with its agents and trials. Its runs stay, without a sweep."""
        tx.connection.execute(sweep.delete().where(sweep.c.id == row_id))

    # -- agents

    def put_agent(
        self,
        tx: Transaction,
        sweep_id: int,
        agent: str,
        *,
        host: str,
        pid: int,
        user: str,
        now_micros: int,
    ) -> int:
        """Note that an agent was heard from, and add it if it is new; its row id."""
        row = tx.connection.execute(
            update(sweep_agent)
            .where(sweep_agent.c.sweep_id == sweep_id, sweep_agent.c.agent == agent)
            .values(heartbeat_micros=now_micros, has_left=False)
            .returning(sweep_agent.c.id)
        ).scalar_one_or_none()
        if row is not None:
            return row
        number = select(func.count() + 1).where(sweep_agent.c.sweep_id == sweep_id)
        return tx.connection.execute(
            sweep_agent.insert()
            .values(
                sweep_id=sweep_id,
                agent=agent,
                number=number.scalar_subquery(),
                host=host,
                pid=pid,
                user=user,
                created_micros=now_micros,
                heartbeat_micros=now_micros,
                has_left=False,
            )
            .returning(sweep_agent.c.id)
        ).scalar_one()

    def set_heartbeats(self, tx: Transaction, beats: Sequence[tuple[int, int]]) -> None:
        """Set when agents were heard from, as (row id, µs), unless others heard them later."""
        for row_id, micros in beats:
            tx.connection.execute(
                sweep_agent.update()
                .where(sweep_agent.c.id == row_id, sweep_agent.c.heartbeat_micros < micros)
                .values(heartbeat_micros=micros)
            )

    def set_left(self, tx: Transaction, row_id: int, now_micros: int) -> None:
        """Note that an agent said that it ends."""
        update_row(tx, sweep_agent, row_id, heartbeat_micros=now_micros, has_left=True)

    def agents(self, tx: Transaction, sweep_id: int) -> list[AgentRow]:
        """The agents of a sweep, in the order in which they came."""
        columns = sweep_agent.c["id", *_names(AgentRow)[1:]]
        query = (
            select(*columns).where(sweep_agent.c.sweep_id == sweep_id).order_by(sweep_agent.c.id)
        )
        rows: Any = tx.connection.execute(query)
        return [AgentRow(*row) for row in rows]

    # -- trials

    def add_trials(
        self, tx: Transaction, sweep_id: int, trials: Sequence[Trial], n_changes: int
    ) -> None:
        """Add trials, and count them. `n_changes` are those of the sweep with this one."""
        if not trials:
            return
        tx.connection.execute(
            sweep_trial.insert(),
            [
                {"sweep_id": sweep_id, "n_changes": n_changes, **_columns(trial)}
                for trial in trials
            ],
        )
        update_row(tx, sweep, sweep_id, next_number=max(trial.number for trial in trials) + 1)

    def put_trials(
        self, tx: Transaction, sweep_id: int, trials: Sequence[Trial], n_changes: int
    ) -> None:
        """Replace trials. `n_changes` are those of the sweep with this one."""
        for trial in trials:
            tx.connection.execute(
                sweep_trial.update()
                .where(sweep_trial.c.sweep_id == sweep_id, sweep_trial.c.number == trial.number)
                .values(n_changes=n_changes, **_columns(trial))
            )

    def remove_trials(self, tx: Transaction, sweep_id: int, numbers: Collection[int]) -> None:
        """Remove trials, whose runs were deleted."""
        if not numbers:
            return
        tx.connection.execute(
            sweep_trial.delete().where(
                sweep_trial.c.sweep_id == sweep_id, sweep_trial.c.number.in_(numbers)
            )
        )

    def trials(
        self,
        tx: Transaction,
        sweep_id: int,
        states: Collection[TrialState] | None = None,
        *,
        after: int = -1,
        limit: int | None = None,
    ) -> list[Trial]:
        """Trials of a sweep with one of these states, by number, from after a number."""
        query = (
            select(*TRIAL_COLUMNS)
            .where(sweep_trial.c.sweep_id == sweep_id, sweep_trial.c.number > after)
            .order_by(sweep_trial.c.number)
            .limit(limit)
        )
        if states is not None:
            query = query.where(sweep_trial.c.state.in_(states))
        return [read_trial(row) for row in tx.connection.execute(query)]

    def changed_trials(self, tx: Transaction, sweep_id: int, since: int) -> list[Trial]:
        """Trials of a sweep that were added or changed after so many of its changes, by number."""
        query = (
            select(*TRIAL_COLUMNS)
            .where(sweep_trial.c.sweep_id == sweep_id, sweep_trial.c.n_changes > since)
            .order_by(sweep_trial.c.number)
        )
        return [read_trial(row) for row in tx.connection.execute(query)]

    def n_trials(self, tx: Transaction, sweep_id: int) -> int:
        query = select(func.count()).where(sweep_trial.c.sweep_id == sweep_id)
        return tx.connection.execute(query).scalar_one()

    def runs_of(self, tx: Transaction, project_id: int, name: str) -> list[int]:
        """Row ids of the runs that say they are part of a sweep, those in the trash aside."""
        query = select(run.c.id).where(
            run.c.project_id == project_id, run.c.sweep == name, run.c.trashed_micros.is_(None)
        )
        return list(tx.connection.execute(query.order_by(run.c.id)).scalars())

    def best(self, tx: Transaction, sweep_id: int) -> Trial | None:
        """The trial with the least loss; the first of several."""
        query = (
            select(*TRIAL_COLUMNS)
            .where(sweep_trial.c.sweep_id == sweep_id, sweep_trial.c.loss.is_not(None))
            .order_by(sweep_trial.c.loss, sweep_trial.c.number)
            .limit(1)
        )
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else read_trial(row)

    def n_of_agents(self, tx: Transaction, sweep_id: int) -> dict[int, int]:
        """Numbers of the trials that agents got, by the agent's row id."""
        query = (
            select(sweep_trial.c.agent_id, func.count())
            .where(sweep_trial.c.sweep_id == sweep_id, sweep_trial.c.agent_id.is_not(None))
            .group_by(sweep_trial.c.agent_id)
        )
        return {row[0]: row[1] for row in tx.connection.execute(query)}

    def counts(self, tx: Transaction, sweep_ids: Sequence[int]) -> dict[int, TrialCounts]:
        """Numbers of the trials of sweeps by state, by the sweep's row id."""
        query = (
            select(
                sweep_trial.c.sweep_id,
                sweep_trial.c.state,
                sweep_trial.c.stopped_early,
                func.count(),
            )
            .where(sweep_trial.c.sweep_id.in_(sweep_ids))
            .group_by(sweep_trial.c.sweep_id, sweep_trial.c.state, sweep_trial.c.stopped_early)
        )
        counts: dict[int, dict[str, int]] = {row_id: {} for row_id in sweep_ids}
        for row_id, state, stopped_early, count in tx.connection.execute(query):
            of_it = counts[row_id]
            of_it[state] = of_it.get(state, 0) + count
            if stopped_early and state == "finished":
                of_it["stopped_early"] = of_it.get("stopped_early", 0) + count
        return {row_id: TrialCounts(**of_it) for row_id, of_it in counts.items()}


_decode: Final = msgspec.json.Decoder().decode
"""Several times faster than `json.loads`, which matters for the page of 10,000 trials."""

TRIAL_COLUMNS: Final = sweep_trial.c[  # in the order of the fields of `Trial`
    "number", "parameters", "state", "metric_values", "run", "agent_id", "resumes",
    "stopped_early", "loss", "error", "given_micros", "ended_micros",
]  # fmt: skip


def _names(row_type: type[AgentRow | SweepRow]) -> tuple[str, ...]:
    """The fields of a row, which the columns are named after."""
    return tuple(field.name for field in fields(row_type))


def _sweeps(
    tx: Transaction, where: ColumnElement[bool], limit: int | None = None
) -> list[SweepRow]:
    query = (
        select(
            *sweep.c["id", "project_id"],
            entity.c.name,
            project.c.name,
            *sweep.c[_names(SweepRow)[4:]],
        )
        .select_from(
            sweep.join(project, project.c.id == sweep.c.project_id).join(
                entity, entity.c.id == project.c.entity_id
            )
        )
        .where(where)
        .order_by(sweep.c.id.desc())
        .limit(limit)
    )
    sweeps: list[SweepRow] = []
    for row in tx.connection.execute(query):
        values = list(row)
        values[7] = json.loads(values[7])
        values[12] = [PriorRun(*prior_run) for prior_run in json.loads(values[12])]
        sweeps.append(SweepRow(*values))
    return sweeps


def _columns(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.number,
        "run": trial.run,
        "agent_id": trial.agent,
        "parameters": json.dumps(trial.parameters),
        "state": trial.state,
        "resumes": trial.resumes,
        "stopped_early": trial.stopped_early,
        "metric_values": None if trial.values is None else json.dumps(trial.values),
        "loss": trial.loss,
        "error": trial.error,
        "given_micros": trial.given_micros,
        "ended_micros": trial.ended_micros,
    }


def read_trial(row: Any) -> Trial:
    """The trial of a row of `TRIAL_COLUMNS`."""
    values = list(row)
    values[1] = _decode(values[1])
    values[3] = None if values[3] is None else _decode(values[3])
    return Trial._make(values)
