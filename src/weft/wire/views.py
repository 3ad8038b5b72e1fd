"""Saved views of a project, and sets of columns for its runs table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

ViewKind = Literal["personal", "shared", "default", "link", "columns"]
NewViewKind = Literal["personal", "shared", "link", "columns"]
ListedKind = Literal["view", "columns"]


class ViewInfo(Struct, frozen=True, kw_only=True):
    """A view as lists show it."""

    id: str
    kind: ViewKind
    name: Annotated[str, Meta(description="empty of a default view and of a link")]
    owner: Annotated[str | None, Meta(description="null without accounts")]
    is_mine: Annotated[bool, Meta(description="whether you may rename, share and delete it")]
    version: Annotated[int, Meta(description="one more with each change; also the ETag")]
    created_micros: int
    edited_micros: int


class View(ViewInfo, frozen=True, kw_only=True):
    """A view with what it shows."""

    document: Annotated[dict[str, Any], Meta(description="what the web app made")]


class ViewList(Struct, frozen=True):
    """Own and shared views, or sets of columns, by name."""

    views: list[ViewInfo]


class ViewCreate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A view to make."""

    kind: Annotated[
        NewViewKind,
        Meta(
            description="`columns`: a set of columns of the runs table, for everybody in the "
            "project"
        ),
    ]
    name: Annotated[str, Meta(description="a link has no name")] = ""
    document: dict[str, Any]
    id: Annotated[str | None, Meta(description="of one that was deleted: it comes back")] = None


class ViewEdit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; a field that is left out stays."""

    name: str | None = None
    kind: Literal["personal", "shared"] | None = None
    document: dict[str, Any] | None = None


class DefaultView(Struct, frozen=True, forbid_unknown_fields=True):
    """What a user sees without asking for another view."""

    document: dict[str, Any]
