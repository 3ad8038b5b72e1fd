"""Files of artifact versions: list, folders, contents. Called by `http.artifacts.files`."""

from __future__ import annotations

import builtins
from collections.abc import Collection, Generator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from weft.errors import ConfigError, NotFound
from weft.records.files.file_paths import check_file_path
from weft.records.limits import MAX_FILE_PATH_BYTES
from weft.server.services.access.actors import Actor
from weft.server.services.access.cursors import check_limit, decode_cursor, encode_cursor
from weft.server.services.access.paths import ProjectPath, holder_of
from weft.server.services.access.permissions import Action, require
from weft.server.services.artifacts.describing import find_version
from weft.server.services.artifacts.originals import VersionOriginals, originals_of
from weft.server.services.stores.file_types import media_type_of
from weft.server.services.stores.stores import Service
from weft.server.services.zip_stream import FIRST_DATE, ZipStream
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.file_pieces import FilePieces, JoinedPieces
from weft.server.storage.metadata import ArtifactFileRow, ArtifactRow
from weft.wire.artifacts.artifacts import MAX_LINKS
from weft.wire.artifacts.files import (
    MAX_INLINE_BYTES,
    ArtifactFile,
    ArtifactFileList,
    ArtifactFolder,
    ContentLink,
)
from weft.wire.files.contents import MAX_CONTENTS_BYTES
from weft.wire.files.files import File, Subfolder
from weft.wire.runs.runs import MAX_PAGE

_PAGE: Final = 1000


class VersionFile(NamedTuple):
    """A file of a version whose content can be read: from `originals` if the server does not have
    it itself.
    """

    info: ArtifactFile
    artifact_id: int
    is_chunked: bool
    originals: VersionOriginals | None


