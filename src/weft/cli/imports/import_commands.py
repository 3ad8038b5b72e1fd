"""`weft import` and its options. See `weft.cli.main`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from weft.runlog.private_files import PRIVATE_UMASK

_ARCHIVE = "archive"

_project = click.option(
    "--project", metavar="[ENTITY/]PROJECT", help="Where to  [default: the project in W&B]"
)
_folder = click.option(
    "--to",
    "folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Only write run directories to FOLDER/weft, for a later `weft sync`.",
)
_base_url = click.option("--base-url", help="Server to send to  [default: as for a run]")
_as_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


class _ImportGroup(click.Group):
    """Takes `weft import FILE` as `weft import archive FILE`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        names = ctx.help_option_names
        if args and args[0] not in self.commands and args[0] not in names:
            args = [_ARCHIVE, *args]
        return super().parse_args(ctx, args)


@click.group("import", cls=_ImportGroup, subcommand_metavar="FILE | COMMAND [ARGS]...")
def import_() -> None:
    """Add runs to a server, from an archive or from W&B.

    `weft import FILE` takes an archive that `weft export` wrote, as `weft import archive FILE`
    does.
    """
    # The run directories that it writes are private, as a script's are.
    os.umask(PRIVATE_UMASK)


@import_.command(_ARCHIVE)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--project", metavar="[ENTITY/]PROJECT", help="Where to  [default: as it was]")
@click.option("--skip-existing", is_flag=True, help="Leave out runs that are there already.")
@_base_url
@_as_json
def archive(
    file: Path, project: str | None, base_url: str | None, *, skip_existing: bool, as_json: bool
) -> None:
    """Add the runs of FILE to a server, all of them or none.

    FILE is an archive that `weft export` wrote.
    """
    from weft.cli.imports.archive import import_archive

    sys.exit(
        import_archive(
            file, project, base_url=base_url, skip_existing=skip_existing, as_json=as_json
        )
    )


@import_.command("wandb")
@click.argument("paths", nargs=-1, metavar="[DIR]...", type=click.Path(path_type=Path))
@_project
@_folder
@_base_url
@_as_json
def wandb(paths: tuple[Path, ...], **options: Any) -> None:
    """Add runs that W&B's client left on this machine.

    DIR is a run directory (`run-…`, `offline-run-…`), a folder `wandb` with several, or a single
    `.wandb` file; by default, this folder's `wandb`. What is there already is not added twice.
    """
    from weft.cli.imports.wandb_import import import_wandb

    sys.exit(import_wandb(list(paths) or [Path()], **options))


@import_.command("wandb-server")
@click.argument("url")
@click.argument("path", metavar="ENTITY/PROJECT")
@click.option("--api-key", envvar="WANDB_API_KEY", show_envvar=True, help="Key of the W&B server.")
@click.option(
    "--runs", "run_ids", multiple=True, metavar="RUN", help="Only this run; may be repeated."
)
@_project
@_folder
@_base_url
@_as_json
def wandb_server(**options: Any) -> None:
    """Copy the runs of a project from the W&B server at URL, with their artifacts.

    It takes all that the server's API tells of a run: config, summary, every row, files, console
    output, artifact versions, and its state. Runs that are there already get what is new.
    """
    from weft.cli.imports.wandb_import import import_wandb_server

    sys.exit(import_wandb_server(**options))
