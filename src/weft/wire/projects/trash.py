"""Deleted runs, views, reports and projects that can be restored."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints
from weft.wire.runs.runs import Cursor, Limit, Total

_PURGE: Final = Meta(
    description="when it may be deleted permanently; null: only when the trash is emptied"
)


class TrashedRun(Struct, frozen=True, kw_only=True):
    """A run in the trash."""

    id: str
    name: str
    state: str
    created_micros: int
    trashed_micros: Annotated[int, Meta(description="when it was deleted")]
    purge_micros: Annotated[int | None, _PURGE]
    n_bytes: Annotated[int, Meta(description="bytes of its rows, console lines and files")]


class TrashedView(Struct, frozen=True, kw_only=True):
    """A view, or a set of columns, in the trash."""

    id: str
    kind: Annotated[str, one_of("personal", "shared", "columns")]
    name: str
    owner: Annotated[str | None, Meta(description="null if the server has no accounts")]
    trashed_micros: Annotated[int, Meta(description="when it was deleted")]
    purge_micros: Annotated[int | None, _PURGE]


class TrashedReport(Struct, frozen=True, kw_only=True):
    """A report in the trash."""

    id: str
    title: str
    author: Annotated[str | None, Meta(description="null if the server has no accounts")]
    trashed_micros: Annotated[int, Meta(description="when it was deleted")]
    purge_micros: Annotated[int | None, _PURGE]


class Trash(Struct, frozen=True, kw_only=True):
    """A page of a project's runs in the trash, last deleted first, and its views and reports
    there.
    """

    runs: list[TrashedRun]
    views: Annotated[
        list[TrashedView],
        Meta(description="only on the first page; without the personal views of others"),
    ] = []
    reports: Annotated[
        list[TrashedReport], Meta(description="only on the first page; for those who may edit")
    ] = []
    cursor: Cursor
    total: Total
    n_bytes: Annotated[int, Meta(description="bytes of all runs on all pages")]


class TrashedProject(Struct, frozen=True, kw_only=True):
    """A project in the trash. Several may have the same name."""

    entity: str
    project: str
    trashed_micros: Annotated[int, Meta(description="when it was deleted")]
    purge_micros: Annotated[int | None, _PURGE]
    n_runs: Annotated[
        int, Meta(description="runs that are restored with it; others are in its own trash")
    ]
    n_bytes: Annotated[int, Meta(description="size of its metric file")]


class TrashedProjectList(Struct, frozen=True):
    """Projects in the trash, last deleted first."""

    projects: list[TrashedProject]


class Emptied(Struct, frozen=True):
    """The result of a permanent deletion."""

    n_done: Annotated[int, Meta(description="number of runs, or of projects")]


_root = Endpoints("/api/v1", tag="trash")


@_root.get("/projects/{entity}/{project}/trash")
def list_trash(
    entity: str, project: str, *, limit: Limit = 1000, cursor: str | None = None
) -> Trash:
    """List the deleted runs, views and reports of a project that can be restored, the newest
    first.
    """


@_root.delete("/projects/{entity}/{project}/trash")
def empty_trash(entity: str, project: str) -> Emptied:
    """Permanently delete all runs in a project's trash, free their space at once, and delete its
    views and reports there.
    """


@_root.get("/trash")
def list_trashed_projects() -> TrashedProjectList:
    """List the deleted projects that can be restored, most recently deleted first."""


@_root.delete("/trash")
def empty_trashed_projects() -> Emptied:
    """Permanently delete all projects in the trash."""
