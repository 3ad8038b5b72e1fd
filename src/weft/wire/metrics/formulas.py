"""Texts that spreadsheets would run as formulas. Pure."""

from __future__ import annotations

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """A text that no spreadsheet runs as a formula; numbers stay as they are.

    Follows OWASP: put `'` before a text that begins like a formula.

    >>> escape_formula("=1+1"), escape_formula("-0.5"), escape_formula("-0.5+A1")
    ("'=1+1", '-0.5', "'-0.5+A1")
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
