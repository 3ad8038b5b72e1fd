"""Requests that are made at the same time, each over a connection of its own.

A connection takes the next request as soon as its last one is answered, so that some send bytes
while the server makes the data of others durable.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from weft.errors import WeftError

if TYPE_CHECKING:
    from typing_extensions import Self

ConnectionT = TypeVar("ConnectionT")
RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class Answered(Generic[RequestT, AnswerT]):
    """A request, and what its call returned, or the error that it raised."""

    request: RequestT
    answer: AnswerT | WeftError
    secs: float


class ConcurrentRequests(Generic[ConnectionT, RequestT, AnswerT]):
    """Makes requests in threads. For one thread at a time, in a `with` block.

    As many run at once as there are connections. The block ends when all have ended, also those
    whose answers were not taken: `n_running`. A request that is the only one needs no thread:
    `next_answer` makes it.

    >>> with ConcurrentRequests(["a", "b"], lambda connection, request: request * 2) as requests:
    ...     requests.begin(21)
    ...     answered = requests.next_answer()
    >>> answered.request, answered.answer
    (21, 42)
    """

    def __init__(
        self, connections: Sequence[ConnectionT], call: Callable[[ConnectionT, RequestT], AnswerT]
    ) -> None:
        self.n_running = 0
        self._call = call
        self._idle = list(reversed(connections))
        self._ended: SimpleQueue[
            tuple[ConnectionT, Answered[RequestT, AnswerT] | BaseException]
        ] = SimpleQueue()
        self._threads = ThreadPoolExecutor(len(connections))
        self._latest: tuple[ConnectionT, RequestT] | None = None
        """The request that was begun last, if it was not handed to a thread yet."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()

    @property
    def has_room(self) -> bool:
        """Whether a connection is free."""
        return bool(self._idle)

    def begin(self, request: RequestT) -> None:
        """Make a request over a free connection."""
        self._start_latest()
        self._latest = (self._idle.pop(), request)
        self.n_running += 1

    def next_answer(self) -> Answered[RequestT, AnswerT]:
        """Wait until one of the requests that were begun is answered.

        Errors of its call that are not weft's are raised.
        """
        if self._latest is not None and self.n_running == 1:
            latest, self._latest = self._latest, None
            self._make(*latest)
        else:
            self._start_latest()
        connection, ended = self._ended.get()
        self._idle.append(connection)
        self.n_running -= 1
        if isinstance(ended, BaseException):
            raise ended
        return ended

    def _start_latest(self) -> None:
        if self._latest is not None:
            latest, self._latest = self._latest, None
            self._threads.submit(self._make, *latest)

    def _make(self, connection: ConnectionT, request: RequestT) -> None:
        began_secs = time.monotonic()
        try:
            answer: AnswerT | WeftError = self._call(connection, request)
        except WeftError as error:
            answer = error
        except BaseException as error:  # noqa: BLE001  `next_answer` raises it
            self._ended.put((connection, error))
            return
        secs = time.monotonic() - began_secs
        self._ended.put((connection, Answered(request, answer, secs)))
