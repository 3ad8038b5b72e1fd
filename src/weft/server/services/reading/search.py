"""Which runs a search means. Pure.

Done here rather than in SQL, so that letters fold the same way in SQLite and PostgreSQL.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Final

from weft.errors import ConfigError
from weft.server.storage.metadata.runs import RunText

MAX_PATTERN_CHARS: Final = 200

# Python's patterns backtrack, and hold up every other thread while they do: with two open repeats
# a text of 500 characters costs 500³ / 6 steps at most, 0.2 s, and the time in all is bounded.
_MAX_TEXT_CHARS: Final = 500
_MAX_REPEATS: Final = 2
_MAX_SECS: Final = 1.0

_REPEATED_REPEAT: Final = re.compile(r"[*+}]\)*[*+{]|\)[*+{]")
_OPEN_REPEAT: Final = re.compile(r"[*+]|\{\d*,\d*\}")


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
    plain = re.sub(r"\\.", "", search)
    if _REPEATED_REPEAT.search(plain):
        raise ConfigError("a repeated group, or a repeated repetition, is not taken as a pattern")
    if len(_OPEN_REPEAT.findall(plain)) > _MAX_REPEATS:
        raise ConfigError(f"a pattern has at most {_MAX_REPEATS} of * + and {{n,m}}")
    try:
        compiled = re.compile(search, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise ConfigError(f"not a regular expression: {error}") from None
    deadline = time.monotonic() + _MAX_SECS

    def matches(text: str) -> bool:
        if time.monotonic() > deadline:
            raise ConfigError("the pattern takes too long; make it simpler")
        return compiled.search(text[:_MAX_TEXT_CHARS]) is not None

    return matches
