"""Wire shapes of projects, for OpenAPI. The data are `services.types.ProjectInfo`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Project(BaseModel):
    """A set of runs to compare."""

    entity: str
    project: str
    description: str | None = Field(description="what a person says of it")
    created_micros: int
    active_micros: int = Field(description="when something last happened to one of its runs")
    n_runs: int
    n_running: int


class ProjectList(BaseModel):
    """All projects, newest activity first."""

    projects: list[Project]


class ProjectActivity(BaseModel):
    """How busy a project was lately."""

    entity: str
    project: str
    n_new_runs: list[int] = Field(
        description="runs that were made on each day, the oldest first; a day ends now"
    )


class ProjectActivityList(BaseModel):
    """The projects in which runs were made lately."""

    projects: list[ProjectActivity]


class ProjectEdit(BaseModel):
    """What is to be changed; a field that is left out stays, null clears it."""

    model_config = ConfigDict(extra="forbid")

    description: str | None = None


class ProjectUndelete(BaseModel):
    """How a project comes back."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, description="another name: there is a new project of the old")
