"""What was deleted and can come back."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.wire.runs import Cursor, Total

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
    n_bytes: Annotated[int, Meta(description="of its rows, console lines and files")]


class Trash(Struct, frozen=True, kw_only=True):
    """Runs of a project in the trash, last deleted first."""

    runs: list[TrashedRun]
    cursor: Cursor
    total: Total
    n_bytes: Annotated[int, Meta(description="of all of them, on all pages")]


class TrashedProject(Struct, frozen=True, kw_only=True):
    """A project in the trash; several may have one name."""

    entity: str
    project: str
    trashed_micros: Annotated[int, Meta(description="when it was deleted")]
    purge_micros: Annotated[int | None, _PURGE]
    n_runs: Annotated[int, Meta(description="that come back with it; others are in its own trash")]
    n_bytes: Annotated[int, Meta(description="of its metric file")]


class TrashedProjectList(Struct, frozen=True):
    """Projects in the trash, last deleted first."""

    projects: list[TrashedProject]


class Emptied(Struct, frozen=True):
    """What was deleted permanently."""

    n_done: Annotated[int, Meta(description="how many runs, or projects")]
