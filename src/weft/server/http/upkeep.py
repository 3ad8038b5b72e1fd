"""Routes for the whole server: free what nothing needs, check every byte, back up.

They answer with lines of progress, for they may take long. Restoring has no route: it makes a data
directory that no server has yet.
"""

from __future__ import annotations

from functools import partial

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from weft.server.http.answers.progress_lines import LINES, progress_lines
from weft.server.http.context import Asker, WithServices
from weft.server.http.schemas.upkeep import Backup, Gc
from weft.server.services.permissions import SERVER, Action, require
from weft.server.services.upkeep.progress import Progress

router = APIRouter(prefix="/api/v1/server", tags=["server"])


@router.post(
    "/gc", response_class=StreamingResponse, responses=LINES, operation_id="collect_garbage"
)
async def collect_garbage(
    asked: Gc, request: Request, services: WithServices, actor: Asker
) -> Response:
    """Free what nothing needs: old trash, and what kills and full disks left."""
    require(actor, Action.ADMIN, SERVER)

    def work(progress: Progress) -> msgspec.Struct:
        return services.upkeep.gc(actor, dry_run=asked.dry_run, progress=progress)

    return progress_lines(request, work, "gc")


@router.post(
    "/check", response_class=StreamingResponse, responses=LINES, operation_id="check_server"
)
async def check_server(request: Request, services: WithServices, actor: Asker) -> Response:
    """Look at every byte: databases, metric files, blobs. Names what is damaged."""
    require(actor, Action.ADMIN, SERVER)

    def work(progress: Progress) -> msgspec.Struct:
        return services.upkeep.check(actor, progress=progress)

    return progress_lines(request, work, "check")


@router.post(
    "/backup", response_class=StreamingResponse, responses=LINES, operation_id="back_up_server"
)
async def back_up_server(
    asked: Backup, request: Request, services: WithServices, actor: Asker
) -> Response:
    """Make a consistent copy of everything in a new folder on the server's machine."""
    look = partial(services.upkeep.check_destination, actor, asked.destination)
    await run_in_threadpool(look)

    def work(progress: Progress) -> msgspec.Struct:
        return services.upkeep.backup(actor, asked.destination, progress=progress)

    return progress_lines(request, work, "backup")
