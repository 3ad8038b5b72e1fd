"""RE2 regular expressions: the same on every database, in time linear in the text. Pure."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from weft.errors import FilterError
from weft.queries.filters import MAX_PATTERN_CHARS

_MAX_MEMORY_BYTES: Final = 4 * 2**20
"""Memory limit of one compiled pattern; rejects `(a{1000}){1000}` immediately."""

_MAX_SECS: Final = 5.0
"""Time limit for all texts of one question.

The worst patterns take 10 ms for a text of 4,000 characters.
"""


def compile_pattern(
    pattern: str, *, folded: bool = False, field: str = "filter"
) -> Callable[[str], bool]:
    r"""A test whether a pattern occurs anywhere in a text; it expires after `_MAX_SECS`.

    Args:
        folded: ignore case.
        field: the request field that the pattern came from, for error messages.

    Raises:
        FilterError: it is not a valid RE2 pattern, or too large. The test raises it when expired.

    >>> test = compile_pattern(r"^resnet\d+$")
    >>> test("resnet50"), test("a resnet")
    (True, False)
    """
    if len(pattern) > MAX_PATTERN_CHARS:
        raise FilterError(f"a pattern has at most {MAX_PATTERN_CHARS} characters", field=field)
    try:
        search = _compiled(pattern, folded).search
    except FilterError as error:
        error.field = field
        raise
    deadline = time.monotonic() + _MAX_SECS

    def test(text: str) -> bool:
        if time.monotonic() > deadline:
            raise FilterError("the pattern takes too long; make it simpler", field=field)
        return search(text) is not None

    return test


@lru_cache(maxsize=64)
def _compiled(pattern: str, folded: bool) -> Any:
    # Imported on first use: a server that never needs it uses less memory.
    re2: Any = importlib.import_module("re2")
    options: Any = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY_BYTES
    options.never_capture = True
    options.case_sensitive = not folded
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        problem: Any = error.args[0] if error.args else "not valid"
        reason = problem.decode(errors="replace") if isinstance(problem, bytes) else problem
        raise FilterError(f"not a regular expression (RE2): {reason}") from None
