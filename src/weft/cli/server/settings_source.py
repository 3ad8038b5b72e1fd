"""Where the settings of `weft server` come from: options, then variables, then a file.

The options are made of the table of settings, so that one line there gives an option, a variable
and a key of the file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import click

from weft.errors import ConfigError
from weft.records.nearest import mistyped_variables
from weft.server.settings import (
    SETTINGS_FILE,
    ServerSettings,
    Setting,
    Table,
    default_data_directory,
    option_of,
    settings_of,
    variable_of,
)
from weft.server.settings.kinds import FLAG, PORT, Kind

CONFIG: Final = "config"
"""The option that names the settings file."""

_Command = Callable[..., None]


def server_options(command: _Command) -> _Command:
    """Give a command an option for each setting, and `--config`."""
    for entry in reversed(settings_of(ServerSettings).values()):
        if isinstance(entry.content, Setting):
            command = _option(entry.name, entry.content, entry.default)(command)
    return click.option(
        option_of(CONFIG),
        type=click.Path(path_type=Path, dir_okay=False),
        envvar=variable_of(CONFIG),
        show_envvar=True,
        help=f"Settings file, in TOML  [default: {SETTINGS_FILE} in --data, if it is there]",
    )(command)


def _option(name: str, setting: Setting, default: Any) -> Callable[[_Command], _Command]:
    shown = setting.default or ("" if default in (None, False) else shown_default(default))
    option = option_of(name)
    is_flag = setting.kind is FLAG
    return click.option(
        f"{option}/--no-{option.removeprefix('--')}" if is_flag else option,
        # Nothing unless a user gives it: a default would win over the settings file.
        default=None,
        type=None if is_flag else _reader(setting.kind),
        metavar=None if is_flag else setting.kind.metavar,
        envvar=variable_of(name),
        show_envvar=True,
        help=setting.help + (f"  [default: {shown}]" if shown else ""),
    )


def _reader(kind: Kind) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if kind is PORT and text.startswith("tcp://"):
            raise click.BadParameter(
                f"{text} is not a port. Kubernetes sets WEFT_SERVER_PORT in every pod if a "
                "Service is called weft-server: give the Service another name, or set "
                "enableServiceLinks: false for the pod, or give --port"
            )
        try:
            return kind.from_text(text)
        except ValueError:
            raise click.BadParameter(f"{text!r} is not {kind.description}") from None

    return read


def shown_default(default: Any) -> str:
    """The default of a setting, as users write it."""
    return f"{default:g}" if isinstance(default, float) else str(default)


def read_server_settings(options: Mapping[str, Any]) -> tuple[ServerSettings, bool]:
    """Make the settings of a server; the second value is true if its data directory is the user's
    default one.
    """
    values = gather_settings(options)
    is_default = "data" not in values
    values["data"] = (values.get("data") or default_data_directory()).absolute()
    return ServerSettings(**values), is_default


def gather_settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """The values of fields of `ServerSettings` that options, variables or the file set; `options`
    are those of `server_options`, None if neither an option nor its variable is set.
    """
    entries = settings_of(ServerSettings)
    set_options = {
        entries[name].field: value
        for name, value in options.items()
        if name in entries and value is not None
    }
    path = options.get(CONFIG) or default_settings_file(options.get("data"))
    if path is None:
        return set_options
    from weft.server.settings.toml_file import read_settings_file  # not for each `weft --help`

    values = read_settings_file(path)
    if options.get(CONFIG) is None and "data" in values:
        raise ConfigError(
            f"data can't be set in {path}: the file is found by its data directory; "
            "name the file with --config",
            field="data",
        )
    return values | set_options


def variable_warnings(environment: Mapping[str, str]) -> list[str]:
    """A warning for each variable that looks like a setting and is ignored.

    >>> variable_warnings({"WEFT_SERVER_PROT": "1", "WEFT_SERVER_SMTP_HOST": "a"})
    ["environment variable WEFT_SERVER_PROT is unknown and ignored: did you mean
    'WEFT_SERVER_PORT'?", 'environment variable WEFT_SERVER_SMTP_HOST is ignored: the table smtp
    can be set in the settings file alone']
    """
    entries = settings_of(ServerSettings)
    tables = [name for name, entry in entries.items() if isinstance(entry.content, Table)]
    names = [variable_of(name) for name in (CONFIG, *entries) if name not in tables]
    warnings = mistyped_variables(environment, variable_of(""), names)
    for table in tables:
        warnings += [
            f"environment variable {name} is ignored: the table {table} can be set in the "
            "settings file alone"
            for name in sorted(environment)
            if name.startswith(variable_of(f"{table}_"))
        ]
    return warnings


def default_settings_file(data: Path | None) -> Path | None:
    """The settings file in a data directory; None without one."""
    path = (data or default_data_directory()).absolute() / SETTINGS_FILE
    return path if os.path.lexists(path) else None
