"""Routes of views. A view's ETag is its version; an edit names the version it is based on."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeVar

from weft.errors import ConfigError
from weft.server.http.routing.arguments import Header
from weft.server.http.routing.routes import Answer, Routes
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wire.projects import views as endpoints
from weft.wire.projects.views import (
    DefaultView,
    ListedKind,
    View,
    ViewCreate,
    ViewEdit,
    ViewInfo,
    ViewList,
    ViewUndelete,
)

routes = Routes()

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,15})"')

IfMatch = Annotated[str | None, Header('the version seen, quoted: `"3"`')]

_AnyView = TypeVar("_AnyView", bound=ViewInfo)


@routes.answers(endpoints.list_views)
def list_views(
    path: ProjectPath, services: Services, actor: Actor, *, kind: ListedKind
) -> ViewList:
    return ViewList(services.views.list(actor, path, kind))


@routes.answers(endpoints.create_view, status=201)
def create_view(
    path: ProjectPath, new: ViewCreate, services: Services, actor: Actor
) -> Answer[View]:
    view = services.views.create(actor, path, kind=new.kind, name=new.name, document=new.document)
    return _tagged(view)


@routes.answers(endpoints.put_default_view)
def put_default_view(
    path: ProjectPath,
    default: DefaultView,
    services: Services,
    actor: Actor,
    if_match: IfMatch = None,
) -> Answer[ViewInfo]:
    version = _version(if_match)
    return _tagged(services.views.put_default(actor, path, default.document, version))


@routes.answers(endpoints.get_view)
def get_view(path: ProjectPath, view: str, services: Services, actor: Actor) -> Answer[View]:
    return _tagged(services.views.get(actor, path, view))


@routes.answers(endpoints.edit_view)
def edit_view(
    path: ProjectPath,
    view: str,
    edit: ViewEdit,
    services: Services,
    actor: Actor,
    if_match: IfMatch = None,
) -> Answer[ViewInfo]:
    version = _version(if_match)
    return _tagged(services.views.edit(actor, path, view, edit, version))


@routes.answers(endpoints.delete_view)
def delete_view(
    path: ProjectPath,
    view: str,
    services: Services,
    actor: Actor,
    if_match: IfMatch = None,
    *,
    permanently: bool,
) -> None:
    version = None if if_match is None else _version(if_match)
    services.views.delete(actor, path, view, version, permanently=permanently)


@routes.answers(endpoints.undelete_view)
def undelete_view(
    path: ProjectPath, view: str, options: ViewUndelete, services: Services, actor: Actor
) -> Answer[View]:
    return _tagged(services.views.undelete(actor, path, view, name=options.name))


def _tagged(view: _AnyView) -> Answer[_AnyView]:
    return Answer(view, {"ETag": f'"{view.version}"'})


def _version(tag: str | None) -> int:
    match = _TAG.fullmatch((tag or "").strip())
    if match is None:
        raise ConfigError("If-Match must be the version that was read, quoted", field="If-Match")
    return int(match[1])
