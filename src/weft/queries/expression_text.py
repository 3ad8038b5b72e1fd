"""The text form of expressions: `ema(loss, 0.9) - baseline(loss)`. Pure.

The language:

    loss, val.acc, "train/loss"      metrics; a name with other characters is in double quotes,
                                     with the escapes of JSON
    1, 0.5, 1e-3                     numbers
    config.lr, config."top k"        a number in the run's config, the same at every point; a path
                                     with other characters is in double quotes
    _step                            the step of each point
    + - * / % **, -x, ( )            as in Python: `**` binds tighter than the sign before it and
                                     associates to the right; `%` has the sign of its divisor
    baseline(x)                      x of the panel's baseline run
    abs log log10 exp sqrt           applied to each value
    min max                          of two or more values at the same x
    clip(x, lo, hi)                  values below lo become lo, values above hi become hi
    ema(x, weight)                   exponential moving average, 0 <= weight < 1
    rolling_mean(x, n), rolling_median(x, n), rolling_quantile(x, n, q)
                                     over the last n points
    diff(x), cumsum(x), shift(x, n)  difference from the previous point; running sum; value n
                                     points ago

Any other text is refused: there are no comparisons, assignments, attributes or other functions.
Length, depth and number of terms are limited, so that parsing takes bounded time.
"""

from __future__ import annotations

import json
import math
import re
from typing import Final, NoReturn

from weft.errors import ExpressionError
from weft.queries.expressions import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_TERMS,
    Baseline,
    Binary,
    Call,
    Config,
    Expression,
    FunctionRule,
    Metric,
    Negative,
    Number,
    Operator,
    OptionRule,
    Step,
    has_baseline,
    has_metric,
    has_step,
)
from weft.queries.filters import MAX_COLUMN_BYTES
from weft.records.limits import MAX_KEY_BYTES

MAX_CHARS: Final = 10_000
STEP: Final = "_step"
CONFIG: Final = "config."


def parse_expression(text: str) -> Expression:
    """Parse an expression; ExpressionError shows where it is invalid, too long, deep or large.

    Cost: O(length).

    >>> parse_expression("loss * 2")
    Binary(operator='*', left=Metric(key='loss'), right=Number(value=2.0))
    >>> parse_expression("loss + sin(1)")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    weft.errors.ExpressionError: there is no function sin; there are ...
    """
    parser = _Parser(text)
    tree = parser.parse()
    if not has_metric(tree):
        message = "an expression needs a metric, this one is the same everywhere, at column 1"
        raise ExpressionError(message, column=1)
    return tree


def parse_axis_expression(text: str) -> Expression:
    """Parse a chart's x axis: an expression with the step or a metric, without `baseline`.

    >>> parse_axis_expression("_step * config.batch_size")
    Binary(operator='*', left=Step(), right=Config(path='batch_size'))
    """
    tree = _Parser(text).parse()
    if has_baseline(tree):
        message = "an x axis is of each run itself, without baseline(...), at column 1"
        raise ExpressionError(message, column=1)
    if not has_metric(tree) and not has_step(tree):
        message = "an x axis needs a metric or _step, this one is the same everywhere, at column 1"
        raise ExpressionError(message, column=1)
    return tree


_SPACE: Final = re.compile(r"\s*")
_NUMBER: Final = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPERATOR: Final = re.compile(r"\*\*|[-+*/%]")
_SHOWN_CHARS: Final = 40


