"""Sweeps and their agents."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import yaml

from weft.errors import Gone, NotFound
from weft.queries.filters import Comparison
from weft.server.services.access import ProjectPath
from weft.server.services.selecting import RunSelection
from weft.wandb_gateway.graphql.connections import (
    Connection,
    limit_of,
    offset_of,
    page_of,
    part_of,
)
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.run_nodes import RunNode, list_runs
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode
from weft.wandb_gateway.graphql.values import time_or_none, time_text
from weft.wandb_gateway.ids import make_id, read_id
from weft.wire.sweeps import Sweep, SweepAgent

_DUMPER: Final[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""libyaml's where PyYAML has it: several times as fast."""

_STATES: Final = {
    "pending": "PENDING",
    "running": "RUNNING",
    "paused": "PAUSED",
    "stopped": "FINISHED",
    "finished": "FINISHED",
    "cancelled": "CANCELED",
    "crashed": "CRASHED",
}
"""W&B's words for the states of sweeps."""


class SweepNode:
    typename: Final = "Sweep"
    controller: Final = None
    scheduler: Final = None
    controller_run_name: Final = None
    early_stop_job_running: Final = False

    def __init__(self, sweep: Sweep) -> None:
        self.path = ProjectPath(sweep.entity, sweep.project)
        self._sweep = sweep
        self.id = make_id("Sweep", "v1", sweep.id, sweep.project, sweep.entity)
        self.name = sweep.id
        self.display_name = sweep.name
        self.method = sweep.method
        self.state = _STATES[sweep.state]
        self.description = sweep.description or None
        best = sweep.best.values if sweep.best is not None else None
        self.best_loss = best[0] if best else None
        self.created_at = time_text(sweep.created_micros)
        self.updated_at = time_text(sweep.edited_micros)
        self.heartbeat_at = time_or_none(sweep.ended_micros) or self.updated_at
        self.run_count_expected = sweep.n_expected

    def project(self, _: Context) -> ProjectInfoNode:
        return ProjectInfoNode(self.path)

    def config(self, _: Context) -> str:
        return yaml.dump(self._sweep.config, Dumper=_DUMPER, sort_keys=False, allow_unicode=True)

    def run_count(self, context: Context) -> int:
        return self._runs(context, None, 1).total_count or 0

    def runs(
        self, context: Context, first: int | None = None, after: str | None = None
    ) -> Connection[RunNode]:
        return self._runs(context, after, limit_of(1000 if first is None else first))

    def prior_runs(self, _: Context) -> Connection[Any]:
        return part_of((), None, None)

    def agent(self, context: Context, agent_name: str) -> AgentNode | None:
        nodes = [edge.node for edge in self.agents(context).edges]
        return next((node for node in nodes if agent_name in {node.id, node.name}), None)

    def agents(self, context: Context) -> Connection[AgentNode]:
        page = context.services.sweeps.agents(context.actor, self.path, self.name)
        return page_of([AgentNode(self, agent) for agent in page.agents])

    def _runs(self, context: Context, after: str | None, limit: int) -> Connection[RunNode]:
        selection = RunSelection(
            tree=Comparison("sweep", "=", self.name), limit=limit, offset=offset_of(after)
        )
        return list_runs(context, self.path, selection)


class AgentNode:
    typename: Final = "Agent"

    def __init__(self, sweep: SweepNode, agent: SweepAgent) -> None:
        self._sweep = sweep
        self._agent = agent
        self.id = agent_id(agent.id, sweep.name, sweep.path, agent.host)
        self.name = agent.id
        self.host = agent.host
        self.state = "RUNNING" if agent.state in {"running", "idle"} else "FINISHED"
        self.total_runs = agent.n_runs
        self.created_at = time_text(agent.created_micros)
        self.heartbeat_at = time_text(agent.heartbeat_micros)

    def runs(self, context: Context, **_: Any) -> Connection[RunNode]:
        """The runs that the sweep gave it."""
        runs = context.services.sweeps.runs(
            context.actor, self._sweep.path, self._sweep.name, limit=10_000
        ).runs
        context.work.add(len(runs))
        nodes: list[RunNode] = []
        for entry in runs:
            if entry.agent != self._agent.id:
                continue
            path = self._sweep.path.run(entry.run)
            try:
                nodes.append(RunNode(context.services.runs.get(context.actor, path)))
            except (NotFound, Gone):
                continue
        return page_of(nodes)


def agent_id(agent: str, sweep: str, project: ProjectPath, host: str) -> str:
    """The id of an agent, which says all that a heartbeat needs."""
    return make_id("Agent", "v1", agent, sweep, project.project, project.entity, host)


class AgentId(NamedTuple):
    """An agent, its sweep with its project, and its host."""

    agent: str
    sweep: str
    project: ProjectPath
    host: str


class SweepPath(NamedTuple):
    project: ProjectPath
    sweep: str


def read_agent_id(text: str) -> AgentId:
    parts = read_id("Agent", text)
    if len(parts) < 6:
        raise NotFound(f"{text[:200]!r} is not the id of an agent")
    _, agent, sweep, project, entity, *host = parts
    return AgentId(agent, sweep, ProjectPath(entity, project), ":".join(host))


def read_sweep_id(text: str) -> SweepPath:
    _, sweep, project, entity = read_id("Sweep", text, 4)
    return SweepPath(ProjectPath(entity, project), sweep)


def find_sweep(context: Context, project: ProjectPath, name: str) -> SweepNode | None:
    """A sweep of a project; None if it is not found."""
    try:
        return SweepNode(context.services.sweeps.get(context.actor, project, name))
    except NotFound:
        return None


def list_sweeps(
    context: Context, project: ProjectPath, after: str | None, first: int | None
) -> Connection[SweepNode]:
    """A page of a project's sweeps, newest first."""
    page = context.services.sweeps.list(
        context.actor, project, limit=limit_of(first), cursor=after or None
    )
    return page_of([SweepNode(sweep) for sweep in page.sweeps], page.cursor, page.total)
