"""The requests about artifacts, those that take more than a call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from weft.client.bucket import Bucket
from weft.client.calls import Caller
from weft.client.shared import Server, SharedTransport
from weft.errors import NotFound, WeftError
from weft.wire.artifacts.artifacts import (
    Artifact,
    ArtifactCollection,
    ArtifactEdit,
    RunArtifacts,
    delete_version,
    edit_version,
    get_collection,
    get_run_artifacts,
    get_version,
)
from weft.wire.artifacts.files import (
    ArtifactFile,
    ArtifactFileList,
    ContentLinks,
    download_artifact_file,
    list_artifact_files,
    list_content_links,
)
from weft.wire.artifacts.lineage import Lineage, get_lineage
from weft.wire.artifacts.registries import NewLink, link_version

_FILES_AT_ONCE = 10_000
_DIRECT_BYTES = 4 << 20
"""Smaller files come from the server: to ask for a link takes as long as to send them."""

_FILE_URL = re.compile(
    "/api/v1/projects/([^/]+)/([^/]+)/artifacts/([^/]+)/versions/([^/]+)/files/([^?]+).*"
)


class VersionTarget(NamedTuple):
    """The names of a version on the server; `ref` is a version, an alias or a digest."""

    entity: str
    project: str
    name: str
    ref: str


class ArtifactClient(Caller[SharedTransport]):
    """The requests about versions of artifacts, for any number of threads."""

    def __init__(self, transport: SharedTransport) -> None:
        super().__init__(transport)
        self._reaches_bucket = True

    @property
    def server(self) -> Server:
        return self._transport.server

    def collection(self, entity: str, project: str, name: str) -> ArtifactCollection:
        return self.call(get_collection, entity, project, name)

    def version(self, target: VersionTarget) -> Artifact:
        """Return a version."""
        return self.call(get_version, *target)

    def edit(self, target: VersionTarget, edit: Mapping[str, Any]) -> Artifact:
        """Change what describes a version, and move aliases to it; see
        `wire.artifacts.artifacts.ArtifactEdit`.
        """
        return self.call(edit_version, *target, ArtifactEdit(**edit))

    def delete(self, target: VersionTarget, *, with_aliases: bool) -> None:
        """Delete a version. Conflict if it has aliases, and `with_aliases` is not set."""
        self.call(delete_version, *target, with_aliases=with_aliases)

    def link(self, source: VersionTarget, target: str, aliases: Sequence[str]) -> Artifact:
        """Link a version to a collection of a registry, such as `registry/model/digits`.

        Returns the version there.
        """
        return self.call(link_version, *source, NewLink(target=target, aliases=list(aliases)))

    def files(self, target: VersionTarget, *, prefix: str = "") -> Iterator[ArtifactFile]:
        """Yield the files of a version whose path begins with `prefix`, by path."""
        for page in self.file_pages(target, prefix=prefix, limit=_FILES_AT_ONCE):
            yield from page.files

    def file_pages(
        self, target: VersionTarget, *, prefix: str = "", limit: int, with_contents: bool = False
    ) -> Iterator[ArtifactFileList]:
        """Yield the files of a version in pages of `limit`; fewer if they have the contents of
        small files.
        """
        return self.pages(
            list_artifact_files, *target, prefix=prefix, limit=limit, with_contents=with_contents
        )

    def file(self, target: VersionTarget, path: str) -> ArtifactFile:
        for page in self.file_pages(target, prefix=path, limit=1):
            if page.files and page.files[0].path == path:  # the shortest path is the first
                return page.files[0]
            break
        raise NotFound(f"artifact {target.name}:{target.ref} has no file {path!r}")

    def download(self, url: str, n_bytes: int) -> Iterator[bytes]:
        """Yield the content of a file in pieces.

        A large one comes from the bucket of the server, if the server allows it and the bucket can
        be reached from here; else from the server. The caller checks its hash.
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
        bucket = Bucket(self._transport.server.policy)
        done = 0
        try:
            while done < n_bytes:
                page = self._links(url, done)
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

    def _links(self, url: str, start: int) -> ContentLinks:
        match = _FILE_URL.fullmatch(url)
        if match is None:
            return ContentLinks(links=[])
        return self.call(list_content_links, *map(unquote, match.groups()), start=start)

    def lineage(self, target: VersionTarget, *, depth: int = 10) -> Lineage:
        """Return the runs and versions around a version."""
        return self.call(get_lineage, *target, depth=depth)

    def of_run(
        self, entity: str, project: str, run_id: str, *, folder: str | None = None
    ) -> RunArtifacts:
        """Return what a run logged and used, or only the version that was logged under
        `folder`.
        """
        return self.call(get_run_artifacts, entity, project, run_id, folder=folder)


def file_url(target: VersionTarget, path: str) -> str:
    """The path of a file's content on the server."""
    return download_artifact_file.call(*target, path).path
