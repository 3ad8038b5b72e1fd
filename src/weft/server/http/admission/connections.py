"""All open connections: limits how many guests may have, and closes those that are too slow.

A *guest* is a connection from which no request has passed `local_mode` yet. Guests are limited per
local user or address and in total, so that descriptors and memory are left for everyone else. A
client that sends the token stops being a guest with its first request, and on loopback the
server's own user never is one. If there are too many guests, the oldest is closed rather than the
newest refused: a client with a token becomes known within a round trip, even while another client
behind the same address opens as many connections as it can.

`protocol` adds each connection, and each is asked once a second to check its deadline. That is
cheaper than setting and cancelling a timer for each request.
"""

from __future__ import annotations

import asyncio
import errno
import time
from typing import Any, Final, Protocol

from weft.server.http.admission.peer import Peer
from weft.server.http.admission.proxies import TrustedProxies
from weft.server.http.admission.request_log import RequestLog

MAX_GUESTS_OF_ORIGIN: Final = 128
"""Limit for one local user or address. Guests younger than `_GRACE_SECS` are not closed."""

MAX_GUESTS: Final = 1024
_MIN_GUESTS: Final = 8
_GUESTS_SHARE: Final = 4
"""Guests get at most a fourth of the descriptors."""

MAX_TURNS: Final = 8
"""Guests' requests that are answered at once; others wait, so that the owner does not."""

_RESERVE_SHARE: Final = 8
"""An eighth of the descriptors is reserved for the stores."""

_GRACE_SECS: Final = 1.0
"""If a thousand writers behind one address connect at once, they are guests until their first
requests have been read."""

_SWEEP_SECS: Final = 1.0
_OUTAGE_SECS: Final = 60.0
"""Refusals at most this far apart are one outage, and one line in the log."""

_EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Connection(Protocol):
    """A connection of the table."""

    peer: Peer

    def check(self, now: float) -> None:
        """Close the connection if it has waited for too long."""
        ...

    def drop(self) -> None:
        """Close the connection at once."""
        ...

    def go_on(self) -> None:
        """Parse the data that was held back."""
        ...


class Connections:
    """The connections of one server. Beyond loopback its own user needs a token, too.

    Those of trusted proxies are not counted as guests: each is used by many clients in turn.
    """

    def __init__(
        self,
        *,
        trusts_own_user: bool,
        n_descriptors: int,
        proxies: TrustedProxies | None = None,
    ) -> None:
        self._trusts_own_user = trusts_own_user
        self._proxies = proxies or TrustedProxies(())
        self._n_descriptors = n_descriptors
        self._max_guests = max(_MIN_GUESTS, min(MAX_GUESTS, n_descriptors // _GUESTS_SHARE))
        self._max_all = n_descriptors - n_descriptors // _RESERVE_SHARE
        self._all: set[Connection] = set()
        self._guests: dict[tuple[str, str], dict[Connection, float]] = {}
        self._n_guests = 0
        self._turns: set[Connection] = set()
        self._queue: dict[Connection, None] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._log = RequestLog()
        self._refused_at: dict[str, float] = {}

    def add(self, connection: Connection, loop: asyncio.AbstractEventLoop) -> None:
        """Add a new connection. If there are too many guests, close the oldest one of the origin
        that has most of them.
        """
        if self._sweeping is None:
            self._sweeping = loop.call_later(_SWEEP_SECS, self._sweep, loop)
        self._all.add(connection)
        peer = connection.peer
        is_own = self._trusts_own_user and peer.is_own_user()
        if is_own or (peer.client is not None and self._proxies.trusts(peer.client[0])):
            peer.admit()
        else:
            self._add_guest(connection, loop.time())
        if len(self._all) > self._max_all:
            self._log_refusal(
                "connections closed: too few file descriptors (ulimit -n)",
                n_descriptors=self._n_descriptors,
            )
            if self._n_guests:
                self._drop_oldest_of_largest()
            else:
                connection.drop()

    def discard(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._all.discard(connection)
        self.admit(connection)

    def admit(self, connection: Connection) -> None:
        """Stop counting a connection as a guest."""
        self.end_turn(connection)
        origin = connection.peer.origin()
        guests = self._guests.get(origin)
        if guests is not None and guests.pop(connection, None) is not None:
            self._n_guests -= 1
            if not guests:
                del self._guests[origin]

    def take_turn(self, connection: Connection) -> bool:
        """Whether a guest's request may be answered now; if not, `go_on` is called when it may."""
        if connection in self._turns:
            return True
        if len(self._turns) < MAX_TURNS:
            self._turns.add(connection)
            return True
        self._queue[connection] = None
        return False

    def end_turn(self, connection: Connection) -> None:
        """End a guest's turn, if it has one, and give it to the guest that has waited longest."""
        self._queue.pop(connection, None)
        if connection not in self._turns:
            return
        self._turns.discard(connection)
        if self._queue:
            after = next(iter(self._queue))
            del self._queue[after]
            self._turns.add(after)
            asyncio.get_running_loop().call_soon(after.go_on)

    def on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle an error of the event loop: refused accepts are logged once per outage."""
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _EXHAUSTED:
            self._log_refusal("connections refused by the system", reason=error.strerror)
        else:
            loop.default_exception_handler(context)

    def _add_guest(self, connection: Connection, now: float) -> None:
        origin = connection.peer.origin()
        guests = self._guests.setdefault(origin, {})
        guests[connection] = now
        self._n_guests += 1
        if self._n_guests > self._max_guests:
            self._log_refusal("guests closed: too many connections without a token")
            self._drop_oldest_of_largest()
        else:
            self._trim(origin, guests, now)

    def _trim(self, origin: tuple[str, str], guests: dict[Connection, float], now: float) -> None:
        while len(guests) > MAX_GUESTS_OF_ORIGIN:
            oldest, since = next(iter(guests.items()))
            if now - since < _GRACE_SECS:
                return
            kind, name = origin
            self._log_refusal(
                "guests closed: too many connections without a token", **{kind: name}
            )
            self._drop(oldest)

    def _drop_oldest_of_largest(self) -> None:
        largest = max(self._guests.values(), key=len)
        self._drop(next(iter(largest)))

    def _drop(self, connection: Connection) -> None:
        self.discard(connection)
        connection.drop()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self._all):
            connection.check(now)
        for origin, guests in list(self._guests.items()):
            self._trim(origin, guests, now)
        self._sweeping = loop.call_later(_SWEEP_SECS, self._sweep, loop) if self._all else None

    def _log_refusal(self, event: str, **fields: Any) -> None:
        """Log an event once per outage, of whichever origin it is."""
        now = time.monotonic()
        last = self._refused_at.get(event)
        self._refused_at[event] = now
        if last is None or now - last > _OUTAGE_SECS:
            self._log.note(event, fields)
