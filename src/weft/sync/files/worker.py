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
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import CorruptLog
from weft.runlog.spool import Job, SpoolFile
from weft.sync.files.encoders import encoder_of

_NICENESS: Final = 10
"""Training comes first."""

_PIECE_BYTES: Final = 1 << 20


class Order(msgspec.Struct, frozen=True, omit_defaults=True):
    """Files to be made of a spool file, or files that exist and are only hashed.

    Attributes:
        files: the folder that the files' paths are in.
        spool: the path of the spool file. '' to hash `paths`.
        paths: the files to be hashed.
        skip: how many of the files are done already, or failed.
    """

    files: str
    spool: str = ""
    paths: list[str] = msgspec.field(default_factory=list[str])
    skip: int = 0


class Made(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that was made, or why it could not be.

    Attributes:
        path: its path below the run's `files`.
        error: why there is no file; None if there is one.
        is_disk_full: whether it is because the disk is full, so that it may be made later.
        is_last: whether it was the last one of its order.
    """

    path: str
    n_bytes: int = 0
    sha256: str = ""
    error: str | None = None
    is_disk_full: bool = False
    is_last: bool = False


def work_off(order: Order) -> Iterator[Made]:
    """Make the files of an order, and yield what became of each.

    A damaged spool file is one failed job without a path.
    """
    if not order.spool:
        for nth, path in enumerate(order.paths[order.skip :], order.skip + 1):
            made = hash_made(path, Path(order.files))
            yield msgspec.structs.replace(made, is_last=nth == len(order.paths))
        return
    try:
        with SpoolFile(Path(order.spool)) as spool:
            for nth, job in enumerate(spool.jobs[order.skip :], order.skip + 1):
                made = make_file(spool, job, Path(order.files))
                yield msgspec.structs.replace(made, is_last=nth == len(spool.jobs))
            if len(spool.jobs) <= order.skip:
                yield Made("", is_last=True)
    except (CorruptLog, OSError) as error:
        yield Made("", error=str(error), is_last=True)


def make_file(spool: SpoolFile, job: Job, files: Path) -> Made:
    """Make the file of a job, and hash it. It is there whole or not at all."""
    path = files / job.path
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file, spool.payload(job) as payload:
            encoder_of(job.encoder)(payload, job.options, file)
        n_bytes, sha256 = hash_file(temporary)
        temporary.replace(path)
    except Exception as error:  # noqa: BLE001  an encoder's library may raise anything
        with contextlib.suppress(OSError):
            temporary.unlink()
        return Made(job.path, error=_reason(error), is_disk_full=_is_disk_full(error))
    return Made(job.path, n_bytes, sha256)


def hash_made(path: str, files: Path) -> Made:
    """Hash a file that exists."""
    try:
        return Made(path, *hash_file(files / path))
    except OSError as error:
        return Made(path, error=_reason(error))


def hash_file(path: Path) -> tuple[int, str]:
    """Return a file's length and the SHA-256 of its content.

    Raises:
        OSError: it can't be read.
    """
    digest = hashlib.sha256()
    n_bytes = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            n_bytes += len(piece)
    return n_bytes, digest.hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


def _is_disk_full(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}


def main() -> int:
    """The worker's entry point."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    encode = msgspec.json.Encoder().encode
    decode = msgspec.json.Decoder(Order).decode
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        for made in work_off(decode(line)):
            out.write(encode(made) + b"\n")
            out.flush()
    return 0
