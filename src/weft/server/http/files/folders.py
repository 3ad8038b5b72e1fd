"""Routes of the folders of a run's files: what is in one, and all of it as a zip file."""

from __future__ import annotations

from starlette.responses import Response

from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.files import FolderService
from weft.server.services.opening import Services
from weft.wire.files import files as endpoints

routes = Routes()

routes.bind(endpoints.get_folder, FolderService.list, threads=COSTLY)


@routes.answers(
    endpoints.download_folder, answer_text="a zip file", media={"application/zip": BYTES}
)
async def download_folder(
    path: RunPath, services: Services, actor: Actor, heavy: HeavyWork, *, folder: str
) -> Response:
    pieces = services.folders.zip(actor, path, folder)
    name = f"{path.run}-{folder.rpartition('/')[2]}" if folder else path.run
    return HeavyStream(
        pieces,
        media_type="application/zip",
        file_name=f"{name}.zip",
        actor=actor,
        heavy=heavy,
        held=pieces,
    )
