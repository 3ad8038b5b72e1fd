"""Answers of charts, each computed once for all who ask for the same at the same time.

Between `charts`, which judges who may ask, and `services.charting`. Streams an Arrow record batch
as each panel is ready, and stops working when all its readers have left.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from weft.server.http.admission.heavy import CHART, CHART_BYTES, HeavyWork, wait_for_disconnect
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.answers.arrow import ARROW_MEDIA_TYPE, PanelWriter
from weft.server.http.answers.recent_answers import RecentAnswers
from weft.server.http.answers.recent_batches import RecentBatches
from weft.server.services.access import Actor, Cancellation, Cancelled
from weft.server.services.charting import PanelAnswers
from weft.server.services.stores import now_micros

MAX_BYTES: Final = 32 * 2**20
"""Limit of all finished answers."""

MAX_ANSWER_BYTES: Final = 4 * 2**20
"""No one joins a larger answer, and what all its readers have taken is dropped."""

MAX_BEHIND_BYTES: Final = 16 * 2**20
"""A reader that is further behind the fastest one of the same answer is cut off."""

SERIES_THREADS: Final = 4
"""Panels computed at once, over all requests. Few, because numpy keeps a core busy."""

_quick: Final = SharedThreads("series", SERIES_THREADS)
_slow: Final = SharedThreads("slow-series", CHART.most)
"""For panels that join points or compute expressions, so they never delay the others."""

_CONTENT_TYPE: Final = ARROW_MEDIA_TYPE.encode()

_TOGETHER_SECS: Final = 0.01
"""CPU time for one piece. By the clock, a busy server would make smaller pieces, which are more
work."""

_Piece = tuple[bytes, bool]
"""Some panels, and whether they are the last. Without panels, the next one is slow."""

Ask = Callable[[Cancellation], PanelAnswers]


class SharedPanels:
    """The answer to one query, computed as far as its fastest reader has come.

    Each piece is computed on behalf of a reader that needs it, in that user's share of threads and
    memory, so that no one waits for the turn of someone else. `ask` checks the query.
    """

    def __init__(
        self, ask: Ask, heavy: HeavyWork, batches: RecentBatches | None = None, *, full: bool
    ) -> None:
        self.n_bytes = 0
        self.is_complete = False
        self._error: Exception | None = None
        self._ask = ask
        self._heavy = heavy
        self._writer = PanelWriter(batches, full=full)
        self._waits = Cancellation()
        self._began_micros: int | None = None
        self._panels: PanelAnswers | None = None
        self._pieces: list[bytes] = []
        self._n_dropped = 0
        self._lock = asyncio.Lock()
        self._readers: dict[Reader, int] = {}
        """The number of pieces that each reader has got."""

    def began_micros(self) -> int:
        """When it began to read, by the time of changes; the present if it has yet to begin.

        On a busy server, answers wait for their turn for longer than they may be shared.
        """
        began_micros = self._began_micros
        return now_micros() if began_micros is None else began_micros

    @property
    def weight(self) -> int:
        """Its bytes so far; too many if it has failed."""
        return self.n_bytes if self._error is None else MAX_ANSWER_BYTES + 1

    def join(self, reader: Reader) -> None:
        """Let a reader take the pieces from the first one on."""
        self._readers[reader] = 0

    def leave(self, reader: Reader) -> None:
        """Stop for a reader; without another one, the computation ends."""
        self._readers.pop(reader, None)
        if not self._readers and not self.is_complete:
            self._fail(Cancelled())

    async def take(self, reader: Reader, actor: Actor, receive: Receive) -> bytes:
        """The pieces that a reader has not taken; empty at the end.

        Cancelled if the reader has left, or is too slow.
        """
        at = self._readers.get(reader, 0)
        if not self._has(at) and await self._compute(at, actor, self._quick_panels, _quick):
            async with self._heavy.room_for(actor, CHART, CHART_BYTES, receive):
                await self._compute(at, actor, self._slow_panel, _slow)
        if reader not in self._readers:
            raise Cancelled
        data = b"".join(self._pieces[at - self._n_dropped :])
        self._readers[reader] = self._n_pieces
        self._drop()
        return data

    def is_taken_by(self, reader: Reader) -> bool:
        """Whether a reader has the whole answer."""
        return self.is_complete and self._readers.get(reader) == self._n_pieces

    @property
    def _n_pieces(self) -> int:
        return self._n_dropped + len(self._pieces)

    def _has(self, at: int) -> bool:
        return self.is_complete or at < self._n_pieces

    async def _compute(
        self, at: int, actor: Actor, work: Callable[[], _Piece], threads: SharedThreads
    ) -> bool:
        """Compute the piece `at` unless another reader has; whether it needs a slow thread."""
        async with self._lock:
            if self._has(at):
                return False
            if self._error is not None:
                raise self._error
            try:
                # A shutdown abandons the thread; `waits` then ends the work in it.
                data, is_last = await threads.run(actor, work, abandon_on_cancel=True)
            except BaseException as error:
                self._fail(error if isinstance(error, Exception) else Cancelled())
                raise
            if data:
                self._pieces.append(data)
                self.n_bytes += len(data)
                self.is_complete = is_last
            return not data

    def _drop(self) -> None:
        """Drop what all readers have taken of a large answer, and who is far behind."""
        if self.n_bytes <= MAX_ANSWER_BYTES:
            return
        n_taken = min(self._readers.values()) - self._n_dropped
        del self._pieces[:n_taken]
        self._n_dropped += n_taken
        if sum(map(len, self._pieces)) > MAX_BEHIND_BYTES:
            slowest = min(self._readers.values())
            self._readers = {
                reader: n_taken for reader, n_taken in self._readers.items() if n_taken > slowest
            }

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._waits.cancel()

    def _quick_panels(self) -> _Piece:
        """The next panels, as many as are ready soon: a change of threads costs as much as a panel
        of a live run.
        """
        begin = time.thread_time()
        if self._panels is None:
            self._began_micros = now_micros()
            self._panels = self._ask(self._waits)
        panels: list[bytes] = []
        while time.thread_time() - begin < _TOGETHER_SECS:
            if self._panels.is_next_slow():
                break
            data, is_last = self._slow_panel()
            panels.append(data)
            if is_last:
                return b"".join(panels), True
        return b"".join(panels), False

    def _slow_panel(self) -> _Piece:
        """The next panel, or the end."""
        self._waits.check()
        assert self._panels is not None
        answer = next(self._panels, None)
        if answer is None:
            return self._writer.end(), True
        return self._writer.write(answer), False


class Reader(Response):
    """Sends an answer to one client, until it is complete or the client has left."""

    media_type = ARROW_MEDIA_TYPE

    def __init__(
        self,
        panels: SharedPanels,
        actor: Actor,
        on_answered: Callable[[float], None] | None = None,
    ) -> None:
        """`on_answered` gets the seconds from the request to the end of the answer, without those
        in which the client took it. None for pages that follow no events.
        """
        super().__init__()
        self.raw_headers = [(b"content-type", _CONTENT_TYPE)]
        self._panels = panels
        self._actor = actor
        self._on_answered = on_answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        panels = self._panels
        panels.join(self)
        # There is nothing to stop if the answer is there.
        watcher = None
        if not panels.is_complete:
            watcher = asyncio.create_task(self._leave_on_disconnect(receive))
        try:
            # Made before the answer begins, so that an error can still become a problem document.
            data = await panels.take(self, self._actor, receive)
            secs = time.perf_counter() - scope["state"]["began_secs"]
            if panels.is_taken_by(self):
                self.raw_headers.append((b"content-length", b"%d" % len(data)))
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while not panels.is_taken_by(self):
                await send({"type": "http.response.body", "body": data, "more_body": True})
                begin = time.perf_counter()
                data = await panels.take(self, self._actor, receive)
                secs += time.perf_counter() - begin
            if self._on_answered is not None:
                self._on_answered(secs)
            await send({"type": "http.response.body", "body": data})
        except Cancelled:
            pass  # the client has left
        finally:
            panels.leave(self)
            if watcher is not None:
                watcher.cancel()

    async def _leave_on_disconnect(self, receive: Receive) -> None:
        await wait_for_disconnect(receive)
        self._panels.leave(self)


class RecentPanels(RecentAnswers[SharedPanels]):
    """The answers of charts that other queries may join, and the panels of which they consist."""

    def __init__(self) -> None:
        super().__init__(
            lambda answer: answer.weight, most_of_one=MAX_ANSWER_BYTES, most=MAX_BYTES
        )
        self.batches = RecentBatches()
