"""The ids of the public API, in W&B's form: base64 of a kind and of names. Pure.

Nothing is stored for them: an id says all that is needed to find its object. The official client
decodes ids of artifacts, so they must be standard base64.
"""

from __future__ import annotations

import base64
import binascii

from weft.errors import NotFound
from weft.server.services.access import ProjectPath, RunPath

_SEPARATOR = ":"


def make_id(kind: str, *parts: str | int) -> str:
    """Make an id.

    >>> make_id("Run", "v1", "ab12", "mnist", "local")
    'UnVuOnYxOmFiMTI6bW5pc3Q6bG9jYWw='
    """
    text = _SEPARATOR.join([kind, *map(str, parts)])
    return base64.b64encode(text.encode()).decode()


def read_id(kind: str, text: str, n_parts: int | None = None) -> list[str]:
    """The parts of an id.

    Args:
        n_parts: how many it must have. If None, at least one.

    Raises:
        NotFound: it is not an id of this kind.

    >>> read_id("Run", make_id("Run", "v1", "ab12", "mnist", "local"))
    ['v1', 'ab12', 'mnist', 'local']
    """
    try:
        prefix, *parts = base64.b64decode(text, validate=True).decode().split(_SEPARATOR)
    except (binascii.Error, UnicodeError, ValueError):
        prefix, parts = "", []
    if prefix != kind or not parts or len(parts) != (n_parts or len(parts)):
        raise NotFound(f"{text[:200]!r} is not the id of a {kind}")
    return parts


def run_id(path: RunPath) -> str:
    """The id of a run.

    >>> run_path(run_id(RunPath("local", "mnist", "ab12")))
    RunPath(entity='local', project='mnist', run='ab12')
    """
    return make_id("Run", "v1", path.run, path.project, path.entity)


def run_path(text: str) -> RunPath:
    """The run of an id."""
    _, run, project, entity = read_id("Run", text, 4)
    return RunPath(entity, project, run)


def project_id(path: ProjectPath) -> str:
    """The id of a project."""
    return make_id("Project", "v1", path.project, path.entity)


def project_path(text: str) -> ProjectPath:
    """The project of an id.

    >>> project_path(project_id(ProjectPath("local", "mnist")))
    ProjectPath(entity='local', project='mnist')
    """
    _, project, entity = read_id("Project", text, 3)
    return ProjectPath(entity, project)
