"""The `weft` command and its options. Work is imported when a command runs; `--help` is quick."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from weft.errors import WeftError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 99})
@click.version_option(package_name="weft", message="weft %(version)s")
def cli() -> None:
    """Experiment tracking: log from a script, look in a browser."""


@cli.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="WEFT_SERVER_HOST",
    help="Address to listen on; beyond loopback every request needs the token.",
)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    envvar="WEFT_SERVER_PORT",
    help="0 = any free port.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="WEFT_SERVER_DATA",
    help="Data directory  [default: ~/.local/share/weft]",
)
@click.option(
    "--metadata-url",
    envvar="WEFT_SERVER_METADATA_URL",
    help="SQLAlchemy address of the metadata database  [default: SQLite in --data]",
)
@click.option(
    "--public-url",
    envvar="WEFT_SERVER_PUBLIC_URL",
    help="Address that people use, where it is another than host and port.",
)
def server(
    host: str, port: int, data: Path | None, metadata_url: str | None, public_url: str | None
) -> None:  # fmt: skip
    """Serve the API and the web app until Ctrl-C."""
    from weft.cli.serve import run_server
    from weft.server.settings import ServerSettings, default_data_directory

    is_default = data is None
    settings = ServerSettings(
        data=(data or default_data_directory()).absolute(),
        host=host,
        port=port,
        metadata_url=metadata_url,
        public_url=public_url,
    )
    sys.exit(run_server(settings, announce=is_default))


@cli.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="0 = any free port  [default: the next free one from 8080]",
)
@click.option("--browser/--no-browser", default=True, help="Open the page in a browser.")
def ui(directory: Path, port: int | None, browser: bool) -> None:  # fmt: skip
    """Show the runs in DIRECTORY, live, without a server of your own."""
    from weft.cli.ui import run_ui

    sys.exit(run_ui(directory, port=port, browser=browser))


@cli.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--base-url", help="Server to send to  [default: as for a run]")
@click.option("--watch", is_flag=True, help="Go on sending what comes, until Ctrl-C.")
def sync(paths: tuple[Path, ...], base_url: str | None, watch: bool) -> None:
    """Send the runs that lie in PATHS, or in this folder's `weft`.

    To the server that a run would go to: runs made offline, copied from another machine, or left
    unfinished.
    """
    from weft.sync.command import sync as send

    sys.exit(send(list(paths) or [Path()], base_url=base_url, watch=watch))


@cli.command()
def status() -> None:
    """Say where runs go.

    Which server that is, and whether it answers; for your own one also an address that opens it
    in a browser.
    """
    from weft.cli.status import print_status

    sys.exit(print_status())


def main() -> None:
    """Run the command; an error that weft raises on purpose is one line, not a trace."""
    try:
        cli()
    except WeftError as error:
        click.echo(f"weft: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
