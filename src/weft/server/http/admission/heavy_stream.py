"""Streams a file as heavy work: an export or an archive."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from typing import Final

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from weft.server.http.admission.heavy import EXPORT, EXPORT_BYTES, HeavyWork, wait_for_disconnect
from weft.server.http.admission.sharing import SharedThreads
from weft.server.http.answers.downloads import disposition
from weft.server.services.access import SYSTEM, Actor

STALL_SECS: Final = 60.0
"""A client that reads nothing for this long is cut off, because others wait for its room."""

_threads: Final = SharedThreads("export", EXPORT.most)


class HeavyStream(Response):
    """Streams the pieces of a file, making each once the client has taken the one before.

    An error while a piece is made cuts the connection, because half a file is worthless. `held`
    are the pieces, if they hold databases open: they are closed at the end, once no piece is being
    made. Without it, a piece still being made is left to end by itself.
    """

    def __init__(
        self,
        pieces: Iterator[bytes],
        *,
        media_type: str,
        file_name: str,
        actor: Actor,
        heavy: HeavyWork,
        held: Generator[bytes, None, None] | None = None,
    ) -> None:
        disposed = {"Content-Disposition": disposition(file_name)}
        super().__init__(media_type=media_type, headers=disposed)
        del self.headers["content-length"]
        self._pieces = pieces
        self._actor = actor
        self._heavy = heavy
        self._held = held

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002
        receive: Receive,
        send: Send,
    ) -> None:
        async with self._heavy.room_for(self._actor, EXPORT, EXPORT_BYTES, receive):
            watcher = asyncio.create_task(wait_for_disconnect(receive))
            try:
                # Made before the answer begins, so that an error can become a problem document.
                piece = await self._next()
                start = {"type": "http.response.start", "status": 200}
                await send({**start, "headers": self.raw_headers})
                while piece is not None and not watcher.done():
                    if piece:
                        with anyio.fail_after(STALL_SECS):
                            await send(
                                {"type": "http.response.body", "body": piece, "more_body": True}
                            )
                    piece = await self._next()
                await send({"type": "http.response.body", "body": b""})
            finally:
                watcher.cancel()
                if self._held is not None:
                    with anyio.CancelScope(shield=True):
                        await _threads.run(SYSTEM, self._held.close)

    async def _next(self) -> bytes | None:
        # A shutdown abandons the thread: the current piece is finished, and no other is begun.
        return await _threads.run(
            SYSTEM, lambda: next(self._pieces, None), abandon_on_cancel=self._held is None
        )
