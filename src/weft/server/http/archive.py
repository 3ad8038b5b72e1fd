"""Routes of archives: a whole project out as one file, and in again.

Both are streamed. An import is answered with lines of progress once the file has come.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from weft.records.ids import check_name
from weft.server.http.admission.bodies import pieces_of_body
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.answers.progress_lines import LINES, progress_lines
from weft.server.http.context import Asker, WithHeavyWork, WithServices
from weft.server.services.upkeep.progress import Progress

router = APIRouter(prefix="/api/v1", tags=["archives"])

ZIP_MEDIA_TYPE: Final = "application/zip"

_ARCHIVE: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "an archive, as `GET …/archive` gave it",
        "content": {ZIP_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/projects/{entity}/{project}/archive",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "a zip file; the document /docs/archive-format tells what is in it",
            "content": {ZIP_MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    operation_id="export_project",
)
async def export_project(
    entity: str, project: str, services: WithServices, actor: Asker, heavy: WithHeavyWork
) -> Response:
    """Everything of a project as one file, as it is at this moment."""
    pieces = services.archives.export(actor, entity, project)
    return HeavyStream(
        pieces,
        media_type=ZIP_MEDIA_TYPE,
        file_name=f"{project}.weft.zip",
        heavy=heavy,
        held=pieces,
    )


@router.post(
    "/projects/{entity}/{project}/archive",
    response_class=StreamingResponse,
    responses=LINES,
    operation_id="import_project",
    openapi_extra=_ARCHIVE,
)
async def import_project(
    entity: str,
    project: str,
    request: Request,
    services: WithServices,
    actor: Asker,
    *,
    skip_existing: Annotated[bool, Query(description="leave out runs that are there")] = False,
) -> Response:
    """Add the runs of an archive to a project, which is made if it is missing; all or none."""
    place = check_name("entity", entity), check_name("project", project)
    return await _import(request, services, actor, place, skip_existing=skip_existing)


@router.post(
    "/archives",
    response_class=StreamingResponse,
    responses=LINES,
    operation_id="import_archive",
    openapi_extra=_ARCHIVE,
)
async def import_archive(
    request: Request,
    services: WithServices,
    actor: Asker,
    *,
    skip_existing: Annotated[bool, Query(description="leave out runs that are there")] = False,
) -> Response:
    """The same to the project that the archive came from."""
    return await _import(request, services, actor, (None, None), skip_existing=skip_existing)


async def _import(
    request: Request,
    services: WithServices,
    actor: Asker,
    place: tuple[str | None, str | None],
    *,
    skip_existing: bool,
) -> Response:
    spool = await run_in_threadpool(services.archives.spool, actor)
    try:
        async for piece in pieces_of_body(request.scope, request.receive):
            await run_in_threadpool(spool.write, piece)
        await run_in_threadpool(spool.end)
    except BaseException:
        await run_in_threadpool(spool.close)
        raise

    def work(progress: Progress) -> msgspec.Struct:
        try:
            return services.archives.import_(
                actor, spool.path, *place, skip_existing=skip_existing, progress=progress
            )
        finally:
            spool.close()

    return progress_lines(request, work, "import")
