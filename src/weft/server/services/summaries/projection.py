"""The summary projection periodically writes last logged values to metadata. See decision 0003.

The metric file marks a run dirty with each batch, so that a restart loses nothing. While the
server runs, the values wait in memory (`latest`, `aggregates`), and `refreshing` reads points only
if those are not enough. Values that scripts set themselves bypass this module: `RecordEffects`
writes them at once, and `FieldTable` shows them instead of logged ones.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from weft.errors import Gone
from weft.records.merge import split_path
from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import RunPath
from weft.server.services.live_runs.aggregates import Rules
from weft.server.services.live_runs.latest import LatestValues
from weft.server.services.live_runs.live_summary import LiveSummary
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.stores.stores import Stores
from weft.server.services.summaries.refreshing import mark_forks_stale, refresh_summary, rules_of
from weft.server.storage.metadata import OPEN_STATES, FieldChange, LoggedPut

QUIET_MICROS: Final = 60_000_000
"""A dirty mark stays until its run has been quiet for this long: clearing it costs a commit."""

_RUNS_PER_TRANSACTION: Final = 25
_VALUES_PER_TRANSACTION: Final = 1000
"""Other writers of metadata wait for one transaction: 1 ms per run, plus 15 ms for the values."""

_YIELD_SECS: Final = 0.005

_PASS_SECS: Final = 0.5
"""A longer pass ends early, so that states and heartbeats are handled in between."""

_SECS_PER_VALUE: Final = 1 / 500
_MIN_PAUSE_SECS: Final = 1.0
_MAX_PAUSE_SECS: Final = 30.0
"""If live runs have n values in total, a written run pauses for n/500 s, at most 30 s. With 1,000
runs of ten metrics, each value is written every 20 s, at 2 % of a core and 0.3 KB per row. Reads
see new values at once. A run that was not written recently does not wait."""


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Values that override the logged values in metadata when a summary is read, or if whole
    replace them.
    """

    values: Mapping[str, FieldChange]
    is_whole: bool = False


def unwritten(stores: Stores, entry: RunEntry) -> Unwritten:
    """Logged summary values that metadata does not have yet."""
    if entry.summary.is_written:
        return Unwritten({})
    rules = rules_of(stores, entry)
    with entry.lock:
        return Unwritten(_take(entry.summary, rules)[1], entry.summary.is_whole)


def project_summaries(stores: Stores, *, at_end: bool = False) -> bool:
    """Write new last values of runs, in small transactions; others may write in between.

    False if there is more to write now, so that the caller should call again soon. `at_end`, as
    the server stops, writes everything, including runs written recently.
    """
    began = time.monotonic()
    n_written = 0
    finished: list[RunEntry] = []
    is_done = True
    due = [
        entry
        for entry in stores.registry.entries()
        if not entry.summary.is_written and (at_end or entry.summary.projection_secs <= began)
    ]
    for part in _parts(stores, due):
        n_written += _write(stores, part)
        finished += [chunk.entry for chunk in part if chunk.is_last]
        if not at_end and time.monotonic() - began > _PASS_SECS:
            is_done = False
            break
        # Let a waiting thread get the database: releasing a lock does not hand it over.
        time.sleep(_YIELD_SECS)
    waiting = [entry for entry in stores.registry.entries() if not entry.summary.is_written]
    n_busy = n_written + sum(entry.summary.n_values for entry in waiting)
    pause = min(max(n_busy * _SECS_PER_VALUE, _MIN_PAUSE_SECS), _MAX_PAUSE_SECS)
    for entry in finished:
        entry.summary.projection_secs = time.monotonic() + pause
    return is_done


def write_ended(stores: Stores, entries: Sequence[RunEntry]) -> None:
    """Write the summaries of runs that have just ended, before their ends are acknowledged.

    A list that is read after `finish()` then has their values. A summary that needs several
    transactions is left to the next pass.
    """
    ended = [
        entry
        for entry in entries
        if entry.state not in OPEN_STATES
        and not entry.summary.is_written
        and entry.summary.n_values <= _VALUES_PER_TRANSACTION
    ]
    for part in _parts(stores, ended):
        _write(stores, part)


def clean_quiet_runs(stores: Stores) -> None:
    """Clear the dirty marks of runs that are fully written and have been quiet for a minute."""
    horizon = stores.now() - QUIET_MICROS
    for entry in stores.registry.entries():
        if entry.summary.latest is not None and entry.last_append_micros < horizon:
            _clean(stores, entry)


def resume_dirty_runs(stores: Stores, project_id: int) -> None:
    """Mark runs stale whose points were not projected before a restart."""
    with stores.metrics.use(project_id) as store:
        dirty = store.dirty_runs()
    if not dirty:
        return
    with stores.metadata.read() as tx:
        project_path = stores.metadata.projects.path(tx, project_id)
    if project_path is None:
        return
    for run in dirty:
        entry = stores.registry.find_present(RunPath(*project_path, run))
        if entry is not None:
            with entry.lock:
                entry.summary.mark_stale()
            mark_forks_stale(stores, entry)


def forget_metrics(stores: Stores, entry: RunEntry, keys: Sequence[str]) -> None:
    """Remove metrics from the summary that were deleted from the metric store.

    Points that arrived after the deletion start the metric again.
    """
    drop_metrics(entry, keys)
    with stores.metadata.write() as tx:
        if stores.metadata.runs.lock(tx, [entry.row_id]):
            for key in keys:
                stores.metadata.fields.delete_metric(tx, entry.row_id, key)
    mark_forks_stale(stores, entry)


