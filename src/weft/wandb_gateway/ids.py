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

_MAX_DIGITS = 1000
"""Python reads at most 4,300."""


def make_id(kind: str, *parts: str | int) -> str:
    """Make an id.

    >>> make_id("Run", "v1", "ab12", "mnist", "local")
    'UnVuOnYxOmFiMTI6bW5pc3Q6bG9jYWw='
    """
    text = _SEPARATOR.join([kind, *map(str, parts)])
    return base64.b64encode(text.encode()).decode()


def read_id(kind: str, text: str, n_parts: int | None = None) -> list[str]:
    """The parts of an id, `n_parts` or at least one; NotFound if it is not an id of this kind.

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


def number_of(name: str) -> int:
    """A name as a number, since the client takes some ids only with a number.

    >>> number_of("ada"), name_of(6382689)
    (6382689, 'ada')
    """
    return int.from_bytes(name.encode(), "big")


def name_of(number: int) -> str:
    """The name that a number stands for."""
    try:
        return number.to_bytes((number.bit_length() + 7) // 8, "big").decode()
    except (OverflowError, UnicodeError):
        raise NotFound(f"{str(number)[:200]} is not the number of a name") from None


def user_id(name: str) -> str:
    """The id of a user.

    >>> user_name(user_id("ada"))
    'ada'
    """
    return _id_of_name("User", name)


def user_name(text: str) -> str:
    """The user of an id."""
    return _name_of_id("User", text)


def entity_id(name: str) -> str:
    """The id of an entity.

    >>> entity_name(entity_id("lab"))
    'lab'
    """
    return _id_of_name("Entity", name)


def entity_name(text: str) -> str:
    """The entity of an id."""
    return _name_of_id("Entity", text)


def _id_of_name(kind: str, name: str) -> str:
    return make_id(kind, number_of(name))


def _name_of_id(kind: str, text: str) -> str:
    (number,) = read_id(kind, text, 1)
    if not number.isdecimal() or len(number) > _MAX_DIGITS:
        raise NotFound(f"{text[:200]!r} is not the id of a {kind}")
    return name_of(int(number))


def project_number(path: ProjectPath) -> int:
    """The number of a project, by which the client filters the search in registries."""
    return number_of(f"{path.entity}/{path.project}")


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
    return make_id("Project", "v1", path.project, path.entity)


def project_path(text: str) -> ProjectPath:
    """The project of an id.

    >>> project_path(project_id(ProjectPath("local", "mnist")))
    ProjectPath(entity='local', project='mnist')
    """
    _, project, entity = read_id("Project", text, 3)
    return ProjectPath(entity, project)


def report_id(project: ProjectPath, report: str) -> str:
    """The id of a report.

    Its length is a multiple of 3 bytes, because the client cuts `=` off in addresses.

    >>> report_id(ProjectPath("local", "mnist"), "0123456789ab")
    'Vmlldzp2MV86MDEyMzQ1Njc4OWFiOm1uaXN0OmxvY2Fs'
    """
    return _id_in_address("View", report, project)


def report_path(text: str) -> tuple[ProjectPath, str]:
    """The project of an id, and the report."""
    return _path_in_id("View", text)


def workspace_id(project: ProjectPath, view: str) -> str:
    """The id of a saved view of a workspace."""
    return _id_in_address("ProjectView", view, project)


def workspace_path(text: str) -> tuple[ProjectPath, str]:
    """The project of an id, and the view."""
    return _path_in_id("ProjectView", text)


def _id_in_address(kind: str, name: str, project: ProjectPath) -> str:
    parts = (name, project.project, project.entity)
    n_bytes = len(":".join([kind, "v1", *parts]).encode())
    return make_id(kind, f"v1{'_' * (-n_bytes % 3)}", *parts)


def _path_in_id(kind: str, text: str) -> tuple[ProjectPath, str]:
    _, name, project, entity = read_id(kind, text, 4)
    return ProjectPath(entity, project), name
