"""The summary projection: last logged values go to metadata, now and then. See decision 0003.

The metric file marks a run dirty with each batch, so that nothing is missed over a restart; while
the server runs, the values wait in `latest.LatestValues` and no points are read for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from weft.records.merge import Stamp, join_path, split_path
from weft.records.record import MetricDefinition
from weft.server.services.actors import SYSTEM
from weft.server.services.busy.latest import LatestValues
from weft.server.services.busy.registry import RunEntry
from weft.server.services.context import Stores
from weft.server.services.types import RunPath
from weft.server.storage.metadata.fields import FieldChange

QUIET_MICROS: Final = 60_000_000
"""A dirty mark stays until its run has been quiet for this long: taking it away costs a commit."""

_RUNS_PER_TRANSACTION: Final = 25
_VALUES_PER_TRANSACTION: Final = 1000
"""Other writers of metadata wait for one transaction: 1 ms for each run, 15 ms for the values."""

_YIELD_SECS: Final = 0.005

_PASS_SECS: Final = 0.5
"""A pass over more ends early, so that states and heart-beats are seen to in between."""

_SECS_PER_VALUE: Final = 1 / 500
_MIN_PAUSE_SECS: Final = 1.0
_MAX_PAUSE_SECS: Final = 30.0
"""While busy runs have n values in all, each that was written rests for n/500 s, 30 at most. With
1,000 runs of ten metrics each value is written every 20 s, for 2 % of a core and 0.3 KB a row;
reads see new ones at once. A run that was not written just before does not wait."""


def shown_latest(stores: Stores, entry: RunEntry) -> Mapping[str, FieldChange]:
    """What reads lay over the written summary. The entry's lock is held."""
    if entry.latest is None or entry.latest.is_written:
        return {}
    return _shown(entry.latest.unwritten(), _definitions(stores, entry))


def project_summaries(stores: Stores, *, at_end: bool = False) -> bool:
    """Write new last values of runs, in small transactions; others may write in between.

    Args:
        at_end: the server stops: write all there is, whatever was written just before.

    Returns:
        False = there is more to write now: call again soon.
    """
    began = time.monotonic()
    n_written = 0
    done: list[RunEntry] = []
    is_done = True
    for part in _parts(stores, began, at_end=at_end):
        n_written += _write(stores, part)
        done += [one.entry for one in part if one.is_last]
        if not at_end and time.monotonic() - began > _PASS_SECS:
            is_done = False
            break
        # A thread that waits for the database gets it: a lock is not handed on by itself.
        time.sleep(_YIELD_SECS)
    waiting = (entry.latest for entry in stores.registry.entries() if _is_dirty(entry))
    n_busy = n_written + sum(latest.n_metrics for latest in waiting if latest is not None)
    pause = min(max(n_busy * _SECS_PER_VALUE, _MIN_PAUSE_SECS), _MAX_PAUSE_SECS)
    for entry in done:
        entry.projection_secs = time.monotonic() + pause
    return is_done


def clean_quiet_runs(stores: Stores) -> None:
    """Take the dirty marks of runs away that are written and have been quiet for a minute."""
    horizon = stores.now() - QUIET_MICROS
    for entry in stores.registry.entries():
        if entry.latest is not None and entry.last_append_micros < horizon:
            _clean(stores, entry)


def take_up_dirty_runs(stores: Stores, project_id: int) -> None:
    """Write the summaries of runs whose points were never projected; after a restart."""
    with stores.metrics.use(project_id) as store:
        dirty = store.dirty_runs()
    if not dirty:
        return
    with stores.metadata.read() as tx:
        place = stores.metadata.projects.place(tx, project_id)
    if place is None:
        return
    for run in dirty:
        entry = stores.registry.find_present(RunPath(*place, run))
        if entry is None:
            continue
        with stores.metrics.use(project_id) as store:
            latest = store.latest(run)
        with entry.lock:
            values = entry.latest = entry.latest or LatestValues()
            for one in latest:
                stamp = Stamp(one.micros, one.writer, one.row)
                values.put(join_path((one.key,)), FieldChange(one.value, stamp))


