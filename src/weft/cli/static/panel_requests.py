"""The requests of one panel of a view, by its kind. Pure.

They are those that the panels of the web app make, member by member: the page of a file finds an
answer by its request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus

from weft.cli.static.chart_requests import chart_tables
from weft.cli.static.table_requests import media_query, rows_query
from weft.wire.metrics.metrics import MetricNames
from weft.wire.reports.figures import FigureRequest

_BUCKETS: Final = 1000
_BUCKETS_OF_MANY: Final = 500
_MANY_RUNS: Final = 50
_FEWEST_BUCKETS: Final = 64
_HISTOGRAM_COLUMNS: Final = 200
_OUTLIERS: Final = {"lo": 0.05, "hi": 0.95}
_OF_ALL_POINTS: Final = ("max", "min", "mean")
_MOST_METRICS: Final = {"runs": 40, "metrics": 200}
_COLORED_GROUPS: Final = 100
MAX_MATCHES: Final = 50
"""Most metrics that a panel draws of a pattern."""

Json = Mapping[str, Any]


class DrawnPanel(NamedTuple):
    """A panel with what decides its requests.

    Attributes:
        panel: of the view's document, with its metrics as `keys`.
        settings: of all levels.
        runs: what `drawn_set` returns.
        matching: the metrics that its pattern matches.
        names: the metrics of the view's runs.
        media: of a panel with tables or charts, the last ones of its runs.
        presets: of a panel with charts, those of the server.
    """

    panel: Json
    settings: Json
    runs: Json
    matching: list[str]
    names: MetricNames
    media: Sequence[Json] = ()
    presets: Sequence[Json] = ()

    @property
    def options(self) -> Json:
        return self.panel.get("options") or {}

    @property
    def group_by(self) -> list[str]:
        """The columns that make groups of its runs."""
        by = self.settings.get("groupBy")
        return self.runs["groupBy"] if by is None else by

    @property
    def colored_groups(self) -> list[str]:
        """The columns of the groups that it draws in colors of their own."""
        return self.group_by if self.panel.get("kind") in ("line", "bar") else []


def requests_of(drawn: DrawnPanel) -> list[FigureRequest] | None:
    """The requests of a panel, but for what its page reads from the runs of the file; None if a
    file without a browser does not have it.
    """
    make = _KINDS.get(drawn.panel.get("kind", ""))
    if make is None:
        return None
    return make(drawn) if drawn.runs["runs"] else []


def groups_requests(by: list[str]) -> list[FigureRequest]:
    """The request for the groups of a project by some columns, whose order gives them colors."""
    if not by:
        return []
    body = {
        "by": by,
        "levels": len(by),
        "aggregates": [{"function": "min", "column": "created"}],
        "order": [{"column": "min(created)", "descending": False}],
        "limit": _COLORED_GROUPS,
    }
    return [post("runs/groups", body)]


def form_text(query: Mapping[str, str]) -> str:
    """Parameters of an address as browsers write them.

    >>> form_text({"search": "a b*~", "limit": "5"})
    'search=a+b*%7E&limit=5'
    """
    return "&".join(
        f"{name}={quote_plus(value, safe='*').replace('~', '%7E')}"
        for name, value in query.items()
    )


def pattern_request(pattern: str) -> FigureRequest:
    """The request for the metrics that a panel draws of a pattern."""
    query = form_text({"search": pattern, "limit": str(MAX_MATCHES), "regex": "true"})
    return get(f"metrics?{query}")


def get(path: str) -> FigureRequest:
    """A request without a body."""
    return FigureRequest(method="GET", path=path)


def post(path: str, body: dict[str, Any]) -> FigureRequest:
    """A request with a body."""
    return FigureRequest(method="POST", path=path, body=body)


def _line(drawn: DrawnPanel) -> list[FigureRequest]:
    panel, settings, runs = drawn.panel, drawn.settings, drawn.runs
    undrawn = set(panel.get("undrawn") or ())
    axis, axis_by = settings.get("axis", "defined"), settings.get("axisBy")
    if axis in ("metric", "expression") and not axis_by:
        axis = "step"
    by = settings.get("by")
    is_grouped = bool(drawn.group_by) and by is None and axis != "wall"
    band = settings.get("band", "auto")
    bands = {"none": None, "auto": "stderr"}
    group = {
        "by": drawn.group_by,
        "center": settings.get("center", "mean"),
        "band": bands.get(band, band),
    }
    ids = list(runs["runIds"])
    baseline = runs["baseline"] and runs["baseline"]["id"]
    has_baseline = baseline is not None and settings.get("hasBaseline", True)
    if has_baseline and not is_grouped and baseline not in ids:
        ids.append(baseline)
    keys = dict.fromkeys([*panel["keys"], *drawn.matching])
    query = {
        "runs": ids,
        "keys": [key for key in keys if key not in undrawn],
        "expressions": [e for e in panel.get("expressions") or () if e["name"] not in undrawn],
        "baseline": baseline,
        "axis": axis,
        "axis_metric": axis_by if axis == "metric" else None,
        "axis_expression": axis_by if axis == "expression" else None,
        "lo": None,
        "hi": None,
        "n_buckets": _buckets(1 if is_grouped else len(ids)),
        "by": by,
        "group": group if is_grouped else None,
        "bounds": None if settings.get("hasOutliers", True) else _OUTLIERS,
    }
    queries = [query]
    if query["bounds"] is not None:
        # of the values at the ends of smoothed curves
        queries.append({**query, "bounds": None})
    if is_grouped and has_baseline:
        queries.append({**query, "runs": [baseline], "group": None, "bounds": None})
    of_pattern = [pattern_request(panel["pattern"])] if panel.get("pattern") else []
    return [*of_pattern, *map(_series, queries)]


def _histogram(drawn: DrawnPanel) -> list[FigureRequest]:
    body = {
        "runs": [run["id"] for run in drawn.runs["runs"]],
        "keys": drawn.panel["keys"],
        "axis": drawn.settings.get("axis", "defined"),
        "n_columns": _HISTOGRAM_COLUMNS,
    }
    return [post("histograms", body)]


def _bar(drawn: DrawnPanel) -> list[FigureRequest]:
    is_of_all = drawn.options.get("figure") in _OF_ALL_POINTS
    return _figure(drawn, is_latest=not is_of_all)


def _scalar(drawn: DrawnPanel) -> list[FigureRequest]:
    figures = _figure(drawn, is_latest=drawn.options.get("figure") == "latest")
    # its curve, and the step of its value
    curves = [_curves(drawn, drawn.panel["keys"][:1], axis) for axis in ("defined", "step")]
    return [*figures, *curves] if figures else []


def _figure(drawn: DrawnPanel, *, is_latest: bool) -> list[FigureRequest]:
    """The request for a number of a metric of each run: the last one, or the least, greatest and
    mean of all points.
    """
    runs, keys = drawn.runs["runIds"], drawn.panel["keys"][:1]
    if not keys:
        return []
    if is_latest:
        return [post("latest", {"runs": runs, "keys": keys})]
    query = {"runs": runs, "keys": keys, "axis": "step", "n_buckets": _FEWEST_BUCKETS}
    return [post("series", {"panels": [query], "full": True})]


def _latest(drawn: DrawnPanel) -> list[FigureRequest] | None:
    names, keys, runs = drawn.names, drawn.panel["keys"], drawn.runs["runIds"]
    if drawn.panel.get("pattern") is not None:
        return None
    of_names: list[FigureRequest] = []
    if not keys:
        sampled = set(names.system) - set(names.both)
        keys = [key for key in names.numbers if key not in {*sampled, *names.hidden}]
        query = form_text({"runs": ",".join(runs)})
        of_names = [get(f"metrics/names?{query}")]
    shape = drawn.options.get("rows")
    keys = keys[: _MOST_METRICS.get(str(shape), _MOST_METRICS["runs"])]
    return [*of_names, post("latest", {"runs": runs, "keys": keys})]


def _vega(drawn: DrawnPanel) -> list[FigureRequest]:
    keys = drawn.panel["keys"]
    # by step where the specification names it
    return [_curves(drawn, keys, axis) for axis in ("defined", "step")] if keys else []


def _table(drawn: DrawnPanel) -> list[FigureRequest] | None:
    query = media_query(drawn.panel["keys"], drawn.runs)
    rows = rows_query(drawn.options, drawn.runs, drawn.media)
    if rows is None:
        return None
    steps = {"runs": query["runs"], "keys": query["keys"], "axis": "step"}
    return [post("media/steps", steps), post("media/query", query), post("tables/query", rows)]


def _media(drawn: DrawnPanel) -> list[FigureRequest] | None:
    """The last media of each run; their images are inside the file."""
    if drawn.options.get("layout") == "grid":
        # its columns depend on the width of its page
        return None
    keys = drawn.panel["keys"]
    return [post("media/query", media_query(keys, drawn.runs))] if keys else []


def _chart(drawn: DrawnPanel) -> list[FigureRequest] | None:
    if drawn.options.get("isTable"):
        return None
    media = post("media/query", media_query(drawn.panel["keys"], drawn.runs))
    tables = chart_tables(drawn.runs, drawn.media, drawn.presets)
    return [media, get("/chart-presets"), *(post("tables/query-many", body) for body in tables)]


def _comparer(drawn: DrawnPanel) -> list[FigureRequest] | None:
    # the last good run may not be in the file
    return None if drawn.options.get("against") == "good" else []


def _from_runs(_drawn: DrawnPanel) -> list[FigureRequest]:
    """A panel of what the file has of each run."""
    return []


def _curves(drawn: DrawnPanel, keys: list[str], axis: str) -> FigureRequest:
    ids = drawn.runs["runIds"]
    return _series({"runs": ids, "keys": keys, "axis": axis, "n_buckets": _buckets(len(ids))})


def _series(query: Json) -> FigureRequest:
    return post("series", {"panels": [query], "full": False, "reasons": True})


def _buckets(n_runs: int) -> int:
    return _BUCKETS_OF_MANY if n_runs > _MANY_RUNS else _BUCKETS


_KINDS: Final[Mapping[str, Callable[[DrawnPanel], list[FigureRequest] | None]]] = {
    "line": _line,
    "histogram": _histogram,
    "bar": _bar,
    "scalar": _scalar,
    "latest": _latest,
    "vega": _vega,
    "table": _table,
    "media": _media,
    "chart": _chart,
    "comparer": _comparer,
    "scatter": _from_runs,
    "parallel": _from_runs,
    "importance": _from_runs,
    "markdown": _from_runs,
}
