r"""The text form of filters: `config.lr > 0.01 and tags has "baseline"`. Pure.

The grammar; its words are case-insensitive:

    filter     = conjunct {"or" conjunct}
    conjunct   = term {"and" term}
    term       = "not" term | "(" filter ")" | ("all" | "any") "(" [filter {"," filter}] ")"
               | column ("exists" | "missing")
               | column ("=" | "!=" | "<" | "<=" | ">" | ">=") value
               | column ["not"] ("contains" | "matches" | "has") value
               | column ["not"] "in" "(" [value {"," value}] ")"
    column     = word | string
    value      = string | number | "true" | "false" | "null" | "nan" | "infinity" | word

A word is anything without spaces and without `" ' ( ) , = < > !`. As a value it is a text, or for
a time column a date or an age (`created > -7d`). Strings are in `"` or `'`; in them
`\\ \" \' \n \t \r \uXXXX` are escapes and any other backslash is literal, so that patterns need no
doubled backslashes. `has` is `=` for columns with several values.
"""

from __future__ import annotations

import math
import re
from typing import Any, Final, NamedTuple, NoReturn, cast

from weft.errors import FilterError
from weft.queries.filters import (
    MAX_COMPARISONS,
    MAX_DEPTH,
    MAX_LISTED,
    And,
    Comparison,
    Filter,
    Not,
    Operator,
    Or,
    check_comparison,
    check_filter,
    kind_of_column,
)
from weft.records.run_columns import ColumnKind

MAX_TEXT_CHARS: Final = 4_000_000
"""A list of 100,000 ids takes 1.2 million characters."""

