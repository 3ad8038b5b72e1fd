"""Paths of runs and projects, in all forms that people have them. Pure.

`weft.sdk.reading.api` takes them; a page's address copied from the browser is one, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from weft.errors import ConfigError


class RunName(NamedTuple):
    """A run by its names."""

    entity: str
    project: str
    run_id: str


class ProjectName(NamedTuple):
    """A project by its names."""

    entity: str
    project: str


def run_name(path: str | Sequence[str], default: ProjectName) -> RunName:
    """The run that a path names.

    Args:
        path: `entity/project/id`, `project/id`, `id`, each with `:` instead of the last slash if
            you like, `entity/project/runs/id`, or the address of the run's page; or such parts in
            a list, as `run.path` has them.
        default: whose run it is, as far as `path` does not say.

    Raises:
        ConfigError: it is no such path.

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
            raise ConfigError(f"no address of a run's page: {path!r}")
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
    """The project that a path names.

    Args:
        path: `entity/project`, `project`, or the address of its page; None or '' = `default`.

    Raises:
        ConfigError: it is no such path.

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
            raise ConfigError(f"no address of a project's page: {path!r}")
        return ProjectName(parts[-2], parts[-1])
    parts = [part.strip() for part in path.strip("/ ").split("/")]
    if len(parts) > 2 or not all(parts):
        raise ConfigError(f"a project's path is entity/project, not {path!r}")
    entity, project = [*default[: 2 - len(parts)], *parts]
    return ProjectName(entity, project)


def _parts_of_address(address: str) -> list[str]:
    path = urlsplit(address).path
    return [unquote(part) for part in path.split("/") if part]
