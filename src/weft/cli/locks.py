"""`weft lock` and `weft unlock`: protect runs and versions of artifacts from deletion."""

from __future__ import annotations

import click

from weft.cli.options import BASE_URL

_NAMES = click.argument("names", metavar="RUN | NAME:VERSION", nargs=-1, required=True)


@click.command()
@_NAMES
@BASE_URL
def lock(names: tuple[str, ...], base_url: str | None) -> None:
    """Protect runs and versions from deletion.

    They stay until `weft unlock`. A run is named as in mnist/ab12cd34, a version of an artifact
    as in mnist/net:v3.
    """
    _set_locks(names, base_url, is_locked=True)


@click.command()
@_NAMES
@BASE_URL
def unlock(names: tuple[str, ...], base_url: str | None) -> None:
    """Make runs and versions deletable again.

    The user who locked them may, and admins of the project.
    """
    _set_locks(names, base_url, is_locked=False)


def _set_locks(names: tuple[str, ...], base_url: str | None, *, is_locked: bool) -> None:
    from weft.cli.artifacts.versions import find_artifact
    from weft.cli.connect import find_run

    for name in names:
        thing = find_artifact(name, base_url) if ":" in name else find_run(name, base_url)
        thing.lock() if is_locked else thing.unlock()
        user = f"locked by {thing.locked_by}" if thing.locked_by else "not locked"
        click.echo(f"{name} is {user}")
