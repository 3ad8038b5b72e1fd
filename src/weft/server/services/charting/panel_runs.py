"""The runs of a panel, with the origin, parts, defined axes and groups that charts need.

Reads metadata once per panel; passes `PanelRun`s to `charting.drawing`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from weft.records.definition import definition_of, step_metric_of
from weft.records.record import MetricDefinition
from weft.server.services.access.actors import SYSTEM, Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.charting.panel_queries import BY_WRITER, ParsedPanel
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.reading.run_clock import HistoryClock
from weft.server.services.selecting.select import MISSING, column_values, select_runs
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import BY_STEP, AxisSpec, Bases, Source
from weft.server.storage.metadata import RunRef, StepMetrics, WriterRow
from weft.wire.metrics.charts import HistogramAxis

_ROWS_AT_ONCE: Final = 1000
TIME_AXES: Final = frozenset({"time", "time_wall", "wall"})

Group = tuple[Any, ...]


class DefinedAxes:
    """The x axis of each metric, as defined by `define_metric`.

    Runs with equal definitions share one object, so that a panel of a thousand runs matches globs
    once.
    """

    def __init__(self, definitions: Iterable[MetricDefinition]) -> None:
        self._definitions = {definition.name: definition for definition in definitions}
        self._axes: dict[str, AxisSpec] = {}

    def axis(self, key: str) -> AxisSpec:
        """The x axis of a metric: its step metric, or the step."""
        axis = self._axes.get(key)
        if axis is None:
            axis = self._axes[key] = self._find(key)
        return axis

    def _find(self, key: str) -> AxisSpec:
        definition = definition_of(key, self._definitions)
        step_metric = step_metric_of(key, definition)
        if definition is None or step_metric is None:
            return BY_STEP
        return AxisSpec("metric", step_metric, definition.step_sync is not False)


@dataclass(slots=True)
class PanelRun:
    """A run of a panel.

    Attributes:
        sources: parents whose rows the run shows in addition to its own.
        parts: the part that a writer's points belong to, by writer. None if not asked for.
        is_continued: whether the run's times need bases, see `add_bases`.
        bases: start of a writer's times, by writer, where it is not the origin. Empty if not asked
            for.
        axes: the x axes defined for the run's metrics. None if none are defined or asked for.
        groups: groups the run belongs to; several if a column has several values.
        config: the requested numbers of the run's config, by path.
    """

    run: str
    row_id: int
    origin_micros: int
    sources: Sequence[Source] = ()
    is_continued: bool = False
    bases: Bases = field(default_factory=dict[str, int])
    parts: Mapping[str, str] | None = None
    axes: DefinedAxes | None = None
    groups: Sequence[Group] = ()
    config: Mapping[str, float] = field(default_factory=dict[str, float])

    def defined_axis(self, key: str) -> AxisSpec:
        """The x axis of a metric, as defined by `define_metric`."""
        return BY_STEP if self.axes is None else self.axes.axis(key)

    def axis_of(self, key: str, axis: HistogramAxis, axis_metric: str | None) -> AxisSpec:
        """The x axis of a metric's values that are not numbers."""
        if axis == "defined":
            return self.defined_axis(key)
        return AxisSpec("time" if axis == "time_wall" else axis, axis_metric)


def panel_runs(
    stores: Stores, actor: Actor, path: ProjectPath, project_id: int, parsed: ParsedPanel
) -> list[PanelRun]:
    """The runs that a panel shows, in the panel's order; unknown runs are left out."""
    query = parsed.query
    ids = query.runs
    if ids is None:
        ids = select_runs(stores, actor, project_id, parsed.filter, query.order).ids[: query.limit]
    runs = find_runs(stores, project_id, list(dict.fromkeys(ids)))
    if query.axis == "defined":
        add_defined_axes(stores, runs)
    add_bases(stores, path, runs, query.axis)
    if query.by is not None:
        _add_parts(stores, project_id, runs, query.by)
    if query.group is not None:
        _add_groups(stores, actor, project_id, runs, query.group.by)
    add_config(stores, project_id, runs, parsed.config_paths)
    return runs


def find_runs_on(
    stores: Stores, path: ProjectPath, project_id: int, ids: Sequence[str], axis: HistogramAxis
) -> list[PanelRun]:
    """Find runs as `find_runs` does, with what an x axis needs."""
    runs = find_runs(stores, project_id, list(dict.fromkeys(ids)))
    if axis == "defined":
        add_defined_axes(stores, runs)
    add_bases(stores, path, runs, axis)
    return runs


def find_runs(stores: Stores, project_id: int, ids: Sequence[str]) -> list[PanelRun]:
    """Find runs by id, in the given order; unknown, deleted and trashed runs are left out."""
    refs = _refs(stores, project_id, ids)
    lineage = lineage_of(stores, project_id, refs)
    return [
        PanelRun(run, ref.row_id, ref.origin_micros, lineage.get(run, ()), ref.is_continued)
        for run in ids
        if (ref := refs.get(run)) is not None
    ]


def _refs(stores: Stores, project_id: int, ids: Sequence[str]) -> dict[str, RunRef]:
    with stores.metadata.read() as tx:
        return stores.metadata.runs.refs(tx, project_id, ids)


