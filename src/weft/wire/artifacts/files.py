"""Files of artifact versions, and differences between them."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from weft.records.limits import MAX_FILE_BYTES, MAX_ID_BYTES
from weft.wire.artifacts.artifacts import Artifact
from weft.wire.choices import one_of
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
    Subfolder,
)
from weft.wire.runs.runs import Cursor, Limit

MAX_INLINE_BYTES: Final = 64 << 10
"""The largest content that a page of files has."""

Changes = Literal["different", "all", "added", "removed", "changed", "same"]
"""The files to list; `different` leaves out files that are the same."""


class ArtifactFile(Struct, frozen=True, kw_only=True):
    """A file of a version."""

    path: str
    n_bytes: int
    sha256: Annotated[str, Meta(description="empty for a reference")]
    media_type: str
    url: Annotated[
        str | None, Meta(description="path of the content on this server; null for a reference")
    ]
    reference: Annotated[str | None, Meta(description="address of a file that is kept elsewhere")]
    checksum: Annotated[str | None, Meta(description="what the place of a reference says of it")]
    state: Annotated[str, one_of("stored", "awaited", "reference")]


class ArtifactFileList(Struct, frozen=True, kw_only=True):
    """A page of the files of a version, sorted by path."""

    files: list[ArtifactFile]
    cursor: Cursor
    contents: Annotated[
        list[bytes | None],
        Meta(
            description="if requested, each file's content, in Base64; null if the file is large "
            "or has none on this server. Empty if not requested"
        ),
    ] = []


class ContentLink(Struct, frozen=True):
    """The address from which a part of a content can be downloaded without a key."""

    url: str
    start: Annotated[int, Meta(description="where the part begins in the content, in bytes")]
    n_bytes: int


class ContentLinks(Struct, frozen=True, kw_only=True):
    """The parts of a content from a position on, in order; others may follow.

    Attributes:
        links: empty if the content can be downloaded from the server only.
    """

    links: list[ContentLink]


class ArtifactFolder(Struct, frozen=True, kw_only=True):
    """The files and folders directly in a folder of a version."""

    folders: Annotated[
        list[Subfolder], Meta(description="by name; only on the first page, at most 10,000")
    ]
    files: Annotated[list[ArtifactFile], Meta(description="a page of them, by name")]
    cursor: Cursor


class ChangedFile(Struct, frozen=True, kw_only=True):
    """A path in two versions."""

    path: str
    change: Annotated[str, one_of("added", "removed", "changed", "same")]
    before: Annotated[ArtifactFile | None, Meta(description="null: added")]
    after: Annotated[ArtifactFile | None, Meta(description="null: removed")]


class ChangeCounts(Struct, frozen=True, kw_only=True):
    """Numbers of changed paths by kind of change."""

    added: int
    removed: int
    changed: int
    same: int


class ArtifactDiff(Struct, frozen=True, kw_only=True):
    """Differences between two versions: a page of their files, sorted by path."""

    before: Artifact
    after: Artifact
    files: list[ChangedFile]
    counts: Annotated[ChangeCounts | None, Meta(description="of all files; null on further pages")]
    cursor: Cursor


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
