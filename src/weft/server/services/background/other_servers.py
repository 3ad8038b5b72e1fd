"""Brings this server up to date with what other servers changed in a shared metadata database, and
sends them what changed here.

Run columns in memory follow `MetadataStore.changes`, which other servers' changes are added to;
live runs, people, paths of projects, and the pages that follow a project or a report are told
here.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Final

from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.reports.drafts import Awareness, Drafts
from weft.server.services.stores.live_relay import PageNews, RunNews, news_of
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.run_states import follow_metadata
from weft.server.storage.metadata import RunRow

POLL_SECS: Final = 1.0
"""The table of changes is read at least so often: a notice may be lost."""

CLOCK_SECS: Final = 60.0
"""The database is asked for its time so often."""

NOTICE_SECS: Final = 0.1
"""The time between two batches of notices."""

_WAIT_SECS: Final = 0.2
_RUNS_AT_ONCE: Final = 1000


class OtherServers:
    """Follows the other servers in one thread, and sends them notices in another."""

    def __init__(self, stores: Stores, drafts: Drafts) -> None:
        self._stores = stores
        self._drafts = drafts
        self._read_secs = 0.0
        self._clock_secs = time.monotonic()
        self._is_cut_off = False
        if stores.live.relay is not None:
            stores.metadata.on_shared(stores.live.relay.wake)

    def tell(self) -> None:
        """Send what changed here since the last call; waits a little for the first change."""
        if self._stores.live.relay is not None:
            self._stores.metadata.send_notices(self._stores.live.relay.take(_WAIT_SECS))

    def follow(self) -> bool:
        """Note what other servers changed since the last call; waits a little for a notice."""
        try:
            texts = self._stores.metadata.wait_for_notices(_WAIT_SECS)
        except BaseException:
            self._is_cut_off = True
            raise
        now = time.monotonic()
        news = news_of(texts)
        # the text of a page has nothing else, and no change of the metadata
        n_pages = sum(isinstance(entry, PageNews) for entry in news)
        if len(texts) > n_pages or now - self._read_secs >= POLL_SECS:
            self._read()
            self._stores.room.save_shares()
            self._read_secs = now
        if self._stores.wall is not None and now - self._clock_secs >= CLOCK_SECS:
            self._stores.wall.measure()
            self._clock_secs = now
        for entry in news:
            if isinstance(entry, PageNews):
                self._drafts.pass_on(entry.report, Awareness(entry.client, entry.state))
            else:
                self._publish(entry)
        if self._is_cut_off:
            self._catch_up()
            self._is_cut_off = False
        return True

    def _catch_up(self) -> None:
        """Have pages and summaries read all live runs again: notices of their rows were lost."""
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.runs.open_runs(tx)
        for row in rows:
            path = (row.entity, row.project, row.run)
            self._publish(RunNews(path, None, meta=True, logs=True))

    def _publish(self, news: RunNews) -> None:
        path = RunPath(*news.path)
        entry = None if news.keys == [] else self._stores.registry.peek(path)
        if entry is not None:
            _note_rows_elsewhere(entry)
        self._stores.live.publish(
            SYSTEM,
            path,
            keys=news.keys,
            meta=news.meta,
            logs=news.logs,
            summary=news.summary,
            is_relayed=True,
        )

    def _read(self) -> None:
        stores = self._stores
        stores.people.refresh()
        others = stores.metadata.read_changes()
        kinds = {kind for kind, _ in others.things}
        if "project" in kinds or not others.is_whole:
            stores.registry.forget_projects()
        reports = [row_id for kind, row_id in others.things if kind == "report"]
        self._drafts.tell_of_others(reports if others.is_whole else self._drafts.followed())
        self._tell_of_comments({row_id for kind, row_id in others.things if kind == "comments"})
        if others.is_whole:
            self._read_runs({row_id for _, row_id in others.touched}, others.touched)
        else:
            entries = {entry.row_id for entry in stores.registry.entries()}
            self._read_runs(entries, {("run", row_id) for row_id in entries})

    def _tell_of_comments(self, report_ids: Collection[int]) -> None:
        """Have pages read the comments on reports again that another server changed."""
        if not report_ids:
            return
        metadata = self._stores.metadata
        with metadata.read() as tx:
            names = [metadata.comments.project_of(tx, report_id) for report_id in report_ids]
        for path in {ProjectPath(*name) for name in names if name is not None}:
            self._stores.live.publish_comments(SYSTEM, path)

    def _read_runs(self, row_ids: Collection[int], touched: Collection[tuple[str, int]]) -> None:
        if not row_ids:
            return
        stores = self._stores
        edited = {row_id for part, row_id in touched if part != "summary"}
        entries = {entry.row_id: entry for entry in stores.registry.entries()}
        ordered = sorted(row_ids)
        rows: dict[int, RunRow] = {}
        with stores.metadata.read() as tx:
            for at in range(0, len(ordered), _RUNS_AT_ONCE):
                rows |= stores.metadata.runs.by_ids(tx, ordered[at : at + _RUNS_AT_ONCE])
        live: list[RunEntry] = []
        changed: list[tuple[RunPath, int]] = []
        for row_id in ordered:
            row, entry = rows.get(row_id), entries.get(row_id)
            path = None if row is None else RunPath(row.entity, row.project, row.run)
            if entry is not None:
                if row is None or row.trashed_micros is not None or path != entry.path:
                    stores.registry.forget(entry.path)
                elif row_id in edited:
                    live.append(entry)
            paths = {path, None if entry is None else entry.path} - {None}
            changed += [(path, row_id) for path in paths if path is not None]
        for at in range(0, len(live), _RUNS_AT_ONCE):
            batch = live[at : at + _RUNS_AT_ONCE]
            follow_metadata(stores, batch)
            for entry in batch:
                entry.summary.rules = None  # its definitions may be others
        for path, row_id in changed:
            is_edited = row_id in edited
            stores.live.publish(
                SYSTEM, path, meta=is_edited, summary=not is_edited, is_relayed=True
            )


def _note_rows_elsewhere(entry: RunEntry) -> None:
    """Note that another server received rows, or may have: the summary here lacks them."""
    with entry.lock:
        if entry.summary.latest is not None or entry.summary.aggregates is not None:
            entry.summary.mark_stale()
