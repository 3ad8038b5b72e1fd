"""The summary projection: last logged values go to metadata, now and then. See decision 0003.

The metric file marks a run dirty with each batch, so that nothing is missed over a restart; while
the server runs, the values wait in `latest.LatestValues` and no points are read for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
"""About 1 ms each, while other writers of metadata wait."""


def shown_latest(stores: Stores, entry: RunEntry) -> Mapping[str, FieldChange]:
    """What reads lay over the written summary. The entry's lock is held."""
    if entry.latest is None or entry.latest.is_written:
        return {}
    return _shown(entry.latest.unwritten(), _definitions(stores, entry))


def project_summaries(stores: Stores) -> int:
    """Write the last values of all runs that have new ones; returns how many values."""
    n_written = 0
    dirty = [entry for entry in stores.registry.entries() if _is_dirty(entry)]
    for first in range(0, len(dirty), _RUNS_PER_TRANSACTION):
        n_written += _write(stores, dirty[first : first + _RUNS_PER_TRANSACTION])
    return n_written


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
    """What one pass writes of a run."""

    entry: RunEntry
    changes: Mapping[str, FieldChange]
    n_metrics_deleted: int
    shown: Mapping[str, FieldChange] = field(default_factory=dict[str, FieldChange])


def _is_dirty(entry: RunEntry) -> bool:
    return entry.latest is not None and not entry.latest.is_written


def _write(stores: Stores, entries: Sequence[RunEntry]) -> int:
    metadata = stores.metadata
    taken: list[_Taken] = []
    for entry in entries:
        definitions = _definitions(stores, entry)
        with entry.lock:
            changes = entry.latest.unwritten() if entry.latest is not None else {}
            taken.append(_Taken(entry, changes, entry.n_metrics_deleted))
        taken[-1].shown = _shown(changes, definitions)
    changed: list[RunEntry] = []
    with metadata.write() as tx:
        for one in taken:
            if (
                one.entry.n_metrics_deleted == one.n_metrics_deleted
                and metadata.runs.lock(tx, one.entry.row_id)
                and metadata.fields.put(tx, one.entry.row_id, "summary", one.shown)
            ):
                changed.append(one.entry)
    for one in taken:
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