@dataclass(slots=True)
class _Taken:
    """What one transaction writes of a run; `is_last`: nothing of this pass is left."""

    entry: RunEntry
    changes: Mapping[str, FieldChange]
    n_metrics_deleted: int
    shown: Mapping[str, FieldChange]
    is_last: bool


def _is_dirty(entry: RunEntry) -> bool:
    return entry.latest is not None and not entry.latest.is_written


def _parts(stores: Stores, now_secs: float, *, at_end: bool) -> Iterator[list[_Taken]]:
    """What is to be written, in parts of one transaction each."""
    part: list[_Taken] = []
    n_values = 0
    for entry in stores.registry.entries():
        if not _is_dirty(entry) or (entry.projection_secs > now_secs and not at_end):
            continue
        definitions = _definitions(stores, entry)
        with entry.lock:
            changes = list((entry.latest.unwritten() if entry.latest is not None else {}).items())
            n_metrics_deleted = entry.n_metrics_deleted
        for first in range(0, len(changes), _VALUES_PER_TRANSACTION):
            some = dict(changes[first : first + _VALUES_PER_TRANSACTION])
            is_last = first + len(some) == len(changes)
            if part and n_values + len(some) > _VALUES_PER_TRANSACTION:
                yield part
                part, n_values = [], 0
            shown = _shown(some, definitions)
            part.append(_Taken(entry, some, n_metrics_deleted, shown, is_last))
            n_values += len(some)
            if len(part) == _RUNS_PER_TRANSACTION:
                yield part
                part, n_values = [], 0
    if part:
        yield part


def _write(stores: Stores, taken: Sequence[_Taken]) -> int:
    metadata = stores.metadata
    changed: list[RunEntry] = []
    written: list[_Taken] = []
    with metadata.write() as tx:
        for one in taken:
            # After a deletion of a metric the next pass takes what is left.
            if one.entry.n_metrics_deleted == one.n_metrics_deleted:
                written.append(one)
                row_id = one.entry.row_id
                if metadata.runs.lock(tx, row_id) and metadata.fields.put(
                    tx, row_id, "summary", one.shown
                ):
                    changed.append(one.entry)
    for one in written:
        with one.entry.lock:
            if one.entry.latest is not None:
                one.entry.latest.set_written(one.changes)
    for entry in changed:
        path = entry.path
        stores.live.publish(SYSTEM, path.entity, path.project, path.run, meta=True)
    return sum(len(one.changes) for one in taken)


def _clean(stores: Stores, entry: RunEntry) -> None:
    with entry.lock:
        # An upload between the store's commit and `latest` would be marked clean unprojected.
        n_appended = entry.n_appended
        if entry.n_appending or entry.latest is None or not entry.latest.is_written:
            return
    with stores.metrics.use(entry.project_id) as store:
        mark = store.dirty_mark(entry.path.run)
        with entry.lock:
            if entry.n_appending or entry.n_appended != n_appended:
                return
            entry.latest = None
        store.clean(entry.path.run, mark)


def _definitions(stores: Stores, entry: RunEntry) -> list[MetricDefinition]:
    definitions = entry.definitions
    if definitions is None:
        with stores.metadata.read() as tx:
            definitions = stores.metadata.definitions.of_run(tx, entry.row_id)
        entry.definitions = definitions
    return definitions


def _shown(
    changes: Mapping[str, FieldChange], definitions: Sequence[MetricDefinition]
) -> Mapping[str, FieldChange]:
    """Leave out metrics whose summary was defined to be something else than the last value."""
    rules = [one for one in definitions if one.summary]
    if not rules:
        return changes
    return {
        path: change
        for path, change in changes.items()
        if _shows_last(".".join(split_path(path)), rules)
    }


def _shows_last(key: str, rules: Sequence[MetricDefinition]) -> bool:
    exact = [rule for rule in rules if rule.name == key]
    globs = [rule for rule in rules if "*" in rule.name and fnmatchcase(key, rule.name)]
    for rule in (*exact, *globs):
        return rule.summary == ["last"]
    return True
