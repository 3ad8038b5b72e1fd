"""Frames that wait in memory while the disk takes none. Pure; rules RL31 and RL32.

Receives frames from `weft.runlog.writer` and hands them back in order. Rows and console lines are
given up, oldest first, when more than `RING_BYTES` of them wait; a Gap record tells. Other records
stay: without a Key or a Schema the rows behind it could not be read.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

import msgspec

from weft.records.record import Gap

FrameKind = Literal["row", "line", "other"]


class Waiting(msgspec.Struct, frozen=True):
    """One frame; `number` tells the order in which frames came."""

    number: int
    frame: bytes
    micros: int
    kind: FrameKind


class Ring:
    """The frames that wait for the disk.

    >>> ring = Ring(max_bytes=3)
    >>> for micros in range(3):
    ...     n_lost = ring.put(b"rr", micros, "row")
    >>> ring.gap
    Gap(n_rows=2, first_micros=0, last_micros=1, n_lines=0)
    >>> [waiting.micros for waiting in ring.drain()]
    [2]
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.gap: Gap | None = None
        self._n_put = 0
        self._bytes = 0
        self._retained: deque[Waiting] = deque()
        self._droppable: deque[Waiting] = deque()

    def __len__(self) -> int:
        return len(self._retained) + len(self._droppable)

    def put(self, frame: bytes, micros: int, kind: FrameKind) -> int:
        """Add a frame; returns how many rows had to go for it."""
        waiting = Waiting(self._n_put, frame, micros, kind)
        self._n_put += 1
        if kind == "other":
            self._retained.append(waiting)
            return 0
        self._droppable.append(waiting)
        self._bytes += len(frame)
        n_rows = 0
        while self._bytes > self.max_bytes:
            n_rows += self._give_up(self._droppable.popleft())
        return n_rows

    def head(self) -> Waiting | None:
        """The oldest frame. None if nothing waits."""
        if not self._retained:
            return self._droppable[0] if self._droppable else None
        if not self._droppable or self._retained[0].number < self._droppable[0].number:
            return self._retained[0]
        return self._droppable[0]

    def pop(self) -> None:
        """Take the oldest frame away."""
        head = self.head()
        if head is None:
            return
        if head.kind == "other":
            self._retained.popleft()
        else:
            self._droppable.popleft()
            self._bytes -= len(head.frame)

    def drain(self) -> list[Waiting]:
        """Take all frames away, oldest first."""
        drained: list[Waiting] = []
        while (head := self.head()) is not None:
            drained.append(head)
            self.pop()
        return drained

    def give_up_all(self) -> int:
        """Give up all rows and lines that wait; returns how many rows."""
        n_rows = 0
        while self._droppable:
            n_rows += self._give_up(self._droppable.popleft())
        return n_rows

    def _give_up(self, lost: Waiting) -> int:
        self._bytes -= len(lost.frame)
        is_row = lost.kind == "row"
        before = self.gap or Gap(0, lost.micros, lost.micros)
        self.gap = Gap(
            n_rows=before.n_rows + is_row,
            first_micros=before.first_micros,
            last_micros=lost.micros,
            n_lines=before.n_lines + (not is_row),
        )
        return int(is_row)
