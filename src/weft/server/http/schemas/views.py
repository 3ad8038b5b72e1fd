"""Wire shapes of views, for OpenAPI. The data are those of `services.views`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class ViewInfo(BaseModel):
    """A view as lists show it."""

    id: str
    kind: Literal["personal", "shared", "default", "link", "columns"]
    name: str = Field(description="empty of a default view and of a link")
    owner: str | None = Field(description="null without accounts")
    is_mine: bool = Field(description="whether you may rename, share and delete it")
    version: int = Field(description="one more with each change; also the ETag")
    created_micros: int
    edited_micros: int


class View(ViewInfo):
    """A view with what it shows."""

    document: dict[str, Any] = Field(description="what the web app made")


class ViewList(BaseModel):
    """Own and shared views, or sets of columns, by name."""

    views: list[ViewInfo]


class ViewCreate(BaseModel):
    """A view to make."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["personal", "shared", "link", "columns"] = Field(
        description="`columns`: a set of columns of the runs table, for everybody in the project"
    )
    name: str = Field("", description="of a link: none")
    document: dict[str, Any]
    id: str | None = Field(None, description="of one that was deleted: it comes back")


class ViewEdit(BaseModel):
    """What is to be changed; a field that is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    kind: Literal["personal", "shared"] | None = None
    document: dict[str, Any] | None = None


class DefaultView(BaseModel):
    """What somebody sees without asking for another view."""

    model_config = ConfigDict(extra="forbid")

    document: dict[str, Any]
