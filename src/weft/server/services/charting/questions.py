"""What a panel asks: the shape of a question, and what of it can't be. Pure.

Decoded by `http.series` from JSON, answered by `services.series`. Field names are those of
`docs/http-api.md`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import msgspec

from weft.errors import ConfigError, ExpressionError, LimitExceeded
from weft.queries.expression_text import parse_axis_expression, parse_expression
from weft.queries.expressions import Expression, baseline_config_of, config_of, has_baseline
from weft.queries.filter_json import decode_filter
from weft.queries.filters import Filter, Order, sort_of_column
from weft.queries.orders import checked_orders
from weft.records.limits import MAX_KEY_BYTES
from weft.server.services.charting.histograms import MAX_COLUMNS
from weft.server.storage.contract import FEWEST_BUCKETS

MAX_BUCKETS: Final = 10_000
MAX_SERIES: Final = 100_000
"""Most runs × (keys + expressions) of one panel: about 20 s of work."""

MAX_GROUPED: Final = 10_000_000
"""Most runs × buckets of a grouped panel: about 20 s of work, too."""

MAX_EXPRESSIONS: Final = 100
MAX_GROUP_COLUMNS: Final = 8
DEFAULT_LIMIT: Final = 1000
"""Runs that a filter shows unless the panel says how many."""

ChartAxis = Literal["step", "time", "time_wall", "wall", "metric", "expression", "defined"]
Center = Literal["mean", "median"]
Band = Literal["minmax", "std", "stderr", "ci95"]
BY_WRITER: Final = "writer"


class NamedExpression(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An expression, and what its series are called."""

    name: str
    text: str


class Grouping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One curve for the runs that have the same values in `by`, instead of one for each."""

    by: Sequence[str] = ()
    center: Center = "mean"
    band: Band | None = "minmax"


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Between which percentiles the y axis shall end, from 0 to 1."""

    lo: float = 0.05
    hi: float = 0.95


class PanelQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One panel's question.

    Attributes:
        runs: ids; None = those that `filter` names (a tree or a text; None = all), the first
            `limit` of them in `order`, newest first by default.
        keys, expressions: what is drawn of each run.
        baseline: id of the run that `baseline(...)` in expressions is about.
        axis: `defined`: each metric's own step metric, as `define_metric` says, else the step;
            `step`; `time`: µs that the run had run, without the pauses before it was resumed;
            `time_wall`: µs since the run's origin, with them; `wall`: the same, `lo` and `hi` in
            µs since 1970; `metric`: the value of `axis_metric`; `expression`: of `axis_expression`
            over the points of a step.
        lo, hi: range `[lo, hi)` on the axis; None = from the first, to the last point.
        n_buckets: at most this many over the range.
        by: `writer`, or a label of writers: a series for each writer of a run, or each value.
        group: curves of groups of runs.
        bounds: also tell where the y axis should end so that outliers don't press all else flat.
    """

    runs: Sequence[str] | None = None
    filter: Any = None
    order: Sequence[Order] = ()
    limit: int = DEFAULT_LIMIT
    keys: Sequence[str] = ()
    expressions: Sequence[NamedExpression] = ()
    baseline: str | None = None
    axis: ChartAxis = "defined"
    axis_metric: str | None = None
    axis_expression: str | None = None
    lo: float | None = None
    hi: float | None = None
    n_buckets: int = 400
    by: str | None = None
    group: Grouping | None = None
    bounds: Bounds | None = None


class HistogramQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which histograms a panel shows.

    Attributes:
        n_columns: at most this many over the range `[lo, hi)`.
    """

    runs: Sequence[str]
    keys: Sequence[str]
    axis: Literal["step", "time", "time_wall", "metric", "defined"] = "defined"
    axis_metric: str | None = None
    lo: float | None = None
    hi: float | None = None
    n_columns: int = 100


MAX_HISTOGRAM_SERIES: Final = 1000


def check_histograms(asked: HistogramQuestion) -> None:
    """Refuse what can't be answered.

    Raises:
        ConfigError: a field is wrong.
        LimitExceeded: it asks for more than 1,000 series.
    """
    _check_axis(asked.axis, asked.axis_metric)
    _check_range(asked.lo, asked.hi)
    # Two at least: 0 is an edge on every level, so what lies on both sides is never in one bucket.
    if not 2 <= asked.n_columns <= MAX_COLUMNS:
        raise ConfigError(f"n_columns must be 2 to {MAX_COLUMNS}", field="n_columns")
    if len(asked.runs) * len(asked.keys) > MAX_HISTOGRAM_SERIES:
        raise LimitExceeded(f"at most {MAX_HISTOGRAM_SERIES} series of histograms at once")


