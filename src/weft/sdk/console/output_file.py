"""`files/output.log`: the finished lines of all streams, in the order in which they began. I/O.

A line that changes later is rewritten with those after it, as long as it is among the last
`N_KEPT`. Lines are written at once, unless very many come: then the lines of some milliseconds are
written together. Each is in the run log already. A fault of the disk ends the file and nothing
else.
"""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import Final

N_KEPT: Final = 200
"""Last lines that can be rewritten, at least."""
_PAUSE_SECS: Final = 0.0025
_AT_ONCE_SECS: Final = 0.25
"""Writes are this far apart on average; a hundred may come in a row after a pause."""

_MOST_BUFFERED: Final = 1000
"""Most lines that wait to be written together."""

_Name = tuple[str, int]


class OutputFile:
    r"""See this module.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "output.log"
    >>> file = OutputFile(path)
    >>> for number, text in enumerate(("a", "b", "c")):
    ...     file.put("stdout", number, text)
    >>> file.put("stdout", 1, "new"); file.flush()
    >>> path.read_text()
    'a\nnew\nc\n'
    """

    def __init__(self, path: Path) -> None:
        """Nothing is opened before the first line: a run that prints nothing has no file.

        If there is a file, of an earlier part of the run, lines are appended.
        """
        self._path = path
        self._fd = -1
        self._end = 0
        self._closed = False
        self._rewritable: dict[_Name, tuple[int, bytes]] = {}
        self._buffered: list[bytes] = []
        self._full_secs = 0.0

    def put(self, stream: str, number: int, text: str) -> None:
        """Write a line, or rewrite it if it is among the last; never raises."""
        if self._closed:
            return
        name = stream, number
        data = text.encode(errors="replace") + b"\n"
        try:
            if self._fd < 0:
                self._open()
            if name in self._rewritable:
                self._rewrite(name, data)
            else:
                self._rewritable[name] = self._end, data
                if len(self._rewritable) > 2 * N_KEPT:
                    for oldest in [*self._rewritable][:N_KEPT]:
                        del self._rewritable[oldest]
                self._end += len(data)
                self._buffered.append(data)
                is_due = monotonic() + _AT_ONCE_SECS >= self._full_secs
                if is_due or len(self._buffered) >= _MOST_BUFFERED:
                    self.flush()
        except OSError:
            self.abandon()

    def flush(self) -> None:
        """Write the lines that wait; never raises."""
        if not self._buffered:
            return
        data = b"".join(self._buffered)
        self._buffered.clear()
        self._full_secs = max(self._full_secs, monotonic()) + _PAUSE_SECS
        try:
            if os.write(self._fd, data) != len(data):
                self.abandon()
        except OSError:
            self.abandon()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._fd = os.open(self._path, flags, 0o600)
        self._end = os.lseek(self._fd, 0, os.SEEK_END)

    def _rewrite(self, name: _Name, data: bytes) -> None:
        start, before = self._rewritable[name]
        if before == data:
            return
        self.flush()
        if self._closed:
            return
        names = [*self._rewritable]
        after = names[names.index(name) :]
        os.ftruncate(self._fd, start)
        os.lseek(self._fd, start, os.SEEK_SET)
        self._end = start
        parts: list[bytes] = []
        for later_name in after:
            line = data if later_name == name else self._rewritable[later_name][1]
            self._rewritable[later_name] = self._end, line
            self._end += len(line)
            parts.append(line)
        whole = b"".join(parts)
        if os.write(self._fd, whole) != len(whole):
            self.abandon()

    def close(self) -> None:
        """Write the lines that wait and close the file; later lines are ignored."""
        self.flush()
        self.abandon()

    def abandon(self) -> None:
        """Close the file without writing: the disk takes no more, or it is a parent's."""
        self._closed = True
        self._buffered.clear()
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
