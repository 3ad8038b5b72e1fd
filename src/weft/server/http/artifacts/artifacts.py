"""Routes of artifacts: collections, versions, what runs logged and used, lineage."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from weft.records.limits import MAX_ID_BYTES
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.wire.artifacts.artifacts import (
    MAX_CHANGES,
    Artifact,
    ArtifactCollection,
    ArtifactEdit,
    ArtifactHistory,
    CollectionEdit,
    CollectionList,
    Lineage,
    RunArtifacts,
    VersionList,
)
from weft.wire.artifacts.registries import NewLink
from weft.wire.runs.runs import MAX_PAGE

routes = Routes("/api/v1/projects/{entity}/{project}", tag="artifacts")

Depth = Annotated[int, Meta(ge=1, le=100, description="steps from a version to a run, or back")]


@routes.get("/artifacts", threads=COSTLY)
def list_artifacts(
    path: ProjectPath,
    services: Services,
    actor: Actor,
    *,
    type: Annotated[  # noqa: A002  the parameter's name in the address
        str | None, Meta(description="only collections of this type")
    ] = None,
    search: Annotated[
        str,
        Meta(
            max_length=MAX_ID_BYTES,
            description="in the name or the description, or in the description, the tags or the "
            "metadata of a version, in upper or lower case",
        ),
    ] = "",
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> CollectionList:
    """List the collections of a project, by name, each with its latest version."""
    return services.artifacts.list(
        actor, path, type_=type, search=search, limit=limit, cursor=cursor
    )


@routes.get("/artifacts/{artifact}")
def get_collection(
    path: ProjectPath, artifact: str, services: Services, actor: Actor
) -> ArtifactCollection:
    """Return a collection with its aliases and its latest version."""
    return services.artifacts.collection(actor, path, artifact)


@routes.patch("/artifacts/{artifact}")
def edit_collection(
    path: ProjectPath, artifact: str, edit: CollectionEdit, services: Services, actor: Actor
) -> ArtifactCollection:
    """Change the description, the tags or the type of a collection."""
    return services.artifacts.edit_collection(actor, path, artifact, edit)


@routes.delete("/artifacts/{artifact}", threads=COSTLY)
def delete_collection(path: ProjectPath, artifact: str, services: Services, actor: Actor) -> None:
    """Delete a collection with all its versions permanently, and free their space at once."""
    services.artifacts.delete_collection(actor, path, artifact)


@routes.get("/artifacts/{artifact}/history")
def get_artifact_history(
    path: ProjectPath,
    artifact: str,
    services: Services,
    actor: Actor,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_CHANGES)] = 100,
) -> ArtifactHistory:
    """Return who moved which alias of a collection, and who deleted versions, newest first."""
    return services.artifacts.history(actor, path, artifact, limit=limit)


@routes.get("/artifacts/{artifact}/versions")
def list_versions(
    path: ProjectPath,
    artifact: str,
    services: Services,
    actor: Actor,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = 100,
    cursor: str | None = None,
) -> VersionList:
    """List the versions of a collection, newest first."""
    return services.artifacts.versions(actor, path, artifact, limit=limit, cursor=cursor)


@routes.get("/artifacts/{artifact}/versions/{version}")
def get_version(
    path: ProjectPath, artifact: str, version: str, services: Services, actor: Actor
) -> Artifact:
    """Return a version, by its name such as `v3`, by an alias, or by its digest."""
    return services.artifacts.get(actor, path, artifact, version)


@routes.patch("/artifacts/{artifact}/versions/{version}")
def edit_version(
    path: ProjectPath,
    artifact: str,
    version: str,
    edit: ArtifactEdit,
    services: Services,
    actor: Actor,
) -> Artifact:
    """Describe a version, tag it, and move aliases to it."""
    return services.artifacts.edit(actor, path, artifact, version, edit)


@routes.delete("/artifacts/{artifact}/versions/{version}")
def delete_version(
    path: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    *,
    with_aliases: Annotated[
        bool, Meta(description="also if it has aliases besides `latest`")
    ] = False,
) -> None:
    """Delete a version permanently, and free its space at once; its number is not used again.

    A version of a registry is unlinked: what it points to stays.
    """
    services.artifacts.delete(actor, path, artifact, version, with_aliases=with_aliases)


@routes.post("/artifacts/{artifact}/versions/{version}/links", status=201)
def link_version(
    path: ProjectPath,
    artifact: str,
    version: str,
    new: NewLink,
    services: Services,
    actor: Actor,
) -> Artifact:
    """Link a version to a collection of a registry, and return the version there.

    One that is linked there already keeps its number: only its aliases move.
    """
    return services.artifacts.link(actor, path, artifact, version, new)


@routes.get("/artifacts/{artifact}/versions/{version}/lineage", threads=COSTLY)
def get_lineage(
    path: ProjectPath,
    artifact: str,
    version: str,
    services: Services,
    actor: Actor,
    *,
    depth: Depth = 10,
) -> Lineage:
    """Return the runs and versions that a version came from, and those that came of it."""
    return services.lineage.of_version(actor, path, artifact, version, depth=depth)


@routes.get("/runs/{run}/lineage", threads=COSTLY)
def get_run_lineage(
    path: RunPath, services: Services, actor: Actor, *, depth: Depth = 10
) -> Lineage:
    """Return the runs and versions that all that a run used came from, and what came of it."""
    return services.lineage.of_run(actor, path, depth=depth)


@routes.get("/runs/{run}/artifacts", threads=COSTLY)
def get_run_artifacts(
    path: RunPath,
    services: Services,
    actor: Actor,
    *,
    folder: Annotated[
        str | None,
        Meta(
            description="only what became of the version that a log announced under this folder: "
            "the path of its manifest without `.json`"
        ),
    ] = None,
) -> RunArtifacts:
    """Return the versions that a run logged, also what is still being sent, used, and linked."""
    return services.artifacts.of_run(actor, path, folder=folder)
