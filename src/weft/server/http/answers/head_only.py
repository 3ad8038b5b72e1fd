"""Answers HEAD with the status and headers of GET, without its body."""

from __future__ import annotations

import anyio
from starlette.types import ASGIApp, Message, Scope, Send


async def head_only(app: ASGIApp, scope: Scope, send: Send) -> None:
    """Call `app` with GET, and pass on only the status and headers.

    A stream then ends as if the client had left.
    """
    begun = anyio.Event()

    async def receive_end() -> Message:
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b""})
            begun.set()

    await app({**scope, "method": "GET"}, receive_end, send_head)
