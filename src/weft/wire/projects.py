"""Projects."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType


class Project(Struct, frozen=True, kw_only=True):
    """A set of runs to compare."""

    entity: str
    project: str
    description: Annotated[str | None, Meta(description="what a person says of it")]
    created_micros: int
    active_micros: Annotated[
        int, Meta(description="when something last happened to one of its runs")
    ]
    n_runs: int
    n_running: int


class ProjectList(Struct, frozen=True):
    """All projects, newest activity first."""

    projects: list[Project]


class ProjectActivity(Struct, frozen=True, kw_only=True):
    """How many runs a project got lately."""

    entity: str
    project: str
    n_new_runs: Annotated[
        list[int],
        Meta(description="runs that were made on each day, the oldest first; a day ends now"),
    ]


class ProjectActivityList(Struct, frozen=True):
    """The projects in which runs were made lately."""

    projects: list[ProjectActivity]


class ProjectEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; a field that is left out stays, null clears it."""

    description: str | UnsetType | None = UNSET


class ProjectUndelete(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a project comes back."""

    name: Annotated[str | None, Meta(description="a new name, if the old one is taken")] = None
