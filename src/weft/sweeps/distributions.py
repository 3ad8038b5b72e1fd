"""The distributions of parameters, under the names of W&B.

`DISTRIBUTIONS` is the one list of them: their keys, of which the JSON Schema is made, and how a
`Distribution` is built from them. A distribution draws values, and maps them to positions in
[0, 1], where model-based search works: equal steps there are equally likely.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from statistics import NormalDist
from typing import Any, Final

Value = Any
"""A parameter's value: what JSON can hold."""

Keys = Mapping[str, Any]
"""The keys of a parameter in a sweep's configuration, with the defaults filled in."""

_LAST: Final = 1 - 2**-53
"""The largest number below 1."""


class Distribution(ABC):
    """The values that a parameter can have, and how likely each is."""

    @abstractmethod
    def draw(self, random: Random) -> Value:
        """A value at random."""

    @abstractmethod
    def at(self, position: float) -> Value:
        """The value at a position in [0, 1]."""

    @abstractmethod
    def position(self, value: Value) -> float | None:
        """The position of a value; None if the distribution does not have it."""

    def steps(self) -> int | None:
        """The number of values, if they are numbers in equal steps; else None."""
        return None

    def values(self) -> Sequence[Value] | None:
        """All values, in order; None if they can't be counted."""
        return None


class Choices(Distribution):
    """One of several values, which have no order.

    >>> Choices([16, 32, 64]).at(0.5)
    32
    """

    def __init__(
        self, values: Sequence[Value], probabilities: Sequence[float] | None = None
    ) -> None:
        self.probabilities = probabilities
        self._values = list(values)

    def draw(self, random: Random) -> Value:
        """A value at random, by the probabilities."""
        return random.choices(self._values, self.probabilities)[0]

    def at(self, position: float) -> Value:
        """The value at a position: they share [0, 1] equally."""
        return self._values[int(min(position, _LAST) * len(self._values))]

    def position(self, value: Value) -> float | None:
        """The middle of the value's share of [0, 1]."""
        index = self.index(value)
        return None if index is None else (index + 0.5) / len(self._values)

    def index(self, value: Value) -> int | None:
        """The index of the value; `True` is not `1`, but `1.0` is."""
        for index, choice in enumerate(self._values):
            if choice == value and isinstance(choice, bool) == isinstance(value, bool):
                return index
        return None

    def values(self) -> Sequence[Value]:
        """All values, as they stand in the configuration."""
        return self._values


class Steps(Distribution):
    """Numbers in equal steps, equally likely but for the ends of a rounded range.

    Args:
        q: the step. An integer gives integers.
        low, high: the range that is rounded to steps. None: all numbers are equally likely.

    >>> Steps(8, 4, 32).at(0.0), Steps(8, 4, 32).at(1.0)
    (32, 256)
    """

    def __init__(
        self,
        q: float,
        first: int,
        last: int,
        low: float | None = None,
        high: float | None = None,
    ) -> None:
        self._q, self._first, self._n = q, first, last - first + 1
        self._range = None if low is None or high is None else (low, high)

    def draw(self, random: Random) -> float:
        if self._range is None:
            return self._number(random.randrange(self._n))
        low, high = self._range
        return self._number(round((low + random.random() * (high - low)) / self._q) - self._first)

    def at(self, position: float) -> float:
        """The number at a position: they share [0, 1] equally."""
        return self._number(int(min(position, _LAST) * self._n))

    def position(self, value: Value) -> float | None:
        if not is_number(value):
            return None
        index = round(value / self._q) - self._first
        if not 0 <= index < self._n or not math.isclose(
            self._number(index), value, rel_tol=1e-9, abs_tol=self._q * 1e-9
        ):
            return None
        return (index + 0.5) / self._n

    def steps(self) -> int:
        """The length of the sequence."""
        return self._n

    def values(self) -> Sequence[float]:
        """All numbers, from the smallest."""
        return _Numbers(self._number, self._n)

    def _number(self, index: int) -> float:
        return multiple(min(max(index, 0), self._n - 1) + self._first, self._q)


class _Numbers(Sequence[float]):
    """The numbers of a range of steps, made when they are asked for."""

    def __init__(self, number: Callable[[int], float], n: int) -> None:
        self._number, self._n = number, n

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._number(i) for i in range(*index.indices(self._n))]
        if not -self._n <= index < self._n:
            raise IndexError(index)
        return self._number(index % self._n)