class ArtifactFileService(Service):
    """Reads files of artifact versions. Thread-safe."""

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

        `with_contents` adds those of at most `MAX_INLINE_BYTES`; the page then ends before they
        have more than `MAX_CONTENTS_BYTES`.
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
            files = _with_states(originals_of(self._stores, tx, row), files)
        contents = self._contents_of(files[:limit]) if with_contents else []
        n_files = len(contents) if with_contents else limit
        return ArtifactFileList(
            files=[describe_file(project, name, row, file) for file in files[:n_files]],
            cursor=encode_cursor(files[n_files - 1].path) if len(files) > n_files else None,
            contents=contents,
        )

    def _contents_of(self, files: Iterable[ArtifactFileRow]) -> builtins.list[bytes | None]:
        """The contents of small files, of as many as fit into a page."""
        hashes: builtins.list[str | None] = []
        n_bytes = 0
        for file in files:
            if file.state != "stored" or file.n_bytes > MAX_INLINE_BYTES:
                hashes.append(None)
                continue
            n_bytes += file.n_bytes
            if n_bytes > MAX_CONTENTS_BYTES:
                break
            hashes.append(file.sha256)
        # A deleted content is None here; a request for its path gets the error.
        contents = self._stores.blobs.store.get(
            [sha256 for sha256 in hashes if sha256 is not None]
        )
        return [None if sha256 is None else next(contents) for sha256 in hashes]

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
        """The files and folders directly in a folder of a version; '' is the top."""
        require(actor, Action.READ, holder_of(project))
        check_limit(limit, MAX_PAGE)
        prefix = f"{check_file_path(folder)}/" if folder else ""
        after = None if cursor is None else check_file_path(decode_cursor(cursor, str))
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            files_of = metadata.links.source_id(tx, row.row_id)
            files = metadata.artifact_files.directly_in(tx, files_of, prefix, after, limit + 1)
            files = _with_states(originals_of(self._stores, tx, row), files)
            below = (
                metadata.artifact_files.folders(tx, files_of, prefix, MAX_PAGE)
                if after is None
                else []
            )
        return ArtifactFolder(
            folders=[
                Subfolder(name=folder_name, n_files=n_files, n_bytes=n_bytes)
                for folder_name, n_files, n_bytes in below
            ],
            files=[describe_file(project, name, row, file) for file in files[:limit]],
            cursor=encode_cursor(files[limit - 1].path) if len(files) > limit else None,
        )

    def get(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, path: str
    ) -> VersionFile:
        """Find one file that has a content. NotFound also for a reference to a file elsewhere."""
        require(actor, Action.READ, holder_of(project))
        check_file_path(path)
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            source_id = self._stores.metadata.links.source_id(tx, row.row_id)
            file = self._stores.metadata.artifact_files.get(tx, source_id, path)
            originals = originals_of(self._stores, tx, row)
        if file is None:
            raise NotFound(f"artifact {project}/{name}:v{row.version} has no file {path!r}")
        if file.state == "reference":
            raise NotFound(f"file {path!r} is kept elsewhere: {file.reference}")
        return _version_file(project, name, row, source_id, file, originals)

    def find_file(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, paths: Collection[str]
    ) -> dict[str, File]:
        """Describe the files that a version has, by path, like files of a run."""
        require(actor, Action.READ, holder_of(project))
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            files = self._stores.metadata.artifact_files.by_paths(
                tx, self._stores.metadata.links.source_id(tx, row.row_id), paths
            )
            files = _with_states(originals_of(self._stores, tx, row), files)
        return {file.path: _as_run_file(project, name, row, file) for file in files}

    def copy_to(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, file: str, path: Path
    ) -> None:
        """Copy the content of a file to a free path, or link it."""
        require(actor, Action.READ, holder_of(project))
        content = self.get(actor, project, name, ref, file)
        if not content.is_chunked and content.originals is None:
            self._stores.blobs.store.copy_to(content.info.sha256, path)
            return
        with disk_faults(f"file {file!r} can't be copied"), path.open("xb") as into:
            for piece in self._pieces(content):
                into.write(piece)

    def zip(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, folder: str = ""
    ) -> Generator[bytes, None, None]:
        """All files below a folder of a version, as the bytes of a zip file.

        References, and files that are deleted meanwhile, are left out. The names in the zip begin
        with the folder's own.
        """
        require(actor, Action.READ, holder_of(project))
        prefix = f"{check_file_path(folder)}/" if folder else ""
        n_outer = len(folder.rpartition("/")[0]) + 1 if "/" in folder else 0
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            source_id = self._stores.metadata.links.source_id(tx, row.row_id)
            originals = originals_of(self._stores, tx, row)
        at = datetime.fromtimestamp(row.created_micros / 1e6, UTC)
        date = max((at.year, at.month, at.day, at.hour, at.minute, at.second), FIRST_DATE)
        version = f"{project}/{name}:v{row.version}"
        exported = {"kind": "files", "folder": folder}
        self._stores.audit.note_alone(actor, "export", project.entity, version, exported)
        stream = ZipStream()
        for file in self._all_below(source_id, prefix):
            if file.state == "reference":
                continue
            try:
                pieces = self._pieces(
                    _version_file(project, name, row, source_id, file, originals)
                )
            except NotFound:
                continue
            yield from stream.entry(file.path[n_outer:], pieces, date=date)
        yield stream.end()

    def _all_below(self, artifact_id: int, prefix: str) -> Iterator[ArtifactFileRow]:
        files, after = self._stores.metadata.artifact_files, None
        while True:
            with self._stores.metadata.read() as tx:
                page = files.page(tx, artifact_id, prefix, after, _PAGE)
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].path

    def links(
        self, actor: Actor, project: ProjectPath, file: VersionFile, start: int = 0
    ) -> builtins.list[ContentLink]:
        """Links to download a content elsewhere than from this server, in parts, for an hour.

        At most `MAX_LINKS`, of parts that begin at `start` or later. Empty without links:
        `read` has the content.
        """
        require(actor, Action.READ, holder_of(project))
        parts = [(0, file.info.sha256, file.info.n_bytes)]
        if file.is_chunked:
            with self._stores.metadata.read() as tx:
                chunks = self._stores.metadata.artifact_chunks.of_file(
                    tx, file.artifact_id, file.info.path, start
                )
            parts = [(chunk.start, chunk.sha256, chunk.n_bytes) for chunk in chunks[:MAX_LINKS]]
        links: builtins.list[ContentLink] = []
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
        file: VersionFile,
        start: int = 0,
        stop: int | None = None,
    ) -> Iterator[bytes]:
        """The content of a file that `get` returned, or its bytes `[start, stop)`, in pieces."""
        require(actor, Action.READ, holder_of(project))
        return self._pieces(file, start, stop)

    def _pieces(
        self, file: VersionFile, start: int = 0, stop: int | None = None
    ) -> Iterator[bytes]:
        path, blobs = file.info.path, self._stores.blobs.store
        original = None
        if file.originals is not None:
            original = file.originals.open(path, file.info.n_bytes)
        if original is not None:
            return FilePieces(original, start, stop)
        try:
            if not file.is_chunked:
                return blobs.read(file.info.sha256, start, stop)
            with self._stores.metadata.read() as tx:
                chunks = self._stores.metadata.artifact_chunks.of_file(
                    tx, file.artifact_id, path, start, stop
                )
            if not chunks and file.info.n_bytes > start:
                raise NotFound("its chunks were removed")
            return JoinedPieces(
                blobs.read(
                    chunk.sha256,
                    max(0, start - chunk.start),
                    chunk.n_bytes if stop is None else min(chunk.n_bytes, stop - chunk.start),
                )
                for chunk in chunks
            )
        except NotFound:
            raise NotFound(f"the content of file {path!r} is gone") from None


def _version_file(
    project: ProjectPath,
    name: str,
    row: ArtifactRow,
    artifact_id: int,
    file: ArtifactFileRow,
    originals: VersionOriginals | None,
) -> VersionFile:
    (shown,) = _with_states(originals, [file])
    info = describe_file(project, name, row, shown)
    return VersionFile(info, artifact_id, file.state == "chunked", originals)


def _with_states(
    originals: VersionOriginals | None, files: builtins.list[ArtifactFileRow]
) -> builtins.list[ArtifactFileRow]:
    return files if originals is None else originals.with_states(files)


def _as_run_file(project: ProjectPath, name: str, row: ArtifactRow, file: ArtifactFileRow) -> File:
    described = describe_file(project, name, row, file)
    is_elsewhere = described.state == "reference"
    return File(
        path=file.path,
        n_bytes=file.n_bytes,
        sha256=file.sha256,
        media_type=described.media_type,
        created_micros=row.created_micros,
        url=described.url or "",
        state="failed" if is_elsewhere else described.state,
        error=f"it is kept elsewhere: {file.reference}" if is_elsewhere else None,
    )


def describe_file(
    project: ProjectPath, name: str, row: ArtifactRow, file: ArtifactFileRow
) -> ArtifactFile:
    """Describe a file of a version of a collection."""
    address = "/".join(quote(part, safe="") for part in (*project, "artifacts", name))
    url = f"/api/v1/projects/{address}/versions/v{row.version}/files/{quote(file.path)}"
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
