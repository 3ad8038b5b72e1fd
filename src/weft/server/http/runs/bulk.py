"""The route that applies one action to many runs."""

from __future__ import annotations

from msgspec.structs import replace

from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.runs import bulk as endpoints
from weft.wire.runs.bulk import BulkAnswer, BulkChange, MoveAction

routes = Routes()


@routes.answers(endpoints.change_runs, threads=COSTLY)
def change_runs(
    path: ProjectPath, change: BulkChange, services: Services, actor: Actor
) -> BulkAnswer:
    if isinstance(change.action, MoveAction) and change.action.entity is not None:
        action = replace(change.action, entity=actor.named(change.action.entity))
        change = replace(change, action=action)
    return services.bulk.apply_change(actor, path, change)
