"""`files/output.log`: the finished lines of all streams, in the order in which they began. I/O.

A line that changes later is rewritten with those after it, as long as it is among the last
`N_KEPT`. A fault of the disk ends the file and nothing else: the run log has the lines.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path
from typing import Final

N_KEPT: Final = 200

_Name = tuple[str, int]


class OutputFile:
    r"""See this module.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "output.log"
    >>> file = OutputFile(path)
    >>> for number, text in enumerate(("a", "b", "c")):
    ...     file.put("stdout", number, text)
    >>> file.put("stdout", 1, "new")
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
        self._kept: OrderedDict[_Name, tuple[int, bytes]] = OrderedDict()

    def put(self, stream: str, number: int, text: str) -> None:
        """Write a line, or rewrite it if it is among the last; never raises."""
        if self._closed:
            return
        name = stream, number
        data = text.encode(errors="replace") + b"\n"
        try:
            if self._fd < 0:
                self._open()
            if name in self._kept:
                self._rewrite(name, data)
            else:
                self._kept[name] = self._end, data
                if len(self._kept) > N_KEPT:
                    self._kept.popitem(last=False)
                self._append(data)
        except OSError:
            self.close()

    def _open(self) -> None:
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._fd = os.open(self._path, flags, 0o600)
        self._end = os.lseek(self._fd, 0, os.SEEK_END)

    def _append(self, data: bytes) -> None:
        self._end += len(data)
        if os.write(self._fd, data) != len(data):
            self.close()

    def _rewrite(self, name: _Name, data: bytes) -> None:
        start, before = self._kept[name]
        if before == data:
            return
        names = [*self._kept]
        after = names[names.index(name) :]
        os.ftruncate(self._fd, start)
        os.lseek(self._fd, start, os.SEEK_SET)
        self._end = start
        parts: list[bytes] = []
        for one in after:
            line = data if one == name else self._kept[one][1]
            self._kept[one] = self._end, line
            self._end += len(line)
            parts.append(line)
        whole = b"".join(parts)
        if os.write(self._fd, whole) != len(whole):
            self.close()

    def close(self) -> None:
        """Close the file; later lines are ignored."""
        self._closed = True
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
