"""The files of an artifact of an offline run, where it was logged: no server has them yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from weft.client.artifact_client import VersionTarget
from weft.errors import NotFound, Unavailable
from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.files.hashing import hash_of
from weft.wire.artifacts.files import ArtifactFile, ArtifactFileList

_PIECE_BYTES: Final = 1 << 20


class StagedFiles:
    """The files of an artifact in a run's directory, read as `ArtifactClient` reads a server's."""

    url: None = None

    def __init__(self, folder: Path, entries: Sequence[ManifestEntry]) -> None:
        self._folder = folder
        self._entries = {entry.path: entry for entry in sorted(entries, key=lambda e: e.path)}

    def file(self, target: VersionTarget, path: str) -> ArtifactFile:
        if path not in self._entries:
            raise NotFound(f"artifact {target.name} has no file {path!r}")
        return self._file(self._entries[path])

    def file_pages(
        self, target: VersionTarget, *, prefix: str = "", limit: int, with_contents: bool = False
    ) -> Iterator[ArtifactFileList]:
        """See `ArtifactClient.file_pages`; the contents are left to `download`."""
        del target, with_contents
        paths = (path for path in self._entries if path.startswith(prefix))
        while page := list(islice(paths, limit)):
            files = [self._file(self._entries[path]) for path in page]
            yield ArtifactFileList(files=files, cursor=None)

    def download(self, url: str, n_bytes: int = 0) -> Iterator[bytes]:
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
