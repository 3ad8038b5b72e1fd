"""Files of artifact versions: list, folders, contents. Called by `http.artifact_files`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote

from weft.errors import ConfigError, NotFound
from weft.records.file_paths import check_file_path
from weft.records.limits import MAX_FILE_PATH_BYTES
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.access.permissions import Action, require
from weft.server.services.artifacts.describing import find_version
from weft.server.services.stores.file_types import media_type_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import ArtifactFileRow, ArtifactRow
from weft.wire.artifacts import (
    MAX_INLINE_BYTES,
    MAX_LINKS,
    ArtifactFile,
    ArtifactFileList,
    ArtifactFolder,
    ContentLink,
)
from weft.wire.contents import MAX_CONTENTS_BYTES
from weft.wire.files import Subfolder
from weft.wire.runs import MAX_PAGE


class FoundFile(NamedTuple):
    """A file of a version whose content can be read.

    Attributes:
        is_chunked: whether its content is stored in chunks.
    """

    info: ArtifactFile
    artifact_id: int
    is_chunked: bool


class ArtifactFileService:
    """Reads files of artifact versions. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(
        self,
        actor: Actor,
        project: ProjectPath,
        name: str,
        ref: str,
        *,
        prefix: str = "",
        search: str = "",
        limit: int = 1000,
        cursor: str | None = None,
        with_contents: bool = False,
    ) -> ArtifactFileList:
        """A page of the files of a version whose path begins with `prefix`, by path.

        Args:
            with_contents: also the contents of files of at most `MAX_INLINE_BYTES`. The page
                then ends before they have more than `MAX_CONTENTS_BYTES`.

        Raises:
            NotFound: no such project, collection or version.
            ConfigError: the prefix, limit or cursor is invalid.
        """
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_PAGE)
        if len(prefix) > MAX_FILE_PATH_BYTES or "\0" in prefix + search:
            raise ConfigError("invalid prefix: file paths are relative", field="prefix")
        after = None if cursor is None else check_file_path(decode_cursor(cursor, str))
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            files = metadata.artifact_files.page(
                tx,
                metadata.links.source_id(tx, row.row_id),
                prefix,
                after,
                limit + 1,
                search=search,
            )
        contents = self._contents_of(files[:limit]) if with_contents else []
        n_files = len(contents) if with_contents else limit
        return ArtifactFileList(
            files=[_describe(project, name, row, file) for file in files[:n_files]],
            cursor=encode_cursor(files[n_files - 1].path) if len(files) > n_files else None,
            contents=contents,
        )

    def _contents_of(self, files: Iterable[ArtifactFileRow]) -> list[bytes | None]:
        """The contents of small files, of as many as fit into a page."""
        asked: list[str | None] = []
        n_bytes = 0
        for file in files:
            if file.state != "stored" or file.n_bytes > MAX_INLINE_BYTES:
                asked.append(None)
                continue
            n_bytes += file.n_bytes
            if n_bytes > MAX_CONTENTS_BYTES:
                break
            asked.append(file.sha256)
        # A deleted content is None here; asked for by its path, it gets the error that says so.
        contents = self._stores.blobs.store.get([one for one in asked if one is not None])
        return [None if one is None else next(contents) for one in asked]

    def folder(
        self,
        actor: Actor,
        project: ProjectPath,
        name: str,
        ref: str,
        folder: str = "",
        *,
        limit: int = 1000,
        cursor: str | None = None,
    ) -> ArtifactFolder:
        """What is directly in a folder of a version.

        Args:
            folder: its path; '' is the folder of all files.

        Raises:
            NotFound: no such project, collection or version.
            ConfigError: the folder, limit or cursor is invalid.
        """
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_PAGE)
        prefix = f"{check_file_path(folder)}/" if folder else ""
        after = None if cursor is None else check_file_path(decode_cursor(cursor, str))
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            files_of = metadata.links.source_id(tx, row.row_id)
            files = metadata.artifact_files.directly_in(tx, files_of, prefix, after, limit + 1)
            below = (
                metadata.artifact_files.folders(tx, files_of, prefix, MAX_PAGE)
                if after is None
                else []
            )
        return ArtifactFolder(
            folders=[
                Subfolder(name=one, n_files=n_files, n_bytes=n_bytes)
                for one, n_files, n_bytes in below
            ],
            files=[_describe(project, name, row, file) for file in files[:limit]],
            cursor=encode_cursor(files[limit - 1].path) if len(files) > limit else None,
        )

    def get(self, actor: Actor, project: ProjectPath, name: str, ref: str, path: str) -> FoundFile:
        """Find one file that has a content.

        Raises:
            NotFound: no such version or file, or it is a reference to a file kept elsewhere.
            ConfigError: the path is invalid.
        """
        require(actor, Action.READ, holder_of(project))
        check_file_path(path)
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            source_id = self._stores.metadata.links.source_id(tx, row.row_id)
            file = self._stores.metadata.artifact_files.get(tx, source_id, path)
        if file is None:
            raise NotFound(f"artifact {project}/{name}:v{row.version} has no file {path!r}")
        if file.state == "reference":
            raise NotFound(f"file {path!r} is kept elsewhere: {file.reference}")
        return FoundFile(_describe(project, name, row, file), source_id, file.state == "chunked")

    def links(
        self, actor: Actor, project: ProjectPath, file: FoundFile, start: int = 0
    ) -> list[ContentLink]:
        """Where a content can be downloaded for an hour, in parts, not from this server.

        Args:
            start: only parts that begin here or later, at most `MAX_LINKS`.

        Returns:
            An empty list if there is no such place: `read` has the content.
        """
        require(actor, Action.READ, holder_of(project))
        parts = [(0, file.info.sha256, file.info.n_bytes)]
        if file.is_chunked:
            with self._stores.metadata.read() as tx:
                chunks = self._stores.metadata.artifact_chunks.of_file(
                    tx, file.artifact_id, file.info.path, start
                )
            parts = [(one.start, one.sha256, one.n_bytes) for one in chunks[:MAX_LINKS]]
        links: list[ContentLink] = []
        for at, sha256, n_bytes in parts:
            url = self._stores.blobs.store.link(sha256) if file.info.state == "stored" else None
            if url is None:
                return []
            if at >= start:
                links.append(ContentLink(url, at, n_bytes))
        return links

    def read(
        self,
        actor: Actor,
        project: ProjectPath,
        file: FoundFile,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[bytes]:
        """The content of a file that `get` returned, or its bytes `[start, stop)`, in pieces.

        Raises:
            NotFound: the version was deleted meanwhile. A file of many chunks may end so in its
                middle.
        """
        require(actor, Action.READ, holder_of(project))
        path, blobs = file.info.path, self._stores.blobs.store
        try:
            if not file.is_chunked:
                return blobs.read(file.info.sha256, start, stop)
            with self._stores.metadata.read() as tx:
                chunks = self._stores.metadata.artifact_chunks.of_file(
                    tx, file.artifact_id, path, start, stop
                )
            if not chunks and file.info.n_bytes > start:
                raise NotFound("its chunks were removed")
            return chain.from_iterable(
                blobs.read(
                    one.sha256,
                    max(0, start - one.start),
                    one.n_bytes if stop is None else min(one.n_bytes, stop - one.start),
                )
                for one in chunks
            )
        except NotFound:
            raise NotFound(f"the content of file {path!r} is gone") from None


def _describe(
    project: ProjectPath, name: str, row: ArtifactRow, file: ArtifactFileRow
) -> ArtifactFile:
    place = "/".join(quote(part, safe="") for part in (*project, "artifacts", name))
    url = f"/api/v1/projects/{place}/versions/v{row.version}/files/{quote(file.path)}"
    return ArtifactFile(
        path=file.path,
        n_bytes=file.n_bytes,
        sha256=file.sha256,
        media_type=media_type_of(file.path, None),
        url=None if file.state == "reference" else url,
        reference=file.reference,
        checksum=file.checksum,
        state="stored" if file.state == "chunked" else file.state,
    )
