"""Blobs and their references: a blob is stored before a row names it, removed after the last row.

Used by every service that has files. A file's row in the metadata is the reference. Whether a blob
is still referenced is checked under the blob's own lock, so that a concurrent upload of the same
content either finds the blob or writes it again. A kill between a commit and the removals that
follow it leaves an unreferenced blob, which `weft server gc` finds.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from weft.errors import Unavailable
from weft.server.storage.blobs.at_once import at_once
from weft.server.storage.blobs.contract import BlobInfo, BlobStore, BlobWriter, CompleteDraft
from weft.server.storage.metadata import MetadataStore, Transaction

_log = logging.getLogger(__name__)

_N_LOCKS: Final = 64
_BLOBS_AT_ONCE: Final = 500
"""Blobs that are removed together. Uploads of the same contents wait meanwhile."""


class ReferencedBlobs:
    """A blob store with the references to its blobs.

    Thread-safe; used by one process only. Callers may read from `store` directly.
    """

    def __init__(self, store: BlobStore, metadata: MetadataStore) -> None:
        self.store = store
        self._metadata = metadata
        self._locks = [threading.Lock() for _ in range(_N_LOCKS)]
        self._hold_lock = threading.Lock()
        self._n_holds = 0
        self._holds: set[int] = set()
        self._deferred: dict[str, int] = {}

    def keep(self, draft: BlobWriter, refer: Callable[[BlobInfo], None]) -> BlobInfo:
        """Turn a draft into a blob, then call `refer`, which commits a row that names it."""
        sha256 = draft.seal().sha256
        # Not inside the lock of the blob: `refer` may free it, where a row is no longer needed,
        # and to a bucket a large one may take minutes.
        with self.hold():
            with self._locks_of([sha256]):
                pass  # a removal that began before this hold is done
            info = draft.keep()
            self.store.sync([sha256])
            refer(info)
        return info

    def keep_many(
        self,
        contents: Mapping[str, bytes | memoryview],
        drafts: Mapping[str, BlobWriter | CompleteDraft],
        refer: Callable[[], None],
    ) -> None:
        """Store contents by hash, then call `refer`, which commits rows that name them.

        Drafts are sealed.
        """
        hashes = {*contents, *drafts}
        # Taking the locks of all blobs would make other threads wait for this disk work.
        with self.hold():
            with self._locks_of(hashes):
                pass  # removals that began before this hold are done
            try:
                self.store.put(contents)
                at_once(lambda draft: draft.keep(), [*drafts.values()])
                self.store.sync(drafts)
                refer()
            except BaseException:
                self.drop(hashes)
                raise

    def drop(self, blobs: Iterable[str]) -> int:
        """Remove the unreferenced ones of some blobs; returns the bytes freed.

        If the store can't remove them now, they stay until `weft server gc`.
        """
        try:
            return self.collect(blobs)
        except Unavailable as error:
            _log.warning("%s: `weft server gc` will free their space", error)
            return 0

    def collect(self, blobs: Iterable[str]) -> int:
        """Like `drop`."""
        n_bytes = 0
        unique = sorted(set(blobs))
        for at in range(0, len(unique), _BLOBS_AT_ONCE):
            batch = unique[at : at + _BLOBS_AT_ONCE]
            with self._locks_of(batch):
                # Checked before the metadata: a hold that ends in between has committed its row
                # after this check. One that begins later waits for the locks.
                if self._defer(batch):
                    continue
                with self._metadata.read() as tx:
                    used = self._metadata.contents.wanted(tx, batch)
                unused = [sha256 for sha256 in batch if sha256 not in used]
                if unused:
                    n_bytes += self.store.remove(unused)
        return n_bytes

    @contextmanager
    def hold(self) -> Generator[None]:
        """Defer all removals of blobs that begin in this block until it ends."""
        with self._hold_lock:
            self._n_holds += 1
            number = self._n_holds
            self._holds.add(number)
        try:
            yield
        finally:
            with self._hold_lock:
                self._holds.remove(number)
                # A later hold began after these files were gone, so it can't rely on them.
                first = min(self._holds, default=self._n_holds + 1)
                freed = [sha256 for sha256, last in self._deferred.items() if last < first]
                for sha256 in freed:
                    del self._deferred[sha256]
            if freed:
                self.drop(freed)

    def release_runs(self, tx: Transaction, run_row_ids: Sequence[int]) -> None:
        """Free the space of runs' files once `tx`, which removes the runs, is durable.

        This includes the space of artifacts that the runs have begun and not completed.

        Call it in the transaction before the runs' rows are removed, since the rows of their files
        are removed with them.
        """
        begun = self._metadata.artifacts.drop_begun(tx, run_row_ids)
        self.drop_after(tx, begun | self._metadata.files.blobs_of_runs(tx, run_row_ids))

    def drop_after(self, tx: Transaction, blobs: Collection[str]) -> None:
        """Remove the unreferenced ones of some blobs once `tx` is durable."""

        def give_back() -> None:
            self.drop(blobs)

        tx.after_commit(give_back)

    def _defer(self, blobs: Sequence[str]) -> bool:
        with self._hold_lock:
            if not self._holds:
                return False
            self._deferred.update(dict.fromkeys(blobs, max(self._holds)))
            return True

    @contextmanager
    def _locks_of(self, blobs: Iterable[str]) -> Generator[None]:
        with ExitStack() as stack:
            for number in sorted({_lock_number(sha256) for sha256 in blobs}):
                stack.enter_context(self._locks[number])
            yield


def _lock_number(sha256: str) -> int:
    return int(sha256[:4], 16) % _N_LOCKS
