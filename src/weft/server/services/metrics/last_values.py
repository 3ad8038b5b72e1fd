"""The last values of some metrics of many runs.

Most are in metadata, where the projection (decision 0003) has written them: their columns stay in
memory, while the metric store would read a chunk of each run. It is asked for what they lack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import ProjectPath
from weft.server.services.columns import MISSING
from weft.server.services.columns.cells import metric_column
from weft.server.services.reading.lineage import lineage_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import Latest


def last_values(
    stores: Stores, project: ProjectPath, runs: Sequence[str], keys: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Last logged values by run and metric, in the order of `runs`; runs without any are left out.

    Cost: 1 µs a value for numbers of runs that ended more than a minute ago. The values of others,
    and objects, are read from the metric store.
    """
    project_id = stores.find_project(project)
    keys = sorted(set(keys))
    values: dict[str, dict[str, Any]] = {run: {} for run in runs}
    row_ids = _projected_runs(stores, project, project_id, list(values))
    columns = stores.columns.values(
        SYSTEM, project_id, [metric_column(key) for key in keys], list(row_ids.values())
    )
    # Texts and objects, which may be long, are not in columns.
    runs_of_objects = set[str]()
    object_keys = set[str]()
    for key, column in zip(keys, columns, strict=True):
        for run, value in zip(row_ids, column, strict=True):
            if type(value) is float or type(value) is int:
                values[run][key] = value
            elif value is not MISSING:
                runs_of_objects.add(run)
                object_keys.add(key)
    unprojected = [run for run in values if run not in row_ids]
    for point_runs, point_keys in (
        (unprojected, keys),
        (sorted(runs_of_objects), sorted(object_keys)),
    ):
        for run, points in _read_points(stores, project_id, point_runs, point_keys).items():
            values[run].update({point.key: point.value for point in points})
    return {run: by_key for run, by_key in values.items() if by_key}


def _projected_runs(
    stores: Stores, project: ProjectPath, project_id: int, runs: Sequence[str]
) -> dict[str, int]:
    """Row ids of those runs whose last values metadata has, in the order of `runs`."""
    with stores.metrics.use(project_id) as store:
        dirty = set(store.dirty_runs())
    with stores.metadata.read() as tx:
        refs = stores.metadata.runs.refs(tx, project_id, runs, with_trash=True)
        row_ids = [ref.row_id for ref in refs.values()]
        # Of a metric with aggregates, metadata has these and not the last value.
        summarizing = stores.metadata.definitions.summarizing_runs(tx, row_ids)
    projected: dict[str, int] = {}
    for run in runs:
        ref, entry = refs.get(run), stores.registry.peek(project.run(run))
        is_written = run not in dirty and (entry is None or entry.summary.is_written)
        if ref is not None and is_written and ref.row_id not in summarizing:
            projected[run] = ref.row_id
    return projected


def _read_points(
    stores: Stores, project_id: int, runs: Sequence[str], keys: Sequence[str]
) -> dict[str, list[Latest]]:
    if not runs:
        return {}
    lineage = lineage_of(stores, project_id, runs)
    with stores.metrics.use(project_id) as store:
        return store.latest_of(runs, keys, lineage=lineage)
