"""Wire shapes of actions on many runs, for OpenAPI. The data are those of `services.bulk`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from weft.server.http.schemas.runs import RunEdit
from weft.server.services.selecting.types import MAX_RUNS


class EditAction(RunEdit):
    """Change what people may change."""

    kind: Literal["edit"]


class DeleteAction(BaseModel):
    """Move to the trash, or delete for good."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["delete"]
    permanently: bool = False


class UndeleteAction(BaseModel):
    """Bring back from the trash; with a filter, those that match there."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["undelete"]


class StopAction(BaseModel):
    """Ask the runs' processes to stop."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["stop"]


class MoveAction(BaseModel):
    """Move to another project, which is made if it is missing; old addresses lead to the new."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["move"]
    project: str
    entity: str | None = Field(None, description="null: the same")


class BulkRequest(BaseModel):
    """Which runs, and what to do: either `runs` or `filter`."""

    model_config = ConfigDict(extra="forbid")

    runs: list[str] | None = Field(None, max_length=MAX_RUNS, description="by id")
    filter: dict[str, Any] | str | None = Field(None, description="tree or text")
    action: Annotated[
        EditAction | DeleteAction | UndeleteAction | StopAction | MoveAction,
        Field(discriminator="kind"),
    ]


class BulkFailure(BaseModel):
    """A run that was left as it was."""

    run: str
    code: str = Field(description="of a problem document")
    detail: str


class BulkAnswer(BaseModel):
    """How it went."""

    n_done: int
    n_failed: int
    failed: list[BulkFailure] = Field(description="the first 1,000")
