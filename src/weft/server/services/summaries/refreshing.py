"""Updates the in-memory summary of a live run from its rows, definitions and lineage.

`services.ingest` passes on each upload's rows. If they are not enough to update the summary, as
after a restart, a definition that came after rows, a rewind, or a deleted metric, the run is
*stale*, and `refresh_summary` reads the metric store. A mean always comes from there. `projection`
writes the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import RunPath
from weft.server.services.live_runs.aggregates import Rules
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.live_runs.stored_folds import read_folds
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import RowBlock

READ_OLD: Final = 500
"""Number of means that a read of a run queries at once: 0.1 s of work."""


def rules_of(stores: Stores, entry: RunEntry) -> Rules:
    """The rules for which values of each metric the run's summary shows."""
    summary = entry.summary
    rules = summary.rules
    if rules is None:
        generation = summary.generation
        with stores.metadata.read() as tx:
            rules = Rules(stores.metadata.definitions.of_run(tx, entry.row_id))
        with stores.metrics.use(entry.project_id) as store:
            store.set_axes(entry.path.run, rules.step_metrics)
        with entry.lock:
            if summary.generation == generation:
                summary.rules = rules
    return rules


def note_rows(
    stores: Stores,
    entry: RunEntry,
    blocks: Sequence[RowBlock],
    *,
    writer: str,
    offset_micros: int,
) -> None:
    """Add rows that the metric store now has. Cost: 5 µs per block if no metric is defined."""
    if not blocks:
        return
    summary = entry.summary
    generation = summary.generation
    rules = rules_of(stores, entry)
    lineage = lineage_of(stores, entry.project_id)
    run = entry.path.run
    cut = next(
        (
            source.last_step
            for source in lineage.get(run, ())
            if (source.run, source.writer) == (run, writer)
        ),
        None,
    )
    with entry.lock:
        if summary.generation != generation:
            summary.mark_stale()  # rules and lineage may predate a change
        if cut is None:
            summary.add_rows(blocks, rules, writer=writer, offset_micros=offset_micros)
        elif any(block.steps.min() <= cut for block in blocks):
            summary.mark_stale()
    if lineage:
        lowest = min(float(block.steps.min()) for block in blocks)
        forks = stores.registry.forks_of(entry.project_id, run, lineage)
        for fork, last_step in forks.get(writer, ()):
            if lowest <= last_step:
                mark_stale(stores, entry.path.of_project.run(fork))


def mark_stale(stores: Stores, path: RunPath) -> None:
    """Note that rows that a run shows were added or removed."""
    entry = stores.registry.find_present(path)
    if entry is not None:
        with entry.lock:
            entry.summary.mark_stale()
        stores.live.publish(SYSTEM, path, keys=None)


def mark_forks_stale(stores: Stores, entry: RunEntry) -> None:
    """Note that rows of a run were added or removed that its forks show too."""
    lineage = lineage_of(stores, entry.project_id)
    for forks in stores.registry.forks_of(entry.project_id, entry.path.run, lineage).values():
        for fork, _ in forks:
            mark_stale(stores, entry.path.of_project.run(fork))


def refresh_summary(stores: Stores, entry: RunEntry, *, max_old: int | None = None) -> None:
    """Query the metric store for what memory lacks. Cost: none for most runs.

    The entry's lock is not held. Rows that arrive meanwhile are added to what is read. If more
    than `max_old` outdated means need a query, they are left to the projection.
    """
    summary = entry.summary
    if not summary.is_stale:
        n_old = 0 if summary.aggregates is None else summary.aggregates.n_old
        if not n_old or (max_old is not None and n_old > max_old):
            return
    with summary.refreshing:
        if summary.is_stale:
            _refresh_whole(stores, entry)
        else:
            _refresh_old(stores, entry)


def _refresh_whole(stores: Stores, entry: RunEntry) -> None:
    summary = entry.summary
    with entry.lock:
        generation, n_deletions = summary.generation, summary.n_deletions
    rules = rules_of(stores, entry)
    with entry.lock:
        summary.start_over(rules)
    run = entry.path.run
    lineage = lineage_of(stores, entry.project_id, [run])
    with stores.metrics.use(entry.project_id) as store:
        latest = store.latest(run, sources=lineage.get(run, ()))
        by_key = read_folds(store, run, rules.folds(point.key for point in latest), lineage)
    with entry.lock:
        if summary.n_deletions == n_deletions:
            summary.add_stored(latest, by_key, generation=generation)
        # Else the values read may include the deleted metric; the next call reads again.


def _refresh_old(stores: Stores, entry: RunEntry) -> None:
    with entry.lock:
        aggregates = entry.summary.aggregates
        if aggregates is None:
            return
        old_folds, n_blocks = aggregates.old_folds()
    run = entry.path.run
    lineage = lineage_of(stores, entry.project_id, [run])
    with stores.metrics.use(entry.project_id) as store:
        by_key = read_folds(store, run, old_folds, lineage)
    with entry.lock:
        if entry.summary.aggregates is aggregates:
            for key, folds in by_key.items():
                aggregates.add_stored(key, folds, n_blocks=n_blocks)
