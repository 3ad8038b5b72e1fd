"""The drafts that this server has in memory, and who follows them.

The log of updates in the metadata is the truth. Each change is checked on the copy in memory, and
added to the log under the lock of the report's row, after what other servers added; so no server
owns a draft.
A change is told to followers once it is durable, in the order of its number.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from weft.errors import Gone, NotFound
from weft.server.services.locks import LockOrder, OrderedLock
from weft.server.services.reports.bounds import check_update
from weft.server.storage.metadata import MetadataStore, ReportRow, Transaction
from weft.wire.reports.checks import MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS

if TYPE_CHECKING:
    from weft.server.services.reports.draft import Draft

MAX_IDLE: Final = 16
"""The most drafts in memory that no one follows."""

IDLE_SECS: Final = 60.0
"""A draft that no one follows leaves the memory after this time, at the next change of any."""


COMPACTED_UPDATES: Final = 500
"""A snapshot replaces so many updates. 500 take 12 kB and are read in 2 ms."""


class DraftNews(NamedTuple):
    """A change of a draft; `client` is the page that made it."""

    seq: int
    update: bytes
    client: str | None = None


class Awareness(NamedTuple):
    """The state of a page that follows a draft: where its cursor is, and whose."""

    client: str
    state: bytes


Listener = Callable[[DraftNews | Awareness | None], None]
"""Called with each change, in order, in the thread that made it, and with states of pages; with
None once the report is gone."""


class Follower:
    """One who follows a draft. Close it when done.

    `seq` is the number of the last change that it was told of.
    """

    def __init__(self, feed: _Feed, listener: Listener, seq: int) -> None:
        self.seq = seq
        self._feed = feed
        self._listener = listener

    def tell(self, news: DraftNews) -> None:
        """Pass a change on, unless it is known."""
        if news.seq > self.seq:
            self.seq = news.seq
            self._listener(news)

    def pass_on(self, awareness: Awareness) -> None:
        """Pass the state of another page on."""
        self._listener(awareness)

    def end(self) -> None:
        """Tell that the report is gone."""
        self._listener(None)

    def close(self) -> None:
        """Follow no more."""
        self._feed.remove(self)


class _Feed:
    """The followers of one draft. Thread-safe."""

    def __init__(self, metadata: MetadataStore, row_id: int) -> None:
        self._metadata = metadata
        self._row_id = row_id
        self._lock = threading.Lock()
        self._followers: list[Follower] = []

    @property
    def is_empty(self) -> bool:
        return not self._followers

    def add(self, listener: Listener, after: int) -> Follower:
        """Add a follower that has the changes up to a number; it is told of the others first."""
        follower = Follower(self, listener, after)
        with self._lock:
            self._followers.append(follower)
            self._catch_up([follower])
        return follower

    def remove(self, follower: Follower) -> None:
        with self._lock:
            if follower in self._followers:
                self._followers.remove(follower)

    def push(self, news: DraftNews) -> None:
        """Tell all followers of a change that is durable."""
        with self._lock:
            behind = [follower for follower in self._followers if follower.seq < news.seq - 1]
            if behind:
                self._catch_up(behind)
            for follower in self._followers:
                follower.tell(news)

    def pass_on(self, awareness: Awareness) -> None:
        """Pass the state of a page on to all followers."""
        with self._lock:
            for follower in self._followers:
                follower.pass_on(awareness)

    def catch_up(self) -> None:
        """Tell all followers of what other servers changed."""
        with self._lock:
            self._catch_up(self._followers)

    def _catch_up(self, followers: list[Follower]) -> None:
        if not followers:
            return
        reports = self._metadata.reports
        with self._metadata.read() as tx:
            row = reports.by_row_id(tx, self._row_id)
            least = min(follower.seq for follower in followers)
            updates = reports.updates_after(tx, self._row_id, least)
        for seq, data in updates:
            for follower in followers:
                follower.tell(DraftNews(seq, data))
        if row is None or row.trashed_micros is not None:
            for follower in followers:
                follower.end()


class _OpenDraft:
    """A draft in memory, or room for one."""

    def __init__(self, metadata: MetadataStore, row_id: int) -> None:
        self.lock = OrderedLock(LockOrder.REPORT, row_id)
        self.feed = _Feed(metadata, row_id)
        self.draft: Draft | None = None
        self.used_secs = 0.0


class Drafts:
    """All drafts in memory. Thread-safe."""

    def __init__(self, metadata: MetadataStore) -> None:
        self._metadata = metadata
        self._lock = threading.Lock()
        self._open: dict[int, _OpenDraft] = {}

    def first_update(self, blocks: Sequence[Mapping[str, Any]], meta: Mapping[str, Any]) -> bytes:
        """The update that makes a new draft of blocks, which were checked, and values."""
        from weft.server.services.reports.draft import Draft  # loads pycrdt

        return Draft().write(blocks, meta) or b""

    def change(
        self,
        row_id: int,
        change: Callable[[Draft], bytes | None],
        *,
        now_micros: int,
        editor: str,
        client: str | None = None,
    ) -> ReportRow:
        """Have a function change a draft, store the update that it returns, and tell followers.
        Returns the row as it is then. A draft whose change was not stored leaves the memory.

        NotFound if there is no such report, Gone if it is in the trash.
        """
        reports = self._metadata.reports
        with self._used(row_id) as opened:
            with self._metadata.snapshot() as tx:
                row = present(reports.by_row_id(tx, row_id))
                draft = self._caught_up(tx, opened, row)
            opened.draft = None
            # Outside of the transaction, which keeps others from writing to SQLite.
            update = change(draft)
            if update is not None:
                with self._metadata.write() as tx:
                    row = present(reports.by_row_id(tx, row_id, for_update=True))
                    check_update(self._metadata, tx, row, len(update), draft.snapshot)
                    draft.catch_up(reports.updates_after(tx, row_id, draft.seq))
                    title, description = heading_of(draft.meta)
                    seq = reports.add_update(
                        tx, row, update,
                        now_micros=now_micros, editor=editor, title=title, description=description,
                    )  # fmt: skip
                    if seq - row.snapshot_seq >= COMPACTED_UPDATES:
                        reports.compact(tx, row_id, seq, draft.snapshot())
                    row = present(reports.by_row_id(tx, row_id))
                draft.seq = seq
            opened.draft = draft
            if update is not None:
                opened.feed.push(DraftNews(row.seq, update, client))
        return row

    @contextmanager
    def reading(self, row_id: int) -> Generator[tuple[ReportRow, Draft]]:
        """The row of a report, and its draft with all that is stored, to read only. Errors as of
        `change`.
        """
        with self._used(row_id) as opened:
            with self._metadata.snapshot() as tx:
                row = present(self._metadata.reports.by_row_id(tx, row_id))
                draft = self._caught_up(tx, opened, row)
            yield row, draft

    def compact(self, row_id: int) -> None:
        """Replace the stored updates of a draft by one, so that deleted text is gone."""
        reports = self._metadata.reports
        with self._used(row_id) as opened, self._metadata.write() as tx:
            row = present(reports.by_row_id(tx, row_id, for_update=True))
            if row.snapshot_seq < row.seq:
                draft = self._caught_up(tx, opened, row)
                reports.compact(tx, row_id, row.seq, draft.snapshot())

    def follow(self, row_id: int, listener: Listener, after: int) -> Follower:
        """Have a function called with each change of a draft after a number."""
        while True:
            opened = self._opened(row_id)
            follower = opened.feed.add(listener, after)
            if self._open.get(row_id) is opened:
                return follower
            follower.close()  # it has just left the memory
            after = follower.seq

    def pass_on(self, row_id: int, awareness: Awareness) -> None:
        """Pass the state of a page on to all pages that follow a draft at this server."""
        opened = self._open.get(row_id)
        if opened is not None:
            opened.feed.pass_on(awareness)

    def tell_of_others(self, row_ids: Iterable[int]) -> None:
        """Tell followers of what other servers changed of some reports, or how these ended."""
        for row_id in row_ids:
            opened = self._open.get(row_id)
            if opened is not None:
                opened.feed.catch_up()

    def followed(self) -> list[int]:
        """Row ids of the reports that someone follows."""
        with self._lock:
            return [row_id for row_id, opened in self._open.items() if not opened.feed.is_empty]

    @contextmanager
    def _used(self, row_id: int) -> Generator[_OpenDraft]:
        opened = self._opened(row_id)
        with opened.lock:
            yield opened

    def _opened(self, row_id: int) -> _OpenDraft:
        now = time.monotonic()
        with self._lock:
            opened = self._open.pop(row_id, None) or _OpenDraft(self._metadata, row_id)
            idle = [other for other in self._open if self._open[other].feed.is_empty]
            for number, other in enumerate(reversed(idle)):
                if number >= MAX_IDLE or now - self._open[other].used_secs > IDLE_SECS:
                    del self._open[other]
            opened.used_secs = now
            self._open[row_id] = opened
        return opened

    def _caught_up(self, tx: Transaction, opened: _OpenDraft, row: ReportRow) -> Draft:
        from weft.server.services.reports.draft import Draft  # loads pycrdt

        draft = opened.draft
        if draft is None or draft.seq > row.seq:  # or the database was restored from a backup
            draft = opened.draft = Draft()
        if draft.seq < row.seq:
            updates = self._metadata.reports.updates_after(tx, row.row_id, draft.seq)
            draft.catch_up(updates)
        return draft


def present(row: ReportRow | None) -> ReportRow:
    """A report that is there and not in the trash."""
    if row is None:
        raise NotFound("no such report")
    if row.trashed_micros is not None:
        raise Gone(f"report {row.report} was deleted; it can still be taken out of the trash")
    return row


def heading_of(meta: Mapping[str, Any]) -> tuple[str, str]:
    r"""Title and description of a document.

    >>> heading_of({"title": "Ablation\nof lr", "description": 5})
    ('Ablation of lr', '')
    """
    title, description = meta.get("title"), meta.get("description")
    return (
        " ".join(title.split())[:MAX_TITLE_CHARS] if isinstance(title, str) else "",
        description[:MAX_DESCRIPTION_CHARS] if isinstance(description, str) else "",
    )


def check_archived_draft(updates: Sequence[tuple[int, bytes]]) -> None:
    """Check the stored updates of a draft that come from an archive."""
    from weft.server.services.reports.draft import Draft  # loads pycrdt

    draft = Draft()
    draft.catch_up(updates)
    draft.check()
