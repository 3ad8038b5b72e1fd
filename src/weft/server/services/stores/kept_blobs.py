"""Blobs and their references: a blob is stored before a row names it, removed after the last row.

Used by every service that has files. A file's row in the metadata is the reference. Whether a blob
is still referenced is checked under the blob's own lock, so that a concurrent upload of the same
content either finds the blob or writes it again. A kill between a commit and the removals that
follow it leaves an unreferenced blob, which `weft server gc` finds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Final

from weft.server.storage.blobs.contract import BlobInfo, BlobStore, BlobWriter
from weft.server.storage.metadata import MetadataStore, Transaction

_N_LOCKS: Final = 64


class KeptBlobs:
    """A blob store with the references to its blobs. Thread-safe; used by one process only.

    Attributes:
        store: the blob store; callers may read from it directly.
    """

    def __init__(self, store: BlobStore, metadata: MetadataStore) -> None:
        self.store = store
        self._metadata = metadata
        self._locks = [threading.Lock() for _ in range(_N_LOCKS)]
        self._hold_lock = threading.Lock()
        self._n_holds = 0
        self._held: set[str] = set()

    def keep(self, draft: BlobWriter, refer: Callable[[BlobInfo], None]) -> BlobInfo:
        """Turn a draft into a blob, then call `refer`, which commits a row that names it."""
        with self._lock_of(draft.seal().sha256):
            info = draft.keep()
            self.store.sync([info.sha256])
            refer(info)
        return info

    def keep_many(self, drafts: Sequence[BlobWriter], refer: Callable[[], None]) -> None:
        """Turn drafts into blobs, then call `refer`, which commits rows that name them."""
        # Taking the locks of all blobs would make other threads wait for this disk work.
        with self.hold():
            for draft in drafts:
                with self._lock_of(draft.seal().sha256):
                    draft.keep()
            self.store.sync(draft.seal().sha256 for draft in drafts)
            refer()

    def drop(self, blobs: Iterable[str]) -> int:
        """Remove the unreferenced ones of some blobs; returns the bytes freed."""
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
        """Defer all removals of blobs until the block ends."""
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
        """Free the space of runs' files once `tx`, which removes the runs, is durable.

        Call it in the transaction before the runs' rows are removed, since the rows of their files
        are removed with them.
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
