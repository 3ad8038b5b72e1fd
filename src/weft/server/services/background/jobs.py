"""Background jobs: summaries, states, heartbeats, deletions, path sets, sweeps and compaction.

Two threads: upkeep of metadata, and compaction of metric files, which may take seconds per file.
With a shared metadata database a third one follows the changes of other servers, and what only one
server is to do falls to the one that has its lease (`stores.duties`).
Each job may be killed at any moment and is resumed at the next start.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from weft.errors import Gone, Unavailable
from weft.server.services.access.paths import RunPath
from weft.server.services.artifacts.expiring import expire_versions
from weft.server.services.artifacts.linking import make_links
from weft.server.services.artifacts.storing import store_waiting
from weft.server.services.background.column_saver import ColumnSaver
from weft.server.services.background.free_memory import give_back_free_memory
from weft.server.services.background.leftovers import LEFTOVERS_SECS, Leftovers
from weft.server.services.background.other_servers import NOTICE_SECS, POLL_SECS, OtherServers
from weft.server.services.background.path_set_saver import PathSetSaver
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.removal.purging import resume_deletions
from weft.server.services.removal.trash import expire
from weft.server.services.reports.drafts import Drafts
from weft.server.services.reports.listing.views import ReportViews
from weft.server.services.reports.searching import ReportSearch
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.projection import (
    clean_quiet_runs,
    project_summaries,
    resume_dirty_runs,
)
from weft.server.services.summaries.run_states import refresh_states
from weft.server.services.sweeps.registry import LiveSweeps
from weft.server.services.sweeps.upkeep import open_begun_sweeps, save_heartbeats, tend_sweeps
from weft.server.services.usage.retention import apply_retention
from weft.server.storage.contract import Backlog
from weft.server.storage.metadata import OPEN_STATES, MetadataUnavailable

PROJECTION_SECS: Final = 1.0
_BETWEEN_PARTS_SECS: Final = 0.02
STATES_SECS: Final = 5.0
SWEEPS_SECS: Final = 2.0
HEARTBEATS_SECS: Final = 30.0
TRASH_SECS: Final = 600.0
HOURLY_SECS: Final = 3600.0
PATH_SETS_SECS: Final = 30.0
BACKLOG_SECS: Final = 15.0
COLUMNS_SECS: Final = 5.0
MIRROR_SECS: Final = 5.0

_COMPACTION_IDLE_SECS: Final = 1.0
_IDLE_PER_LOOK: Final = 50
"""The pause of compaction that has nothing to do, in units of the time that looking takes: with
10,000 live runs that is 50 ms."""

_SAME_OUTAGE_SECS: Final = 120.0
_MOST_NOTED: Final = 16
_noted: dict[str, float] = {}

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class BackgroundJobs:
    """Owns the threads. `resume_requests` finishes the requests of servers that were killed."""

    def __init__(
        self,
        stores: Stores,
        sweeps: LiveSweeps,
        drafts: Drafts,
        resume_requests: Callable[[], None],
        *,
        report_search: ReportSearch,
        report_views: ReportViews,
    ) -> None:
        self._stores = stores
        self._report_search = report_search
        self._report_views = report_views
        self._sweeps = sweeps
        self._path_sets = PathSetSaver(stores.metadata)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._asks = threading.Condition()
        self._n_asked = 0
        self._n_answered = 0
        self._threads = [
            threading.Thread(target=self._upkeep, name="weft-upkeep", daemon=True),
            threading.Thread(target=self._compact, name="weft-compaction", daemon=True),
        ]
        if stores.columns.saves is not None:
            self._columns = ColumnSaver(stores.metadata, stores.columns, stores.columns.saves)
            self._threads.append(
                threading.Thread(target=self._save_columns, name="weft-columns", daemon=True)
            )
        if stores.metadata.is_shared:
            self._others = OtherServers(stores, drafts)
            self._leftovers = Leftovers(stores, resume_requests)
            jobs = {
                "weft-other-servers": self._follow,
                "weft-notices": self._tell,
                "weft-leftovers": self._finish_leftovers,
            }
            if stores.metrics.has_mirror:
                jobs["weft-points-mirror"] = self._mirror_points
            for name, job in jobs.items():
                self._threads.append(threading.Thread(target=job, name=name, daemon=True))

    def start(self) -> None:
        """Start the threads. They first finish what a killed server left undone."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the threads and, if they ever ran, write what is only in memory."""
        self._stopping.set()
        self._wake.set()
        if not any(thread.ident for thread in self._threads):
            return
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        for job in (lambda: project_summaries(self._stores, at_end=True), self._flush):
            _guarded(job)

    def write_summaries(self, timeout_secs: float) -> bool:
        """Make values that were logged before this call visible to filters and orders now.

        False if the time does not suffice; it then continues in the background.
        """
        with self._asks:
            self._n_asked += 1
            request = self._n_asked
            self._wake.set()
            return self._asks.wait_for(lambda: self._n_answered >= request, timeout_secs)

    def resume(self) -> None:
        """Finish what a killed server left undone, and track the runs that have not ended."""
        stores = self._stores
        # List the files before the projects: a project is committed before its file is created,
        # so a listed file that belongs to no project belongs to a deleted one.
        file_ids = stores.metrics.stored_ids()
        with stores.metadata.read() as tx:
            project_ids = stores.metadata.projects.row_ids(tx)
            open_runs = stores.metadata.runs.open_runs(tx)
        jobs: list[Callable[[], object]] = []
        for row in open_runs:
            stores.registry.find_present(RunPath(row.entity, row.project, row.run))
        for project_id in file_ids:
            if project_id in project_ids:
                jobs.append(partial(resume_dirty_runs, stores, project_id))
            else:
                jobs.append(partial(stores.metrics.remove, project_id))
        jobs.append(partial(stores.duties.run, "deletions", partial(resume_deletions, stores)))
        jobs.append(partial(open_begun_sweeps, stores, self._sweeps))
        for job in jobs:
            if not self._stopping.is_set():
                _guarded(job)

    def refresh_states(self) -> None:
        """Update the state of every run that has not ended."""
        for entry in self._stores.registry.entries():
            if entry.state in OPEN_STATES:
                refresh_states(self._stores, [entry])

    def write_heartbeats(self) -> None:
        """Save the last heartbeats of runs and writers, in one transaction."""
        stores = self._stores
        writers: dict[tuple[int, str], int] = {}
        runs: dict[int, int] = {}
        projects: dict[int, int] = {}
        saved: list[tuple[RunEntry, str, int]] = []
        for entry in stores.registry.entries():
            with entry.lock:
                for name, writer in entry.writers.items():
                    beat = writer.beat_micros
                    if beat is not None and beat != writer.saved_beat_micros:
                        writers[entry.row_id, name] = beat
                        runs[entry.row_id] = max(beat, runs.get(entry.row_id, 0))
                        saved.append((entry, name, beat))
                heard = max(entry.last_append_micros, runs.get(entry.row_id, 0))
            projects[entry.project_id] = max(heard, projects.get(entry.project_id, 0))
        active = {project_id: heard for project_id, heard in projects.items() if heard}
        if writers or active:
            with stores.metadata.write() as tx:
                # Runs first, and in one order, as uploads lock them: else both wait in a ring.
                stores.metadata.runs.set_heartbeats(tx, dict(sorted(runs.items())))
                stores.metadata.writers.set_heartbeats(tx, dict(sorted(writers.items())))
                stores.metadata.projects.set_active(tx, active)
        for entry, name, beat in saved:
            with entry.lock:
                entry.writers[name].saved_beat_micros = beat

    def _flush(self) -> None:
        self.write_heartbeats()
        self._stores.key_uses.save(self._stores.metadata)
        self._report_views.save(self._stores.metadata)
        save_heartbeats(self._sweeps)
        clean_quiet_runs(self._stores)

    def _upkeep(self) -> None:
        _guarded(self.resume)
        due_states = due_flush = due_trash = due_sets = due_sweeps = time.monotonic()
        due_hourly = due_states + HOURLY_SECS
        pause = PROJECTION_SECS
        while True:
            self._wake.wait(pause)
            self._wake.clear()
            if self._stopping.is_set():
                return
            n_asked = self._n_asked
            at_once = n_asked > self._n_answered
            is_done = _guarded(partial(project_summaries, self._stores, at_end=at_once))
            with self._asks:
                self._n_answered = n_asked
                self._asks.notify_all()
            pause = _BETWEEN_PARTS_SECS if is_done is False else PROJECTION_SECS
            now = time.monotonic()
            if now >= due_states:
                _guarded(self.refresh_states)
                _guarded(give_back_free_memory)
                due_states = now + STATES_SECS
            if now >= due_sweeps:
                self._do("sweeps", partial(tend_sweeps, self._stores, self._sweeps))
                due_sweeps = now + SWEEPS_SECS
            if now >= due_flush:
                _guarded(self._flush)
                self._do("links", partial(make_links, self._stores))  # links of a killed server
                if self._stores.metadata.is_shared:
                    self._do("removals", self._stores.blobs.finish_removals)
                due_flush = now + HEARTBEATS_SECS
            if now >= due_trash:
                more = self._do(
                    "trash", lambda: expire(self._stores) | expire_versions(self._stores)
                )
                more = self._do("audit", self._stores.audit.expire) or more
                more = self._do("report-texts", self._report_search.refresh_some) or more
                self._do("versions", partial(store_waiting, self._stores))
                due_trash = now if more else now + TRASH_SECS
            if now >= due_hourly:
                _guarded(self._stores.blobs.store.sweep)
                self._do("retention", partial(apply_retention, self._stores))
                self._do("removals", self._stores.blobs.forget_removals)
                due_hourly = now + HOURLY_SECS
            if now >= due_sets:
                more = self._do("path-sets", self._path_sets.save_some)
                due_sets = now if more else now + PATH_SETS_SECS
                pause = _BETWEEN_PARTS_SECS if more else pause

    def _do(self, duty: str, job: Callable[[], _T]) -> _T | None:
        """Do a job if it falls to this server."""
        return _guarded(partial(self._stores.duties.run, duty, job))

    def _follow(self) -> None:
        while not self._stopping.is_set():
            _guarded(self._stores.duties.renew)
            if _guarded(self._others.follow) is None:
                self._stopping.wait(POLL_SECS)  # the database is away

    def _tell(self) -> None:
        while not self._stopping.wait(NOTICE_SECS):
            _guarded(self._others.tell)

    def _finish_leftovers(self) -> None:
        while not self._stopping.wait(LEFTOVERS_SECS):
            _guarded(self._leftovers.finish_some)

    def _save_columns(self) -> None:
        while not self._stopping.wait(COLUMNS_SECS):
            _guarded(self._columns.save_some)

    def _mirror_points(self) -> None:
        more: bool | None = False
        while not self._stopping.wait(0.0 if more else MIRROR_SECS):
            more = self._do("points-mirror", self._mirror_some_points)

    def _mirror_some_points(self) -> bool:
        with self._stores.metadata.read() as tx:
            paths = self._stores.metadata.projects.paths(tx)
        return self._stores.metrics.mirror_points(paths)

    def _compact(self) -> None:
        metrics = self._stores.metrics
        due_backlog = time.monotonic()
        while not self._stopping.is_set():
            busy, began = False, time.monotonic()
            project_ids = metrics.open_ids()
            if time.monotonic() >= due_backlog:
                # One server looks for what no other does, such as the work of a killed one.
                overdue_ids = self._do("backlog", metrics.look_at_backlog)
                if overdue_ids is None:
                    metrics.backlog = Backlog()
                project_ids += overdue_ids or []
                due_backlog = time.monotonic() + BACKLOG_SECS
            for project_id in dict.fromkeys(project_ids):
                if self._stopping.is_set():
                    return
                busy |= bool(_guarded(partial(self._compact_one, project_id)))
            if not busy:
                looked_secs = time.monotonic() - began
                self._stopping.wait(max(_COMPACTION_IDLE_SECS, _IDLE_PER_LOOK * looked_secs))

    def _compact_one(self, project_id: int) -> bool:
        try:
            with self._stores.metrics.use(project_id) as store:
                return store.compact()
        except Gone:
            return False


def _guarded(job: Callable[[], _T]) -> _T | None:
    try:
        return job()
    except MetadataUnavailable:
        return None
    except Unavailable as error:
        _note_unavailable(str(error))
        return None
    except Exception:  # noqa: BLE001 - one failed job must not stop the others
        _log.exception("background job failed; it is tried again")
        return None


def _note_unavailable(reason: str) -> None:
    """Log once per reason and outage, because the jobs retry every second."""
    now = time.monotonic()
    if now - _noted.get(reason, -math.inf) > _SAME_OUTAGE_SECS:
        _log.warning("background jobs wait: %s", reason)
    _noted[reason] = now
    while len(_noted) > _MOST_NOTED:
        del _noted[next(iter(_noted))]
