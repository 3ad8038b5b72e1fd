"""Blobs in a bucket of a real S3 server (SeaweedFS on the same machine), beside `obstore` alone.

    python bench/s3.py [--large N] [--json FILE]

A file of `--large` MB (1,000 by default) is written through a draft on the disk, kept, and read
back; the peer puts and gets the same file without a draft and a hash. Then 2,000 contents of 5 KB,
8 MB at a time; the peer puts them one by one. Memory is that of this process above its start.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

from measure import ROOT, Figure, arguments, finish

sys.path.append(str(ROOT / "tests/support/servers"))
sys.path.append(str(ROOT / "tests/support/stores"))

SMALL_BYTES = 5_000
N_SMALL = 2_000
AT_ONCE = 1_600
PIECE = os.urandom(1 << 20)


class Peak(threading.Thread):
    """The most memory of this process while it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._begin = self.most = self._process.memory_info().rss

    def run(self) -> None:
        while not self._ended.wait(0.01):
            self.most = max(self.most, self._process.memory_info().rss)

    def end(self) -> float:
        """The growth in MB since the start."""
        self._ended.set()
        return (self.most - self._begin) / 1e6


@contextmanager
def peak(into: dict[str, float], name: str) -> Generator[None]:
    watch = Peak()
    watch.start()
    yield
    into[name] = watch.end()


def secs(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def main() -> None:
    import obstore

    from s3_server import S3Server
    from weft.server.storage.blobs.s3 import S3BlobStore
    from weft.server.storage.blobs.s3_bucket import S3Bucket

    parser = arguments(__doc__)
    parser.add_argument("--large", type=int, default=1_000)
    options = parser.parse_args()
    mega = options.large
    server = S3Server()
    bucket = server.new_bucket()
    os.environ.update(bucket.environment)
    alone = bucket.store()
    memory: dict[str, float] = {}
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="weft-s3-bench-") as name:
        folder = Path(name)
        store = S3BlobStore(S3Bucket(bucket.url), folder / "blobs")
        draft = store.write()

        def write() -> None:
            for nth in range(mega):
                draft.write(nth.to_bytes(8, "little") + PIECE[8:1_000_000])
            draft.seal()

        def read() -> None:
            for _ in store.read(sha256):
                pass

        def read_alone() -> None:
            for _ in obstore.get(alone, "alone").stream(min_chunk_size=1 << 20):
                pass

        writing = secs(write)
        sha256 = draft.seal().sha256
        path = folder / "alone"
        (drafted,) = (folder / "blobs" / "drafts").iterdir()
        os.link(drafted, path)
        putting_alone = secs(lambda: obstore.put(alone, "alone", path))
        with peak(memory, "keep"):
            keeping = secs(draft.keep)
        getting_alone = secs(read_alone)
        with peak(memory, "read"):
            reading = secs(read)
        figures += [
            Figure(f"{mega} MB to a draft, hashed, synced", mega / writing, "MB/s", None, True),
            Figure(
                f"{mega} MB from the draft to the bucket", mega / keeping, "MB/s", None, True,
                "obstore alone", mega / putting_alone,
            ),
            Figure("memory of that", memory["keep"], "MB", 200),
            Figure(
                f"{mega} MB read", mega / reading, "MB/s", None, True,
                "obstore alone", mega / getting_alone,
            ),
            Figure("memory of that", memory["read"], "MB", 50),
        ]  # fmt: skip
        contents = [os.urandom(SMALL_BYTES) for _ in range(N_SMALL)]
        named = {hashlib.sha256(content).hexdigest(): content for content in contents}
        names = list(named)

        def put_small() -> None:
            for at in range(0, N_SMALL, AT_ONCE):
                store.put({name: named[name] for name in names[at : at + AT_ONCE]})

        def put_alone() -> None:
            for nth, content in enumerate(contents):
                obstore.put(alone, f"small/{nth}", content)

        figures += [
            Figure(
                "contents of 5 KB put together", N_SMALL / secs(put_small), "/s", None, True,
                "one by one", N_SMALL / secs(put_alone),
            ),
            Figure(
                "contents of 5 KB got together",
                N_SMALL / secs(lambda: list(store.get(names))),
                "/s", None, True,
            ),
            Figure("listed", N_SMALL / secs(lambda: list(store.list())), "/s", None, True),
            Figure("removed", N_SMALL / secs(lambda: store.remove(names)), "/s", None, True),
        ]  # fmt: skip
        store.close()
    server.stop()
    finish(figures, options.json)


if __name__ == "__main__":
    main()