_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<op><=|>=|!=|==|=|<|>)
      | (?P<punct>[(),])
      | (?P<word>[^\s"'()<>=!,]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_INT: Final = re.compile(r"[+-]?\d+")
_FLOAT: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_MAX_DIGITS: Final = 4000
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_MUST_ESCAPE: Final = re.compile(r'[\\"\n\t\r\x00-\x1f\x7f\u2028\u2029]')
_SHORT_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

_WORD_VALUES: Final[dict[str, Any]] = {
    "true": True,
    "false": False,
    "null": None,
    "nan": math.nan,
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
}
_WORD_OPERATORS: Final[dict[str, Operator]] = {
    "contains": "contains",
    "matches": "regex",
    "has": "=",
    "in": "in",
}
_RESERVED: Final = frozenset(
    {"and", "or", "not", "all", "any", "exists", "missing", *_WORD_OPERATORS, *_WORD_VALUES}
)
_PLAIN_WORD: Final = re.compile(r"[^\s\"'()<>=!,]+")


class _Token(NamedTuple):
    kind: str
    text: str
    column: int

    @property
    def word(self) -> str:
        return self.text.lower() if self.kind == "word" else ""

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else repr(self.text)[:60]


def parse_filter(text: str) -> Filter:
    """Parse a filter; an empty text gives a filter that every run matches.

    FilterError has a `column`, from 1.

    >>> parse_filter('config.lr > 0.01 and tags has "baseline"').of[1]
    Comparison(column='tags', op='=', value='baseline')
    >>> parse_filter("config.lr >> 1")
    Traceback (most recent call last):
    ...
    weft.errors.FilterError: column 12: a value is expected, not '>'
    """
    if len(text) > MAX_TEXT_CHARS:
        raise FilterError(f"a filter has at most {MAX_TEXT_CHARS} characters")
    parser = _Parser(_tokens(text))
    if parser.token.kind == "end":
        return And(())
    tree = parser.read_filter(1)
    if parser.token.kind != "end":
        parser.fail("and, or or the end")
    check_filter(tree)
    return tree


def format_filter(tree: Filter) -> str:
    """Write a tree as text that `parse_filter` parses back to the same tree.

    >>> format_filter(Or((Comparison("tags", "=", "a b"), Comparison("ended", "exists", False))))
    'tags has "a b" or ended missing'
    """
    return _format(tree, 0)


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._n_comparisons = 0

    @property
    def token(self) -> _Token:
        return self._tokens[self._next]

    def fail(self, expected: str) -> NoReturn:
        token = self.token
        raise FilterError(
            f"column {token.column}: {expected} is expected, not {token}", column=token.column
        )

    def read_filter(self, depth: int) -> Filter:
        return self._read_some("or", depth)

    def _read_some(self, word: str, depth: int) -> Filter:
        # Redundant parentheses are limited too: each costs three calls.
        if depth > 3 * MAX_DEPTH:
            raise FilterError(
                f"column {self.token.column}: a filter is nested at most {MAX_DEPTH} deep",
                column=self.token.column,
            )
        parts = [self._read_some("and", depth) if word == "or" else self._read_term(depth)]
        while self.token.word == word:
            self._take()
            parts.append(self._read_some("and", depth) if word == "or" else self._read_term(depth))
        if len(parts) == 1:
            return parts[0]
        return Or(tuple(parts)) if word == "or" else And(tuple(parts))

    def _read_term(self, depth: int) -> Filter:
        n_nots = 0
        while self.token.word == "not":
            self._take()
            n_nots += 1
        tree = self._read_whole(depth + n_nots)
        for _ in range(n_nots):
            tree = Not(tree)
        return tree

    def _read_whole(self, depth: int) -> Filter:
        token = self.token
        if token.text == "(" and token.kind == "punct":
            self._take()
            tree = self.read_filter(depth + 1)
            self._close()
            return tree
        if token.word in {"all", "any"}:
            return self._read_listed(token.word, depth)
        return self._read_comparison()

    def _read_listed(self, word: str, depth: int) -> Filter:
        self._take()
        self._open()
        parts: list[Filter] = []
        if self.token.text != ")" or self.token.kind != "punct":
            parts.append(self.read_filter(depth + 1))
            while self._take_punct(","):
                parts.append(self.read_filter(depth + 1))
        self._close()
        return And(tuple(parts)) if word == "all" else Or(tuple(parts))

    def _read_comparison(self) -> Filter:
        start = self.token
        if start.kind not in {"word", "string"} or start.word in _RESERVED:
            self.fail("a column such as config.lr, not or (")
        self._n_comparisons += 1
        if self._n_comparisons > MAX_COMPARISONS:
            raise FilterError(f"a filter has at most {MAX_COMPARISONS} comparisons")
        column = start.text if start.kind == "word" else _unquoted(start.text)
        try:
            kind = kind_of_column(column)
        except FilterError as error:
            raise _at(start, error) from None
        self._take()
        is_not = self.token.word == "not"
        if is_not:
            self._take()
            if self.token.word not in _WORD_OPERATORS:
                self.fail("in, contains, matches or has")
        token = self.token
        if token.word in {"exists", "missing"}:
            self._take()
            return Comparison(column, "exists", token.word == "exists")
        op = _WORD_OPERATORS.get(token.word)
        if op is None:
            if token.kind != "op":
                self.fail("an operator such as = > in contains exists")
            op = cast("Operator", "=" if token.text == "==" else token.text)
        elif token.word == "has" and kind != "texts":
            raise _at(token, FilterError(f"{column} has one value: write = or contains"))
        self._take()
        comparison = self._read_values(column, kind, op)
        return Not(comparison) if is_not else comparison

    def _read_values(self, column: str, kind: ColumnKind, op: Operator) -> Comparison:
        first = self.token
        value: Any
        if op == "in":
            self._open()
            values: list[Any] = []
            if self.token.text != ")" or self.token.kind != "punct":
                values.append(self._read_value(kind))
                while self._take_punct(","):
                    values.append(self._read_value(kind))
                    if len(values) > MAX_LISTED:
                        raise _at(first, FilterError(f"in takes at most {MAX_LISTED} values"))
            self._close()
            value = tuple(values)
        else:
            value = self._read_value("text" if op in {"contains", "regex"} else kind)
        comparison = Comparison(column, op, value)
        try:
            check_comparison(comparison)
        except FilterError as error:
            raise _at(first, error) from None
        return comparison

    def _read_value(self, kind: ColumnKind) -> Any:
        token = self.token
        if token.kind == "string":
            self._take()
            return _unquoted(token.text)
        if token.kind != "word":
            self.fail("a value")
        if token.word in _RESERVED and token.word not in _WORD_VALUES:
            self.fail("a value (a text that is a word of the grammar is put in quotes)")
        self._take()
        if kind in {"text", "texts"}:
            return None if token.word == "null" else token.text
        return _value_of_word(token.text)

    def _take(self) -> None:
        self._next += 1

    def _take_punct(self, text: str) -> bool:
        if self.token.kind == "punct" and self.token.text == text:
            self._take()
            return True
        return False

    def _open(self) -> None:
        if not self._take_punct("("):
            self.fail("(")

    def _close(self) -> None:
        if not self._take_punct(")"):
            self.fail(")")


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            fault = "a closing quote is missing" if text[start] in "\"'" else "can't read"
            column = start + 1
            raise FilterError(
                f"column {column}: {fault}: {text[start : start + 20]!r}", column=column
            )
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind], match.start(kind) + 1))
        position = match.end()
    tokens.append(_Token("end", "", end + 1))
    return tokens


