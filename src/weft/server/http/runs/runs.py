"""Routes of runs: list, read, edit, stop and delete them, list their writers and alerts."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from weft.queries.filter_text import parse_filter
from weft.queries.filters import And, Comparison
from weft.queries.orders import NEWEST_FIRST, order_from_text
from weft.records.states import RunState
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.server.services.selecting import RunQuestion
from weft.wire.runs.runs import MAX_PAGE, AlertList, Run, RunEdit, RunList, Undeleted, WriterList

routes = Routes("/api/v1/projects/{entity}/{project}/runs", tag="runs")


@routes.get(threads=COSTLY)
def list_runs(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    filter_: str = "",
    order: str = "-created",
    search: str = "",
    regex: bool = False,
    state: RunState | None = None,
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> RunList:
    """List runs that match a filter and contain the search text, by default newest first."""
    tree = parse_filter(filter_)
    if state is not None:
        tree = And((tree, Comparison("state", "=", state)))
    question = RunQuestion(
        tree=tree,
        order=order_from_text(order) or (NEWEST_FIRST,),
        search=search,
        regex=regex,
        limit=limit,
        cursor=cursor,
    )
    return services.runs.list(actor, path, question)


@routes.get("/{run}")
def get_run(path: RunPath, services: Services, actor: Actor) -> Run:
    """Return one run; msgpack answers keep nonfinite numbers as numbers."""
    return services.runs.get(actor, path)


@routes.get("/{run}/writers")
def list_writers(path: RunPath, services: Services, actor: Actor) -> WriterList:
    """List the writers of a run (scripts, their children, sidecars) with their labels."""
    return services.runs.writers(actor, path)


@routes.get("/{run}/alerts")
def list_alerts(path: RunPath, services: Services, actor: Actor) -> AlertList:
    """List the alerts that a run's scripts raised, oldest first."""
    return services.runs.alerts(actor, path)


@routes.patch("/{run}")
def edit_run(path: RunPath, edit: RunEdit, services: Services, actor: Actor) -> Run:
    """Edit the name, notes, tags, group, job type, color, config or summary of a run."""
    return services.runs.edit(actor, path, edit)


@routes.delete("/{run}")
def delete_run(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    permanently: bool = False,
) -> None:
    """Move a run to the trash, or delete it permanently; a tombstone refuses late uploads."""
    services.runs.delete(actor, path, permanently=permanently)


@routes.post("/{run}/undelete")
def undelete_run(path: RunPath, services: Services, actor: Actor) -> Undeleted:
    """Restore a deleted run; if the trash was emptied, only accept its uploads again."""
    return Undeleted(restored=services.runs.undelete(actor, path))


@routes.post("/{run}/stop", status=202)
def stop_run(path: RunPath, services: Services, actor: Actor) -> dict[str, Any]:
    """Ask the run's processes to stop: their next `log()` raises KeyboardInterrupt."""
    services.runs.stop(actor, path)
    return {}
