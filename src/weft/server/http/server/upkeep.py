"""Routes for the whole server: collect garbage, check every byte, back up, move.

They answer with progress lines, because they may take long. Restoring has no route: it makes a
data directory that no server uses yet.
"""

from __future__ import annotations

from functools import partial

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.answers.progress_lines import LINES, progress_lines
from weft.server.http.routing.routes import Routes
from weft.server.services.access import SERVER, Action, Actor, require
from weft.server.services.opening import Services
from weft.server.services.upkeep import Progress
from weft.wire.server import server as endpoints
from weft.wire.server.server import Backup, Gc, Migrate

routes = Routes()


@routes.answers(endpoints.collect_garbage, **LINES)
async def collect_garbage(gc: Gc, request: Request, services: Services, actor: Actor) -> Response:
    require(actor, Action.ADMIN, SERVER)

    def work(progress: Progress) -> msgspec.Struct:
        return services.upkeep.gc(actor, dry_run=gc.dry_run, progress=progress)

    return progress_lines(request, work, "gc")


@routes.answers(endpoints.check_server, **LINES)
async def check_server(request: Request, services: Services, actor: Actor) -> Response:
    require(actor, Action.ADMIN, SERVER)

    def work(progress: Progress) -> msgspec.Struct:
        return services.upkeep.check(actor, progress=progress)

    return progress_lines(request, work, "check")


@routes.answers(endpoints.back_up_server, **LINES)
async def back_up_server(
    backup: Backup, request: Request, services: Services, actor: Actor
) -> Response:
    look = partial(services.upkeep.check_destination, actor, backup.destination)
    await run_in_threadpool(look)

    def work(progress: Progress) -> msgspec.Struct:
        return services.upkeep.backup(actor, backup.destination, progress=progress)

    return progress_lines(request, work, "backup")


@routes.answers(endpoints.migrate_server, **LINES)
async def migrate_server(
    migrate: Migrate, request: Request, services: Services, actor: Actor
) -> Response:
    require(actor, Action.ADMIN, SERVER)

    def work(progress: Progress) -> msgspec.Struct:
        return services.migration.migrate(
            actor, migrate.to, dry_run=migrate.dry_run, progress=progress
        )

    return progress_lines(request, work, "migrate")
