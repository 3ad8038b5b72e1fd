"""Exports and imports sweeps with their agents and trials as plain values, for archives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import select

from weft.server.storage.metadata.archive.rows import own_columns, plain_row, row_values
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import run, sweep, sweep_agent, sweep_trial

_ROWS_AT_ONCE: Final = 5000


class ArchivedSweepTable:
    """Reads and writes all rows of a project's sweeps, as plain values."""

    def read_sweeps(self, tx: Transaction, project_id: int) -> Iterator[dict[str, Any]]:
        """All sweeps of a project with their agents, oldest first."""
        columns, of_agents = own_columns(sweep), own_columns(sweep_agent)
        query = select(sweep.c.id, *columns).where(sweep.c.project_id == project_id)
        for row_id, *values in tx.connection.execute(query.order_by(sweep.c.id)).all():
            agents = tx.connection.execute(
                select(*of_agents)
                .where(sweep_agent.c.sweep_id == row_id)
                .order_by(sweep_agent.c.id)
            )
            yield {
                "sweep": plain_row(columns, values),
                "agents": [plain_row(of_agents, agent) for agent in agents],
            }

    def read_trials(self, tx: Transaction, project_id: int) -> Iterator[dict[str, Any]]:
        """All trials of a project's sweeps, those whose runs are in the trash aside."""
        columns = own_columns(sweep_trial)
        is_its_run = (run.c.project_id == project_id) & (run.c.run == sweep_trial.c.run)
        query = (
            select(sweep.c.sweep, sweep_agent.c.agent, *columns)
            .select_from(sweep_trial.join(sweep))
            .outerjoin(sweep_agent, sweep_agent.c.id == sweep_trial.c.agent_id)
            .outerjoin(run, is_its_run)
            .where(sweep.c.project_id == project_id, run.c.trashed_micros.is_(None))
            .order_by(sweep_trial.c.sweep_id, sweep_trial.c.number)
        )
        streamed = tx.connection.execution_options(yield_per=_ROWS_AT_ONCE)
        for row in cast("Iterable[Any]", streamed.execute(query)):
            yield {"sweep": row[0], "agent": row[1], "trial": plain_row(columns, row[2:])}

    def write_sweep(
        self, tx: Transaction, project_id: int, record: Mapping[str, Any]
    ) -> tuple[int, dict[str, int]]:
        """Add a sweep as returned by `read_sweeps`.

        Returns its row id, and those of its agents by their ids.
        """
        values = row_values(sweep, record["sweep"])
        row_id = tx.connection.execute(
            sweep.insert().values(project_id=project_id, **values).returning(sweep.c.id)
        ).scalar_one()
        agents: dict[str, int] = {}
        for plain in record["agents"]:
            agent = row_values(sweep_agent, plain)
            agents[agent["agent"]] = tx.connection.execute(
                sweep_agent.insert().values(sweep_id=row_id, **agent).returning(sweep_agent.c.id)
            ).scalar_one()
        return row_id, agents

    def write_trials(
        self,
        tx: Transaction,
        sweep_id: int,
        agents: Mapping[str, int],
        records: Sequence[Mapping[str, Any]],
    ) -> None:
        """Add trials of a sweep as returned by `read_trials`; `agents` are row ids by id."""
        for at in range(0, len(records), _ROWS_AT_ONCE):
            rows = [
                {
                    "sweep_id": sweep_id,
                    "agent_id": None if record["agent"] is None else agents[record["agent"]],
                    **row_values(sweep_trial, record["trial"]),
                }
                for record in records[at : at + _ROWS_AT_ONCE]
            ]
            tx.connection.execute(sweep_trial.insert(), rows)
