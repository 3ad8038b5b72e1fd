"""Stored versions: their files with MD5s, their digests as the client computes them, their ids."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from weft.errors import Gone, NotFound, WeftError
from weft.records.files.artifact_references import parse_file_address, split_object_version
from weft.records.files.artifacts import ArtifactPath
from weft.server.services.access import Actor, ProjectPath
from weft.server.services.opening import Services
from weft.wandb_gateway.artifacts.manifests import (
    Entry,
    WandbManifest,
    digest_of_entries,
    md5_text,
    reference_entry,
    version_id,
)
from weft.wandb_gateway.ids import read_id
from weft.wandb_gateway.pages import pages_of
from weft.wire.artifacts.artifacts import Artifact
from weft.wire.artifacts.files import ArtifactFile

_PAGE: Final = 10_000
_MAX_CACHED: Final = 256
_MAX_CACHED_FILES: Final = 500_000
"""Most files of all versions that are kept: about 100 MB."""

_LISTED_FILES: Final = 10_000
_MAX_SEARCHED: Final = 100


class VersionPath(NamedTuple):
    project: ProjectPath
    name: str
    ref: str

    @property
    def id(self) -> str:
        return version_id(ArtifactPath(*self.project, self.name, self.ref))

    @classmethod
    def of(cls, version: Artifact) -> VersionPath:
        """The path of a described version."""
        return cls(
            ProjectPath(version.entity, version.project), version.name, version.version or ""
        )


def read_version_id(text: str) -> VersionPath:
    _, name, ref, project, entity = read_id("Artifact", text, 5)
    return VersionPath(ProjectPath(entity, project), name, ref)


@dataclass(frozen=True, slots=True)
class _Digests:
    """The digests computed for a version: the MD5 by path, and the digest of all files."""

    md5s: dict[str, str]
    digest: str


class Versions:
    """Describes stored versions as the client reads them. Thread-safe.

    The MD5s of versions that this client logged are kept with them. Those of others are computed
    from the contents when they are first needed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._digests: OrderedDict[str, _Digests] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, actor: Actor, path: VersionPath) -> Artifact:
        """Describe a version."""
        return self._services.artifacts.get(actor, path.project, path.name, path.ref)

    def find_version(self, actor: Actor, path: VersionPath) -> Artifact | None:
        """Describe a version; None if it is not found."""
        try:
            return self.get(actor, path)
        except (NotFound, Gone):
            return None

    def files(self, actor: Actor, path: VersionPath) -> list[ArtifactFile]:
        pages = pages_of(
            lambda cursor: self._services.artifact_files.list(
                actor, path.project, path.name, path.ref, limit=_PAGE, cursor=cursor
            )
        )
        return [file for page in pages for file in page.files]

    def manifest(self, actor: Actor, path: VersionPath) -> WandbManifest:
        version = self.get(actor, path)
        files = self.files(actor, path)
        digests = self._compute(actor, version, files)
        return WandbManifest(
            {file.path: _entry(path, file, digests.md5s[file.path]) for file in files}
        )

    def digest(self, actor: Actor, version: Artifact) -> str:
        """The digest of a version, as the client computes it.

        Where that takes more than a look at the list of files, it is weft's own: lists of versions
        must not read their contents.
        """
        digests = self._cached(version)
        if digests is None and version.n_files <= _LISTED_FILES:
            digests = self._without_contents(actor, version)
        return version.digest if digests is None else digests.digest

    def has_listed_md5s(self, actor: Actor, path: VersionPath) -> bool:
        """Whether the MD5s of a version's files can be had without reading their contents."""
        return self._without_contents(actor, self.get(actor, path)) is not None

    def md5s(self, actor: Actor, path: VersionPath) -> dict[str, str]:
        """The MD5 of each file of a version, in Base64, by path."""
        version = self.get(actor, path)
        digests = self._cached(version)
        if digests is None:
            digests = self._compute(actor, version, self.files(actor, path))
        return digests.md5s

    def with_digest(
        self, actor: Actor, project: ProjectPath, name: str, digest: str
    ) -> Artifact | None:
        """The version of a collection that has a digest; None if none has it.

        Only versions are looked at whose MD5s are known: to compute others would read all their
        contents.
        """
        try:
            page = self._services.artifacts.versions(actor, project, name, limit=_MAX_SEARCHED)
        except NotFound:
            return None
        for version in page.versions:
            digests = self._without_contents(actor, version)
            if digests is not None and digests.digest == digest:
                return version
        return None

    def _without_contents(self, actor: Actor, version: Artifact) -> _Digests | None:
        """The digests of a version if the list of its files gives them, else None."""
        digests = self._cached(version)
        if digests is not None:
            return digests
        files = self.files(actor, VersionPath.of(version))
        if any(not file.checksum and not file.reference for file in files):
            return None
        return self._compute(actor, version, files)

    def _compute(self, actor: Actor, version: Artifact, files: Sequence[ArtifactFile]) -> _Digests:
        digests = self._cached(version)
        if digests is not None:
            return digests
        path = VersionPath.of(version)
        md5s = {file.path: self._digest_of(actor, path, file) for file in files}
        digests = _Digests(md5s, digest_of_entries(md5s.items()))
        with self._lock:
            self._digests[version.digest] = digests
            n_files = sum(len(cached.md5s) for cached in self._digests.values())
            while len(self._digests) > 1 and (
                len(self._digests) > _MAX_CACHED or n_files > _MAX_CACHED_FILES
            ):
                _, old = self._digests.popitem(last=False)
                n_files -= len(old.md5s)
        return digests

    def _cached(self, version: Artifact) -> _Digests | None:
        """The cached digests, by content: a name may later be another version's."""
        with self._lock:
            digests = self._digests.get(version.digest)
            if digests is not None:
                self._digests.move_to_end(version.digest)
            return digests

    def _digest_there(self, actor: Actor, file: ArtifactFile) -> str | None:
        """The MD5 of a file in another version, if that is there and has it. Follows no chain."""
        try:
            target = parse_file_address(file.reference or "")
            if target is None:
                return None
            version, name = target
            project = ProjectPath(version.entity, version.project)
            page = self._services.artifact_files.list(
                actor, project, version.name, version.ref, prefix=name, limit=1
            )
        except WeftError:
            return None
        # The shortest path with a prefix is the first.
        target_file = next((entry for entry in page.files if entry.path == name), None)
        return None if target_file is None or target_file.reference else target_file.checksum

    def _digest_of(self, actor: Actor, path: VersionPath, file: ArtifactFile) -> str:
        """The digest of a file in the client's manifest: its MD5, or a reference's checksum."""
        if file.reference:
            address, _ = split_object_version(file.reference)
            return self._digest_there(actor, file) or file.checksum or address
        if file.checksum:
            return file.checksum
        files = self._services.artifact_files
        stored = files.get(actor, path.project, path.name, path.ref, file.path)
        digest = hashlib.md5(usedforsecurity=False)
        for piece in files.read(actor, path.project, stored):
            digest.update(piece)
        return md5_text(digest.digest())


def _entry(version: VersionPath, file: ArtifactFile, digest: str) -> Entry:
    """The entry of a stored version's file in the manifest that the client reads."""
    entry = Entry(digest=digest, size=file.n_bytes, birthArtifactID=version.id)
    if file.reference:
        entry.ref, entry.extra = reference_entry(file.reference, file.checksum or "")
    return entry
