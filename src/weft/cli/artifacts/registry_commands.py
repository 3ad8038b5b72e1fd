"""`weft registry` and its options. See `weft.cli.main`."""

from __future__ import annotations

import sys

import click

from weft.cli.options import BASE_URL, JSON


@click.group()
def registry() -> None:
    """Manage registries and the roles of their users.

    A registry has collections for all projects. Their versions point to versions of projects:
    `weft artifact link` adds one. Stages such as staging and production are aliases.
    """


@registry.command()
@click.argument("name", required=False, metavar="[REGISTRY]")
@BASE_URL
@JSON
def ls(name: str | None, base_url: str | None, *, as_json: bool) -> None:
    """List the registries, or the collections of one."""
    from weft.cli.artifacts.registries import list_registries

    sys.exit(list_registries(name, base_url, as_json=as_json))


@registry.command()
@click.argument("name", metavar="REGISTRY[/COLLECTION]")
@BASE_URL
@JSON
def show(name: str, base_url: str | None, *, as_json: bool) -> None:
    """Show who may do what in a registry, or the versions and the history of a collection."""
    from weft.cli.artifacts.registries import show_registry

    sys.exit(show_registry(name, base_url, as_json=as_json))


@registry.command()
@click.argument("name", metavar="REGISTRY")
@click.option("--description", "-d", default="", help="A text for readers.")
@click.option("--restricted", is_flag=True, help="Show it only to its members and teams.")
@BASE_URL
def create(name: str, description: str, base_url: str | None, *, restricted: bool) -> None:
    """Create a registry, of which you are then an admin.

    The registries model and dataset need not be created.
    """
    from weft.cli.artifacts.registries import create_registry

    sys.exit(create_registry(name, description, base_url, is_restricted=restricted))


@registry.command()
@click.argument("name", metavar="REGISTRY")
@click.argument("visibility", type=click.Choice(["open", "restricted", "public"]))
@BASE_URL
def visibility(name: str, visibility: str, base_url: str | None) -> None:
    """Set who sees a registry.

    `open`: all users of the server; `restricted`: its members, the members of its teams, and
    administrators; `public`: also those who are not signed in.
    """
    from weft.cli.artifacts.registries import show_to

    sys.exit(show_to(name, visibility, base_url))


@registry.command()
@click.argument("name", metavar="REGISTRY/COLLECTION:VERSION")
@click.argument("alias")
@click.option(
    "--from", "expected", metavar="VERSION", help="Fail if the alias is elsewhere by now."
)
@BASE_URL
def promote(name: str, alias: str, expected: str | None, base_url: str | None) -> None:
    """Move an alias to a version, as in `weft registry promote model/digits:v3 production`."""
    from weft.cli.artifacts.registries import promote_version

    sys.exit(promote_version(name, alias, expected, base_url))


@registry.command()
@click.argument("name", metavar="REGISTRY")
@click.argument("aliases", nargs=-1, required=True, metavar="ALIAS...")
@click.option("--off", is_flag=True, help="Have all members move them again.")
@BASE_URL
def protect(name: str, aliases: tuple[str, ...], base_url: str | None, *, off: bool) -> None:
    """Have only admins of a registry move some aliases."""
    from weft.cli.artifacts.registries import protect_aliases

    sys.exit(protect_aliases(name, aliases, base_url, off=off))


@registry.command()
@click.argument("name", metavar="REGISTRY")
@click.argument("role", type=click.Choice(["viewer", "member", "admin", "default"]))
@click.argument("user", required=False)
@click.option("--team", help="The team whose members get the role.")
@BASE_URL
def role(name: str, role: str, user: str | None, team: str | None, base_url: str | None) -> None:
    """Give a user or a team a role in a registry, or all users who have none of their own.

    A viewer reads; a member also links, unlinks and moves aliases that are not protected; an
    admin may do anything. As in `weft registry role model admin ada`; without a user,
    `weft registry role model viewer` sets the role of all others, who have none in a restricted
    registry. `default` takes a role away.
    """
    from weft.cli.artifacts.registries import give_role

    sys.exit(give_role(name, role, user, team, base_url))


@registry.command()
@click.argument("name", metavar="REGISTRY[/COLLECTION]")
@BASE_URL
def rm(name: str, base_url: str | None) -> None:
    """Delete a collection with all its links, or a registry that has no collections."""
    from weft.cli.artifacts.registries import remove_registry

    sys.exit(remove_registry(name, base_url))
