"""Stored versions: their files with MD5s, their digests as the client computes them, their ids."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from weft.errors import Gone, NotFound, WeftError
from weft.records.artifact_references import parse_file_address, split_object_version
from weft.records.artifacts import ArtifactPath
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
from weft.wire.artifacts import Artifact, ArtifactFile

_PAGE: Final = 10_000
_MAX_KEPT: Final = 256
_KEPT_FILES: Final = 500_000
"""Most files of all versions that are kept: about 100 MB."""

_LISTED_FILES: Final = 10_000
_LOOKED_AT: Final = 100


class VersionPath(NamedTuple):
    """Where a version is."""

    project: ProjectPath
    name: str
    ref: str

    @property
    def id(self) -> str:
        """Its id."""
        return version_id(ArtifactPath(*self.project, self.name, self.ref))

    @classmethod
    def of(cls, found: Artifact) -> VersionPath:
        """Where a version is that was described."""
        return cls(ProjectPath(found.entity, found.project), found.name, found.version or "")


def read_version_id(text: str) -> VersionPath:
    """The version of an id.

    Raises:
        NotFound: it is not the id of a stored version.
    """
    _, name, ref, project, entity = read_id("Artifact", text, 5)
    return VersionPath(ProjectPath(entity, project), name, ref)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was computed of a version: the MD5 by path, and the digest of all."""

    md5s: dict[str, str]
    digest: str


class Versions:
    """Describes stored versions as the client reads them. Thread-safe.

    The MD5s of versions that this client logged are kept with them. Those of others are computed
    from the contents when they are first needed.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, actor: Actor, path: VersionPath) -> Artifact:
        """Describe a version.

        Raises:
            NotFound: no such version.
        """
        return self._services.artifacts.get(actor, path.project, path.name, path.ref)

    def find(self, actor: Actor, path: VersionPath) -> Artifact | None:
        """Describe a version; None if it is not found."""
        try:
            return self.get(actor, path)
        except (NotFound, Gone):
            return None

    def files(self, actor: Actor, path: VersionPath) -> list[ArtifactFile]:
        """All files of a version, by path."""
        found: list[ArtifactFile] = []
        cursor: str | None = None
        while True:
            page = self._services.artifact_files.list(
                actor, path.project, path.name, path.ref, limit=_PAGE, cursor=cursor
            )
            found += page.files
            cursor = page.cursor
            if cursor is None:
                return found

    def manifest(self, actor: Actor, path: VersionPath) -> WandbManifest:
        """The manifest of a version."""
        found = self.get(actor, path)
        files = self.files(actor, path)
        known = self._knowledge(actor, found, files)
        return WandbManifest({one.path: _entry(path, one, known.md5s[one.path]) for one in files})

    def digest(self, actor: Actor, found: Artifact) -> str:
        """The digest of a version, as the client computes it.

        Where that takes more than a look at the list of files, it is weft's own: lists of versions
        must not read their contents.
        """
        known = self._kept(found)
        if known is None and found.n_files <= _LISTED_FILES:
            known = self._without_contents(actor, found)
        return found.digest if known is None else known.digest

    def is_known(self, actor: Actor, path: VersionPath) -> bool:
        """Whether the MD5s of a version's files are known without reading their contents."""
        return self._without_contents(actor, self.get(actor, path)) is not None

    def md5s(self, actor: Actor, path: VersionPath) -> dict[str, str]:
        """The MD5 of each file of a version, in Base64, by path."""
        found = self.get(actor, path)
        known = self._kept(found)
        if known is None:
            known = self._knowledge(actor, found, self.files(actor, path))
        return known.md5s

    def with_digest(
        self, actor: Actor, project: ProjectPath, name: str, digest: str
    ) -> Artifact | None:
        """The version of a collection that has a digest; None if none has it.

        Only versions are looked at whose MD5s are known: to compute others would read all their
        contents.
        """
        try:
            page = self._services.artifacts.versions(actor, project, name, limit=_LOOKED_AT)
        except NotFound:
            return None
        for one in page.versions:
            known = self._without_contents(actor, one)
            if known is not None and known.digest == digest:
                return one
        return None

    def _without_contents(self, actor: Actor, found: Artifact) -> _Known | None:
        """What can be computed of a version from the list of its files alone."""
        known = self._kept(found)
        if known is not None:
            return known
        files = self.files(actor, VersionPath.of(found))
        if any(not file.checksum and not file.reference for file in files):
            return None
        return self._knowledge(actor, found, files)

    def _knowledge(self, actor: Actor, found: Artifact, files: Sequence[ArtifactFile]) -> _Known:
        known = self._kept(found)
        if known is not None:
            return known
        path = VersionPath.of(found)
        md5s = {one.path: self._digest_of(actor, path, one) for one in files}
        known = _Known(md5s, digest_of_entries(md5s.items()))
        with self._lock:
            self._known[found.digest] = known
            n_files = sum(len(one.md5s) for one in self._known.values())
            while len(self._known) > 1 and (len(self._known) > _MAX_KEPT or n_files > _KEPT_FILES):
                _, old = self._known.popitem(last=False)
                n_files -= len(old.md5s)
        return known

    def _kept(self, found: Artifact) -> _Known | None:
        """What is known of a version with these files: a name may later be another version's."""
        with self._lock:
            known = self._known.get(found.digest)
            if known is not None:
                self._known.move_to_end(found.digest)
            return known

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
        found = next((one for one in page.files if one.path == name), None)
        return None if found is None or found.reference else found.checksum

    def _digest_of(self, actor: Actor, path: VersionPath, file: ArtifactFile) -> str:
        """What the client's manifest says of a file: its MD5, or of a reference its checksum."""
        if file.reference:
            address, _ = split_object_version(file.reference)
            return self._digest_there(actor, file) or file.checksum or address
        if file.checksum:
            return file.checksum
        files = self._services.artifact_files
        found = files.get(actor, path.project, path.name, path.ref, file.path)
        digest = hashlib.md5(usedforsecurity=False)
        for piece in files.read(actor, path.project, found):
            digest.update(piece)
        return md5_text(digest.digest())


def _entry(version: VersionPath, file: ArtifactFile, digest: str) -> Entry:
    """The entry of a stored version's file in the manifest that the client reads."""
    entry = Entry(digest=digest, size=file.n_bytes, birthArtifactID=version.id)
    if file.reference:
        entry.ref, entry.extra = reference_entry(file.reference, file.checksum or "")
    return entry
