"""Numbers of bytes for people. Pure."""

from __future__ import annotations


def shown_size(n_bytes: int) -> str:
    """A size in the unit that suits it.

    >>> shown_size(237), shown_size(4_712), shown_size(1_250_000)
    ('237 bytes', '4.7 kB', '1.2 MB')
    """
    size = float(n_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError
