"""Reads and saves views of workspaces as specs."""

from __future__ import annotations

from itertools import count
from typing import Any, Final, cast

from weft.errors import Conflict, Outdated, Unavailable
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wandb_gateway.reports.exact_json import read_spec, write_exact
from weft.wandb_gateway.reports.foreign import MEMBER
from weft.wandb_gateway.reports.merging import merge_values
from weft.wandb_gateway.reports.workspaces import document_of, spec_of_document
from weft.wire.projects.views import View, ViewEdit, ViewInfo

Json = dict[str, Any]

_TRIES: Final = 5
_MAX_NUMBER: Final = 100
"""The most views of one name: W&B's names need not be unique, weft's get a number."""


def list_workspaces(services: Services, actor: Actor, path: ProjectPath) -> list[ViewInfo]:
    """The saved views that a user sees in a project."""
    return services.views.list(actor, path)


def read_workspace(services: Services, actor: Actor, path: ProjectPath, view: str) -> View:
    """A saved view."""
    return services.views.get(actor, path, view)


def workspace_text_of(view: View) -> str:
    """The spec of a view."""
    return write_exact(spec_of_document(view.document))


def add_workspace(
    services: Services, actor: Actor, path: ProjectPath, name: str | None, spec: str | None
) -> View:
    """Create a view that all see in the project."""
    document = document_of(read_spec(spec or "{}"))
    for number in count(1):
        numbered = name or "Untitled view"
        if number > 1:
            numbered = f"{numbered} ({number})"
        try:
            return services.views.create(
                actor, path, kind="shared", name=numbered, document=document
            )
        except Conflict:
            if number == _MAX_NUMBER:
                raise
    raise AssertionError


def save_workspace(
    services: Services,
    actor: Actor,
    path: ProjectPath,
    view: str,
    name: str | None,
    spec: str | None,
) -> View:
    """Change a view as far as a client changed it."""
    for _ in range(_TRIES):
        stored = services.views.get(actor, path, view)
        document = None if spec is None else _merged(stored, read_spec(spec))
        new_name = None if name == stored.name else name
        edit = ViewEdit(name=new_name, document=document)
        try:
            services.views.edit(actor, path, view, edit, stored.version)
            return services.views.get(actor, path, view)
        except Outdated:
            continue
    raise Unavailable(f"view {view} changes all the time: try again")


def _merged(stored: View, spec: Json) -> Json:
    """The stored document with the changes of a spec: the table, say, is only weft's."""
    base = document_of(spec_of_document(stored.document))
    theirs = document_of(spec)
    merged = cast("Json", merge_values(base, dict(stored.document), theirs))
    return {**merged, MEMBER: theirs[MEMBER]}
