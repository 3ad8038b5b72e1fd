"""Usage of entities and projects, and their quotas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.wire.endpoint import Endpoints, RequestBody

_Limit = Annotated[int, Meta(ge=0, le=(1 << 62))]


class ProjectUsage(Struct, frozen=True, kw_only=True):
    """The usage of a project."""

    project: str
    n_runs: Annotated[int, Meta(description="without those in the trash")]
    n_bytes: int
    metric_bytes: Annotated[int, Meta(description="metrics and console output")]
    file_bytes: Annotated[int, Meta(description="files of runs, media among them")]
    artifact_bytes: int
    trash_bytes: Annotated[int, Meta(description="files of runs in the trash")]
    quota_bytes: Annotated[int | None, Meta(description="null: the entity's alone")]
    quota_runs: int | None


class PersonUsage(Struct, frozen=True, kw_only=True):
    """The usage of a person's runs."""

    user: str
    n_runs: int
    file_bytes: int


class WeekUsage(Struct, frozen=True, kw_only=True):
    """The runs and contents that came in a week and are still there, without the trash."""

    start_micros: Annotated[int, Meta(description="a Monday, 00:00 UTC")]
    n_runs: int
    file_bytes: int
    artifact_bytes: int


class EntityUsage(Struct, frozen=True, kw_only=True):
    """The usage of an entity, by project, by person and by kind."""

    entity: str
    n_runs: int
    n_bytes: Annotated[
        int,
        Meta(
            description="each content once, the trash included; for those who do not manage the "
            "entity, the sum of `projects`"
        ),
    ]
    quota_bytes: Annotated[int | None, Meta(description="null: as much as there is")]
    quota_runs: int | None
    warning: Annotated[
        str | None,
        Meta(description="from 80 % of a quota on; counts all projects, as uploads wait on it"),
    ]
    projects: Annotated[
        Sequence[ProjectUsage], Meta(description="those that you may see, largest first")
    ]
    people: Annotated[Sequence[PersonUsage], Meta(description="largest first")]
    weeks: Annotated[
        Sequence[WeekUsage],
        Meta(
            description="the last 26 weeks, oldest first; a content counts in the week in which "
            "the first run or version that has it began; rows of metrics are not counted"
        ),
    ]


class QuotaEdit(RequestBody, frozen=True, kw_only=True):
    """The bytes and runs that an entity or project may have; fields that are left out stay."""

    quota_bytes: _Limit | UnsetType | None = UNSET
    quota_runs: _Limit | UnsetType | None = UNSET


_root = Endpoints("/api/v1", tag="usage")


@_root.get("/usage/{entity}")
def get_usage(entity: str) -> EntityUsage:
    """Return what an entity takes. Its members may, and administrators."""


@_root.put("/usage/{entity}/quota")
def set_entity_quota(entity: str, edit: QuotaEdit) -> EntityUsage:
    """Set what an entity may take; null is as much as other entities. Only administrators may.

    What runs log beyond it waits on the client, and is sent when there is room.
    """


@_root.put("/usage/{entity}/{project}/quota")
def set_project_quota(entity: str, project: str, edit: QuotaEdit) -> EntityUsage:
    """Set what a project may take of its entity's room; null is all. Admins of the entity may."""


_Days = Annotated[int, Meta(ge=1, le=36_500)]


class RetentionRules(RequestBody, frozen=True, kw_only=True):
    """Ages, in days after a run ended, or arrived here if that was later, at which its parts go by
    themselves; null: never.

    Runs with tags, locked runs, and runs whose versions are linked are left alone.
    """

    media_days: Annotated[_Days | None, Meta(description="images, audio, tables, …")] = None
    console_days: Annotated[_Days | None, Meta(description="what scripts printed")] = None
    files_days: Annotated[_Days | None, Meta(description="files that scripts saved")] = None
    runs_days: Annotated[_Days | None, Meta(description="whole runs; they go to the trash")] = None


class RetentionPart(Struct, frozen=True, kw_only=True):
    """The part of a run that goes."""

    run: str
    name: str
    ended_micros: int
    kind: Annotated[str, Meta(description="`run`, `media`, `console` or `files`")]
    n_files: Annotated[int, Meta(description="0 for console lines")]
    n_bytes: int


class RetentionPreview(Struct, frozen=True, kw_only=True):
    """All that would go now, oldest runs first."""

    parts: Annotated[Sequence[RetentionPart], Meta(description="at most 1,000")]
    total: int
    n_bytes: int


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="usage")


@_project.get("/retention")
def get_retention(entity: str, project: str) -> RetentionRules:
    """Return the rules by which old things of a project go."""


@_project.put("/retention")
def set_retention(entity: str, project: str, rules: RetentionRules) -> RetentionPreview:
    """Set the rules, and return all that goes within the next hour. Admins may."""


@_project.post("/retention/preview")
def preview_retention(entity: str, project: str, rules: RetentionRules) -> RetentionPreview:
    """Return all that would go by other rules; nothing changes."""
