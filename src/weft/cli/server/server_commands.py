"""`weft server` with its upkeep, `weft ui`, and their options. See `weft.cli.main`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from weft.cli.server.project_commands import project
from weft.cli.server.quota_commands import quota
from weft.cli.server.settings_source import read_server_settings, server_options, variable_warnings
from weft.cli.server.team_commands import access, team
from weft.cli.server.user_commands import (
    data_options,
    init_admin,
    on_server,
    server_options_with,
    user,
)
from weft.runlog.private_files import PRIVATE_UMASK

if TYPE_CHECKING:
    from weft.cli.server.audit import Audit
    from weft.cli.server.upkeep import Upkeep


@click.group(invoke_without_command=True)
@server_options
@click.pass_context
def server(context: click.Context, **options: Any) -> None:
    """Serve the API and the web app, or maintain a server's data.

    Each option can also be a variable, or a line of a settings file: `weft docs server`.
    """
    # Makes files that libraries create private, too.
    os.umask(PRIVATE_UMASK)
    if context.invoked_subcommand is not None:
        return
    for warning in variable_warnings(os.environ):
        click.echo(f"weft: WARNING {warning}", err=True)
    _disable_garbage_collection()
    from weft.cli.server.claim import claimed

    settings, is_default = read_server_settings(options)
    with claimed(settings, announce=is_default) as claim:
        from weft.cli.server.serve import run_server

        sys.exit(run_server(settings, claim))


server.add_command(user)
server.add_command(init_admin)
server.add_command(team)
server.add_command(project)
server.add_command(access)
server.add_command(quota)


@server.command()
@data_options
def doctor(data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Say what is wrong with the settings of a server, and what to do.

    Looks at the settings file, the certificate, the proxy, the address that people use and, of a
    running server, at how people sign in. Changes nothing. Exit code 1: something needs a remedy.
    """
    from weft.cli.server.doctor import examine_server

    sys.exit(examine_server(server_options_with(data, metadata_url), as_json=as_json))


@server.command()
@click.option("--since", metavar="TIME", help="A date, or a period such as 7d, 12h or 30m.")
@click.option("--entity", help="Only what belongs to this user or team.")
@click.option("--actor", metavar="USER", help="Only what this user did.")
@click.option("--action", help="An action such as key.add, or a kind: key.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000))
@on_server("weft.cli.server.audit:Audit")
def audit(log: Audit, **filters: Any) -> None:
    """Show the newest entries of the audit log, the newest last.

    Sign-ins, and changes of people, keys, roles, visibility, settings and shares. With --json,
    an entry on each line. Works while the server runs.
    """
    sys.exit(log.show(**filters))


@server.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
@on_server("weft.cli.server.upkeep:Upkeep")
def gc(upkeep: Upkeep, *, dry_run: bool) -> None:
    """Remove unused data.

    Trash that is older than its time, and what kills and full disks left: contents that no file
    has, parts of metric files that no chunk has. Deletions need none of this: their space comes
    back at once. Works while the server runs.
    """
    sys.exit(upkeep.gc(dry_run=dry_run))


@server.command()
@on_server("weft.cli.server.upkeep:Upkeep")
def check(upkeep: Upkeep) -> None:
    """Look at every byte, and name the run and metric of what is damaged.

    Both databases, each part of each metric file by checksum and content, each file's content.
    Changes nothing; works while the server runs. Exit code 1: something is damaged.
    """
    sys.exit(upkeep.check())


@server.command()
@click.argument("destination", type=click.Path(path_type=Path, file_okay=False))
@on_server("weft.cli.server.upkeep:Upkeep")
def backup(upkeep: Upkeep, destination: Path) -> None:
    """Make a consistent copy of all data in a new folder of DESTINATION.

    Works while the server runs, however busy. Files' contents are hard links where that is
    possible, so that many backups in one DESTINATION cost little more than one.
    """
    sys.exit(upkeep.backup(destination))


@server.command()
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@on_server("weft.cli.server.upkeep:Upkeep")
def restore(upkeep: Upkeep, source: Path) -> None:
    """Restore a backup, or the newest in the folder SOURCE, to a new data directory.

    What was logged after the backup comes again from the logs of the scripts' machines, as soon
    as they reach the server.
    """
    sys.exit(upkeep.restore(source))


@server.command("move-files")
@click.argument("destination")
@on_server("weft.cli.server.upkeep:Upkeep")
def move_files(upkeep: Upkeep, destination: str) -> None:
    """Move the contents of files to DESTINATION: s3://BUCKET/PREFIX, or local.

    The server must be stopped, and finds them from its next start on. Each content is checked by
    its hash. Start an interrupted move again to continue it.
    """
    sys.exit(upkeep.move_files(destination))


@server.command()
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="Data directory of the new server; its weft.toml names the databases and the bucket.",
)
@click.option("--dry-run", is_flag=True, help="Only check the settings, and count.")
@on_server("weft.cli.server.upkeep:Upkeep")
def migrate(upkeep: Upkeep, to: Path, *, dry_run: bool) -> None:
    """Move all data to a new server: other databases, a bucket, or a data directory alone.

    A running server does the move itself. Scripts' uploads wait for the last seconds, and until
    its address leads to the new server. Rows, points and contents are compared on both sides.
    Start an interrupted move again to continue it.
    """
    sys.exit(upkeep.migrate(to, dry_run=dry_run))


@click.command()
@click.argument("directory", default=".", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="0 = any free port  [default: the next free one from 8080]",
)
@click.option("--browser/--no-browser", default=True, help="Open the page in a browser.")
@click.option(
    "--while-stdin-open",
    is_flag=True,
    help="End when standard input does: for a program that starts this one and reads from it.",
)
def ui(
    directory: Path, port: int | None, browser: bool, while_stdin_open: bool
) -> None:  # fmt: skip
    """Show the runs in DIRECTORY, live, without a server of your own."""
    _disable_garbage_collection()
    from weft.cli.server.ui import run_ui

    sys.exit(run_ui(directory, port=port, browser=browser, while_stdin_open=while_stdin_open))


def _disable_garbage_collection() -> None:
    # Garbage collection during the imports takes a seventh of the start-up time and frees nothing.
    # `weft.cli.server.serve` turns it on again once the server serves.
    import gc as collector

    collector.disable()
