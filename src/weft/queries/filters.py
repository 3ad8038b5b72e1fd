"""Filter trees over runs, for the web app, HTTP, `weft.Api`, the gateway and exports. Pure.

As JSON (`weft.queries.filter_json`): `{"and": [...]}`, `{"or": [...]}`, `{"not": {...}}`, or a
comparison `{"column": "config.lr", "op": ">", "value": 0.01}`. `weft.queries.filter_text` reads
and writes the text form of the same tree, `weft.server.services.selecting` evaluates it.

Columns: those in `weft.records.run_columns`, `config.PATH`, `summary.PATH` (paths as
`weft.records.merge.join_path` writes them; a plain dot also matches an escaped one), and
`writer.LABEL` (a label of any of the run's writers).

A comparison is true or false. It is false if the run lacks the value, except for `!=`, which is
true exactly where `=` is false. Numbers and bools compare as float64, except that an int beyond
±2**53 is equal only to itself. Texts compare by code point. Values of different kinds are never
equal and have no order. Nonfinite numbers compare as in IEEE 754, except that NaN is equal to
itself. `tags`, `used`, `logged` and `writer.LABEL` have several values: a comparison is true if it
is true for one of them. For `state`, `=`, `!=` and `in` accept only the states in
`weft.records.states`; for `used` and `logged` a version such as `data:v3`, or `data` for any
version of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any, Final, Literal, cast, get_args

import msgspec

from weft.errors import FilterError
from weft.records.files.artifacts import version_number
from weft.records.limits import MAX_KEY_BYTES
from weft.records.run_columns import ARTIFACT_COLUMNS, RUN_COLUMNS, ColumnKind
from weft.records.states import RUN_STATES

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "contains", "regex", "exists"]
"""The operators of a comparison.

`in`: equal to one of a list. `contains`: a case-sensitive search in a text, or in the JSON text of
a list or object. `regex`: an RE2 pattern that matches anywhere. `exists`: takes true or false; a
null value exists.
"""

OPERATORS: Final[tuple[Operator, ...]] = get_args(Operator)

MAX_DEPTH: Final = 32
MAX_COMPARISONS: Final = 1000
MAX_LISTED: Final = 100_000
MAX_PATTERN_CHARS: Final = 1000
MAX_COLUMNS: Final = 100
"""Most distinct columns in a filter: each is read for all runs."""

MAX_INT_BITS: Final = 13_000
"""3,900 decimal digits: Python formats at most 4,300."""

MAX_COLUMN_BYTES: Final = 2 * MAX_KEY_BYTES + len("summary.")

PATH_ROOTS: Final[dict[str, ColumnKind]] = {"config": "any", "summary": "any", "writer": "texts"}

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([smhdw])")
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?:Z|[+-]\d\d:?\d\d)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Comparison(msgspec.Struct, frozen=True):
    """Compares one column with one value, or for `in` with a tuple of values.

    A time is an int (µs since 1970), an ISO date or date and time (`2026-11-20`,
    `2026-11-20T10:00Z`; UTC by default), or an age such as `-7d` (units s, m, h, d, w) before the
    evaluation of the filter. `runtime` is in seconds, or a span such as `2h`.
    """

    column: str
    op: Operator
    value: Any


class And(msgspec.Struct, frozen=True):
    """True if all parts are true; true if empty."""

    of: tuple[Filter, ...]


class Or(msgspec.Struct, frozen=True):
    """True if any part is true; false if empty."""

    of: tuple[Filter, ...]


class Not(msgspec.Struct, frozen=True):
    """True if its part is false."""

    of: Filter


Filter = Comparison | And | Or | Not


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sort key. Lists, nulls and missing values come last in both directions."""

    column: str
    descending: bool = False


