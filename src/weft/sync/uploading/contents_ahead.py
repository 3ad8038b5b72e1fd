"""Sends chunks of an artifact's files while the rest of their file is still being cut. Does I/O.

The file worker tells the sidecar which chunks it has cut; `uploader` calls `send_turn` between the
rows. All of this is a head start: the manifest announces each chunk once its file is cut, and what
was not sent by then, or was lost, is asked for as any content.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from weft.client.script_client import LogTarget, ScriptClient
from weft.errors import StorageFull, Unavailable, WeftError, WrongServer
from weft.records.files.artifacts import Chunk
from weft.sync.uploading.content_requests import Batch, Piece
from weft.sync.uploading.content_sender import (
    AT_ONCE,
    FIRST_BYTES,
    MOST_BYTES,
    SMALL_BYTES,
    ContentSender,
)
from weft.wire.files.contents import LackedContent

LEAST_BYTES: Final = MOST_BYTES
"""The bytes of chunks that are worth a question to the server."""

_PAGE_BYTES: Final = AT_ONCE * MOST_BYTES
"""Most bytes of chunks of one question: as many requests run at once."""

MOST_CHUNKS: Final = 4096
"""Most chunks that wait: 5 GB of a file, if the network is slower than the worker."""

PAUSE_SECS: Final = 60.0
"""The wait after the server refused chunks or does not know the request, or after the network took
less than `FIRST_BYTES` in a second: then the cut of a file takes little of the time."""


_REFUSALS: Final = (StorageFull, WrongServer)
"""Errors that say nothing of a connection: a proxy may not know this request, either."""


class ContentsAhead(ContentSender):
    """The chunks of a run's files that no manifest names yet.

    `add` and `end` are thread-safe. While `is_cutting`, more chunks, or their manifest, are to
    come.
    """

    is_ahead = True

    def __init__(self, files: Path, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(files, clock)
        self.is_cutting = False
        self._cut: deque[LackedContent] = deque()
        self._n_cut_bytes = 0
        self._lock = threading.Lock()
        self._due_secs = 0.0

    def add(self, path: str, start: int, chunks: Sequence[Chunk]) -> None:
        """Take chunks of a file of the run that follow each other from `start` on."""
        self.is_cutting = True
        with self._lock:
            for chunk in chunks[: max(0, MOST_CHUNKS - len(self._cut))]:
                self._cut.append(_content(path, start, chunk))
                self._n_cut_bytes += chunk.n_bytes
                start += chunk.n_bytes

    def end(self) -> None:
        """Drop the chunks that wait: their manifest is there, or can't be made."""
        with self._lock:
            self._cut.clear()
            self._n_cut_bytes = 0
        self.is_cutting = False

    def is_due(self) -> bool:
        """Whether `send_turn` has something to do."""
        return self._n_cut_bytes >= LEAST_BYTES and self._clock() >= self._due_secs

    def send_turn(self, client: ScriptClient, target: LogTarget) -> None:
        """Send those chunks that the server lacks, for about a second.

        Unavailable if it can't be reached.
        """
        page = self._take_page()
        try:
            lacked = client.lacking_ahead(target, [*page])
            self._owner = (lacked.entity, lacked.project)
            self._queue.extend(page[sha256] for sha256 in lacked.sha256 if sha256 in page)
            self._send_requests(client)
        except WeftError as error:
            if isinstance(error, Unavailable) and not isinstance(error, _REFUSALS):
                raise
            self._pause()
        finally:
            self._put_back()
        if self._is_slow():
            self._pause()
            self._request_bytes = FIRST_BYTES

    def _next_request(self, *, is_alone: bool) -> Batch | Piece | None:
        return None if self._is_slow() else super()._next_request(is_alone=is_alone)

    def _is_slow(self) -> bool:
        return min(self._request_bytes, self._most_bytes) < FIRST_BYTES

    def _is_small(self, lacked: LackedContent) -> bool:
        return lacked.n_bytes <= SMALL_BYTES  # a request has one chunk at least

    def _pause(self) -> None:
        self._due_secs = self._clock() + PAUSE_SECS

    def _take_page(self) -> dict[str, LackedContent]:
        """The next chunks, each content once, by hash."""
        page: dict[str, LackedContent] = {}
        n_bytes = 0
        with self._lock:
            while self._cut and n_bytes < _PAGE_BYTES:
                content = self._cut.popleft()
                page.setdefault(content.sha256, content)
                n_bytes += content.n_bytes
            self._n_cut_bytes -= n_bytes
        return page

    def _put_back(self) -> None:
        """Have the rest of the queue wait again, since there was no time for it."""
        with self._lock:
            self._cut.extendleft(reversed(self._queue))
            self._n_cut_bytes += sum(content.n_bytes for content in self._queue)
        self._queue.clear()

    def _lose(self, lacked: LackedContent, reason: str) -> None:
        """Skip a chunk: if it still can't be read once it is announced, the user is told."""

    def _lose_changed(self, batch: Batch) -> None:
        """Skip the chunks of a request: its manifest will not be made."""

    def _drop_page(self) -> None:
        self._queue.clear()


def _content(path: str, start: int, chunk: Chunk) -> LackedContent:
    return LackedContent(
        path=path, start=start, sha256=chunk.sha256, n_bytes=chunk.n_bytes, position=0
    )
