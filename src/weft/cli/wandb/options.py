"""Options of W&B's commands that weft takes without an effect, or refuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from weft.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])


class Unneeded(click.Option):
    """An option without an effect. Its help says why it needs none."""


class Refused(click.Option):
    """An option that ends the command with UsageError. Its help says what to do instead."""

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        result = super().handle_parse_result(ctx, opts, args)
        if ctx.get_parameter_source(self.name) is ParameterSource.COMMANDLINE:
            raise UsageError(f"weft has no {self.opts[-1]}: {self.help}")
        return result


def unneeded(*names: str, why: str, **settings: Any) -> Callable[[Command], Command]:
    """Declare an option without an effect; the function does not get it."""
    return click.option(*names, cls=Unneeded, expose_value=False, help=why, **settings)


def refused(*names: str, why: str, **settings: Any) -> Callable[[Command], Command]:
    """Declare an option that is refused; the function does not get it."""
    return click.option(*names, cls=Refused, expose_value=False, help=why, **settings)


def absent_verb(name: str, why: str) -> click.Command:
    """A command, or a group of them, that ends with UsageError whatever its arguments are."""

    @click.command(
        name,
        help=f"Not in weft: {why}.",
        hidden=True,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    )
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: Sequence[str]) -> None:  # noqa: ARG001
        raise UsageError(f"weft has no `wandb {name}`: {why}")

    return command
