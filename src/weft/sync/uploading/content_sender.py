"""Sends contents in requests that are as large as the network takes in a second. Does I/O.

Several requests run at the same time. `contents` and `contents_ahead` decide which contents are
sent, and note those that can't be.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

import msgspec

from weft.client.script_client import ScriptClient
from weft.errors import (
    LimitExceeded,
    NotFound,
    PositionConflict,
    Unavailable,
    WeftError,
    WrongContent,
)
from weft.records.files.artifacts import MAX_CHUNK_BYTES, token_of
from weft.sync.uploading.content_files import ContentFiles
from weft.sync.uploading.content_requests import HELD_BYTES, Batch, BatchBuilder, Piece
from weft.wire.files.contents import ContentsStored, LackedContent

SMALL_BYTES: Final = MAX_CHUNK_BYTES
"""Contents up to this size may be sent together: chunks of large files, too."""

MOST_BYTES: Final = 16 << 20
"""Most bytes of a request. Rows wait for it: if a fast network becomes slow meanwhile, a larger
one would hold them up for minutes."""

UNCUT_BYTES: Final = 4 << 20
"""A request of at most this size is not made smaller because its connection was lost."""

AT_ONCE: Final = 4
"""The number of requests with contents that are sent at the same time."""

FIRST_BYTES: Final = 1 << 20
SMALLEST_BYTES: Final = 64 << 10
REQUEST_SECS: Final = 1.0
"""The longest time of a request: rows wait for it."""


class ContentSender:
    """A queue of contents of files in a folder, and the requests that send them. A base class."""

    is_ahead = False
    """Whether the contents are sent ahead of the manifest that will name them."""

    def __init__(self, files: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.n_sent_bytes = 0
        self._files = ContentFiles(files, self._lose)
        self._clock = clock
        self._queue: deque[LackedContent] = deque()
        self._owner = ("", "")
        self._most_bytes = MOST_BYTES
        self._request_bytes = FIRST_BYTES
        self._token: str | None = None
        """The version of the contents of all running requests. None if one has several."""

    def _lose(self, lacked: LackedContent, reason: str) -> None:
        """Note that a content can't be read."""
        raise NotImplementedError

    def _lose_changed(self, batch: Batch) -> None:
        """Note which contents of a request have another hash than was announced."""
        raise NotImplementedError

    def _drop_page(self) -> None:
        """Drop the queue, because its requests were too large and contents may be lost."""
        raise NotImplementedError

    def _send_requests(self, client: ScriptClient) -> None:
        """Send what is in the queue, until a further request would make the rows wait longer."""
        ends_secs = self._clock() + REQUEST_SECS
        took_secs = 0.0
        running: list[Batch | Piece] = []
        try:
            with client.concurrent_requests(self._send, AT_ONCE) as requests:
                while True:
                    while requests.has_room and self._clock() + took_secs < ends_secs:
                        request = self._next_request(is_alone=not running)
                        if request is None:
                            break
                        requests.begin(request)
                        running.append(request)
                    if not running:
                        return
                    answered = requests.next_answer()
                    took_secs = answered.secs
                    running.remove(answered.request)
                    answered.request.body.close()
                    self._note_answer(answered.request, answered.answer, took_secs)
        finally:
            for request in running:
                request.body.close()

    def _next_request(self, *, is_alone: bool) -> Batch | Piece | None:
        """Take the next request off the queue.

        Several requests have contents of one version only, so that the earliest is complete
        first. One request may have contents of several. None if nothing is left, or if it has to
        wait for the requests that are running.
        """
        while self._queue:
            lacked = self._queue[0]
            token = token_of(lacked.path)
            if not is_alone and token != self._token:
                return None
            if self._is_small(lacked):
                batch = self._next_batch(None if is_alone else token)
                if not batch.lacked:
                    continue
                if is_alone:
                    tokens = {token_of(lacked.path) for lacked in batch.lacked}
                    self._token = tokens.pop() if len(tokens) == 1 else None
                return batch
            self._queue.popleft()
            part = self._files.part(lacked, lacked.position, self._request_bytes)
            if part is not None:
                self._token = token
                return Piece(lacked, part)
        return None

    def _next_batch(self, token: str | None) -> Batch:
        """Take contents, of the version `token` or of any, off the queue, as many as a request may
        have.
        """
        batch = BatchBuilder(min(MOST_BYTES, self._request_bytes))
        while self._queue and self._is_small(self._queue[0]):
            lacked = self._queue[0]
            if not batch.has_room_for(lacked):
                break
            if token is not None and token_of(lacked.path) != token:
                break
            self._queue.popleft()
            if lacked.n_bytes <= HELD_BYTES:
                content = self._files.read(lacked)
                if content is not None:
                    batch.add_bytes(lacked, content)
            else:
                part = self._files.part(lacked, 0, lacked.n_bytes, batch.file_of(lacked))
                if part is not None:
                    batch.add_part(lacked, part)
        return batch.build()

    def _note_answer(
        self, request: Batch | Piece, answer: ContentsStored | int | WeftError, secs: float
    ) -> None:
        """Note what was sent, and what of it is to be sent further."""
        if not isinstance(answer, WeftError):
            self.n_sent_bytes += request.n_bytes
            self._adapt(request.n_bytes, secs)
        if isinstance(answer, ContentsStored):
            # The server checks all hashes: only batches with a changed content are checked here.
            if isinstance(request, Batch) and answer.n_stored < len(request.lacked):
                self._lose_changed(request)
        elif isinstance(request, Batch):
            if request.has_fault():
                self._queue.extendleft(reversed(self._without_unreadable(request)))
            else:
                self._note_failure(request, cast("WeftError", answer))
        elif request.body.fault is not None:
            self._lose(request.lacked, request.body.fault)
        elif isinstance(answer, (int, PositionConflict)):
            position = answer if isinstance(answer, int) else answer.position
            if position < request.lacked.n_bytes:
                self._queue.appendleft(msgspec.structs.replace(request.lacked, position=position))
        elif isinstance(answer, WrongContent):
            self._lose(request.lacked, "it was changed while it was being sent")
        elif not isinstance(answer, NotFound):  # then the file has another content, or is gone
            self._note_failure(request, answer)

    def _note_failure(self, request: Batch | Piece, error: WeftError) -> None:
        """Raise an error, unless the request was too large and smaller ones can be sent."""
        if isinstance(error, Unavailable) and request.n_bytes > UNCUT_BYTES:
            # A proxy that takes no more may close the connection before its answer can be read.
            self._shrink(request.n_bytes, UNCUT_BYTES)
        if isinstance(error, LimitExceeded) and self._shrink(request.n_bytes, SMALLEST_BYTES):
            self._drop_page()
            return
        raise error

    def _without_unreadable(self, batch: Batch) -> list[LackedContent]:
        """Note the files of a request that could not be read, and return its other contents."""
        readable: list[LackedContent] = []
        for lacked, part in zip(batch.lacked, batch.parts, strict=True):
            if part is None or part.fault is None:
                readable.append(lacked)
            else:
                self._lose(lacked, part.fault)
        return readable

    def _is_small(self, lacked: LackedContent) -> bool:
        """Whether a content is sent with others. On a slow network, more are sent in pieces."""
        at_once = max(FIRST_BYTES, self._request_bytes)
        return lacked.n_bytes <= min(SMALL_BYTES, self._most_bytes, at_once)

    def _shrink(self, n_bytes: int, least: int) -> bool:
        """Send less at once than a request that was too large. False if it can't be less."""
        self._most_bytes = self._request_bytes = max(least, n_bytes // 2)
        return n_bytes > least

    def _adapt(self, n_bytes: int, secs: float) -> None:
        """Choose the size of the next requests by how long one took."""
        if n_bytes < self._request_bytes // 2 and secs < REQUEST_SECS:
            return  # it was one of the last, and says nothing of larger ones
        in_time = n_bytes * REQUEST_SECS / max(secs, 1e-3)
        fitting = min(2 * self._request_bytes, int(in_time), self._most_bytes)
        self._request_bytes = max(SMALLEST_BYTES, fitting)

    def _send(self, client: ScriptClient, request: Batch | Piece) -> ContentsStored | int:
        if isinstance(request, Batch):
            return client.send_contents(*self._owner, request.body, is_ahead=self.is_ahead)
        lacked = request.lacked
        return client.send_piece(*self._owner, lacked.sha256, lacked.position, request.body)
