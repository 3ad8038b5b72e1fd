# pyright: reportReturnType=false
"""Endpoints of the files of artifact versions."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from weft.records.limits import MAX_FILE_BYTES, MAX_ID_BYTES
from weft.wire.artifacts.artifacts import (
    MAX_INLINE_BYTES,
    ArtifactDiff,
    ArtifactFileList,
    ArtifactFolder,
    ContentLinks,
)
from weft.wire.endpoint import Endpoints
from weft.wire.files.contents import MAX_CONTENTS_BYTES
from weft.wire.files.files import (
    Direct,
    ExactContent,
    FilePath,
    FileSearch,
    FolderPath,
    Framed,
    Outside,
)
from weft.wire.runs.runs import Limit

Changes = Literal["different", "all", "added", "removed", "changed", "same"]
"""The files to list; `different` leaves out files that are the same."""

_version = Endpoints(
    "/api/v1/projects/{entity}/{project}/artifacts/{artifact}/versions/{version}", tag="artifacts"
)


@_version.get("/files")
def list_artifact_files(
    entity: str,
    project: str,
    artifact: str,
    version: str,
    *,
    prefix: FilePath = "",
    search: FileSearch = "",
    limit: Limit = 1000,
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


@_version.get("/folder")
def get_artifact_folder(
    entity: str,
    project: str,
    artifact: str,
    version: str,
    *,
    folder: FolderPath = "",
    limit: Limit = 1000,
    cursor: str | None = None,
) -> ArtifactFolder:
    """Return the folders and files that are directly in a folder of a version."""


@_version.get("/links/{path:path}")
def list_content_links(
    entity: str,
    project: str,
    artifact: str,
    version: str,
    path: str,
    *,
    start: Annotated[int, Meta(ge=0, le=MAX_FILE_BYTES, description="the parts from here on")] = 0,
) -> ContentLinks:
    """List links from which a file of a version can be downloaded for an hour, part by part.

    The list is empty if the server keeps no contents in a bucket, or does not allow it.
    """


@_version.get("/diff")
def compare_versions(
    entity: str,
    project: str,
    artifact: str,
    version: str,
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
    search: FileSearch = "",
    limit: Limit = 1000,
    cursor: str | None = None,
) -> ArtifactDiff:
    """Compare a version with another: which files were added, removed and changed, by path."""


@_version.get("/folder.zip")
def download_artifact_folder(
    entity: str, project: str, artifact: str, version: str, *, folder: FolderPath = ""
) -> bytes:
    """Download all files below a folder of a version as a zip file, without references."""


@_version.get("/files/{path:path}")
def download_artifact_file(
    entity: str,
    project: str,
    artifact: str,
    version: str,
    path: str,
    *,
    sha256: ExactContent = None,
    direct: Direct = False,
    framed: Framed = False,
    outside: Outside = "",
) -> bytes:
    """Download a file of a version, or one byte range of it; its ETag is its SHA-256."""


look_at_artifact_file = download_artifact_file.as_head("look_at_artifact_file")
