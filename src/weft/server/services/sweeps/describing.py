"""Answers about sweeps: their rows, counts, best runs and agents."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from weft.server.services.stores.stores import Stores
from weft.server.services.sweeps.agents import SILENCE_MICROS
from weft.server.storage.metadata import AgentRow, SweepRow, Transaction
from weft.sweeps.config import SweepConfig, parse_config
from weft.sweeps.search import size_of
from weft.sweeps.trials import AgentKey, Trial, pareto_front
from weft.wire.sweeps import Sweep, SweepAgent, SweepCounts, SweepMetric, SweepRun

MAX_FRONT: Final = 200
"""Most runs of a Pareto front in one answer."""


def describe(
    stores: Stores, tx: Transaction, rows: Sequence[SweepRow], *, with_front: bool = False
) -> list[Sweep]:
    """Describe sweeps.

    `with_front` finds the Pareto fronts of those with several metrics, for which all of their
    trials are read.
    """
    table = stores.metadata.sweeps
    counts = table.counts(tx, [row.row_id for row in rows])
    now = stores.now()
    sweeps: list[Sweep] = []
    for row in rows:
        config, size = _parsed(json.dumps(row.config))
        agents = table.agents(tx, row.row_id)
        names: dict[AgentKey, str] = {agent.row_id: agent.agent for agent in agents}
        best = table.best(tx, row.row_id) if len(config.metrics) == 1 else None
        has_front = with_front and len(config.metrics) > 1
        finished = table.trials(tx, row.row_id, ["finished"]) if has_front else []
        front = pareto_front(config.metrics, finished)[:MAX_FRONT]
        state_counts = counts[row.row_id]
        sweeps.append(
            Sweep(
                entity=row.entity,
                project=row.project,
                id=row.sweep,
                name=row.name,
                description=row.description,
                method=config.method,
                sampler=config.sampler,
                metrics=[
                    SweepMetric(name=metric.name, goal=metric.goal) for metric in config.metrics
                ],
                parameters=[
                    name for name, parameter in config.space.items() if parameter.varies()
                ],
                config=row.config,
                seed=row.seed if config.seed is None else config.seed,
                state=row.state,
                error=row.error,
                run_cap=row.run_cap,
                n_expected=expected_runs(size, row.run_cap),
                counts=SweepCounts(
                    running=state_counts.given,
                    finished=state_counts.finished,
                    failed=state_counts.failed,
                    queued=state_counts.queued,
                    stopped_early=state_counts.stopped_early,
                ),
                n_agents=sum(1 for agent in agents if is_alive(agent, now)),
                best=None if best is None else sweep_run(best, names),
                front=[sweep_run(trial, names) for trial in front],
                n_prior=len(row.prior),
                user=row.user,
                created_micros=row.created_micros,
                edited_micros=row.edited_micros,
                ended_micros=row.ended_micros,
                edited_by=row.edited_by or None,
            )
        )
    return sweeps


def expected_runs(size: int | None, run_cap: int | None) -> int | None:
    """The number of runs of a sweep of `size` parameter sets; None if it has no end."""
    limits = [limit for limit in (size, run_cap) if limit is not None]
    return min(limits, default=None)


def parsed_config(row: SweepRow) -> SweepConfig:
    return _parsed(json.dumps(row.config))[0]


@lru_cache(maxsize=128)
def _parsed(config: str) -> tuple[SweepConfig, int | None]:
    """A configuration, and how many parameter sets it has."""
    parsed = parse_config(json.loads(config), is_stored=True)
    return parsed, size_of(parsed)


def is_alive(agent: AgentRow, now: int) -> bool:
    """Whether an agent was heard from within a minute."""
    return not agent.has_left and now - agent.heartbeat_micros <= SILENCE_MICROS


def sweep_run(trial: Trial, agents: Mapping[AgentKey, str]) -> SweepRun:
    return SweepRun(
        number=trial.number,
        run=trial.run,
        parameters=trial.parameters,
        state="running" if trial.state == "given" else trial.state,
        stopped_early=trial.stopped_early,
        values=None if trial.values is None else list(trial.values),
        error=trial.error,
        agent=None if trial.agent is None else agents.get(trial.agent),
        given_micros=trial.given_micros,
        ended_micros=trial.ended_micros,
    )


def describe_agents(
    agents: Sequence[AgentRow], open_trials: Sequence[Trial], n_given: dict[int, int], now: int
) -> list[SweepAgent]:
    runs: dict[AgentKey, list[str]] = {}
    for trial in open_trials:
        if trial.agent is not None and trial.state == "given":
            runs.setdefault(trial.agent, []).append(trial.run)
    return [
        SweepAgent(
            id=agent.agent,
            number=agent.number,
            host=agent.host,
            pid=agent.pid,
            user=agent.user,
            state=_state_of(agent, bool(runs.get(agent.row_id)), now),
            runs=runs.get(agent.row_id, []),
            n_runs=n_given.get(agent.row_id, 0),
            created_micros=agent.created_micros,
            heartbeat_micros=agent.heartbeat_micros,
        )
        for agent in agents
    ]


def _state_of(agent: AgentRow, has_runs: bool, now: int) -> str:
    if agent.has_left:
        return "left"
    if now - agent.heartbeat_micros > SILENCE_MICROS:
        return "silent"
    return "running" if has_runs else "idle"
