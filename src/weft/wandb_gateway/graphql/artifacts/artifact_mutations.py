"""Mutations of artifacts: uploads, commits, uses, aliases, tags, links and deletions."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET

from weft.errors import ConfigError, NotFound, Unavailable
from weft.records.limits import MAX_ID_BYTES
from weft.records.record import Artifact as ArtifactRecord
from weft.records.value import INT64_MAX
from weft.server.services.access import ProjectPath, RunPath
from weft.wandb_gateway.artifacts import Draft, NewArtifact, VersionPath
from weft.wandb_gateway.artifacts.drafts import names_of
from weft.wandb_gateway.graphql.artifacts.artifact_nodes import (
    ArtifactNode,
    CollectionNode,
    CollectionPath,
    MembershipNode,
    TagNode,
    collection_path,
    find_collection,
)
from weft.wandb_gateway.graphql.connections import page_of
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.ids import make_id, read_id
from weft.wandb_gateway.runs.config import read_object
from weft.wire.artifacts.artifacts import Artifact, ArtifactEdit, CollectionEdit
from weft.wire.artifacts.registries import NewLink

_Input = dict[str, Any]
_Payload = dict[str, Any]

_SUCCESS: Final[_Payload] = {"success": True}


class ArtifactUploads:
    """Mutations that upload versions."""

    def create_artifact(self, context: Context, input: _Input) -> _Payload:
        project = context.project(input["entity_name"], input["project_name"])
        name = input.get("artifact_collection_name") or next(
            iter(input.get("artifact_collection_names") or ()), None
        )
        if not name:
            raise ConfigError("an artifact needs a name", field="artifactCollectionName")
        distributed_id = input.get("distributed_id") or ""
        if len(distributed_id) > MAX_ID_BYTES:
            raise ConfigError(
                f"a distributed id has at most {MAX_ID_BYTES} characters", field="distributedID"
            )
        aliases = names_of(input.get("aliases"), name)
        if input.get("enable_digest_deduplication") and not distributed_id:
            version = context.versions.with_digest(
                context.actor, project, name, input.get("digest") or ""
            )
            if version is not None:
                moved = [
                    alias
                    for alias in aliases
                    if alias not in version.aliases and alias != "latest"
                ]
                if client_id := input.get("client_id"):
                    context.drafts.note_client_id(
                        context.actor, client_id, VersionPath.of(version).id
                    )
                if moved:
                    version = _edit(
                        context, VersionPath.of(version), ArtifactEdit(add_aliases=moved)
                    )
                return {"artifact": ArtifactNode(version)}
        new = NewArtifact(
            name=name,
            type=input["artifact_type_name"],
            digest=input.get("digest") or "",
            aliases=aliases,
            tags=[tag["tag_name"] for tag in input.get("tags") or ()],
            description=input.get("description") or "",
            metadata=input.get("metadata") or "{}",
            ttl_secs=input.get("ttl_duration_seconds") or 0,
            distributed_id=distributed_id,
            step=_step_of(input.get("history_step")),
        )
        client_id = input.get("client_id") or make_id("Client", name, new.digest)
        run_name = input.get("run_name")
        if run_name:
            draft = context.drafts.begin(context.actor, project.run(run_name), client_id, new)
        else:
            draft = context.drafts.begin_runless(context.actor, project, client_id, new)
        sequence = find_collection(context, project, name)
        return {
            "artifact": {
                "id": draft.id,
                "state": "PENDING",
                "artifact_sequence": sequence
                or {"id": make_id("ArtifactCollection", "v1", name, *project)},
            }
        }

    def create_artifact_manifest(self, context: Context, input: _Input) -> _Payload:
        project = context.project(input["entity_name"], input["project_name"])
        draft = context.drafts.draft(input["artifact_id"])
        draft = context.drafts.adopt(context.actor, draft, project.run(input["run_name"]))
        return {"artifact_manifest": _DraftManifest(draft, input.get("type") or "FULL")}

    def update_artifact_manifest(self, context: Context, input: _Input) -> _Payload:
        kind, token, *path = read_id("ArtifactManifest", input["artifact_manifest_id"])
        draft = Draft(RunPath(*path), token)
        return {"artifact_manifest": _DraftManifest(draft, kind)}

    def create_artifact_files(self, context: Context, input: _Input) -> _Payload:
        files: list[_Input] = input["artifact_files"]
        existing: dict[str, set[str]] = {}
        for artifact in {file["artifact_id"] for file in files}:
            of_draft = [
                (file["name"], file["md5"]) for file in files if file["artifact_id"] == artifact
            ]
            draft = context.drafts.draft(artifact)
            existing[artifact] = context.drafts.reuse_contents(context.actor, draft, of_draft)
        nodes = [
            _DraftFile(
                context.drafts.draft(file["artifact_id"]),
                file["name"],
                file["md5"],
                is_stored=file["name"] in existing[file["artifact_id"]],
            )
            for file in files
        ]
        return {"files": page_of(nodes)}

    def complete_multipart_upload_artifact(self, context: Context, input: _Input) -> _Payload:
        raise ConfigError("weft takes each file as a whole")

    def commit_artifact(self, context: Context, input: _Input) -> _Payload:
        draft = context.drafts.draft(input["artifact_id"])
        return {"artifact": ArtifactNode(context.drafts.commit(context.actor, draft))}


class ArtifactChanges:
    """Mutations of stored versions, and records of their use."""

    def use_artifact(self, context: Context, input: _Input) -> _Payload:
        version = context.drafts.version(context.actor, input["artifact_id"])
        path = VersionPath.of(version)
        project = context.project(input["entity_name"], input["project_name"])
        record = ArtifactRecord(
            "use",
            f"{path.project}/{path.name}:{path.ref}",
            "",
            "",
            [input["used_as"]] if input.get("used_as") else [],
            context.services.stores.now(),
        )
        context.starts.note(context.actor, project.run(input["run_name"]), record)
        return {"artifact": ArtifactNode(version)}

    def update_artifact(self, context: Context, input: _Input) -> _Payload:
        path = VersionPath.of(context.drafts.version(context.actor, input["artifact_id"]))
        description, metadata = input.get("description"), input.get("metadata")
        ttl = input.get("ttl_duration_seconds")
        edit = ArtifactEdit(
            description=UNSET if description is None else description,
            metadata=UNSET if metadata is None else read_object(metadata, "metadata"),
            add_tags=[tag["tag_name"] for tag in input.get("tags_to_add") or ()],
            remove_tags=[tag["tag_name"] for tag in input.get("tags_to_delete") or ()],
            ttl_secs=UNSET if ttl is None else (ttl if ttl > 0 else None),
        )
        return {"artifact": ArtifactNode(_edit(context, path, edit))}

    def add_aliases(self, context: Context, input: _Input) -> _Payload:
        for path, aliases in _aliases_of(context, input):
            _edit(context, path, ArtifactEdit(add_aliases=aliases))
        return _SUCCESS

    def delete_aliases(self, context: Context, input: _Input) -> _Payload:
        for path, aliases in _aliases_of(context, input):
            _edit(context, path, ArtifactEdit(remove_aliases=aliases))
        return _SUCCESS

    def delete_artifact(self, context: Context, input: _Input) -> _Payload:
        version = context.drafts.version(context.actor, input["artifact_id"])
        context.services.artifacts.delete(
            context.actor, *VersionPath.of(version), with_aliases=bool(input.get("delete_aliases"))
        )
        return {"artifact": ArtifactNode(version)}

    def link_artifact(self, context: Context, input: _Input) -> _Payload:
        path = VersionPath.of(_artifact_to_link(context, input))
        if input.get("artifact_portfolio_id"):
            project, name = collection_path(input["artifact_portfolio_id"])
        else:
            project = context.project(input.get("entity_name"), input.get("project_name"))
            name = input.get("artifact_portfolio_name") or ""
        aliases = [alias for alias in names_of(input.get("aliases"), name) if alias != "latest"]
        link = context.services.artifacts.link(
            context.actor, *path, NewLink(target=f"{project}/{name}", aliases=aliases)
        )
        node = MembershipNode(link)
        return {"version_index": node.version_index, "artifact_membership": node}

    def unlink_artifact(self, context: Context, input: _Input) -> _Payload:
        portfolio = collection_path(input["artifact_portfolio_id"])
        path = _link_of(context, input["artifact_id"], *portfolio)
        context.services.artifacts.delete(context.actor, *path, with_aliases=True)
        return {"success": True, "artifact_id": input["artifact_id"]}


class CollectionChanges:
    def update_artifact_sequence(self, context: Context, input: _Input) -> _Payload:
        return self._update(context, input["artifact_sequence_id"], input)

    def update_artifact_portfolio(self, context: Context, input: _Input) -> _Payload:
        return self._update(context, input["artifact_portfolio_id"], input)

    def move_artifact_sequence(self, context: Context, input: _Input) -> _Payload:
        path = collection_path(input["artifact_sequence_id"])
        edit = CollectionEdit(type=input["destination_artifact_type_name"])
        return _edited(context, path, edit)

    def delete_artifact_sequence(self, context: Context, input: _Input) -> _Payload:
        return self._delete(context, input["artifact_sequence_id"])

    def delete_artifact_portfolio(self, context: Context, input: _Input) -> _Payload:
        return self._delete(context, input["artifact_portfolio_id"])

    def create_artifact_collection_tag_assignments(
        self, context: Context, input: _Input
    ) -> _Payload:
        tags = _tags_of(input)
        _edited(context, _named_path(context, input), CollectionEdit(add_tags=tags))
        return {"tags": [TagNode(tag) for tag in tags]}

    def delete_artifact_collection_tag_assignments(
        self, context: Context, input: _Input
    ) -> _Payload:
        edit = CollectionEdit(remove_tags=_tags_of(input))
        _edited(context, _named_path(context, input), edit)
        return _SUCCESS

    def _update(self, context: Context, collection: str, input: _Input) -> _Payload:
        path = collection_path(collection)
        description, new_name = input.get("description"), input.get("name")
        edit = CollectionEdit(
            name=new_name or UNSET, description=UNSET if description is None else description
        )
        return _edited(context, path, edit)

    def _delete(self, context: Context, collection: str) -> _Payload:
        path = collection_path(collection)
        node = CollectionNode(context.services.artifacts.collection(context.actor, *path))
        context.services.artifacts.delete_collection(context.actor, *path)
        node.state = "DELETED"
        return {"artifact_collection": node}


class ArtifactMutations(ArtifactUploads, ArtifactChanges, CollectionChanges):
    """Mutations of artifacts."""


class _DraftManifest:
    """The manifest of a draft, which the client is about to upload."""

    def __init__(self, draft: Draft, kind: str) -> None:
        self._draft = draft
        self._kind = kind
        self.id = make_id("ArtifactManifest", kind, draft.token, *draft.run)

    def file(self, context: Context) -> _Payload:
        draft = self._draft
        link = context.link("PUT", "run", *draft.run, draft.manifest(self._kind))
        return {"id": self.id, "upload_url": link, "upload_headers": [], "name": "manifest"}


class _DraftFile:
    """A file of a draft, which the client is about to upload unless the server has it."""

    upload_headers: Final = ()
    upload_multipart_urls: Final = None

    def __init__(self, draft: Draft, name: str, md5: str, *, is_stored: bool) -> None:
        self._draft = draft
        self.name = name
        self.md5 = md5
        self.storage_path = name
        self.artifact = {"id": draft.id}
        self._is_stored = is_stored

    def upload_url(self, context: Context) -> str | None:
        if self._is_stored:
            return None
        draft = self._draft
        return context.link(
            "PUT", "content", *draft.run, draft.file(self.name), self.md5, self.name
        )


def _edited(context: Context, path: CollectionPath, edit: CollectionEdit) -> _Payload:
    collection = context.services.artifacts.edit_collection(context.actor, *path, edit)
    return {"artifact_collection": CollectionNode(collection)}


def _named_path(context: Context, input: _Input) -> CollectionPath:
    project = context.project(input["entity_name"], input["project_name"])
    return CollectionPath(project, input["artifact_collection_name"])


def _tags_of(input: _Input) -> list[str]:
    return [tag["tag_name"] for tag in input["tags"]]


def _edit(context: Context, path: VersionPath, edit: ArtifactEdit) -> Artifact:
    return context.services.artifacts.edit(context.actor, *path, edit)


def _aliases_of(context: Context, input: _Input) -> list[tuple[VersionPath, list[str]]]:
    """The versions whose aliases change: of the artifact itself, or of links to it."""
    by_collection: dict[tuple[ProjectPath, str], list[str]] = {}
    for alias in input["aliases"]:
        project = context.project(alias["entity_name"], alias["project_name"])
        collection = (project, alias["artifact_collection_name"])
        by_collection.setdefault(collection, []).append(alias["alias"])
    return [
        (_link_of(context, input["artifact_id"], *collection), aliases)
        for collection, aliases in by_collection.items()
    ]


def _step_of(history_step: int | None) -> int | None:
    """The step of the newest row: the client sends the number of the next."""
    return None if history_step is None else min(max(history_step - 1, 0), INT64_MAX)


def _link_of(context: Context, artifact_id: str, project: ProjectPath, name: str) -> VersionPath:
    """The version of a collection that is an artifact, or a link to it."""
    artifact = context.drafts.version(context.actor, artifact_id)
    path = VersionPath.of(artifact)
    if path[:2] == (project, name):
        return path
    for link in artifact.links:
        if (link.entity, link.project, link.name) == (*project, name):
            return VersionPath(project, name, link.version)
    raise NotFound(f"{path.name}:{path.ref} is not linked to {project}/{name}")


def _artifact_to_link(context: Context, input: _Input) -> Artifact:
    """The version to link, also by the id that its client made before the server had it."""
    artifact_id = input.get("artifact_id")
    if not artifact_id and input.get("client_id"):
        artifact_id = context.drafts.id_of_client_id(context.actor, input["client_id"])
        if artifact_id is None:
            raise NotFound("the artifact to link is not known here: name it by its id")
        draft = context.drafts.read(artifact_id)
        if isinstance(draft, Draft) and context.drafts.committed(context.actor, draft) is None:
            raise Unavailable("the artifact to link is not committed yet")
    if not artifact_id:
        raise ConfigError("no artifact to link", field="artifactID")
    return context.drafts.version(context.actor, artifact_id)