def drop_metrics(entry: RunEntry, keys: Sequence[str]) -> None:
    """Drop the logged values of metrics from memory, before metadata drops them."""
    with entry.lock:
        entry.summary.forget_metrics(keys)


@dataclass(slots=True)
class _Chunk:
    """The part of a run's summary that one transaction writes.

    Attributes:
        latest: the values it was taken from; it is discarded if the entry has others by then.
        changes, shown: last values, and the values that the summary shows of metrics.
        is_whole: whether this is the first part of all values and replaces metadata's.
        is_last: whether this is the run's last part in this pass.
    """

    entry: RunEntry
    latest: LatestValues | None
    n_deletions: int
    changes: Mapping[str, FieldChange]
    shown: Mapping[str, FieldChange]
    is_whole: bool
    is_last: bool


def _take(
    summary: LiveSummary, rules: Rules
) -> tuple[Mapping[str, FieldChange], Mapping[str, FieldChange]]:
    """New last values, and what the summary shows of them and of aggregates; lock held."""
    changes = summary.latest.unwritten() if summary.latest is not None else {}
    if rules.is_plain:
        return changes, changes
    shown = {
        path: change
        for path, change in changes.items()
        if rules.kinds(split_path(path)[0]) is None
    }
    if summary.aggregates is not None:
        shown.update(summary.aggregates.unwritten())
    return changes, shown


def _parts(stores: Stores, entries: Iterable[RunEntry]) -> Iterator[list[_Chunk]]:
    """Yield the values of runs to write, in parts of one transaction each."""
    part: list[_Chunk] = []
    n_values = 0
    for entry in entries:
        for chunk in _chunks_of(stores, entry):
            if part and n_values + len(chunk.shown) > _VALUES_PER_TRANSACTION:
                yield part
                part, n_values = [], 0
            part.append(chunk)
            n_values += len(chunk.shown)
            if len(part) == _RUNS_PER_TRANSACTION:
                yield part
                part, n_values = [], 0
    if part:
        yield part


def _chunks_of(stores: Stores, entry: RunEntry) -> Iterator[_Chunk]:
    """Yield the values of one run to write."""
    try:
        refresh_summary(stores, entry)
        rules = rules_of(stores, entry)
    except Gone:
        return
    with entry.lock:
        summary = entry.summary
        latest, n_deletions, is_whole = summary.latest, summary.n_deletions, summary.is_whole
        changes, shown = _take(summary, rules)
    paths = [*shown, *(path for path in changes if path not in shown)]
    for first in range(0, max(len(paths), int(is_whole)), _VALUES_PER_TRANSACTION):
        batch = paths[first : first + _VALUES_PER_TRANSACTION]
        yield _Chunk(
            entry,
            latest,
            n_deletions,
            {path: changes[path] for path in batch if path in changes},
            {path: shown[path] for path in batch if path in shown},
            is_whole=is_whole and first == 0,
            is_last=first + len(batch) == len(paths),
        )


def _write(stores: Stores, chunks: Sequence[_Chunk]) -> int:
    metadata = stores.metadata
    replacing: list[LatestValues] = []
    try:
        with metadata.write() as tx:
            present = metadata.runs.lock(tx, {chunk.entry.row_id for chunk in chunks})
            # If a metric was deleted meanwhile, the next pass writes the rest.
            written = [
                chunk
                for chunk in chunks
                if chunk.entry.summary.n_deletions == chunk.n_deletions
                and chunk.entry.summary.latest is chunk.latest
            ]
            puts = [_put(chunk, replacing) for chunk in written if chunk.entry.row_id in present]
            is_changed = metadata.fields.put_logged(tx, puts)
    except BaseException:
        for latest in replacing:
            latest.is_replacing = False
        raise
    for chunk in written:
        summary = chunk.entry.summary
        with chunk.entry.lock:
            if chunk.latest is not None and summary.latest is chunk.latest:
                chunk.latest.set_written(chunk.changes)
                if chunk.is_whole:
                    chunk.latest.is_whole = False
            if summary.aggregates is not None:
                summary.aggregates.set_written(chunk.shown)
    changed = {chunk.entry.path for chunk in written} if is_changed else ()
    for path in changed:
        stores.live.publish(SYSTEM, path, summary=True)
    return sum(len(chunk.shown) for chunk in chunks)


def _put(chunk: _Chunk, replacing: list[LatestValues]) -> LoggedPut:
    """The values to write, in a transaction that has locked the run's row.

    Another pass may have taken newer values since, and its transaction was earlier. If these
    replace metadata's, their `latest` is added to `replacing`. The lock of the row is enough:
    passes over a run come one after another. Threads that wait to write hold the entry's.
    """
    aggregates, latest = chunk.entry.summary.aggregates, chunk.latest
    changes = chunk.shown if aggregates is None else aggregates.without_outdated(chunk.shown)
    if not chunk.is_whole or latest is None or latest.is_replacing:
        return LoggedPut(chunk.entry.row_id, changes, replace=False)
    latest.is_replacing = True
    replacing.append(latest)
    return LoggedPut(chunk.entry.row_id, changes, replace=True)


def _clean(stores: Stores, entry: RunEntry) -> None:
    with entry.lock:
        # An upload that is committed but not yet in `summary` would be marked clean unprojected.
        n_appended, summary = entry.n_appended, entry.summary
        if entry.n_appending or summary.latest is None or not summary.is_written:
            return
    with stores.metrics.use(entry.project_id) as store:
        mark = store.dirty_mark(entry.path.run)
        with entry.lock:
            if entry.n_appending or entry.n_appended != n_appended or not summary.is_written:
                return
            summary.drop()
        store.clean(entry.path.run, mark)
