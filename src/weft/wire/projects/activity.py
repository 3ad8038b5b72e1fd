"""Activity feeds: what people did in a project, or in the projects of a team."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints
from weft.wire.runs.runs import Cursor, Limit


class ActivityObject(Struct, frozen=True, kw_only=True):
    """A thing that an entry is about."""

    id: Annotated[
        str, Meta(description="of a run, view, sweep or share; the user; a version as `name:v3`")
    ]
    name: Annotated[str | None, Meta(description="its title; null: a run that is not here")]
    type: Annotated[str | None, Meta(description="of an artifact; the kind of a share")]
    is_gone: Annotated[bool, Meta(description="whether it is a run that was deleted or moved")]


class ActivityEntry(Struct, frozen=True, kw_only=True):
    """An entry: what a user did, once or several times in a short time."""

    at_micros: Annotated[int, Meta(description="when it happened last")]
    since_micros: Annotated[int, Meta(description="when it happened first")]
    user: Annotated[str | None, Meta(description="null: a user without an account")]
    action: Annotated[
        str,
        Meta(
            description="kind and change, such as `run.start`; of runs that ended, their state: "
            "`run.failed`"
        ),
    ]
    entity: str
    project: Annotated[str | None, Meta(description="null: it is about the team")]
    n: Annotated[int, Meta(description="number of objects")]
    objects: Annotated[Sequence[ActivityObject], Meta(description="the newest of them")]
    to: Annotated[
        str | None,
        Meta(description="path to which they were moved or linked, if you may see it"),
    ]
    note: Annotated[
        str | None,
        Meta(description="the aliases that were moved, the end of a sweep, or a member's role"),
    ]


class ActivityPage(Struct, frozen=True, kw_only=True):
    """A page of entries, the newest first."""

    entries: Sequence[ActivityEntry]
    cursor: Cursor


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="projects")
_team = Endpoints("/api/v1/teams/{team}", tag="teams")


@_project.get("/activity")
def list_project_activity(
    entity: str, project: str, *, limit: Limit = 50, cursor: str | None = None
) -> ActivityPage:
    """List what people did in a project, the newest first; empty on a server without accounts.

    The last 1,000 entries stay. Runs that one user starts within an hour of each other are one
    entry, and so are other things that a user does several times.
    """


@_team.get("/activity")
def list_team_activity(team: str, *, limit: Limit = 50, cursor: str | None = None) -> ActivityPage:
    """List what people did in the projects of a team that you may see, and who joined and left."""
