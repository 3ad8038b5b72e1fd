"""Routes of runs: list, read, edit, stop and delete them, list their writers and alerts."""

from __future__ import annotations

from typing import Any

from weft.queries.filter_text import parse_filter
from weft.queries.filters import And, Comparison
from weft.queries.orders import NEWEST_FIRST, order_from_text
from weft.records.states import RunState
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.server.services.runs import RunService
from weft.server.services.selecting import RunSelection
from weft.wire.runs import runs as endpoints
from weft.wire.runs.runs import RunList, Undeleted

routes = Routes()


@routes.answers(endpoints.list_runs, threads=COSTLY)
def list_runs(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    filter_: str,
    order: str,
    search: str,
    regex: bool,
    state: RunState | None,
    limit: int,
    cursor: str | None,
) -> RunList:
    tree = parse_filter(filter_)
    if state is not None:
        tree = And((tree, Comparison("state", "=", state)))
    selection = RunSelection(
        tree=tree,
        order=order_from_text(order) or (NEWEST_FIRST,),
        search=search,
        regex=regex,
        limit=limit,
        cursor=cursor,
    )
    return services.runs.list(actor, path, selection)


routes.bind(endpoints.get_run, RunService.get)
routes.bind(endpoints.list_writers, RunService.writers)
routes.bind(endpoints.list_alerts, RunService.alerts)
routes.bind(endpoints.edit_run, RunService.edit)
routes.bind(endpoints.delete_run, RunService.delete)


@routes.answers(endpoints.undelete_run)
def undelete_run(path: RunPath, services: Services, actor: Actor) -> Undeleted:
    return Undeleted(restored=services.runs.undelete(actor, path))


@routes.answers(endpoints.stop_run, status=202)
def stop_run(path: RunPath, services: Services, actor: Actor) -> dict[str, Any]:
    services.runs.stop(actor, path)
    return {}
