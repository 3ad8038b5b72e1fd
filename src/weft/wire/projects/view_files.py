"""A view of a project's workspace as one HTML file that needs no server."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta

from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.reports.figures import MAX_REQUESTS, FigureRequest

MAX_FILE_RUNS: Final = 200
"""Most runs of a file."""

MAX_FILE_PANELS: Final = 100
"""Most panels of a file."""

MAX_FILE_BYTES: Final = 20 << 20
"""Most bytes of what a file has of runs and curves, packed."""


class ViewFileCreate(RequestBody, frozen=True, kw_only=True):
    """The contents of a file: what its page shows, and the requests of its panels. The server
    answers them itself, as those of the user who exports.
    """

    name: Annotated[str, Meta(max_length=300, description="title of the page")]
    view: Annotated[
        dict[str, Any],
        Meta(description="`document` of the view, and `shown`, its runs as panels draw them"),
    ]
    runs: Annotated[
        list[Annotated[str, Meta(max_length=100)]],
        Meta(max_length=MAX_FILE_RUNS, description="ids, in the order of the file's table"),
    ]
    requests: Annotated[list[FigureRequest], Meta(max_length=MAX_REQUESTS)]


_file = Endpoints("/api/v1/projects/{entity}/{project}/view-file", tag="views")


@_file.post()
def export_view(entity: str, project: str, file: ViewFileCreate) -> bytes:
    """Return a view of the workspace as one HTML file with its charts, which needs no server."""
