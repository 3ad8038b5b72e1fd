"""Spool files: what a script hands over to be encoded, in its run's directory. Does I/O.

Written by the script, one for each call that stores files; read by the sidecar's file worker, and
removed once the files are recorded in a log. Rules RL50 to RL54 of `docs/run-log-format.md`.

    mark 8 | u32 length of the header | msgpack header | zeros | payloads, each at a multiple of 64
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from weft.errors import ConfigError, CorruptLog
from weft.records.files.file_paths import check_file_path
from weft.runlog.reader import open_file

SPOOL: Final = "spool"
"""The folder of spool files in a run's directory."""

MARK: Final = b"\x89wspl\r\n\x1a"
VERSION: Final = 1
MAX_HEADER_BYTES: Final = 32 << 20
ALIGNMENT: Final = 64
"""Payloads begin at multiples of this, so that arrays can be read where they lie."""

SAVED: Final = "saved"
"""The encoder of jobs without a payload: the file lies at its path already [RL55]."""

MANIFEST: Final = "manifest"
"""The encoder of manifests of artifacts. It hashes the files in the folder of the manifest's path,
and the record `Artifact` in its options follows the manifest's."""

_LENGTH: Final = struct.Struct("<I")
_HEAD_BYTES: Final = 64 << 10
"""Bytes of a spool file that are read at once. Most files are no longer, and mapping one takes as
long as ten such reads."""

_MOST_BUFFERS: Final = 512
"""Most buffers of one `writev`; systems allow at least 1,024."""

_TEMPORARY: Final = "."


class Job(msgspec.Struct, frozen=True, array_like=True):
    """A file to be made.

    Attributes:
        path: its future path, below the run's `files`.
        encoder: the name of what makes it.
        start: the start of its payload, in bytes from the first payload.
    """

    path: str
    encoder: str
    options: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    start: int = 0
    n_bytes: int = 0


class _Header(msgspec.Struct, frozen=True, array_like=True):
    version: int
    jobs: list[Job]


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(_Header).decode


def spool_path(directory: Path, writer_id: str, number: int) -> Path:
    """The path of a writer's spool file. Names sort in the order in which they were written.

    >>> spool_path(Path("run-1"), "w", 3).as_posix()
    'run-1/spool/w-00000003'
    """
    return directory / SPOOL / f"{writer_id}-{number:08d}"


def write_spool(path: Path, jobs: Sequence[Job], payloads: Sequence[Sequence[Any]]) -> None:
    """Write a spool file, whole or not at all. It survives a kill once this returns.

    The `start` and `n_bytes` of jobs are set here. Each payload is a sequence of blocks of memory.
    After an OSError, nothing is left there.

    >>> import tempfile
    >>> path = spool_path(Path(tempfile.mkdtemp()), "w", 0)
    >>> write_spool(path, [Job("a.txt", "bytes")], [[b"he", b"llo"]])
    >>> with SpoolFile(path) as spool:
    ...     spool.jobs[0].path, bytes(spool.payload(spool.jobs[0]))
    ('a.txt', b'hello')
    """
    placed: list[Job] = []
    buffers: list[memoryview] = []
    end = 0
    for job, blocks in zip(jobs, payloads, strict=True):
        views = [memoryview(block).cast("B") for block in blocks if memoryview(block).nbytes]
        n_bytes = sum(view.nbytes for view in views)
        placed.append(msgspec.structs.replace(job, start=end, n_bytes=n_bytes))
        n_zeros = -n_bytes % ALIGNMENT
        buffers += [*views, memoryview(bytes(n_zeros))] if n_zeros else views
        end += n_bytes + n_zeros
    header = _encode(_Header(VERSION, placed))
    head = MARK + _LENGTH.pack(len(header)) + header
    buffers.insert(0, memoryview(head + bytes(-len(head) % ALIGNMENT)))
    folder, name = os.path.split(path)
    temporary = f"{folder}{os.sep}{_TEMPORARY}{name}"
    try:
        fd = _create(temporary)
    except FileNotFoundError:
        Path(folder).mkdir(mode=0o700, exist_ok=True)
        fd = _create(temporary)
    try:
        try:
            _write_all(fd, buffers)
        finally:
            os.close(fd)
        os.rename(temporary, path)  # noqa: PTH104
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _create(path: str) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)


def _write_all(fd: int, buffers: list[memoryview]) -> None:
    at = 0
    while at < len(buffers):
        batch = buffers[at : at + _MOST_BUFFERS]
        n_written = os.writev(fd, batch) if hasattr(os, "writev") else os.write(fd, batch[0])
        while at < len(buffers) and n_written >= buffers[at].nbytes:
            n_written -= buffers[at].nbytes
            at += 1
        if n_written:
            buffers[at] = buffers[at][n_written:]


def spool_names(directory: Path) -> list[str]:
    """The names of complete spool files in a run's directory, oldest first for each writer."""
    try:
        names = os.listdir(directory / SPOOL)  # noqa: PTH208
    except OSError:
        return []
    return [name for name in sorted(names) if name[0] != _TEMPORARY]


def spool_files(directory: Path) -> list[Path]:
    """The paths of complete spool files, in the order of `spool_names`."""
    return [directory / SPOOL / name for name in spool_names(directory)]


class SpoolFile:
    """A spool file that is read.

    Close it, or use it as a context manager. CorruptLog if it is damaged, or was written by a
    newer weft.
    """

    def __init__(self, path: Path | str) -> None:
        self._map: mmap.mmap | None = None
        self._fd = open_file(path)
        try:
            self.n_bytes = os.fstat(self._fd).st_size
            self._head = os.read(self._fd, _HEAD_BYTES)
            self.jobs, self._base = self._read_header(path)
        except BaseException:
            self.close()
            raise

    def payload(self, job: Job) -> memoryview:
        """The payload of one of its jobs, without a copy; release it before `close`."""
        start = self._base + job.start
        end = start + job.n_bytes
        if end <= len(self._head):
            return memoryview(self._head)[start:end]
        if self._map is None:
            self._map = mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)
        return memoryview(self._map)[start:end]

    def close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> SpoolFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read_header(self, path: Path | str) -> tuple[list[Job], int]:
        data = self._head
        start = len(MARK) + _LENGTH.size
        if len(data) < start or data[: len(MARK)] != MARK:
            raise CorruptLog(f"not a spool file: {path}")
        (n_header,) = _LENGTH.unpack(data[len(MARK) : start])
        if n_header > MAX_HEADER_BYTES or start + n_header > self.n_bytes:
            raise CorruptLog(f"spool file has an incomplete header: {path}")
        if start + n_header > len(data):
            os.lseek(self._fd, 0, os.SEEK_SET)
            data = os.read(self._fd, start + n_header)
        try:
            header = _decode(data[start : start + n_header])
        except msgspec.DecodeError as error:
            raise CorruptLog(f"spool file has an invalid header ({error}): {path}") from None
        if header.version > VERSION:
            raise CorruptLog(f"spool file of version {header.version} needs a newer weft: {path}")
        base = start + n_header + -(start + n_header) % ALIGNMENT
        for job in header.jobs:
            try:
                check_file_path(job.path)
            except ConfigError as error:
                raise CorruptLog(f"spool file: {error}: {path}") from None
            if job.start < 0 or job.n_bytes < 0 or base + job.start + job.n_bytes > self.n_bytes:
                raise CorruptLog(f"spool file lacks the payload of {job.path!r}: {path}")
        return header.jobs, base
