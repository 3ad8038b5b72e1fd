"""Write the reference that comes from the code: command line, Python API, settings of the server.

python scripts/gen_reference.py   docs/reference/command-line.md, python.md, ends of settings.md
                                  and wandb.md
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import FunctionType
from typing import Any, Final

import click

import wandb_table
import weft
from weft import plot
from weft.apis import public
from weft.cli.main import cli
from weft.cli.server.settings_source import shown_default
from weft.sdk.media.media import Media
from weft.sdk.reading.rows.table import HistoryTable, Table
from weft.server.settings import (
    OidcProvider,
    ServerSettings,
    Setting,
    SmtpSettings,
    option_of,
    settings_of,
    variable_of,
)
from weft.server.settings.kinds import SECRET

REFERENCE: Final = Path(__file__).parents[1] / "docs" / "reference"
WIDTH: Final = 99
NOTE: Final = "<!-- made by scripts/gen_reference.py from the help and docstrings of the code -->"

_OF_THE_RUN: Final = {
    "config": "The config of the current run: see `Run.config`. Assigning a dict adds to it.",
    "run": "The current run, or None.",
    "summary": "The summary of the current run: see `Run.summary`.",
    "data_types": "All media types, as scripts for W&B import them from `data_types`.",
    "errors": "All exceptions, as a tree. `weft.Error`, `CommError` and `UsageError` are of it.",
    "join": "The same as `weft.finish`.",
    "util": "A few helpers that scripts written for W&B import, such as `weft.util.generate_id`.",
    "__version__": "The version of weft, as text.",
}
"""Names that have no docstring of their own."""

_HANDED_OUT: Final = (
    public.Run, public.Runs, public.Project, public.Projects, public.File, public.Files,
    public.Media, public.HistoryScan, HistoryTable, Table, public.ArtifactCollection,
    public.ArtifactType, public.Team, public.Member, public.User,
)  # fmt: skip


def command_line() -> str:
    """The page of commands: what `--help` prints of each."""
    parts = [
        "# Command line",
        NOTE,
        "Every command explains itself with `--help`. Exit code 0: done; 1: something is wrong or "
        "missing; 2: it could not be done, and a line says why.",
    ]
    for name, text in _helps(cli, "weft", None):
        parts += [f"## `{name}`", f"```\n{text}\n```"]
    return "\n\n".join(parts) + "\n"


def _helps(
    command: click.Command, name: str, parent: click.Context | None
) -> Iterator[tuple[str, str]]:
    context = click.Context(
        command, parent, info_name=name.split()[-1], terminal_width=WIDTH, max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )  # fmt: skip
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            subcommand = command.get_command(context, below)
            assert subcommand is not None
            yield from _helps(subcommand, f"{name} {below}", context)


def python_api() -> str:
    """The page of Python names: signatures and docstrings."""
    names = (REFERENCE / "public_api.txt").read_text().split()
    parts = [
        "# Python API",
        NOTE,
        "All names of `import weft`, then what `weft.Api` hands out. "
        "`None` as a default means: as the text says, or not given.",
    ]
    for name in names:
        if name in _OF_THE_RUN:
            parts += [f"## `weft.{name}`", _OF_THE_RUN[name]]
        elif name == "plot":
            parts += [f"## `weft.{name}`", inspect.getdoc(plot) or ""]
            for function in plot.__all__:
                parts += _described(f"weft.plot.{function}", getattr(plot, function))
        else:
            parts += _described(f"weft.{name}", getattr(weft, name))
    parts.append("# What `weft.Api` hands out")
    for kind in _HANDED_OUT:
        parts += _described(kind.__name__, kind)
    return "\n\n".join(parts) + "\n"


def _described(name: str, value: Any) -> list[str]:
    parts = [f"## `{name}`"]
    if not inspect.isclass(value):
        return [*parts, _text(name, value)]
    parts.append(_text(name, value))
    for member, function in _members(value):
        parts += [f"### `{value.__name__}.{member}`", _text(member, function)]
    return parts


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Public methods and properties of a class and its bases in weft, each once."""
    seen: set[str] = set()
    for base in kind.__mro__:
        if not base.__module__.startswith("weft."):
            continue
        for name, value in vars(base).items():
            is_member = isinstance(value, (FunctionType, property, classmethod, staticmethod))
            is_hook = issubclass(kind, Media) and hasattr(Media, name)  # only `log()` calls it
            if not name.startswith("_") and name not in seen and is_member and not is_hook:
                seen.add(name)
                yield name, value


