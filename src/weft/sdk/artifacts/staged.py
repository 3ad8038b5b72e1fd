"""Reads an artifact of an offline run from where it was logged: no server has it yet. Does I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, NoReturn

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import Unavailable
from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.hashing import hash_of
from weft.wire.artifacts.artifacts import Artifact, ArtifactFile, ArtifactFileList, Lineage

_PIECE_BYTES: Final = 1 << 20


class StagedFiles(ArtifactClient):
    """The files of an artifact in a run's directory, read as a server's are.

    Args:
        folder: their folder.
        entries: the files, also files that are kept elsewhere.
    """

    def __init__(self, folder: Path, entries: Sequence[ManifestEntry]) -> None:
        self._folder = folder
        self._entries = sorted(entries, key=lambda entry: entry.path)

    def file_pages(
        self, target: VersionTarget, *, prefix: str = "", limit: int, with_contents: bool = False
    ) -> Iterator[ArtifactFileList]:
        """See `ArtifactClient.file_pages`; the contents are left to `download`."""
        del target, with_contents
        files = (self._file(entry) for entry in self._entries if entry.path.startswith(prefix))
        while batch := list(islice(files, limit)):
            yield ArtifactFileList(files=batch, cursor=None)

    def download(self, url: str, n_bytes: int = 0) -> Iterator[bytes]:
        """See `ArtifactClient.download`."""
        del n_bytes
        try:
            file = (self._folder / url).open("rb", buffering=0)
        except FileNotFoundError:
            raise Unavailable(
                f"{url} is not in {self._folder}: it was not logged by this run, or was sent "
                "meanwhile; an online run can use the version"
            ) from None
        with file:
            while piece := file.read(_PIECE_BYTES):
                yield piece

    def version(self, target: VersionTarget) -> Artifact:
        """See `ArtifactClient.version`: there is none yet."""
        self._refuse(target)

    def edit(self, target: VersionTarget, edit: Mapping[str, Any]) -> Artifact:
        """See `ArtifactClient.edit`: there is no version yet."""
        del edit
        self._refuse(target)

    def delete(self, target: VersionTarget, *, with_aliases: bool) -> None:
        """See `ArtifactClient.delete`: there is no version yet."""
        del with_aliases
        self._refuse(target)

    def lineage(self, target: VersionTarget, *, depth: int = 10) -> Lineage:
        """See `ArtifactClient.lineage`: there is no version yet."""
        del depth
        self._refuse(target)

    def _file(self, entry: ManifestEntry) -> ArtifactFile:
        path = self._folder / entry.path
        is_here = not entry.reference and path.is_file()
        return ArtifactFile(
            path=entry.path,
            n_bytes=entry.n_bytes,
            sha256=entry.sha256 or (hash_of(path) if is_here else ""),
            media_type="",
            url=None if entry.reference else entry.path,
            reference=entry.reference or None,
            checksum=entry.checksum or None,
            state="reference" if entry.reference else "stored" if is_here else "awaited",
        )

    def _refuse(self, target: VersionTarget) -> NoReturn:
        raise Unavailable(
            f"artifact {target.name} was logged by an offline run and has no version yet: "
            "`weft sync` sends it"
        )