def _at(token: _Token, error: FilterError) -> FilterError:
    return FilterError(f"column {token.column}: {error}", column=token.column)


def _value_of_word(word: str) -> Any:
    # a page shows 6e-4 with a minus sign, and what is copied from it by hand has that
    number = word.replace("\N{MINUS SIGN}", "-")
    lower = number.lower()
    if lower in _WORD_VALUES:
        return _WORD_VALUES[lower]
    if _INT.fullmatch(number) and len(number) <= _MAX_DIGITS:
        return int(number)
    if _FLOAT.fullmatch(number):
        return float(number)
    return word


def _unquoted(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) == 5:
            return chr(int(escape[1:], 16))
        return _ESCAPED.get(escape, match[0])

    return _ESCAPE.sub(character, text[1:-1])


def _quoted(text: str) -> str:
    def escaped(match: re.Match[str]) -> str:
        character = match[0]
        return _SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"

    return f'"{_MUST_ESCAPE.sub(escaped, text)}"'


def _format(tree: Filter, binding: int) -> str:
    """Write a tree; `binding` is 0 at the top, 1 inside `or`, 2 inside `and`, 3 after `not`."""
    if isinstance(tree, Comparison):
        return _format_comparison(tree)
    if isinstance(tree, Not):
        return f"not {_format(tree.of, 3)}"
    word, own = ("and", 2) if isinstance(tree, And) else ("or", 1)
    if len(tree.of) < 2:
        inner = ", ".join(_format(part, 0) for part in tree.of)
        return f"{'all' if word == 'and' else 'any'}({inner})"
    text = f" {word} ".join(_format(part, own) for part in tree.of)
    return f"({text})" if binding >= own else text


def _format_comparison(comparison: Comparison) -> str:
    column = comparison.column if _is_plain(comparison.column) else _quoted(comparison.column)
    kind = kind_of_column(comparison.column)
    if comparison.op == "exists":
        return f"{column} {'exists' if comparison.value else 'missing'}"
    if comparison.op == "in":
        listed = ", ".join(
            _format_value(value, kind) for value in cast("tuple[Any, ...]", comparison.value)
        )
        return f"{column} in ({listed})"
    word: str = "matches" if comparison.op == "regex" else comparison.op
    if comparison.op == "=" and kind == "texts":
        word = "has"
    value_kind = "text" if comparison.op in {"contains", "regex"} else kind
    return f"{column} {word} {_format_value(comparison.value, value_kind)}"


def _format_value(value: Any, kind: ColumnKind) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "infinity" if value > 0 else "-infinity"
        return repr(value)
    if isinstance(value, int):
        return str(value)
    if kind in {"time", "seconds"} and " " not in value:
        return value
    return _quoted(value)


def _is_plain(column: str) -> bool:
    return bool(_PLAIN_WORD.fullmatch(column)) and column.lower() not in _RESERVED
