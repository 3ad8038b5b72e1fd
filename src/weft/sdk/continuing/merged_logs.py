"""Makes a `Continuation` from the content of logs, and merges two of them. Pure.

Receives facts about local logs from `weft.sdk.continuing.local_runs`, and the server's answer.
Follows the same rules as the server: RL43 says which rows count, and `weft.records.merge` which
change of a config item wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import msgspec

from weft.records.aggregates import ALL_FOLDS, Folds
from weft.records.merge import Change, SetValues, Stamp, join_path, nest, shown_paths
from weft.records.names import name_from_id
from weft.records.record import Config, Exit, MetricDefinition, Run, Summary
from weft.records.run_columns import EDITED_COLUMNS
from weft.records.value import with_ints
from weft.sdk.continuing.local_logs import LogFacts
from weft.sdk.rows.steps import FloatOrInt
from weft.wire.runs.continuation import Continuation

Limits: TypeAlias = dict[tuple[str, str], FloatOrInt]
"""The last step that counts, by run and writer."""


class LogPart(NamedTuple):
    """The part of a run that one log adds.

    `origin_micros` is when its run would have begun if there had been no pauses, in µs since 1970.
    `folds` are of metrics whose summary shows aggregates. It `is_young` if its process is live and
    began a moment ago.
    """

    path: Path
    facts: LogFacts
    run_id: str
    origin_micros: int
    limit: FloatOrInt | None
    is_alive: bool
    folds: Mapping[str, Folds] = {}
    is_young: bool = False

    @property
    def writer(self) -> str:
        return self.facts.header.writer_id


def continuation_of(
    run_id: str,
    parts: Sequence[LogPart],
    limits: Limits,
    step: FloatOrInt | None,
    *,
    joining: bool = False,
) -> Continuation:
    """Combine the logs of a run and of the runs that it was forked from.

    `limits` are those that the logs name, also for writers not among `parts`. `joining` leaves
    young processes' rows out of `last_step`.
    """
    own = [part for part in parts if part.run_id == run_id]
    set_by_script, changes = _merged_leaves(own, Summary)
    read = {(part.run_id, part.writer) for part in parts}
    older = [part for part in parts if not (joining and part.is_young and part.run_id == run_id)]
    # For another run's log that is not here, only the last step that counts is known.
    elsewhere = [
        least(last, step)
        for name, last in limits.items()
        if name not in read and name[0] != run_id
    ]
    steps = [
        last
        for last in (*(part.facts.last_step for part in older), *elsewhere)
        if last is not None
    ]
    sources = [(part.run_id, part.writer, part.limit) for part in parts if part.facts.has_rows]
    sources += [(*name, least(last, step)) for name, last in limits.items() if name not in read]
    alive = [part for part in parts if part.facts.has_rows and part.is_alive]
    return Continuation(
        run_id=run_id,
        state=_state(own),
        last_step=max(steps, default=None),
        runtime_micros=_runtime_micros(parts, own, at_end=step is None),
        config=_merged_leaves(own, Config)[0],
        summary=_last_values(parts, SetValues(changes)),
        aggregates=_merged_aggregates(parts),
        summary_set=set_by_script,
        definitions=[
            _fields_of(definition) for _, definition in sorted(definitions_in(own).items())
        ],
        sources=sorted(sources),
        running=sorted(part.writer for part in alive),
        **_texts(run_id, own),
    )


def _runtime_micros(parts: Iterable[LogPart], own: Iterable[LogPart], *, at_end: bool) -> int:
    """Return the runtime at the run's newest row or at its scripts' end, whichever is later."""
    newest = max(
        (part for part in parts if part.facts.last_step is not None),
        key=lambda part: (part.facts.last_micros, part.writer),
        default=None,
    )
    ends = [0] if newest is None else [newest.facts.last_micros - newest.origin_micros]
    for part in own if at_end else ():
        if part.facts.header.parent_writer is None:
            ends += [
                micros - part.origin_micros
                for micros, record in part.facts.records
                if isinstance(record, Exit)
            ]
    return max(0, *ends)


def _last_values(parts: Iterable[LogPart], set_by_script: SetValues) -> dict[str, Any]:
    newest: dict[str, tuple[Stamp, Any]] = {}
    for part in parts:
        for key, (micros, row, value) in part.facts.values.items():
            stamp = Stamp(micros, part.writer, row)
            if key not in newest or stamp > newest[key][0]:
                newest[key] = (stamp, value)
    return {
        key: with_ints(value)
        for key, (stamp, value) in newest.items()
        if not set_by_script.removes(join_path((key,)), stamp)
    }


def _merged_leaves(
    parts: Iterable[LogPart], kind: type[Config | Summary]
) -> tuple[dict[str, Any], list[Change]]:
    """Return the values that were set, nested, and the last change of each path."""
    changes: dict[str, Change] = {}
    values: dict[str, Any] = {}
    for part in parts:
        for position, (micros, record) in enumerate(part.facts.records):
            if not isinstance(record, kind):
                continue
            stamp = Stamp(micros, part.writer, position)
            leaves = [*((path, None) for path in record.removed), *record.values]
            for at, (parts_of_path, value) in enumerate(leaves):
                path = join_path(parts_of_path)
                latest = changes.get(path)
                if latest is None or stamp >= latest.stamp:
                    changes[path] = Change(path, stamp, removed=at < len(record.removed))
                    values[path] = value
    shown = shown_paths(changes.values())
    nested = nest((path, with_ints(value)) for path, value in values.items() if path in shown)
    return nested, [*changes.values()]


def definitions_in(parts: Iterable[LogPart]) -> dict[str, MetricDefinition]:
    """Return the last definition of each metric, by name."""
    newest: dict[str, tuple[Stamp, MetricDefinition]] = {}
    for part in parts:
        for position, (micros, record) in enumerate(part.facts.records):
            if isinstance(record, MetricDefinition):
                stamp = Stamp(micros, part.writer, position)
                if record.name not in newest or stamp > newest[record.name][0]:
                    newest[record.name] = (stamp, record)
    return {name: record for name, (_, record) in newest.items()}


def _fields_of(definition: MetricDefinition) -> dict[str, Any]:
    names = ("name", "step_metric", "step_sync", "summary", "goal", "hidden")
    return {name: getattr(definition, name) for name in names}


def _merged_aggregates(parts: Iterable[LogPart]) -> dict[str, dict[str, Any]]:
    merged: dict[str, Folds] = {}
    for part in parts:
        for key, folds in part.folds.items():
            merged.setdefault(key, Folds(ALL_FOLDS)).join(folds)
    return {key: fields for key, folds in merged.items() if (fields := folds.fields())}


def merged_aggregate(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Combine the fields of two folds of a metric. `first` holds the earlier numbers.

    >>> merged_aggregate({"count": 1, "mean": 1.0, "min": 1, "max": 1, "first": 1},
    ...     {"count": 3, "mean": 3.0, "min": 2, "max": 4, "first": 2})
    {'min': 1, 'max': 4, 'count': 4, 'mean': 2.5, 'first': 1}
    """
    earlier, later = Folds(ALL_FOLDS), Folds(ALL_FOLDS)
    earlier.restore(first)
    later.restore(second)
    earlier.join(later)
    return earlier.fields()


