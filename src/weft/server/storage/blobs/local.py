"""Blobs as files on the server's own disk, in `DATA/blobs`. Does I/O.

    blobs/
      small.sqlite    blobs of at most 256 KiB
      ab/ab12…ef      a larger blob, named by its SHA-256; never written again
      drafts/         what is being written: see `drafts`

This module writes plain files rather than use `obstore`, whose local store does not `fsync` and
offers neither hard links nor a copy during a read.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, ClassVar, Final

from weft.errors import NotFound
from weft.runlog.private_files import make_private_folder
from weft.server.storage.blobs.contract import PIECE_BYTES, BlobInfo
from weft.server.storage.blobs.disk_threads import run_together
from weft.server.storage.blobs.draft_writers import write_all
from weft.server.storage.blobs.drafts import Drafts, DraftsOfStore
from weft.server.storage.blobs.faults import disk_faults
from weft.server.storage.blobs.small import SMALL_BYTES, SmallBlobs
from weft.server.storage.file_pieces import FilePieces
from weft.server.storage.private import sync_folder

_DRAFTS: Final = "drafts"
_SMALL: Final = "small.sqlite"
_HEX: Final = frozenset("0123456789abcdef")


class LocalBlobStore(DraftsOfStore):
    """`BlobStore` in a folder.

    >>> import tempfile
    >>> store = LocalBlobStore(Path(tempfile.mkdtemp()))
    >>> draft = store.write()
    >>> draft.write(b"weights")
    >>> sha256 = draft.seal().sha256
    >>> b"".join(store.read(draft.keep().sha256, 1, 4))
    b'eig'
    """

    has_room_for_drafts: ClassVar[bool] = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        make_private_folder(directory)
        self._drafts = Drafts(directory / _DRAFTS, self)
        self._small = SmallBlobs(directory / _SMALL)

    def put(self, contents: Mapping[str, bytes | memoryview]) -> None:
        small = {sha256: data for sha256, data in contents.items() if len(data) <= SMALL_BYTES}
        large = [(sha256, data) for sha256, data in contents.items() if sha256 not in small]
        run_together(self._put_file, large)
        self.sync(sha256 for sha256, _ in large)
        if small:
            self._small.put(small)

    def _put_file(self, content: tuple[str, bytes | memoryview]) -> None:
        sha256, data = content
        with self._drafts.another() as path:
            with disk_faults("the file can't be written"), path.open("xb", 0) as file:
                write_all(file, data)
                os.fsync(file.fileno())
            self.keep_file(sha256, path)

    def sync(self, blobs: Iterable[str]) -> None:
        folders = {self.path(sha256).parent for sha256 in blobs}
        run_together(sync_folder, [folder for folder in folders if folder.exists()])

    def find_blob(self, sha256: str) -> BlobInfo | None:
        n_bytes = self._small.size(sha256)
        if n_bytes is not None:
            return BlobInfo(sha256, n_bytes)
        try:
            return BlobInfo(sha256, self.path(sha256).stat().st_size)
        except FileNotFoundError:
            return None

    def read(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        content = self._small.read(sha256)
        if content is not None:
            part = content[start:stop]
            return iter([part] if part else [])
        try:
            fd = os.open(self.path(sha256), os.O_RDONLY)
        except FileNotFoundError:
            raise NotFound(f"no blob {sha256}") from None
        return FilePieces(os.fdopen(fd, "rb", buffering=0), start, stop)

    def get(self, blobs: Sequence[str]) -> Iterator[bytes | None]:
        return map(self._content, blobs)

    def _content(self, sha256: str) -> bytes | None:
        try:
            return b"".join(self.read(sha256))
        except NotFound:
            return None

    def link(self, sha256: str) -> None:
        """See `BlobStore.link`; files of this disk have no address."""

    def copy_to(self, sha256: str, path: Path, *, is_passing: bool = False) -> int:
        source = self.path(sha256)
        content = self._small.read(sha256)
        with disk_faults(f"blob {sha256} can't be copied to {path}"):
            if content is not None:
                with path.open("xb") as writing:
                    writing.write(content)
                    _flush(writing, is_passing)
                return len(content)
            with contextlib.suppress(OSError):
                os.link(source, path)
                return 0
            try:
                reading = source.open("rb")
            except FileNotFoundError:
                raise NotFound(f"no blob {sha256}") from None
            with reading, path.open("xb") as writing:
                shutil.copyfileobj(reading, writing, PIECE_BYTES)
                _flush(writing, is_passing)
                return writing.tell()

    def remove(self, blobs: Iterable[str]) -> int:
        hashes = list(blobs)
        n_bytes = self._small.remove(hashes)
        for sha256 in hashes:
            path = self.path(sha256)
            with contextlib.suppress(FileNotFoundError):
                size = path.stat().st_size
                path.unlink()
                n_bytes += size
        return n_bytes

    def list(self) -> Iterator[BlobInfo]:
        both = heapq.merge(self._small.list(), self._files(), key=lambda info: info.sha256)
        # A restored backup has small blobs as files; one may have been stored again since.
        for _, copies in itertools.groupby(both, key=lambda info: info.sha256):
            yield next(copies)

    def _files(self) -> Iterator[BlobInfo]:
        for folder in sorted(self._directory.iterdir()):
            if len(folder.name) != 2 or not _HEX.issuperset(folder.name):
                continue
            for path in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    yield BlobInfo(path.name, path.stat().st_size)

    def close(self) -> None:
        self._small.close()

    def path(self, sha256: str) -> Path:
        """The path of a blob, whether or not it exists."""
        return self._directory / sha256[:2] / sha256

    def keep_small(self, sha256: str, data: bytes) -> None:
        self._small.put({sha256: data})

    def link_file(self, sha256: str, draft: Path) -> None:
        with self._drafts.another() as copy:
            try:
                os.link(draft, copy)
            except OSError:
                copy = draft
            self.keep_file(sha256, copy)

    def keep_file(self, sha256: str, draft: Path) -> None:
        target = self.path(sha256)
        with disk_faults("the file can't be kept"):
            if not target.parent.exists():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                sync_folder(target.parent.parent)
            # This also replaces an existing blob, which may have been damaged since.
            draft.replace(target)


def _flush(file: BinaryIO, is_passing: bool) -> None:
    file.flush()
    if not is_passing:
        os.fsync(file.fileno())
