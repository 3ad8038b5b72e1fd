"""HTTP/1.1 of one connection: uvicorn's protocol, with limits that it does not have.

Receives bytes from the event loop; passes requests to the app with `state["peer"]`. A table by
address could confuse the peer with a later connection that happens to have the same port.

    Answers  the next request is parsed once the one before it is answered, a guest's once it is
             its turn. Until then nothing more is read, however much the client sends.
    Head     at most `MAX_HEAD_BYTES` and `MAX_HEADER_LINES` (431), whole in `_HEAD_SECS` (408).
    Body     at least `_MIN_BODY_BYTES` each `_BODY_SECS` in which the server waits for it (408).
    Writing  a client that reads nothing of an answer for `_WRITE_SECS` is cut off.
    Idle     a connection is closed after `_IDLE_SECS`, a guest's after `_GUEST_SECS`.

Source: RFC 9112 section 9.6 for the way a connection is closed after a refusal.
"""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import httptools
import msgspec
from starlette.concurrency import run_in_threadpool
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from weft.errors import CorruptLog
from weft.server.http.admission.connections import Connections
from weft.server.http.admission.direct_body import (
    ENDED_EARLY,
    LEAST_BYTES,
    DirectBody,
    open_connection,
)
from weft.server.http.admission.direct_file import LEAST_FILE_BYTES, DirectFile
from weft.server.http.admission.flow import Flow
from weft.server.http.admission.peer import Peer
from weft.server.services.files import FilePieces, JoinedPieces
from weft.wire.server.problems import Problem

MAX_HEAD_BYTES: Final = 64 * 1024
MAX_HEADER_LINES: Final = 256

_HEAD_SECS: Final = 10.0
_IDLE_SECS: Final = 75.0
"""More than the 10 s between two heartbeats of a client, and the 60 s usual for proxies."""

_GUEST_SECS: Final = 10.0
_WRITE_SECS: Final = 60.0
_BODY_SECS: Final = 60.0
_MIN_BODY_BYTES: Final = 1024
"""17 bytes a second. The slowest mobile network is a hundred times faster."""

_LINGER_SECS: Final = 2.0
_UNREAD_BODY_SECS: Final = 30.0
_LINGER_BYTES: Final = 16 * 2**20
"""The most bytes read and dropped after a refusal: clients send a whole body before they read."""

_HEAD_END: Final = b"\r\n\r\n"
_BODY_PIECE_BYTES: Final = 1024
"""Step for a body of unknown length. Up to this much after the body may be parsed too early."""

_UNBEGUN_SECS: Final = 1.0
"""The pause between two looks at an answer that has not begun, once its key has ended."""

_SMALL_BYTES: Final = 8192
"""Data of an admitted peer up to this size is parsed without a search for the ends of heads. What
is left of a guest's body, after its answer, is read up to this size."""

