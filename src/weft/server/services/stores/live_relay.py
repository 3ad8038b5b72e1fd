"""Carries live events to the other servers of a shared metadata database, as short texts.

Events are only hints to ask again, as those of `live_hub`: what they are about is in the stores.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

import msgspec

from weft.server.services.access.paths import RunPath
from weft.server.storage.metadata import MAX_NOTICE_BYTES
from weft.wire.projects.live import RunChange


class RunNews(msgspec.Struct, array_like=True):
    """An event of a run; `keys` are None for any."""

    path: tuple[str, str, str]
    keys: list[str] | None
    meta: bool = False
    logs: bool = False
    summary: bool = False


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(list[RunNews]).decode


class LiveRelay:
    """The events of this server that others have not been sent yet. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[RunPath, RunNews] = {}
        self._is_due = threading.Event()

    def add(
        self, path: RunPath, keys: frozenset[str] | None, *, meta: bool, logs: bool, summary: bool
    ) -> None:
        """Note an event for the next `take`."""
        with self._lock:
            news = self._pending.get(path)
            if news is None:
                news = self._pending[path] = RunNews((path.entity, path.project, path.run), [])
            merge(news, keys, meta=meta, logs=logs, summary=summary)
        self._is_due.set()

    def wake(self) -> None:
        """Have the next `take` return at once: the shared metadata has changed."""
        self._is_due.set()

    def take(self, secs: float) -> list[str]:
        """The events since the last call as texts; waits for the first, at most so long. One text
        without an event if the metadata changed and nothing else.
        """
        if not self._is_due.wait(secs):
            return []
        self._is_due.clear()
        with self._lock:
            pending, self._pending = self._pending, {}
        return _texts(pending.values())


def merge(
    change: RunNews | RunChange,
    keys: frozenset[str] | None,
    *,
    meta: bool,
    logs: bool,
    summary: bool,
) -> None:
    """Add an event of the same run to a change."""
    change.meta |= meta
    change.logs |= logs
    change.summary |= summary
    if keys is None or change.keys is None:
        change.keys = None
    elif not keys.issubset(change.keys):
        change.keys = sorted(keys.union(change.keys))


def news_of(texts: Iterable[str]) -> list[RunNews]:
    """The events of texts that another server's `take` returned."""
    news: list[RunNews] = []
    for text in texts:
        try:
            news += _decode(text)
        except msgspec.DecodeError:
            continue  # of a later version, which saves waiting only
    return news


def _texts(news: Iterable[RunNews]) -> list[str]:
    texts: list[str] = []
    batch: list[bytes] = []
    size = 2
    for event in news:
        encoded = _encode(event)
        if len(encoded) > MAX_NOTICE_BYTES // 2:
            encoded = _encode(RunNews(event.path, None, event.meta, event.logs, event.summary))
        if size + len(encoded) + 1 > MAX_NOTICE_BYTES:
            texts.append(f"[{b','.join(batch).decode()}]")
            batch, size = [], 2
        batch.append(encoded)
        size += len(encoded) + 1
    texts.append(f"[{b','.join(batch).decode()}]")
    return texts