def add_defined_axes(stores: Stores, runs: Sequence[PanelRun]) -> None:
    """Read the x axes defined for the runs' metrics. Cost: one query per 1,000 runs."""
    shared: dict[StepMetrics, DefinedAxes] = {}
    by_row: dict[int, DefinedAxes] = {}
    with stores.metadata.read() as tx:
        for batch in _in_slices([run.row_id for run in runs]):
            for row_id, defined in stores.metadata.definitions.step_metrics(tx, batch).items():
                if defined not in shared:
                    shared[defined] = DefinedAxes(
                        MetricDefinition(name, step_metric, step_sync)
                        for name, step_metric, step_sync in defined
                    )
                by_row[row_id] = shared[defined]
    for run in runs:
        run.axes = by_row.get(run.row_id)


def add_bases(stores: Stores, path: ProjectPath, runs: Sequence[PanelRun], axis: str) -> None:
    """Find the bases of the times of continued runs, on an axis of time.

    On `time`, x is `_runtime`, without pauses; else the time since the run's origin, which may be
    earlier than the one that its points are stored by. Cost: one read of metadata for each such
    run that is not in memory; nothing for other runs.
    """
    if axis not in TIME_AXES:
        return
    for run in runs:
        if run.is_continued:
            entry = stores.registry.find_present(path.run(run.run))
            if entry is not None:
                clock = HistoryClock(stores, entry, run.sources)
                run.bases = clock.bases() if axis == "time" else clock.origins()


def add_config(
    stores: Stores, project_id: int, runs: Sequence[PanelRun], paths: Sequence[str]
) -> None:
    """Read the numbers in the runs' config at some paths; other values are left out."""
    if not paths:
        return
    row_ids = [run.row_id for run in runs]
    columns = [
        column_values(stores, SYSTEM, project_id, f"config.{path}", row_ids) for path in paths
    ]
    for n, run in enumerate(runs):
        values = ((path, column[n]) for path, column in zip(paths, columns, strict=True))
        run.config = {
            path: _float(value) for path, value in values if isinstance(value, (int, float))
        }


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _add_parts(stores: Stores, project_id: int, runs: Sequence[PanelRun], by: str) -> None:
    # The rows that a fork inherits were written by its parents' writers.
    others = {source.run for run in runs for source in run.sources} - {run.run for run in runs}
    row_ids = {run.run: run.row_id for run in runs}
    refs = _refs(stores, project_id, sorted(others))
    row_ids |= {name: ref.row_id for name, ref in refs.items()}
    writers: dict[int, list[WriterRow]] = {}
    with stores.metadata.read() as tx:
        for batch in _in_slices(list(row_ids.values())):
            writers.update(stores.metadata.writers.of_runs(tx, batch))
    parts_of = {name: _parts(writers[row_id], by) for name, row_id in row_ids.items()}
    for run in runs:
        parts = dict(parts_of[run.run])
        for source in run.sources:
            own_name = source.writer if by == BY_WRITER else ""
            parts[source.writer] = parts_of.get(source.run, {}).get(source.writer, own_name)
        run.parts = parts


def _parts(writers: Sequence[WriterRow], by: str) -> dict[str, str]:
    if by == BY_WRITER:
        return {row.writer: row.writer for row in writers}
    by_writer = {row.writer: row for row in writers}

    def label(writer: WriterRow) -> str:
        # A sidecar or child process without the label inherits it from its parent writer.
        visited: set[str] = set()
        current: WriterRow | None = writer
        while current is not None and current.writer not in visited:
            if by in current.labels:
                return current.labels[by]
            visited.add(current.writer)
            current = by_writer.get(current.parent or "")
        return ""

    return {row.writer: label(row) for row in writers}


def _add_groups(
    stores: Stores,
    actor: Actor,
    project_id: int,
    runs: Sequence[PanelRun],
    columns: Sequence[str],
) -> None:
    row_ids = [run.row_id for run in runs]
    by_column = [column_values(stores, actor, project_id, column, row_ids) for column in columns]
    # The first of several equal values is shown for all of them: 1 for 1.0.
    shown: dict[tuple[str, Any], Any] = {}
    for n, run in enumerate(runs):
        choices = [
            [shown.setdefault(_name(choice), choice) for choice in _choices(column, values[n])]
            for column, values in zip(columns, by_column, strict=True)
        ]
        run.groups = list(product(*choices))


def _choices(column: str, value: Any) -> list[Any]:
    """A run's groups by one column: one for each tag or each value of a label.

    Runs without a value, `MISSING`, and those whose value is None are two groups.
    """
    if isinstance(value, list) and (column == "tags" or column.startswith("writer.")):
        several: list[Any] = list(dict.fromkeys(value))
        return several or [MISSING]
    return [value]


def _name(value: Any) -> tuple[str, Any]:
    """The key that values of one group share. Numbers compare by value; bools are separate."""
    if isinstance(value, bool):
        return "bool", value
    if isinstance(value, (int, float)):
        return "number", repr(value) if value != value else value
    if isinstance(value, str):
        return "text", value
    if value is MISSING:
        return "missing", None
    return "other", json.dumps(value, sort_keys=True)


def _in_slices(row_ids: Sequence[int]) -> list[Sequence[int]]:
    return [
        row_ids[first : first + _ROWS_AT_ONCE] for first in range(0, len(row_ids), _ROWS_AT_ONCE)
    ]
