"""Limits the size of each request body, and of all bodies in memory together.

Wraps the `receive` of every request that `local_mode` has admitted. A body that is read whole is
refused if it exceeds its limit, or while the bodies of all requests together take too much memory;
the client then tries again, as after any 503. A route that streams its body uses `write_body`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from weft.errors import CorruptLog, LimitExceeded, Unavailable
from weft.server.http.admission.direct_body import ENDED_EARLY

MAX_BODY_BYTES: Final = 16 * 2**20
"""Limit of a JSON body. A query with 100,000 run ids of maximal length has 13 MB."""

MAX_BYTES_IN_MEMORY: Final = 128 * 2**20
"""Limit of the bodies of all requests together. Routes limit unpacked bodies."""

_PIECE_BYTES: Final = 2**20
"""Each piece is written by a thread; small enough that many uploads at once take little memory."""

_LIMIT: Final = "max_body_bytes"

_Write: TypeAlias = Callable[[bytes | memoryview], None]
_WriteRest: TypeAlias = Callable[[bytes, _Write], Awaitable[bool]]
"""Writes the rest of a body past the parser, where a connection can; see `protocol`."""


class Bodies:
    """ASGI middleware that limits the size of request bodies."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._n_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state: dict[str, Any] = scope["state"]
        state[_LIMIT] = MAX_BODY_BYTES
        n_own = n_kept = 0
        is_whole = False

        async def receive_counted() -> Message:
            nonlocal n_own, n_kept, is_whole
            if is_whole:
                return await receive()  # waits until the client leaves
            message = await receive()
            if message["type"] != "http.request":
                return message
            is_whole = not message.get("more_body", False)
            n_bytes = len(message.get("body", b""))
            n_own += n_bytes
            limit: int | None = state[_LIMIT]
            if limit is None:
                return message
            if n_own > limit:
                raise LimitExceeded(f"body of more than {limit} bytes")
            if self._n_bytes + n_bytes > MAX_BYTES_IN_MEMORY and n_bytes:
                raise Unavailable("the server is busy with too many large requests; try again")
            self._n_bytes += n_bytes
            n_kept += n_bytes
            return message

        try:
            await self._app(scope, receive_counted, send)
        finally:
            self._n_bytes -= n_kept


def allow_body(scope: Scope, n_bytes: int) -> None:
    """Replace the limit `MAX_BODY_BYTES` of a request's body before it is read.

    LimitExceeded if it announces a larger one.
    """
    scope["state"][_LIMIT] = n_bytes
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > n_bytes:
            raise LimitExceeded(f"body of {int(value)} bytes; the limit is {n_bytes}")


async def write_body(scope: Scope, receive: Receive, write: _Write) -> None:
    """Read a request's body of any size, and call `write` with each piece, about a megabyte, in
    another thread. It may keep none of them.
    """
    scope["state"][_LIMIT] = None
    write_rest: _WriteRest | None = scope["state"].get("write_rest_of_body")
    waiting: list[bytes] = []
    n_waiting = 0
    has_more = True
    while has_more:
        data, has_more = await _next_data(receive)
        waiting.append(data)
        n_waiting += len(data)
        if has_more and write_rest is not None:
            if await write_rest(b"".join(waiting), write):
                return
            write_rest = None
        if n_waiting >= _PIECE_BYTES or not has_more:
            await run_in_threadpool(write, b"".join(waiting))
            waiting, n_waiting = [], 0


async def read_body(scope: Scope, receive: Receive, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Read a request's body, at most `max_bytes` of it."""
    allow_body(scope, max_bytes)
    pieces: list[bytes] = []
    has_more = True
    while has_more:
        data, has_more = await _next_data(receive)
        pieces.append(data)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def _next_data(receive: Receive) -> tuple[bytes, bool]:
    """The next bytes of a body, and whether there are more."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise CorruptLog(ENDED_EARLY)
    return message.get("body", b""), message.get("more_body", False)
