"""`weft artifact` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from weft.cli.options import BASE_URL, JSON

_NAME: Final = "[[ENTITY/]PROJECT/]NAME[:VERSION]"


@click.group()
def artifact() -> None:
    """Keep and fetch versions of datasets and models.

    NAME is an artifact, VERSION a version such as v3 or an alias; without it the latest one is
    meant. `weft docs artifacts` explains them.
    """


@artifact.command("put")
@click.argument("path", metavar="PATH | ADDRESS")
@click.option("--name", "-n", help="[[ENTITY/]PROJECT/]NAME  [default: the name of the path]")
@click.option("--type", "-t", "type_", default="dataset", show_default=True, help="Its type.")
@click.option("--alias", "-a", "aliases", multiple=True, help="Alias of it; may be repeated.")
@click.option("--description", "-d", help="A text for readers.")
@click.option("--id", "run_id", help="The run that logs it  [default: a new one]")
@BASE_URL
@JSON
def put_version(**options: Any) -> None:
    """Log a file or folder as a version of an artifact, and wait until it is stored.

    An ADDRESS, such as s3://bucket/folder, is logged as a reference: its content stays there. A
    run that logs the version is made for this. The files may not be changed until the command
    ends: they are linked, not copied.
    """
    from weft.cli.artifacts.versions import put_artifact

    sys.exit(put_artifact(**options))


@artifact.command("get")
@click.argument("name", metavar=_NAME)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put the files  [default: ./artifacts/NAME:VERSION]",
)
@click.option("--prefix", default="", help="Only files whose path begins with this.")
@click.option("--type", "type_", help="Refuse a version of another type.")
@BASE_URL
@JSON
def get_version(**options: Any) -> None:
    """Download a version.

    Each file is checked by its hash. Files that are there already and are right are kept, so a
    download that was interrupted continues.
    """
    from weft.cli.artifacts.versions import get_artifact

    sys.exit(get_artifact(**options))


@artifact.command()
@click.argument("name", required=False, metavar="[[ENTITY/]PROJECT[/NAME[:VERSION]]]")
@click.option("--type", "-t", "type_", help="Only artifacts of this type.")
@BASE_URL
@JSON
def ls(name: str | None, type_: str | None, base_url: str | None, *, as_json: bool) -> None:
    """List the artifacts of a project, the versions of one, or the files of a version."""
    from weft.cli.artifacts.versions import list_artifacts

    sys.exit(list_artifacts(name, type_, base_url, as_json=as_json))


@artifact.command()
@click.argument("name", metavar="[[ENTITY/]PROJECT/]NAME:VERSION")
@click.option("--with-aliases", is_flag=True, help="Also if it has aliases besides latest.")
@BASE_URL
def rm(name: str, base_url: str | None, *, with_aliases: bool) -> None:
    """Delete a version permanently, and free its space at once."""
    from weft.cli.artifacts.versions import remove_version

    sys.exit(remove_version(name, base_url, with_aliases=with_aliases))


@artifact.command()
@click.argument("name", metavar=_NAME)
@click.argument("target", metavar="REGISTRY/COLLECTION")
@click.option("--alias", "-a", "aliases", multiple=True, help="Alias there; may be repeated.")
@BASE_URL
@JSON
def link(
    name: str, target: str, aliases: tuple[str, ...], base_url: str | None, *, as_json: bool
) -> None:
    """Link a version to a collection of a registry.

    As in `weft artifact link digits/net:v3 model/digits -a staging`. A version that is linked
    there already keeps its number: only its aliases move.
    """
    from weft.cli.artifacts.registries import link_version

    sys.exit(link_version(name, target, aliases, base_url, as_json=as_json))


@artifact.command()
@click.argument("name", metavar="REGISTRY/COLLECTION:VERSION")
@BASE_URL
def unlink(name: str, base_url: str | None) -> None:
    """Take a version out of a registry. What it points to stays."""
    from weft.cli.artifacts.registries import unlink_version

    sys.exit(unlink_version(name, base_url))


@artifact.command()
@click.argument("name", metavar=_NAME)
@click.option(
    "--depth",
    default=10,
    show_default=True,
    type=click.IntRange(1, 100),
    help="Steps from a version to a run, or back.",
)
@BASE_URL
@JSON
def lineage(name: str, depth: int, base_url: str | None, *, as_json: bool) -> None:
    """Show which runs and versions a version came from, and what came of it."""
    from weft.cli.artifacts.versions import show_lineage

    sys.exit(show_lineage(name, depth, base_url, as_json=as_json))


@artifact.command()
@click.argument("old", metavar="NAME:VERSION")
@click.argument("new", metavar="[NAME]:VERSION")
@BASE_URL
@JSON
def diff(old: str, new: str, base_url: str | None, *, as_json: bool) -> None:
    """Show which files and metadata differ between two versions.

    As in `weft artifact diff digits/train-data:v3 :v4`. The exit code is 1 if they differ.
    """
    from weft.cli.artifacts.versions import diff_versions

    sys.exit(diff_versions(old, new, base_url, as_json=as_json))


@artifact.command()
@click.argument("name", metavar=_NAME)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder to check  [default: ./artifacts/NAME:VERSION]",
)
@BASE_URL
def verify(name: str, root: Path | None, base_url: str | None) -> None:
    """Check that a folder has the files of a version and no others.

    The exit code is 1 if it has not.
    """
    from weft.cli.artifacts.versions import verify_folder

    sys.exit(verify_folder(name, root, base_url))


@artifact.group()
def cache() -> None:
    """Show or clean the cache of downloaded artifacts.

    Each entry is the content of a file; it takes no space of its own while the file that was
    downloaded is there. WEFT_CACHE_SIZE bounds the cache, WEFT_CACHE_DIR moves it.
    """


@cache.command()
@JSON
def info(*, as_json: bool) -> None:
    """Show where the cache is and how large."""
    from weft.cli.artifacts.artifact_cache import show_cache

    sys.exit(show_cache(as_json=as_json))


@cache.command()
@click.argument("size", default="0")
@JSON
def cleanup(size: str, *, as_json: bool) -> None:
    """Remove what was used longest ago, until at most SIZE is left, such as 5GB.

    Without SIZE all of it is removed.
    """
    from weft.cli.artifacts.artifact_cache import clean_cache

    sys.exit(clean_cache(size, as_json=as_json))
