"""A file of an artifact: what `add_file()` and `get_entry()` return."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from weft.errors import UsageError
from weft.records.files.artifacts import ManifestEntry
from weft.sdk.artifacts.files.hashing import hash_of


class HasEntries(Protocol):
    """The artifact that a file belongs to: `weft.Artifact`."""

    @property
    def name(self) -> str: ...

    def address_of(self, path: str) -> str:
        """See `weft.Artifact.address_of`."""
        ...

    def fetch(
        self,
        paths: list[str],
        root: str | os.PathLike[str] | None = None,
        *,
        skip_cache: bool | None = None,
    ) -> str:
        """See `weft.Artifact.fetch`."""
        ...


class ArtifactEntry:
    """A file of an artifact, or a reference to one that is kept elsewhere.

    Attributes:
        path: its path in the artifact.
        ref: the address of a file that is kept elsewhere; None if the artifact has the content.
        local_path: the file's path on this machine, before the artifact is logged.

    >>> import pathlib, tempfile, weft
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.csv")
    >>> _ = path.write_text("x,y")
    >>> entry = weft.Artifact("data", "dataset").add_file(path)
    >>> entry.path, entry.size, entry.digest[:8]
    ('a.csv', 3, '968e772c')
    """

    def __init__(
        self, parent: HasEntries, entry: ManifestEntry, local_path: Path | None = None
    ) -> None:
        self.path: str = entry.path
        self.ref: str | None = entry.reference or None
        self.local_path: str | None = None if local_path is None else str(local_path)
        self._parent = parent
        self._entry = entry

    @property
    def size(self) -> int:
        """The length of its content in bytes; 0 if unknown."""
        if self.local_path is not None:
            return Path(self.local_path).stat().st_size
        return self._entry.n_bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of its content. Of a reference what its place says: an ETag, an MD5, or
        the address itself.
        """
        if self.local_path is not None:
            return hash_of(Path(self.local_path))
        return self._entry.sha256 or self._entry.checksum or self._entry.reference

    def parent_artifact(self) -> HasEntries:
        """The artifact that it belongs to."""
        return self._parent

    def download(
        self, root: str | os.PathLike[str] | None = None, skip_cache: bool | None = None
    ) -> str:
        """Fetch it, and return its path on this machine; see `Artifact.download`.

        Args:
            root: the folder of the artifact's files. Defaults to `Artifact.download`'s folder.
            skip_cache: fetch it from the server, and keep nothing in the cache.

        Raises:
            UsageError: the artifact is not stored yet.
            CommError: the server can't be reached, or the content is damaged there.
        """
        return str(Path(self._parent.fetch([self.path], root, skip_cache=skip_cache), self.path))

    def ref_url(self) -> str:
        """The address by which another artifact refers to it: `add_reference(entry.ref_url())`.

        Raises:
            UsageError: its artifact is not stored yet.
        """
        return self.ref or self._parent.address_of(self.path)

    def ref_target(self) -> str:
        """The address of the file that a reference stands for.

        Raises:
            UsageError: it is no reference.
        """
        if self.ref is None:
            raise UsageError(f"{self.path} of {self._parent.name} is no reference")
        return self.ref

    def manifest_entry(self) -> ManifestEntry:
        """The file's entry in a manifest."""
        return self._entry

    def __repr__(self) -> str:
        address = f" at {self.ref}" if self.ref else ""
        return f"<ArtifactEntry {self.path} of {self._parent.name}{address}>"
