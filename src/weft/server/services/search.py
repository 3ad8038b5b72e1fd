"""Which runs a search means. Pure.

Done here rather than in SQL, so that letters fold the same way in SQLite and PostgreSQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from weft.errors import ConfigError
from weft.server.storage.metadata.runs import RunText

MAX_PATTERN_CHARS: Final = 200
_MAX_TEXT_CHARS: Final = 2000
"""Of each text a pattern sees this much: Python's patterns can take quadratic time and worse."""

_NESTED_REPEAT: Final = re.compile(r"[*+}]\)*[*+{]|\)[*+{]")


def matching(texts: Sequence[RunText], search: str, *, regex: bool) -> list[RunText]:
    """Runs of which some text holds `search` (case folded), or matches it as a pattern.

    Raises:
        ConfigError: the pattern is none, or too long, or one that could take for ever.
    """
    matches = _pattern(search) if regex else _part(search)
    return [text for text in texts if any(map(matches, text.text))]


def _part(search: str) -> Callable[[str], bool]:
    folded = search.casefold()
    return lambda text: folded in text.casefold()


def _pattern(search: str) -> Callable[[str], bool]:
    if len(search) > MAX_PATTERN_CHARS:
        raise ConfigError(f"a pattern has at most {MAX_PATTERN_CHARS} characters")
    if _NESTED_REPEAT.search(re.sub(r"\\.", "", search)):
        raise ConfigError("a repeated group, or a repeated repetition, is not taken as a pattern")
    try:
        compiled = re.compile(search, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"not a regular expression: {error}") from None
    return lambda text: compiled.search(text[:_MAX_TEXT_CHARS]) is not None
