"""Files of runs."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.records.limits import MAX_FILE_PATH_BYTES
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints
from weft.wire.runs.runs import Cursor, Limit, Total

MAX_OUTSIDE_CHARS: Final = 1000
"""Some thirty hosts."""

FilePath = Annotated[str, Meta(max_length=MAX_FILE_PATH_BYTES)]
FileSearch = Annotated[
    str, Meta(max_length=MAX_FILE_PATH_BYTES, description="in the path, in upper or lower case")
]
FolderPath = Annotated[
    str,
    Meta(max_length=MAX_FILE_PATH_BYTES, description="for example media/images; empty: all files"),
]
ExactContent = Annotated[str | None, Meta(description="only this content; it may then be cached")]
Direct = Annotated[
    bool,
    Meta(description="redirect to the bucket that keeps the content, if the server allows it"),
]
Framed = Annotated[
    bool,
    Meta(
        description="HTML as the web app shows it: with a script that tells the page around its "
        "frame what was kept from loading. Without byte ranges"
    ),
]
Outside = Annotated[
    str,
    Meta(
        max_length=MAX_OUTSIDE_CHARS,
        description="hosts, separated by commas, that an HTML page may load from; by default it "
        "loads nothing from other hosts",
    ),
]


class File(Struct, frozen=True, kw_only=True):
    """A file of a run."""

    path: str
    n_bytes: int
    sha256: Annotated[
        str, Meta(pattern="^([0-9a-f]{64})?$", description="empty if `state` is `failed`")
    ]
    media_type: str
    created_micros: Annotated[
        int, Meta(description="when the server stored this content, or heard of it")
    ]
    url: Annotated[str, Meta(description="path of the content on this server")]
    state: Annotated[
        str,
        one_of(
            "stored", "awaited", "failed",
            description="awaited: a run log announced the content, but it was not sent yet; "
            "failed: there is no content, `error` says why",
        ),
    ] = "stored"  # fmt: skip
    error: str | None = None


class Subfolder(Struct, frozen=True, kw_only=True):
    """A folder in a folder of a run's files, with all that is below it."""

    name: str
    n_files: int
    n_bytes: int


class Folder(Struct, frozen=True, kw_only=True):
    """The files and folders directly in a folder of a run's files."""

    folders: Annotated[
        list[Subfolder], Meta(description="by name; only on the first page, at most 10,000")
    ]
    files: Annotated[list[File], Meta(description="a page of them, by name")]
    cursor: Cursor
    n_files: Annotated[int, Meta(description="also those in folders below")]
    n_bytes: int


class FileList(Struct, frozen=True, kw_only=True):
    """A page of files, sorted by path."""

    files: list[File]
    cursor: Cursor
    total: Total


_run = Endpoints("/api/v1/projects/{entity}/{project}/runs/{run}/files", tag="files")
_run_files = Endpoints("/api/v1/projects/{entity}/{project}/runs/{run}", tag="files")


@_run.get()
def list_files(
    entity: str,
    project: str,
    run: str,
    *,
    prefix: FilePath = "",
    search: FileSearch = "",
    limit: Limit = 1000,
    cursor: str | None = None,
) -> FileList:
    """List the files of a run whose path begins with `prefix`, by path."""


@_run.get("/{path:path}")
def download_file(
    entity: str,
    project: str,
    run: str,
    path: str,
    *,
    sha256: ExactContent = None,
    direct: Direct = False,
    framed: Framed = False,
    outside: Outside = "",
) -> bytes:
    """Download a file, or one byte range of it; its ETag is its SHA-256."""


look_at_file = download_file.as_head("look_at_file")


@_run.put("/{path:path}")
def upload_file(entity: str, project: str, run: str, path: str) -> File:
    """Upload a file to a path, replacing any file there; it is durable once this answers."""


@_run.delete("/{path:path}")
def delete_file(entity: str, project: str, run: str, path: str) -> None:
    """Delete a file permanently and free its space at once."""


@_run_files.get("/folder")
def get_folder(
    entity: str,
    project: str,
    run: str,
    *,
    folder: FolderPath = "",
    limit: Limit = 1000,
    cursor: str | None = None,
) -> Folder:
    """Return the folders and files that are directly in a folder of a run's files."""


@_run_files.get("/folder.zip")
def download_folder(entity: str, project: str, run: str, *, folder: FolderPath = "") -> bytes:
    """Download all files below a folder as a zip file, without those that have no content."""
