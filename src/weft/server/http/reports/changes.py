"""Streams of the changes of drafts, for the pages that edit them, as server-sent events.

A change comes from the thread that stored it, after it is durable. A stream ends when the report
is deleted, or its reader may no longer write.
"""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from functools import partial
from typing import Final

from starlette.responses import Response

from weft.errors import Unavailable
from weft.server.http.admission.sharing import ORDINARY
from weft.server.http.answers.event_stream import EventStream, event
from weft.server.http.projects.live import LiveStreams
from weft.server.http.routing.routes import Routes, SchemaOf
from weft.server.services.access import Action, Actor, ProjectPath, may
from weft.server.services.reports import Awareness, DraftNews, Follower, ReportService
from weft.wire.reports import reports as endpoints
from weft.wire.reports.reports import PageState, ReportChange

routes = Routes()

MAX_STREAMS: Final = 512
MAX_STREAMS_OF_USER: Final = 32

AWARENESS_SECS: Final = 0.1
"""The time between two events with the states of pages."""

_MAX_STATES: Final = 256

_MAX_WAITING: Final = 1000
"""Changes come one by one, as people type; and all that a page missed come at once."""


class DraftStreams:
    """The streams of all pages that edit reports, in one event loop."""

    def __init__(self, reports: ReportService, live: LiveStreams) -> None:
        self._reports = reports
        self._live = live
        self._open: dict[_DraftStream, str | None] = {}
        self._is_closing = False

    def open(self, actor: Actor, path: ProjectPath, report: str, after: int | None) -> Response:
        """Begin a stream. Unavailable if too many are open, or the server is shutting down."""
        if self._is_closing or len(self._open) >= MAX_STREAMS:
            raise Unavailable("too many reports are open")
        if sum(user == actor.user for user in self._open.values()) >= MAX_STREAMS_OF_USER:
            raise Unavailable("too many reports of yours are open")
        return _DraftStream(self, actor, path, report, after)

    def follow(self, stream: _DraftStream) -> Follower:
        """Have a stream told of changes. Called in a thread."""
        return self._reports.follow(
            stream.actor, stream.path, stream.report, stream.take, after=stream.after
        )

    def seal(self, actor: Actor) -> str | None:
        """The text that changes when the rights of a user or their key are taken away."""
        return self._live.seal(actor)

    def add(self, stream: _DraftStream) -> None:
        """Count a stream."""
        self._open[stream] = stream.actor.user

    def remove(self, stream: _DraftStream) -> None:
        """Count a stream no more."""
        self._open.pop(stream, None)

    def close(self) -> None:
        """End all streams and refuse new ones."""
        self._is_closing = True
        for stream in self._open:
            stream.end()


class _DraftStream(EventStream):
    """The answer to one page."""

    def __init__(
        self,
        all_streams: DraftStreams,
        actor: Actor,
        path: ProjectPath,
        report: str,
        after: int | None,
    ) -> None:
        super().__init__(max_waiting=_MAX_WAITING)
        self.actor = actor
        self.path = path
        self.report = report
        self.after = after
        self._all_streams = all_streams
        self._loop = asyncio.get_running_loop()
        self._follower: Follower | None = None
        self._seal: str | None = None
        self._states: dict[str, bytes] = {}

    async def begin(self) -> bytes:
        self._all_streams.add(self)
        self._seal = self._all_streams.seal(self.actor)
        self._follower = await ORDINARY.run(self.actor, partial(self._all_streams.follow, self))
        return event("hello", {"seq": self._follower.seq})

    def take(self, news: DraftNews | Awareness | None) -> None:
        """Send a change or a page's state; called in the thread of who made it."""
        if news is None:
            call = self.end
        elif isinstance(news, Awareness):
            call = partial(self._take_state, news)
        else:
            update = base64.b64encode(news.update).decode()
            change = ReportChange(seq=news.seq, update=update, client=news.client)
            call = partial(self.push, event("change", change, news.seq))
        with suppress(RuntimeError):  # the server has just ended, and its loop is closed
            self._loop.call_soon_threadsafe(call)

    def _take_state(self, awareness: Awareness) -> None:
        """Send the newest state of each page, at most ten times a second."""
        if not self._states:
            self._loop.call_later(AWARENESS_SECS, self._send_states)
        if len(self._states) < _MAX_STATES or awareness.client in self._states:
            self._states[awareness.client] = awareness.state

    def _send_states(self) -> None:
        states, self._states = self._states, {}
        for client, state in states.items():
            encoded = base64.b64encode(state).decode()
            self.push(event("awareness", PageState(client=client, state=encoded)))

    def may_go_on(self) -> bool:
        is_sealed = self._all_streams.seal(self.actor) == self._seal
        return may(self.actor, Action.WRITE, self.path) and is_sealed

    def leave(self) -> None:
        self._all_streams.remove(self)
        if self._follower is not None:
            # Its lock may be held by a thread that reads the database.
            self._loop.run_in_executor(None, self._follower.close)


@routes.answers(
    endpoints.follow_report,
    answer_text="server-sent events: `hello` with the number of the last change; then a `change` "
    "with a ReportChange for each, whose id is its number, also for those after `after`; "
    "`awareness` with a PageState, ten times a second at most; `still` every 15 s in which "
    "nothing changes. A stream ends when the report is deleted",
    media={
        "text/event-stream": {
            "type": "object",
            "properties": {
                "event": {"type": "string", "enum": ["hello", "change", "awareness", "still"]},
                "data": {
                    "type": "string",
                    "contentMediaType": "application/json",
                    "contentSchema": {"anyOf": [SchemaOf(ReportChange), SchemaOf(PageState)]},
                },
            },
        }
    },
)
async def follow_report(
    path: ProjectPath,
    report: str,
    services: ReportService,
    streams: DraftStreams,
    actor: Actor,
    *,
    after: int | None,
) -> Response:
    # Refuses who may not write, and what is not there, before the stream begins.
    await ORDINARY.run(actor, partial(services.check_open, actor, path, report))
    return streams.open(actor, path, report, after)
