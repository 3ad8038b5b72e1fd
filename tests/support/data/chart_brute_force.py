"""Charts computed in plain Python from the rows that were logged.

Slow, and written from the documents (docs/http-api.md, docs/guide/charts.md), not from the code.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from weft.queries.expressions import (
    Baseline,
    Binary,
    Call,
    Config,
    Expression,
    Metric,
    Negative,
    Number,
    Step,
)

NAN = math.nan
Point = tuple[Any, float]
"""x and value."""

JoinedPoint = tuple[Any, float, Any]
"""x, value, and what metrics are joined by: the step over time, else x."""


@dataclass(frozen=True)
class LoggedRow:
    """One row of one run.

    Attributes:
        base: what its writer's process time counts from, µs since 1970.
    """

    run: str
    writer: str
    row: int
    step: int | float
    micros: int
    values: Mapping[str, float]
    base: int


def points_of(
    rows: Sequence[LoggedRow],
    run: str,
    key: str,
    *,
    axis: str = "step",
    axis_metric: str | None = None,
    origin: int = 0,
    writers: set[str] | None = None,
    by_time: bool = True,
) -> list[Point]:
    """A metric's points in order of (x, time, writer, row), or as series have it without time."""
    points = _sorted_points(rows, run, key, axis, axis_metric, origin, writers, by_time)
    return [(x, value) for x, value, _ in points]


def joined_points_of(
    rows: Sequence[LoggedRow],
    run: str,
    key: str,
    axis: str,
    axis_metric: str | None,
    origin: int,
) -> list[JoinedPoint]:
    """A metric's points as `BruteExpression` needs them."""
    points = _sorted_points(rows, run, key, axis, axis_metric, origin, None, by_time=True)
    is_time = axis.startswith("time")
    return [(x, value, step if is_time else x) for x, value, step in points]


def _sorted_points(
    rows: Sequence[LoggedRow],
    run: str,
    key: str,
    axis: str,
    axis_metric: str | None,
    origin: int,
    writers: set[str] | None,
    by_time: bool,
) -> list[tuple[Any, float, int | float]]:
    points: list[tuple[Any, int, str, int, float, int | float]] = []
    for writer in {row.writer for row in rows if row.run == run}:
        last: float | None = None
        own = [row for row in rows if row.run == run and row.writer == writer]
        for row in sorted(own, key=lambda entry: entry.row):
            if axis_metric is not None and axis_metric in row.values:
                last = float(row.values[axis_metric])
            if key not in row.values or (writers is not None and writer not in writers):
                continue
            xs = {"step": row.step, "time": row.micros - row.base, "metric": last}
            x: Any = {**xs, "time_wall": row.micros - origin}[axis]
            if x is None or not math.isfinite(x):
                continue
            value = float(row.values[key])
            points.append((x, row.micros, writer, row.row, value, row.step))
    points.sort(key=lambda point: point[:4] if by_time else (point[0], point[2], point[3]))
    return [(x, value, step) for x, _, _, _, value, step in points]


# -- expressions ---


@dataclass(eq=False)
class _XAxis:
    xs: list[Any]
    keys: list[Any]
    is_own: bool


@dataclass
class _Values:
    """Values at some points of a place, by the number of the point."""

    axis: _XAxis
    values: dict[int, float]


