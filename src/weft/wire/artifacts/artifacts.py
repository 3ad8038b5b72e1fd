"""Artifacts: collections, their versions and history, and those of a run."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.records.files.artifacts import MAX_ALIASES
from weft.records.limits import MAX_ID_BYTES
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints, RequestBody
from weft.wire.runs.runs import Cursor, Limit, Total

MAX_CHANGES: Final = 1000
"""Most entries of a collection's history in one answer."""

Version = Annotated[str, Meta(description="`v` and its number, counted from 0 in a collection")]
ListOfNames = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=MAX_ID_BYTES)]], Meta(max_length=MAX_ALIASES)
]

MAX_METADATA_BYTES: Final = 2**20
"""Longest metadata that an edit sets, as JSON."""

MAX_LINKS: Final = 1000
"""Most links in one answer."""


class ArtifactRun(Struct, frozen=True, kw_only=True):
    """A run that logged or used a version."""

    entity: str
    project: str
    id: str
    name: str
    state: str


class ArtifactSource(Struct, frozen=True, kw_only=True):
    """The version that a link points to, and the user who linked it."""

    entity: str
    project: str
    name: str
    version: Version
    linked_micros: int
    linked_by: Annotated[
        str, Meta(description="a user's name, or `run` and the id of a run, and its user")
    ]
    is_hidden: Annotated[
        bool,
        Meta(
            description="it is of a project that you may not see: the other fields are those of "
            "the link itself"
        ),
    ] = False


class ArtifactLink(Struct, frozen=True, kw_only=True):
    """A version of a registry, or of a project's collection of links, that points to a version."""

    entity: Annotated[str, Meta(description="`registry`: the project is a registry")]
    project: str
    name: Annotated[str, Meta(description="of the collection")]
    version: Version
    aliases: list[str]


class Artifact(Struct, frozen=True, kw_only=True):
    """A version of an artifact: a set of files that never changes."""

    entity: str
    project: str
    name: Annotated[str, Meta(description="of its collection")]
    type: str
    version: Annotated[
        str | None, Meta(description="null until all of its contents have been sent")
    ]
    state: Annotated[
        str,
        one_of(
            "stored", "awaited", "part", "failed",
            description="awaited: contents, or parts, are still to be sent; part: complete, for a "
            "version that another run finishes; failed: `error` says why",
        ),
    ]  # fmt: skip
    aliases: list[str]
    tags: list[str]
    description: str
    metadata: dict[str, Any]
    digest: Annotated[str, Meta(description="versions with one digest have the same files")]
    n_files: int
    n_bytes: int
    created_micros: int
    expires_micros: Annotated[int | None, Meta(description="when it is deleted; null: never")]
    ttl_secs: Annotated[
        int | None, Meta(description="the lifetime that it was given, in seconds; null: none")
    ] = None
    logged_by: Annotated[ArtifactRun | None, Meta(description="null: that run was deleted")]
    error: str | None
    step: Annotated[
        int | None,
        Meta(description="of the run's newest row when it logged the version; null: not known"),
    ] = None
    source: Annotated[
        ArtifactSource | None,
        Meta(description="of a link: what it points to; null: it is no link"),
    ] = None
    links: Annotated[list[ArtifactLink], Meta(description="the links that point to it")] = []
    locked_by: Annotated[
        str | None, Meta(description="who locked it against deletion; null: it is not locked")
    ] = None
    locked_micros: Annotated[int | None, Meta(description="when it was locked")] = None


class ArtifactCollection(Struct, frozen=True, kw_only=True):
    """The versions of one artifact."""

    entity: str
    project: str
    name: str
    type: str
    description: str
    tags: list[str]
    has_links: Annotated[
        bool, Meta(description="its versions are links, as in registries; none are logged to it")
    ]
    created_micros: int
    n_versions: Annotated[int, Meta(description="without deleted ones")]
    n_begun: Annotated[int, Meta(description="how many are still being sent")]
    aliases: Annotated[dict[str, Version], Meta(description="the version that each alias names")]
    latest: Annotated[
        Artifact | None,
        Meta(description="null: all versions were deleted, or the first is still being sent"),
    ]


class ArtifactType(Struct, frozen=True, kw_only=True):
    """A type, and the number of collections of a project that have it."""

    name: str
    n_collections: int


class CollectionList(Struct, frozen=True, kw_only=True):
    """A page of a project's collections, sorted by name."""

    collections: list[ArtifactCollection]
    types: Annotated[list[ArtifactType], Meta(description="all that the project has, by name")]
    cursor: Cursor


class CollectionEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a collection; fields that are left out stay."""

    name: (
        Annotated[
            str,
            Meta(description="another name; references of other artifacts to its files follow"),
        ]
        | UnsetType
    ) = UNSET
    description: Annotated[str, Meta(max_length=100_000)] | UnsetType = UNSET
    type: (
        Annotated[str, Meta(description="of all of its versions; not in a registry")] | UnsetType
    ) = UNSET
    add_tags: ListOfNames = []
    remove_tags: ListOfNames = []


class VersionList(Struct, frozen=True, kw_only=True):
    """A page of the versions of a collection, newest first."""

    versions: list[Artifact]
    begun: Annotated[
        list[Artifact],
        Meta(description="what is still being sent, the oldest first; only on the first page"),
    ]
    cursor: Cursor


class ArtifactEdit(RequestBody, frozen=True, kw_only=True):
    """Changes of a version; fields that are left out stay."""

    description: Annotated[str, Meta(max_length=100_000)] | UnsetType = UNSET
    metadata: dict[str, Any] | UnsetType = UNSET
    add_aliases: ListOfNames = []
    remove_aliases: ListOfNames = []
    add_tags: ListOfNames = []
    remove_tags: ListOfNames = []
    is_locked: Annotated[
        bool | UnsetType, Meta(description="lock it, so that it can't be deleted; or unlock it")
    ] = UNSET
    ttl_secs: (
        Annotated[int, Meta(ge=1, description="deleted so long after now; null: never")]
        | UnsetType
        | None
    ) = UNSET
    seen_aliases: (
        Annotated[
            dict[str, Version | None],
            Meta(
                description="the versions that aliases had when they were seen, null for one that "
                "no version had; if one has another by now, nothing is changed (412)"
            ),
        ]
        | UnsetType
    ) = UNSET


class RunLink(Struct, frozen=True, kw_only=True):
    """A link to a collection of a registry that a run asked for."""

    source: Annotated[
        str, Meta(description="the version, or the folder of one that the run logged")
    ]
    target: Annotated[str, Meta(description="the collection, as `registry/model/digits`")]
    aliases: list[str]
    state: Annotated[
        str,
        one_of(
            "made", "awaited", "failed",
            description="awaited: its version is still being sent; failed: `error` says why",
        ),
    ]  # fmt: skip
    version: Annotated[Version | None, Meta(description="in the registry, once it is made")]
    error: str | None


class RunArtifacts(Struct, frozen=True, kw_only=True):
    """The artifacts that a run logged, used and linked."""

    logged: Annotated[list[Artifact], Meta(description="also those that are still being sent")]
    used: list[Artifact]
    links: list[RunLink] = []


class ArtifactChange(Struct, frozen=True, kw_only=True):
    """A change of a collection: who moved which alias, or described, linked or deleted which
    version.
    """

    changed_micros: int
    user: Annotated[
        str, Meta(description="a user's name, or `run` and the id of a run, and its user")
    ]
    action: Annotated[
        str,
        one_of(
            "alias", "delete", "describe", "link", "unlink",
            description="describe: the description of `to_version`, or of the collection, changed",
        ),
    ]  # fmt: skip
    alias: str
    from_version: Version | None
    to_version: Version | None
    source: Annotated[
        str | None,
        Meta(
            description="of a link: the version it points to, as `lab/p/digits:v3`; null: you may "
            "not see its project"
        ),
    ] = None


class ArtifactHistory(Struct, frozen=True, kw_only=True):
    """The newest changes of a collection, newest first."""

    changes: list[ArtifactChange]
    total: Total


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="artifacts")


@_project.get("/artifacts")
def list_artifacts(
    entity: str,
    project: str,
    *,
    type_: Annotated[str | None, Meta(description="only collections of this type")] = None,
    search: Annotated[
        str,
        Meta(
            max_length=MAX_ID_BYTES,
            description="in the name or the description, or in the description, the tags or "
            "the metadata of a version, in upper or lower case",
        ),
    ] = "",
    limit: Limit = 100,
    cursor: str | None = None,
) -> CollectionList:
    """List the collections of a project, by name, each with its latest version."""


@_project.get("/artifacts/{artifact}")
def get_collection(entity: str, project: str, artifact: str) -> ArtifactCollection:
    """Return a collection with its aliases and its latest version."""


@_project.patch("/artifacts/{artifact}")
def edit_collection(
    entity: str, project: str, artifact: str, edit: CollectionEdit
) -> ArtifactCollection:
    """Change the description, the tags or the type of a collection."""


@_project.delete("/artifacts/{artifact}")
def delete_collection(entity: str, project: str, artifact: str) -> None:
    """Delete a collection with all its versions permanently, and free their space at once."""


@_project.get("/artifacts/{artifact}/history")
def get_artifact_history(
    entity: str,
    project: str,
    artifact: str,
    *,
    limit: Annotated[int, Meta(ge=1, le=MAX_CHANGES)] = 100,
) -> ArtifactHistory:
    """Return who moved which alias of a collection, described it or a version, and who deleted
    versions, newest first.
    """


@_project.get("/artifacts/{artifact}/versions")
def list_versions(
    entity: str, project: str, artifact: str, *, limit: Limit = 100, cursor: str | None = None
) -> VersionList:
    """List the versions of a collection, newest first."""


@_project.get("/artifacts/{artifact}/versions/{version}")
def get_version(entity: str, project: str, artifact: str, version: str) -> Artifact:
    """Return a version, by its name such as `v3`, by an alias, or by its digest."""


@_project.patch("/artifacts/{artifact}/versions/{version}")
def edit_version(
    entity: str, project: str, artifact: str, version: str, edit: ArtifactEdit
) -> Artifact:
    """Describe a version, tag it, and move aliases to it."""


@_project.delete("/artifacts/{artifact}/versions/{version}")
def delete_version(
    entity: str,
    project: str,
    artifact: str,
    version: str,
    *,
    with_aliases: Annotated[
        bool, Meta(description="also if it has aliases besides `latest`")
    ] = False,
) -> None:
    """Delete a version permanently, and free its space at once; its number is not used again.

    A version of a registry is unlinked: what it points to stays.
    """


@_project.get("/runs/{run}/artifacts")
def get_run_artifacts(
    entity: str,
    project: str,
    run: str,
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
