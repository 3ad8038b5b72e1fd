"""The files of an artifact with the names of W&B's `File`: what `Artifact.files()` returns."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import os
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TextIO

from weft.errors import ConfigError, UsageError
from weft.records.sizes import shown_size
from weft.runlog.links import check_free
from weft.sdk.artifacts.files.entry import HasEntries
from weft.sdk.artifacts.files.lazy_list import LazyList
from weft.wire.artifacts.files import ArtifactFile


class FileOfArtifact:
    """A file of an artifact.

    Attributes:
        name: its path in the artifact, with slashes.
        size: the length of its content in bytes; 0 if unknown.
        mimetype: such as `text/csv`.
        sha256: the SHA-256 of its content in hexadecimal digits; empty for a reference, and before
            the artifact is logged.
        url: the address of its content, for a browser, also of a file that is kept elsewhere. None
            before the artifact is stored.
    """

    def __init__(self, parent: HasEntries, fields: ArtifactFile, server: str | None) -> None:
        self._parent = parent
        self.name: str = fields.path
        self.size: int = fields.n_bytes
        guess = mimetypes.guess_type(fields.path)[0]
        self.mimetype: str = fields.media_type or guess or "application/octet-stream"
        self.sha256: str = fields.sha256
        self.url: str | None = fields.reference
        if fields.url is not None and server is not None:
            self.url = f"{server}{fields.url}"

    @property
    def id(self) -> str:
        """The same as `name`."""
        return self.name

    @property
    def size_bytes(self) -> int:
        """The same as `size`."""
        return self.size

    @property
    def direct_url(self) -> str | None:
        """The same as `url`."""
        return self.url

    @property
    def path_uri(self) -> str | None:
        """The same as `url`."""
        return self.url

    @property
    def md5(self) -> str:
        """The MD5 of the content in Base64, as in W&B. Reading it downloads the file."""
        content = Path(self._parent.fetch([self.name]), self.name).read_bytes()
        return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()

    def download(
        self,
        root: str | os.PathLike[str] = ".",
        replace: bool = False,
        exist_ok: bool = False,
        api: object = None,  # noqa: ARG002  W&B's argument
    ) -> TextIO:
        """Download the file to `root/name`, as a whole or not at all.

        Args:
            root: the local folder.
            replace: overwrite an existing file.
            exist_ok: keep an existing file and open it instead of downloading.

        Returns:
            The local file, opened for reading text; its `name` is the path.

        Raises:
            ConfigError: the local file exists already, or its path would be outside `root`.
            UsageError: the artifact is not stored yet.
            CommError: the server can't be reached, or the content is damaged there.
        """
        return open_downloaded(
            Path(root, self.name),
            lambda: self._parent.fetch([self.name], root),
            replace=replace,
            exist_ok=exist_ok,
        )

    def delete(self) -> None:
        """Raise an error: the files of an artifact never change.

        Raises:
            UsageError: always.
        """
        raise UsageError(
            f"{self.name} of {self._parent.name} can't be deleted: versions never change. "
            "Log a new_draft() without the file"
        )

    def __repr__(self) -> str:
        return f"<File {self.name} ({self.mimetype}) {shown_size(self.size)}>"


def open_downloaded(
    path: Path, download: Callable[[], object], *, replace: bool, exist_ok: bool
) -> TextIO:
    """Open a local file for reading text; `download` it first unless it may stay as it is.

    ConfigError if it exists, and neither `replace` nor `exist_ok` is set.
    """
    check_free(path)
    if replace or not path.exists():
        download()
    elif not exist_ok:
        raise ConfigError(
            f"{path} exists already: replace=True overwrites it, exist_ok=True keeps it"
        )
    return path.open(encoding="utf-8", errors="replace")


class FilesOfArtifact(LazyList[FileOfArtifact]):
    """The files of an artifact, sorted by path and fetched as they are read.

    Args:
        files: are read once, in order.
        n_files: the number of files. If None, they are counted by reading all.
    """

    def __init__(self, files: Iterable[FileOfArtifact], n_files: int | None = None) -> None:
        super().__init__()
        self._rest = iter(files)
        self._n_files = n_files

    def _load_page(self) -> bool:
        file = next(self._rest, None)
        if file is not None:
            self.objects.append(file)
        return file is not None

    def __len__(self) -> int:
        return super().__len__() if self._n_files is None else self._n_files

    def __repr__(self) -> str:
        names = ", ".join(file.name for file in islice(self, 3))
        return f"<Files {names}{', …' * (len(self) > 3)} ({len(self)})>"
