"""Parses paths of runs and projects in all forms that users have. Pure.

Used by `weft.sdk.reading.api`. A page's address copied from the browser is a valid path, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from weft.errors import ConfigError


class RunName(NamedTuple):
    """The names that identify a run."""

    entity: str
    project: str
    run_id: str


class ProjectName(NamedTuple):
    """The names that identify a project."""

    entity: str
    project: str


def run_name(path: str | Sequence[str], default: ProjectName) -> RunName:
    """Return the run that a path names.

    Args:
        path: `entity/project/id`, `project/id` or `id`, optionally with `:` in place of the last
            slash; `entity/project/runs/id`; the address of the run's page; or a list of these
            parts, as `run.path` has them.

    >>> default = ProjectName("local", "mnist")
    >>> run_name("ab12cd34", default)
    RunName(entity='local', project='mnist', run_id='ab12cd34')
    >>> run_name("http://127.0.0.1:8080/lab/half%20price/runs/ab12cd34?tab=files", default)
    RunName(entity='lab', project='half price', run_id='ab12cd34')
    >>> run_name(["lab", "digits", "ab12cd34"], default)
    RunName(entity='lab', project='digits', run_id='ab12cd34')
    >>> run_name("digits:ab12cd34", default), run_name("/lab/digits/runs", default)
    (RunName(entity='local', project='digits', run_id='ab12cd34'), \
    RunName(entity='lab', project='digits', run_id='runs'))
    """
    if not isinstance(path, str):
        path = "/".join(path)
    if "://" in path:
        parts = _parts_of_address(path)
        if len(parts) < 4 or parts[-2] != "runs":
            raise ConfigError(f"not the address of a run's page: {path!r}")
        return RunName(parts[-4], parts[-3], parts[-1])
    parts = [part.strip() for part in path.strip("/ ").split("/")]
    if path.strip().startswith("/runs/") and len(parts) == 2:
        parts = parts[1:]
    if len(parts) == 4 and parts[2] == "runs":
        parts = [*parts[:2], parts[3]]
    if len(parts) < 3 and ":" in parts[-1]:
        parts[-1:] = parts[-1].split(":", 1)
    if len(parts) > 3 or not all(parts):
        raise ConfigError(f"a run's path is entity/project/id, not {path!r}")
    entity, project, run_id = [*default[: 3 - len(parts)], *parts]
    return RunName(entity, project, run_id)


def project_name(path: str | None, default: ProjectName) -> ProjectName:
    """Return the project that a path names: `entity/project`, `project`, or the address of its
    page, completed from `default`.

    >>> project_name("digits", ProjectName("local", "mnist"))
    ProjectName(entity='local', project='digits')
    """
    if not path:
        return default
    if "://" in path:
        parts = _parts_of_address(path)
        if parts[-1:] == ["workspace"]:
            parts.pop()
        if len(parts) < 2:
            raise ConfigError(f"not the address of a project's page: {path!r}")
        return ProjectName(parts[-2], parts[-1])
    parts = [part.strip() for part in path.strip("/ ").split("/")]
    if len(parts) > 2 or not all(parts):
        raise ConfigError(f"a project's path is entity/project, not {path!r}")
    entity, project = [*default[: 2 - len(parts)], *parts]
    return ProjectName(entity, project)


def sweep_parts(path: str) -> list[str]:
    """The names in a sweep's path, `id`, `project/id` or `entity/project/id`, or in its address.

    >>> sweep_parts("http://127.0.0.1:8080/local/mnist/sweeps/ab12cd34")
    ['local', 'mnist', 'ab12cd34']
    >>> sweep_parts("local/sweeps/ab12cd34")
    ['local', 'sweeps', 'ab12cd34']
    """
    parts = [part for part in path.strip("/ ").split("/") if part]
    if len(parts) > 3 and parts[-2] == "sweeps":
        parts = [*parts[-4:-2], parts[-1]]
    if not 1 <= len(parts) <= 3:
        raise ConfigError(f"a sweep is named entity/project/id, not {path!r}")
    return parts


def _parts_of_address(address: str) -> list[str]:
    path = urlsplit(address).path
    return [unquote(part) for part in path.split("/") if part]
