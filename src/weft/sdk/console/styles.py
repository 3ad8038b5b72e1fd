"""Colors and other styles of terminal text: reads SGR codes and writes them back. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

_ENDED_BY: Final = {
    "22": ("1", "2"), "23": ("3",), "24": ("4", "21"), "25": ("5", "6"), "27": ("7",),
    "28": ("8",), "29": ("9",), "39": ("fg",), "49": ("bg",), "55": ("53",),
}  # fmt: skip
_SINGLE: Final = frozenset({"1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "53"})


def apply_codes(style: str, codes: str) -> str:
    """Return a style, codes joined by `;` or '', after an SGR sequence.

    Unknown codes are ignored.

    >>> apply_codes("1;31", "32"), apply_codes("1;31", "22;39"), apply_codes("1", "38;5;200")
    ('1;32', '', '1;38;5;200')
    """
    parts = [part or "0" for part in codes.replace(":", ";").split(";")]
    held = _held(style)
    position = 0
    while position < len(parts):
        code = parts[position].lstrip("0") or "0"
        size = 1
        if code == "0":
            held.clear()
        elif code in ("38", "48"):
            mode = parts[position + 1] if position + 1 < len(parts) else ""
            size = {"5": 3, "2": 5}.get(mode, 2)
            color = parts[position : position + size]
            if len(color) == size and size > 2 and all(part.isdecimal() for part in color):
                held["fg" if code == "38" else "bg"] = ";".join(color)
        elif code in _ENDED_BY:
            for name in _ENDED_BY[code]:
                held.pop(name, None)
        elif code in _SINGLE:
            held[code] = code
        elif len(code) in (2, 3) and code[:-1] in ("3", "9"):
            held["fg"] = code
        elif len(code) in (2, 3) and code[:-1] in ("4", "10"):
            held["bg"] = code
        position += size
    return ";".join(held[name] for name in sorted(held))


def _held(style: str) -> dict[str, str]:
    held: dict[str, str] = {}
    parts = style.split(";") if style else []
    position = 0
    while position < len(parts):
        code, size = parts[position], 1
        if code in ("38", "48"):
            size = 3 if parts[position + 1] == "5" else 5
        if code in _SINGLE:
            held[code] = code
        else:
            is_background = code == "48" or code[:-1] in ("4", "10")
            held["bg" if is_background else "fg"] = ";".join(parts[position : position + size])
        position += size
    return held


def styled_text(text: str, styles: Iterable[str]) -> str:
    r"""Return text with SGR sequences where its style changes; it ends in plain style.

    >>> styled_text("abc", ["", "31", "31"])
    'a\x1b[31mbc\x1b[0m'
    """
    pieces: list[str] = []
    before, start = "", 0
    for style, run in groupby(styles):
        n_chars = sum(1 for _ in run)
        if before:
            pieces.append("\x1b[0m" if not style else f"\x1b[0;{style}m")
        elif style:
            pieces.append(f"\x1b[{style}m")
        pieces.append(text[start : start + n_chars])
        before, start = style, start + n_chars
    if before:
        pieces.append("\x1b[0m")
    return "".join(pieces)
