"""`weft init`, `online`, `offline`, `enabled`, `disabled`: settings of the runs of a folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, Literal

import click

from weft.cli.connect import connect
from weft.errors import ConfigError, UsageError, WeftError, WrongKey
from weft.records.ids import check_name
from weft.sdk.login import log_in_to
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import ServerAddress, require_server
from weft.sync.addresses.setting_files import folder_setting_file, write_settings
from weft.wire.projects.projects import list_projects

Mode = Literal["online", "offline", "disabled"]

EFFECTS: Final[dict[Mode, str]] = {
    "online": "are sent to the server",
    "offline": "stay on this machine until `weft sync` sends them",
    "disabled": "record nothing",
}


def set_mode(mode: Mode) -> int:
    """Set the mode of runs that start in the working directory; the exit code is 0."""
    _write({"mode": mode})
    click.echo(f"Runs that start in this folder {EFFECTS[mode]}")
    overriding = read_settings({}).mode
    if overriding != mode:
        warning = f"weft: WEFT_MODE or WANDB_MODE says {overriding} in this shell, and comes first"
        click.echo(warning, err=True)
    return 0


def init_folder(project: str | None, entity: str | None, *, reset: bool) -> int:
    """Choose the project of runs that start in the working directory, or `reset` the choice; the
    exit code is 0. Without a project, the user is asked.
    """
    if reset:
        _write({"project": None, "entity": None, "mode": None})
        click.echo("Runs that start in this folder go where your own settings say")
        return 0
    is_asked = project is None
    if project is None:
        project = _ask_project()
    if entity is None and is_asked:
        entity = _ask_entity()
    values: dict[str, str | None] = {"project": check_name("project", project)}
    if entity is not None:
        values["entity"] = check_name("entity", entity)
    _write(values)
    where = project if entity is None else f"{entity}/{project}"
    click.echo(f"Runs that start in this folder go to project {where}")
    return 0


def _write(values: dict[str, str | None]) -> None:
    path = folder_setting_file(Path())
    try:
        write_settings(path, values)
    except OSError as error:
        raise ConfigError(f"{path} can't be written: {error.strerror or error}") from None


def _ask_project() -> str:
    if not sys.stdin.isatty():
        raise UsageError("no project is named: weft init --project NAME")
    active = _active_projects()
    if active:
        click.echo(f"weft: projects on the server: {', '.join(active)}", err=True)
    settings = read_settings({})
    default = settings.project if "project" in settings.given else Path.cwd().name
    return str(click.prompt("weft: project", default=default, err=True))


def _ask_entity() -> str | None:
    default = read_settings({}).entity
    answer = click.prompt(
        "weft: entity (empty: the server's default)",
        default=default or "", show_default=default is not None, err=True,
    )  # fmt: skip
    return str(answer) or None


def _active_projects() -> list[str]:
    """The ten projects that were active last; none if no server answers.

    A server that needs a key gets one first: without it no run would be sent there.
    """
    try:
        return _projects_on(require_server(None))
    except WrongKey:
        log_in_to(require_server(None).url, None)
        return _projects_on(require_server(None))
    except WeftError:
        return []


def _projects_on(server: ServerAddress) -> list[str]:
    client = connect(server)
    try:
        return [project.project for project in client.call(list_projects).projects[:10]]
    finally:
        client.close()
