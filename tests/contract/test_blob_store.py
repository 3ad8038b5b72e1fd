"""What `BlobStore` promises (BL1 to BL6), on the local engine and on its twin in memory."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from memory_engine.blobs import MemoryBlobStore
from weft.errors import NotFound
from weft.server.storage.blobs.contract import PIECE_BYTES, BlobInfo, BlobStore
from weft.server.storage.blobs.local import LocalBlobStore

Reopen = Callable[[], BlobStore]


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return LocalBlobStore(tmp_path / "blobs") if request.param == "local" else MemoryBlobStore()


def keep(store: BlobStore, *pieces: bytes) -> BlobInfo:
    draft = store.write()
    for piece in pieces:
        draft.write(piece)
    assert draft.n_bytes == sum(map(len, pieces))
    assert draft.seal() == draft.seal()
    info = draft.keep()
    store.sync([info.sha256])
    return info


def content(store: BlobStore, sha256: str, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(store.read(sha256, start, stop))


def test_BL2_a_blob_is_what_was_written_under_its_hash(store: BlobStore) -> None:
    data = bytes(range(256)) * 9000
    info = keep(store, data[:1000], b"", data[1000:])
    assert info == BlobInfo(hashlib.sha256(data).hexdigest(), len(data))
    assert store.find(info.sha256) == info
    assert content(store, info.sha256) == data
    assert all(0 < len(piece) <= PIECE_BYTES for piece in store.read(info.sha256))


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 0), (0, 1), (5, 5), (3, 11), (99, 100), (100, None), (50, 1000)]
)
def test_BL2_any_range_can_be_read(store: BlobStore, start: int, stop: int | None) -> None:
    data = bytes(range(100))
    assert content(store, keep(store, data).sha256, start, stop) == data[start:stop]


def test_an_empty_blob_is_one(store: BlobStore) -> None:
    info = keep(store)
    assert (info.n_bytes, content(store, info.sha256)) == (0, b"")


def test_BL2_nothing_is_there_before_it_is_kept_nor_after_it_was_discarded(
    store: BlobStore,
) -> None:
    draft = store.write()
    draft.write(b"half")
    sha256 = draft.seal().sha256
    assert store.find(sha256) is None
    draft.discard()
    draft.discard()
    assert store.find(sha256) is None
    assert list(store.list()) == []
    with pytest.raises(NotFound):
        store.read(sha256)


def test_BL3_the_same_content_lies_there_once(store: BlobStore) -> None:
    first, second = keep(store, b"same"), keep(store, b"sa", b"me")
    assert first == second
    assert list(store.list()) == [first]
    assert store.remove(first.sha256) == 4
    assert store.remove(first.sha256) == 0
    assert store.find(first.sha256) is None


def test_BL4_a_read_goes_on_when_the_blob_is_removed(store: BlobStore) -> None:
    data = b"x" * (3 * PIECE_BYTES)
    info = keep(store, data)
    reading = store.read(info.sha256)
    first = next(reading)
    store.remove(info.sha256)
    assert first + b"".join(reading) == data


def test_BL5_sweep_leaves_blobs_and_what_is_being_written(store: BlobStore) -> None:
    info = keep(store, b"kept")
    draft = store.write()
    draft.write(b"in work")
    assert store.sweep() == 0
    draft.write(b" still")
    draft.seal()
    assert content(store, draft.keep().sha256) == b"in work still"
    assert content(store, info.sha256) == b"kept"


def test_BL5_what_a_killed_process_began_is_swept(tmp_path: Path) -> None:
    killed = LocalBlobStore(tmp_path).write()
    killed.write(b"12345")
    again = LocalBlobStore(tmp_path)
    assert again.sweep(dry_run=True) == 5
    assert again.sweep() == 5
    assert again.sweep() == 0
    killed.discard()


def test_BL6_many_threads_keep_and_remove(store: BlobStore) -> None:
    contents = [b"%d" % (nth % 7) * 5000 for nth in range(70)]
    threads = [threading.Thread(target=keep, args=(store, data)) for data in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(store.list())) == 7
    assert [info.sha256 for info in store.list()] == sorted(
        {hashlib.sha256(data).hexdigest() for data in contents}
    )


def test_a_copy_has_the_content_and_is_no_second_lot_of_bytes(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path / "blobs")
    info = keep(store, b"weights")
    assert store.copy_to(info.sha256, tmp_path / "copy") == 0
    assert (tmp_path / "copy").stat().st_nlink == 2
    with pytest.raises(NotFound):
        store.copy_to("0" * 64, tmp_path / "other")


def test_a_copy_to_another_disk_is_made_byte_by_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    store = LocalBlobStore(tmp_path / "blobs")
    info = keep(store, b"weights")
    monkeypatch.setattr("os.link", refuse)
    assert store.copy_to(info.sha256, tmp_path / "copy") == 7
    assert (tmp_path / "copy").read_bytes() == b"weights"
