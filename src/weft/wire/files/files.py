"""Files of runs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.runs.runs import Cursor, Total


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
