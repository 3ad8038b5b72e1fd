"""Finds secret keys of AWS, which have no format of their own. Pure.

A secret key is 40 characters of base64, as a digest may be. So it is one only near an access key
id, or after words that name it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_KEY_ID: Final = r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,32}"
_NAME: Final = r"(?i:aws[\w .-]{0,24}secret|secret[_ -]?access[_ -]?key)"
_CANDIDATE: Final = r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])"
_NEAR_KEY_ID: Final = 300
_AFTER_NAME: Final = 60
"""Longest distance of a secret key from an access key id, and from its name, in characters."""


def holds_key_id(text: str) -> bool:
    """Whether a text has an access key id."""
    return ("AKIA" in text or "ASIA" in text) and _compiled(_KEY_ID).search(text) is not None


def secret_keys(text: str, *, is_near: bool = False) -> list[tuple[int, int]]:
    """Find the spans of secret keys in a text of at most a few lines.

    `is_near` is true if an access key id is in the lines before.

    >>> key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    >>> secret_keys(f"AKIAIOSFODNN7EXAMPLE,{key}"), secret_keys(f"digest {key}")
    ([(21, 61)], [])
    """
    candidates = [match.span() for match in _compiled(_CANDIDATE).finditer(text)]
    candidates = [span for span in candidates if _is_mixed(text[slice(*span)])]
    if is_near or not candidates:
        return candidates
    key_ids = [match.span() for match in _compiled(_KEY_ID).finditer(text)]
    names = [match.end() for match in _compiled(_NAME).finditer(text)]
    return [
        (start, end)
        for start, end in candidates
        if any(
            last - _NEAR_KEY_ID <= end and start <= first + _NEAR_KEY_ID for last, first in key_ids
        )
        or any(0 <= start - name <= _AFTER_NAME for name in names)
    ]


def _is_mixed(text: str) -> bool:
    """Whether it has digits, capitals and other letters: hexadecimal digests and words do not."""
    kinds = (str.isdigit, str.isupper, str.islower)
    return all(any(map(kind, text)) for kind in kinds) and len(set(text)) >= 16


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