def _texts(run_id: str, parts: Iterable[LogPart]) -> dict[str, Any]:
    """Return name, notes, tags, group and job type: the latest change of each in any log.

    A log's first Run record holds what its script gave; later ones hold changes.
    """
    changed: dict[str, tuple[Stamp, Any]] = {}
    for part in parts:
        before: Run | None = None
        for position, (micros, record) in enumerate(part.facts.records):
            if not isinstance(record, Run):
                continue
            stamp = Stamp(micros, part.writer, position)
            for name in EDITED_COLUMNS:
                value = getattr(record, name) or None
                is_change = value != (getattr(before, name, None) or None)
                if name == "name" and value is None:
                    continue  # a run always has a name
                if is_change and (name not in changed or stamp > changed[name][0]):
                    changed[name] = (stamp, value)
            before = record
    texts = {name: value for name, (_, value) in changed.items() if value is not None}
    return {"name": name_from_id(run_id), **texts}


def _state(parts: Sequence[LogPart]) -> str:
    """Return the run's state, roughly as a server would."""
    if any(part.is_alive for part in parts):
        return "running"
    mains = [part for part in parts if part.facts.header.parent_writer is None]
    if not mains:
        return "crashed"
    last = max(mains, key=lambda part: part.facts.header.wall_micros)
    return _ending(record for _, record in last.facts.records)


def _ending(records: Iterable[object]) -> str:
    state = "crashed"
    for record in records:
        if isinstance(record, Exit):
            state = record.state or ("failed" if record.exit_code else "finished")
    return state


def least(left: FloatOrInt | None, right: FloatOrInt | None) -> FloatOrInt | None:
    """Return the smaller of two limits. None means no limit.

    >>> least(None, 5), least(3, 5)
    (5, 3)
    """
    if left is None or right is None:
        return right if left is None else left
    return min(left, right)


def overlaid(answer: Continuation, more: Continuation) -> Continuation:
    """Merge the server's answer with local logs that the server lacks wholly or in part.

    If one of them cuts rows that the server still counts, values and runtime are the server's, as
    of a later step.
    """
    limits = {(run, writer): limit for run, writer, limit in answer.sources}
    for run, writer, limit in more.sources:
        limits[run, writer] = least(limits.get((run, writer)), limit)
    reach = [limits[run, writer] for run, writer, _ in answer.sources]
    end = (
        None
        if None in reach
        else max((limit for limit in reach if limit is not None), default=None)
    )
    steps = (least(answer.last_step, end), more.last_step)
    later = more.runtime_micros >= answer.runtime_micros
    first, last = (answer, more) if later else (more, answer)
    definitions = {
        definition["name"]: definition for definition in [*answer.definitions, *more.definitions]
    }
    return msgspec.structs.replace(
        answer,
        last_step=max((step for step in steps if step is not None), default=None),
        runtime_micros=last.runtime_micros,
        config=_laid_over(answer.config, more.config),
        summary={**first.summary, **last.summary},
        aggregates={
            key: merged_aggregate(answer.aggregates.get(key, {}), more.aggregates.get(key, {}))
            for key in {**answer.aggregates, **more.aggregates}
        },
        summary_set=_laid_over(answer.summary_set, more.summary_set),
        definitions=[definitions[name] for name in sorted(definitions)],
        sources=sorted((*name, limit) for name, limit in limits.items()),
        running=sorted({*answer.running, *more.running}),
    )


def with_edits(local: Continuation, answer: Continuation) -> Continuation:
    """Return the local state of a run with the edits that people made on the server."""
    return msgspec.structs.replace(
        local,
        name=answer.name,
        notes=answer.notes,
        tags=answer.tags,
        group=answer.group,
        job_type=answer.job_type,
        config=_laid_over(answer.config, local.config),
        running=sorted({*answer.running, *local.running}),
    )


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(value, dict) and isinstance(under, dict) and "_type" not in value
        merged[key] = _laid_over(under, value) if both else value
    return merged
