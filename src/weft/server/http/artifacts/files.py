"""Routes of the files of artifact versions: list, folders, contents."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from weft.errors import NotFound
from weft.records.files.artifacts import version_number
from weft.records.limits import MAX_FILE_BYTES, MAX_FILE_PATH_BYTES, MAX_ID_BYTES
from weft.server.http.admission.heavy import HeavyWork
from weft.server.http.admission.heavy_stream import HeavyStream
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.answers.contents import (
    CONTENT,
    Content,
    Direct,
    answer_content,
    answer_elsewhere,
)
from weft.server.http.answers.pages import Framed, Outside
from weft.server.http.files.folders import FolderPath
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import BYTES, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.artifacts import Changes
from weft.server.services.opening import Services
from weft.wire.artifacts.artifacts import (
    MAX_INLINE_BYTES,
    ArtifactDiff,
    ArtifactFileList,
    ArtifactFolder,
    ContentLinks,
)
from weft.wire.files.contents import MAX_CONTENTS_BYTES
from weft.wire.runs.runs import MAX_PAGE

routes = Routes(
    "/api/v1/projects/{entity}/{project}/artifacts/{artifact}/versions/{version}", tag="artifacts"
)


@routes.get("/files", threads=COSTLY)
def list_artifact_files(
    target: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    *,
    prefix: Annotated[str, Meta(max_length=MAX_FILE_PATH_BYTES)] = "",
    search: Annotated[
        str,
        Meta(max_length=MAX_FILE_PATH_BYTES, description="in the path, in upper or lower case"),
    ] = "",
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
    with_contents: Annotated[
        bool,
        Meta(
            description=f"also the contents of files of at most {MAX_INLINE_BYTES >> 10} KiB; "
            f"the page ends before they have more than {MAX_CONTENTS_BYTES >> 20} MiB"
        ),
    ] = False,
) -> ArtifactFileList:
    """List the files of a version whose path begins with `prefix`, by path.

    As msgpack, contents are binary; many small files are fetched so in few requests.
    """
    return services.artifact_files.list(
        actor,
        target,
        artifact,
        version,
        prefix=prefix,
        search=search,
        limit=limit,
        cursor=cursor,
        with_contents=with_contents,
    )


@routes.get("/folder", threads=COSTLY)
def get_artifact_folder(
    target: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    *,
    folder: FolderPath = "",
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> ArtifactFolder:
    """Return the folders and files that are directly in a folder of a version."""
    return services.artifact_files.folder(
        actor, target, artifact, version, folder, limit=limit, cursor=cursor
    )


@routes.get("/links/{path:path}")
def list_content_links(
    target: ProjectPath,
    artifact: str,
    version: str,
    path: str,
    services: Services,
    actor: Actor,
    *,
    start: Annotated[int, Meta(ge=0, le=MAX_FILE_BYTES, description="the parts from here on")] = 0,
) -> ContentLinks:
    """List links from which a file of a version can be downloaded for an hour, part by part.

    The list is empty if the server keeps no contents in a bucket, or does not allow it.
    """
    file = services.artifact_files.get(actor, target, artifact, version, path)
    return ContentLinks(links=services.artifact_files.links(actor, target, file, start))


@routes.get("/diff", threads=COSTLY)
def compare_versions(
    target: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    *,
    before: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=4 * MAX_ID_BYTES,
            description="the version that it is compared with, or one of another artifact: "
            "`other:v3`, `entity/project/other:v3`",
        ),
    ],
    change: Changes = "different",
    search: Annotated[
        str,
        Meta(max_length=MAX_FILE_PATH_BYTES, description="in the path, in upper or lower case"),
    ] = "",
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 1000,
    cursor: str | None = None,
) -> ArtifactDiff:
    """Compare a version with another: which files were added, removed and changed, by path."""
    return services.artifact_diffs.of_versions(
        actor,
        target,
        artifact,
        version,
        before=before,
        change=change,
        search=search,
        limit=limit,
        cursor=cursor,
    )


@routes.get("/folder.zip", answer_text="a zip file", media={"application/zip": BYTES})
async def download_artifact_folder(
    target: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    heavy: HeavyWork,
    *,
    folder: FolderPath = "",
) -> Response:
    """Download all files below a folder of a version as a zip file, without references."""
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


@routes.get("/files/{path:path}", **CONTENT)
@routes.head("/files/{path:path}", name="look_at_artifact_file", **CONTENT)
def download_artifact_file(
    target: ProjectPath,
    artifact: str,
    version: str,
    path: str,
    request: Request,
    services: Services,
    actor: Actor,
    *,
    sha256: Annotated[
        str | None, Meta(description="only this content; it may then be cached")
    ] = None,
    direct: Direct = False,
    framed: Framed = False,
    outside: Outside = "",
    if_none_match: Annotated[str, Header()] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    """Download a file of a version, or one byte range of it; its ETag is its SHA-256."""
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
