"""The value of an expression over the points of a run. Pure numpy, no I/O.

`charting.expressions` passes the tree of `weft.queries.expressions` and the points of each metric
it names, and gets points back. The rules:

- An expression over one metric has a value at each of its points, also where several share an x.
- Two metrics (of one run, or of the run and the baseline) are joined at each x that both have,
  exactly equal. Of several points of one metric at an x the last counts, by (time, writer, row).
  `loss - ema(loss, 0.9)` is over one metric, so nothing is joined.
- Over time they are joined by step, as rows have no time in common. The joined point is at the
  later of the two times; of a point of the run and one of the baseline, at the run's time.
- `_step` is the step at each of those points and adds no points. A number of the config is the
  same at all of them.
- An x axis that is an expression is joined with the curve by step, as two metrics are. Points
  whose x is not finite are left out. If several points share an x, all of them count.
- Functions of neighbouring points are computed over the points of their argument, before it is
  joined with anything else.
- Arithmetic is float64: 1 / 0 is infinite and 0 / 0 is NaN. The logarithm of a number that is not
  positive and the square root of a negative number are NaN. Such results are counted like
  nonfinite values that were logged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
from weft.server.services.access.cancellation import Cancellation
from weft.server.services.charting.expressions import windows
from weft.server.storage.contract import Float64, Steps


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in order of (x, time, writer, row); x is finite, int64 or float64.

    Attributes:
        steps: of each point, if x is time: metrics are joined by step. None if they are joined
            by x.
    """

    x: Steps
    values: Float64
    steps: Steps | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def n_bytes(self) -> int:
        return self.x.nbytes + self.values.nbytes


@dataclass(frozen=True, slots=True)
class RunValues:
    """A run's inputs to an expression: points by metric, and numbers of the config by path."""

    points: Mapping[str, Curve] = field(default_factory=dict[str, Curve])
    config: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True, eq=False)
class _Points:
    """The x of a series of points, ascending. Values that share one need no join.

    `steps` are those of `Curve`. `is_own` if the run itself has points there, not the baseline
    alone.
    """

    x: Steps
    steps: Steps | None
    is_own: bool

    def last_at_each(self) -> tuple[Steps, NDArray[np.intp]]:
        """The x, or steps, by which points are joined, ascending, and the last point of each."""
        if self.steps is None:
            last = last_at_each(self.x)
            return self.x[last], last
        order = np.argsort(self.steps, kind="stable")
        last = order[last_at_each(self.steps[order])]
        return self.steps[last], last


@dataclass(frozen=True, slots=True)
class _Track:
    """Values at some `points`, by their index, ascending; at all points if `index` is None."""

    points: _Points
    index: NDArray[np.intp] | None
    values: Float64

    def x(self) -> Steps:
        return self.points.x if self.index is None else self.points.x[self.index]


_Value = _Track | np.float64


def evaluate(
    expression: Expression,
    own: RunValues,
    baseline: RunValues,
    waits: Cancellation,
    x: Expression | None = None,
) -> Curve:
    """Compute an expression's points.

    For `_step`, the x of `own` and `baseline` must be steps. Without `x`, the points keep theirs.

    >>> loss = Curve(np.array([0, 2, 2]), np.array([4.0, 1.0, 2.0]))
    >>> acc = Curve(np.array([1, 2]), np.array([0.5, 0.75]))
    >>> from weft.queries.expression_text import parse_axis_expression, parse_expression
    >>> run = RunValues({"loss": loss, "acc": acc}, {"batch": 8.0})
    >>> curve = evaluate(parse_expression("loss + acc"), run, RunValues(), Cancellation())
    >>> curve.x, curve.values
    (array([2]), array([2.75]))
    >>> axis = parse_axis_expression("_step * config.batch")
    >>> curve = evaluate(parse_expression("loss"), run, RunValues(), Cancellation(), axis)
    >>> curve.x, curve.values
    (array([ 0., 16., 16.]), array([4., 1., 2.]))
    """
    with np.errstate(all="ignore"):
        evaluation = _Evaluation(own, baseline, waits)
        value = evaluation.value(expression)
        assert isinstance(value, _Track)  # the parser rejects expressions without a metric
        if x is None:
            return Curve(value.x(), value.values)
        axis = evaluation.value(x)
        assert isinstance(axis, _Track)  # and axes without a metric or the step
        value, axis = evaluation.joined(value, axis)
    (finite,) = np.nonzero(np.isfinite(axis.values))
    order = finite[np.argsort(axis.values[finite], kind="stable")]
    return Curve(axis.values[order], value.values[order])