_FOREVER: Final = float("inf")


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    __slots__ = (
        "_deadline",
        "_direct",
        "_direct_file",
        "_end_of_key",
        "_flow",
        "_is_in_body",
        "_is_in_head",
        "_is_lingering",
        "_n_body",
        "_n_framing",
        "_n_head",
        "_n_left",
        "_n_unsent",
        "_table",
        "_tail",
        "_unsent_since",
        "_waiting",
        "_waiting_at",
        "peer",
    )

    def __init__(self, connections: Connections, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._table = connections
        self._waiting = b""
        self._waiting_at = 0
        self._tail = b""
        self._n_head = 0
        self._n_framing = 0
        self._n_body = 0
        self._n_left: int | None = None
        self._is_in_head = False
        self._is_in_body = False
        self._is_lingering = False
        self._deadline = _FOREVER
        self._end_of_key: asyncio.TimerHandle | None = None
        self._direct: DirectBody | None = None
        self._direct_file: DirectFile | None = None
        self._n_unsent = 0
        self._unsent_since = 0.0

    # --- the connection ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # pyrefly: ignore[bad-argument-type]
        self.flow = self._flow = Flow(self.transport)
        self.peer = Peer(self.client, self.server, partial(self._table.admit, self))
        # uvicorn copies `app_state` into the scope of each request.
        self.app_state = {
            **self.app_state,
            "peer": self.peer,
            "write_rest_of_body": self.write_rest_of_body,
            "send_files": self.send_files,
            "end_after": self.end_after,
        }
        self._table.add(self, self.loop)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._table.discard(self)
        self._forget_end()
        self._waiting = b""
        self.pipeline.clear()
        if self._direct is not None:
            self._direct.fail()
        if self._direct_file is not None:
            self._direct_file.fail()
        super().connection_lost(exc)

    def eof_received(self) -> None:
        """Let the transport close: a client that has stopped sending makes no more requests."""

    def drop(self) -> None:
        """Close the connection at once, even if data is still unsent."""
        self.transport.abort()

    def check(self, now: float) -> None:
        if self._is_unread(now):
            self.transport.abort()
        elif self._waiting and not self._n_unsent and not self._is_answering():
            self.go_on()
        elif now < self._deadline or self.transport.is_closing():
            return
        elif self._is_lingering:
            self.transport.abort()
        elif self._is_in_body:
            if self._n_body < _MIN_BODY_BYTES and self._is_waiting_for_body():
                self._refuse(408, "the body came too slowly")
            else:
                self._await_body()
        elif self._n_head:
            self._refuse(408, "the header came too slowly")
        else:
            self.transport.close()

    def _is_waiting_for_body(self) -> bool:
        if self._direct is not None:
            return self._direct.is_waiting
        return not self._flow.take_was_paused()

    def _is_unread(self, now: float) -> bool:
        n_unsent = self.transport.get_write_buffer_size()
        if self._direct_file is not None:
            n_unsent += self._direct_file.n_unsent
        if n_unsent == 0 or n_unsent != self._n_unsent:
            self._n_unsent = n_unsent
            self._unsent_since = now
            return False
        return now - self._unsent_since > (_WRITE_SECS if self.peer.is_admitted else _GUEST_SECS)

    def _await_request(self) -> None:
        secs = _IDLE_SECS if self.peer.is_admitted else _GUEST_SECS
        self._deadline = self.loop.time() + secs

    def _await_body(self) -> None:
        self._n_body = 0
        self._deadline = self.loop.time() + _BODY_SECS

    # --- reading ----------------------------------------------------------------------------

    # Hot path: this code runs for each upload of a thousand writers.

    def data_received(self, data: bytes) -> None:
        if self._is_lingering:
            self._drop_data(len(data))
        elif self._waiting:
            self._waiting, self._waiting_at = self._waiting[self._waiting_at :] + data, 0
        else:
            self._parse(data, 0)

    def _parse(self, data: bytes, at: int) -> None:
        """Parse `data` from `at` on, until a request must wait for an earlier answer."""
        try:
            if len(data) <= _SMALL_BYTES and self._is_idle():
                at += self._parse_small(data[at:])
            while at < len(data):
                if self._is_in_body:
                    at = self._parse_body(data, at)
                elif self._is_lingering or self.transport.is_closing():
                    self._drop_data(len(data) - at)
                    return
                elif not self._is_in_head and data[at] in b"\r\n":
                    at = self._skip_blank_lines(data, at)
                else:
                    end = self._head_end(data, at)
                    if self._is_answering() or (
                        not self.peer.is_admitted and end and not self._may_ask_as_guest()
                    ):
                        self._waiting, self._waiting_at = data, at
                        self._flow.hold()
                        return
                    at = self._parse_head(data, at, end)
            if self._is_in_body and self._deadline == _FOREVER:
                self._await_body()
        except _Refused as refused:
            self._refuse(refused.status, refused.reason)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, _Refused):
                self._refuse(cause.status, cause.reason)
            else:
                self._refuse(400, "invalid HTTP request")

    def _is_idle(self) -> bool:
        return (
            self.peer.is_admitted
            and not (self._is_in_body or self._n_head)
            and not (self._is_lingering or self._is_answering())
        )

    def _parse_small(self, data: bytes) -> int:
        """Parse `data` in one step; requests after the first one wait in `pipeline`."""
        n_parsed = self._feed(data)
        if self._n_head:
            self._n_head = n_parsed
            self._tail = data[-3:]
            self._deadline = self.loop.time() + _HEAD_SECS
        return n_parsed

    def _head_end(self, data: bytes, at: int) -> int:
        """The end of the head in `data`, 0 if it has none; the head may begin in earlier data."""
        if self._tail:
            position = (self._tail + data[at : at + 3]).find(_HEAD_END)
            if position >= 0:
                return at + position + len(_HEAD_END) - len(self._tail)
        position = data.find(_HEAD_END, at)
        return 0 if position < 0 else position + len(_HEAD_END)

    def _may_ask_as_guest(self) -> bool:
        # An answer that waited for space in the transport's buffer would occupy its turn.
        return not self.transport.get_write_buffer_size() and self._table.take_turn(self)

    def _parse_head(self, data: bytes, at: int, end: int) -> int:
        """Parse the part of a head in `data` from `at` on, nothing after it; return its end."""
        stop = end or len(data)
        is_first = not self._n_head
        self._count_head(stop - at)
        if not end:
            self._tail = (self._tail + data[max(at, stop - 3) : stop])[-3:]
        parsed = at + self._feed(data[at:stop])
        if is_first and self._n_head:
            self._deadline = self.loop.time() + _HEAD_SECS
        return parsed

    def _skip_blank_lines(self, data: bytes, at: int) -> int:
        """Skip blank lines before a request, which count as part of its head; return their end."""
        piece = data[at : at + MAX_HEAD_BYTES + 1]
        if not self._n_head:
            self._deadline = self.loop.time() + _HEAD_SECS
        n_blank = len(piece) - len(piece.lstrip(b"\r\n"))
        self._count_head(n_blank)
        return at + n_blank

    def _count_head(self, n_bytes: int) -> None:
        self._n_head += n_bytes
        if self._n_head > MAX_HEAD_BYTES:
            raise _Refused(431, f"the header is longer than {MAX_HEAD_BYTES} bytes")

    def _parse_body(self, data: bytes, at: int) -> int:
        """Parse the part of a body in `data` from `at` on; return where parsing ended."""
        n_bytes = len(data) - at
        if self._n_left is None:
            n_bytes = min(n_bytes, _BODY_PIECE_BYTES)
            self._n_framing += n_bytes
            if self._n_framing > MAX_HEAD_BYTES:
                raise _Refused(431, f"a chunk's header or trailer of over {MAX_HEAD_BYTES} bytes")
        else:
            n_bytes = min(n_bytes, self._n_left)
        return at + self._feed(memoryview(data)[at : at + n_bytes])

    def _feed(self, data: bytes | memoryview) -> int:
        """Parse `data`; return how much of it was parsed."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # No upgrade is supported; RFC 9110 section 7.8 lets a server continue with HTTP/1.1.
            return upgrade.args[0]
        return len(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._n_head = self._n_head or 1
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        if len(self.headers) > MAX_HEADER_LINES:
            raise _Refused(431, f"the header has more than {MAX_HEADER_LINES} lines")
        self._n_left = None
        for name, value in self.headers:
            if name == b"content-length":
                self._n_left = int(value)
        super().on_headers_complete()
        self.headers = []  # the scope has its own list; trailers go into this one and are dropped
        self._n_head = self._n_framing = 0
        self._tail = b""
        self._is_in_head = False
        self._is_in_body = True
        self._deadline = _FOREVER

    def on_body(self, body: bytes) -> None:
        n_bytes = len(body)
        self._n_body += n_bytes
        self._n_framing = 0
        if self._n_left is not None:
            self._n_left -= n_bytes
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self._flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        self._is_in_body = False
        self._deadline = _FOREVER
        cycle = self.cycle
        if cycle.response_complete:
            self._await_request()
        else:
            cycle.more_body = False
            cycle.message_event.set()

    # --- the rest of a large body -----------------------------------------------------------

    async def write_rest_of_body(
        self, begun: bytes, write: Callable[[bytes | memoryview], None]
    ) -> bool:
        """Have threads take the rest of the present body from the socket, past the parser.

        To be called for a request whose body is not at its end, at once after all of it that has
        come, `begun`, was received. `write` gets each piece in another thread, and may keep none
        of them.

        False if nothing was written and the rest has to be received, because the length of the
        body is unknown, or little of it is left. CorruptLog if the connection was lost before the
        end of the body.
        """
        n_left = self._n_left
        if not self._is_in_body or n_left is None or n_left < LEAST_BYTES or self.cycle.body:
            return False
        if not self.peer.is_admitted or self.transport.is_closing():
            return False
        connection = open_connection(self.transport)
        if connection is None:
            return False
        self._flow.pause_reading()
        self._direct = direct = DirectBody(connection, n_left, self._note_body)
        await run_in_threadpool(write, begun)
        await self._take_direct(direct, write)
        if direct.is_lost:
            raise CorruptLog(ENDED_EARLY)
        return True

    async def _take_direct(self, direct: DirectBody, write: Callable[[memoryview], None]) -> None:
        await direct.write_to(write)
        if self._direct is not direct:
            return  # refused meanwhile
        self._direct = None
        if not direct.is_lost:
            # The old one is in the middle of a body.
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does
            self.on_message_complete()
        # The transport notices by itself that a connection is lost.
        self._flow.resume_reading()

    def _note_body(self, n_bytes: int) -> None:
        self._n_body += n_bytes

    def _drop_direct(self, direct: DirectBody) -> None:
        """Read and drop the rest of a body that no one takes any more."""
        task = self.loop.create_task(self._take_direct(direct, lambda _: None))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    # --- answering --------------------------------------------------------------------------

    async def send_files(self, files: FilePieces | JoinedPieces) -> None:
        """Have the system send files as the rest of the present answer.

        To be called once the head of the answer was sent. The rest of `files`, which may be all,
        has to be sent in the usual way.
        """
        cycle = self.cycle
        is_alone = not self.pipeline  # else `cycle` belongs to a later request
        if not is_alone or not cycle.response_started or cycle.response_complete:
            return
        if cycle.chunked_encoding is not False or cycle.scope["method"] == "HEAD":
            return
        if cycle.expected_content_length < LEAST_FILE_BYTES:
            return
        if not self.peer.is_admitted or self.transport.is_closing():
            return
        connection = open_connection(self.transport)
        if connection is None:
            return
        direct = DirectFile(connection, files, cycle.expected_content_length)
        self._direct_file = direct
        try:
            # All that was written before has to leave first.
            self.transport.set_write_buffer_limits(0)
            await self.flow.drain()
            await direct.send()
        finally:
            self._direct_file = None
            direct.close()
            if not self.transport.is_closing():  # uvloop's closed transport refuses it
                self.transport.set_write_buffer_limits()
            cycle.expected_content_length = direct.n_left

    def end_after(self, secs: float) -> None:
        """Have the present answer cut off if it is still being sent after a time."""
        self._forget_end()
        self._end_of_key = self.loop.call_later(max(secs, 0.0), self._end_answer)

    def _end_answer(self) -> None:
        if self.pipeline or self.cycle.response_started:
            self.drop()
        else:
            # What was allowed when it was asked for is done, and its outcome is still answered.
            self._end_of_key = self.loop.call_later(_UNBEGUN_SECS, self._end_answer)

    def _forget_end(self) -> None:
        if self._end_of_key is not None:
            self._end_of_key.cancel()
            self._end_of_key = None

    def on_response_complete(self) -> None:
        self._forget_end()
        self.server_state.total_requests += 1
        if not self.peer.is_admitted:
            self._table.end_turn(self)
        if self.transport.is_closing():
            return
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        if self._direct is not None:
            self._drop_direct(self._direct)
            return
        if not self._is_in_body:
            self._await_request()
        elif not self.peer.is_admitted and self.transport.can_write_eof():
            if self._n_left is not None and self._n_left <= _SMALL_BYTES:
                # Its client does not know that the answer came early, and uses the connection.
                self._deadline = self.loop.time() + _GUEST_SECS
            else:
                self._linger(_UNREAD_BODY_SECS)
        if self._waiting:
            self.loop.call_soon(self.go_on)
        elif self.flow.read_paused:
            self._flow.release()

    def go_on(self) -> None:
        """Parse the data that waited for an earlier answer, or for this guest's turn."""
        data, self._waiting = self._waiting, b""
        self._parse(data, self._waiting_at)
        if not self._waiting and not self.transport.is_closing():
            self._flow.release()

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _refuse(self, status: int, reason: str) -> None:
        """Send a problem document and close; abort if another answer has already begun."""
        if self._direct is not None:
            direct, self._direct = self._direct, None
            direct.fail()
        if self._is_answering():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started or self.pipeline:
                self.transport.abort()
                return
        if self.transport.is_closing():
            return
        title = http.HTTPStatus(status).phrase
        code = "limit" if status == 431 else "invalid"
        document = Problem(
            type="about:blank",
            title=title,
            status=status,
            code=code,
            detail=reason,
            request_id=None,  # the request was not read to its end
        )
        body = msgspec.json.encode(document)
        head = (
            f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self._linger(_LINGER_SECS)
        # The rest is not worth reading, though the client may still send some MB of it.
        self._flow.hold()

    def _linger(self, secs: float) -> None:
        """Close soon: closing at once with unread bytes may hide the answer from the client."""
        self._table.end_turn(self)
        if self.transport.can_write_eof():  # not by TLS, which has no half-closed connections
            self.transport.write_eof()
        self._is_lingering = True
        self._waiting = b""
        self._n_body = 0
        self._deadline = self.loop.time() + secs
        self._flow.release()

    def _drop_data(self, n_bytes: int) -> None:
        self._n_body += n_bytes
        if self._n_body > _LINGER_BYTES:
            self.transport.abort()


class _Refused(Exception):
    """The client exceeds a limit."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def bounded_protocol(connections: Connections) -> Any:
    """The protocol class for uvicorn: makes the protocol of each connection."""
    return partial(BoundedProtocol, connections)