class BruteExpression:
    """Evaluates a tree over the points of each metric, and numbers of the config."""

    def __init__(
        self,
        own: Mapping[str, Sequence[JoinedPoint]],
        baseline: Mapping[str, Sequence[JoinedPoint]],
        config: Mapping[str, float],
        baseline_config: Mapping[str, float],
    ) -> None:
        self._points = {False: own, True: baseline}
        self._config = {False: config, True: baseline_config}
        self._axes: dict[tuple[bool, str], _XAxis] = {}
        self._joined: dict[tuple[int, int], _XAxis] = {}
        self._keep: list[_XAxis] = []

    def points(self, tree: Expression) -> list[Point]:
        result = self._value(tree, in_baseline=False)
        assert isinstance(result, _Values)
        return [(result.axis.xs[n], value) for n, value in sorted(result.values.items())]

    def points_over(self, tree: Expression, x_tree: Expression) -> list[Point]:
        """The points of a tree where another has x, at the steps that both have."""
        result = self._value(tree, in_baseline=False)
        axis = self._value(x_tree, in_baseline=False)
        both = self._together(lambda value, x: (x, value), result, axis)
        assert isinstance(both, _Values)
        pairs: list[Any] = [pair for _, pair in sorted(both.values.items())]
        return sorted((pair for pair in pairs if math.isfinite(pair[0])), key=lambda pair: pair[0])

    def _value(self, tree: Expression, *, in_baseline: bool) -> _Values | float:
        match tree:
            case Number(value):
                return value
            case Metric(key):
                points = self._points[in_baseline][key]
                axis = self._axis_of(key, in_baseline=in_baseline)
                return _Values(axis, {n: value for n, (_, value, _) in enumerate(points)})
            case Config(path):
                return self._config[in_baseline][path]
            case Step():
                in_baseline = not self._points[False]
                axis = self._axis_of(
                    next(iter(self._points[in_baseline])), in_baseline=in_baseline
                )
                return _Values(axis, {n: float(x) for n, x in enumerate(axis.xs)})
            case Baseline(of):
                return self._value(of, in_baseline=True)
            case Negative(of):
                return self._mapped(lambda v: -v, self._value(of, in_baseline=in_baseline))
            case Binary(operator, left, right):
                return self._together(
                    OPERATORS[operator],
                    self._value(left, in_baseline=in_baseline),
                    self._value(right, in_baseline=in_baseline),
                )
            case Call(function, operands, options):
                of = [self._value(operand, in_baseline=in_baseline) for operand in operands]
                return self._call(function, of, options)

    def _axis_of(self, key: str, *, in_baseline: bool) -> _XAxis:
        points = self._points[in_baseline][key]
        axis = _XAxis([x for x, _, _ in points], [key for _, _, key in points], not in_baseline)
        return self._axes.setdefault((in_baseline, key), axis)

    def _call(
        self, function: str, of: list[_Values | float], options: Sequence[float]
    ) -> _Values | float:
        if function in UNARY:
            return self._mapped(UNARY[function], of[0])
        if function in {"min", "max"}:
            joined = of[0]
            for other in of[1:]:
                joined = self._together(SMALLEST if function == "min" else LARGEST, joined, other)
            return joined
        if function == "clip":
            return self._together(SMALLEST, self._together(LARGEST, of[0], of[1]), of[2])
        track = of[0]
        assert isinstance(track, _Values)
        numbers = sorted(track.values)
        values = [track.values[n] for n in numbers]
        made_values = WINDOWS[function](values, *options)
        return _Values(
            track.axis,
            {n: v for n, v in zip(numbers, made_values, strict=True) if v is not None},
        )

    def _mapped(self, function: Callable[[float], float], of: _Values | float) -> _Values | float:
        if isinstance(of, _Values):
            return _Values(of.axis, {n: function(v) for n, v in of.values.items()})
        return function(of)

    def _together(
        self,
        function: Callable[[float, float], float],
        left: _Values | float,
        right: _Values | float,
    ) -> _Values | float:
        if not isinstance(left, _Values):
            if not isinstance(right, _Values):
                return function(left, right)
            return _Values(right.axis, {n: function(left, v) for n, v in right.values.items()})
        if not isinstance(right, _Values):
            return _Values(left.axis, {n: function(v, right) for n, v in left.values.items()})
        if left.axis is right.axis:
            both = sorted(left.values.keys() & right.values.keys())
            values = {n: function(left.values[n], right.values[n]) for n in both}
            return _Values(left.axis, values)
        # The last point of each at an x, or a step, that both axes have.
        last_left = {key: n for n, key in enumerate(left.axis.keys)}
        last_right = {key: n for n, key in enumerate(right.axis.keys)}

        def x_of(key: Any) -> Any:
            left_x, right_x = left.axis.xs[last_left[key]], right.axis.xs[last_right[key]]
            if left.axis.is_own == right.axis.is_own:
                return max(left_x, right_x)
            return left_x if left.axis.is_own else right_x

        common = sorted(last_left.keys() & last_right.keys(), key=lambda key: (x_of(key), key))
        name = (id(left.axis), id(right.axis))
        is_own = left.axis.is_own or right.axis.is_own
        joined = _XAxis([x_of(key) for key in common], common, is_own)
        axis = self._joined.setdefault(name, joined)
        self._keep += [left.axis, right.axis, axis]
        values = {
            n: function(left.values[last_left[key]], right.values[last_right[key]])
            for n, key in enumerate(common)
            if last_left[key] in left.values and last_right[key] in right.values
        }
        return _Values(axis, values)


def _divided(a: float, b: float) -> float:
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return NAN
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _modulo(a: float, b: float) -> float:
    if b == 0 or math.isinf(a) or math.isnan(a) or math.isnan(b):
        return NAN
    if math.isinf(b):
        return a if a == 0 or (a > 0) == (b > 0) else b
    return a % b


def _guarded(function: Callable[..., float]) -> Callable[..., float]:
    def call(*values: float) -> float:
        try:
            return function(*values)
        except OverflowError:
            return math.inf
        except ValueError:
            return NAN

    return call


def _power(base: float, exponent: float) -> float:
    """IEEE 754's `pow`, where `math.pow` raises."""
    try:
        return math.pow(base, exponent)
    except ValueError:
        if base:
            return NAN
    except OverflowError:
        pass
    # Infinite: a zero below, or too large; an odd power keeps the sign.
    return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf


SMALLEST: Callable[[float, float], float] = lambda a, b: (  # noqa: E731
    NAN if math.isnan(a) or math.isnan(b) else min(a, b)
)
LARGEST: Callable[[float, float], float] = lambda a, b: (  # noqa: E731
    NAN if math.isnan(a) or math.isnan(b) else max(a, b)
)
OPERATORS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": _modulo,
    "**": _power,
}
UNARY: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "log": lambda v: math.log(v) if v > 0 else NAN,
    "log10": lambda v: math.log10(v) if v > 0 else NAN,
    "exp": _guarded(math.exp),
    "sqrt": lambda v: math.sqrt(v) if v >= 0 else NAN,
}


