"""The file worker: a child process that makes files from spool files. Does I/O.

Reads orders from stdin, one JSON line each, and answers with one line for each file. It holds one
payload at a time, mapped from the spool file, and ends with its stdin.

An encoder that crashes takes this process with it; `worker_process` then starts another one, and
names the job that was being done.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from io import BytesIO, FileIO
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import CorruptLog, WeftError
from weft.records.files.artifacts import MANIFEST_SUFFIX, Chunk
from weft.runlog.links import check_unlinked, open_contained
from weft.runlog.private_files import PRIVATE_UMASK
from weft.runlog.reader import open_file
from weft.runlog.spool import MANIFEST, Job, SpoolFile
from weft.sync.files.encoders import encoder_of

_ORDERS_BYTES: Final = 1 << 16
_PIECE_BYTES: Final = 1 << 20
_SMALL_BYTES: Final = 1 << 20
"""Files of payloads up to this size are hashed before they are written, not read again."""


_PASSING: Final = frozenset(
    {
        *("ENOSPC", "EDQUOT", "EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EINTR", "EBUSY"),
        *("EIO", "ESTALE", "ETIMEDOUT", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH"),
    }
)
"""Faults that may pass: the disk or memory is full, or a network disk is away."""


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """Files to be made of a spool file, or files that exist and are only hashed.

    Attributes:
        spool: the path of the spool file. '' to hash `paths`.
        skip: how many of the files are done already, or failed.
        trusts_links: whether links among the files are followed; see `RunFiles`.
        linked_version: see `hash_existing`.
    """

    files: str
    spool: str = ""
    paths: list[str] = msgspec.field(default_factory=list[str])
    skip: int = 0
    trusts_links: bool = True
    linked_version: tuple[int, int] | None = None


class FileResult(msgspec.Struct, omit_defaults=True):
    """The result of a job: a file, or the reason why there is none.

    With `chunks` it is no result yet: a file of an artifact has been cut so far.

    Attributes:
        error: the reason why there is no file; None if there is one.
        is_passing: whether the reason may pass, such as a full disk, so that it may be made later.
        is_last: whether it was the last one of its order.
        start: where they begin in it, in bytes.
    """

    path: str
    n_bytes: int = 0
    sha256: str = ""
    error: str | None = None
    is_passing: bool = False
    is_last: bool = False
    chunks: list[Chunk] = []
    start: int = 0


def run_order(
    order: Order, tell: Callable[[FileResult], None] = lambda _: None
) -> Iterator[FileResult]:
    """Make the files of an order, and yield what became of each.

    A damaged spool file is one failed job without a path. `tell` takes chunks of files as they are
    cut, from several threads.
    """
    if not order.spool:
        for nth, path in enumerate(order.paths[order.skip :], order.skip + 1):
            result = hash_existing(
                path,
                Path(order.files),
                trusts_links=order.trusts_links,
                linked_version=order.linked_version,
            )
            result.is_last = nth == len(order.paths)
            yield result
        return
    try:
        with SpoolFile(order.spool) as spool:
            for nth, job in enumerate(spool.jobs[order.skip :], order.skip + 1):
                result = make_file(spool, job, order.files, tell, trusts_links=order.trusts_links)
                result.is_last = nth == len(spool.jobs)
                yield result
            if len(spool.jobs) <= order.skip:
                yield FileResult("", is_last=True)
    except (CorruptLog, OSError) as error:
        yield FileResult("", error=str(error), is_passing=_is_passing(error), is_last=True)


def make_file(
    spool: SpoolFile,
    job: Job,
    files: str | Path,
    tell: Callable[[FileResult], None] = lambda _: None,
    *,
    trusts_links: bool = True,
) -> FileResult:
    """Make the file of a job, and hash it. It is there whole or not at all."""
    path = os.path.join(files, job.path)  # noqa: PTH118  a Path takes longer than a small image
    temporary = temporary_path(path, os.getpid())
    if job.encoder == MANIFEST:
        folder = job.path.removesuffix(MANIFEST_SUFFIX)

        def tell_chunks(path: str, start: int, chunks: list[Chunk]) -> None:
            tell(FileResult(f"{folder}/{path}", chunks=chunks, start=start))

        def open_entry(path: str) -> int:
            if trusts_links:
                return open_file(os.path.join(files, folder, path))  # noqa: PTH118
            # A file on another disk is linked; a stranger would have to know its time of change.
            return open_contained(Path(files), f"{folder}/{path}", allows_own_link=True)

        options = {**job.options, "open_entry": open_entry, "tell_chunks": tell_chunks}
        job = msgspec.structs.replace(job, options=options)
    try:
        if not trusts_links:
            check_unlinked(Path(files), job.path)
        with _create(temporary) as file, spool.payload(job) as payload:
            n_bytes, sha256 = _encode_hashed(job, payload, file)
        os.replace(temporary, path)  # noqa: PTH105
    except Exception as error:  # noqa: BLE001  an encoder's library may raise anything
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        return FileResult(job.path, error=_reason(error), is_passing=_is_passing(error))
    return FileResult(job.path, n_bytes, sha256)


def temporary_path(path: str, pid: int) -> str:
    """The path at which a worker makes a file.

    Each worker has its own: the worker of a killed sidecar ends its job while the next sidecar's
    worker does the same one.

    >>> temporary_path(os.path.join("files", "a.png"), 7) == os.path.join("files", ".a.png.7.part")
    True
    """
    folder, name = os.path.split(path)
    return f"{folder}{os.sep}.{name}.{pid}.part"


def _create(path: str) -> FileIO:
    try:
        return FileIO(path, "w+", opener=_open_new)
    except FileNotFoundError:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        return FileIO(path, "w+", opener=_open_new)


def _open_new(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _encode_hashed(job: Job, payload: memoryview, file: FileIO) -> tuple[int, str]:
    """Write what a job's encoder makes; return its length and SHA-256."""
    encode = encoder_of(job.encoder)
    if job.n_bytes > _SMALL_BYTES:
        with open(file.fileno(), "w+b", closefd=False) as buffered:
            encode(payload, job.options, buffered)
        file.seek(0)
        return _hash(file)
    buffer = BytesIO()
    encode(payload, job.options, buffer)
    with buffer.getbuffer() as content:
        n_bytes = file.write(content)
        if n_bytes < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return n_bytes, hashlib.sha256(content).hexdigest()


