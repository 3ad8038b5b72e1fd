"""Blobs and their references: a blob is stored before a row names it, removed after the last row.

Used by every service that has files. A file's row in the metadata is the reference. Whether a blob
is still referenced is checked under the blob's own lock, so that a concurrent upload of the same
content either finds the blob or writes it again. A kill between a commit and the removals that
follow it leaves an unreferenced blob, which `weft server gc` finds.

Servers of one PostgreSQL also agree by `storage.metadata.files.removals`: an upload that another
server's removal may have overtaken fails, and its client sends it again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Final

from weft.errors import Unavailable
from weft.server.storage.blobs.contract import BlobInfo, BlobStore, BlobWriter, CompleteDraft
from weft.server.storage.blobs.disk_threads import run_together
from weft.server.storage.metadata import MetadataStore, Transaction, lock_number

_log = logging.getLogger(__name__)

_N_LOCKS: Final = 64
_BLOBS_AT_ONCE: Final = 500
"""Blobs that are removed together. Uploads of the same contents wait meanwhile."""


class Hold:
    """Defers removals of blobs on all servers; see `ReferencedBlobs.hold_everywhere`."""

    def __init__(self, metadata: MetadataStore, tx: Transaction | None = None) -> None:
        self._metadata = metadata
        self._tx = tx

    def check(self) -> None:
        """Check that it still does; MetadataUnavailable if the database has ended it."""
        if self._tx is not None:
            self._metadata.removals.check(self._tx)


class NewContents:
    """Contents that were just stored, for the transaction that names them."""

    def __init__(
        self, metadata: MetadataStore, hashes: Collection[str], marks: Mapping[str, str]
    ) -> None:
        self._metadata = metadata
        self._hashes = hashes
        self._marks = marks
        """Those of their last removals, before they were stored."""

    def share(self, tx: Transaction) -> None:
        """Keep other servers from removing them until `tx` ends. Unavailable if one may have
        removed some since they were stored. Called before the transaction reads anything of them.
        """
        if not self._metadata.is_shared:
            return
        self._metadata.removals.share(tx, self._hashes)
        marks = self._metadata.removals.marks(tx, self._hashes)
        if any(mark != self._marks.get(sha256, "") for sha256, mark in marks.items()):
            raise Unavailable("another server has removed a file with this content: try again")


class ReferencedBlobs:
    """A blob store with the references to its blobs.

    Thread-safe. Callers may read from `store` directly.
    """

    def __init__(self, store: BlobStore, metadata: MetadataStore) -> None:
        self.store = store
        self._metadata = metadata
        self._locks = [threading.Lock() for _ in range(_N_LOCKS)]
        self._hold_lock = threading.Lock()
        self._n_holds = 0
        self._holds: set[int] = set()
        self._deferred: dict[str, int] = {}

    def keep(self, draft: BlobWriter, refer: Callable[[NewContents], None]) -> BlobInfo:
        """Turn a draft into a blob, then call `refer`, which commits a row that names it."""
        sha256 = draft.seal().sha256
        new = self._begin([sha256])
        # Not inside the lock of the blob: `refer` may free it, where a row is no longer needed,
        # and to a bucket a large one may take minutes.
        with self.hold():
            with self._locks_of([sha256]):
                pass  # a removal that began before this hold is done
            info = draft.keep()
            self.store.sync([sha256])
            refer(new)
        return info

    def keep_many(
        self,
        contents: Mapping[str, bytes | memoryview],
        drafts: Mapping[str, BlobWriter | CompleteDraft],
        refer: Callable[[NewContents], None],
    ) -> None:
        """Store contents by hash, then call `refer`, which commits rows that name them.

        Drafts are sealed.
        """
        hashes = {*contents, *drafts}
        new = self._begin(hashes)
        # Taking the locks of all blobs would make other threads wait for this disk work.
        with self.hold():
            with self._locks_of(hashes):
                pass  # removals that began before this hold are done
            try:
                self.store.put(contents)
                run_together(lambda draft: draft.keep(), [*drafts.values()])
                self.store.sync(drafts)
                refer(new)
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
                if self._metadata.is_shared:
                    n_bytes += self._remove_shared(batch)
                    continue
                with self._metadata.read() as tx:
                    used = self._metadata.contents.wanted(tx, batch)
                unused = [sha256 for sha256 in batch if sha256 not in used]
                if unused:
                    n_bytes += self.store.remove(unused)
        return n_bytes

    def finish_removals(self) -> bool:
        """Remove what could not be removed when it was due, or was left by a server that was
        killed. True if there may be more.
        """
        removals = self._metadata.removals
        with self._metadata.read() as tx:
            left = removals.left(tx, _BLOBS_AT_ONCE)
        self.drop(left)
        return len(left) == _BLOBS_AT_ONCE

    def forget_removals(self) -> None:
        """Delete the rows of removals that no upload can have met."""
        with self._metadata.write() as tx:
            self._metadata.removals.forget(tx)

    def _begin(self, hashes: Collection[str]) -> NewContents:
        """Begin to store contents; Unavailable while one of them is being removed."""
        if not self._metadata.is_shared or not hashes:
            return NewContents(self._metadata, hashes, {})
        with self._metadata.read() as tx:
            return NewContents(self._metadata, hashes, self._metadata.removals.marks(tx, hashes))

    def _remove_shared(self, batch: Sequence[str]) -> int:
        """Remove the unreferenced ones of some blobs, and have other servers know of it."""
        n_bytes = 0
        metadata, removals = self._metadata, self._metadata.removals
        by_lock: dict[int, list[str]] = {}
        for sha256 in batch:
            by_lock.setdefault(lock_number(sha256), []).append(sha256)
        for number, hashes in by_lock.items():
            with metadata.write() as tx:
                if not removals.take(tx, number):
                    removals.note_due(tx, hashes)
                    continue
                used = metadata.contents.wanted(tx, hashes)
                removals.spare(tx, used)
                unused = [sha256 for sha256 in hashes if sha256 not in used]
                if unused:
                    removals.begin(tx, unused)
            if not unused:
                continue
            # Were it killed from here on, others would refuse the contents until one of them has
            # removed them.
            with metadata.write() as tx:
                begun = removals.begun(tx, unused) if removals.take(tx, number) else []
                if begun:
                    n_bytes += self.store.remove(begun)
                    removals.end(tx, begun)
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

    @contextmanager
    def hold_everywhere(self) -> Generator[Hold]:
        """Like `hold`, for all servers of the metadata database, and for hours."""
        with self.hold():
            if not self._metadata.is_shared:
                yield Hold(self._metadata)
                return
            with self._metadata.holding() as tx:
                self._metadata.removals.share_all(tx)
                yield Hold(self._metadata, tx)

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
