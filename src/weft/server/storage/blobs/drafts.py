"""Contents that are being written, as files in one folder of the server's own disk. Does I/O.

    drafts/<random> what is being written in one request
    drafts/<name>   what is being written in several requests, or complete; the name has a hyphen

Part of the engines `local` and `s3`. A content is written and hashed here, and reaches the engine
once it is complete. So an upload is resumed in the same way wherever the blobs are.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Collection, Generator, Iterable
from pathlib import Path
from typing import Final

from weft.errors import Unavailable
from weft.runlog.private_files import make_private_folder
from weft.server.storage.blobs.contract import DRAFT_SECS, ResumableWriter
from weft.server.storage.blobs.draft_writers import (
    DraftWriter,
    HashedPart,
    Keeper,
    LeftDraft,
    ResumedDraftWriter,
)
from weft.server.storage.blobs.shared_drafts import SharedDrafts

_RESUMABLE: Final = "-"
"""In the name of each draft that can be resumed."""

_MAX_HASHES: Final = 1024


class Drafts:
    """The drafts of one engine, `keeper`, which gets what was written.

    Thread-safe; used by one process only.
    """

    def __init__(self, folder: Path, keeper: Keeper) -> None:
        self._folder = folder
        self._keeper = keeper
        make_private_folder(folder)
        self._lock = threading.Lock()
        self._open: set[str] = set()
        self._hashes: dict[str, HashedPart] = {}

    def write(self, n_bytes: int = 0) -> DraftWriter:
        """See `BlobStore.write`."""
        path = self._folder / self._new_name()
        return DraftWriter(self._keeper, path, self._close, n_bytes)

    def resume(self, name: str) -> ResumedDraftWriter:
        """See `BlobStore.resume`."""
        assert _RESUMABLE in name, "else `sweep` takes it for the draft of a killed process"
        with self._lock:
            if name in self._open:
                raise Unavailable("another request is sending this file: try again")
            self._open.add(name)
            hashed = self._hashes.pop(name, None)
        try:
            return ResumedDraftWriter(self._keeper, self._folder / name, hashed, self._close)
        except BaseException:
            self._close(name)
            raise

    def complete_draft(self, name: str, sha256: str) -> LeftDraft | None:
        """See `BlobStore.complete_draft`."""
        try:
            return LeftDraft(self._keeper, self._folder / name, sha256)
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def another(self) -> Generator[Path]:
        """A path for a file of the block's own, which is removed if the block leaves it there."""
        name = self._new_name()
        path = self._folder / name
        try:
            yield path
        finally:
            with contextlib.suppress(OSError):  # `sweep` removes it later
                path.unlink(missing_ok=True)
            self._close(name)

    def drafted(self, names: Collection[str]) -> dict[str, int]:
        """See `BlobStore.drafted`."""
        sizes: dict[str, int] = {}
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                sizes[name] = (self._folder / name).stat().st_size
        return sizes

    def suspended(self) -> dict[str, int]:
        """See `BlobStore.suspended`."""
        sizes: dict[str, int] = {}
        with os.scandir(self._folder) as entries:
            for entry in entries:
                if _RESUMABLE in entry.name:
                    with contextlib.suppress(FileNotFoundError):
                        sizes[entry.name] = entry.stat().st_size
        with self._lock:
            for name in self._open & sizes.keys():
                del sizes[name]
        return sizes

    def remove(self, names: Iterable[str]) -> None:
        """See `BlobStore.remove_drafts`."""
        for name in names:
            with self._lock:
                if name not in self._open:
                    self._hashes.pop(name, None)
                    (self._folder / name).unlink(missing_ok=True)

    def sweep(self, *, dry_run: bool = False) -> int:
        """See `BlobStore.sweep`."""
        n_bytes = 0
        due = time.time() - DRAFT_SECS
        for path in list(self._folder.iterdir()):
            with self._lock, contextlib.suppress(FileNotFoundError):
                state = path.stat()
                if path.name in self._open or (_RESUMABLE in path.name and state.st_mtime > due):
                    continue
                n_bytes += state.st_size
                if not dry_run:
                    path.unlink()
        return n_bytes

    def _new_name(self) -> str:
        name = secrets.token_hex(8)
        with self._lock:
            self._open.add(name)
        return name

    def _close(self, name: str, part: HashedPart | None = None) -> None:
        with self._lock:
            self._open.discard(name)
            if part is not None:
                if len(self._hashes) >= _MAX_HASHES:
                    self._hashes.clear()
                self._hashes[name] = part


class DraftsOfStore:
    """The methods of `BlobStore` about drafts, for an engine that keeps them in `_drafts`.

    If it has `_shared_drafts`, those that are resumed are there.
    """

    _drafts: Drafts
    _shared_drafts: SharedDrafts | None = None

    def write(self, n_bytes: int = 0) -> DraftWriter:
        return self._drafts.write(n_bytes)

    def resume(self, name: str) -> ResumableWriter:
        return (self._shared_drafts or self._drafts).resume(name)

    def drafted(self, names: Collection[str]) -> dict[str, int]:
        return (self._shared_drafts or self._drafts).drafted(names)

    def complete_draft(self, name: str, sha256: str) -> LeftDraft | None:
        return self._drafts.complete_draft(name, sha256)

    def suspended(self) -> dict[str, int]:
        return (self._shared_drafts or self._drafts).suspended()

    def remove_drafts(self, names: Iterable[str]) -> None:
        (self._shared_drafts or self._drafts).remove(names)

    def sweep(self, *, dry_run: bool = False) -> int:
        n_bytes = self._drafts.sweep(dry_run=dry_run)
        if self._shared_drafts is not None:
            n_bytes += self._shared_drafts.sweep(dry_run=dry_run)
        return n_bytes
