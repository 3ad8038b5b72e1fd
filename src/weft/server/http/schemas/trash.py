"""Wire shapes of the trash, for OpenAPI. The data are those of `services.trash`."""

from __future__ import annotations

from pydantic import BaseModel, Field

_PURGE = "from when on it may be gone for good; null: once the trash is emptied"


class TrashedRun(BaseModel):
    """A run in the trash."""

    id: str
    name: str
    state: str
    created_micros: int
    trashed_micros: int = Field(description="when it was deleted")
    purge_micros: int | None = Field(description=_PURGE)
    n_bytes: int = Field(description="of its rows, console lines and files")


class Trash(BaseModel):
    """Runs of a project in the trash, last deleted first."""

    runs: list[TrashedRun]
    cursor: str | None = Field(description="ask again with it; null: this was the last page")
    total: int = Field(description="how many there are, on all pages")
    n_bytes: int = Field(description="of all of them, on all pages")


class TrashedProject(BaseModel):
    """A project in the trash; several may have one name."""

    entity: str
    project: str
    trashed_micros: int = Field(description="when it was deleted")
    purge_micros: int | None = Field(description=_PURGE)
    n_runs: int = Field(description="that come back with it; others lie in its own trash")
    n_bytes: int = Field(description="of its metric file")


class TrashedProjectList(BaseModel):
    """Projects in the trash, last deleted first."""

    projects: list[TrashedProject]


class Emptied(BaseModel):
    """What was deleted for good."""

    n_done: int = Field(description="how many runs, or projects")