class _Parser:
    """Recursive descent over one text; `_at` is the index of the next character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._n_terms = 0
        self._in_baseline = False

    def parse(self) -> Expression:
        if len(self._text) > MAX_CHARS:
            self._fail(f"an expression has at most {MAX_CHARS} characters", MAX_CHARS)
        self._skip()
        if self._at == len(self._text):
            self._fail("an expression is missing")
        tree = self._sum()
        if self._at < len(self._text):
            self._fail("an operator or the end is expected")
        return tree

    def _sum(self) -> Expression:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"an expression is at most {MAX_DEPTH} levels deep")
        tree = self._product()
        while operator := self._take_operator("+", "-"):
            tree = self._binary(operator, tree, self._product())
        self._depth -= 1
        return tree

    def _product(self) -> Expression:
        tree = self._signed()
        while operator := self._take_operator("*", "/", "%"):
            tree = self._binary(operator, tree, self._signed())
        return tree

    def _signed(self) -> Expression:
        n_signs, negative = 0, False
        while sign := self._take_operator("+", "-"):
            n_signs += 1
            negative ^= sign == "-"
            if n_signs > MAX_DEPTH:
                self._fail(f"more than {MAX_DEPTH} signs in a row")
        tree = self._power()
        if not negative:
            return tree
        self._count()
        return Number(-tree.value) if isinstance(tree, Number) else Negative(tree)

    def _power(self) -> Expression:
        tree = self._atom()
        if not self._take_operator("**"):
            return tree
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"an expression is at most {MAX_DEPTH} levels deep")
        exponent = self._signed()
        self._depth -= 1
        return self._binary("**", tree, exponent)

    def _atom(self) -> Expression:
        start = self._at
        if self._take("("):
            tree = self._sum()
            self._expect(")")
            return tree
        if self._peek() == '"':
            return self._metric(self._quoted_name(), start)
        if (number := _NUMBER.match(self._text, start)) is not None:
            return self._number(number)
        if self._text.startswith(f'{CONFIG}"', start):
            self._at += len(CONFIG)
            return self._config(self._quoted_name(), start)
        if (name := _PLAIN_NAME.match(self._text, start)) is None:
            self._fail("a metric, a number or a parenthesis is expected")
        self._move(name.end())
        if self._take("("):
            return self._call(name[0], start)
        if name[0] == STEP:
            self._count()
            return Step()
        if name[0].startswith(CONFIG):
            return self._config(name[0].removeprefix(CONFIG), start)
        return self._metric(name[0], start)

    def _number(self, match: re.Match[str]) -> Number:
        value = float(match[0])
        if not math.isfinite(value):
            self._fail("the number is too large")
        follower = self._text[match.end() : match.end() + 1]
        if follower == "_" or follower.isalnum():
            self._fail("a name with this beginning has to stand in double quotes")
        self._count()
        self._move(match.end())
        return Number(value)

    def _quoted_name(self) -> str:
        match = _QUOTED.match(self._text, self._at)
        if match is None:
            self._fail("the quoted name has no end")
        try:
            key = json.loads(match[0], strict=False)
        except ValueError:
            self._fail("the quoted name has an escape that JSON does not know")
        self._move(match.end())
        return str(key)

    def _metric(self, key: str, start: int) -> Metric:
        if len(key.encode(errors="replace")) > MAX_KEY_BYTES:
            self._fail(f"a metric's name has at most {MAX_KEY_BYTES} bytes", start)
        if not _is_name(key):
            self._fail("no metric can have this name", start)
        self._count()
        return Metric(key)

    def _config(self, path: str, start: int) -> Config:
        if not _is_name(path):
            self._fail("no config value can have this name", start)
        if len(f"{CONFIG}{path}".encode()) > MAX_COLUMN_BYTES:
            self._fail(f"a config value's name has at most {MAX_COLUMN_BYTES} bytes", start)
        self._count()
        return Config(path)

    def _call(self, name: str, start: int) -> Expression:
        self._count()
        if name == "baseline":
            if self._in_baseline:
                self._fail("baseline stands within a baseline", start)
            self._in_baseline = True
            tree = self._sum()
            self._expect(")")
            self._in_baseline = False
            return Baseline(tree)
        rule = FUNCTIONS.get(name)
        if rule is None:
            functions = ", ".join([*FUNCTIONS, "baseline"])
            self._fail(f"there is no function {name}; there are {functions}", start)
        operands: list[Expression] = []
        starts: list[int] = []
        while True:
            starts.append(self._at)
            if len(operands) == rule.at_most + len(rule.options):
                self._fail(f"{name} takes {self._arity(rule)}")
            operands.append(self._sum())
            if not self._take(","):
                break
        self._expect(")")
        n_options = len(rule.options)
        if len(operands) < rule.at_least + n_options:
            self._fail(f"{name} takes {self._arity(rule)}", start)
        split = len(operands) - n_options
        options = [
            self._option(name, option, operand, operand_start)
            for option, operand, operand_start in zip(
                rule.options, operands[split:], starts[split:], strict=True
            )
        ]
        if rule.uses_other_points and not has_metric(operands[0]):
            self._fail(f"{name} needs a metric", starts[0])
        return Call(name, tuple(operands[:split]), tuple(options))

    def _option(self, function: str, option: OptionRule, operand: Expression, start: int) -> float:
        if not isinstance(operand, Number) or not option.takes(operand.value):
            self._fail(f"{option.name} of {function} must be {option.rule}", start)
        return operand.value

    @staticmethod
    def _arity(rule: FunctionRule) -> str:
        operands = ["x"] if rule.at_most == 1 else ["x", "lo", "hi"][: rule.at_least]
        if rule.at_most > 3:
            return "two or more values"
        return f"({', '.join([*operands, *(option.name for option in rule.options)])})"

    def _binary(self, operator: str, left: Expression, right: Expression) -> Expression:
        self._count()
        operators: dict[str, Operator] = {
            "+": "+",
            "-": "-",
            "*": "*",
            "/": "/",
            "%": "%",
            "**": "**",
        }
        return Binary(operators[operator], left, right)

    def _count(self) -> None:
        self._n_terms += 1
        if self._n_terms > MAX_TERMS:
            self._fail(f"an expression has at most {MAX_TERMS} terms")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, char: str) -> bool:
        if self._peek() != char:
            return False
        self._move(self._at + 1)
        return True

    def _take_operator(self, *operators: str) -> str | None:
        match = _OPERATOR.match(self._text, self._at)
        if match is None or match[0] not in operators:
            return None
        self._move(match.end())
        return match[0]

    def _expect(self, char: str) -> None:
        if not self._take(char):
            self._fail(f"{char} is expected")

    def _move(self, to: int) -> None:
        self._at = to
        self._skip()

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _fail(self, fault: str, at: int | None = None) -> NoReturn:
        at = self._at if at is None else at
        before = self._text[max(0, at - _SHOWN_CHARS) : at]
        after = self._text[at : at + _SHOWN_CHARS]
        raise ExpressionError(f"{fault}, at column {at + 1}: {before}>>>{after}", column=at + 1)


def _is_name(text: str) -> bool:
    """Whether a metric or config value can have this name; lone surrogates can't be encoded."""
    return text != "" and not any(0xD800 <= ord(char) <= 0xDFFF for char in text)
