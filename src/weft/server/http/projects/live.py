"""Live events of a project as server-sent events.

Sends browsers the changes that `services.stores.live_hub` gathers. The streams of a project share
one subscription, and each event is encoded once for all of them. No stream holds a thread. A
shutdown calls `LiveStreams.close` first, which ends all streams at once.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, Final

from starlette.responses import Response

from weft.errors import Unavailable
from weft.server.http.answers.event_stream import EventStream, event
from weft.server.http.routing.routes import Routes, SchemaOf
from weft.server.services.access import SYSTEM, Action, Actor, ProjectPath, may
from weft.server.services.stores import LiveHub, Subscription, now_micros
from weft.server.services.users import UserService
from weft.wire.projects import live as endpoints
from weft.wire.projects.live import Change

routes = Routes()

MAX_STREAMS: Final = 1024

MAX_STREAMS_OF_USER: Final = 128
"""So that other users' pages are told of changes, too."""

SHORTEST_GAP_SECS: Final = 0.5
LONGEST_GAP_SECS: Final = 5.0
_SECS_PER_STREAM: Final = 0.02
"""Added to the pause between events by each open stream above 25. Each event makes a page ask for
its curves and for lists, so this bounds what all pages ask to about 120 questions a second: half
of what a processor answers."""
_GAPS_PER_ANSWER: Final = 16.0
"""The longest pause between events, in times of an answer. Pages then wait for answers a
seventeenth of the time, so that the requests of 200 pages that wait for each other are a dozen,
whatever one takes."""
_GAPS_PER_STREAM: Final = 4.0
"""The same for each open stream. One page has the server compute for a fifth of the time, so that
it shows new points of a hundred runs within two seconds."""
_SLOWER_WEIGHT: Final = 0.2
_FASTER_WEIGHT: Final = 0.05
"""Of the newest answer in the mean time of a project's answers. The pace follows a rising load at
once and a falling one slowly, or load and pace would swing."""

_SPREAD: Final = 0.3
"""The part of a pause, beyond the shortest, by which it varies. Projects whose first events came
together would otherwise send all later ones together, too, and their pages ask at once."""


def gap_secs(n_streams: int, answer_secs: float) -> float:
    """The pause between two events of a project.

    >>> gap_secs(1, 0.01), gap_secs(1, 0.25), gap_secs(4, 0.25)
    (0.5, 1.0, 4.0)
    >>> gap_secs(200, 0.01), gap_secs(200, 9.0)
    (4.0, 5.0)
    """
    shortest = max(SHORTEST_GAP_SECS, n_streams * _SECS_PER_STREAM)
    gaps = min(n_streams * _GAPS_PER_STREAM, _GAPS_PER_ANSWER)
    return max(shortest, min(answer_secs * gaps, LONGEST_GAP_SECS))


def mean_secs(before: float, secs: float) -> float:
    """The mean time of a project's answers after one more.

    >>> mean_secs(0.0, 1.0), mean_secs(1.0, 0.0)
    (0.2, 0.95)
    """
    more = secs - before
    return before + more * (_SLOWER_WEIGHT if more > 0 else _FASTER_WEIGHT)


def varied(gap: float) -> float:
    """A pause at random around a mean, so that projects do not keep the same time.

    >>> varied(0.5), 1.55 <= varied(2.0) <= 2.45
    (0.5, True)
    """
    return gap + (gap - SHORTEST_GAP_SECS) * random.uniform(-_SPREAD, _SPREAD)


