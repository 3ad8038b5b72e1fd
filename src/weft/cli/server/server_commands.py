"""`weft server` with its upkeep, `weft ui`, and their options. See `weft.cli.main`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from weft.cli.server.user_commands import data_options, resolve_data, user
from weft.runlog.private_files import PRIVATE_UMASK

if TYPE_CHECKING:
    from weft.cli.server.upkeep import Upkeep


class PortNumber(click.IntRange):
    """A port; explains what Kubernetes puts into the variable of a Service `weft-server`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and value.startswith("tcp://"):
            self.fail(
                f"{value} is not a port. Kubernetes sets WEFT_SERVER_PORT in every pod if a "
                "Service is called weft-server: give the Service another name, or set "
                "enableServiceLinks: false for the pod, or give --port",
                param,
                ctx,
            )
        return super().convert(cast("Any", value), param, ctx)


@click.group(invoke_without_command=True)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar="WEFT_SERVER_HOST",
    show_envvar=True,
    help="Address to listen on; beyond loopback every request needs the token.",
)
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=PortNumber(0, 65535),
    envvar="WEFT_SERVER_PORT",
    show_envvar=True,
    help="0 = any free port.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="WEFT_SERVER_DATA",
    show_envvar=True,
    help="Data directory  [default: ~/.local/share/weft]",
)
@click.option(
    "--metadata-url",
    envvar="WEFT_SERVER_METADATA_URL",
    show_envvar=True,
    help="SQLAlchemy address of the metadata database  [default: SQLite in --data]",
)
@click.option(
    "--files-url",
    envvar="WEFT_SERVER_FILES_URL",
    show_envvar=True,
    help="Bucket that keeps the contents of files, s3://BUCKET/PREFIX  [default: where they are; "
    "at first in --data]",
)
@click.option(
    "--direct-downloads",
    is_flag=True,
    envvar="WEFT_SERVER_DIRECT_DOWNLOADS",
    show_envvar=True,
    help="Let scripts download from the bucket of --files-url itself, if they reach it.",
)
@click.option(
    "--public-url",
    envvar="WEFT_SERVER_PUBLIC_URL",
    show_envvar=True,
    help="Address that people use, where it is another than host and port.",
)
@click.option(
    "--trash-days",
    default=30.0,
    show_default=True,
    type=click.FloatRange(0, 36_500),
    envvar="WEFT_SERVER_TRASH_DAYS",
    show_envvar=True,
    help="How long deleted runs can be brought back; 0 = they are gone at once.",
)
@click.option(
    "--upload-quota",
    metavar="SIZE",
    envvar="WEFT_SERVER_UPLOAD_QUOTA",
    show_envvar=True,
    help="What the projects of each user may take, such as 500GB  [default: no limit]",
)
@click.option(
    "--disk-reserve",
    metavar="SIZE",
    envvar="WEFT_SERVER_DISK_RESERVE",
    show_envvar=True,
    help="What uploads leave free on the disk of --data  [default: 256MB, or 2% of a small disk]",
)
@click.option(
    "--slow-secs",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0),
    envvar="WEFT_SERVER_SLOW_SECS",
    show_envvar=True,
    help="Log each request whose answer begins later than this.",
)
@click.option(
    "--access-log",
    is_flag=True,
    envvar="WEFT_SERVER_ACCESS_LOG",
    show_envvar=True,
    help="Log every request.",
)
@click.pass_context
def server(
    context: click.Context,
    host: str,
    port: int,
    data: Path | None,
    metadata_url: str | None,
    files_url: str | None,
    public_url: str | None,
    trash_days: float,
    upload_quota: str | None,
    disk_reserve: str | None,
    slow_secs: float,
    access_log: bool,
    direct_downloads: bool,
) -> None:
    """Serve the API and the web app, or maintain a server's data."""
    # Makes files that libraries create private, too.
    os.umask(PRIVATE_UMASK)
    if context.invoked_subcommand is not None:
        return
    _warn_of_typos(context)
    _disable_garbage_collection()
    from weft.cli.server.claim import claimed
    from weft.records.sizes import parse_size
    from weft.server.settings import ServerSettings, default_data_directory

    is_default = data is None
    settings = ServerSettings(
        data=(data or default_data_directory()).absolute(),
        host=host,
        port=port,
        metadata_url=metadata_url,
        files_url=files_url,
        direct_downloads=direct_downloads,
        public_url=public_url,
        trash_days=trash_days,
        upload_quota_bytes=None if upload_quota is None else parse_size(upload_quota),
        disk_reserve_bytes=None if disk_reserve is None else parse_size(disk_reserve),
        slow_secs=slow_secs,
        access_log=access_log,
    )
    with claimed(settings, announce=is_default) as claim:
        from weft.cli.server.serve import run_server

        sys.exit(run_server(settings, claim))


def _warn_of_typos(context: click.Context) -> None:
    from weft.records.nearest import mistyped_variables

    names = [str(parameter.envvar) for parameter in context.command.params if parameter.envvar]
    for warning in mistyped_variables(os.environ, "WEFT_SERVER_", names):
        click.echo(f"weft: WARNING {warning}", err=True)


def _upkeep(data: Path | None, metadata_url: str | None, *, as_json: bool) -> Upkeep:
    from weft.cli.server.upkeep import Upkeep

    return Upkeep(*resolve_data(data, metadata_url), as_json=as_json)


server.add_command(user)


@server.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be freed.")
@data_options
def gc(data: Path | None, metadata_url: str | None, *, as_json: bool, dry_run: bool) -> None:
    """Remove unused data.

    Trash that is older than its time, and what kills and full disks left: contents that no file
    has, parts of metric files that no chunk has. Deletions need none of this: their space comes
    back at once. Works while the server runs.
    """
    sys.exit(_upkeep(data, metadata_url, as_json=as_json).gc(dry_run=dry_run))


@server.command()
@data_options
def check(data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Look at every byte, and name the run and metric of what is damaged.

    Both databases, each part of each metric file by checksum and content, each file's content.
    Changes nothing; works while the server runs. Exit code 1: something is damaged.
    """
    sys.exit(_upkeep(data, metadata_url, as_json=as_json).check())


@server.command()
@click.argument("destination", type=click.Path(path_type=Path, file_okay=False))
@data_options
def backup(
    destination: Path, data: Path | None, metadata_url: str | None, *, as_json: bool
) -> None:
    """Make a consistent copy of all data in a new folder of DESTINATION.

    Works while the server runs, however busy. Files' contents are hard links where that is
    possible, so that many backups in one DESTINATION cost little more than one.
    """
    sys.exit(_upkeep(data, metadata_url, as_json=as_json).backup(destination))


@server.command()
@click.argument("source", type=click.Path(path_type=Path, file_okay=False, exists=True))
@data_options
def restore(source: Path, data: Path | None, metadata_url: str | None, *, as_json: bool) -> None:
    """Restore a backup, or the newest in the folder SOURCE, to a new data directory.

    What was logged after the backup comes again from the logs of the scripts' machines, as soon
    as they reach the server.
    """
    sys.exit(_upkeep(data, metadata_url, as_json=as_json).restore(source))


@server.command("move-files")
@click.argument("destination")
@data_options
def move_files(
    destination: str, data: Path | None, metadata_url: str | None, *, as_json: bool
) -> None:
    """Move the contents of files to DESTINATION: s3://BUCKET/PREFIX, or local.

    The server must be stopped, and finds them from its next start on. Each content is checked by
    its hash. Start an interrupted move again to continue it.
    """
    sys.exit(_upkeep(data, metadata_url, as_json=as_json).move_files(destination))


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