class Continuous(Distribution):
    """Numbers whose quantiles are known.

    Args:
        quantile: from a position to a number; rises or falls all the way.
        cumulative: from a number to a position.
        q: numbers are rounded to multiples of it, within the limits. None: they are not rounded.

    >>> log_uniform(math.log(1e-4), math.log(1e-2)).at(0.5)
    0.001
    """

    def __init__(
        self,
        quantile: Callable[[float], float],
        cumulative: Callable[[float], float],
        low: float = -math.inf,
        high: float = math.inf,
        q: float | None = None,
    ) -> None:
        self._quantile, self._cumulative = quantile, cumulative
        self._low, self._high, self._q = low, high, q

    def draw(self, random: Random) -> float:
        return self.at(random.random())

    def at(self, position: float) -> float:
        """The number at a position; at 0 and 1 those next to them, which are finite."""
        number = self._quantile(min(max(position, 2**-53), _LAST))
        number = min(max(number, self._low), self._high)
        return float(f"{number:.12g}") if self._q is None else self._round(number, self._q)

    def position(self, value: Value) -> float | None:
        """The position of a number; None for a number outside the limits."""
        slack = self._q or 1e-9 * max(abs(self._low), abs(self._high), 1.0)
        if not is_number(value) or not self._low - slack <= value <= self._high + slack:
            return None
        return self._cumulative(min(max(value, self._low), self._high))

    def _round(self, number: float, q: float) -> float:
        index = round(number / q)
        # A limit may be a little off, as the exponential of a logarithm is.
        if math.isfinite(self._low):
            index = max(index, math.ceil(self._low / q - 1e-9))
        if math.isfinite(self._high):
            index = min(index, math.floor(self._high / q + 1e-9))
        return multiple(index, q)


class Beta(Distribution):
    """A beta distribution on [0, 1], whose position is the number itself."""

    def __init__(self, a: float, b: float, q: float | None = None) -> None:
        self._a, self._b, self._q = a, b, q

    def draw(self, random: Random) -> float:
        return self.at(random.betavariate(self._a, self._b))

    def at(self, position: float) -> float:
        """The number itself, rounded."""
        return position if self._q is None else multiple(round(position / self._q), self._q)

    def position(self, value: Value) -> float | None:
        """The number itself."""
        return float(value) if is_number(value) and 0 <= value <= 1 else None


