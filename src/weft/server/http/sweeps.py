"""Routes of sweeps, and of their agents."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.server.http.admission.sharing import COSTLY, SWEEPS
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.runs.runs import MAX_PAGE
from weft.wire.sweeps import (
    AgentBeat,
    AgentOrders,
    CheckedSweep,
    NewSweep,
    Sweep,
    SweepAgentList,
    SweepCheck,
    SweepEdit,
    SweepList,
    SweepRunList,
)

routes = Routes("/api/v1/projects/{entity}/{project}", tag="sweeps")


@routes.get("/sweeps", threads=COSTLY)
def list_sweeps(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> SweepList:
    """List the sweeps of a project, newest first."""
    return services.sweeps.list(actor, path, limit=limit, cursor=cursor)


@routes.post("/sweeps", status=201, threads=SWEEPS)
def create_sweep(path: ProjectPath, new: NewSweep, services: Services, actor: Actor) -> Sweep:
    """Create a sweep, and the project if it does not exist."""
    return services.sweeps.create(actor, path, new)


@routes.post("/sweeps/check", threads=SWEEPS)
def check_sweep(
    path: ProjectPath, check: SweepCheck, services: Services, actor: Actor
) -> CheckedSweep:
    """Say what is wrong with a configuration, or show what it would hand out."""
    return services.sweeps.check(actor, path, check.config)


@routes.get("/sweeps/{sweep}")
def get_sweep(path: ProjectPath, sweep: str, services: Services, actor: Actor) -> Sweep:
    """Return a sweep with its counts and its best run."""
    return services.sweeps.get(actor, path, sweep)


@routes.patch("/sweeps/{sweep}")
def edit_sweep(
    path: ProjectPath, sweep: str, edit: SweepEdit, services: Services, actor: Actor
) -> Sweep:
    """Rename, pause, stop, cancel or resume a sweep, or change how many runs it may have."""
    return services.sweeps.edit(actor, path, sweep, edit)


@routes.delete("/sweeps/{sweep}")
def delete_sweep(path: ProjectPath, sweep: str, services: Services, actor: Actor) -> None:
    """Delete a sweep. Its runs stay; its agents end."""
    services.sweeps.delete(actor, path, sweep)


@routes.get("/sweeps/{sweep}/runs", threads=COSTLY)
def list_sweep_runs(
    path: ProjectPath,
    sweep: str,
    services: Services,
    actor: Actor,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> SweepRunList:
    """List the runs of a sweep, by number, with their parameters and the values they reached."""
    return services.sweeps.runs(actor, path, sweep, limit=limit, cursor=cursor)


@routes.get("/sweeps/{sweep}/agents", threads=COSTLY)
def list_agents(path: ProjectPath, sweep: str, services: Services, actor: Actor) -> SweepAgentList:
    """List the agents of a sweep, in the order in which they came."""
    return services.sweeps.agents(actor, path, sweep)


@routes.post("/sweeps/{sweep}/agents/{agent}", threads=SWEEPS)
def beat_agent(
    path: ProjectPath,
    sweep: str,
    agent: str,
    beat: AgentBeat,
    services: Services,
    actor: Actor,
) -> AgentOrders:
    """Report an agent's runs and the number of runs that it wants; returns its orders.

    Sent every few seconds, and again if no answer came: runs that the agent does not name are
    answered again, so none is lost.
    """
    return services.sweeps.beat(actor, path, sweep, agent, beat)
