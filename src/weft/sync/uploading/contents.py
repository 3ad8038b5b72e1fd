"""Sends the contents of a run's files that its server lacks. Does I/O: reads the files.

Step 5 of the way of a file (`docs/decisions/0025-way-of-a-file.md`). An ack says how many files
of a log the server lacks; `uploader` then calls `send_turn` until all are sent. What was sent is
noted nowhere: after a kill, the server is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from weft.client.script_client import LogTarget, ScriptClient
from weft.runlog.layout import SCRIPT_FILES
from weft.sync.uploading.content_requests import Batch
from weft.sync.uploading.content_sender import ContentSender
from weft.wire.files.contents import LackedContent

AGAIN_SECS: Final = 60.0
"""The wait before the server is asked again for contents that could not be sent."""


class Contents(ContentSender):
    """The contents of one log's files, as far as its server lacks them.

    `n_lacking` is the number of files by the server's last ack, None before the first; `lost` why
    contents can't be sent, by the path of one of their files.
    """

    def __init__(self, files: Path, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(files, clock)
        self.n_lacking: int | None = None
        self.lost: dict[str, str] = {}
        self._cursor: str | None = None
        self._is_asking = False
        self._is_outdated = False
        """Whether an ack came after the server was asked: files may have been added."""
        self._is_replaced = False
        self._is_any_order = False
        """Whether the server was told that contents are lost: later versions wait for none."""
        self._n_unsendable = 0
        self._failed: dict[str, tuple[str, str]] = {}
        """Path and reason of contents that are not tried again before `_again_secs`, by hash."""
        self._is_held = False
        self._again_secs = 0.0

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
        """Whether `send_turn` has something to do."""
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
        """Ask the server again, because an acknowledged part of the log announces files.

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

    def send_turn(self, client: ScriptClient, target: LogTarget) -> None:
        """Send requests for about `REQUEST_SECS`, several at the same time.

        Each has several small contents, or a piece of a large one. WeftError if the server can't
        be reached, or takes no contents of this run now.
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

    def _ask(self, client: ScriptClient, target: LogTarget) -> bool:
        """Ask which contents the server lacks. False if none is left that can be sent."""
        if not self._is_asking:
            self.lost.clear()
            self._is_outdated = self._is_replaced = self._is_held = False
            if self._clock() >= self._again_secs:
                self._failed.clear()
                self._again_secs = self._clock() + AGAIN_SECS
        # Later versions would wait forever for a content that is lost.
        self._is_any_order = bool(self._failed)
        lacked = client.lacked_contents(
            target,
            cursor=self._cursor if self._is_asking else None,
            any_order=self._is_any_order,
        )
        self._owner = (lacked.entity, lacked.project)
        for content in lacked.contents:
            if content.sha256 in self._failed:
                path, reason = self._failed[content.sha256]
                self.lost[path] = reason
            else:
                self._queue.append(content)
        # The manifests among them name more; what can't be sent is not waited for. In any order,
        # versions are stored when the server is asked.
        self._is_outdated |= (lacked.is_more or self._is_any_order) and bool(self._queue)
        self._cursor = lacked.cursor
        self._is_asking = self._cursor is not None
        if self._queue:
            return True
        if not self._is_asking:
            self._end_pass()
        return False

    def _end_pass(self) -> None:
        # Of what the server named, everything was sent, or can't be.
        if self._is_outdated or (self._failed and not self._is_any_order):
            return
        if not self.lost and not self._is_replaced:
            self.n_lacking = 0
        self._n_unsendable = self.n_lacking or 0
        self._again_secs = self._clock() + AGAIN_SECS

    def _lose_changed(self, batch: Batch) -> None:
        for lacked in batch.lacked:
            if self._files.hash_of(lacked) in {lacked.sha256, None}:
                continue
            if lacked.path in SCRIPT_FILES:
                # By another process of the run in this directory, whose log announces its version.
                self._is_replaced = True
            else:
                self._lose(lacked, "it was changed before it was sent")

    def _drop_page(self) -> None:
        self.forget_page()
        self._is_outdated = True

    def forget_page(self) -> None:
        """Drop what the server named: it is asked again."""
        self._queue.clear()
        self._is_asking = False

    def _lose(self, lacked: LackedContent, reason: str) -> None:
        if lacked.path in SCRIPT_FILES and self._files.has_other_size(lacked):
            self._is_replaced = True  # as in `_lose_changed`
            return
        self.lost[lacked.path] = reason
        self._failed[lacked.sha256] = (lacked.path, reason)
