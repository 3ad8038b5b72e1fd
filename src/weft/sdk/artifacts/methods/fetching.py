"""Methods of `weft.Artifact` that read its files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from weft.client.artifact_client import VersionTarget
from weft.errors import NoSuchEntry, UsageError
from weft.records.files.artifact_references import parse_file_address
from weft.records.files.artifacts import Manifest
from weft.sdk.artifacts.files.entry import ArtifactEntry
from weft.sdk.artifacts.files.file_list import FileOfArtifact, FilesOfArtifact
from weft.sdk.artifacts.methods.stateful import Stateful

MOST_FAULTS: Final = 5
"""Most files that differ that are named."""


class Fetching(Stateful):
    """Lists and fetches the files of an artifact. A base of `Artifact`."""

    def download(
        self,
        root: str | os.PathLike[str] | None = None,
        allow_missing_references: bool = False,
        skip_cache: bool | None = None,
        path_prefix: str | os.PathLike[str] | None = None,
        multipart: bool | None = None,  # noqa: ARG002  W&B's; large files always come in parts
    ) -> str:
        """Fetch its files to this machine, several at once. Each is checked by its hash.

        Files that are there already and are right are not fetched again, so a download that was
        interrupted continues. What was downloaded to another folder comes from the cache.

        Args:
            root: the folder. Defaults to `./artifacts/name:v3`; `WEFT_ARTIFACT_DIR` names another
                one than `./artifacts`.
            allow_missing_references: leave files that are kept elsewhere where they are.
            skip_cache: fetch all from the server, and keep nothing in the cache.
            path_prefix: only files whose path begins with this.

        Returns:
            The folder.

        Raises:
            UsageError: the artifact is not stored yet: call `wait()`.
            CommError: the server can't be reached, or a content is damaged there.
        """
        from weft.sync.progress_bar import ProgressBar

        files = self._version_files
        prefix = "" if path_prefix is None else os.fspath(path_prefix)
        bar = ProgressBar(self.name, is_shown=not self._effective_settings.is_quiet, has_rate=True)
        if not prefix:
            bar.total_bytes, bar.total_files = files.n_bytes, files.n_files
        try:
            return self._fetch(
                files.pages(prefix),
                root,
                skip_cache=skip_cache,
                keep_references=allow_missing_references,
                progress=lambda n_bytes, n_files: bar.draw(n_bytes, n_files=n_files),
            )
        finally:
            bar.clear()

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Fetch the only file of it, and return its path.

        Raises:
            UsageError: it has several files.
        """
        paths = self.paths
        if len(paths) != 1:
            raise UsageError(f"{self.name} has {len(paths)} files, not one: use download()")
        return str(Path(self.download(root), paths[0]))

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """Make a folder have the files of this version and no others; returns the folder."""
        folder = self._folder(root)
        expected = set(self.paths)
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(folder).as_posix() not in expected:
                path.unlink()
        return self.download(folder)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """Check that a folder has the files of this version and no others.

        Files that are kept elsewhere are checked in their stores.

        Args:
            root: the folder. Defaults to the folder of `download()`.

        Raises:
            ValueError: a file is missing, was changed, or does not belong to it; the message
                names the first of them.
            CommError: the store of a reference can't be reached.
        """
        from weft.sdk.artifacts.fetching.verifying import faults_of

        folder = self._folder(root)
        faults = list(faults_of(self.name, folder, list(self._version_files.listed())))
        if faults:
            more = f", and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
            raise UsageError("; ".join(faults[:MOST_FAULTS]) + more)

    def get(self, name: str) -> Any:
        """Return a table or media that was added; its files are fetched.

        Args:
            name: the name that it was added as, or its path.

        Returns:
            The object. None if there is no object of this name.

        Raises:
            UsageError: the artifact is not stored yet.
        """
        files = self._version_files
        path = files.object_path(name)
        if path is None:
            return None
        address = files.file(path).reference
        named = None if address is None else parse_file_address(address)
        if named is not None:  # its files are in the artifact that it refers to
            return self._of(self._stored.client.version(VersionTarget(*named[0]))).get(named[1])
        from weft.sdk.artifacts.objects.restoring import get_object

        return get_object(files, path, self._fetch)

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def files(
        self, names: Sequence[str] | None = None, per_page: int = 1000, start: str | None = None
    ) -> FilesOfArtifact:
        """The files of it, sorted by path and fetched as they are read. `paths` has their names.

        Args:
            names: only these.
            per_page: the number of files that one request fetches, at most 1,000.
            start: a path; files that come before it are left out.

        Raises:
            UsageError: it was logged and is not stored yet: call `wait()`.
        """
        files, requested = self._files, None if names is None else set(names)
        listed = (
            FileOfArtifact(self, file, files.server)
            for file in files.listed(min(max(1, per_page), 1000))
            if (requested is None or file.path in requested) and (not start or file.path >= start)
        )
        is_counted = requested is None and not start
        return FilesOfArtifact(listed, files.n_files if is_counted else None)

    def get_entry(self, name: str | os.PathLike[str]) -> ArtifactEntry:
        """Return one file of it.

        Args:
            name: its path in the artifact; of a table or media, also the name it was added as.

        Raises:
            NotFound: the artifact has no such file. It is a KeyError, too.
        """
        path = os.fspath(name).replace(os.sep, "/")
        entry = self._files.find_entry(path)
        if entry is None:
            raise NoSuchEntry(f"artifact {self.name} has no file {path!r}")
        return ArtifactEntry(self, *entry)

    def get_path(self, name: str | os.PathLike[str]) -> ArtifactEntry:
        """Return one file of it; W&B's older name for `get_entry`."""
        return self.get_entry(name)

    @property
    def manifest(self) -> Manifest:
        """The files of it with their hashes. Of a stored version, they come from the server."""
        return self._state.description.manifest(self._files.manifest_entries())

    @property
    def paths(self) -> list[str]:
        """The paths of its files, sorted."""
        return self._files.paths

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return self._files.n_bytes

    @property
    def file_count(self) -> int:
        """Number of its files."""
        return self._files.n_files
