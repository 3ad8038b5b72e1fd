"""One action on many runs."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.queries.filter_json import FilterForm
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.runs.runs import MAX_RUNS, RunEdit, RunIds

MAX_UNDO_CHARS: Final = 8 * 2**20
"""Limit of the undo of one request, with the backslashes of a text inside JSON."""


class EditAction(RunEdit, frozen=True, kw_only=True, tag="edit", tag_field="kind"):
    """Change the fields of a run that users may change."""


class EditEachAction(RequestBody, frozen=True, kw_only=True, tag="edit_each", tag_field="kind"):
    """Change each run in its own way: rename many, for example."""

    edits: Annotated[
        dict[str, RunEdit],
        Meta(max_length=MAX_RUNS, description="by run id; give neither `runs` nor `filter`"),
    ]


class UndoAction(RequestBody, frozen=True, kw_only=True, tag="undo", tag_field="kind"):
    """Take an edit of many runs back."""

    undo: Annotated[
        str,
        Meta(
            max_length=MAX_UNDO_CHARS,
            description="`undo` of the edit's answer, unchanged; give neither `runs` nor `filter`",
        ),
    ]


class DeleteAction(RequestBody, frozen=True, kw_only=True, tag="delete", tag_field="kind"):
    """Move runs to the trash, or delete them permanently."""

    permanently: bool = False


class UndeleteAction(RequestBody, frozen=True, tag="undelete", tag_field="kind"):
    """Restore runs from the trash. A filter selects among the runs in the trash."""


class StopAction(RequestBody, frozen=True, tag="stop", tag_field="kind"):
    """Ask the runs' processes to stop."""


class MoveAction(RequestBody, frozen=True, kw_only=True, tag="move", tag_field="kind"):
    """Move runs to another project, created if missing; old addresses redirect to the new ones."""

    project: str
    entity: Annotated[
        str | None, Meta(description="entity of the project; null: the runs' own")
    ] = None


BulkAction = (
    EditAction
    | EditEachAction
    | UndoAction
    | DeleteAction
    | UndeleteAction
    | StopAction
    | MoveAction
)


class BulkChange(RequestBody, frozen=True, kw_only=True):
    """One action on many runs, selected either by `runs` or by `filter`."""

    runs: Annotated[RunIds | None, Meta(description="ids of the runs")] = None
    filter: Annotated[FilterForm, Meta(description="a filter tree, or its text")] = None
    action: BulkAction
    with_undo: Annotated[
        bool,
        Meta(description="whether an edit answers with its undo; edits of summaries have none"),
    ] = False


class BulkFailure(Struct, frozen=True, kw_only=True):
    """A run that the action failed on; it is unchanged."""

    run: str
    code: Annotated[str, Meta(description="error code, as in a problem document")]
    detail: str


class BulkAnswer(Struct, frozen=True, kw_only=True):
    """Result of an action on many runs."""

    n_done: int
    n_failed: int
    failed: Annotated[list[BulkFailure], Meta(description="the first 1,000 failures")]
    undo: Annotated[
        str | None,
        Meta(
            description="with `with_undo`: a text for the action `undo`, which restores the "
            "earlier values exactly (it is JSON of its own, as numbers of JavaScript are not "
            "exact); null: not requested, or it would have more than 8 MiB"
        ),
    ] = None


_runs = Endpoints("/api/v1/projects/{entity}/{project}/runs", tag="runs")


@_runs.post("/bulk", is_long=True)
def change_runs(entity: str, project: str, change: BulkChange) -> BulkAnswer:
    """Edit, delete, restore, stop or move many runs; list those that could not be changed."""