def is_number(value: Value) -> bool:
    """Whether a value is a finite number, and not a bool."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def multiple(index: int, q: float) -> float:
    """A multiple of a step, without the noise of floating point; of an integer an integer.

    >>> multiple(3, 0.1), multiple(4, 8)
    (0.3, 32)
    """
    return index * q if isinstance(q, int) else float(index * Fraction(repr(q)))


def log_uniform(low: float, high: float, q: float | None = None) -> Continuous:
    """Numbers whose natural logarithm is uniform between `low` and `high`."""
    return Continuous(
        lambda position: math.exp(low + position * (high - low)),
        lambda value: (math.log(value) - low) / (high - low) if value > 0 else 0.0,
        math.exp(low),
        math.exp(high),
        q,
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """A distribution that a configuration can name.

    Attributes:
        summary: its values, in one sentence.
        keys: their JSON Schemas. One without a `default` is required.
        build: makes the distribution of valid keys.
        is_finite: whether its values can be counted, as grid search requires.
        limits: `numbers` if `min` and `max` are its limits, `logarithms` if they are natural
            logarithms of them; None if it has no such keys.
        is_positive: whether `min` must be above 0.
    """

    summary: str
    keys: dict[str, dict[str, Any]]
    build: Callable[[Keys], Distribution]
    is_finite: bool = False
    limits: str | None = None
    is_positive: bool = False


_VALUES: Final[dict[str, Any]] = {"type": "array", "minItems": 1}
_PROBABILITIES: Final[dict[str, Any]] = {
    "type": ["array", "null"],
    "minItems": 1,
    "items": {"type": "number", "minimum": 0},
}
_NUMBER: Final[dict[str, Any]] = {"type": "number"}
_RANGE: Final = {"min": _NUMBER, "max": _NUMBER}
_Q: Final = {"q": {"type": "number", "exclusiveMinimum": 0, "default": 1}}
_NORMAL: Final = {
    "mu": {"type": "number", "default": 0.0},
    "sigma": {"type": "number", "exclusiveMinimum": 0, "default": 1.0},
}
_BETA: Final = {
    "a": {"type": "number", "exclusiveMinimum": 0, "default": 1.0},
    "b": {"type": "number", "exclusiveMinimum": 0, "default": 1.0},
}


def _uniform(keys: Keys) -> Distribution:
    low, high = keys["min"], keys["max"]
    return Continuous(
        lambda position: low + position * (high - low),
        lambda value: (value - low) / (high - low),
        low,
        high,
    )


def _q_uniform(keys: Keys) -> Distribution:
    low, high, q = keys["min"], keys["max"], keys["q"]
    first, last = math.ceil(low / q - 1e-9), math.floor(high / q + 1e-9)
    return Steps(q, first, max(first, last), low, high)


def _inv_log_uniform(low: float, high: float) -> Distribution:
    return Continuous(
        lambda position: math.exp(-(high - position * (high - low))),
        lambda value: (high + math.log(value)) / (high - low) if value > 0 else 0.0,
        math.exp(-high),
        math.exp(-low),
    )


def _normal(keys: Keys) -> Distribution:
    normal = NormalDist(keys["mu"], keys["sigma"])
    return Continuous(normal.inv_cdf, normal.cdf, q=keys.get("q"))


def _log_normal(keys: Keys) -> Distribution:
    normal = NormalDist(keys["mu"], keys["sigma"])
    return Continuous(
        lambda position: math.exp(normal.inv_cdf(position)),
        lambda value: normal.cdf(math.log(value)) if value > 0 else 0.0,
        low=0.0,
        q=keys.get("q"),
    )


def _logarithms(keys: Keys) -> tuple[float, float]:
    return math.log(keys["min"]), math.log(keys["max"])


DISTRIBUTIONS: Final[dict[str, Kind]] = {
    "constant": Kind(
        "The one `value`.",
        {"value": {}},
        lambda keys: Choices([keys["value"]]),
        is_finite=True,
    ),
    "categorical": Kind(
        "One of `values`: each as likely, or by `probabilities`.",
        {"values": _VALUES, "probabilities": _PROBABILITIES | {"default": None}},
        lambda keys: Choices(keys["values"], keys["probabilities"]),
        is_finite=True,
    ),
    "categorical_w_probabilities": Kind(
        "One of `values`, by `probabilities`.",
        {"values": _VALUES, "probabilities": _PROBABILITIES},
        lambda keys: Choices(keys["values"], keys["probabilities"]),
        is_finite=True,
    ),
    "int_uniform": Kind(
        "An integer from `min` to `max`, both included.",
        {"min": {"type": "integer"}, "max": {"type": "integer"}},
        lambda keys: Steps(1, keys["min"], keys["max"]),
        is_finite=True,
        limits="numbers",
    ),
    "uniform": Kind("A number from `min` to `max`.", _RANGE, _uniform, limits="numbers"),
    "q_uniform": Kind(
        "`round(X / q) * q`, with X uniform from `min` to `max`.",
        _RANGE | _Q,
        _q_uniform,
        is_finite=True,
        limits="numbers",
    ),
    "log_uniform": Kind(
        "`exp(X)`, with X uniform from `min` to `max`.",
        _RANGE,
        lambda keys: log_uniform(keys["min"], keys["max"]),
        limits="logarithms",
    ),
    "log_uniform_values": Kind(
        "A number from `min` to `max` whose logarithm is uniform.",
        _RANGE,
        lambda keys: log_uniform(*_logarithms(keys)),
        limits="numbers",
        is_positive=True,
    ),
    "q_log_uniform": Kind(
        "`round(exp(X) / q) * q`, with X uniform from `min` to `max`.",
        _RANGE | _Q,
        lambda keys: log_uniform(keys["min"], keys["max"], keys["q"]),
        limits="logarithms",
    ),
    "q_log_uniform_values": Kind(
        "`round(X / q) * q`, with X from `min` to `max` and its logarithm uniform.",
        _RANGE | _Q,
        lambda keys: log_uniform(*_logarithms(keys), keys["q"]),
        limits="numbers",
        is_positive=True,
    ),
    "inv_log_uniform": Kind(
        "`exp(-X)`, with X uniform from `min` to `max`.",
        _RANGE,
        lambda keys: _inv_log_uniform(keys["min"], keys["max"]),
        limits="logarithms",
    ),
    "inv_log_uniform_values": Kind(
        "A number from `min` to `max` whose inverse has a uniform logarithm.",
        _RANGE,
        lambda keys: _inv_log_uniform(-math.log(keys["max"]), -math.log(keys["min"])),
        limits="numbers",
        is_positive=True,
    ),
    "normal": Kind("Normal, with mean `mu` and standard deviation `sigma`.", _NORMAL, _normal),
    "q_normal": Kind(
        "`round(X / q) * q`, with X normal, mean `mu`, standard deviation `sigma`.",
        _NORMAL | _Q,
        _normal,
    ),
    "log_normal": Kind(
        "`exp(X)`, with X normal, mean `mu`, standard deviation `sigma`.", _NORMAL, _log_normal
    ),
    "q_log_normal": Kind(
        "`round(exp(X) / q) * q`, with X normal, mean `mu`, standard deviation `sigma`.",
        _NORMAL | _Q,
        _log_normal,
    ),
    "beta": Kind(
        "A number from 0 to 1 by the beta distribution of `a` and `b`.",
        _BETA,
        lambda keys: Beta(keys["a"], keys["b"]),
    ),
    "q_beta": Kind(
        "`round(X / q) * q`, with X by the beta distribution of `a` and `b`.",
        _BETA | _Q,
        lambda keys: Beta(keys["a"], keys["b"], keys["q"]),
    ),
}
"""Distributions by the names that configurations use."""


def inferred(keys: Mapping[str, Any]) -> str | None:
    """The distribution of a parameter that does not name one; None if its keys do not tell.

    >>> inferred({"min": 1, "max": 8}), inferred({"min": 0, "max": 0.5})
    ('int_uniform', 'uniform')
    """
    if "value" in keys:
        return "constant"
    if "values" in keys:
        return "categorical"
    if "min" not in keys or "max" not in keys:
        return None
    if "q" in keys:
        return "q_uniform"
    is_whole = isinstance(keys["min"], int) and isinstance(keys["max"], int)
    return "int_uniform" if is_whole else "uniform"
