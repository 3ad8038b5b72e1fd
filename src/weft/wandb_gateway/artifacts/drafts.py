"""Versions that a client is still uploading: where their files are kept, and how they become one.

All of a draft is among the files of the run that logs it, in the folder that weft's own client
would use, so it outlives a restart of the server, and goes with its run. `commit` writes a
manifest in weft's form and announces it; from there on it is a version like any other. The files
of the draft are removed then, and their contents stay with the version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec

from weft.errors import ConfigError, Forbidden, Gone, NotFound, Unavailable
from weft.records.files.artifact_references import file_address
from weft.records.files.artifacts import (
    ArtifactPath,
    Manifest,
    ManifestEntry,
    check_alias,
    check_artifact_name,
    check_artifact_type,
)
from weft.records.record import Artifact as ArtifactRecord
from weft.records.record import File as FileRecord
from weft.server.services.access import Action, Actor, ProjectPath, RunPath, require
from weft.server.services.opening import Services
from weft.wandb_gateway.artifacts.draft import (
    FULL,
    INCREMENTAL,
    PATCH,
    Draft,
    NewArtifact,
    draft_of_manifest,
    token_of,
)
from weft.wandb_gateway.artifacts.manifests import (
    Entry,
    WandbManifest,
    address_with_version,
    decode_manifest,
    file_in_address,
)
from weft.wandb_gateway.artifacts.runless import RunlessDrafts
from weft.wandb_gateway.artifacts.user_shares import UserShares
from weft.wandb_gateway.artifacts.versions import VersionPath, Versions, read_version_id
from weft.wandb_gateway.ids import read_id
from weft.wandb_gateway.pages import pages_of
from weft.wandb_gateway.runs.config import read_object
from weft.wandb_gateway.runs.memory import Memories
from weft.wire.artifacts.artifacts import Artifact
from weft.wire.files.files import File

_PAGE: Final = 10_000
_USER_IDS_BYTES: Final = 4 * 2**20
_ALL_IDS_BYTES: Final = 64 * 2**20
_ENTRY_BYTES: Final = 500

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(NewArtifact).decode


class _UploadedManifest(NamedTuple):
    """The manifest that the client wrote, and its kind."""

    kind: str
    manifest: WandbManifest


class Drafts:
    """Keeps drafts, and makes them versions. Thread-safe."""

    def __init__(self, services: Services, memories: Memories, versions: Versions) -> None:
        self._services = services
        self._memories = memories
        self._versions = versions
        self._by_client_id = UserShares[str](most_per_user=_USER_IDS_BYTES, most=_ALL_IDS_BYTES)
        self._runless = RunlessDrafts()

    def begin(self, actor: Actor, run: RunPath, client_id: str, new: NewArtifact) -> Draft:
        """Begin a draft; once more for one client id is the same draft."""
        self._check(actor, run.of_project, new)
        draft = Draft(run, token_of(str(run), client_id))
        self._put(actor, run, draft.notes, _encode(new))
        self.note_client_id(actor, client_id, draft.id)
        return draft

    def begin_runless(
        self, actor: Actor, project: ProjectPath, client_id: str, new: NewArtifact
    ) -> Draft:
        """Begin a draft of a run that is named with its manifest.

        The client begins so what a run uses that was never logged. Until `adopt`, only this
        process knows of it.
        """
        require(actor, Action.LOG, project)
        self._check(actor, project, new)
        draft = Draft(project.run(""), token_of(str(project), client_id))
        self._runless.put(actor, draft.token, _encode(new))
        self.note_client_id(actor, client_id, draft.id)
        return draft

    def adopt(self, actor: Actor, draft: Draft, run: RunPath) -> Draft:
        """The draft among the files of the run that uses it. One of a run stays there."""
        if draft.run.run or draft.run.of_project != run.of_project:
            return draft
        adopted = Draft(run, draft.token)
        self._put(actor, run, adopted.notes, self._runless.notes(draft.token))
        self._runless.adopt(actor, draft.token, run)
        return adopted

    def _check(self, actor: Actor, project: ProjectPath, new: NewArtifact) -> None:
        check_artifact_name(new.name)
        check_artifact_type(new.type)
        for alias in new.aliases:
            check_alias(alias)
        try:
            collection = self._services.artifacts.collection(actor, project, new.name)
        except NotFound:
            return
        if collection.type != new.type:
            raise ConfigError(
                f"artifact {new.name} has the type {collection.type}, not {new.type}", field="type"
            )

    def note_client_id(self, actor: Actor, client_id: str, artifact_id: str) -> None:
        """Note under which id of its own a client knows an artifact."""
        size = len(client_id) + len(artifact_id) + _ENTRY_BYTES
        self._by_client_id.put(actor.user, client_id, artifact_id, size)

    def id_of_client_id(self, actor: Actor, client_id: str) -> str | None:
        """The id of an artifact that a client knows by an id of its own.

        None if no client told this process, or the actor may not read the artifact.
        """
        artifact_id = self._by_client_id.get(client_id)
        if artifact_id is None:
            return None
        target = self.read(artifact_id)
        try:
            if isinstance(target, Draft):
                self._services.runs.get(actor, target.run)
            else:
                self._versions.get(actor, target)
        except (NotFound, Gone, Forbidden):
            return None
        return artifact_id

    def read(self, text: str) -> Draft | VersionPath:
        """The draft or the version of an id."""
        kind, token, run, project, entity = read_id("Artifact", text, 5)
        if kind != "draft":
            return read_version_id(text)
        path = RunPath(entity, project, run)
        if not run:
            path = self._runless.run_of(token) or path
        return Draft(path, token)

    def draft(self, text: str) -> Draft:
        """The draft of an id."""
        target = self.read(text)
        if isinstance(target, Draft):
            return target
        raise NotFound(f"{target.name}:{target.ref} is stored, so it takes no more files")

    def version(self, actor: Actor, text: str) -> Artifact:
        """The version of an id, also if the id is of the draft that became it.

        NotFound if it has not yet.
        """
        target = self.read(text)
        if isinstance(target, VersionPath):
            return self._versions.get(actor, target)
        stored = self.committed(actor, target)
        if stored is None:
            raise NotFound(f"the artifact that run {target.run} logs is not committed yet")
        return stored

    def committed(self, actor: Actor, draft: Draft) -> Artifact | None:
        """The version that a draft became; None if it is not committed yet."""
        try:
            logged = self._services.artifacts.of_run(actor, draft.run, folder=draft.folder).logged
        except (NotFound, Gone):
            return None
        return next((version for version in logged if version.version is not None), None)

    def reuse_contents(
        self, actor: Actor, draft: Draft, files: Sequence[tuple[str, str]]
    ) -> set[str]:
        """Reuse contents of the newest version for files, paths and MD5, of a draft, and return
        their paths.
        """
        require(actor, Action.LOG, draft.run)
        base = self._newest(actor, draft)
        if base is None:
            return set()
        by_md5 = {md5: path for path, md5 in self._versions.md5s(actor, base).items()}
        twins = {path: by_md5[md5] for path, md5 in files if md5 in by_md5}
        contents = self._services.artifact_files.find_file(actor, *base, set(twins.values()))
        now = self._services.stores.now()
        records = [
            FileRecord(draft.file(path), file.n_bytes, file.sha256, now)
            for path, twin in twins.items()
            if (file := contents.get(twin)) is not None and file.state == "stored"
        ]
        if records:
            with self._memories.hold(draft.run):
                memory = self._memories.read_begun(actor, draft.run)
                self._memories.write(actor, draft.run, memory, records)
        return {record.path.removeprefix(draft.file("")) for record in records}

    def _newest(self, actor: Actor, draft: Draft) -> VersionPath | None:
        """The newest version of a draft's collection, if the MD5s of its files are known."""
        name = self._notes(actor, draft).name
        try:
            latest = self._services.artifacts.collection(actor, draft.run.of_project, name).latest
        except NotFound:
            return None
        if latest is None:
            return None
        path = VersionPath.of(latest)
        return path if self._versions.has_listed_md5s(actor, path) else None

    def commit(self, actor: Actor, draft: Draft) -> Artifact:
        """Make a draft a version, or find the version that it became.

        ConfigError if the manifest names a file that was not uploaded.
        """
        require(actor, Action.LOG, draft.run)
        version = self.committed(actor, draft)
        if version is not None:
            return version
        new = self._notes(actor, draft)
        last, paths = draft, list[str]()
        if new.distributed_id:
            self.commit_part(actor, draft)
            last = draft.end
            kind = self._manifest(actor, draft).kind
            self._announce(actor, last, new, "log", kind, [])
        else:
            paths = self._announce_uploaded(actor, draft, new, "log")
        stored = self.committed(actor, draft)
        if stored is None:
            versions = self._services.artifacts.of_run(actor, draft.run, folder=last.folder).logged
            reason = versions[0].error if versions else None
            raise ConfigError(f"artifact {new.name} could not be stored: {reason or 'no reason'}")
        manifests = map(draft.manifest, (FULL, INCREMENTAL, PATCH))
        self._services.files.drop_staged(actor, draft.run, [*paths, draft.notes, *manifests])
        return stored

    def commit_part(self, actor: Actor, draft: Draft) -> None:
        """Announce a draft as a part of a version, once; any part's client ends the version."""
        if not self._services.artifacts.of_run(actor, draft.run, folder=draft.folder).logged:
            new = self._notes(actor, draft)
            paths = self._announce_uploaded(actor, draft, new, "part")
            self._services.files.drop_staged(actor, draft.run, paths)

    def note_upload(self, actor: Actor, run: RunPath, path: str) -> None:
        """Complete a part whose manifest an uploaded file is."""
        draft = draft_of_manifest(run, path)
        notes = None if draft is None else self._get(actor, run, draft.notes)
        if draft is not None and notes is not None and _decode(notes).distributed_id:
            self.commit_part(actor, draft)

    def _announce_uploaded(
        self, actor: Actor, draft: Draft, new: NewArtifact, action: str
    ) -> list[str]:
        """Announce what was uploaded; the paths of the files, which the run needs no longer."""
        kind, manifest = self._manifest(actor, draft)
        uploaded = self._uploaded(actor, draft)
        entries = [
            self._entry(actor, path, entry, uploaded, draft)
            for path, entry in manifest.contents.items()
        ]
        self._announce(actor, draft, new, action, kind, entries)
        return list(uploaded)

    def _announce(
        self,
        actor: Actor,
        draft: Draft,
        new: NewArtifact,
        action: str,
        kind: str,
        entries: list[ManifestEntry],
    ) -> None:
        """Write a manifest in weft's form, and announce it in the run's log."""
        manifest = Manifest(
            entries=entries,
            description=new.description,
            metadata=read_object(new.metadata or "{}", "metadata"),
            tags=new.tags,
            ttl_secs=max(new.ttl_secs, 0),
            is_incremental=kind == INCREMENTAL and action == "log",
            step=new.step,
        )
        manifest.check()
        path = f"{draft.folder}.json"
        self._put(actor, draft.run, path, _encode(manifest))
        record = ArtifactRecord(
            action,
            new.name,
            new.type,
            path,
            [alias for alias in new.aliases if alias != "latest"],
            self._services.stores.now(),
            distributed_id=new.distributed_id,
        )
        with self._memories.hold(draft.run):
            memory = self._memories.read_begun(actor, draft.run)
            self._memories.write(actor, draft.run, memory, [record])
            writer = memory.writer
        while self._services.contents.lacking(actor, draft.run, writer).is_more:
            pass

    def _entry(
        self,
        actor: Actor,
        path: str,
        entry: Entry,
        uploaded: Mapping[str, File],
        draft: Draft,
    ) -> ManifestEntry:
        digest, ref, size = entry.digest, entry.ref, entry.size
        if ref is None:
            file = uploaded.get(draft.file(path)) or self._inherited(actor, draft, entry)
            if file is None:
                raise ConfigError(
                    f"{path!r} is in the manifest and was not uploaded", field="manifest"
                )
            return ManifestEntry(path, file.n_bytes, file.sha256, checksum=digest)
        source = file_in_address(ref)
        if source is None:
            # Of a reference that it did not look at, the client gives the address as the digest.
            return ManifestEntry(
                path,
                size or 0,
                reference=address_with_version(ref, entry.extra),
                checksum="" if digest == ref else digest,
            )
        referred = self.read(source.version_id)
        if isinstance(referred, Draft) and self.committed(actor, referred) is None:
            # A client uploads several at once; this one is to be committed again.
            raise Unavailable(f"{path!r} refers to an artifact that is not committed yet")
        target, name = VersionPath.of(self.version(actor, source.version_id)), source.path
        file = self._services.artifact_files.find_file(actor, *target, [name]).get(name)
        if file is None:
            raise ConfigError(f"{path!r} refers to {name!r}, which {target.name} does not have")
        address = file_address(ArtifactPath(*target.project, target.name, target.ref), name)
        return ManifestEntry(path, file.n_bytes, reference=address, checksum=file.sha256)

    def _inherited(self, actor: Actor, draft: Draft, entry: Entry) -> File | None:
        """The file of another version of the project, from which the draft was begun.

        The client does not upload such files again, and names the version.
        """
        if not entry.birthArtifactID:
            return None
        version = VersionPath.of(self.version(actor, entry.birthArtifactID))
        if version.project != draft.run.of_project:
            return None
        md5s = self._versions.md5s(actor, version)
        path = next((path for path, md5 in md5s.items() if md5 == entry.digest), None)
        if path is None:
            return None
        return self._services.artifact_files.find_file(actor, *version, [path]).get(path)

    def _manifest(self, actor: Actor, draft: Draft) -> _UploadedManifest:
        for kind in (FULL, INCREMENTAL, PATCH):
            data = self._get(actor, draft.run, draft.manifest(kind))
            if data is not None:
                return _UploadedManifest(kind, decode_manifest(data))
        raise ConfigError("the artifact's manifest was not uploaded", field="manifest")

    def _uploaded(self, actor: Actor, draft: Draft) -> dict[str, File]:
        pages = pages_of(
            lambda cursor: self._services.files.list(
                actor, draft.run, prefix=f"{draft.folder}/", limit=_PAGE, cursor=cursor
            )
        )
        files = (file for page in pages for file in page.files)
        return {file.path: file for file in files if file.state == "stored"}

    def _notes(self, actor: Actor, draft: Draft) -> NewArtifact:
        data = self._get(actor, draft.run, draft.notes)
        if data is None:
            raise NotFound(f"run {draft.run} has no such artifact that is being uploaded")
        return _decode(data)

    def _get(self, actor: Actor, run: RunPath, path: str) -> bytes | None:
        try:
            file = self._services.files.get(actor, run, path)
        except NotFound:
            return None
        return b"".join(self._services.files.read(actor, run, path, file.sha256))

    def _put(self, actor: Actor, run: RunPath, path: str, data: bytes) -> None:
        upload = self._services.files.upload(actor, run, path)
        try:
            upload.write(data)
            upload.commit()
        finally:
            upload.abort()


def names_of(aliases: Sequence[Mapping[str, str]] | None, collection: str) -> list[str]:
    """The aliases that are meant for a collection, without the empty ones of spaCy's logger."""
    return [
        alias["alias"]
        for alias in aliases or ()
        if alias["artifact_collection_name"] == collection and alias["alias"]
    ]
