"""Routes of the folders of a run's files: what is in one, and all of it as a zip file."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta
from starlette.responses import Response

from weft.records.limits import MAX_FILE_PATH_BYTES
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor, RunPath
from weft.server.services.opening import Services
from weft.wire.files.files import Folder
from weft.wire.runs.runs import MAX_PAGE

routes = Routes("/api/v1/projects/{entity}/{project}/runs/{run}", tag="files")

FolderPath = Annotated[
    str,
    Meta(max_length=MAX_FILE_PATH_BYTES, description="for example media/images; empty: all files"),
]


@routes.get("/folder", threads=COSTLY)
def get_folder(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    folder: FolderPath = "",
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> Folder:
    """Return the folders and files that are directly in a folder of a run's files."""
    return services.folders.list(actor, path, folder, limit=limit, cursor=cursor)


@routes.get("/folder.zip", answer_text="a zip file", media={"application/zip": BYTES})
async def download_folder(
    path: RunPath, services: Services, actor: Actor, heavy: HeavyWork, *, folder: FolderPath = ""
) -> Response:
    """Download all files below a folder as a zip file, without those that have no content."""
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
