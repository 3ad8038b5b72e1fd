"""Limits the memory of exports, charts of many points, long history, SQL and large uploads.

Each of them declares how much memory it takes at most, and waits in the event loop until there is
room. So the server's memory stays bounded however many arrive at once, and waiting costs no
thread. One user's work leaves room for another's. Charts of stored cells, pages of runs and
small uploads are not heavy work.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from starlette.types import Receive

from weft.errors import Unavailable
from weft.server.services.access import Actor, Cancelled


class Kind(NamedTuple):
    """A kind of heavy work.

    Attributes:
        most_of_user: how many of them one user may have.
        is_long: whether it may take minutes. Such work never overtakes other waiting work.
        wait_secs: how long work waits for room before it is refused.
    """

    name: str
    most: int
    most_of_user: int
    is_long: bool = False
    wait_secs: float = 60.0


EXPORT: Final = Kind("export", 1, 1, is_long=True, wait_secs=300.0)
CHART: Final = Kind("chart", 3, 2)
HISTORY: Final = Kind("history", 3, 2)
SQL: Final = Kind("query in SQL", 3, 2)
UPLOAD: Final = Kind("upload", 64, 64)
KINDS: Final = (EXPORT, CHART, HISTORY, SQL, UPLOAD)

EXPORT_BYTES: Final = 144 * 2**20
"""For a window of 4 million values: decoded, in row order, and as the pieces of a file. An archive
of chunks of 16 million values takes up to 120 MiB more; only one runs at a time."""

HISTORY_BYTES: Final = 128 * 2**20
"""For the same window, thinned; or for a page of 100,000 rows of 8 metrics, as objects."""

CHART_BYTES: Final = 128 * 2**20
"""For a panel that joins 1.2 million points of two metrics."""

SQL_BYTES: Final = 96 * 2**20
"""The memory with which the server passes a table to the query's process."""

UPLOAD_FACTOR: Final = 4
"""Estimated size of an upload's records and columns, as a multiple of its unpacked bytes."""

SHARE_BYTES: Final = EXPORT_BYTES + CHART_BYTES
"""Limit of one user's heavy work. An export leaves room for a chart, a query or an upload of
32 MiB."""

MAX_BYTES: Final = SHARE_BYTES + CHART_BYTES
"""Limit of all heavy work: whatever one user has, another one can have a chart or a query."""

RETRY_AFTER_SECS: Final = 5.0
"""The wait before another try, for a refused client."""


class Load(NamedTuple):
    """The work of one kind: present, and since the server's start."""

    kind: str
    n_running: int
    n_waiting: int
    n_admitted: int
    n_refused: int


@dataclass(slots=True, eq=False)
class _Work:
    user: str | None
    kind: Kind
    n_bytes: int
    admitted: asyncio.Future[None]


class HeavyWork:
    """Admits heavy work while there is room; used by one event loop.

    Room goes to the user whose work takes least; among the work of equal users, in order of
    arrival. All work together may take `n_bytes`, one user's `share_bytes`.
    """

    def __init__(self, n_bytes: int = MAX_BYTES, share_bytes: int = SHARE_BYTES) -> None:
        self._share_bytes = min(share_bytes, n_bytes)
        self._free_bytes = n_bytes
        self._running: Counter[Kind] = Counter()
        self._running_of: Counter[tuple[str | None, Kind]] = Counter()
        self._bytes_of: Counter[str | None] = Counter()
        self._waiting: list[_Work] = []
        self._admitted: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()

    def loads(self) -> list[Load]:
        """The load of each kind."""
        waiting = Counter(work.kind for work in self._waiting)
        return [
            Load(
                kind.name, self._running[kind], waiting[kind], self._admitted[kind.name],
                self._refused[kind.name],
            )
            for kind in KINDS
        ]  # fmt: skip

    @asynccontextmanager
    async def room_for(
        self, actor: Actor, kind: Kind, n_bytes: int, receive: Receive
    ) -> AsyncGenerator[None]:
        """Wait for room, and release it at the end.

        Work that takes more than one user's limit counts as that. `receive` is the request's,
        after its body was read.
        """
        admitted = asyncio.get_running_loop().create_future()
        work = _Work(actor.user, kind, min(n_bytes, self._share_bytes), admitted)
        await self._enter(work, receive)
        try:
            yield
        finally:
            self._count(work, -1)
            self._admit()

    async def _enter(self, waiting: _Work, receive: Receive) -> None:
        kind, admitted = waiting.kind, waiting.admitted
        self._waiting.append(waiting)
        self._admit()
        if admitted.done():
            return
        disconnect = asyncio.create_task(wait_for_disconnect(receive))
        try:
            await asyncio.wait(
                {admitted, disconnect}, timeout=kind.wait_secs, return_when=asyncio.FIRST_COMPLETED
            )
        except BaseException:
            self._withdraw(waiting)
            raise
        finally:
            disconnect.cancel()
        if admitted.done() and not disconnect.done():
            return
        self._withdraw(waiting)
        if disconnect.done():
            raise Cancelled
        self._refused[kind.name] += 1
        raise Unavailable(
            f"the server is busy with large exports, charts, queries and uploads; this "
            f"{kind.name} waited {kind.wait_secs:g} s: try again",
            retry_after_secs=RETRY_AFTER_SECS,
        )

    def _withdraw(self, waiting: _Work) -> None:
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        else:
            self._count(waiting, -1)
        self._admit()

    def _count(self, work: _Work, change: int) -> None:
        """Count work that begins (1) or has ended (-1)."""
        self._free_bytes -= change * work.n_bytes
        self._running[work.kind] += change
        self._running_of[work.user, work.kind] += change
        self._bytes_of[work.user] += change * work.n_bytes
        if not self._bytes_of[work.user]:
            del self._bytes_of[work.user]
        if not self._running_of[work.user, work.kind]:
            del self._running_of[work.user, work.kind]

    def _admit(self) -> None:
        """Admit what fits; only short work overtakes waiting work that does not fit."""
        while (work := self._next()) is not None:
            self._waiting.remove(work)
            self._count(work, 1)
            self._admitted[work.kind.name] += 1
            work.admitted.set_result(None)

    def _next(self) -> _Work | None:
        is_blocked = False
        # The sort is stable.
        for work in sorted(self._waiting, key=lambda work: self._bytes_of[work.user]):
            if self._fits(work) and not (is_blocked and work.kind.is_long):
                return work
            is_blocked = True
        return None

    def _fits(self, work: _Work) -> bool:
        user, kind = work.user, work.kind
        return (
            work.n_bytes <= min(self._free_bytes, self._share_bytes - self._bytes_of[user])
            and self._running[kind] < kind.most
            and self._running_of[user, kind] < kind.most_of_user
        )


async def wait_for_disconnect(receive: Receive) -> None:
    """Return once the client of a request, whose body has been read, has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
