"""Versions of artifacts, logged to services as the log of a run does, without HTTP.

log = ArtifactLog(services, "train")
log.log("net", {"weights.bin": b"..."})
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from service_uploads import START, WriterLog
from weft.records.files.artifacts import Manifest, ManifestEntry
from weft.records.record import Artifact, File, Run
from weft.server.services.access.actors import LOCAL, Actor
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.opening.services import Services
from weft.wire.artifacts.artifacts import Artifact as Version

PROJECT = ProjectPath("local", "mnist")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(path: str, content: bytes) -> ManifestEntry:
    return ManifestEntry(path, len(content), sha256(content))


class ArtifactLog:
    """The log of one run, and the contents that its sidecar sends.

    Attributes:
        manifests: of the versions announced so far.
    """

    def __init__(
        self,
        services: Services,
        run: str,
        *,
        project: ProjectPath = PROJECT,
        actor: Actor = LOCAL,
    ) -> None:
        self._services = services
        self._actor = actor
        self._log = WriterLog(f"w{run}")
        self.path = RunPath(*project, run)
        self.manifests: list[bytes] = []
        self._apply(Run(run, project.project, start_micros=START))

    def _apply(self, *records: Any) -> None:
        self._services.ingest.apply_upload(self._actor, self.path, self._log.upload(*records))

    def announce(
        self,
        name: str,
        entries: Sequence[ManifestEntry],
        *,
        kind: str = "model",
        aliases: Sequence[str] = (),
        action: str = "log",
        distributed_id: str = "",
        **described: Any,
    ) -> str:
        """Announce a version, of which nothing is sent; the path of its manifest."""
        manifest = msgspec.json.encode(Manifest([*entries], **described))
        return self.announce_manifest(
            name,
            manifest,
            kind=kind,
            aliases=aliases,
            action=action,
            distributed_id=distributed_id,
        )

    def announce_manifest(
        self,
        name: str,
        manifest: bytes,
        *,
        kind: str = "model",
        aliases: Sequence[str] = (),
        action: str = "log",
        distributed_id: str = "",
    ) -> str:
        """Announce a version by its manifest, which may be invalid."""
        self.manifests.append(manifest)
        path = f"artifacts/{len(self.manifests):04d}.json"
        self._apply(
            File(path, len(manifest), sha256(manifest), 1),
            Artifact(action, name, kind, path, [*aliases], 1, distributed_id),
        )
        return path

    def send_manifests(self) -> None:
        self.send(*self.manifests)
        self.ask_lacking()

    def ask_lacking(self) -> list[str]:
        """The paths that the server lacks, which it looks up after it has read manifests."""
        lacking = self._services.contents.lacking(self._actor, self.path, self._log.writer)
        return [content.path for content in lacking.contents]

    def send(self, *contents: bytes) -> None:
        self._services.contents.store(self._actor, self.path.of_project, contents)

    def log(self, name: str, files: Mapping[str, bytes], **described: Any) -> Version:
        """Announce a version of these files and send it; the version."""
        self.announce(name, [entry(path, files[path]) for path in files], **described)
        self.send_manifests()
        self.send(*files.values())
        return self.versions()[-1]

    def use(self, version: str) -> None:
        """Note a use of `entity/project/name:v0`."""
        self._apply(Artifact("use", version, "", ""))

    def link(self, target: str, *aliases: str, version: str = "", manifest: str = "") -> None:
        """Ask for a link to a version, or to that of a manifest of the run."""
        self._apply(Artifact("link", version, "", manifest, [*aliases], 1, target=target))

    def versions(self) -> list[Version]:
        """The versions that the run announced, in this order; for one with the files of an earlier
        version that one."""
        read = self._services.artifacts.of_run
        folders = [f"artifacts/{number:04d}" for number in range(1, len(self.manifests) + 1)]
        return [read(self._actor, self.path, folder=folder).logged[0] for folder in folders]
