"""Write the reference that comes from the code: command line, Python API, settings of the server.

python scripts/gen_reference.py   docs/reference/command-line.md, python*.md, ends of settings.md
                                  and wandb.md
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

import python_reference
import wandb_table
from python_reference import NOTE, WIDTH
from weft.cli.main import cli
from weft.cli.server.settings_source import shown_default
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


def python_pages() -> dict[str, str]:
    """The pages of Python names, by the names of their files."""
    return python_reference.python_pages((REFERENCE / "public_api.txt").read_text().split())


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
    for name, page in python_pages().items():
        (REFERENCE / f"{name}.md").write_text(page)
    (REFERENCE / "wandb.md").write_text(wandb_names())


if __name__ == "__main__":
    main()
