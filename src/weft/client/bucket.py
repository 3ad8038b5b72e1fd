"""Downloads from the bucket in which a server keeps contents, by links that the server gave.

The bucket gets nothing of what this client sends to the server, such as its key. Does I/O through
`transport`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Final

from weft.client.policy import Policy
from weft.client.transport import Transport

_AT_ONCE: Final = 4
"""Parts of a content that are fetched at once, each in memory."""

_HEADERS: Final = {"Accept": "*/*"}


class Bucket:
    """Connections to a bucket, one for each thread, with the server's policy.

    Close it at the end.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._own = threading.local()
        self._all: list[Transport] = []

    def read(self, links: Sequence[str]) -> Iterator[bytes]:
        """Yield what is at some links, one after the other, in pieces."""
        if len(links) == 1:
            transport, path = self._transport(links[0])
            yield from transport.stream("GET", path, headers=_HEADERS)
            return
        pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="weft-bucket")
        try:
            remaining = iter(links)
            begun = deque[Future[bytes]]()
            begun.extend(pool.submit(self._get, link) for link in islice(remaining, _AT_ONCE))
            while begun:
                yield begun.popleft().result()
                begun.extend(pool.submit(self._get, link) for link in islice(remaining, 1))
        finally:
            pool.shutdown(cancel_futures=True)

    def close(self) -> None:
        """Close all connections."""
        for transport in self._all:
            transport.close()

    def _get(self, link: str) -> bytes:
        transport, path = self._transport(link)
        return transport.request("GET", path, headers=_HEADERS).body

    def _transport(self, link: str) -> tuple[Transport, str]:
        scheme, _, location = link.partition("://")
        host, _, path = location.partition("/")
        url = f"{scheme}://{host}"
        transport: Transport | None = getattr(self._own, "transport", None)
        if transport is None or transport.url != url:
            transport = self._own.transport = Transport(url, None, self._policy)
            self._all.append(transport)
        return transport, f"/{path}"
