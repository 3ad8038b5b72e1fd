"""Trials of sweeps as pages of a table, and trials that people queue."""

from __future__ import annotations

from typing import Final

import msgspec

from weft.errors import ConfigError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.describing import parsed_config, sweep_run
from weft.server.services.sweeps.registry import LiveSweeps
from weft.server.services.sweeps.rows import sweep_row
from weft.server.storage.metadata import SweepRow, Transaction, TrialEntry, TrialOrder, TrialQuery
from weft.sweeps.config import SweepConfig
from weft.sweeps.trials import AgentKey
from weft.wire.sweep_trials import NewTrial, SweepTrial, SweepTrialList, TrialState

_FIELDS: Final = ("number", "name", "state", "agent", "given", "duration")


class TrialService:
    """Operations on trials. Thread-safe."""

    def __init__(self, stores: Stores, live: LiveSweeps) -> None:
        self._stores = stores
        self._live = live

    def list(
        self,
        actor: Actor,
        project: ProjectPath,
        sweep: str,
        *,
        state: TrialState | None = None,
        search: str = "",
        run: str | None = None,
        order: str = "number",
        limit: int = 100,
        offset: int = 0,
    ) -> SweepTrialList:
        """Trials of a sweep, filtered and in an order."""
        require(actor, Action.READ, project)
        with self._stores.metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
            query = TrialQuery(
                now_micros=self._stores.now(),
                state=state,
                search=search.strip(),
                run=run,
                order=_parse_order(order, parsed_config(row)),
                offset=offset,
                limit=limit,
            )
            return self._page(tx, row, query)

    def enqueue(self, actor: Actor, project: ProjectPath, sweep: str, new: NewTrial) -> SweepTrial:
        """Queue a parameter set for the next agent; ConfigError if the sweep's space lacks it."""
        require(actor, Action.WRITE, project)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = sweep_row(self._stores, tx, project, sweep)
        live = self._live.open(row)
        with live.lock:
            run = live.enqueue(new.parameters)
        with metadata.read() as tx:
            query = TrialQuery(now_micros=self._stores.now(), run=run)
            return self._page(tx, row, query).trials[0]

    def _page(self, tx: Transaction, row: SweepRow, query: TrialQuery) -> SweepTrialList:
        metadata = self._stores.metadata
        entries, total = metadata.sweep_trials.page(tx, row.row_id, query)
        agents: dict[AgentKey, str] = {
            agent.row_id: agent.agent for agent in metadata.sweeps.agents(tx, row.row_id)
        }
        return SweepTrialList(trials=[_trial(entry, agents) for entry in entries], total=total)


def _trial(entry: TrialEntry, agents: dict[AgentKey, str]) -> SweepTrial:
    return SweepTrial(
        **msgspec.structs.asdict(sweep_run(entry.trial, agents)),
        name=entry.name,
        reason=entry.reason,
        notes=entry.notes or "",
        agent_number=entry.agent_number,
    )


def _parse_order(text: str, config: SweepConfig) -> TrialOrder:
    column = text.removeprefix("-")
    is_descending = column != text
    kind, _, name = column.partition(".")
    metrics = [metric.name for metric in config.metrics]
    if kind == "parameters" and name in config.space:
        return TrialOrder("parameter", name, is_descending=is_descending)
    if kind == "values" and name in metrics:
        return TrialOrder("metric", position=metrics.index(name), is_descending=is_descending)
    if column not in _FIELDS:
        raise ConfigError(
            f"trials have no column {column!r} to sort by: take one of {', '.join(_FIELDS)}, or "
            "parameters.NAME or values.METRIC of the sweep"
        )
    return TrialOrder("field", column, is_descending=is_descending)