class LiveStreams:
    """The streams of all browsers, in one event loop.

    `server_id` is in the first event, so that a page notices a different server. A stream ends
    when its user's key is changed, or the user may no longer read the project.
    """

    def __init__(self, hub: LiveHub, server_id: str, users: UserService) -> None:
        self._hub = hub
        self._server_id = server_id
        self._users = users
        self._channels: dict[ProjectPath, _Channel] = {}
        self._open: dict[_Stream, str | None] = {}
        self._is_closing = False

    def open(self, actor: Actor, path: ProjectPath) -> Response:
        """Begin a stream. Unavailable if too many are open, or the server is shutting down."""
        if self._is_closing or len(self._open) >= MAX_STREAMS:
            raise Unavailable("too many live streams are open")
        if sum(user == actor.user for user in self._open.values()) >= MAX_STREAMS_OF_USER:
            raise Unavailable("too many live streams of yours are open")
        self._hub.changed_micros(actor, path)  # refuses who may not read the project
        return _Stream(self, actor, path)

    def add(self, stream: _Stream) -> dict[str, Any]:
        """Have a stream receive the events of its project; the data of its first event."""
        channel = self._channels.get(stream.path)
        if channel is None:
            channel = self._channels[stream.path] = _Channel(self, self._hub, stream)
        channel.streams.add(stream)
        self._open[stream] = stream.actor.user
        return {
            "server": self._server_id,
            "now_micros": now_micros(),
            # Read after it listens: any change it does not receive was published before.
            "changed_micros": self._hub.changed_micros(stream.actor, stream.path),
        }

    def remove(self, stream: _Stream) -> None:
        """Send no more events to a stream."""
        if stream not in self._open:
            return
        del self._open[stream]
        channel = self._channels[stream.path]
        channel.streams.discard(stream)
        if not channel.streams:
            del self._channels[stream.path]
            channel.close()

    def note_answer(self, path: ProjectPath, secs: float) -> None:
        """Note how long charts of a project took: its pages are told of changes at that pace."""
        channel = self._channels.get(path)
        if channel is not None:
            channel.answer_secs = mean_secs(channel.answer_secs, secs)

    def gap_secs(self, answer_secs: float) -> float:
        """The pause between two events of a project, whose charts take `answer_secs`."""
        return gap_secs(len(self._open), answer_secs)

    def seal(self, actor: Actor) -> str | None:
        """The text that changes when the rights of a user or their key are taken away."""
        if actor.user is None:
            return None
        key_id = None if actor.key is None else actor.key.row_id
        return self._users.seal(SYSTEM, actor.user, key_id)

    def close(self) -> None:
        """End all streams and refuse new ones."""
        self._is_closing = True
        for stream in self._open:
            stream.end()


class _Channel:
    """The streams of one project, and the pace of their events."""

    def __init__(self, all_streams: LiveStreams, hub: LiveHub, first: _Stream) -> None:
        self.streams: set[_Stream] = set()
        self.answer_secs = 0.0
        self._all_streams = all_streams
        self._loop = asyncio.get_running_loop()
        self._sent_at = float("-inf")
        self._gap_secs = SHORTEST_GAP_SECS
        self._timer: asyncio.TimerHandle | None = None
        self._subscription: Subscription = hub.subscribe(first.actor, first.path, self._on_change)

    def _on_change(self) -> None:
        self._loop.call_soon_threadsafe(self._plan)

    def _plan(self) -> None:
        due = self._sent_at + self._gap_secs
        self._timer = self._loop.call_at(max(due, self._loop.time()), self._send)

    def _send(self) -> None:
        news = self._subscription.take()
        if news is None:
            return
        change, micros = news
        self._sent_at = self._loop.time()
        change.pace_secs = self._all_streams.gap_secs(self.answer_secs)
        self._gap_secs = varied(change.pace_secs)
        encoded = event("change", change, micros)
        for stream in self.streams:
            stream.push(encoded)

    def close(self) -> None:
        self._subscription.close()
        if self._timer is not None:
            self._timer.cancel()


class _Stream(EventStream):
    """The answer to one browser."""

    def __init__(self, all_streams: LiveStreams, actor: Actor, path: ProjectPath) -> None:
        super().__init__()
        self.actor = actor
        self.path = path
        self._all_streams = all_streams
        self._seal: str | None = None

    async def begin(self) -> bytes:
        hello = self._all_streams.add(self)
        self._seal = self._all_streams.seal(self.actor)
        return event("hello", hello)

    def may_go_on(self) -> bool:
        is_sealed = self._all_streams.seal(self.actor) == self._seal
        return may(self.actor, Action.READ, self.path) and is_sealed

    def leave(self) -> None:
        self._all_streams.remove(self)


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
