"""One action on many runs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.wire.runs import RunEdit, RunIds


class EditAction(RunEdit, frozen=True, kw_only=True, tag="edit", tag_field="kind"):
    """Change what people may change."""


class DeleteAction(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="delete", tag_field="kind"
):
    """Move to the trash, or delete permanently."""

    permanently: bool = False


class UndeleteAction(
    Struct, frozen=True, forbid_unknown_fields=True, tag="undelete", tag_field="kind"
):
    """Bring back from the trash; with a filter, those that match there."""


class StopAction(Struct, frozen=True, forbid_unknown_fields=True, tag="stop", tag_field="kind"):
    """Ask the runs' processes to stop."""


class MoveAction(
    Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="move", tag_field="kind"
):
    """Move to another project, which is made if it is missing; old addresses lead to the new."""

    project: str
    entity: Annotated[str | None, Meta(description="null: the same")] = None


BulkAction = EditAction | DeleteAction | UndeleteAction | StopAction | MoveAction


class BulkChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which runs, and what to do: either `runs` or `filter`."""

    runs: Annotated[RunIds | None, Meta(description="by id")] = None
    filter: Annotated[FilterForm, Meta(description="a tree, or its text")] = None
    action: BulkAction


class BulkFailure(Struct, frozen=True, kw_only=True):
    """A run that was left as it was."""

    run: str
    code: Annotated[str, Meta(description="of a problem document")]
    detail: str


class BulkAnswer(Struct, frozen=True, kw_only=True):
    """How it went."""

    n_done: int
    n_failed: int
    failed: Annotated[list[BulkFailure], Meta(description="the first 1,000")]
