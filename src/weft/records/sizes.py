"""Formats and parses sizes and progress for people. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from weft.errors import UsageError

_UNITS: Final = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZE: Final = r"(\d+(?:\.\d+)?)\s*([kmgt]?b)?"


def shown_size(n_bytes: int) -> str:
    """A size in a fitting unit; 1 kB is 1,000 bytes, as in the web app.

    >>> shown_size(1), shown_size(237), shown_size(4_712), shown_size(999_960)
    ('1 byte', '237 bytes', '4.7 kB', '1.0 MB')
    """
    size = float(n_bytes)
    if n_bytes == 1:
        return "1 byte"
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if round(size, 1) < 1000 or unit == "TB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError


def shown_progress(n_done: int, n_runs: int, secs: float) -> str:
    """The number of runs that a command has processed, and its speed.

    >>> shown_progress(1203, 1500, 2.0)
    '1,203 of 1,500 runs · 602 runs/s'
    """
    rate = n_done / secs if secs > 0 else 0.0
    return f"{n_done:,} of {n_runs:,} runs · {rate:,.0f} runs/s"


def counted(n: int, noun: str) -> str:
    """Format a count with its noun.

    >>> counted(1, "run"), counted(2000, "run")
    ('1 run', '2,000 runs')
    """
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(parts: Sequence[str]) -> str:
    """Join what is counted to one phrase.

    >>> listed(["3 runs"]), listed(["3 runs", "1 file"]), listed(["3 runs", "1 file", "2 tags"])
    ('3 runs', '3 runs and 1 file', '3 runs, 1 file and 2 tags')
    """
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def lost_media(n_files: int, named: Sequence[str]) -> str:
    """State how many files of media were lost, and the first of them.

    >>> lost_media(1, ["a.png"]), lost_media(4, ["a.png", "b.png"])
    ('1 media file was lost: a.png', '4 media files were lost: a.png, b.png and 2 more')
    """
    n_more = n_files - len(named)
    more = f" and {n_more} more" if n_more else ""
    verb = "was" if n_files == 1 else "were"
    return f"{counted(n_files, 'media file')} {verb} lost: {', '.join(named)}{more}"


def parse_size(text: str) -> int:
    """Parse a size in bytes, with or without a unit.

    >>> parse_size("5GB"), parse_size("1.5 mb"), parse_size("0")
    (5000000000, 1500000, 0)
    """
    match = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE)
    if match is None:
        raise UsageError(f"invalid size: {text!r}; write it as 500MB or 5GB")
    return round(float(match[1]) * _UNITS[(match[2] or "").lower()])
