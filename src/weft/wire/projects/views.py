"""Saved views of a project, and sets of columns for its runs table."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from weft.wire.endpoint import Endpoints, RequestBody

ViewKind = Literal["personal", "shared", "default", "link", "columns"]
NewViewKind = Literal["personal", "shared", "link", "columns"]
ListedKind = Literal["view", "columns"]


class ViewInfo(Struct, frozen=True, kw_only=True):
    """A view as lists show it."""

    id: str
    kind: ViewKind
    name: Annotated[str, Meta(description="empty for a default view and for a link")]
    owner: Annotated[str | None, Meta(description="null if the server has no accounts")]
    is_mine: Annotated[bool, Meta(description="whether you may rename, share and delete it")]
    version: Annotated[int, Meta(description="grows by one with each change; also the ETag")]
    created_micros: int
    edited_micros: int
    edited_by: Annotated[
        str | None, Meta(description="who last changed it; null if the server has no accounts")
    ]


class View(ViewInfo, frozen=True, kw_only=True):
    """A view with its document."""

    document: Annotated[
        dict[str, Any], Meta(description="contents of the view, as the web app made them")
    ]


class ViewList(Struct, frozen=True):
    """Your own and shared views, or sets of columns, sorted by name."""

    views: list[ViewInfo]


class ViewCreate(RequestBody, frozen=True, kw_only=True):
    """A view to create."""

    kind: Annotated[
        NewViewKind,
        Meta(
            description="`columns`: a set of columns of the runs table, for everyone in the "
            "project"
        ),
    ]
    name: Annotated[str, Meta(description="a link has no name")] = ""
    document: dict[str, Any]


class ViewEdit(RequestBody, frozen=True, kw_only=True):
    """Fields to change. An omitted field stays the same."""

    name: str | None = None
    kind: Literal["personal", "shared"] | None = None
    document: dict[str, Any] | None = None


class ViewUndelete(RequestBody, frozen=True, kw_only=True):
    """Options of restoring a view."""

    name: Annotated[
        str | None, Meta(description="another name, if a new view has taken its own")
    ] = None


class DefaultView(RequestBody, frozen=True):
    """The view that a user sees without choosing another one."""

    document: dict[str, Any]


_views = Endpoints("/api/v1/projects/{entity}/{project}/views", tag="views")


@_views.get()
def list_views(
    entity: str,
    project: str,
    *,
    kind: Annotated[
        ListedKind, Meta(description="`columns`: sets of columns of the runs table")
    ] = "view",
) -> ViewList:
    """List own and shared views of a project, or its column sets, by name, without documents."""


@_views.post()
def create_view(entity: str, project: str, new: ViewCreate) -> View:
    """Create a named view, a link to a document, or a set of columns."""


@_views.put("/default")
def put_default_view(entity: str, project: str, default: DefaultView) -> ViewInfo:
    """Save the default view, which you see in a project unless you open another."""


@_views.get("/{view}")
def get_view(entity: str, project: str, view: str) -> View:
    """Return a view with its document; `default` is the one you see unless you open another."""


@_views.patch("/{view}")
def edit_view(entity: str, project: str, view: str, edit: ViewEdit) -> ViewInfo:
    """Rename a view, share it, or replace its document."""


@_views.delete("/{view}")
def delete_view(
    entity: str,
    project: str,
    view: str,
    *,
    permanently: Annotated[
        bool, Meta(description="without the trash, or out of the trash")
    ] = False,
) -> None:
    """Move a view to the trash; deleting `default` discards its changes."""


@_views.post("/{view}/undelete")
def undelete_view(
    entity: str,
    project: str,
    view: str,
    options: ViewUndelete = ViewUndelete(),  # noqa: B008 (a frozen struct)
) -> View:
    """Restore a view from the trash, where its links lead. Its owner may, and admins."""
