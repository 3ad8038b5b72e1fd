"""Texts and comments of Python sources, by one expression: to parse a file takes ten times as
long, to split it into tokens longer still."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TEXTS = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\[\s\S]|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\[\s\S])*"'
    r"|'(?:[^'\\\n]|\\[\s\S])*'"
    r"|#.*"
)


def without_texts(source: str) -> str:
    """A source with zeros for its texts and comments.

    >>> without_texts("a = 'is # none'  # but this is")
    'a = 0  0'
    """
    return _TEXTS.sub("0", source)


def prose_of(source: str) -> Iterator[str]:
    """Docstrings and comments: texts with three quotes, and what follows a `#`.

    >>> list(prose_of("a = 'is # none'  # but this is"))
    ['# but this is']
    """
    for match in _TEXTS.finditer(source):
        if match[0].startswith(('"""', "#")):
            yield match[0]