def _text(name: str, value: Any) -> str:
    text = inspect.getdoc(value) or ""
    if isinstance(value, property):
        return text or f"The run's {name.replace('_', ' ')}."
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    if inspect.isclass(value) and issubclass(value, Enum):
        return f"```text\n{text}\n```"
    try:
        signature = _signature(name.rpartition(".")[2], value)
    except (TypeError, ValueError):
        return f"```text\n{text}\n```"
    return f"```text\n{signature}\n{text and chr(10)}{text}\n```".replace("\n\n```", "\n```")


def _signature(name: str, value: Any) -> str:
    signature = inspect.signature(value)
    shown = [
        str(parameter.replace(annotation=inspect.Parameter.empty)).replace(" = ", "=")
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]
    markers: list[str] = []
    has_star = False
    for text, parameter in zip(
        shown, (p for p in signature.parameters.values() if p.name != "self"), strict=True
    ):
        if parameter.kind is parameter.VAR_POSITIONAL:
            has_star = True
        if parameter.kind is parameter.KEYWORD_ONLY and not has_star:
            markers.append("*")
            has_star = True
        markers.append(text)
    line = f"{name}({', '.join(markers)})"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {text},\n" for text in markers) + ")"


def settings_page() -> str:
    """The page of settings: as it is, with the server's tables at its end."""
    page = (REFERENCE / "settings.md").read_text()
    parts = [page.partition(NOTE)[0] + NOTE]
    parts.append("| setting | option | variable | default | |\n|---|---|---|---|---|")
    for row in _setting_rows(ServerSettings, "", is_option=True):
        parts[-1] += f"\n{row}"
    parts += [
        "### Tables of the settings file",
        "`[smtp]` and, for each provider of sign-in, `[oidc.NAME]`. Instead of a secret, "
        "`NAME_file` names a file that has it.",
    ]
    for kind, table in ((SmtpSettings, "smtp."), (OidcProvider, "oidc.NAME.")):
        rows = "\n".join(_setting_rows(kind, table, is_option=False))
        parts.append(f"| setting | default | |\n|---|---|---|\n{rows}")
    return "\n\n".join(parts) + "\n"


def _setting_rows(kind: type, table: str, *, is_option: bool) -> Iterator[str]:
    for entry in settings_of(kind).values():
        setting = entry.content
        if not isinstance(setting, Setting):
            continue
        default = "required" if entry.is_required else setting.default or _default(entry.default)
        names = f"`{table}{entry.name}`"
        if setting.kind is SECRET:
            names += f", `{entry.name}_file`"
        if is_option:
            default = setting.default or default
            names += f" | `{option_of(entry.name)}` | `{variable_of(entry.name)}`"
        yield f"| {names} | {default} | {setting.help} |"


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value)
    return "" if value is None else f"`{shown_default(value)}`"


def wandb_names() -> str:
    """The page of W&B's names: as it is, with the table of all names at its end."""
    page = (REFERENCE / "wandb.md").read_text()
    return page.partition(NOTE)[0] + f"{NOTE}\n\n{wandb_table.page()}"


def main() -> None:
    (REFERENCE / "settings.md").write_text(settings_page())
    (REFERENCE / "command-line.md").write_text(command_line())
    (REFERENCE / "python.md").write_text(python_api())
    (REFERENCE / "wandb.md").write_text(wandb_names())


if __name__ == "__main__":
    main()
