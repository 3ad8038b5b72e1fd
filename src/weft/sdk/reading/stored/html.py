"""HTML of runs and lists of runs for the cells of notebooks. Does network I/O.

What can't be read is left out: the display of an object must not fail.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from weft.client.api_client import ApiClient, Json
from weft.errors import WeftError
from weft.records.aggregates import AGGREGATES
from weft.records.metric_names import first_metrics
from weft.sdk.display.notebook import link_html, page_html
from weft.sdk.display.pictures import (
    MAX_CURVES,
    Html,
    Points,
    curves_html,
    sparkline_html,
    table_html,
)
from weft.sdk.display.printing import flat_values
from weft.sdk.reading.stored.facts import RunFields
from weft.wire.metrics.metrics import list_metric_names

_SAMPLES: Final = 100
_SPARK_SAMPLES: Final = 40
_LOADERS: Final = 8
_MOST_PARAMETERS: Final = 4
_MOST_RESULTS: Final = 3


def run_html(run: RunFields, client: ApiClient) -> str:
    """A run's link and state, its first curves as an image, and its page as a frame where that
    can be reached.
    """
    page = page_html(run.name, run.url, client.api_key, tab="charts", height=420)
    link = link_html(run.name, run.url)
    head = f"<p>{link} · {run.state}</p>" if page == link else ""
    try:
        picture = _picture(run, client)
    except WeftError:
        picture = Html("")
    return f"{head}{picture}{page if page != link else ''}"


def runs_html(shown: Sequence[RunFields], n_runs: int, client: ApiClient) -> str:
    """The first runs as a table: their links, the parameters that tell them apart, their results
    and the curve of the first of these.

    Args:
        n_runs: in the whole list.
    """
    note = f"The first {len(shown)} of {n_runs:,} runs" if n_runs > len(shown) else ""
    # as the list has them, without a request for the rest of long ones
    configs = [dict(flat_values(run.load()["config"])) for run in shown]
    summaries = [dict(flat_values(run.load()["summary"])) for run in shown]
    parameters = _telling_apart(configs)
    results = first_metrics(_numbers(summaries), n_most=_MOST_RESULTS)
    curves = _curves_of(shown, client, _metric_of(results[0])) if results else []
    names = ["Run", "State", *parameters, *results]
    rows: list[list[object]] = [
        [
            Html(link_html(run.name, run.url)),
            run.state,
            *(config.get(name) for name in parameters),
            *(summary.get(name) for name in results),
        ]
        for run, config, summary in zip(shown, configs, summaries, strict=True)
    ]
    sparklines = [sparkline_html(points, results[0]) for points in curves]
    if any(sparklines):
        names.append(f"{results[0]} over steps")
        for row, sparkline in zip(rows, sparklines, strict=True):
            row.append(sparkline)
    return table_html(names, rows, note=note)


def _picture(run: RunFields, client: ApiClient) -> Html:
    names = client.call(list_metric_names, run.entity, run.project, runs=run.id)
    left_out = {*names.hidden, *(set(names.system) - set(names.both))}
    metrics = [name for name in names.numbers if name not in left_out]
    keys = first_metrics(metrics, axes=names.steps, n_most=MAX_CURVES)
    if not keys:
        return Html("")
    rows = client.history(*run.path, samples=_SAMPLES, keys=keys).items
    return curves_html({key: _points(rows, key) for key in keys})


def _curves_of(runs: Sequence[RunFields], client: ApiClient, key: str) -> list[Points]:
    def read(run: RunFields) -> Points:
        try:
            rows = client.history(*run.path, samples=_SPARK_SAMPLES, keys=[key]).items
        except WeftError:
            return []
        return _points(rows, key)

    if not runs:
        return []
    with ThreadPoolExecutor(min(_LOADERS, len(runs))) as pool:
        return list(pool.map(read, runs))


def _points(rows: Sequence[Json], key: str) -> Points:
    return [
        (float(row["_step"]), float(row[key]))
        for row in rows
        if isinstance(row.get(key), (int, float)) and isinstance(row.get("_step"), (int, float))
    ]


def _telling_apart(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The parameters with different values, those of the most runs first."""
    values: dict[str, list[str]] = {}
    for config in configs:
        for name, value in config.items():
            values.setdefault(name, []).append(repr(value))
    differing = [name for name, texts in values.items() if len(set(texts)) > 1]
    return sorted(differing, key=lambda name: -len(values[name]))[:_MOST_PARAMETERS]


def _numbers(summaries: Sequence[Mapping[str, Any]]) -> list[str]:
    """The results that are numbers, those of the most runs first."""
    counts = Counter(
        name
        for summary in summaries
        for name, value in summary.items()
        if isinstance(value, (int, float))
    )
    return [name for name, _ in counts.most_common()]


def _metric_of(result: str) -> str:
    """The metric whose summary a result is: `loss` of `loss.min`."""
    metric, _, summary = result.rpartition(".")
    return metric if metric and summary in AGGREGATES else result
