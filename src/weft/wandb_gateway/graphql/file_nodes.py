"""Files of runs, with signed addresses from which they are downloaded."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Sequence
from typing import Any, Final

from weft.server.services.access import RunPath
from weft.wandb_gateway.graphql.connections import Connection, limit_of, page_of
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.values import time_text
from weft.wandb_gateway.ids import make_id
from weft.wandb_gateway.pages import pages_of
from weft.wire.files.files import File

_MAX_SEARCHED: Final = 10_000


class FileNode:
    """A file that can be downloaded, or is to be uploaded."""

    typename: Final = "File"
    upload_headers: Final[Sequence[str]] = ()
    upload_multipart_urls: Final = None
    artifact: Any = None
    md5: str | None = None
    digest: str | None = None

    def __init__(self, run: RunPath, file: File) -> None:
        self._run = run
        self._file = file
        self.id = make_id("File", *reversed(run), file.path)
        self.name = file.path
        self.display_name = file.path
        self.size_bytes = file.n_bytes
        self.mimetype = file.media_type
        self.updated_at = time_text(file.created_micros)
        self.storage_path = storage_path(file.sha256)

    def url(self, context: Context, upload: bool | None = None) -> str | None:
        return self._link(context, "PUT" if upload else "GET")

    def direct_url(self, context: Context) -> str:
        return self._link(context, "GET")

    def upload_url(self, context: Context) -> str:
        return self._link(context, "PUT")

    def _link(self, context: Context, method: str) -> str:
        return context.link(method, "run", *self._run, self.name)


class NewFileNode:
    """A file that a client is about to upload."""

    def __init__(self, run: RunPath, name: str) -> None:
        self._run = run
        self.name = name

    def upload_url(self, context: Context) -> str:
        return context.link("PUT", "run", *self._run, plain_name(self.name))


def storage_path(sha256: str) -> str:
    """The path of a content in the server's storage.

    >>> storage_path("ab12")
    'blobs/ab12'
    """
    return f"blobs/{sha256}"


def plain_name(name: str) -> str:
    """The name under which a file is kept: clients write some names in several ways.

    >>> plain_name("./a b.txt"), plain_name("media//x.png")
    ('a b.txt', 'media/x.png')
    """
    return posixpath.normpath(name.replace("\\", "/")).lstrip("/")


def list_files(
    context: Context,
    run: RunPath,
    names: Sequence[str],
    after: str | None,
    first: int | None,
    pattern: str | None,
) -> Connection[FileNode]:
    """The files of a run: all, some by name, or those that match a pattern of SQL's LIKE."""
    files = context.services.files
    if names:
        context.work.add(len(names))
        paths = [plain_name(name) for name in names]
        existing = files.find_file(context.actor, run.of_project, {run.run: paths})
        stored = [FileNode(run, file) for file in existing.values() if file.state == "stored"]
        return page_of(stored, total=len(stored))
    if pattern and pattern.strip("%"):
        like = pattern.replace("%", "*").replace("_", "?")
        matching: list[File] = []
        for page in pages_of(
            lambda cursor: files.list(context.actor, run, limit=_MAX_SEARCHED, cursor=cursor)
        ):
            context.work.add(len(page.files))
            matching += [
                file
                for file in page.files
                if file.state == "stored" and fnmatch.fnmatchcase(file.path, like)
            ]
            if len(matching) >= _MAX_SEARCHED:
                break
        return page_of([FileNode(run, file) for file in matching], total=len(matching))
    page = files.list(context.actor, run, limit=limit_of(first), cursor=after or None)
    nodes = [FileNode(run, file) for file in page.files if file.state == "stored"]
    return page_of(nodes, page.cursor, page.total)
