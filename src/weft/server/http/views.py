"""Routes of views. A view's version is its ETag: a change names the one that it was made from."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Header, Query, Response

from weft.errors import ConfigError
from weft.server.http.context import Asker, WithServices, json_answer
from weft.server.http.schemas.views import (
    DefaultView,
    View,
    ViewCreate,
    ViewEdit,
    ViewInfo,
    ViewList,
)
from weft.server.services import views

router = APIRouter(prefix="/api/v1/projects/{entity}/{project}/views", tags=["views"])

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,15})"')

IfMatch = Annotated[str | None, Header(description='the version seen, quoted: `"3"`')]


@router.get("", response_model=ViewList, operation_id="list_views")
def list_views(
    entity: str,
    project: str,
    services: WithServices,
    actor: Asker,
    kind: Annotated[
        views.ListedKind, Query(description="`columns`: sets of columns of the runs table")
    ] = "view",
) -> Response:
    """Own and shared views of a project, or its sets of columns, by name, without documents."""
    return json_answer({"views": services.views.list(actor, entity, project, kind)})


@router.post("", response_model=View, status_code=201, operation_id="create_view")
def create_view(
    entity: str, project: str, body: ViewCreate, services: WithServices, actor: Asker
) -> Response:
    """Make a view with a name, a link to a document, or a set of columns."""
    made = services.views.create(
        actor,
        entity,
        project,
        kind=body.kind,
        name=body.name,
        document=body.document,
        view=body.id,
    )
    return _tagged(made, 201)


@router.put("/default", response_model=ViewInfo, operation_id="put_default_view")
def put_default_view(
    entity: str,
    project: str,
    body: DefaultView,
    services: WithServices,
    actor: Asker,
    if_match: IfMatch = None,
) -> Response:
    """Keep what you see in this project without asking for another view."""
    version = _version(if_match)
    return _tagged(services.views.put_default(actor, entity, project, body.document, version))


@router.get("/{view}", response_model=View, operation_id="get_view")
def get_view(
    entity: str, project: str, view: str, services: WithServices, actor: Asker
) -> Response:
    """A view with its document; `default`: what you see without asking for another."""
    return _tagged(services.views.get(actor, entity, project, view))


@router.patch("/{view}", response_model=ViewInfo, operation_id="edit_view")
def edit_view(
    entity: str,
    project: str,
    view: str,
    body: ViewEdit,
    services: WithServices,
    actor: Asker,
    if_match: IfMatch = None,
) -> Response:
    """Rename a view, share it, or change what it shows."""
    edit = msgspec.convert(body.model_dump(exclude_unset=True), views.ViewEdit)
    version = _version(if_match)
    return _tagged(services.views.edit(actor, entity, project, view, edit, version))


@router.delete("/{view}", status_code=204, operation_id="delete_view")
def delete_view(
    entity: str,
    project: str,
    view: str,
    services: WithServices,
    actor: Asker,
    if_match: IfMatch = None,
) -> Response:
    """Delete a view; of the default one, what was changed."""
    version = None if if_match is None else _version(if_match)
    services.views.delete(actor, entity, project, view, version)
    return Response(status_code=204)


def _tagged(view: views.ViewInfo, status: int = 200) -> Response:
    answer = json_answer(view, status)
    answer.headers["ETag"] = f'"{view.version}"'
    return answer


def _version(tag: str | None) -> int:
    found = _TAG.fullmatch((tag or "").strip())
    if found is None:
        raise ConfigError("If-Match must be the version that was seen, quoted", field="If-Match")
    return int(found[1])
