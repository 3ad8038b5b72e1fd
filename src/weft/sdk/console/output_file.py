"""`files/output.log`: the finished lines of all streams, in the order in which they began. I/O.

A line that changes later is rewritten with those after it, as long as it is among the last
`N_KEPT`. Lines are written at once, unless very many come: then the lines of some milliseconds are
written together. Each is in the run log already. A fault of the disk ends the file and nothing
else.
"""

from __future__ import annotations

import os
from collections import deque
from pathlib import Path
from time import monotonic
from typing import Final

N_KEPT: Final = 200
"""Last lines that can be rewritten."""
_PAUSE_SECS: Final = 0.0025
_AT_ONCE_SECS: Final = 0.25
"""Writes are this far apart on average; a hundred may come in a row after a pause."""

_MOST_BUFFERED: Final = 1000
"""Most lines that wait to be written together."""


class OutputFile:
    r"""The file `output.log` of a run, with its last lines in memory.

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
        self._last: deque[tuple[str, int, str]] = deque(maxlen=N_KEPT)
        self._newest: dict[str, int] = {}
        """The largest number by stream: a line with a larger one is a new one."""
        self._buffered: list[str] = []
        self._full_secs = 0.0

    def put(self, stream: str, number: int, text: str) -> None:
        """Write a line, or rewrite it if it is among the last; never raises."""
        if self._closed:
            return
        if number <= self._newest.get(stream, -1):
            try:
                if self._rewrite(stream, number, text):
                    return
            except OSError:
                self.abandon()
                return
        else:
            self._newest[stream] = number
        self._last.append((stream, number, text))
        self._buffered.append(text)
        if monotonic() + _AT_ONCE_SECS >= self._full_secs or len(self._buffered) >= _MOST_BUFFERED:
            self.flush()

    def flush(self) -> None:
        """Write the lines that wait; never raises."""
        if not self._buffered:
            return
        data = _encoded(self._buffered)
        self._buffered.clear()
        self._full_secs = max(self._full_secs, monotonic()) + _PAUSE_SECS
        try:
            if self._fd < 0:
                self._open()
            self._end += len(data)
            if os.write(self._fd, data) != len(data):
                self.abandon()
        except OSError:
            self.abandon()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._fd = os.open(self._path, flags, 0o600)
        self._end = os.lseek(self._fd, 0, os.SEEK_END)

    def _rewrite(self, stream: str, number: int, text: str) -> bool:
        """Rewrite a line with those after it; False if it is not among the last."""
        last = [*self._last]
        indices = range(len(last) - 1, -1, -1)
        index = next((i for i in indices if last[i][:2] == (stream, number)), None)
        if index is None or last[index][2] == text:
            return index is not None
        self.flush()
        if self._closed:
            return True
        texts = [line[2] for line in last[index:]]
        self._last[index] = stream, number, text
        self._end -= len(_encoded(texts))
        os.ftruncate(self._fd, self._end)
        os.lseek(self._fd, self._end, os.SEEK_SET)
        whole = _encoded([text, *texts[1:]])
        self._end += len(whole)
        if os.write(self._fd, whole) != len(whole):
            self.abandon()
        return True

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


def _encoded(texts: list[str]) -> bytes:
    return ("\n".join(texts) + "\n").encode(errors="replace")
