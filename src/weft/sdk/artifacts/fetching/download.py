"""Fetches the files of a version, several at once, and checks each. Does network and disk I/O."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

from weft.client.artifact_client import VersionTarget, file_url
from weft.errors import CommError, ConfigError, UsageError
from weft.records.files.artifact_references import parse_file_address
from weft.records.files.file_paths import check_file_path
from weft.runlog.links import check_free
from weft.sdk.artifacts.fetching.cache import DownloadCache
from weft.sdk.artifacts.fetching.version_files import FilePage
from weft.sdk.artifacts.files.addresses import local_path
from weft.sdk.artifacts.files.hashing import hash_of, piece_hash
from weft.sdk.artifacts.remote.stores import kind_of, store_of
from weft.wire.artifacts.files import ArtifactFile

N_THREADS: Final = 8
"""Files that are fetched at once."""

_AT_ONCE: Final = 100
"""Small files that a thread writes before it takes others."""


class Download:
    """Fetches files of one version into a folder.

    `read` yields a content in pieces, by its address and size; see `ArtifactClient.download`. With
    `keep_references`, files that are kept elsewhere stay there. `progress` is called with the
    bytes and the files that are there, from several threads, one at a time.
    """

    def __init__(
        self,
        read: Callable[[str, int], Iterator[bytes]],
        root: Path,
        *,
        cache: DownloadCache | None = None,
        keep_references: bool = False,
        progress: Callable[[int, int], None] = lambda _bytes, _files: None,
    ) -> None:
        self._read = read
        self._root = root
        self._real_root = root.resolve()
        self._cache = cache
        self._keep_references = keep_references
        self._progress = progress
        self._lock = threading.Lock()
        self._n_bytes = self._n_files = 0
        self._folders: set[Path] = set()

    def fetch(self, pages: Iterable[FilePage]) -> None:
        """Fetch files, each whole or not at all; those that are there already stay.

        ConfigError if a path leads out of the folder, or is taken; CommError if a content is
        damaged at the server.
        """
        with ThreadPoolExecutor(N_THREADS, thread_name_prefix="weft-download") as pool:
            try:
                begun: list[Future[None]] = []
                for page in pages:  # one is asked for while the files of another are written
                    _await_all(begun)
                    begun = self._begin(pool, page)
                _await_all(begun)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        if self._cache is not None:
            with contextlib.suppress(OSError):
                self._cache.trim()

    def _begin(self, pool: ThreadPoolExecutor, page: FilePage) -> list[Future[None]]:
        large: list[ArtifactFile] = []
        small: list[tuple[ArtifactFile, bytes]] = []
        for file, content in page:
            if content is not None:
                small.append((file, content))
            elif file.state != "reference" or not self._keep_references:
                large.append(file)
        begun = [pool.submit(self._fetch, file) for file in large]
        for at in range(0, len(small), _AT_ONCE):
            begun.append(pool.submit(self._write_all, small[at : at + _AT_ONCE]))
        return begun

    def _write_all(self, files: Iterable[tuple[ArtifactFile, bytes]]) -> None:
        for file, content in files:
            target = self._target(file)
            if not _is_there(file, target):
                if hashlib.sha256(content).hexdigest() != file.sha256:
                    raise CommError(_damage_of(file))
                with _draft_of(target) as draft:
                    draft.write_bytes(content)
            self._note(file.n_bytes, 1)

    def _fetch(self, file: ArtifactFile) -> None:
        target = self._target(file)
        if _is_there(file, target):
            self._note(file.n_bytes, 1)
            return
        address = file.reference
        named = None if address is None else parse_file_address(address)
        with _draft_of(target) as draft:
            if address is None:
                self._fetch_stored(file, file.url or "", file.sha256, draft, _damage_of(file))
            elif named is not None:
                url = file_url(VersionTarget(*named[0]), named[1])
                fault = f"{address} is not what {file.path} referred to"
                self._fetch_stored(file, url, file.checksum or "", draft, fault)
            else:
                _copy_reference(file, address, draft)
                self._note(file.n_bytes)
        self._note(0, 1)

    def _fetch_stored(
        self, file: ArtifactFile, url: str, sha256: str, draft: Path, fault: str
    ) -> None:
        """Write a content of the server, if the cache does not have it.

        `sha256` is '' if unknown; `fault` is the message if the content is another.
        """
        if self._cache is not None and sha256 and self._cache.take(sha256, draft):
            self._note(file.n_bytes)
            return
        with draft.open("wb", buffering=0) as writing, piece_hash(file.n_bytes) as digest:
            for piece in self._read(url, file.n_bytes):
                digest.update(piece)
                writing.write(piece)
                self._note(len(piece))
            received = digest.hexdigest()
        if sha256 and received != sha256:
            raise CommError(fault)
        if self._cache is not None:
            self._cache.keep(received, draft)

    def _target(self, file: ArtifactFile) -> Path:
        target = self._root / check_file_path(file.path)
        if target.parent not in self._folders:
            if not target.parent.resolve().is_relative_to(self._real_root):
                raise ConfigError(
                    f"{file.path!r} would be outside {str(self._root)!r}: a folder is a link"
                )
            with _telling_obstacle(target):
                target.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(target.parent)
        return target

    def _note(self, n_bytes: int, n_files: int = 0) -> None:
        with self._lock:
            self._n_bytes += n_bytes
            self._n_files += n_files
            self._progress(self._n_bytes, self._n_files)


def _is_there(file: ArtifactFile, target: Path) -> bool:
    try:
        status = os.lstat(target)
    except OSError:
        return False
    expected = file.sha256 or file.checksum
    if not stat.S_ISREG(status.st_mode) or status.st_size != file.n_bytes or not expected:
        return False
    return hash_of(target) == expected


def _await_all(futures: Iterable[Future[None]]) -> None:
    for future in futures:
        future.result()


@contextlib.contextmanager
def _draft_of(target: Path) -> Generator[Path]:
    """The path at which a file is written until it is whole."""
    draft = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        yield draft
        with _telling_obstacle(target):
            draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _telling_obstacle(target: Path) -> Generator[None]:
    """Say which file or folder is in the way, if that is the fault."""
    try:
        yield
    except OSError:
        check_free(target)
        raise


def _damage_of(file: ArtifactFile) -> str:
    return (
        f"{file.path} is not what was stored: it is damaged on the server "
        "(`weft server check` names all that is)"
    )


def _copy_reference(file: ArtifactFile, address: str, draft: Path) -> None:
    source = local_path(address)
    if source is None:
        _fetch_remote(file, address, draft)
        return
    shutil.copyfile(source, draft)
    if file.checksum and hash_of(draft) != file.checksum:
        raise CommError(f"{address} was changed since the artifact was logged")


def _fetch_remote(file: ArtifactFile, address: str, draft: Path) -> None:
    store = store_of(kind_of(address))
    if store is None:
        raise UsageError(
            f"{file.path} is kept at {address}, which this version of weft can't fetch: "
            "read it there, or pass allow_missing_references=True"
        )
    n_bytes = 0
    with store.read(address) as (present, pieces):
        if file.checksum and present.checksum != file.checksum:
            raise CommError(f"{address} was changed since the artifact was logged")
        with draft.open("wb", buffering=0) as writing:
            for piece in pieces:
                writing.write(piece)
                n_bytes += len(piece)
    if present.n_bytes not in {0, n_bytes}:
        raise CommError(f"{address} has {present.n_bytes:,} bytes, of which {n_bytes:,} have come")
