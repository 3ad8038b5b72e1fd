"""Figures of a published version: the answers that its panels drew, as they were when it was
published. See docs/report-format.md#figures.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints, RequestBody

MAX_FIGURE_BYTES: Final = 20 << 20
"""Most bytes of the figures of one version, packed."""

MAX_REQUESTS: Final = 1000
"""Most requests of one figure."""

Part = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=300,
        description="the id of a grid, or `values:entity/project` of the values in the text",
    ),
]


class FigureRequest(RequestBody, frozen=True, kw_only=True):
    """A request whose answer is a part of a figure."""

    method: Literal["GET", "POST"]
    path: Annotated[
        str,
        Meta(
            max_length=64 * 1024,
            description="below `/api/v1/projects/{entity}/{project}/`, with its query; from a "
            "slash on: below `/api/v1`",
        ),
    ]
    body: Annotated[dict[str, Any] | None, Meta(description="JSON of a POST")] = None


class FigureCapture(RequestBody, frozen=True, kw_only=True):
    """The requests of one part of a version about one project. The server answers them itself, as
    those of the user who captures.
    """

    part: Part
    project: Annotated[
        Annotated[str, Meta(max_length=300)] | None,
        Meta(description="`entity/project` whose runs are shown; null: that of the report"),
    ] = None
    requests: Annotated[list[FigureRequest], Meta(max_length=MAX_REQUESTS)]
    run_sets: Annotated[
        dict[str, FigureRequest],
        Meta(description="by run set of the project: the request for the runs that it showed"),
    ] = {}


class FigureInfo(Struct, frozen=True, kw_only=True):
    """A figure of a version, without its content: of one part, and of one project whose runs the
    part shows.
    """

    part: Part
    project: Annotated[str | None, Meta(description="`entity/project`; null: that of the report")]
    sha256: str
    n_bytes: Annotated[int, Meta(description="packed")]
    n_answers: int
    captured_micros: int
    captured_by: Annotated[str | None, Meta(description="null if the server has no accounts")]


_figures = Endpoints(
    "/api/v1/projects/{entity}/{project}/reports/{report}/versions/{number}/figures",
    tag="reports",
)


@_figures.post()
def capture_figure(
    entity: str, project: str, report: str, number: str, capture: FigureCapture
) -> FigureInfo:
    """Store the answers to the requests of one part of a version about one project, as they are
    now.
    """


@_figures.get("/{sha256}")
def get_figure(entity: str, project: str, report: str, number: str, sha256: str) -> bytes:
    """Return the stored answers of one figure of a version."""
