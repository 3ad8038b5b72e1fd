"""Blobs and their references: content is kept before it is named, and goes when no name is left.

Used by every service that has files. A file's row in metadata is the reference; whether a blob is
wanted is asked of metadata under a lock of the blob's own, so that an upload of the same content
meanwhile either finds it or writes it anew. A kill between a commit and what it frees leaves a
blob that nobody names, which `weft server gc` finds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

from weft.server.storage.blobs.contract import BlobInfo, BlobStore, BlobWriter
from weft.server.storage.metadata.engine import Transaction
from weft.server.storage.metadata.store import MetadataStore

_N_LOCKS: Final = 64


class KeptBlobs:
    """A blob store, and what holds its blobs. Thread-safe; one process has it.

    Attributes:
        store: read from it at will.
    """

    def __init__(self, store: BlobStore, metadata: MetadataStore) -> None:
        self.store = store
        self._metadata = metadata
        self._locks = [threading.Lock() for _ in range(_N_LOCKS)]
        self._hold_lock = threading.Lock()
        self._n_holds = 0
        self._held: set[str] = set()

    def keep(self, draft: BlobWriter, refer: Callable[[BlobInfo], None]) -> BlobInfo:
        """Make a sealed draft a blob, and have `refer` commit a row that names it."""
        with self._lock_of(draft.seal().sha256):
            info = draft.keep()
            self.store.sync([info.sha256])
            refer(info)
        return info

    def keep_many(self, drafts: Sequence[BlobWriter], refer: Callable[[], None]) -> None:
        """Make sealed drafts blobs, and have `refer` commit rows that name them all."""
        # Not with the locks of all of them: others would wait for this disk work.
        with self.hold():
            for draft in drafts:
                with self._lock_of(draft.seal().sha256):
                    draft.keep()
            self.store.sync(draft.seal().sha256 for draft in drafts)
            refer()

    def drop(self, blobs: Iterable[str]) -> int:
        """Remove those of some blobs that nothing names; the bytes given back."""
        n_bytes = 0
        for sha256 in blobs:
            with self._lock_of(sha256):
                with self._metadata.read() as tx:
                    wanted = self._metadata.files.wanted(tx, [sha256])
                if not wanted and not self._is_held(sha256):
                    n_bytes += self.store.remove(sha256)
        return n_bytes

    @contextmanager
    def hold(self) -> Generator[None]:
        """Remove no blob as long as the block runs, and then what was to be removed meanwhile."""
        with self._hold_lock:
            self._n_holds += 1
        try:
            yield
        finally:
            with self._hold_lock:
                self._n_holds -= 1
                freed = set[str]() if self._n_holds else self._held
                if not self._n_holds:
                    self._held = set()
            self.drop(freed)

    def release_runs(self, tx: Transaction, run_row_ids: Sequence[int]) -> None:
        """Give the space of runs' files back once `tx`, which removes the runs, is durable.

        Call it in the transaction before the runs' rows go; their files' rows go with them.
        """
        freed = self._metadata.files.blobs_of_runs(tx, run_row_ids)

        def give_back() -> None:
            self.drop(freed)

        tx.after_commit(give_back)

    def _is_held(self, sha256: str) -> bool:
        with self._hold_lock:
            if self._n_holds:
                self._held.add(sha256)
            return self._n_holds > 0

    def _lock_of(self, sha256: str) -> threading.Lock:
        return self._locks[int(sha256[:4], 16) % _N_LOCKS]
