"""The status page: a sidecar's progress, which its trainer reads in a few µs. Does I/O.

One small file in the runtime directory: u32 crc32, u32 length, msgpack. The sidecar writes it with
one `pwrite`, the trainer reads it with one `pread`; the checksum detects a half-written page.
"""

from __future__ import annotations

import os
from pathlib import Path
from struct import Struct
from typing import Final, Literal
from zlib import crc32

import msgspec

State = Literal[
    "starting",
    "no_address",
    "connecting",
    "uploading",
    "no_server",
    "wrong_server",
    "unauthorized",
    "unavailable",
]
"""State of the connection. `no_address`: no server is known; `unavailable`: it can't answer."""

LogState = Literal["open", "done", "gone", "refused", "elsewhere"]
"""State of one log.

`done`: closed (or its writer dead) and acknowledged to its end; `gone`: the run was deleted;
`refused`: the server refuses it; `elsewhere`: another uploader holds it.
"""

_HEAD: Final = Struct("<II")
_PAGE_BYTES: Final = 64 * 1024
_FIRST_READ_BYTES: Final = 1024
"""Enough for a page of a few logs; reading the whole page would allocate 64 KB each time."""

_SETTLED: Final[frozenset[LogState]] = frozenset({"done", "gone"})

_MOST_LOGS: Final = 100
"""The number of logs that stay when a page is too long."""

_READ_ATTEMPTS: Final = 3

MOST_LOST: Final = 5
"""The most files that can't be sent and are named."""


class LogStatus(msgspec.Struct, array_like=True):
    """The progress of one log.

    Attributes:
        error: the reason why it is `gone` or `refused`, or can't be opened now.
        stop: the user who asks the run to stop, if any.
        n_damaged_bytes: bytes skipped because they hold no valid frame; their contents are lost.
        n_lacking: files that it announces and whose content is still to be sent.
        n_content_bytes: bytes of such contents, as far as the server has named them.
        n_lost: contents that can't be sent.
        lost: the first `MOST_LOST` of them: the path of a file, and why.
        entity: the entity that the run belongs to; '' until the server has told.
        warning: what the server says about the run's project; None if nothing.
    """

    name: str
    run_id: str
    size: int = 0
    acked: int = 0
    state: LogState = "open"
    error: str | None = None
    stop: str | None = None
    n_damaged_bytes: int = 0
    n_lacking: int = 0
    n_content_bytes: int = 0
    n_sent_bytes: int = 0
    n_lost: int = 0
    lost: list[tuple[str, str]] = msgspec.field(default_factory=list[tuple[str, str]])
    entity: str = ""
    warning: str | None = None


class FilesStatus(msgspec.Struct, array_like=True):
    """The progress of a run's files.

    `n_waiting` are being made or hashed. `failures` are the first of those that could not be, as
    sentences.
    """

    run_id: str
    n_waiting: int = 0
    n_made: int = 0
    n_failures: int = 0
    failures: list[str] = msgspec.field(default_factory=list[str])


class Status(msgspec.Struct, array_like=True):
    """The contents of the status page.

    Attributes:
        flushed: number of the last `control.Flush` after which each log was tried once.
        server: address in use; None if no server is known.
        error: what went wrong at the last try, for the user; None if it succeeded.
        connected: whether the server has accepted an upload from this sidecar.
        files: of the runs that have files to be made.
        is_over: whether nothing is left that the end of the script may wait for.
    """

    pid: int
    state: State = "starting"
    flushed: int = 0
    server: str | None = None
    error: str | None = None
    logs: list[LogStatus] = msgspec.field(default_factory=list[LogStatus])
    connected: bool = False
    files: list[FilesStatus] = msgspec.field(default_factory=list[FilesStatus])
    is_over: bool = False

    def of_run(self, run_id: str) -> list[LogStatus]:
        return [log for log in self.logs if log.run_id == run_id]


_encode: Final = msgspec.msgpack.Encoder().encode


class StatusPage:
    """The page, opened for writing (by the sidecar) or reading (by its trainer).

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "1-2.status"
    >>> StatusPage(path, write=True).write(Status(pid=7, state="uploading"))
    >>> StatusPage(path).read().state
    'uploading'
    """

    def __init__(self, path: Path, *, write: bool = False) -> None:
        flags = os.O_RDWR | os.O_CREAT if write else os.O_RDONLY
        self._fd = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
        self._last = b""

    def write(self, status: Status) -> None:
        """Publish `status`; writes nothing if the page would not change."""
        data = _encode(status)
        if len(data) > _PAGE_BYTES - _HEAD.size:
            # Too many logs: keep those that a `finish` may wait for, then the newest others.
            first = [log for log in status.logs if log.state not in _SETTLED]
            first += [log for log in reversed(status.logs) if log.state in _SETTLED]
            files = [file_status for file_status in status.files if file_status.n_waiting]
            status = msgspec.structs.replace(
                status, logs=first[:_MOST_LOGS], files=files[:_MOST_LOGS]
            )
            data = _encode(status)
        if data == self._last:
            return
        self._last = data
        page = _HEAD.pack(crc32(data), len(data)) + data
        if hasattr(os, "pwrite"):
            os.pwrite(self._fd, page, 0)
        else:
            os.lseek(self._fd, 0, os.SEEK_SET)
            os.write(self._fd, page)

    def read(self) -> Status | None:
        """The contents of the page; None if it has none yet. About 4 µs."""
        for _ in range(_READ_ATTEMPTS):
            page = self._pread(_FIRST_READ_BYTES)
            if len(page) < _HEAD.size:
                return None
            crc, n_bytes = _HEAD.unpack_from(page)
            if _HEAD.size + n_bytes > len(page):
                page = self._pread(_PAGE_BYTES)
                crc, n_bytes = _HEAD.unpack_from(page)
            data = memoryview(page)[_HEAD.size : _HEAD.size + n_bytes]
            if crc32(data) == crc:
                try:
                    return msgspec.msgpack.decode(data, type=Status)
                except msgspec.DecodeError:
                    return None
        return None

    def changed_secs(self) -> float:
        """The time of the page's last change, in seconds since 1970 UTC."""
        return os.fstat(self._fd).st_mtime

    def _pread(self, n_bytes: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._fd, n_bytes, 0)
        os.lseek(self._fd, 0, os.SEEK_SET)
        return os.read(self._fd, n_bytes)

    def close(self) -> None:
        """Close the file; the page stays."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
