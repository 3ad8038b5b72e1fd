"""The files of stored versions, and their manifests, with signed addresses."""

from __future__ import annotations

from typing import Any, Final

from weft.wandb_gateway.artifacts import VersionPath
from weft.wandb_gateway.artifacts.manifests import reference_entry
from weft.wandb_gateway.graphql.file_nodes import storage_path
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.ids import make_id
from weft.wire.artifacts.files import ArtifactFile


class ManifestNode:
    """The manifest of a stored version."""

    def __init__(self, path: VersionPath) -> None:
        self._path = path
        self.id = make_id("ArtifactManifest", "v1", *path.project, path.name, path.ref)

    def file(self, context: Context) -> dict[str, Any]:
        path = self._path
        link = context.link(
            "GET", "manifest", *path.project, path.name, path.ref, "wandb_manifest.json"
        )
        return {"id": self.id, "direct_url": link, "name": "wandb_manifest.json"}


class ArtifactFileNode:
    """A file of a stored version."""

    typename: Final = "File"

    def __init__(self, path: VersionPath, file: ArtifactFile) -> None:
        self._path = path
        self._file = file
        self.id = make_id("ArtifactFile", *path.project, path.name, path.ref, file.path)
        self.name = file.path
        self.display_name = file.path
        self.size_bytes = file.n_bytes
        self.mimetype = file.media_type
        self.storage_path = storage_path(file.sha256) if file.sha256 else None
        self.updated_at: str | None = None
        self.digest = file.checksum
        self.md5 = file.checksum

    def url(self, context: Context, upload: bool | None = None) -> str:
        """An address that differs from the direct one, which tells references from files here."""
        direct = self.direct_url(context)
        return direct if self._file.reference else f"{direct}?file"

    def direct_url(self, context: Context) -> str:
        """The address of the content. The client follows the address of a reference itself."""
        if self._file.reference:
            return reference_entry(self._file.reference, "").ref
        path = self._path
        return context.link("GET", "artifact", *path.project, path.name, path.ref, self._file.path)
