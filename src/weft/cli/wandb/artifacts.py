"""`wandb artifact`: W&B's options of the commands for artifacts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from weft.cli.wandb.options import unneeded


@click.group()
def artifact() -> None:
    """Keep and fetch versions of datasets and models."""


@artifact.command("put")
@click.option("--name", "-n", help="[[ENTITY/]PROJECT/]NAME  [default: the name of the path]")
@click.option("--description", "-d", help="A text for readers.")
@click.option("--type", "-t", "type_", default="dataset", show_default=True, help="Its type.")
@click.option("--alias", "-a", "aliases", multiple=True, help="Alias of it; may be repeated.")
@click.option("--id", "run_id", help="The run that logs it  [default: a new one]")
@click.option("--resume", is_flag=True, help="Continue the last run of this folder.")
@unneeded("--skip_cache", is_flag=True, why="files are linked, not copied")
@unneeded(
    "--policy",
    type=click.Choice(["mutable", "immutable"]),
    why="the command ends when the files are stored, so they can't change before",
)
@click.argument("path")
def put_version(*, resume: bool, **options: Any) -> None:
    """Log a file, a folder or an address as a version of an artifact."""
    from weft.cli.artifacts.versions import put_artifact

    sys.exit(
        put_artifact(**options, base_url=None, resume="auto" if resume else None, as_json=False)
    )


@artifact.command("get")
@click.option("--root", type=click.Path(path_type=Path, file_okay=False), help="Where to.")
@click.option("--type", "type_", help="Refuse a version of another type.")
@click.argument("path")
def get_version(path: str, root: Path | None, type_: str | None) -> None:
    """Download a version."""
    from weft.cli.artifacts.versions import get_artifact

    sys.exit(get_artifact(path, root, "", None, type_=type_, as_json=False))


@artifact.command()
@click.option("--type", "-t", "type_", help="Only artifacts of this type.")
@click.argument("path")
def ls(path: str, type_: str | None) -> None:
    """List the artifacts of a project, the versions of one, or the files of a version."""
    from weft.cli.artifacts.versions import list_artifacts

    sys.exit(list_artifacts(path, type_, None, as_json=False))


@artifact.group()
def cache() -> None:
    """Clean the cache of downloaded artifacts."""


@cache.command()
@click.argument("target_size")
@unneeded("--remove-temp/--no-remove-temp", default=False, why="unfinished files go by themselves")
def cleanup(target_size: str) -> None:
    """Remove what was used longest ago, until at most TARGET_SIZE is left, such as 5GB."""
    from weft.cli.artifacts.artifact_cache import clean_cache

    sys.exit(clean_cache(target_size, as_json=False))
