"""Links versions to collections of registries and projects, also at the request of run logs.

Called by `services.artifacts` for a request of a user, by `services.ingest` after a log asked for
a link, and by `storing` once the version that a log wants to link is stored. A link that a log
asks for is made once: it is noted under its position in the log, and stays noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weft.errors import ConfigError, Conflict, Forbidden, NotFound
from weft.records.files.artifacts import (
    DEFAULT_REGISTRIES,
    LATEST,
    LinkTarget,
    parse_artifact_path,
    parse_link_target,
)
from weft.records.ids import REGISTRY
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath, holder_of
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.artifacts.aliases import check_expected, move_aliases, moved_aliases
from weft.server.services.artifacts.roles import require_member
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import (
    ActivityObject,
    ArtifactRow,
    LinkPlace,
    LinkRequestRow,
    MetadataStore,
    RegistryRow,
    Transaction,
    clean_text,
)
from weft.wire.artifacts.registries import MEMBER

DEFAULT_ROLE = MEMBER
"""The role of users who are not members in a new registry."""


def find_registry(stores: Stores, tx: Transaction, actor: Actor, name: str) -> RegistryRow:
    """A registry that an actor may see, by its name; one of `DEFAULT_REGISTRIES` is created if it
    is missing.
    """
    registry = stores.metadata.registries.find_registry(tx, name)
    if registry is None and name in DEFAULT_REGISTRIES:
        make_registry(stores, tx, name)
        registry = stores.metadata.registries.find_registry(tx, name)
    if registry is None or not may(actor, Action.READ, RegistryPath(name)):
        visible = [
            row.name
            for row in stores.metadata.registries.all(tx)
            if may(actor, Action.READ, RegistryPath(row.name))
        ]
        hidden = {name} if registry is not None else set[str]()
        names = ", ".join(
            name for name in dict.fromkeys([*DEFAULT_REGISTRIES, *visible]) if name not in hidden
        )
        raise NotFound(
            f"no registry {name!r}: there are {names}; `weft registry create` makes others"
        )
    return registry


def make_registry(stores: Stores, tx: Transaction, name: str) -> bool:
    """Make a registry; False if there is one of that name."""
    project_id = stores.metadata.projects.make(tx, REGISTRY, name, stores.now())
    is_new = stores.metadata.registries.add_registry(tx, project_id, DEFAULT_ROLE)
    if is_new:
        stores.people.changed(tx)
    return is_new


def linking_right(source: ProjectPath) -> Action:
    """The action that links of a project's versions take. A link shows the version to all who may
    read its target, so it takes more than reading; what a registry has is shown already.
    """
    return Action.READ if source.entity == REGISTRY else Action.LOG


def link_version(
    stores: Stores,
    tx: Transaction,
    actor: Actor,
    source: ArtifactRow,
    target: LinkTarget,
    aliases: Iterable[str],
    *,
    user: str,
    expected: Mapping[str, str | None] | None = None,
) -> int:
    """Have a version of a registry, or of a project, point to a stored version.

    Returns its row id. `tx` has locked the source. A version that the collection has already gets
    no second number: only its aliases move. Conflict if the collection has another type, or
    versions that were logged.
    """
    metadata = stores.metadata
    project_id = _target_project(stores, tx, actor, target)
    origin = metadata.collections.get(tx, source.collection_id)
    type_ = origin.type
    row_id = metadata.collections.make(
        tx, project_id, target.name, type_, stores.now(), has_links=True
    ).row_id
    collection = metadata.collections.get(tx, row_id, for_update=True)
    if not collection.has_links:
        raise Conflict(
            f"{target} has versions that were logged: link to a collection with another name"
        )
    if collection.type != type_:
        raise Conflict(f"{target} has versions of the type {collection.type}, not {type_}")
    before = metadata.collections.aliases(tx, collection.row_id)
    check_expected(expected or {}, before)
    moving = list(dict.fromkeys(aliases))
    link_id = metadata.links.find_link(tx, collection.row_id, source.row_id)
    existing = None if link_id is None else metadata.artifacts.by_id(tx, link_id)
    version = None if existing is None else existing.version
    require_member(stores, tx, actor, collection, moved_aliases(before, version, moving, ()))
    if link_id is None:
        version = metadata.collections.take_number(tx, collection)
        link_id = metadata.links.add_link(
            tx, collection.row_id, version, source, user, stores.now()
        )
        metadata.collections.note_change(
            tx, collection.row_id, stores.now(), user, "link",
            to_version=version, source=version_path(stores, tx, source.row_id),
        )  # fmt: skip
        moving.append(LATEST)
        linked = ActivityObject(f"{origin.name}:v{source.version}", type=origin.type)
        stores.activity.note(
            tx, origin.project_id, actor.user, "artifact.link", [linked],
            to=str(target._replace(entity=actor.named(target.entity))),
        )  # fmt: skip
    move_aliases(stores, tx, collection.row_id, link_id, version, moving, before=before, user=user)
    return link_id


def _target_project(stores: Stores, tx: Transaction, actor: Actor, target: LinkTarget) -> int:
    """The row id of a target's project. One that is not a registry is made if it is missing."""
    if target.entity == REGISTRY:
        return find_registry(stores, tx, actor, target.project).row_id
    project = ProjectPath(actor.named(target.entity), target.project)
    require(actor, Action.LOG, project)
    return stores.metadata.projects.make(tx, *project.check(), stores.now())