class _Evaluation:
    def __init__(self, own: RunValues, baseline: RunValues, waits: Cancellation) -> None:
        self._values_of = (own, baseline)
        self._points_of: tuple[dict[str, _Points], dict[str, _Points]] = ({}, {})
        self._joins: dict[tuple[_Points, _Points], _Join] = {}
        self._in_baseline = False
        self._waits = waits

    def value(self, expression: Expression) -> _Value:
        self._waits.check()
        match expression:
            case Number(value):
                return np.float64(value)
            case Metric(key):
                return self._metric(key)
            case Config(path):
                return np.float64(self._values_of[self._in_baseline].config[path])
            case Step():
                return self._step()
            case Baseline(of):
                self._in_baseline = True
                value = self.value(of)
                self._in_baseline = False
                return value
            case Negative(of):
                return _mapped(np.negative, self.value(of))
            case Binary(operator, left, right):
                return self._together(_BINARY[operator], *self._values((left, right)))
            case Call("min" | "max" as function, operands):
                return self._least_or_greatest(function, operands)
            case Call(function, operands, options):
                return self._call(function, self._values(operands), options)

    def _values(self, operands: Sequence[Expression]) -> list[_Value]:
        # The largest operand comes first, while no other value is in memory. So no expression
        # needs more than about ten values at once, however it is nested (Sethi, Ullman, 1970).
        values: dict[int, _Value] = {}
        for n in sorted(range(len(operands)), key=lambda n: -_size(operands[n])):
            values[n] = self.value(operands[n])
        return [values[n] for n in range(len(operands))]

    def _least_or_greatest(self, function: str, operands: Sequence[Expression]) -> _Value:
        chosen: Any = np.minimum if function == "min" else np.maximum
        first, *others = sorted(operands, key=_size, reverse=True)
        value = self.value(first)
        for other in others:
            value = self._together(chosen, value, self.value(other))
        return value

    def _metric(self, key: str) -> _Track:
        curve = self._values_of[self._in_baseline].points[key]
        return _Track(self._points(key, self._in_baseline), None, curve.values)

    def _points(self, key: str, in_baseline: bool) -> _Points:
        curve = self._values_of[in_baseline].points[key]
        points = _Points(curve.x, curve.steps, not in_baseline)
        return self._points_of[in_baseline].setdefault(key, points)

    def _step(self) -> _Track:
        # `_step` takes the points of the first metric; other metrics are joined there by step.
        own, baseline = self._values_of
        in_baseline = not own.points
        key = next(iter((baseline if in_baseline else own).points))
        points = self._points(key, in_baseline)
        return _Track(points, None, points.x.astype(np.float64))

    def _call(self, function: str, of: list[_Value], options: tuple[float, ...]) -> _Value:
        if function in _UNARY:
            return _mapped(_UNARY[function], of[0])
        if function == "clip":
            value, low, high = of
            return self._together(np.minimum, self._together(np.maximum, value, low), high)
        track = of[0]
        assert isinstance(track, _Track)
        values = track.values
        if function in {"diff", "shift"}:
            n = int(options[0]) if options else 0
            index, computed = windows.shift(values, n) if options else windows.diff(values)
            return _Track(
                track.points, index if track.index is None else track.index[index], computed
            )
        return _Track(track.points, track.index, self._window(function, values, options))

    def _window(self, function: str, values: Float64, options: tuple[float, ...]) -> Float64:
        if function == "ema":
            return windows.ema(values, options[0], self._waits)
        if function == "cumsum":
            return windows.cumsum(values)
        n = int(options[0])
        if function == "rolling_mean":
            return windows.rolling_mean(values, n, self._waits)
        q = options[1] if function == "rolling_quantile" else 0.5
        return windows.rolling_quantile(values, n, q, self._waits)

    def _together(self, operation: Callable[..., Any], left: _Value, right: _Value) -> _Value:
        if not isinstance(left, _Track):
            return _mapped(partial(operation, left), right)
        if not isinstance(right, _Track):
            return _Track(left.points, left.index, operation(left.values, right))
        left, right = self.joined(left, right)
        return _Track(left.points, left.index, operation(left.values, right.values))

    def joined(self, left: _Track, right: _Track) -> tuple[_Track, _Track]:
        """Reduce two tracks to the points that both have."""
        if left.points is right.points:
            return _at_same_points(left, right)
        join = self._joins.get((left.points, right.points))
        if join is None:
            join = _Join(left.points, right.points)
            self._joins[left.points, right.points] = join
        return _at_same_points(join.moved(left, 0), join.moved(right, 1))


