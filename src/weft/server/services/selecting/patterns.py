"""RE2 regular expressions: the same on every database, in time linear in the text. Pure."""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from weft.errors import FilterError
from weft.queries.filters import MAX_PATTERN_CHARS

_MAX_MEMORY_BYTES: Final = 4 * 2**20
"""Memory limit of one compiled pattern; rejects `(a{1000}){1000}` immediately."""

_PIECE_BYTES: Final = 1 << 18
"""Text that is searched between two looks at the clock."""

_BY_LINE: Final = "(?m)"
"""Makes `^` and `$` the ends of lines."""

_TEXT_ENDS: Final = re.compile(r"(?<!\\)(?:\\\\)*\\[Az]")

_MAX_SECS: Final = 5.0
"""Time limit for all texts of one query.

The worst patterns take 10 ms for a text of 4,000 characters.
"""


_TOO_SLOW: Final = "the pattern takes too long; make it simpler"


def compile_pattern(
    pattern: str, *, folded: bool = False, field: str = "filter"
) -> Callable[[str], bool]:
    r"""A test whether a pattern occurs anywhere in a text; it expires after `_MAX_SECS`.

    `folded` ignores case; `field` names the request field in errors. FilterError if it is not a
    valid RE2 pattern, or too large; the test raises it when expired.

    >>> test = compile_pattern(r"^resnet\d+$")
    >>> test("resnet50"), test("a resnet")
    (True, False)
    """
    _check_length(pattern, field)
    try:
        search = _compiled(pattern, folded).search
    except FilterError as error:
        error.field = field
        raise
    deadline = time.monotonic() + _MAX_SECS

    def test(text: str) -> bool:
        if time.monotonic() > deadline:
            raise FilterError(_TOO_SLOW, field=field)
        return search(text) is not None

    return test


def compile_line_search(
    pattern: str, *, folded: bool = False, field: str = "search"
) -> Callable[[bytes, int], int]:
    r"""A search for a pattern in a text of many lines; the arguments and errors are
    `compile_pattern`'s.

    The function returns the start of the first match at or after an offset, or -1. A match is
    within one line, and `^` and `$` are the ends of a line; `\A` and `\z` are refused.

    >>> search = compile_line_search(r"^b\s*$")
    >>> search(b"a b\n\nb\n", 0), search(b"b\n", 1)
    (5, -1)
    """
    _check_length(pattern, field)
    if _TEXT_ENDS.search(pattern):
        raise FilterError(r"\A and \z are not supported here; use ^ and $", field=field)
    try:
        compiled = _compiled(f"{_BY_LINE}{pattern}", folded, in_lines=True)
    except FilterError as error:
        error.field = field
        raise
    deadline = time.monotonic() + _MAX_SECS

    def search(text: bytes, at: int) -> int:
        while at < len(text):
            if time.monotonic() > deadline:
                raise FilterError(_TOO_SLOW, field=field)
            end = text.find(b"\n", min(at + _PIECE_BYTES, len(text))) + 1 or len(text)
            match = compiled.search(text, at, end)
            if match is not None:
                return match.start()
            at = end
        return -1

    return search


def _check_length(pattern: str, field: str) -> None:
    if len(pattern) > MAX_PATTERN_CHARS:
        raise FilterError(f"a pattern has at most {MAX_PATTERN_CHARS} characters", field=field)


@lru_cache(maxsize=64)
def _compiled(pattern: str, folded: bool, *, in_lines: bool = False) -> Any:
    # Imported on first use: a server that never needs it uses less memory.
    re2: Any = importlib.import_module("re2")
    options: Any = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    options.never_capture = True
    options.case_sensitive = not folded
    options.never_nl = in_lines
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        problem: Any = error.args[0] if error.args else "not valid"
        reason = problem.decode(errors="replace") if isinstance(problem, bytes) else problem
        reason = reason.replace(_BY_LINE, "", 1) if in_lines else reason
        raise FilterError(f"not a regular expression (RE2): {reason}") from None
