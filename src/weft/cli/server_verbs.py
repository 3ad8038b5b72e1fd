"""`weft server` and `weft ui`: of the package of the server, or in its place what installs it."""

from __future__ import annotations

import click

from weft.libraries.optional import has_server, need_server


def server_verbs() -> list[click.Command]:
    """The two commands."""
    if not has_server():
        return [_missing("server", "Serve the API and the web app"), _missing("ui", "Show runs")]
    from weft.cli.server.server_commands import server, ui

    return [server, ui]


def _missing(name: str, about: str) -> click.Command:
    """A command that takes any arguments and raises MissingLibrary."""

    @click.command(
        name,
        help=f"{about}: not installed here, pip install 'weft[server]'.",
        context_settings={"ignore_unknown_options": True},
    )
    @click.argument("arguments", nargs=-1)
    def command(arguments: tuple[str, ...]) -> None:  # noqa: ARG001
        need_server(f"weft {name}")

    return command