def hash_existing(
    path: str,
    files: Path,
    *,
    trusts_links: bool = True,
    linked_version: tuple[int, int] | None = None,
) -> FileResult:
    """Hash a file that is at its path already.

    If links are not trusted, the file may only be a link of this user to a file of this user with
    `linked_version`, its size and time of change (ns): a stranger would have to know them.
    """
    try:
        if trusts_links:
            opened = open_file(files / path)
        elif linked_version is None or not (files / path).is_symlink():
            opened = open_contained(files, path)
        else:
            opened = _open_linked(files, path, linked_version)
        with FileIO(opened) as file:
            return FileResult(path, *_hash(file))
    except (OSError, WeftError) as error:
        return FileResult(path, error=_reason(error))


def _open_linked(files: Path, path: str, version: tuple[int, int]) -> int:
    opened = open_contained(files, path, allows_own_link=True)
    status = os.fstat(opened)
    if (status.st_size, status.st_mtime_ns) == version:
        return opened
    os.close(opened)
    raise CorruptLog(f"{path} links to a file that was changed after save(): put a copy there")


def _hash(file: FileIO) -> tuple[int, str]:
    digest = hashlib.sha256()
    n_bytes = 0
    while piece := file.read(_PIECE_BYTES):
        digest.update(piece)
        n_bytes += len(piece)
    return n_bytes, digest.hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def _is_passing(error: Exception) -> bool:
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0) in _PASSING
    return isinstance(error, MemoryError)


def main() -> int:
    """The worker's entry point.

    `sys.argv[2]` says how many seconds an answer may wait for the next, because each wakes the
    sidecar; `sys.argv[3]` what is added to this process's niceness.
    """
    os.umask(PRIVATE_UMASK)
    batch_secs, niceness = float(sys.argv[2]), int(sys.argv[3])
    if hasattr(os, "nice"):
        os.nice(niceness)
    encode = msgspec.json.Encoder().encode
    decode = msgspec.json.Decoder(Order).decode
    answers: list[bytes] = []
    answered_secs = 0.0
    unread = b""
    writing = threading.Lock()

    def tell(result: FileResult) -> None:
        with writing:  # the main thread waits for its encoder meanwhile
            answers.append(encode(result) + b"\n")  # behind the results that are held back
            _write_all(answers)

    while data := os.read(sys.stdin.fileno(), _ORDERS_BYTES):
        *lines, unread = (unread + data).split(b"\n")
        for line in lines:
            for result in run_order(decode(line), tell):
                answers.append(encode(result) + b"\n")
                if time.monotonic() - answered_secs >= batch_secs:
                    _write_all(answers)
                    answered_secs = time.monotonic()
        _write_all(answers)
    return 0


def _write_all(answers: list[bytes]) -> None:
    sys.stdout.buffer.write(b"".join(answers))
    sys.stdout.buffer.flush()
    answers.clear()