def unlink_version(stores: Stores, tx: Transaction, row: ArtifactRow, user: str) -> None:
    """Take out a link. What it points to stays.

    Its number is never given again. `latest` goes to the newest version that is left.
    """
    metadata = stores.metadata
    source = version_path(stores, tx, metadata.links.source_id(tx, row.row_id))
    metadata.links.remove(tx, row.row_id)
    metadata.artifacts.note_deleted(tx, row.row_id)
    metadata.collections.note_change(
        tx, row.collection_id, stores.now(), user, "unlink", "", row.version, None, source
    )
    newest = metadata.artifacts.newest(tx, row.collection_id)
    if LATEST in row.aliases and newest is not None:
        metadata.collections.put_alias(tx, row.collection_id, LATEST, newest.row_id)


def version_path(stores: Stores, tx: Transaction, row_id: int) -> str:
    """The name of a version: `entity/project/name:v3`."""
    for node in stores.metadata.artifact_uses.artifact_nodes(tx, [row_id]):
        return f"{node.entity}/{node.project}/{node.name}:v{node.version}"
    return ""


def source_for(actor: Actor, source: str) -> str | None:
    """The name of a version as `version_path` makes it; None if the actor may not see it."""
    entity, _, rest = source.partition("/")
    project = ProjectPath(entity, rest.partition("/")[0])
    return source if source and may(actor, Action.READ, holder_of(project)) else None


def check_unlinked(actor: Actor, links: Iterable[LinkPlace], subject: str) -> None:
    """Refuse with Conflict a deletion if links point to the thing, `subject` in the message. It
    names no link that the actor may not see.
    """
    all_links = [*links]
    names = [
        f"{link.entity}/{link.project}/{link.name}:v{link.version}"
        for link in all_links
        if may(actor, Action.READ, holder_of(ProjectPath(link.entity, link.project)))
    ]
    if all_links and not names:
        raise Conflict(
            f"{subject} is linked where you may not look: ask an administrator to unlink it first"
        )
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        where = "in a registry, " if names[0].startswith(f"{REGISTRY}/") else ""
        raise Conflict(
            f"{subject} is linked {where}as {names[0]}{more}: unlink it there first "
            f"(`weft artifact unlink {names[0]}`)"
        )


def refusal_of_key(
    metadata: MetadataStore,
    tx: Transaction,
    actor: Actor,
    target: LinkTarget,
    aliases: Iterable[str],
) -> str | None:
    """The reason why the key of an upload may not have its log link to a target, or None.

    Links are made later, as the user whose log it is, when the key is not at hand. A key of scope
    `log` may link, which scripts do; moving a protected alias takes `admin`.
    """
    key = actor.key
    if key is None or key.is_whole:
        return None
    project = target.project if target.entity == REGISTRY else None
    if key.entity is not None:
        entity = actor.named(target.entity)
        if entity != key.entity or key.project not in {None, target.project}:
            limit = key.entity if key.project is None else f"{key.entity}/{key.project}"
            return f"the key {key.prefix}… may not link to {target}: it is for {limit} alone"
    registry = None if project is None else metadata.registries.find_registry(tx, project)
    if registry is None or key.scope == "admin":
        return None
    protected = metadata.registries.protected(tx, [registry.row_id])[registry.row_id]
    for alias in sorted(set(aliases) & set(protected)):
        return (
            f"the key {key.prefix}… may not move the protected alias {alias!r}: its scope is "
            f"{key.scope}"
        )
    return None


def make_links(stores: Stores, run_row_id: int | None = None) -> None:
    """Make the links that logs asked for and whose versions are stored, of one run or of all."""
    with stores.metadata.read() as tx:
        awaited = stores.metadata.links.awaited(tx, run_row_id)
    for request in awaited:
        try:
            with stores.metadata.write() as tx:
                _make_link(stores, tx, request.row_id)
        except (NotFound, Forbidden, Conflict, ConfigError) as error:
            with stores.metadata.write() as tx:
                stores.metadata.links.note_failed(tx, request.row_id, clean_text(str(error)))


def _make_link(stores: Stores, tx: Transaction, request_id: int) -> None:
    metadata = stores.metadata
    request = metadata.links.lock_request(tx, request_id)
    if request is None or request.state != "awaited":
        return
    actor = LOCAL
    if request.user:
        entry = stores.people.current.users.get(request.user)
        is_admin = entry is not None and entry.is_admin
        actor = Actor("user", request.user, is_admin=is_admin, people=stores.people)
    source = _source_of(stores, tx, actor, request)
    if source is None:
        return
    run = metadata.runs.get_by_id(tx, request.run_row_id, for_update=False)
    by = f" of {request.user}" if request.user else ""
    link_id = link_version(
        stores, tx, actor, source, parse_link_target(request.target), request.aliases,
        user=f"run {run.run}{by}" if run is not None else request.user,
    )  # fmt: skip
    metadata.links.note_made(tx, request_id, link_id)


def _source_of(
    stores: Stores, tx: Transaction, actor: Actor, request: LinkRequestRow
) -> ArtifactRow | None:
    """The version that a request links, locked; None while it is still being sent."""
    artifacts = stores.metadata.artifacts
    if request.folder:
        row = artifacts.by_folder(tx, request.run_row_id, request.folder)
        if row is None or row.state in {"announced", "awaited", "part"}:
            return None
        row_id = row.row_id if row.same_as is None else row.same_as
        if row.state == "failed":
            raise NotFound(f"its version can't be stored: {row.error}")
    else:
        path = parse_artifact_path(request.source)
        project = ProjectPath(actor.named(path.entity), path.project)
        if not may(actor, linking_right(project), holder_of(project)):
            raise Forbidden(f"user {actor.user} may not use {project}")
        requested = artifacts.find_version(tx, *project, path.name, path.ref)
        if requested is None:
            raise NotFound(f"no artifact {request.source}")
        row_id = stores.metadata.links.source_id(tx, requested.row_id)
    source = artifacts.by_id(tx, row_id, for_update=True)
    if source is None or source.state != "stored":
        raise NotFound("its version was deleted")
    return source
