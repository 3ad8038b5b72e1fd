"""The group of W&B's verbs: the program `wandb`."""

from __future__ import annotations

import sys
from typing import Final

import click

from weft.cli.main import main as run_command
from weft.cli.settings import setting_commands
from weft.cli.wandb import verbs
from weft.cli.wandb.absent import ABSENT_BETA_VERBS, ABSENT_VERBS
from weft.cli.wandb.artifacts import artifact
from weft.cli.wandb.options import absent_verb, unneeded
from weft.cli.wandb.sync import beta_sync, sync
from weft.version import VERSION

WANDB_VERSION: Final = "0.31.0+weft"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 99})
@click.version_option(
    WANDB_VERSION, message=f"wandb, version %(version)s (weft {VERSION} in its place)"
)
def wandb() -> None:
    """W&B's commands, by weft. `weft --help` lists all that weft can do."""


@wandb.command()
@click.option("--entity", "-e", help="The owner  [default: all]")
def projects(entity: str | None) -> None:
    """List the projects."""
    from weft.cli.runs.lists import list_projects

    sys.exit(list_projects(entity, None, with_sizes=False, as_json=False))


@wandb.group()
def beta() -> None:
    """Verbs that W&B tries out."""


def _with_service(command: click.Command) -> click.Command:
    """The command with W&B's option `--service`."""
    option = unneeded("--service", default="False", why="weft has no service to switch off")
    return option(click.command(command.name, help=command.help)(command.callback))  # type: ignore[arg-type]


beta.add_command(beta_sync)
for _name, _why in ABSENT_BETA_VERBS.items():
    beta.add_command(absent_verb(_name, _why))
for _command in (
    verbs.agent,
    artifact,
    verbs.clean,
    verbs.init,
    verbs.login,
    setting_commands.offline,
    setting_commands.online,
    verbs.pull,
    verbs.purge_cache,
    verbs.restore,
    verbs.status,
    verbs.sweep,
    sync,
    verbs.verify,
):
    wandb.add_command(_command)
wandb.add_command(_with_service(setting_commands.disabled))
wandb.add_command(_with_service(setting_commands.enabled))
wandb.add_command(setting_commands.offline, "off")
wandb.add_command(setting_commands.online, "on")
for _name, _why in ABSENT_VERBS.items():
    wandb.add_command(absent_verb(_name, _why))


def main() -> None:
    """Run the program `wandb`."""
    run_command(wandb, "wandb")


if __name__ == "__main__":
    main()
