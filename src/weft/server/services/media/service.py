"""The media of runs at a step, with the states of their files.

Called by `http.metrics.media`. Reads the rows' objects from the project's metric store, and the
files from the metadata: one query for a whole panel of images.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

from msgspec import structs

from weft.errors import LimitExceeded
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.charting.panel_queries import check_axis
from weft.server.services.charting.panel_runs import PanelRun, find_runs_on
from weft.server.services.files.service import FileService
from weft.server.services.media.files import media_item, paths_of
from weft.server.services.media.values import Item, items_of
from weft.server.services.stores.stores import Stores
from weft.server.storage.contract import (
    AxisSpec,
    Lineage,
    MetricStore,
    ObjectPoint,
    ObjectPosition,
)
from weft.wire.metrics.media import (
    MAX_MEDIA_ITEMS,
    MAX_MEDIA_SERIES,
    MAX_MEDIA_STEPS,
    MediaList,
    MediaQuery,
    MediaSeries,
    MediaSteps,
    MediaStepsQuery,
)

_MOST_SKIPPED: Final = 50
"""Maximum number of media of a series that are skipped because they have not arrived."""


class MediaService:
    """Lists the media of runs."""

    def __init__(self, stores: Stores, files: FileService) -> None:
        self._stores = stores
        self._files = files

    def steps(self, actor: Actor, path: ProjectPath, query: MediaStepsQuery) -> MediaSteps:
        """The steps, or other x, at which any of some series has an object."""
        require(actor, Action.READ, path)
        check_axis(query.axis, query.axis_metric)
        project_id, runs = self._runs(path, query)
        all_x: set[int | float] = set()
        with self._stores.metrics.use(project_id) as store:
            for run in runs:
                for key in dict.fromkeys(query.keys):
                    axis = run.axis_of(key, query.axis, query.axis_metric)
                    all_x.update(x for x, _ in _positions(store, run, key, axis))
        steps = sorted(all_x)
        return MediaSteps(steps=_evenly(steps, MAX_MEDIA_STEPS), total=len(steps))

    def query(self, actor: Actor, path: ProjectPath, query: MediaQuery) -> MediaList:
        """The last media of some series at or before a step; series without any are left out."""
        require(actor, Action.READ, path)
        check_axis(query.axis, query.axis_metric)
        project_id, runs = self._runs(path, query)
        if query.columns is not None:
            return self._in_columns(actor, path, project_id, runs, query, query.columns)
        lineage: Lineage = {run.run: run.sources for run in runs}
        step_of = {(run.run, key): query.step for run in runs for key in dict.fromkeys(query.keys)}
        series_at = self._last(actor, path, project_id, lineage, step_of)
        skipping = set(query.skip_awaited)
        awaited = {
            at: series
            for at, series in series_at.items()
            if series.run in skipping and _is_awaited(series)
        }
        for _ in range(_MOST_SKIPPED):
            if not awaited:
                break
            before = {at: math.nextafter(series.step, -math.inf) for at, series in awaited.items()}
            earlier = self._last(actor, path, project_id, lineage, before)
            awaited = {at: series for at, series in earlier.items() if _is_awaited(series)}
            for at in earlier.keys() - awaited.keys():
                series_at[at] = structs.replace(earlier[at], newer_step=series_at[at].step)
        return MediaList(list(series_at.values()))

    def _in_columns(
        self,
        actor: Actor,
        path: ProjectPath,
        project_id: int,
        runs: Sequence[PanelRun],
        query: MediaQuery,
        columns: Sequence[int | float],
    ) -> MediaList:
        """The last media at or before each column; of several at one x the last logged."""
        n_media = len(query.runs) * len(query.keys) * len(columns)
        if n_media > MAX_MEDIA_SERIES:
            raise LimitExceeded(f"at most {MAX_MEDIA_SERIES} series × columns of media at once")
        lineage: Lineage = {run.run: run.sources for run in runs}
        by_column: list[dict[tuple[str, str], ObjectPosition]] = [{} for _ in columns]
        axis_metrics: dict[tuple[str, str], str] = {}
        with self._stores.metrics.use(project_id) as store:
            for run, key in product(runs, dict.fromkeys(query.keys)):
                axis = run.axis_of(key, query.axis, query.axis_metric)
                axis_metrics[run.run, key] = axis.metric or ""
                positions = _positions(store, run, key, axis)
                xs = [position.x for position in positions]
                earlier = None
                for column, at in zip(by_column, sorted(columns), strict=True):
                    index = bisect_right(xs, at) - 1
                    if index >= 0 and positions[index] != earlier:
                        earlier = column[run.run, key] = positions[index]
        series: list[MediaSeries] = []
        for column in by_column:
            step_of = {at: position.step for at, position in column.items()}
            last = self._last(actor, path, project_id, lineage, step_of)
            series.extend(
                structs.replace(last[at], x=column[at].x, axis_metric=axis_metrics[at])
                for at in last
            )
        return MediaList(series)

    def _last(
        self,
        actor: Actor,
        path: ProjectPath,
        project_id: int,
        lineage: Lineage,
        step_of: Mapping[tuple[str, str], int | float | None],
    ) -> dict[tuple[str, str], MediaSeries]:
        """The last media of series, each at or before a step."""
        by_series: dict[tuple[str, str], tuple[ObjectPoint, list[Item]]] = {}
        with self._stores.metrics.use(project_id) as store:
            for (run, key), step in step_of.items():
                point = store.last_object(run, key, at=step, sources=lineage.get(run, ()))
                if point is not None:
                    by_series[run, key] = (point, items_of(point.value))
        paths_by_run: dict[str, set[str]] = {}
        for (run, _), (_, items) in by_series.items():
            paths_by_run.setdefault(run, set()).update(paths_of(items[:MAX_MEDIA_ITEMS]))
        files = self._files.find_file(actor, path, paths_by_run) if paths_by_run else {}
        return {
            (run, key): MediaSeries(
                run=run,
                key=key,
                step=point.x,
                time_micros=point.micros,
                items=[media_item(item, files, run) for item in items[:MAX_MEDIA_ITEMS]],
                n_items=len(items),
            )
            for (run, key), (point, items) in by_series.items()
        }

    def _runs(
        self, path: ProjectPath, query: MediaQuery | MediaStepsQuery
    ) -> tuple[int, list[PanelRun]]:
        """The project, and the requested runs that exist."""
        if len(query.runs) * len(query.keys) > MAX_MEDIA_SERIES:
            raise LimitExceeded(f"at most {MAX_MEDIA_SERIES} series of media at once")
        project_id = self._stores.find_project(path)
        return project_id, find_runs_on(self._stores, path, project_id, query.runs, query.axis)


def _positions(
    store: MetricStore, run: PanelRun, key: str, axis: AxisSpec
) -> list[ObjectPosition]:
    return store.object_positions(run.run, key, axis, sources=run.sources, bases=run.bases)


def _is_awaited(series: MediaSeries) -> bool:
    return any(item.file.state == "awaited" for item in series.items)


def _evenly(steps: list[int | float], most: int) -> list[int | float]:
    """At most so many of the steps, with the first and the last.

    >>> _evenly([1, 2, 3, 4, 5], 3)
    [1, 3, 5]
    """
    if len(steps) <= most:
        return steps
    return [steps[nth * (len(steps) - 1) // (most - 1)] for nth in range(most)]