def quantile(values: Sequence[float], q: float) -> float:
    """Linear between neighbours, definition 7 of Hyndman and Fan."""
    ordered = sorted(values)
    position = q * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def _windowed(
    made_of: Callable[[list[float]], float],
) -> Callable[..., list[float | None]]:
    def over(values: list[float], n: float = math.inf) -> list[float | None]:
        results: list[float | None] = []
        finite: list[float] = []
        for value in values:
            if math.isfinite(value):
                finite.append(value)
                results.append(made_of(finite[-int(min(n, len(finite))) :]))
            else:
                results.append(value)
        return results

    return over


def _ema(values: list[float], weight: float) -> list[float | None]:
    results: list[float | None] = []
    total = norm = 0.0
    for value in values:
        if not math.isfinite(value):
            results.append(value)
            continue
        total = weight * total + (1 - weight) * value
        norm = weight * norm + (1 - weight)
        results.append(total / norm)
    return results


def _diff(values: list[float]) -> list[float | None]:
    results: list[float | None] = []
    before: float | None = None
    for value in values:
        if not math.isfinite(value):
            results.append(value)
            continue
        results.append(None if before is None else value - before)
        before = value
    return results


def _shift(values: list[float], n: float) -> list[float | None]:
    return [
        values[i - int(n)] if 0 <= i - int(n) < len(values) else None for i in range(len(values))
    ]


WINDOWS: dict[str, Callable[..., list[float | None]]] = {
    "ema": _ema,
    "rolling_mean": _windowed(statistics.fmean),
    "rolling_median": _windowed(lambda window: quantile(window, 0.5)),
    "rolling_quantile": lambda values, n, q: _windowed(lambda window: quantile(window, q))(
        values, n
    ),
    "cumsum": _windowed(math.fsum),
    "diff": _diff,
    "shift": _shift,
}


# -- buckets ---


@dataclass
class BruteBucket:
    """All that a chart says of the points of one bucket."""

    values: list[float] = field(default_factory=list[float])
    xs: set[float] = field(default_factory=set[float])
    """Of the finite points."""
    nan: int = 0
    positive_infinity: int = 0
    negative_infinity: int = 0

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values) if self.values else NAN


def bucket_index(x: float, level: int) -> int:
    return math.floor(Fraction(x) / Fraction(2) ** level)


def buckets_of(
    points: Sequence[Point], level: int, lo: float | None, hi: float | None
) -> dict[int, BruteBucket]:
    """Whole buckets of a level that touch the range, those with points."""
    first = None if lo is None else bucket_index(lo, level)
    last: int | None = None
    if hi is not None:
        last = bucket_index(hi, level)
        if Fraction(hi) == last * Fraction(2) ** level and (first is None or last > first):
            last -= 1
    buckets: dict[int, BruteBucket] = {}
    for x, value in points:
        index = bucket_index(x, level)
        if (first is not None and index < first) or (last is not None and index > last):
            continue
        bucket = buckets.setdefault(index, BruteBucket())
        if math.isnan(value):
            bucket.nan += 1
        elif value == math.inf:
            bucket.positive_infinity += 1
        elif value == -math.inf:
            bucket.negative_infinity += 1
        else:
            bucket.values.append(value)
            bucket.xs.add(x)
    return dict(sorted(buckets.items()))


# -- groups ---


@dataclass
class BruteGroup:
    """A group's curve in one bucket, from its runs' buckets."""

    values: list[float] = field(default_factory=list[float])
    least: list[float] = field(default_factory=list[float])
    greatest: list[float] = field(default_factory=list[float])
    n_points: int = 0


def grouped(members: Sequence[Mapping[int, BruteBucket]]) -> dict[int, BruteGroup]:
    """Per bucket what each run has there: its mean, or what lies between its neighbours."""
    groups: dict[int, BruteGroup] = {}
    first = min(min(member) for member in members)
    last = max(max(member) for member in members)
    for index in range(first, last + 1):
        group = BruteGroup()
        has_points = False
        for member in members:
            if index in member:
                has_points = True
                group.n_points += len(member[index].values)
                if member[index].values:
                    group.values.append(member[index].mean)
                    group.least.append(min(member[index].values))
                    group.greatest.append(max(member[index].values))
                continue
            before = [n for n in member if n < index]
            after = [n for n in member if n > index]
            if before and after:
                a, b = member[max(before)], member[min(after)]
                if a.values and b.values:
                    share = (index - max(before)) / (min(after) - max(before))
                    ends = [(a.mean, b.mean), (min(a.values), min(b.values)),
                            (max(a.values), max(b.values))]  # fmt: skip
                    between = [low + (high - low) * share for low, high in ends]
                    group.values.append(between[0])
                    group.least.append(between[1])
                    group.greatest.append(between[2])
        if group.values or has_points:
            groups[index] = group
    return groups
