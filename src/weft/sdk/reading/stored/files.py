"""Lists, downloads, uploads and deletes files of a stored run. Does network and disk I/O."""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, TextIO

from weft.client.api_client import ApiClient, Page
from weft.errors import CommError, ConfigError, NotFound
from weft.records.sizes import shown_size
from weft.records.times import iso_time
from weft.runlog.links import check_free
from weft.sdk.artifacts.files.file_list import open_downloaded
from weft.sdk.reading.pages import Pages
from weft.sdk.reading.paths import RunName
from weft.sdk.reading.stored.names import INSIDE, WandbNames
from weft.wire.files.files import File, delete_file, download_file

_MOST_LISTED: Final = 1000
"""Most files that the server lists in one answer."""


class StoredFile(WandbNames):
    """A file of a run.

    Attributes:
        name: the file's path in the run, with slashes.
    """

    not_here: ClassVar[Mapping[str, str]] = {
        "display": "the browser's page of the run shows it",
        "to_html": "the browser's page of the run shows it",
        "snake_to_camel": INSIDE,
    }

    def __init__(self, client: ApiClient, run: RunName, fields: File) -> None:
        self._client = client
        self._run = run
        self._fields = fields
        self.name = fields.path

    @property
    def id(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        """The size in bytes."""
        return self._fields.n_bytes

    @property
    def size_bytes(self) -> int:
        """The same as `size`."""
        return self.size

    @property
    def md5(self) -> str:
        """The MD5 of the content in base64, as in W&B. Reading it downloads the content."""
        digest = hashlib.md5(usedforsecurity=False)
        for piece in self._client.stream(download_file, *self._run, self.name):
            digest.update(piece)
        return base64.b64encode(digest.digest()).decode()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the content, in hexadecimal digits."""
        return self._fields.sha256

    @property
    def mimetype(self) -> str:
        return self._fields.media_type

    @property
    def updated_at(self) -> str:
        """When the server received this content: ISO 8601, UTC."""
        return iso_time(self._fields.created_micros)

    @property
    def url(self) -> str:
        """The address of the content, for a browser."""
        return f"{self._client.url}{self._fields.url}"

    @property
    def direct_url(self) -> str:
        """The same as `url`."""
        return self.url

    @property
    def path_uri(self) -> str:
        """The same as `url`: weft's files are read through the server."""
        return self.url

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
            ConfigError: the local file exists already, its path would be outside `root`, or a file
                has the name of a folder there.
            NotFound: the file was deleted on the server.
            Unavailable: the connection was lost; no partial file is left.
            CommError: the file is damaged on the server; no partial file is left.
        """
        target = _place_below(Path(root), self.name)
        return open_downloaded(
            target, lambda: self._write(target), replace=replace, exist_ok=exist_ok
        )

    def _write(self, target: Path) -> None:
        check_free(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            with draft.open("wb") as file:
                file.writelines(self._content())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def read(self) -> bytes:
        """Return the content.

        Raises:
            CommError: the file is damaged on the server.
        """
        return b"".join(self._content())

    def _content(self) -> Iterator[bytes]:
        digest = hashlib.sha256()
        for piece in self._client.stream(download_file, *self._run, self.name):
            digest.update(piece)
            yield piece
        received = digest.hexdigest()
        if received == self.sha256:
            return
        # The file may have been replaced since this object was made.
        current = self._client.files(*self._run, prefix=self.name, limit=1).items
        if not any(file.path == self.name and file.sha256 == received for file in current):
            raise CommError(
                f"{self.name} is not what was stored: it is damaged on the server "
                "(`weft server check` names all that is), or was replaced while it came"
            )

    def delete(self) -> None:
        """Delete the file on the server.

        Raises:
            NotFound: the file no longer exists.
        """
        self._client.call(delete_file, *self._run, self.name)

    def __repr__(self) -> str:
        return f"<File {self.name} ({self.mimetype}) {shown_size(self.size)}>"


class StoredFiles(Pages[StoredFile]):
    """The files of a run, sorted by name and fetched page by page."""

    def __init__(
        self,
        client: ApiClient,
        run: RunName,
        names: Sequence[str] | None,
        pattern: str | None,
        per_page: int,
    ) -> None:
        super().__init__(per_page)
        if names and pattern:
            raise ConfigError("give names or a pattern, not both")
        self._client = client
        self._run = run
        self._names = None if not names else list(names)
        self._pattern = None if pattern is None else _pattern_of(pattern)

    def _ask(self, cursor: str | None) -> Page[File]:
        if self._names is not None:
            return Page(self._named(self._names), None)
        prefix = self._pattern[0] if self._pattern else ""
        page = self._client.files(*self._run, prefix=prefix, limit=self.per_page, cursor=cursor)
        if self._pattern is None:
            return page
        items = [file for file in page.items if self._pattern[1].fullmatch(file.path)]
        return Page(items, page.cursor)

    def _named(self, names: list[str]) -> list[File]:
        listed = self._listed(names) if len(names) > 1 else {}
        files: list[File] = []
        for name in names:
            if name in listed:
                files.append(listed[name])
                continue
            # The prefix also matches longer names; the exact name sorts first among them.
            page = self._client.files(*self._run, prefix=name, limit=1)
            files.extend(file for file in page.items if file.path == name)
        return files

    def _listed(self, names: list[str]) -> dict[str, File]:
        """Files of some names, by as many lists of files as there are hundreds of names.

        The increments of a table are thousands of files with one prefix.
        """
        prefix = os.path.commonprefix(names)  # noqa: RUF071  of characters, as on the server
        limit = min(2 * len(names), _MOST_LISTED)
        paths = set(names)
        files: dict[str, File] = {}
        cursor: str | None = None
        for _ in range(0, len(names), 100):
            page = self._client.files(*self._run, prefix=prefix, limit=limit, cursor=cursor)
            files |= {file.path: file for file in page.items if file.path in paths}
            cursor = page.cursor
            if cursor is None or len(files) == len(paths):
                break
        return files

    def _item(self, fields: File) -> StoredFile:
        return StoredFile(self._client, self._run, fields)

    def one(self) -> StoredFile:
        """Return the one requested file.

        Raises:
            NotFound: the run has no file of that name.
        """
        for file in self:
            return file
        raise NotFound(f"run {'/'.join(self._run)} has no file {(self._names or [''])[0]!r}")

    def __repr__(self) -> str:
        return f"<Files {'/'.join(self._run)} ({len(self)})>"


def sent_file(client: ApiClient, run: RunName, path: Path, root: Path) -> str:
    """Upload a local file, in `root`, to a run and return its name there."""
    base = os.path.abspath(root)  # noqa: PTH100  keeps symbolic links as the user wrote them
    full = os.path.abspath(path if path.is_absolute() else Path(base) / path)  # noqa: PTH100
    name = Path(os.path.relpath(full, base)).as_posix()
    if name.startswith("../"):
        raise ConfigError(f"{path} is not below {root}: give a root above it")
    with Path(full).open("rb") as content:
        client.upload(*run, name, content)
    return name


def _place_below(root: Path, name: str) -> Path:
    """Return the local path of a server's file, which is never outside `root`; ConfigError if it
    would be.
    """
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or ".." in parts or "" in parts or (os.name == "nt" and ":" in name):
        raise ConfigError(f"invalid file name {name!r}: it would be outside {root}")
    return root.joinpath(*parts)


def _pattern_of(pattern: str) -> tuple[str, re.Pattern[str]]:
    """Translate an SQL LIKE pattern to the prefix of every match and a regular expression."""
    start = re.split(r"[%_]", pattern, maxsplit=1)[0]
    parts = re.split(r"([%_])", pattern)
    shape = {"%": "*", "_": "?"}
    glob = "".join(shape.get(part) or re.sub(r"([*?\[])", r"[\1]", part) for part in parts)
    return start, re.compile(fnmatch.translate(glob))
