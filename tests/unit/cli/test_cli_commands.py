"""Each function that is a command of click is a verb of `weft` or of `wandb`."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import click

import weft.cli
from weft.cli.main import cli
from weft.cli.wandb.command import wandb


def commands_of(command: click.Command) -> Iterator[click.Command]:
    yield command
    if isinstance(command, click.Group):
        for below in command.commands.values():
            yield from commands_of(below)


def test_each_command_is_registered() -> None:
    registered = [*commands_of(cli), *commands_of(wandb)]
    names = [module.name for module in pkgutil.walk_packages(weft.cli.__path__, "weft.cli.")]
    commands = [
        (f"{name}.{attribute}", value)
        for name in names
        for attribute, value in vars(import_module(name)).items()
        if isinstance(value, click.Command)
    ]
    assert len(commands) > 80
    forgotten = sorted(
        path for path, command in commands if not any(command is verb for verb in registered)
    )
    assert not forgotten, (
        "no command line has them: name them in the `…_COMMANDS` of their module, or in the "
        "loop over `add_command` of cli/main.py"
    )