class CheckedQuestion(msgspec.Struct, frozen=True):
    """A question that can be answered, its texts parsed.

    Attributes:
        x: the expression of the x axis; None = there is another.
    """

    asked: PanelQuestion
    filter: Filter | None
    expressions: Sequence[tuple[str, Expression]]
    x: Expression | None

    @property
    def config_paths(self) -> list[str]:
        """What expressions name of runs' config, of the run itself or of the baseline."""
        trees = [tree for _, tree in self.expressions]
        if self.x is not None:
            trees.append(self.x)
        paths = (path for tree in trees for path in (*config_of(tree), *baseline_config_of(tree)))
        return list(dict.fromkeys(paths))


def check_question(asked: PanelQuestion) -> CheckedQuestion:
    """Parse a question's texts and refuse what can't be answered.

    Raises:
        ConfigError: a field is wrong, by itself or beside another.
        LimitExceeded: it asks for more than 100,000 series, or 100 expressions.
    """
    tree = None if asked.filter is None else decode_filter(asked.filter)
    if asked.runs is not None and (asked.filter is not None or asked.order):
        raise ConfigError("a panel has either runs, or a filter and an order", field="runs")
    if asked.runs is None:
        checked_orders(asked.order)
        if not 1 <= asked.limit <= MAX_SERIES:
            raise ConfigError(f"limit must be 1 to {MAX_SERIES}", field="limit")
    _check_axis(asked.axis, asked.axis_metric)
    _check_range(asked.lo, asked.hi)
    if not FEWEST_BUCKETS <= asked.n_buckets <= MAX_BUCKETS:
        raise ConfigError(
            f"n_buckets must be {FEWEST_BUCKETS} to {MAX_BUCKETS}", field="n_buckets"
        )
    if asked.by is not None and not asked.by:
        raise ConfigError("by must be writer or the name of a label", field="by")
    if asked.group is not None:
        _check_group(asked, asked.group)
    if asked.bounds is not None and not 0 <= asked.bounds.lo < asked.bounds.hi <= 1:
        raise ConfigError("bounds must be 0 <= lo < hi <= 1", field="bounds")
    n_runs = asked.limit if asked.runs is None else len(asked.runs)
    if asked.group is not None and n_runs * asked.n_buckets > MAX_GROUPED:
        raise LimitExceeded(f"a grouped panel has at most {MAX_GROUPED} runs x buckets")
    if n_runs * (len(asked.keys) + len(asked.expressions)) > MAX_SERIES:
        raise LimitExceeded(f"one panel shows at most {MAX_SERIES} series")
    return CheckedQuestion(asked, tree, _parsed(asked), _parsed_axis(asked))


def _check_axis(axis: ChartAxis, axis_metric: str | None) -> None:
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


def _check_group(asked: PanelQuestion, group: Grouping) -> None:
    if asked.by is not None:
        raise ConfigError(
            "a panel is either grouped or by writer: runs have the same weight", field="group"
        )
    if asked.axis == "wall":
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
        sort_of_column(column)


def _parsed(asked: PanelQuestion) -> list[tuple[str, Expression]]:
    if len(asked.expressions) > MAX_EXPRESSIONS:
        raise LimitExceeded(f"one panel has at most {MAX_EXPRESSIONS} expressions")
    _check_names([*dict.fromkeys(asked.keys), *(one.name for one in asked.expressions)])
    parsed = [
        (one.name, _tree(parse_expression, one.text, f"expressions.{n}.text"))
        for n, one in enumerate(asked.expressions)
    ]
    for name, tree in parsed:
        if asked.baseline is None and has_baseline(tree):
            raise ConfigError(
                f"expression {name!r} needs a baseline, and the panel names none", field="baseline"
            )
    return parsed


def _parsed_axis(asked: PanelQuestion) -> Expression | None:
    if (asked.axis == "expression") != (asked.axis_expression is not None):
        raise ConfigError(
            "axis expression needs an axis_expression, and no other axis takes one",
            field="axis_expression",
        )
    if asked.axis_expression is None:
        return None
    return _tree(parse_axis_expression, asked.axis_expression, "axis_expression")


def _tree(parse: Callable[[str], Expression], text: str, field: str) -> Expression:
    try:
        return parse(text)
    except ExpressionError as error:
        error.field = field
        raise


def _check_names(names: Sequence[str]) -> None:
    """Refuse names of a panel's series that are empty, too long or not told apart."""
    for name in names:
        if not name or len(name.encode(errors="replace")) > MAX_KEY_BYTES:
            raise ConfigError(f"a name of a series has 1 to {MAX_KEY_BYTES} bytes", field="keys")
    if len(set(names)) < len(names):
        raise ConfigError("two series of a panel have the same name", field="expressions")
