"""Expressions over metrics as trees: `ema(loss, 0.9) - baseline(loss)`. Pure.

`expression_text` reads and writes them; `weft.server.services.charting` evaluates them over the
points of a run. Their depth and number of terms are limited, so that a pass over a tree takes
bounded time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

MAX_DEPTH: Final = 32
MAX_TERMS: Final = 256
"""Most metrics, numbers, operators and functions in total: each costs a pass over the points."""

MAX_WINDOW: Final = 2**31 - 1
"""Largest `n` of a window or shift. A window longer than the series costs nothing extra."""

Operator = Literal["+", "-", "*", "/", "%", "**"]


@dataclass(frozen=True, slots=True)
class Number:
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Metric:
    """The points of one of the run's metrics."""

    key: str


@dataclass(frozen=True, slots=True)
class Config:
    """A number in the run's config, the same at every point."""

    path: str


@dataclass(frozen=True, slots=True)
class Step:
    """The step of each point."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """An expression over the baseline run instead of the run itself."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    """`-x`."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands at the same x."""

    operator: Operator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function call; `options` are its constant arguments: weight, window, quantile, shift."""

    function: str
    of: tuple[Expression, ...]
    options: tuple[float, ...] = ()


Expression = Number | Metric | Config | Step | Baseline | Negative | Binary | Call

_Leaf = TypeVar("_Leaf", Number, Metric, Config, Step)


@dataclass(frozen=True, slots=True)
class OptionRule:
    """A constant argument: its name, which numbers it takes, and that rule in words."""

    name: str
    takes: Callable[[float], bool]
    rule: str


@dataclass(frozen=True, slots=True)
class FunctionRule:
    """The number of expressions that a function takes, and the options after them.

    `uses_other_points` if a value also depends on points at other x.
    """

    at_least: int = 1
    at_most: int = 1
    options: tuple[OptionRule, ...] = ()
    uses_other_points: bool = False


def _is_window(n: float) -> bool:
    return n.is_integer() and 1 <= n <= MAX_WINDOW


_WINDOW: Final = OptionRule("n", _is_window, f"a whole number from 1 to {MAX_WINDOW}")
_WEIGHT: Final = OptionRule("weight", lambda w: 0 <= w < 1, "a number from 0 to below 1")
_QUANTILE: Final = OptionRule("q", lambda q: 0 <= q <= 1, "a number from 0 to 1")
_SHIFT: Final = OptionRule(
    "n",
    lambda n: n.is_integer() and abs(n) <= MAX_WINDOW,
    f"a whole number from -{MAX_WINDOW} to {MAX_WINDOW}",
)

FUNCTIONS: Final[dict[str, FunctionRule]] = {
    "abs": FunctionRule(),
    "log": FunctionRule(),
    "log10": FunctionRule(),
    "exp": FunctionRule(),
    "sqrt": FunctionRule(),
    "min": FunctionRule(2, MAX_TERMS),
    "max": FunctionRule(2, MAX_TERMS),
    "clip": FunctionRule(3, 3),
    "ema": FunctionRule(options=(_WEIGHT,), uses_other_points=True),
    "rolling_mean": FunctionRule(options=(_WINDOW,), uses_other_points=True),
    "rolling_median": FunctionRule(options=(_WINDOW,), uses_other_points=True),
    "rolling_quantile": FunctionRule(options=(_WINDOW, _QUANTILE), uses_other_points=True),
    "diff": FunctionRule(uses_other_points=True),
    "cumsum": FunctionRule(uses_other_points=True),
    "shift": FunctionRule(options=(_SHIFT,), uses_other_points=True),
}
"""All functions except `baseline`, by name."""


def metrics_of(expression: Expression) -> list[str]:
    """The metrics of the run itself that an expression names, each once, in order.

    >>> from weft.queries.expression_text import parse_expression
    >>> metrics_of(parse_expression("a + b * a - baseline(c)"))
    ['a', 'b']
    """
    return [metric.key for metric in _named(expression, Metric, of_baseline=False)]


def baseline_metrics_of(expression: Expression) -> list[str]:
    """The metrics of the baseline run that an expression names, each once, in order.

    >>> from weft.queries.expression_text import parse_expression
    >>> baseline_metrics_of(parse_expression("a + b * a - baseline(c)"))
    ['c']
    """
    return [metric.key for metric in _named(expression, Metric, of_baseline=True)]


def config_of(expression: Expression) -> list[str]:
    """The paths in the run's own config that an expression names, each once, in order.

    >>> from weft.queries.expression_text import parse_expression
    >>> config_of(parse_expression("loss / config.data.batch - baseline(loss / config.n)"))
    ['data.batch']
    """
    return [leaf.path for leaf in _named(expression, Config, of_baseline=False)]


def baseline_config_of(expression: Expression) -> list[str]:
    """The paths in the baseline run's config that an expression names, each once, in order."""
    return [leaf.path for leaf in _named(expression, Config, of_baseline=True)]


def is_pointwise(expression: Expression) -> bool:
    """Whether the value at an x depends on points at that x only.

    >>> from weft.queries.expression_text import parse_expression
    >>> is_pointwise(parse_expression("log(a)")), is_pointwise(parse_expression("diff(a)"))
    (True, False)
    """
    match expression:
        case Call(function, of):
            return not FUNCTIONS[function].uses_other_points and all(map(is_pointwise, of))
        case Binary(_, left, right):
            return is_pointwise(left) and is_pointwise(right)
        case Negative(of) | Baseline(of):
            return is_pointwise(of)
        case _:
            return True


def has_metric(expression: Expression) -> bool:
    """Whether an expression names any metric, of either run."""
    return any(isinstance(leaf, Metric) for leaf, _ in _leaves(expression))


def has_step(expression: Expression) -> bool:
    """Whether an expression names the step."""
    return any(isinstance(leaf, Step) for leaf, _ in _leaves(expression))


def has_baseline(expression: Expression) -> bool:
    """Whether any part of an expression refers to the baseline run."""
    return any(of_baseline for _, of_baseline in _leaves(expression))


def _named(expression: Expression, kind: type[_Leaf], *, of_baseline: bool) -> list[_Leaf]:
    """The leaves of one kind that refer to one of the two runs, each once, in order."""
    leaves = (
        leaf
        for leaf, is_of_baseline in _leaves(expression)
        if isinstance(leaf, kind) and is_of_baseline == of_baseline
    )
    return list(dict.fromkeys(leaves))


def _leaves(
    expression: Expression, *, of_baseline: bool = False
) -> Iterator[tuple[Number | Metric | Config | Step, bool]]:
    """The leaves of an expression, and whether each refers to the baseline run."""
    match expression:
        case Number() | Metric() | Config() | Step():
            yield expression, of_baseline
        case Baseline(of):
            yield from _leaves(of, of_baseline=True)
        case Negative(of):
            yield from _leaves(of, of_baseline=of_baseline)
        case Binary(_, left, right):
            yield from _leaves(left, of_baseline=of_baseline)
            yield from _leaves(right, of_baseline=of_baseline)
        case Call(_, operands):
            for of in operands:
                yield from _leaves(of, of_baseline=of_baseline)