def kind_of_column(column: str, *, field: str = "filter") -> ColumnKind:
    """The kind of a column; FilterError names `field` of the request if it is unknown.

    >>> kind_of_column("created"), kind_of_column("config.lr")
    ('time', 'any')
    """
    own = RUN_COLUMNS.get(column)
    if own is not None:
        return own.kind
    root, dot, path = column.partition(".")
    kind = PATH_ROOTS.get(root)
    if kind is None or not dot or not path:
        raise unknown_column(column, field=field)
    if len(column.encode(errors="replace")) > MAX_COLUMN_BYTES:
        raise FilterError(
            f"the name of a column has at most {MAX_COLUMN_BYTES} bytes", field=field
        )
    return kind


def unknown_column(name: str, *, field: str = "filter") -> FilterError:
    """The error for an unknown column: suggests the nearest one and lists all.

    >>> print(unknown_column("jobtype"))
    no column is called 'jobtype'; job_type may be meant; there are id, name, notes, tags, group, \
job_type, sweep, user, edited_by, locked_by, state, reason, host, created, started, arrived, \
ended, heartbeat, locked, runtime, used, logged, config.…, summary.…, writer.…
    """
    import difflib

    shown = name[:80]
    near = difflib.get_close_matches(shown.lower(), RUN_COLUMNS, n=1, cutoff=0.7)
    root, dot, path = shown.partition(".")
    near_root = difflib.get_close_matches(root.lower(), PATH_ROOTS, n=1, cutoff=0.7)
    if near and not dot:
        hint = f"{near[0]} may be meant; "
    elif near_root and path:
        hint = f"{near_root[0]}.{path} may be meant; "
    elif shown and root not in PATH_ROOTS:
        hint = f"what runs were given is config.{shown}, what they logged summary.{shown}; "
    else:
        hint = ""
    columns = ", ".join([*RUN_COLUMNS, *(f"{root}.…" for root in PATH_ROOTS)])
    return FilterError(f"no column is called {shown!r}; {hint}there are {columns}", field=field)


def check_comparison(comparison: Comparison) -> None:
    """Check that the operator accepts this value for this column.

    >>> check_comparison(Comparison("created", ">", "-7d"))
    """
    column, op, value = comparison.column, comparison.op, comparison.value
    kind = kind_of_column(column)
    if op == "exists":
        if not isinstance(value, bool):
            raise FilterError(f"exists of {column} takes true or false, not {_shown(value)}")
    elif op in {"contains", "regex"}:
        if kind in {"time", "seconds"}:
            raise FilterError(f"{column} is a {kind}: it has no text to search")
        if not isinstance(value, str):
            raise FilterError(f"{op} of {column} takes a text, not {_shown(value)}")
        if op == "regex" and len(value) > MAX_PATTERN_CHARS:
            raise FilterError(f"a pattern has at most {MAX_PATTERN_CHARS} characters")
    elif op == "in":
        if not isinstance(value, tuple):
            raise FilterError(f"in of {column} takes a list, not {_shown(value)}")
        listed = cast("tuple[Any, ...]", value)
        if len(listed) > MAX_LISTED:
            raise FilterError(f"in takes at most {MAX_LISTED} values, not {len(listed)}")
        for element in listed:
            _check_value(column, kind, element)
            _check_state(column, element)
            _check_version(column, element)
    elif op in OPERATORS:
        _check_value(column, kind, value)
        if op in {"=", "!="}:
            _check_state(column, value)
            _check_version(column, value)
        if value is None and op not in {"=", "!="}:
            raise FilterError(f"null has no order: {column} {op} null")
    else:
        raise FilterError(f"no operator is called {op!r}; there are {' '.join(OPERATORS)}")


