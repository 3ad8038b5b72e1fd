"""Endpoints of archives of whole projects."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.wire.endpoint import Endpoints

SkipExisting = Annotated[bool, Meta(description="leave out runs that are there")]

_root = Endpoints("/api/v1", tag="archives")


@_root.get("/projects/{entity}/{project}/archive")
def export_project(entity: str, project: str) -> bytes:
    """Export a whole project as one archive file, as it is at this moment."""


@_root.post("/projects/{entity}/{project}/archive")
def import_project(entity: str, project: str, *, skip_existing: SkipExisting = False) -> bytes:
    """Import the runs of an archive into a project, creating the project if it is missing.

    Either all runs are added or none.
    """


@_root.post("/archives")
def import_archive(*, skip_existing: SkipExisting = False) -> bytes:
    """Import the runs of an archive into the project that it was exported from."""
