"""The state of a run, as of a step, for a script that resumes, forks or rewinds it.

Called by `http.runs.continuation`; reads the metadata and the project's metric store.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from weft.errors import ConfigError, Gone
from weft.records.aggregates import ALL_FOLDS, Fold, folds_of
from weft.records.definition import aggregates_of, definition_of
from weft.records.merge import SetValues, Stamp, join_path, nest
from weft.records.record import MetricDefinition
from weft.records.value import INT64_MAX, INT64_MIN
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import RunPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.live_runs.run_entry import RunEntry
from weft.server.services.live_runs.states import WriterFacts, running_writers
from weft.server.services.live_runs.stored_folds import read_folds
from weft.server.services.reading.lineage import sources_of
from weft.server.services.reading.run_clock import HistoryClock
from weft.server.services.stores.stores import Service
from weft.server.storage.contract import Latest, Source
from weft.wire.runs.continuation import PEER_MICROS, Continuation


class ContinuationService(Service):
    """Reports the state of a run at a step."""

    def get(
        self,
        actor: Actor,
        path: RunPath,
        step: int | float | None = None,
        *,
        joining: bool = False,
    ) -> Continuation:
        """Describe a run as it was at a step. If `step` is None, as it is now.

        Rows beyond `step` do not count, regardless of the order of logging. Config, definitions
        and the summary values that the script set are always the current ones. With `joining`, the
        caller may be one of several processes that continue the run at the same time: `last_step`
        ignores rows of running writers that started a moment ago, so that all these processes
        continue at the same step.
        """
        require(actor, Action.READ, path)
        _check(step)
        stores = self._stores
        entry = stores.find_run(path)
        sources = sources_of(stores, entry.project_id, path.run)
        history = _history(entry, sources)
        counted = _cut(history, step)
        with entry.lock:
            facts = [writer.facts() for writer in entry.writers.values()]
        now = stores.now()
        running = running_writers(facts, now_micros=now, server_start_micros=stores.start_micros)
        peers = _young(facts, now - PEER_MICROS).intersection(running) if joining else set[str]()
        with stores.metrics.use(entry.project_id) as store:
            end = store.end(path.run, sources=counted)
            before = (
                store.end(path.run, sources=_without(counted, path.run, peers)) if peers else end
            )
        with stores.metadata.read() as tx:
            row = stores.metadata.runs.get_by_id(tx, entry.row_id, for_update=False)
            if row is None:
                raise Gone(f"run {path} was deleted")
            fields = stores.metadata.fields.read(tx, [row.row_id])[row.row_id]
            set_values = stores.metadata.fields.set_values(tx, [row.row_id]).get(
                row.row_id, SetValues()
            )
            definitions = stores.metadata.definitions.of_run(tx, row.row_id)
        to_send = _folds_to_send([point.key for point in end.latest], definitions)
        with stores.metrics.use(entry.project_id) as store:
            lineage = {path.run: counted} if counted else {}
            folds_by_key = read_folds(store, path.run, to_send, lineage)
        clock = HistoryClock(stores, entry, sources)
        return Continuation(
            run_id=row.run,
            name=row.name,
            state=row.state,
            last_step=before.last_step,
            runtime_micros=_runtime(clock, entry, end.latest, at_end=step is None),
            config=nest(sorted(fields["config"].items())),
            summary={
                point.key: point.value
                for point in end.latest
                if not _is_removed(point, set_values)
            },
            aggregates={key: folds.fields() for key, folds in folds_by_key.items()},
            summary_set=nest(sorted(fields["set"].items())),
            definitions=[
                _definition(msgspec.structs.asdict(definition)) for definition in definitions
            ],
            sources=history,
            running=running,
            notes=row.notes,
            tags=row.tags,
            group=row.run_group,
            job_type=row.job_type,
        )


_Limited = tuple[str, str, int | float | None]
"""Run, writer, and the writer's last step that counts. If None, all its steps count."""


def _check(step: int | float | None) -> None:
    if step is None:
        return
    fits = INT64_MIN <= step <= INT64_MAX if isinstance(step, int) else math.isfinite(step)
    if not fits:
        raise ConfigError(
            f"step must be an int of 64 bits or a finite float, not {step}", field="step"
        )


def _history(entry: RunEntry, sources: Sequence[Source]) -> list[_Limited]:
    """All writers whose rows make up a run's history."""
    own = {source.writer: source.last_step for source in sources if source.run == entry.path.run}
    with entry.lock:
        writers = list(entry.writers)
    return [
        *(
            (source.run, source.writer, source.last_step)
            for source in sources
            if source.run != entry.path.run
        ),
        *((entry.path.run, writer, own.get(writer)) for writer in writers),
    ]


def _cut(history: Sequence[_Limited], step: int | float | None) -> list[Source]:
    """The history up to a step, in the form that the metric store takes."""
    cut: list[Source] = []
    for run, writer, last_step in history:
        limits = [limit for limit in (last_step, step) if limit is not None]
        if limits:
            cut.append(Source(run, writer, min(limits)))
    return cut


def _is_removed(point: Latest, set_values: SetValues) -> bool:
    """Whether the script removed the metric's earlier values from its summary."""
    return set_values.removes(
        join_path((point.key,)), Stamp(point.micros, point.writer, point.row)
    )


def _young(facts: Sequence[WriterFacts], since_micros: int) -> set[str]:
    return {writer.writer for writer in facts if writer.start_micros > since_micros}


def _without(counted: Sequence[Source], run: str, writers: set[str]) -> list[Source]:
    """The sources, as if `writers` of the run had logged nothing."""
    others = [
        source
        for source in counted
        if (source.run, source.writer) not in {(run, w) for w in writers}
    ]
    return [*others, *(Source(run, writer, INT64_MIN) for writer in sorted(writers))]


def _folds_to_send(
    keys: Iterable[str], definitions: Sequence[MetricDefinition]
) -> dict[str, list[type[Fold]]]:
    """The folds to send, by metric: all that cost little, since the script may ask for more."""
    by_name = {definition.name: definition for definition in definitions}
    cheap = [fold for fold in ALL_FOLDS if not fold.needs_points]
    by_key: dict[str, list[type[Fold]]] = {}
    for key in keys:
        definition = definition_of(key, by_name)
        kinds = aggregates_of(definition)
        folds = folds_of(kinds, definition.goal) if definition and kinds else []
        if folds:
            by_key[key] = [*dict.fromkeys([*cheap, *folds])]
    return by_key


def _runtime(
    clock: HistoryClock, entry: RunEntry, latest: Sequence[Latest], *, at_end: bool
) -> int:
    """The run's runtime at its latest row, or at its scripts' exit or last heartbeat."""
    ends: list[int] = []
    if latest:
        last = max(latest, key=lambda point: (point.micros, point.writer, point.row))
        ends.append(clock.runtime_micros(last.micros, last.writer))
    if at_end:
        with entry.lock:
            facts = [writer.facts() for writer in entry.writers.values()]
        for writer in facts:
            end = writer.exit_micros or writer.beat_micros
            if writer.parent is None and end is not None:
                ends.append(clock.runtime_micros(end, writer.writer))
    return max([0, *ends])


def _definition(record: dict[str, object]) -> dict[str, object]:
    """The arguments of `define_metric`, without the fields that only the log needs."""
    return {name: value for name, value in record.items() if name not in {"overwrite", "micros"}}
