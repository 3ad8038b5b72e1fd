"""The commands `weft registry` and `weft artifact link`. Does network I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import click
import msgspec

from weft.cli.connect import connect
from weft.cli.reports import print_json, print_report
from weft.cli.text_table import format_table
from weft.client.api_client import ApiClient
from weft.client.artifact_client import VersionTarget
from weft.errors import UsageError
from weft.records.files.artifacts import LinkTarget, parse_artifact_path, parse_link_target
from weft.records.ids import REGISTRY
from weft.records.times import shown_time
from weft.sdk.reading.paths import ProjectName, project_name
from weft.sdk.setup.precedence import read_settings
from weft.sync.addresses.server_address import require_server
from weft.wire.artifacts import registries as endpoints
from weft.wire.artifacts.artifacts import (
    MAX_CHANGES,
    ArtifactChange,
    delete_collection,
    delete_version,
    get_artifact_history,
    list_artifacts,
    list_versions,
)
from weft.wire.artifacts.registries import (
    GivenRole,
    RegistryEdit,
    delete_registry,
    edit_registry,
    get_registry,
    put_registry,
)
from weft.wire.server.teams import NewVisibility

_HIDDEN: Final = "a version of a project that you can't see"


def link_version(
    name: str, target: str, aliases: Sequence[str], base_url: str | None, *, as_json: bool
) -> int:
    """Link a version to a collection of a registry or project; the exit code is 0."""
    settings = read_settings({})
    default = ProjectName(settings.entity or "local", settings.project)
    source = VersionTarget(*parse_artifact_path(name, *project_name(None, default)))
    version = _client(base_url).artifacts.link(source, str(parse_link_target(target)), aliases)
    shown = f"{version.entity}/{version.project}/{version.name}:{version.version}"
    return print_report(
        {"name": shown, "aliases": version.aliases},
        f"{shown}  {', '.join(version.aliases)}",
        as_json=as_json,
    )


def unlink_version(name: str, base_url: str | None) -> int:
    """Take out a link; the exit code is 0."""
    target = _version(name)
    _client(base_url).call(delete_version, *target, with_aliases=True)
    click.echo(f"{'/'.join(target[:3])}:{target.ref} is unlinked")
    return 0


def list_registries(name: str | None, base_url: str | None, *, as_json: bool) -> int:
    """Print all registries, or the collections of one."""
    client = _client(base_url)
    if name is not None:
        client.call(get_registry, name)  # raises NotFound if it does not exist
        pages = client.pages(list_artifacts, REGISTRY, name, limit=1000)
        collections = [collection for page in pages for collection in page.collections]
        rows = [
            [collection.name, collection.type, collection.n_versions, _stages(collection.aliases)]
            for collection in collections
        ]
        table = format_table(["collection", "type", "versions", "aliases"], rows)
        return print_report(collections, table, as_json=as_json)
    registries = client.call(endpoints.list_registries).registries
    rows = [
        [
            registry.name,
            registry.n_collections,
            registry.n_versions,
            registry.role,
            registry.description.partition("\n")[0],
        ]
        for registry in registries
    ]
    head = ["registry", "collections", "versions", "your role", "description"]
    return print_report(registries, format_table(head, rows), as_json=as_json)


def show_registry(name: str, base_url: str | None, *, as_json: bool) -> int:
    """Print a registry, or a collection with its history."""
    client = _client(base_url)
    if "/" in name:
        _show_collection(client, name, as_json=as_json)
        return 0
    registry = client.call(get_registry, name)
    if as_json:
        return print_json(registry)
    rows = [
        ["description", registry.description or "-"],
        ["collections", str(registry.n_collections)],
        ["versions", str(registry.n_versions)],
        ["protected aliases", ", ".join(registry.protected_aliases) or "-"],
        ["visibility", registry.visibility],
        *(
            [["role of others", registry.default_role]]
            if registry.visibility != "restricted"
            else []
        ),
        *([f"role of {user}", role] for user, role in registry.members.items()),
        *([f"role of the team {team}", role] for team, role in registry.teams.items()),
        ["your role", registry.role],
    ]
    click.echo(format_table([REGISTRY, registry.name], rows))
    return 0


def create_registry(
    name: str, description: str, base_url: str | None, *, is_restricted: bool
) -> int:
    """Create a registry; the exit code is 0."""
    edit = RegistryEdit(
        description=description or msgspec.UNSET,
        visibility="restricted" if is_restricted else msgspec.UNSET,
    )
    registry = _client(base_url).call(put_registry, name, edit)
    click.echo(f"{REGISTRY}/{registry.name}")
    return 0


def promote_version(name: str, alias: str, expected: str | None, base_url: str | None) -> int:
    """Move an alias to a version; the exit code is 0."""
    edit: dict[str, Any] = {"add_aliases": [alias]}
    if expected is not None:
        edit["seen_aliases"] = {alias: expected}
    version = _client(base_url).artifacts.edit(_version(name), edit)
    click.echo(f"{version.entity}/{version.project}/{version.name}:{version.version}  {alias}")
    return 0


def protect_aliases(name: str, aliases: Sequence[str], base_url: str | None, *, off: bool) -> int:
    """Protect aliases of a registry, or no longer; the exit code is 0."""
    edit = RegistryEdit(unprotect=list(aliases)) if off else RegistryEdit(protect=list(aliases))
    registry = _client(base_url).call(edit_registry, name, edit)
    click.echo(f"protected in {name}: {', '.join(registry.protected_aliases) or 'none'}")
    return 0


def give_role(
    name: str, role: str, user: str | None, team: str | None, base_url: str | None
) -> int:
    """Give a user or a team's members a role, or set everyone else's; the exit code is 0."""
    if user is not None and team is not None:
        raise UsageError("name a user or a team, not both")
    if user is None and team is None and role == "default":
        raise UsageError("name the user or team whose role is taken away")
    new_role = cast("GivenRole | None", None if role == "default" else role)
    if user is not None:
        edit = RegistryEdit(members={user: new_role})
    elif team is not None:
        edit = RegistryEdit(teams={team: new_role})
    else:
        edit = RegistryEdit(default_role=cast("GivenRole", role))
    registry = _client(base_url).call(edit_registry, name, edit)
    roles = registry.members if team is None else registry.teams
    who = user or (f"the team {team}" if team else "all others")
    others = registry.default_role if registry.visibility != "restricted" else "no role"
    click.echo(f"{who}: {roles.get(user or team or '', others)} in {name}")
    return 0


def show_to(name: str, visibility: str, base_url: str | None) -> int:
    """Set who sees a registry; the exit code is 0."""
    edit = RegistryEdit(visibility=cast("NewVisibility", visibility))
    registry = _client(base_url).call(edit_registry, name, edit)
    click.echo(f"{name} is {registry.visibility}")
    return 0


def remove_registry(name: str, base_url: str | None) -> int:
    """Delete a collection, or a registry that has none; the exit code is 0."""
    client = _client(base_url)
    if "/" in name:
        client.call(delete_collection, *_collection_of_registry(name))
    else:
        client.call(delete_registry, name)
    click.echo(f"{name} is deleted")
    return 0


def _show_collection(client: ApiClient, name: str, *, as_json: bool) -> None:
    collection = _collection_of_registry(name)
    pages = client.pages(list_versions, *collection, limit=1000)
    versions = [version for page in pages for version in page.versions]
    changes = client.call(get_artifact_history, *collection, limit=MAX_CHANGES).changes
    if as_json:
        report = {
            "versions": msgspec.to_builtins(versions),
            "history": msgspec.to_builtins(changes),
        }
        print_json(report)
        return
    rows: list[list[Any]] = []
    for version in versions:
        source = version.source
        shown = ""
        if source is not None and source.is_hidden:
            shown = _HIDDEN
        elif source is not None:
            shown = f"{source.entity}/{source.project}/{source.name}:{source.version}"
        linked = "" if source is None else shown_time(source.linked_micros)
        rows.append([version.version, shown, ", ".join(version.aliases), linked])
    click.echo(format_table(["version", "points to", "aliases", "linked"], rows))
    click.echo()
    moves = [
        [shown_time(change.changed_micros), change.user, _change(change)] for change in changes
    ]
    click.echo(format_table(["when", "who", "what"], moves))


def _change(change: ArtifactChange) -> str:
    if change.action == "link":
        return f"linked {change.source or _HIDDEN} as {change.to_version}"
    if change.action == "unlink":
        return f"unlinked {change.from_version}, {change.source or _HIDDEN}"
    if change.action == "delete":
        return f"deleted {change.from_version}"
    if change.action == "describe":
        return f"described {change.to_version or 'the collection'}"
    if change.to_version is None:
        return f"took {change.alias} from {change.from_version}"
    return (
        f"moved {change.alias} from {change.from_version or 'no version'} to {change.to_version}"
    )


def _stages(aliases: dict[str, str]) -> str:
    return ", ".join(f"{alias} {version}" for alias, version in aliases.items())


def _version(name: str) -> VersionTarget:
    before, colon, ref = name.partition(":")
    if not colon:
        raise UsageError(f"name the version: {name}:v0")
    return VersionTarget(*parse_link_target(before), ref)


def _collection_of_registry(name: str) -> LinkTarget:
    collection = parse_link_target(name)
    if collection.entity != REGISTRY:
        raise UsageError(f"{name} is not a collection of a registry")
    return collection


def _client(base_url: str | None) -> ApiClient:
    return connect(require_server(base_url))