def _size(expression: Expression) -> int:
    match expression:
        case Number() | Metric() | Config() | Step():
            return 1
        case Negative(of) | Baseline(of):
            return 1 + _size(of)
        case Binary(_, left, right):
            return 1 + _size(left) + _size(right)
        case Call(_, operands):
            return 1 + sum(map(_size, operands))


class _Join:
    """The x, or steps, that two series of points share, and the last point of each there."""

    def __init__(self, left: _Points, right: _Points) -> None:
        left_keys, at_left = left.last_at_each()
        right_keys, at_right = right.last_at_each()
        in_left, in_right = common_indices(left_keys, right_keys)
        at_left, at_right = at_left[in_left], at_right[in_right]
        x, steps = left.x[at_left], None
        if left.steps is not None:
            x = _times_of(left, right, x, right.x[at_right])
            order = np.argsort(x, kind="stable")
            at_left, at_right, x = at_left[order], at_right[order], x[order]
            steps = left.steps[at_left]
        self._sides = (at_left, len(left.x)), (at_right, len(right.x))
        self.points = _Points(x, steps, left.is_own or right.is_own)

    def moved(self, track: _Track, side: int) -> _Track:
        """Move a track from one of the two series (0 left, 1 right) to the common one."""
        at, n_points = self._sides[side]
        if track.index is None:
            return _Track(self.points, None, track.values[at])
        value_of = np.full(n_points, -1, dtype=np.intp)
        value_of[track.index] = np.arange(len(track.index))
        values_at = value_of[at]
        (positions,) = np.nonzero(values_at >= 0)
        return _Track(self.points, positions, track.values[values_at[positions]])


def _times_of(left: _Points, right: _Points, left_times: Steps, right_times: Steps) -> Steps:
    if left.is_own == right.is_own:
        return np.maximum(left_times, right_times)
    return left_times if left.is_own else right_times


def _at_same_points(left: _Track, right: _Track) -> tuple[_Track, _Track]:
    """Reduce two tracks over the same points to the points that both have."""
    if left.index is right.index:
        return left, right
    everywhere = np.arange(len(left.points.x))
    of_left = everywhere if left.index is None else left.index
    of_right = everywhere if right.index is None else right.index
    in_left, in_right = common_indices(of_left, of_right)
    index = of_left[in_left]
    return (
        _Track(left.points, index, left.values[in_left]),
        _Track(left.points, index, right.values[in_right]),
    )


def last_at_each(x: Steps) -> NDArray[np.intp]:
    """Index of the last of each group of equal x, in ascending x.

    >>> last_at_each(np.array([1, 1, 2]))
    array([1, 2])
    """
    if not len(x):
        return np.zeros(0, dtype=np.intp)
    is_last = np.ones(len(x), dtype=np.bool_)
    np.not_equal(x[1:], x[:-1], out=is_last[:-1])
    return np.flatnonzero(is_last)


def common_indices(
    left: NDArray[Any], right: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices, in each of two strictly ascending arrays, of the numbers that both contain.

    >>> common_indices(np.array([1, 2, 5]), np.array([2.0, 5.0]))
    (array([1, 2]), array([0, 1]))
    """
    if left.dtype == right.dtype:
        if len(left) == len(right) and bool((left == right).all()):
            every = np.arange(len(left))
            return every, every
    elif left.dtype.kind == "f":
        in_right, in_left = common_indices(right, left)
        return in_left, in_right
    else:
        return _common_with_floats(left, right)
    if not len(right):
        none = np.zeros(0, dtype=np.intp)
        return none, none
    nearest = np.minimum(right.searchsorted(left), len(right) - 1)
    (matching,) = np.nonzero(right[nearest] == left)
    return matching, nearest[matching]


def _common_with_floats(
    ints: NDArray[Any], floats: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    # Floats that are whole numbers within 64 bits become ints; other floats equal no int.
    (whole,) = np.nonzero((np.floor(floats) == floats) & (np.abs(floats) < 2.0**63))
    in_ints, in_whole = common_indices(ints, floats[whole].astype(np.int64))
    return in_ints, whole[in_whole]


def _mapped(operation: Callable[..., Any], value: _Value) -> _Value:
    if isinstance(value, _Track):
        return _Track(value.points, value.index, operation(value.values))
    return np.float64(operation(value))


def _log(values: Any) -> Any:
    return np.where(values > 0, np.log(values), np.nan)


def _log10(values: Any) -> Any:
    return np.where(values > 0, np.log10(values), np.nan)


_UNARY: Final[dict[str, Callable[..., Any]]] = {
    "abs": np.abs,
    "log": _log,
    "log10": _log10,
    "exp": np.exp,
    "sqrt": np.sqrt,
}
_BINARY: Final[dict[str, Callable[..., Any]]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
    "**": np.power,
}
