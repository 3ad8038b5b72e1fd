"""The inverse of the parser of expressions, for tests of round trips."""

from __future__ import annotations

import json
import re
from typing import Final

from weft.queries.expression_text import CONFIG, STEP
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

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = 1, 2, 3, 4, 5
_BINDING: Final = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "**": _POWER}
_PLAIN_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


def format_expression(expression: Expression) -> str:
    """Write an expression so that parsing it gives the same tree."""
    return _format(expression, 0)


def _format(expression: Expression, needed: int) -> str:
    match expression:
        case Number(value):
            text = _format_number(value)
            binding = _SIGN if text.startswith("-") else _ATOM
        case Metric(key):
            plain = _PLAIN_NAME.fullmatch(key) and key != STEP and not key.startswith(CONFIG)
            text, binding = (key if plain else json.dumps(key, ensure_ascii=False)), _ATOM
        case Config(path):
            plain = _PLAIN_NAME.fullmatch(CONFIG + path)
            text = CONFIG + (path if plain else json.dumps(path, ensure_ascii=False))
            binding = _ATOM
        case Step():
            text, binding = STEP, _ATOM
        case Baseline(of):
            text, binding = f"baseline({_format(of, 0)})", _ATOM
        case Negative(of):
            text, binding = f"-{_format(of, _POWER)}", _SIGN
        case Binary("**", left, right):
            text, binding = f"{_format(left, _ATOM)} ** {_format(right, _SIGN)}", _POWER
        case Binary(operator, left, right):
            binding = _BINDING[operator]
            text = f"{_format(left, binding)} {operator} {_format(right, binding + 1)}"
        case Call(function, operands, options):
            inside = [_format(of, 0) for of in operands] + [_format_number(n) for n in options]
            text, binding = f"{function}({', '.join(inside)})", _ATOM
    return f"({text})" if binding < needed else text


def _format_number(value: float) -> str:
    whole = value.is_integer() and 0 < abs(value) < 1e15
    return str(int(value)) if whole else repr(value).removesuffix(".0")
