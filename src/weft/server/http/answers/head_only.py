"""Answers HEAD with what GET would answer, without its body."""

from __future__ import annotations

import anyio
from starlette.types import ASGIApp, Message, Scope, Send


async def head_only(app: ASGIApp, scope: Scope, send: Send) -> None:
    """Ask `app` for the GET, and pass on status and headers only.

    A stream is then ended as if the client had left.
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
