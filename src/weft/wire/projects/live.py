"""Live events of a project."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints


class RunChange(Struct, kw_only=True):
    """Changes in one run."""

    keys: Annotated[
        list[str] | None,
        Meta(description="metrics with new points; null: any metric may have some"),
    ]
    meta: Annotated[
        bool, Meta(description="whether the run itself changed, is new or was deleted")
    ]
    logs: Annotated[bool, Meta(description="whether it has new or changed console lines")] = False
    summary: Annotated[
        bool, Meta(description="whether its summary has new values of what it logged")
    ] = False


class Change(Struct, kw_only=True):
    """Data of one `change` event, by run id."""

    runs: dict[str, RunChange]
    comments: Annotated[
        bool, Meta(description="whether comments on reports of the project changed")
    ] = False
    pace_secs: Annotated[
        float, Meta(description="the next event comes no sooner; longer on a busy server")
    ] = 0.0


SeenMicros = Annotated[
    int | None,
    Meta(
        description="the id of the last `change` event that the asker received. Other askers may "
        "then share the answer: it may lack later changes, for at most a second, and an event "
        "tells of each. Without it, nothing that was acknowledged is missing"
    ),
]

_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="live")


@_project.get("/events")
def follow_project(entity: str, project: str) -> bytes:
    """Stream the changes of a project as they happen."""
