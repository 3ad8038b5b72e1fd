"""The contract of `BlobStore` (BL1 to BL8): on local disk, in a real S3 server, in memory."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from at_length import engines_at_length
from memory_engine.blobs import MemoryBlobStore
from s3_server import NewBucket
from weft.errors import NotFound, Unavailable
from weft.server.storage.blobs.contract import (
    DRAFT_SECS,
    PIECE_BYTES,
    BlobInfo,
    BlobStore,
    ResumableWriter,
)
from weft.server.storage.blobs.local import LocalBlobStore
from weft.server.storage.blobs.s3 import S3BlobStore
from weft.server.storage.blobs.s3_bucket import S3Bucket

MANY = [b"", b"x", b"y" * 262_144, b"z" * 262_145, b"w" * 3_000_000]


Reopen = Callable[[], BlobStore]


@pytest.fixture
def opener(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Reopen]]:
    """For a kind of engine what opens a store of that kind: each time the same one."""
    opened: list[BlobStore] = []
    folder = tmp_path / "blobs"

    def open_local() -> BlobStore:
        opened.append(LocalBlobStore(folder))
        return opened[-1]

    def of_kind(kind: str) -> Reopen:
        if kind == "local":
            return open_local
        bucket: NewBucket = request.getfixturevalue("s3_bucket")
        for name, value in bucket.environment.items():
            monkeypatch.setenv(name, value)

        def open_s3() -> BlobStore:
            opened.append(S3BlobStore(S3Bucket(bucket.url), folder, gives_links=True))
            return opened[-1]

        return open_s3

    yield of_kind
    for store in opened:
        store.close()


@pytest.fixture(params=["local", "s3"])
def reopen(request: pytest.FixtureRequest, opener: Callable[[str], Reopen]) -> Reopen:
    """Opens the same store again, as a server does after a kill."""
    return opener(request.param)


@pytest.fixture(params=["local", "s3", "memory"])
def store(request: pytest.FixtureRequest, opener: Callable[[str], Reopen]) -> BlobStore:
    return MemoryBlobStore() if request.param == "memory" else opener(request.param)()


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
    assert store.find_blob(info.sha256) == info
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
    assert store.find_blob(sha256) is None
    draft.discard()
    draft.discard()
    assert store.find_blob(sha256) is None
    assert list(store.list()) == []
    with pytest.raises(NotFound):
        store.read(sha256)


def test_BL3_the_same_content_lies_there_once(store: BlobStore) -> None:
    first, second = keep(store, b"same"), keep(store, b"sa", b"me")
    assert first == second
    assert list(store.list()) == [first]
    assert store.remove([first.sha256]) == 4
    assert store.remove([first.sha256]) == 0
    assert store.find_blob(first.sha256) is None


def test_BL4_a_read_goes_on_when_the_blob_is_removed(store: BlobStore) -> None:
    data = b"x" * (3 * PIECE_BYTES)
    info = keep(store, data)
    reading = store.read(info.sha256)
    first = next(reading)
    store.remove([info.sha256])
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


def test_BL5_what_a_killed_process_began_is_swept(reopen: Reopen) -> None:
    killed = reopen().write()
    killed.write(bytes(300_000))
    again = reopen()
    assert again.sweep(dry_run=True) == 300_000
    assert again.sweep() == 300_000
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


def test_BL7_many_contents_are_put_at_once(store: BlobStore) -> None:
    contents = {hashlib.sha256(data).hexdigest(): data for data in MANY}
    store.put(contents)
    store.put(contents)
    assert [info.sha256 for info in store.list()] == sorted(contents)
    assert all(content(store, sha256) == data for sha256, data in contents.items())
    assert store.remove(contents) == sum(map(len, MANY))
    assert store.remove(contents) == 0
    assert list(store.list()) == []


def test_BL7_what_was_put_is_there_after_a_kill(reopen: Reopen) -> None:
    contents = {hashlib.sha256(data).hexdigest(): data for data in MANY}
    reopen().put(contents)
    again = reopen()
    assert {info.sha256: info.n_bytes for info in again.list()} == {
        sha256: len(data) for sha256, data in contents.items()
    }


def test_BL7_many_threads_put_and_remove(store: BlobStore) -> None:
    def work(nth: int) -> None:
        own = {hashlib.sha256(data).hexdigest(): data for data in (b"%d" % nth, b"shared")}
        for _ in range(5):
            store.put(own)
            assert content(store, hashlib.sha256(b"%d" % nth).hexdigest()) == b"%d" % nth
            store.remove([hashlib.sha256(b"%d" % nth).hexdigest()])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert [info.n_bytes for info in store.list()] == [6]


def test_many_small_contents_are_read_at_once(store: BlobStore) -> None:
    contents = {hashlib.sha256(data).hexdigest(): data for data in MANY}
    store.put(contents)
    hashes = [*contents, "0" * 64, *contents]
    assert list(store.get(hashes)) == [*contents.values(), None, *contents.values()]
    assert list(store.get([])) == []


def test_BL8_a_draft_is_resumed_by_its_name(store: BlobStore) -> None:
    draft = store.resume("1-abc")
    assert (draft.n_bytes, store.drafted(["1-other"])) == (0, {})
    draft.write(b"weig")
    with pytest.raises(Unavailable):
        store.resume("1-abc")
    draft.suspend()
    draft.suspend()
    assert store.drafted(["1-abc", "1-other"]) == {"1-abc": 4}
    assert store.sweep() == 0
    draft = store.resume("1-abc")
    draft.write(b"hts")
    assert draft.n_bytes == 7
    assert draft.sha256 == draft.seal().sha256 == hashlib.sha256(b"weights").hexdigest()
    assert content(store, draft.keep().sha256) == b"weights"
    draft.discard()
    draft.suspend()
    assert store.drafted(["1-abc"]) == {}
    assert content(store, hashlib.sha256(b"weights").hexdigest()) == b"weights"


def test_BL8_a_draft_that_was_kept_can_be_kept_again(store: BlobStore) -> None:
    draft = store.resume("1-abc")
    draft.write(b"weights")
    sha256 = draft.seal().sha256
    draft.keep()
    draft.suspend()
    store.remove([sha256])  # its reference could not be committed
    again = store.resume("1-abc")
    assert again.n_bytes == 7
    again.seal()
    assert content(store, again.keep().sha256) == b"weights"
    again.discard()


def left(store: BlobStore, name: str, data: bytes) -> str:
    """Leave a complete draft; its hash."""
    draft = store.write(len(data))
    draft.write(data)
    sha256 = draft.seal().sha256
    assert store.complete_draft(name, sha256) is None
    draft.leave(name)
    draft.discard()
    return sha256


def test_BL8_a_complete_draft_becomes_a_blob_when_it_is_kept(store: BlobStore) -> None:
    sha256 = left(store, "1-a-ahead", MANY[-1])
    assert store.find_blob(sha256) is None
    draft = store.complete_draft("1-a-ahead", sha256)
    assert draft is not None
    assert draft.n_bytes == len(MANY[-1])
    assert draft.keep() == BlobInfo(sha256, len(MANY[-1]))
    store.sync([sha256])
    assert content(store, sha256) == MANY[-1]


def test_BL8_complete_drafts_survive_a_kill_and_count_and_go_with_others(reopen: Reopen) -> None:
    store = reopen()
    sha256 = left(store, "1-a-ahead", MANY[-1])
    left(store, "1-b-ahead", MANY[-2])
    store = reopen()
    assert store.sweep() == 0
    assert store.suspended() == {"1-a-ahead": len(MANY[-1]), "1-b-ahead": len(MANY[-2])}
    store.remove_drafts(["1-b-ahead"])
    assert store.complete_draft("1-b-ahead", sha256) is None
    draft, same = (store.complete_draft("1-a-ahead", sha256) for _ in range(2))
    assert draft is not None
    assert same is not None
    draft.keep()
    with pytest.raises(Unavailable):  # as when another request has kept it
        same.keep()
    assert store.suspended() == {}
    assert content(store, sha256) == MANY[-1]


PIECES = st.lists(st.tuples(st.binary(max_size=40), st.sampled_from(["go on", "suspend", "kill"])))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=PIECES)
def test_BL8_whatever_ends_a_piece_the_draft_is_what_was_written(
    tmp_path: Path, pieces: list[tuple[bytes, str]]
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    store = LocalBlobStore(folder)
    draft = store.resume("7-x")
    written = b""
    killed: list[ResumableWriter] = []
    for piece, then in pieces:
        draft.write(piece)
        written += piece
        if then != "go on":
            if then == "suspend":
                draft.suspend()
            else:
                killed.append(draft)
                store = LocalBlobStore(folder)
            draft = store.resume("7-x")
            assert draft.n_bytes == len(written)
    assert draft.sha256 == hashlib.sha256(written).hexdigest()
    for source in (draft, *killed):
        source.discard()


def test_BL8_drafts_that_nobody_continues_are_swept_after_a_day(
    reopen: Reopen, tmp_path: Path
) -> None:
    store = reopen()
    for name in ("1-old", "1-new"):
        draft = store.resume(name)
        draft.write(b"12345")
        draft.suspend()
    for name, age_secs in {"1-old": DRAFT_SECS + 60, "1-new": DRAFT_SECS - 600}.items():
        changed_secs = time.time() - age_secs
        os.utime(tmp_path / "blobs" / "drafts" / name, (changed_secs, changed_secs))
    assert store.sweep(dry_run=True) == 5
    assert store.sweep() == 5
    assert store.drafted(["1-old", "1-new"]) == {"1-new": 5}


def test_BL8_a_draft_that_is_kept_twice_leaves_nothing_else(
    reopen: Reopen, tmp_path: Path
) -> None:
    store = reopen()
    draft = store.resume("1-twice")
    draft.write(MANY[-1])
    assert draft.keep() == draft.keep()
    assert [path.name for path in (tmp_path / "blobs" / "drafts").iterdir()] == ["1-twice"]
    draft.discard()
    assert not list((tmp_path / "blobs" / "drafts").iterdir())


@engines_at_length("s3")
def test_BL8_a_large_draft_survives_a_kill_and_is_kept_whole(reopen: Reopen) -> None:
    data = b"".join(b"%08d" % nth for nth in range(3_000_000))
    at = 11_000_000
    draft = reopen().resume("1-large")
    draft.write(data[:at])
    store = reopen()
    again = store.resume("1-large")
    assert again.n_bytes == at
    again.write(data[at:])
    info = again.seal()
    assert store.find_blob(info.sha256) is None
    assert again.keep() == info == store.find_blob(hashlib.sha256(data).hexdigest())
    again.discard()
    assert content(store, info.sha256) == data
    assert content(store, info.sha256, 9_000_000, 20_000_001) == data[9_000_000:20_000_001]
    draft.discard()


def test_removed_small_blobs_give_their_space_back(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    contents = {hashlib.sha256(data).hexdigest(): data for data in map(_of_20_kb, range(2000))}
    store.put(contents)
    store.remove(contents)
    store.close()
    assert (tmp_path / "small.sqlite").stat().st_size < 8_000_000


def test_a_small_blob_that_was_restored_as_a_file_is_one_blob(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path)
    sha256 = hashlib.sha256(b"restored").hexdigest()
    (tmp_path / sha256[:2]).mkdir()
    (tmp_path / sha256[:2] / sha256).write_bytes(b"restored")
    assert content(store, sha256) == b"restored"
    store.put({sha256: b"restored"})
    assert [info.sha256 for info in store.list()] == [sha256]
    store.remove([sha256])
    assert store.find_blob(sha256) is None


def _of_20_kb(nth: int) -> bytes:
    return b"%8d" % nth * 2500


def test_a_copy_has_the_content_and_is_no_second_lot_of_bytes(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path / "blobs")
    info = keep(store, b"weights" * 100_000)
    assert store.copy_to(info.sha256, tmp_path / "copy") == 0
    assert (tmp_path / "copy").stat().st_nlink == 2
    with pytest.raises(NotFound):
        store.copy_to("0" * 64, tmp_path / "other")


def test_a_copy_of_a_blob_in_a_bucket_has_its_bytes(
    opener: Callable[[str], Reopen], tmp_path: Path
) -> None:
    store = opener("s3")()
    info = keep(store, b"weights" * 100_000)
    assert store.copy_to(info.sha256, tmp_path / "copy") == info.n_bytes
    assert (tmp_path / "copy").read_bytes() == b"weights" * 100_000
    with pytest.raises(NotFound):
        store.copy_to("0" * 64, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_link_to_a_bucket_needs_no_key(opener: Callable[[str], Reopen]) -> None:
    store = opener("s3")()
    link = store.link(keep(store, b"weights").sha256)
    assert link is not None
    answer = httpx.get(link, headers={"Range": "bytes=1-3"})
    assert (answer.status_code, answer.content) == (206, b"eig")
    assert httpx.get(link.replace("Signature=", "Signature=0")).status_code == 403
    assert opener("local")().link("0" * 64) is None


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
