"""Mutations of sweeps, and the heartbeat of their agents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from weft.errors import ConfigError, Gone, NotFound
from weft.records.ids import new_writer_id
from weft.server.services.access import Action, ProjectPath, require
from weft.server.services.selecting import RunSelection
from weft.wandb_gateway.graphql.project_nodes import read_filters
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.sweep_nodes import (
    SweepNode,
    agent_id,
    read_agent_id,
    read_sweep_id,
)
from weft.wandb_gateway.graphql.values import json_text
from weft.wire.sweeps import MAX_PRIOR_RUNS, AgentBeat, AgentOrders, NewSweep, SweepEdit

_Input = dict[str, Any]
_Payload = dict[str, Any]

_STATES: Final = {
    "RUNNING": "running",
    "PENDING": "running",
    "PAUSED": "paused",
    "FINISHED": "stopped",
    "STOPPED": "stopped",
    "CANCELED": "cancelled",
    "CANCELLED": "cancelled",
}
_RUN_ENDED: Final = frozenset({"finished", "failed", "crashed", "killed"})


class AgentGone(NotFound):
    """The agent's sweep is gone: the client ends the agent after its run."""


class SweepMutations:
    def upsert_sweep(self, context: Context, input: _Input) -> _Payload:
        if input.get("id"):
            return {"sweep": _edit(context, input), "config_validation_warnings": []}
        if not input.get("config"):
            raise ConfigError("a sweep needs a config", field="config")
        project = context.project(input.get("entity_name"), input.get("project_name"))
        new = NewSweep(
            config=input["config"],
            prior_runs=_prior_runs(context, project, input.get("prior_runs_filters")),
        )
        sweep = context.services.sweeps.create(context.actor, project, new)
        edit = _names(input)
        if edit:
            sweep = context.services.sweeps.edit(
                context.actor, project, sweep.id, SweepEdit(**edit)
            )
        return {"sweep": SweepNode(sweep), "config_validation_warnings": []}

    def create_agent(self, context: Context, input: _Input) -> _Payload:
        project = context.project(input.get("entity_name"), input.get("project_name"))
        sweep = input["sweep"].rpartition("/")[2]
        agent, host = new_writer_id(), input["host"]
        beat = AgentBeat(host=host[:1000])
        context.services.sweeps.answer_beat(context.actor, project, sweep, agent, beat)
        return {"agent": {"id": agent_id(agent, sweep, project, host)}}

    def agent_heartbeat(self, context: Context, input: _Input) -> _Payload:
        try:
            agent, sweep, project, host = read_agent_id(input["id"])
            require(context.actor, Action.LOG, project)
            states = _run_states(input.get("run_state"))
            runs = _runs_of(context, project, sweep, agent, states)
            wants = 0 if any(states.values()) else 1
            beat = AgentBeat(host=host[:1000], runs=runs, wants=wants)
            orders = context.services.sweeps.answer_beat(
                context.actor, project, sweep, agent, beat
            )
            config = context.services.sweeps.get(context.actor, project, sweep).config
        except NotFound as error:
            raise AgentGone(str(error)) from None
        commands = _commands(orders, str(config.get("program") or ""), is_idle=wants > 0)
        return {"agent": {"id": input["id"]}, "commands": json_text(commands)}


def _runs_of(
    context: Context,
    project: ProjectPath,
    sweep: str,
    agent: str,
    states: Mapping[str, bool],
) -> dict[str, Any]:
    """The runs that an agent has, and what became of those that it has no more."""
    runs: dict[str, Any] = {run: "running" for run, is_running in states.items() if is_running}
    agents = context.services.sweeps.agents(context.actor, project, sweep).agents
    assigned = next((entry.runs for entry in agents if entry.id == agent), None)
    if assigned is None:
        return runs
    reported = context.reported_runs.add_runs(agent, states.keys() & set(assigned))
    for run in assigned:
        if run in runs:
            continue
        try:
            state = context.services.runs.get(context.actor, project.run(run)).state
        except (NotFound, Gone):
            if run in reported:
                runs[run] = "failed"  # else the answer with it was lost: it is sent again
            continue
        is_ended = state in _RUN_ENDED or run in reported
        runs[run] = ("finished" if state == "finished" else "failed") if is_ended else "running"
    return runs


def _run_states(text: str | None) -> dict[str, bool]:
    try:
        states = json.loads(text or "{}")
    except ValueError as error:
        raise ConfigError(f"runState: not JSON: {error}", field="runState") from None
    return {str(run): bool(state) for run, state in states.items()} if states else {}


def _commands(orders: AgentOrders, program: str, *, is_idle: bool) -> list[dict[str, Any]]:
    """The commands for an agent; a client that takes one command takes the first."""
    commands: list[dict[str, Any]] = [{"type": "stop", "run_id": run} for run in orders.stop]
    for order in orders.runs:
        commands.append(
            {
                "type": "resume" if order.resumes else "run",
                "run_id": order.run,
                "program": program,
                "args": {key: {"value": value} for key, value in order.config.items()},
            }
        )
    if orders.is_done and is_idle and not commands:
        commands.append({"type": "exit"})
    return commands


def _edit(context: Context, input: _Input) -> SweepNode:
    """Change a sweep's state, name or description."""
    project, sweep = read_sweep_id(input["id"])
    before = context.services.sweeps.get(context.actor, project, sweep)
    edit = _names(input)
    state = input.get("state")
    if state is not None:
        if state.upper() not in _STATES:
            raise ConfigError(f"a sweep can't be set to {state[:80]!r}", field="state")
        edit["state"] = _STATES[state.upper()]
    if input.get("config") and not edit:
        raise ConfigError(
            "the config of a sweep can't be changed: its runs were drawn from it; create another",
            field="config",
        )
    if not edit:
        return SweepNode(before)
    return SweepNode(
        context.services.sweeps.edit(context.actor, project, sweep, SweepEdit(**edit))
    )


def _names(input: _Input) -> dict[str, Any]:
    names = {"name": input.get("display_name"), "description": input.get("description")}
    return {key: value for key, value in names.items() if value is not None}


def _prior_runs(context: Context, project: ProjectPath, filters: str | None) -> list[str]:
    """The runs from before the sweep that a filter selects."""
    tree = read_filters(filters)
    if tree is None:
        return []
    selection = RunSelection(tree=tree, limit=MAX_PRIOR_RUNS)
    return [run.id for run in context.services.runs.list(context.actor, project, selection).runs]
