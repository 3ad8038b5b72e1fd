"""Sends the contents of a run's files that its server lacks. Does I/O: reads the files.

Step 5 of the way of a file (`docs/decisions/0025-way-of-a-file.md`). An ack says how many files
of a log the server lacks; `uploader` then calls `send_some` until all are sent. What was sent is
noted nowhere: after a kill, the server is asked again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, cast

import msgspec

from weft.client.endpoints import Client, LogTarget
from weft.errors import (
    LimitExceeded,
    NotFound,
    PositionConflict,
    Unavailable,
    WeftError,
    WrongContent,
)
from weft.records.files.artifacts import MAX_CHUNK_BYTES
from weft.sync.files.recorded import SCRIPT_FILES
from weft.sync.uploading.content_files import ContentFiles, version_of
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

AGAIN_SECS: Final = 60.0
"""The wait before the server is asked again for contents that could not be sent."""


class Contents:
    """The contents of one log's files, as far as its server lacks them.

    Attributes:
        n_lacking: files whose content the server lacks, by its last ack. None before the first.
        lost: why contents can't be sent, by the path of one of their files.

    Args:
        files: the folder of the run's files.
        clock: monotonic seconds.
    """

    def __init__(self, files: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.n_lacking: int | None = None
        self.n_sent_bytes = 0
        self.lost: dict[str, str] = {}
        self._files = ContentFiles(files, self._lose)
        self._clock = clock
        self._queue: deque[LackedContent] = deque()
        self._owner = ("", "")
        self._cursor: str | None = None
        self._is_asking = False
        self._is_outdated = False
        """Whether an ack came after the server was asked: files may have been added."""
        self._is_replaced = False
        self._n_unsendable = 0
        self._failed: dict[str, tuple[str, str]] = {}
        """Path and reason of contents that are not tried again before `_again_secs`, by hash."""
        self._is_held = False
        self._again_secs = 0.0
        self._most_bytes = MOST_BYTES
        self._request_bytes = FIRST_BYTES
        self._version: str | None = None
        """Of the contents of all running requests. None if one has contents of several."""

    @property
    def n_waiting(self) -> int:
        """The number of files whose contents are still to be sent."""
        return 0 if self.is_sent else self.n_lacking or 0

    @property
    def n_waiting_bytes(self) -> int:
        """Bytes still to be sent, of the contents that the server has named."""
        return sum(content.n_bytes - content.position for content in self._queue)

    @property
    def is_sent(self) -> bool:
        """Whether the server lacks nothing, or only what can't be sent."""
        return self.n_lacking is not None and self.n_lacking <= self._n_unsendable

    def is_due(self) -> bool:
        """Whether `send_some` has something to do."""
        if self.n_lacking is None or self.n_lacking == 0:
            return False
        return not self.is_sent or self._clock() >= self._again_secs

    def note(self, n_lacking: int) -> None:
        """Take in the number of an ack."""
        self.n_lacking = n_lacking
        self._is_outdated = True
        if n_lacking == 0:
            self._n_unsendable = 0
            self._queue.clear()
            self.lost.clear()

    def note_announced(self) -> None:
        """Ask the server again, because an acknowledged stretch of the log announces files.

        Without it, a new content of a file would count as the earlier one, which can't be sent.
        """
        if not self._is_held:
            self._n_unsendable = 0

    def forget(self) -> None:
        """Wait for another ack: the server may be another one, or have lost its data."""
        self.n_lacking = None
        self._n_unsendable = 0
        self.forget_page()

    def hold(self, reason: str) -> None:
        """Send nothing for a while, because the server refuses what it lacks."""
        for lacked in list(self._queue)[:1]:
            self.lost[lacked.path] = reason
        self.forget_page()
        self._n_unsendable = self.n_lacking or 0
        self._is_held = True
        self._again_secs = self._clock() + AGAIN_SECS

    def send_turn(self, client: Client, target: LogTarget) -> None:
        """Send requests for about `REQUEST_SECS`, several at the same time.

        Each has several small contents, or a piece of a large one.

        Raises:
            WeftError: the server can't be reached, or takes no contents of this run now.
        """
        if not self._queue and not self._ask(client, target):
            return
        try:
            self._send_requests(client)
        except BaseException:
            self.forget_page()
            raise
        if not self._queue and not self._is_asking:
            self._end_pass()

    def _send_requests(self, client: Client) -> None:
        """Send what is in the queue, until a further request would make the rows wait longer.

        Raises:
            WeftError: one of the answers, which says nothing of a content.
        """
        ends_secs = self._clock() + REQUEST_SECS
        took_secs = 0.0
        running: list[Batch | Piece] = []
        try:
            with client.concurrent_requests(partial(_send, self._owner), AT_ONCE) as requests:
                while True:
                    while requests.has_room and self._clock() + took_secs < ends_secs:
                        request = self._next_request(is_alone=not running)
                        if request is None:
                            break
                        requests.begin(request)
                        running.append(request)
                    if not running:
                        return
                    request, answer, took_secs = requests.next_answer()
                    running.remove(request)
                    request.body.close()
                    self._note_answer(request, answer, took_secs)
        finally:
            for request in running:
                request.body.close()

    def _ask(self, client: Client, target: LogTarget) -> bool:
        """Ask which contents the server lacks. False if none is left that can be sent."""
        if not self._is_asking:
            self.lost.clear()
            self._is_outdated = self._is_replaced = self._is_held = False
            if self._clock() >= self._again_secs:
                self._failed.clear()
                self._again_secs = self._clock() + AGAIN_SECS
        lacked = client.lacked_contents(target, cursor=self._cursor if self._is_asking else None)
        self._owner = (lacked.entity, lacked.project)
        for content in lacked.contents:
            if content.sha256 in self._failed:
                path, reason = self._failed[content.sha256]
                self.lost[path] = reason
            else:
                self._queue.append(content)
        # The manifests among them name more; what can't be sent is not waited for.
        self._is_outdated |= lacked.is_more and bool(self._queue)
        self._cursor = lacked.cursor
        self._is_asking = self._cursor is not None
        if self._queue:
            return True
        if not self._is_asking:
            self._end_pass()
        return False

    def _end_pass(self) -> None:
        # Of what the server named, everything was sent, or can't be.
        if self._is_outdated:
            return
        if not self.lost and not self._is_replaced:
            self.n_lacking = 0
        self._n_unsendable = self.n_lacking or 0
        self._again_secs = self._clock() + AGAIN_SECS

    def _next_request(self, *, is_alone: bool) -> Batch | Piece | None:
        """Take the next request off the queue.

        Several requests have contents of one version only, since versions get their numbers in the
        order in which they are complete. One request may have contents of several.

        Args:
            is_alone: whether no other request is running.

        Returns:
            None if nothing is left, or if it has to wait for the requests that are running.
        """
        while self._queue:
            lacked = self._queue[0]
            version = version_of(lacked)
            if not is_alone and version != self._version:
                return None
            if self._is_small(lacked):
                batch = self._next_batch(None if is_alone else version)
                if not batch.lacked:
                    continue
                if is_alone:
                    versions = {version_of(lacked) for lacked in batch.lacked}
                    self._version = versions.pop() if len(versions) == 1 else None
                return batch
            self._queue.popleft()
            part = self._files.part(lacked, lacked.position, self._request_bytes)
            if part is not None:
                self._version = version
                return Piece(lacked, part)
        return None

    def _next_batch(self, version: str | None) -> Batch:
        """Take contents off the queue, as many as a request may have.

        Args:
            version: only contents of this version. If None, of any.
        """
        batch = BatchBuilder(min(MOST_BYTES, self._request_bytes))
        while self._queue and self._is_small(self._queue[0]):
            lacked = self._queue[0]
            if not batch.has_room_for(lacked):
                break
            if version is not None and version_of(lacked) != version:
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
        """Note what was sent, and what of it is to be sent further.

        Raises:
            WeftError: the answer, if it says nothing of a content.
        """
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
            self.forget_page()
            self._is_outdated = True
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

    def _lose_changed(self, batch: Batch) -> None:
        """Note which contents of a request have another hash than was announced."""
        for lacked in batch.lacked:
            if self._files.hash_of(lacked) in {lacked.sha256, None}:
                continue
            if lacked.path in SCRIPT_FILES:
                # By another process of the run in this directory, whose log announces its version.
                self._is_replaced = True
            else:
                self._lose(lacked, "it was changed before it was sent")

    def _is_small(self, lacked: LackedContent) -> bool:
        """Whether a content is sent with others. On a slow network, more are sent in pieces."""
        at_once = max(FIRST_BYTES, self._request_bytes)
        return lacked.n_bytes <= min(SMALL_BYTES, self._most_bytes, at_once)

    def forget_page(self) -> None:
        """Drop what the server named: it is asked again."""
        self._queue.clear()
        self._is_asking = False

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

    def _lose(self, lacked: LackedContent, reason: str) -> None:
        self.lost[lacked.path] = reason
        self._failed[lacked.sha256] = (lacked.path, reason)


def _send(owner: tuple[str, str], client: Client, request: Batch | Piece) -> ContentsStored | int:
    if isinstance(request, Batch):
        return client.send_contents(*owner, request.body)
    lacked = request.lacked
    return client.send_piece(*owner, lacked.sha256, lacked.position, request.body)
