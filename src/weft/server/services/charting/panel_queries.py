"""Parses and validates the queries of panels. Pure.

`http.metrics.charts` decodes them from JSON, and `services.charting` answers them. Field names are
those of `docs/http-api.md`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from weft.errors import ConfigError, ExpressionError, LimitExceeded
from weft.queries.expression_text import parse_axis_expression, parse_expression
from weft.queries.expressions import Expression, baseline_config_of, config_of, has_baseline
from weft.queries.filter_json import decode_filter
from weft.queries.filters import Filter, kind_of_column
from weft.queries.orders import checked_orders
from weft.records.limits import MAX_KEY_BYTES
from weft.server.storage.contract import MIN_BUCKETS
from weft.wire.metrics.charts import (
    MAX_BUCKETS,
    MAX_EXPRESSIONS,
    MAX_GROUP_COLUMNS,
    MAX_HISTOGRAMS,
    MAX_SERIES,
    ChartAxis,
    Grouping,
    HistogramQuery,
    PanelQuery,
)

MAX_GROUPED: Final = 10_000_000
"""Most runs × buckets of a grouped panel: about 20 s of work."""

BY_WRITER: Final = "writer"


MAX_HISTOGRAM_SERIES: Final = 1000


def check_histograms(query: HistogramQuery) -> None:
    """Refuse an invalid histogram query."""
    check_axis(query.axis, query.axis_metric)
    _check_range(query.lo, query.hi)
    # At least two: 0 is a bucket edge on every level, so no bucket holds points on both sides.
    if not 2 <= query.n_columns <= MAX_HISTOGRAMS:
        raise ConfigError(f"n_columns must be 2 to {MAX_HISTOGRAMS}", field="n_columns")
    if len(query.runs) * len(query.keys) > MAX_HISTOGRAM_SERIES:
        raise LimitExceeded(f"at most {MAX_HISTOGRAM_SERIES} series of histograms at once")


class ParsedPanel(msgspec.Struct, frozen=True):
    """A valid query with its texts parsed. `x` is None unless the x axis is an expression."""

    query: PanelQuery
    filter: Filter | None
    expressions: Sequence[tuple[str, Expression]]
    x: Expression | None

    @property
    def config_paths(self) -> list[str]:
        """Config paths that the expressions name, of the run itself or of the baseline."""
        trees = [tree for _, tree in self.expressions]
        if self.x is not None:
            trees.append(self.x)
        paths = (path for tree in trees for path in (*config_of(tree), *baseline_config_of(tree)))
        return list(dict.fromkeys(paths))


def parse_panel(query: PanelQuery) -> ParsedPanel:
    """Parse a query's texts; refuse an invalid query, more than 100,000 series or 100
    expressions.
    """
    tree = None if query.filter is None else decode_filter(query.filter)
    if query.runs is not None and (query.filter is not None or query.order):
        raise ConfigError("a panel has either runs, or a filter and an order", field="runs")
    if query.runs is None:
        checked_orders(query.order)
        if not 1 <= query.limit <= MAX_SERIES:
            raise ConfigError(f"limit must be 1 to {MAX_SERIES}", field="limit")
    check_axis(query.axis, query.axis_metric)
    _check_range(query.lo, query.hi)
    if not MIN_BUCKETS <= query.n_buckets <= MAX_BUCKETS:
        raise ConfigError(f"n_buckets must be {MIN_BUCKETS} to {MAX_BUCKETS}", field="n_buckets")
    if query.by is not None and not query.by:
        raise ConfigError("by must be writer or the name of a label", field="by")
    if query.group is not None:
        _check_group(query, query.group)
    if query.bounds is not None and not 0 <= query.bounds.lo < query.bounds.hi <= 1:
        raise ConfigError("bounds must be 0 <= lo < hi <= 1", field="bounds")
    n_runs = query.limit if query.runs is None else len(query.runs)
    if query.group is not None and n_runs * query.n_buckets > MAX_GROUPED:
        raise LimitExceeded(f"a grouped panel has at most {MAX_GROUPED} runs x buckets")
    if n_runs * (len(query.keys) + len(query.expressions)) > MAX_SERIES:
        raise LimitExceeded(f"one panel shows at most {MAX_SERIES} series")
    return ParsedPanel(query, tree, _parsed(query), _parsed_axis(query))


def check_axis(axis: ChartAxis, axis_metric: str | None) -> None:
    """Refuse an axis metric of another axis, and the axis `metric` without one."""
    if (axis == "metric") != (axis_metric is not None):
        raise ConfigError(
            "axis metric needs an axis_metric, and no other axis takes one", field="axis_metric"
        )


def _check_range(lo: float | None, hi: float | None) -> None:
    ends = [end for end in (lo, hi) if end is not None]
    if not all(math.isfinite(end) for end in ends):
        raise ConfigError("lo and hi must be finite", field="lo")
    if len(ends) == 2 and ends[0] >= ends[1]:
        raise ConfigError("lo must be below hi", field="lo")


def _check_group(query: PanelQuery, group: Grouping) -> None:
    if query.by is not None:
        raise ConfigError(
            "a panel is either grouped or by writer: runs have the same weight", field="group"
        )
    if query.axis == "wall":
        raise ConfigError(
            "curves can't be grouped by wall time: runs at different times have no x in common;"
            " group by time (since each run's start) instead",
            field="group",
        )
    if len(group.by) > MAX_GROUP_COLUMNS or len(set(group.by)) < len(group.by):
        raise ConfigError(
            f"a group has at most {MAX_GROUP_COLUMNS} columns, each once", field="group.by"
        )
    for column in group.by:
        kind_of_column(column)


def _parsed(query: PanelQuery) -> list[tuple[str, Expression]]:
    if len(query.expressions) > MAX_EXPRESSIONS:
        raise LimitExceeded(f"one panel has at most {MAX_EXPRESSIONS} expressions")
    _check_names(
        [*dict.fromkeys(query.keys), *(expression.name for expression in query.expressions)]
    )
    parsed = [
        (expression.name, _tree(parse_expression, expression.text, f"expressions.{n}.text"))
        for n, expression in enumerate(query.expressions)
    ]
    for name, tree in parsed:
        if query.baseline is None and has_baseline(tree):
            raise ConfigError(
                f"expression {name!r} needs a baseline, and the panel names none", field="baseline"
            )
    return parsed


def _parsed_axis(query: PanelQuery) -> Expression | None:
    if (query.axis == "expression") != (query.axis_expression is not None):
        raise ConfigError(
            "axis expression needs an axis_expression, and no other axis takes one",
            field="axis_expression",
        )
    if query.axis_expression is None:
        return None
    return _tree(parse_axis_expression, query.axis_expression, "axis_expression")


def _tree(parse: Callable[[str], Expression], text: str, field: str) -> Expression:
    try:
        return parse(text)
    except ExpressionError as error:
        error.field = field
        raise


def _check_names(names: Sequence[str]) -> None:
    """Refuse series names that are empty, too long or not unique in the panel."""
    for name in names:
        if not name or len(name.encode(errors="replace")) > MAX_KEY_BYTES:
            raise ConfigError(f"a name of a series has 1 to {MAX_KEY_BYTES} bytes", field="keys")
    if len(set(names)) < len(names):
        raise ConfigError("two series of a panel have the same name", field="expressions")
