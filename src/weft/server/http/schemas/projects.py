"""Wire shapes of projects, for OpenAPI. The data are `services.types.ProjectInfo`."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Project(BaseModel):
    """A set of runs to compare."""

    entity: str
    project: str
    created_micros: int
    active_micros: int = Field(description="when something last happened to one of its runs")
    n_runs: int
    n_running: int


class ProjectList(BaseModel):
    """All projects, newest activity first."""

    projects: list[Project]
