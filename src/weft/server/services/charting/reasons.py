"""Explains why series of a panel have no points, if the request asks for reasons.

Receives from `charting.drawing` the series that were found; queries the metric store for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from weft.server.services.access.cancellation import Cancellation
from weft.server.services.charting.answers import Drawn, empty_series
from weft.server.services.charting.panel_queries import ParsedPanel
from weft.server.services.charting.panel_runs import PanelRun
from weft.server.storage.contract import AxisSpec, MetricStore, SeriesQuery

MAX_REASONS: Final = 1000
"""Number of series of a panel that are checked one by one, at some milliseconds each."""


def lacking_series(
    store: MetricStore,
    parsed: ParsedPanel,
    runs: Sequence[PanelRun],
    keys: Sequence[str],
    present: Collection[tuple[str, str]],
    axis_of: Callable[[PanelRun, str], AxisSpec],
    waits: Cancellation,
) -> list[Drawn]:
    """The stored metrics' series without points, and all series of unknown runs, with reasons.

    `present` has the run and key of the series that have points.
    """
    query = parsed.query
    run_ids = {run.run for run in runs}
    names = [*dict.fromkeys(query.keys), *(name for name, _ in parsed.expressions)]
    drawn = [
        Drawn(empty_series(run, name), reason="no such run")
        for run in dict.fromkeys(query.runs or ())
        if run not in run_ids
        for name in names
    ]
    lacking = [(run, key) for run in runs for key in keys if (run.run, key) not in present]
    for n, (run, key) in enumerate(lacking):
        waits.check()
        reason = "no points"
        axis = axis_of(run, key)
        if n < MAX_REASONS:
            reason = _reason(store, run, key, axis)
        empty = empty_series(run.run, key)
        drawn.append(Drawn(empty, run.origin_micros, axis.metric, reason=reason))
    return drawn


def _reason(store: MetricStore, run: PanelRun, key: str, axis: AxisSpec) -> str:
    lineage = {run.run: run.sources}
    if not store.series(SeriesQuery([run.run], [key], lineage=lineage)):
        has_other = store.latest_of([run.run], [key], lineage=lineage).get(run.run)
        return "its values are no numbers" if has_other else f"the run has no metric {key!r}"
    if axis.metric is not None and not store.series(
        SeriesQuery([run.run], [axis.metric], lineage=lineage)
    ):
        return f"the run has no metric {axis.metric!r} to be the x axis"
    return "no points in the range"
