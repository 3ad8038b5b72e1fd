"""Answers that are server-sent events. Each stream waits in the event loop, without a thread."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from weft.server.http.admission.heavy import wait_for_disconnect

MAX_WAITING_EVENTS: Final = 20
"""A page that takes no more events is disconnected, and asks for what it missed when it is
back."""

MAX_WAITING_BYTES: Final = 32 << 20
"""The same, for a few large events."""

KEEP_ALIVE_SECS: Final = 15.0
_SSE_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(Response):
    """The answer to one browser. Subclasses say what comes first, and whether it may go on."""

    media_type = "text/event-stream"

    def __init__(self, *, max_waiting: int = MAX_WAITING_EVENTS) -> None:
        super().__init__(headers=_SSE_HEADERS)
        del self.headers["content-length"]
        self._max_waiting = max_waiting
        self._waiting: list[bytes] = []
        self._n_bytes = 0
        self._woken = asyncio.Event()
        self._has_ended = False

    async def begin(self) -> bytes:
        """Begin to listen, and return the first event."""
        raise NotImplementedError

    def may_go_on(self) -> bool:
        """Whether the reader may still receive events."""
        raise NotImplementedError

    def leave(self) -> None:
        """Listen no more."""
        raise NotImplementedError

    def push(self, event: bytes) -> None:
        """Send an event. Called in the event loop."""
        self._n_bytes += len(event)
        if len(self._waiting) < self._max_waiting and self._n_bytes <= MAX_WAITING_BYTES:
            self._waiting.append(event)
            self._woken.set()
        else:
            self.end()

    def end(self) -> None:
        """End the stream."""
        self._has_ended = True
        self._woken.set()

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002
        receive: Receive,
        send: Send,
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        watcher = asyncio.create_task(wait_for_disconnect(receive))
        watcher.add_done_callback(lambda _: self.end())
        try:
            await self._send_events(send)
        finally:
            watcher.cancel()
            self.leave()

    async def _send_events(self, send: Send) -> None:
        data = await self.begin()
        while not self._has_ended:
            await send({"type": "http.response.body", "body": data, "more_body": True})
            data = await self._next()
            if not self.may_go_on():
                break
        await send({"type": "http.response.body", "body": b""})

    async def _next(self) -> bytes:
        """The events that have arrived; without any for a while, one that says so."""
        if not self._waiting and not self._has_ended:
            self._woken.clear()
            try:
                async with asyncio.timeout(KEEP_ALIVE_SECS):
                    await self._woken.wait()
            except TimeoutError:
                return event("still", {})
        data = b"".join(self._waiting)
        self._waiting.clear()
        self._n_bytes = 0
        return data


def event(name: str, data: Any, id_: int | None = None) -> bytes:
    r"""Encode an event.

    >>> event("hello", {"seq": 3}, 3)
    b'id: 3\nevent: hello\ndata: {"seq":3}\n\n'
    """
    head = b"" if id_ is None else b"id: %d\n" % id_
    return head + b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))
