"""Public projects for someone who is not signed in, and pages of projects that were moved."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from weft.records.ids import REGISTRY
from weft.server.services.access import Action, Actor, ProjectPath, RegistryPath, may

_PROJECTS: Final = "/api/v1/projects/"
_SERVER: Final = "/api/v1/server"


def is_of_public_project(scope: Scope, anyone: Actor) -> bool:
    """Whether a request is for the page or the data of a project that anyone may read, or for what
    its page asks of the server.

    What it may do there, services decide as of any request.
    """
    path: str = scope["path"]
    if path == _SERVER:
        return scope["method"] == "GET"
    if path.startswith(_PROJECTS):
        parts = path.removeprefix(_PROJECTS).split("/")
    elif path.startswith("/api/") or scope["method"] not in {"GET", "HEAD"}:
        return False
    else:
        parts = path.removeprefix("/").split("/")
    if len(parts) < 2 or not parts[1]:
        return False
    project = ProjectPath(*anyone.people.current.moved.get((parts[0], parts[1]), parts[:2]))
    target = RegistryPath(project.project) if project.entity == REGISTRY else project
    return may(anyone, Action.READ, target)


def moved_page(scope: Scope, headers: dict[bytes, bytes], actor: Actor) -> Response | None:
    """The redirect of a page of a project that was moved, for those who may see it there."""
    path: str = scope["path"]
    moved = actor.people.current.moved
    if not moved or scope["method"] != "GET" or path.startswith("/api/"):
        return None
    if not headers.get(b"accept", b"").startswith(b"text/html"):
        return None
    _, *parts = path.split("/")
    to = moved.get((parts[0], parts[1])) if len(parts) > 1 else None
    if to is None or not may(actor, Action.READ, ProjectPath(*to)):
        return None
    address = "/" + "/".join(quote(part, safe="") for part in (*to, *parts[2:]))
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{address}?{query}" if query else address, 302)
