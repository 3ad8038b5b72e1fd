"""Routes of the files of artifact versions: list, folders, contents."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from starlette.requests import Request
from starlette.responses import Response

from weft.errors import NotFound
from weft.records.files.artifacts import version_number
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.contents import CONTENT, Content, answer_content, answer_elsewhere
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.artifacts import ArtifactFileService, DiffService
from weft.server.services.opening import Services
from weft.wire.artifacts import files as endpoints
from weft.wire.artifacts.files import ContentLinks

routes = Routes()

routes.bind(endpoints.list_artifact_files, ArtifactFileService.list, threads=COSTLY)
routes.bind(endpoints.get_artifact_folder, ArtifactFileService.folder, threads=COSTLY)


@routes.answers(endpoints.list_content_links)
def list_content_links(
    target: ProjectPath,
    artifact: str,
    version: str,
    path: str,
    services: Services,
    actor: Actor,
    *,
    start: int,
) -> ContentLinks:
    file = services.artifact_files.get(actor, target, artifact, version, path)
    return ContentLinks(links=services.artifact_files.links(actor, target, file, start))


routes.bind(endpoints.compare_versions, DiffService.of_versions, threads=COSTLY)


@routes.answers(
    endpoints.download_artifact_folder, answer_text="a zip file", media={"application/zip": BYTES}
)
async def download_artifact_folder(
    target: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
    *,
    folder: str,
) -> Response:
    pieces = services.artifact_files.zip(actor, target, artifact, version, folder)
    names = [artifact, version, *([folder.rpartition("/")[2]] if folder else [])]
    return HeavyStream(
        pieces,
        media_type="application/zip",
        file_name=f"{'-'.join(names)}.zip",
        actor=actor,
        heavy=heavy,
        held=pieces,
    )


@routes.answers(endpoints.download_artifact_file, **CONTENT)
@routes.answers(endpoints.look_at_artifact_file, **CONTENT)
def download_artifact_file(
    target: ProjectPath,
    artifact: str,
    version: str,
    path: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    sha256: str | None,
    direct: bool,
    framed: bool,
    outside: str,
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    file = services.artifact_files.get(actor, target, artifact, version, path)
    info = file.info
    if sha256 is not None and sha256 != info.sha256:
        raise NotFound(f"file {path!r} of {artifact}:{version} has another content by now")
    if direct and request.method == "GET":
        links = services.artifact_files.links(actor, target, file)
        if len(links) == 1:
            return answer_elsewhere(links[0].url)
    return answer_content(
        request,
        Content(info.path, info.n_bytes, info.sha256, info.media_type, 0),
        partial(services.artifact_files.read, actor, target, file),
        is_lasting=sha256 is not None or version_number(version) is not None,
        is_framed=framed,
        outside=outside,
        if_none_match=if_none_match,
        if_range=if_range,
    )
