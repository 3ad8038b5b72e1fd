"""The requests about artifacts, one method per route, with typed answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from weft.client.bucket import Bucket
from weft.client.endpoints import project_path, quoted, run_path
from weft.client.shared import Server, SharedTransport
from weft.client.transport import MSGPACK_MEDIA_TYPE
from weft.errors import NotFound, WeftError
from weft.wire.artifacts.artifacts import (
    MAX_CHANGES,
    Artifact,
    ArtifactChange,
    ArtifactCollection,
    ArtifactDiff,
    ArtifactFile,
    ArtifactFileList,
    ArtifactHistory,
    ArtifactType,
    CollectionList,
    ContentLinks,
    Lineage,
    RunArtifacts,
    VersionList,
)

_TYPED = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}
_FILES_AT_ONCE = 10_000
_DIRECT_BYTES = 4 << 20
"""Smaller files come from the server: to ask for a link takes as long as to send them."""

_FILES = re.compile(r"(/api/v1/projects/[^/]+/[^/]+/artifacts/[^/]+/versions/[^/]+)/files/")

_T = TypeVar("_T")


class VersionTarget(NamedTuple):
    """The names of a version on the server; `ref` is a version, an alias or a digest."""

    entity: str
    project: str
    name: str
    ref: str

    @property
    def path(self) -> str:
        return f"{_collection_path(*self[:3])}/versions/{quoted(self.ref)}"


class ArtifactClient:
    """The HTTP API of artifacts as methods, for any number of threads."""

    def __init__(self, transport: SharedTransport) -> None:
        self._transport = transport
        self._reaches_bucket = True

    @property
    def url(self) -> str:
        return self._transport.url

    @property
    def server(self) -> Server:
        return self._transport.server

    def collections(
        self, entity: str, project: str, *, type_: str | None = None
    ) -> Iterator[ArtifactCollection]:
        """Yield the collections of a project, by name."""
        cursor: str | None = ""
        while cursor is not None:
            query = _query(type=type_, limit=1000, cursor=cursor)
            page = self._get(f"{project_path(entity, project)}/artifacts{query}", CollectionList)
            yield from page.collections
            cursor = page.cursor

    def types(self, entity: str, project: str) -> list[ArtifactType]:
        """Return the types of a project's collections."""
        page = self._get(f"{project_path(entity, project)}/artifacts?limit=1", CollectionList)
        return page.types

    def collection(self, entity: str, project: str, name: str) -> ArtifactCollection:
        """Return a collection.

        Raises:
            NotFound: no such collection.
        """
        return self._get(_collection_path(entity, project, name), ArtifactCollection)

    def delete_collection(self, entity: str, project: str, name: str) -> None:
        """Delete a collection with all its versions."""
        self._transport.request("DELETE", _collection_path(entity, project, name))

    def versions(self, entity: str, project: str, name: str) -> Iterator[Artifact]:
        """Yield the versions of a collection, newest first."""
        cursor: str | None = ""
        while cursor is not None:
            query = _query(limit=1000, cursor=cursor)
            path = f"{_collection_path(entity, project, name)}/versions{query}"
            page = self._get(path, VersionList)
            yield from page.versions
            cursor = page.cursor

    def version(self, target: VersionTarget) -> Artifact:
        """Return a version.

        Raises:
            NotFound: no such version.
        """
        return self._get(target.path, Artifact)

    def edit(self, target: VersionTarget, edit: Mapping[str, Any]) -> Artifact:
        """Change what describes a version, and move aliases to it.

        Args:
            edit: members of `wire.artifacts.artifacts.ArtifactEdit`.
        """
        reply = self._transport.request(
            "PATCH",
            target.path,
            body=msgspec.json.encode(edit),
            headers={**_TYPED, "Content-Type": "application/json"},
        )
        return self._transport.decode(reply, Artifact)

    def delete(self, target: VersionTarget, *, with_aliases: bool) -> None:
        """Delete a version.

        Raises:
            Conflict: it has aliases, and `with_aliases` is not set.
        """
        query = "?with_aliases=true" if with_aliases else ""
        self._transport.request("DELETE", f"{target.path}{query}")

    def link(self, source: VersionTarget, target: str, aliases: Sequence[str]) -> Artifact:
        """Link a version to a collection of a registry; the version there.

        Args:
            target: the collection, as `registry/model/digits`.

        Raises:
            NotFound: no such version or registry.
            Forbidden: the user may not.
        """
        reply = self._transport.request(
            "POST",
            f"{source.path}/links",
            body=msgspec.json.encode({"target": target, "aliases": list(aliases)}),
            headers={**_TYPED, "Content-Type": "application/json"},
        )
        return self._transport.decode(reply, Artifact)

    def history(self, entity: str, project: str, name: str) -> list[ArtifactChange]:
        """Return the newest changes of a collection, newest first."""
        query = _query(limit=MAX_CHANGES)
        path = f"{_collection_path(entity, project, name)}/history{query}"
        return self._get(path, ArtifactHistory).changes

    def files(self, target: VersionTarget, *, prefix: str = "") -> Iterator[ArtifactFile]:
        """Yield the files of a version whose path begins with `prefix`, by path."""
        for page in self.file_pages(target, prefix=prefix, limit=_FILES_AT_ONCE):
            yield from page.files

    def file_pages(
        self, target: VersionTarget, *, prefix: str = "", limit: int, with_contents: bool = False
    ) -> Iterator[ArtifactFileList]:
        """Yield the files of a version in pages.

        Args:
            limit: the size of a page; a page with contents may be smaller.
            with_contents: also the contents of small files.
        """
        inline = "true" if with_contents else None
        cursor: str | None = ""
        while cursor is not None:
            query = _query(prefix=prefix, limit=limit, cursor=cursor, with_contents=inline)
            page = self._get(f"{target.path}/files{query}", ArtifactFileList)
            yield page
            cursor = page.cursor

    def file(self, target: VersionTarget, path: str) -> ArtifactFile:
        """Return one file of a version.

        Raises:
            NotFound: no such version or file.
        """
        for page in self.file_pages(target, prefix=path, limit=1):
            if page.files and page.files[0].path == path:  # the shortest path is the first
                return page.files[0]
            break
        raise NotFound(f"artifact {target.name}:{target.ref} has no file {path!r}")

    def download(self, url: str, n_bytes: int) -> Iterator[bytes]:
        """Yield the content of a file in pieces.

        A large one comes from the bucket of the server, if the server allows it and the bucket
        can be reached from here; else from the server. The caller checks its hash.

        Args:
            url, n_bytes: of `wire.artifacts.artifacts.ArtifactFile`.
        """
        done = 0
        if n_bytes >= _DIRECT_BYTES and self._reaches_bucket:
            for piece in self._from_bucket(url, n_bytes):
                done += len(piece)
                yield piece
            if done >= n_bytes:
                return
        headers = {"Accept": "*/*", **({"Range": f"bytes={done}-"} if done else {})}
        yield from self._transport.stream("GET", url, headers=headers)

    def _from_bucket(self, url: str, n_bytes: int) -> Iterator[bytes]:
        """As much of a content as the bucket gives, from its start."""
        links_url = _FILES.sub(r"\1/links/", url, count=1)
        bucket = Bucket(self._transport.server.policy)
        done = 0
        try:
            while done < n_bytes:
                page = self._get(f"{links_url}?start={done}", ContentLinks)
                if not page.links:
                    self._reaches_bucket = done > 0
                    return
                try:
                    for piece in bucket.read([link.url for link in page.links]):
                        done += len(piece)
                        yield piece
                except WeftError:
                    self._reaches_bucket = done > 0
                    return
        finally:
            bucket.close()

    def diff(self, target: VersionTarget, before: VersionTarget) -> Iterator[ArtifactDiff]:
        """Yield what differs between two versions, in pages of files."""
        cursor: str | None = ""
        while cursor is not None:
            name = f"{before.entity}/{before.project}/{before.name}:{before.ref}"
            query = _query(before=name, limit=_FILES_AT_ONCE, cursor=cursor)
            page = self._get(f"{target.path}/diff{query}", ArtifactDiff)
            yield page
            cursor = page.cursor

    def lineage(self, target: VersionTarget, *, depth: int = 10) -> Lineage:
        """Return the runs and versions around a version."""
        return self._get(f"{target.path}/lineage?depth={depth}", Lineage)

    def of_run(
        self, entity: str, project: str, run_id: str, *, folder: str | None = None
    ) -> RunArtifacts:
        """Return what a run logged and used.

        Args:
            folder: only what became of the version that was logged under this folder.
        """
        path = f"{run_path(entity, project, run_id)}/artifacts{_query(folder=folder)}"
        return self._get(path, RunArtifacts)

    def _get(self, path: str, shape: type[_T]) -> _T:
        reply = self._transport.request("GET", path, headers=_TYPED)
        return self._transport.decode(reply, shape)


def file_url(target: VersionTarget, path: str) -> str:
    """The path of a file's content on the server."""
    return f"{target.path}/files/{quote(path)}"


def _collection_path(entity: str, project: str, name: str) -> str:
    return f"{project_path(entity, project)}/artifacts/{quote(name, safe='')}"


def _query(**values: Any) -> str:
    parameters = {name: value for name, value in values.items() if value not in {None, ""}}
    return f"?{urlencode(parameters)}" if parameters else ""
