"""Contents of files: which ones a server lacks, and the answers to requests that send them.

A run log announces each file by its size and SHA-256 (the record `File`). Contents are sent by
hash, and only those that a log of the project announced.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.records.limits import MAX_FILE_BYTES
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.runs.runs import Cursor

MAX_CONTENTS_BYTES: Final = 16 * 2**20
"""Largest body with several contents. The server has it in memory."""

MAX_CONTENTS: Final = 4096
"""Most contents in one request."""

MAX_LACKED: Final = 10_000
"""Largest page of the contents that a server lacks."""


class LackedContent(Struct, frozen=True, kw_only=True):
    """A content that a log announced and the server does not have: of a file, or of a chunk."""

    path: Annotated[str, Meta(description="of one of the files that have this content")]
    start: Annotated[
        int, Meta(description="where it begins in that file, in bytes: above 0 for a chunk")
    ]
    sha256: str
    n_bytes: int
    position: Annotated[
        int, Meta(description="bytes received in pieces: the next piece begins here")
    ]


class LackedContents(Struct, frozen=True, kw_only=True):
    """A page of the contents of one log that the server lacks, sorted by path and start."""

    entity: Annotated[str, Meta(description="owner of the run's present project")]
    project: Annotated[
        str, Meta(description="the run's present project, to which the contents are sent")
    ]
    contents: list[LackedContent]
    cursor: Cursor
    is_more: Annotated[
        bool,
        Meta(description="ask again when these are sent: there are manifests of artifacts here"),
    ] = False


class ContentHashes(RequestBody, frozen=True):
    """Contents that a client could send ahead of the manifest that will name them."""

    sha256: Annotated[
        list[Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]], Meta(max_length=MAX_CONTENTS)
    ]


class LackingAhead(Struct, frozen=True, kw_only=True):
    """Those of the contents to be sent ahead that the server lacks."""

    entity: Annotated[str, Meta(description="owner of the run's present project")]
    project: Annotated[
        str, Meta(description="the run's present project, to which the contents are sent")
    ]
    sha256: list[str]


class ContentsStored(Struct, frozen=True, kw_only=True):
    """The results of several contents in one request."""

    n_stored: Annotated[
        int,
        Meta(
            description="how many were stored, or received ahead; others are there already, or "
            "refused"
        ),
    ]
    refused: Annotated[
        list[str],
        Meta(description="SHA-256 of each content that no file of the project was announced with"),
    ]


class ContentPosition(Struct, frozen=True, kw_only=True):
    """The part of a content that the server has."""

    position: Annotated[
        int, Meta(description="bytes received; the content's size once it is stored")
    ]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="files")


@_project.get("/runs/{run}/log/{writer}/lacking")
def list_lacking_contents(
    entity: str,
    project: str,
    run: str,
    writer: str,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_LACKED)] = 1000,
    cursor: str | None = None,
    any_order: Annotated[
        bool,
        Meta(description="number versions as they become complete: an earlier one can't be sent"),
    ] = False,
) -> LackedContents:
    """List the contents that a run log announced and the server does not have, by path."""


@_project.post("/runs/{run}/lacking")
def list_lacking_ahead(
    entity: str, project: str, run: str, contents: ContentHashes
) -> LackingAhead:
    """List those contents that the server lacks of a file that is still being cut into chunks."""


@_project.post("/contents")
def upload_contents(
    entity: str,
    project: str,
    *,
    ahead: Annotated[
        bool, Meta(description="keep large contents that no log has announced for a day")
    ] = False,
) -> ContentsStored:
    """Store several small contents that were announced; they are durable once this answers."""


@_project.put("/contents/{sha256}")
def upload_piece(
    entity: str,
    project: str,
    sha256: str,
    *,
    position: Annotated[
        int, Meta(ge=0, le=MAX_FILE_BYTES, description="of the body's first byte in the content")
    ],
) -> ContentPosition:
    """Add a piece to a content that was announced; the content is stored once it is whole."""
