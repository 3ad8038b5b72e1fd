"""Carries live events to the other servers of a shared metadata database, as short texts.

Events of runs are only hints to ask again, as those of `live_hub`: what they are about is in the
stores. States of pages, such as cursors in a report, are in no store.
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


class PageNews(msgspec.Struct, array_like=True):
    """The state of a page that follows the draft of a report, named by its row id."""

    report: int
    client: str
    state: bytes


class _Pages(msgspec.Struct):
    """The content of a text with states of pages; one with events of runs is a list."""

    pages: list[PageNews]


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(list[RunNews] | _Pages).decode


class LiveRelay:
    """The events of this server that others have not been sent yet. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[RunPath, RunNews] = {}
        self._pages: dict[tuple[int, str], PageNews] = {}
        self._is_metadata_due = False
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

    def add_page(self, news: PageNews) -> None:
        """Note the state of a page for the next `take`; a later one takes its place."""
        with self._lock:
            self._pages[news.report, news.client] = news
        self._is_due.set()

    def wake(self) -> None:
        """Have the next `take` return at once: the shared metadata has changed."""
        with self._lock:
            self._is_metadata_due = True
        self._is_due.set()

    def take(self, secs: float) -> list[str]:
        """The events and states since the last call as texts; waits for the first, at most so
        long. One text without an event if the metadata changed and no run has an event.
        """
        if not self._is_due.wait(secs):
            return []
        self._is_due.clear()
        with self._lock:
            pending, self._pending = self._pending, {}
            pages, self._pages = self._pages, {}
            is_metadata_due, self._is_metadata_due = self._is_metadata_due, False
        texts = [_encode(_Pages([news])).decode() for news in pages.values()]
        return texts + _texts(pending.values()) if pending or is_metadata_due else texts


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


def news_of(texts: Iterable[str]) -> list[RunNews | PageNews]:
    """The events and states of texts that another server's `take` returned."""
    news: list[RunNews | PageNews] = []
    for text in texts:
        try:
            content = _decode(text)
        except msgspec.DecodeError:
            continue  # of a later version, which saves waiting only
        news += content.pages if isinstance(content, _Pages) else content
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
