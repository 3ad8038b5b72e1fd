"""Routes that export a whole project as one archive file, and import it again.

Both are streamed. An import answers with progress lines once the whole file has arrived.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from weft.server.http.admission.bodies import write_body
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.answers.progress_lines import LINES, progress_lines
from weft.server.http.routing.routes import BYTES, Body, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.server.services.upkeep import Progress
from weft.wire.projects import archives as endpoints

routes = Routes()

ZIP_MEDIA_TYPE: Final = "application/zip"

_IMPORT: Final[dict[str, Any]] = {
    **LINES,
    "body": Body({ZIP_MEDIA_TYPE: BYTES}, "an archive, as `GET …/archive` gave it"),
}


@routes.answers(
    endpoints.export_project,
    answer_text="a zip file; the document /docs/archive-format tells what is in it",
    media={ZIP_MEDIA_TYPE: BYTES},
)
async def export_project(
    path: ProjectPath, services: Services, actor: Actor, heavy: HeavyWork
) -> Response:
    pieces = services.archives.export(actor, path)
    return HeavyStream(
        pieces,
        media_type=ZIP_MEDIA_TYPE,
        file_name=f"{path.project}.weft.zip",
        actor=actor,
        heavy=heavy,
        held=pieces,
    )


@routes.answers(endpoints.import_project, **_IMPORT)
async def import_project(
    path: ProjectPath, request: Request, services: Services, actor: Actor, *, skip_existing: bool
) -> Response:
    return await _import(request, services, actor, path, skip_existing=skip_existing)


@routes.answers(endpoints.import_archive, **_IMPORT)
async def import_archive(
    request: Request, services: Services, actor: Actor, *, skip_existing: bool
) -> Response:
    return await _import(request, services, actor, None, skip_existing=skip_existing)


async def _import(
    request: Request,
    services: Services,
    actor: Actor,
    path: ProjectPath | None,
    *,
    skip_existing: bool,
) -> Response:
    spool = await run_in_threadpool(services.archives.spool, actor, path)
    try:
        await write_body(request.scope, request.receive, spool.write)
        await run_in_threadpool(spool.end)
    except BaseException:
        await run_in_threadpool(spool.close)
        raise

    def work(progress: Progress) -> msgspec.Struct:
        try:
            return services.archives.import_(
                actor, spool.path, path, skip_existing=skip_existing, progress=progress
            )
        finally:
            spool.close()

    return progress_lines(request, work, "import")