def check_filter(tree: Filter) -> None:
    """Check that a tree is within the limits and all its comparisons are valid."""
    n_comparisons = 0
    columns: set[str] = set()
    pending: list[tuple[Filter, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise FilterError(f"a filter is nested at most {MAX_DEPTH} deep")
        if isinstance(node, Comparison):
            check_comparison(node)
            n_comparisons += 1
            if n_comparisons > MAX_COMPARISONS:
                raise FilterError(f"a filter has at most {MAX_COMPARISONS} comparisons")
            columns.add(node.column)
            if len(columns) > MAX_COLUMNS:
                raise FilterError(f"a filter uses at most {MAX_COLUMNS} columns")
        elif isinstance(node, Not):
            pending.append((node.of, depth + 1))
        else:
            if len(node.of) > MAX_COMPARISONS:
                raise FilterError(f"a filter has at most {MAX_COMPARISONS} comparisons")
            pending += [(part, depth + 1) for part in node.of]


def micros_from_time(value: int | float | str, now_micros: int) -> int | float:
    """Convert a time in a filter to µs since 1970.

    >>> micros_from_time("1970-01-02", 0), micros_from_time("-1h", 3_600_000_000)
    (86400000000, 0)
    """
    if not isinstance(value, str):
        return value
    if value.startswith("-") and (span := _SPAN.fullmatch(value[1:])):
        return now_micros - round(float(span[1]) * _SECONDS[span[2]] * 1_000_000)
    moment = None
    if _MOMENT.fullmatch(value):
        try:
            # One form of the offset, which `_moment` splits off.
            text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", value.replace("Z", "+00:00"))
            moment = _moment(text)
        except (ValueError, OverflowError):
            moment = None
    if moment is None:
        raise FilterError(
            f"{value[:80]!r} is not a time: write 2026-11-20, 2026-11-20T10:00Z or an age such "
            "as -7d"
        )
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def seconds_from_span(value: int | float | str) -> int | float:
    """Convert a span of time in a filter to seconds.

    >>> seconds_from_span("1.5h"), seconds_from_span(3)
    (5400.0, 3)
    """
    if not isinstance(value, str):
        return value
    span = _SPAN.fullmatch(value)
    if span is None:
        raise FilterError(f"{value[:80]!r} is not a duration: write seconds, or 90s, 2h, 7d")
    return float(span[1]) * _SECONDS[span[2]]


def _moment(text: str) -> datetime:
    date, offset = text, ""
    if len(text) > 6 and text[-6] in "+-" and text[-3] == ":" and len(text) > 10:
        date, offset = text[:-6], text[-6:]
    if len(date) == 10:
        date += "T00:00"
    if "." in date:
        whole, _, fraction = date.partition(".")
        date = f"{whole}.{fraction:0<6}"
    read = datetime.fromisoformat(date + (offset or "+00:00"))
    return read.astimezone(timezone.utc)


def _check_value(column: str, kind: ColumnKind, value: Any) -> None:
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        raise FilterError(f"an int of {column} has at most {MAX_INT_BITS} bits")
    if kind in {"text", "texts"}:
        if value is None:
            raise FilterError(
                f"{column} is a text; for runs without one, write that it is missing"
            )
        if not isinstance(value, str):
            raise FilterError(f"{column} is a text; {_shown(value)} is not")
    elif kind == "time":
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise FilterError(f"{column} is a time; {_shown(value)} is not")
        micros_from_time(value, 0)
    elif kind == "seconds":
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise FilterError(f"{column} is in seconds, and {_shown(value)} is no number")
        seconds_from_span(value)
    elif value is not None and not isinstance(value, (bool, int, float, str)):
        raise FilterError(f"{column} compares with a list or object by contains only")


def _check_state(column: str, value: Any) -> None:
    """Refuse an unknown state: with a typo a filter would silently match no runs, or all."""
    if column == "state" and value not in RUN_STATES:
        raise FilterError(f"no state is called {_shown(value)}; there are {', '.join(RUN_STATES)}")


def _check_version(column: str, value: Any) -> None:
    """Refuse an alias: which version it names changes, so a saved filter would change with it."""
    if column in ARTIFACT_COLUMNS:
        name, colon, ref = str(value).rpartition(":")
        if colon and version_number(ref) is None:
            named = name[:80] or "mnist"
            raise FilterError(
                f"{_shown(value)} is not a version of an artifact: write {named}:v3, or "
                f"{named} for any version"
            )


def _shown(value: Any) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        return "a large int"
    return repr(value)[:80]
