"""Live events of a project as server-sent events.

Sends browsers the changes that `services.stores.live_hub` merges into at most two a second. Each
stream waits in its own thread until the hub wakes it. A shutdown calls `LiveStreams.close` first,
which ends all streams at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import anyio
import anyio.to_thread
import msgspec
from starlette.responses import Response, StreamingResponse

from weft.errors import Unavailable
from weft.server.http.routing.routes import Routes, SchemaOf
from weft.server.services.access import SYSTEM, Action, Actor, ProjectPath, may
from weft.server.services.stores import LiveHub, Subscription, now_micros
from weft.server.services.users import UserService
from weft.wire.projects import live as endpoints
from weft.wire.projects.live import Change

routes = Routes()

MAX_STREAMS: Final = 256

MAX_STREAMS_OF_USER: Final = 128
"""So that other users' pages are told of changes, too."""
_KEEP_ALIVE_SECS: Final = 15.0
_SSE_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class LiveStreams:
    """The streams of all browsers.

    `server_id` is in the first event, so that a page notices a different server. A stream ends
    when its user's key is changed, or the user may no longer read the project.
    """

    def __init__(self, hub: LiveHub, server_id: str, users: UserService) -> None:
        self._hub = hub
        self._server_id = server_id
        self._users = users
        self._open: dict[Subscription, str | None] = {}
        self._is_closing = False
        self._limiter: anyio.CapacityLimiter | None = None

    def open(self, actor: Actor, path: ProjectPath) -> Response:
        """Begin a stream. Unavailable if too many are open, or the server is shutting down."""
        if self._is_closing or len(self._open) >= MAX_STREAMS:
            raise Unavailable("too many live streams are open")
        if sum(user == actor.user for user in self._open.values()) >= MAX_STREAMS_OF_USER:
            raise Unavailable("too many live streams of yours are open")
        subscription = self._hub.subscribe(actor, path)
        return StreamingResponse(
            self._events(actor, path, subscription),
            media_type="text/event-stream",
            headers=_SSE_HEADERS,
        )

    async def _events(
        self, actor: Actor, path: ProjectPath, subscription: Subscription
    ) -> AsyncIterator[bytes]:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(MAX_STREAMS)
        self._open[subscription] = actor.user
        seal = self._seal(actor)
        try:
            hello = {
                "server": self._server_id,
                "now_micros": now_micros(),
                "changed_micros": subscription.changed_micros,
            }
            yield _event("hello", hello)
            while not self._is_closing:
                change = await anyio.to_thread.run_sync(
                    subscription.get,
                    _KEEP_ALIVE_SECS,
                    limiter=self._limiter,
                    abandon_on_cancel=True,
                )
                if self._seal(actor) != seal or not may(actor, Action.READ, path):
                    return
                if change is not None:
                    yield b"id: %d\n" % subscription.returned_micros + _event("change", change)
                elif not self._is_closing:
                    yield _event("still", {})
        finally:
            self._open.pop(subscription, None)
            subscription.close()

    def _seal(self, actor: Actor) -> str | None:
        if actor.user is None:
            return None
        return self._users.seal(SYSTEM, actor.user, actor.key and actor.key.row_id)

    def close(self) -> None:
        """End all streams and refuse new ones."""
        self._is_closing = True
        for subscription in list(self._open):
            subscription.close()


def _event(name: str, data: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))


@routes.answers(
    endpoints.follow_project,
    answer_text="server-sent events: `hello` with the server's id, its time, and the time of the "
    "project's last change; then `change` with a Change, whose id is its time, at most two a "
    "second; `still` every 15 s in which nothing changes, so that a lost connection is "
    "noticed",
    media={
        "text/event-stream": {
            "type": "object",
            "properties": {
                "event": {"type": "string", "enum": ["hello", "change", "still"]},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": SchemaOf(Change),
                },
            },
        }
    },
)
async def follow_project(path: ProjectPath, actor: Actor, streams: LiveStreams) -> Response:
    return streams.open(actor, path)
