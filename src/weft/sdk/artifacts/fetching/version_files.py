"""The files of one version, wherever they are: the contract, and those on a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import commonprefix
from typing import Final

from weft.client.artifact_client import ArtifactClient, VersionTarget
from weft.errors import NotFound
from weft.records.files.artifact_references import file_address
from weft.records.files.artifacts import ArtifactPath, ManifestEntry
from weft.sdk.artifacts.fetching.staged import StagedFiles
from weft.sdk.artifacts.files.object_names import OBJECT_ENDS
from weft.wire.artifacts.files import ArtifactFile

FilePage = Sequence[tuple[ArtifactFile, bytes | None]]
"""Files, and the contents of small ones."""

_PAGE_FILES: Final = 2000
"""Files of a page with contents."""

_LISTED_FILES: Final = 10_000
"""Files of a page without contents."""

_FEW: Final = 8
"""So many files are asked for one by one; of more, pages of files are read."""


class VersionFiles:
    """The files of one version.

    Does network or disk I/O. `client` is of a server, or of the directory of an offline run;
    `target` lacks the version if no server has it yet.
    """

    def __init__(
        self,
        client: ArtifactClient | StagedFiles,
        target: VersionTarget,
        n_files: int,
        n_bytes: int,
    ) -> None:
        self.target = target
        self.server = client.url
        self.read = client.download
        self.n_files, self.n_bytes = n_files, n_bytes
        self._client = client

    def file(self, path: str) -> ArtifactFile:
        """Return a file; NotFound if it is missing."""
        return self._client.file(self.target, path)

    def pages(
        self, prefix: str = "", *, limit: int = _PAGE_FILES, with_contents: bool = True
    ) -> Iterator[FilePage]:
        """Yield the files whose path begins with `prefix`, by path."""
        for page in self._client.file_pages(
            self.target, prefix=prefix, limit=limit, with_contents=with_contents
        ):
            contents = page.contents or [None] * len(page.files)
            yield list(zip(page.files, contents, strict=True))

    def address_of(self, path: str) -> str | None:
        """The address by which another artifact refers to a file; None if none can yet."""
        return self.server and file_address(ArtifactPath(*self.target), path)

    def listed(self, page_files: int = _LISTED_FILES, prefix: str = "") -> Iterator[ArtifactFile]:
        """Yield the files whose path begins with `prefix`, by path; one request fetches
        `page_files`.
        """
        for page in self.pages(prefix, limit=page_files, with_contents=False):
            yield from (file for file, _ in page)

    @property
    def paths(self) -> list[str]:
        """The paths of all files, sorted."""
        return [file.path for file in self.listed()]

    def manifest_entries(self) -> list[ManifestEntry]:
        return [_entry_of(file) for file in self.listed()]

    def find_entry(self, name: str) -> tuple[ManifestEntry, None] | None:
        """A file by its path, or by the name of the object that it holds; None without one."""
        try:
            return _entry_of(self.file(name)), None
        except NotFound:
            path = self.object_path(name)
            return None if path is None else (_entry_of(self.file(path)), None)

    def object_path(self, name: str) -> str | None:
        """The path of the table or media that was added under a name, or has this path."""
        prefix = name if name.endswith(OBJECT_ENDS) else f"{name}."
        paths = {file.path for file in self.listed(prefix=prefix)}
        names = (name, *(name + end for end in OBJECT_ENDS))
        return next((path for path in names if path in paths), None)

    def pages_of(self, paths: Sequence[str]) -> Iterator[FilePage]:
        """Yield some files.

        NotFound if there is one path without a file; of many, missing ones are left out.
        """
        if len(paths) <= _FEW:
            yield from ([(self.file(path), None)] for path in paths)
            return
        requested = set(paths)
        for page in self.pages(commonprefix(list(paths))):  # noqa: RUF071
            yield [(file, content) for file, content in page if file.path in requested]


def _entry_of(file: ArtifactFile) -> ManifestEntry:
    return ManifestEntry(
        file.path, file.n_bytes, file.sha256, file.reference or "", file.checksum or ""
    )
