"""Checks the paths of a run's files. No I/O.

`ids` checks the names of the runs that files belong to. The server refuses an invalid path before
it touches a disk; a client that downloads files may join a checked path to a folder on any system.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from weft.errors import ConfigError
from weft.records.limits import MAX_FILE_PATH_BYTES, MAX_FILE_PATH_DEPTH, MAX_FILE_SEGMENT_BYTES

MEDIA_FOLDER: Final = "media/"
"""The folders of the files that rows refer to; others are a user's own."""

_DEVICES: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.I)
"""Names that Windows treats as a device, whatever follows the first dot."""

_DRIVE: Final = re.compile(r"[A-Za-z]:")

_ODD_CATEGORIES: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of surrogate pairs, line and paragraph separators."""

_TURNS: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Characters that reverse the direction of text: with one, `gnp.exe` is shown as `exe.png`."""


def check_file_path(path: object) -> str:
    r"""Return `path` if it is a valid path of a run's file: relative, with slashes.

    Raises:
        ConfigError: `path` is invalid; the message says why. Invalid are, among others: `..`, an
            absolute path, a backslash, NUL and other control characters, Windows' device names,
            more than 1,024 bytes or 32 segments.

    >>> check_file_path("media/images/sample_0.png")
    'media/images/sample_0.png'
    >>> check_file_path("../token")
    Traceback (most recent call last):
    weft.errors.ConfigError: file path has a segment '..': '../token'
    """
    if not isinstance(path, str):
        raise ConfigError(f"file path must be a string, not {type(path).__name__}", field="path")
    fault = _fault(path)
    if fault is not None:
        raise ConfigError(f"file path {fault}: {path[:200]!a}", field="path")
    return path


def _fault(path: str) -> str | None:
    # Each character of a name takes 0.3 µs, and most names have only plain ones.
    if not (path.isascii() and path.isprintable()):
        fault = _character_fault(path)
        if fault is not None:
            return fault
    n_bytes = len(path.encode())
    if not 0 < n_bytes <= MAX_FILE_PATH_BYTES:
        return f"must have 1 to {MAX_FILE_PATH_BYTES} bytes, not {n_bytes}"
    if "\\" in path:
        return "holds a backslash; folders are parted by slashes"
    if path.startswith("/") or _DRIVE.match(path):
        return "must be relative to the run's files"
    segments = path.split("/")
    if len(segments) > MAX_FILE_PATH_DEPTH:
        return f"has more than {MAX_FILE_PATH_DEPTH} segments"
    for segment in segments:
        fault = _segment_fault(segment)
        if fault is not None:
            return fault
    return None


def _character_fault(path: str) -> str | None:
    for char in path:
        category = unicodedata.category(char)
        if category == "Cs":
            return "is not valid Unicode"
        if category in _ODD_CATEGORIES:
            return f"holds a control character (U+{ord(char):04X})"
        if char in _TURNS:
            return f"holds a character that turns the direction of text (U+{ord(char):04X})"
        if char == "\ufffd" or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:
            return f"holds a character that no text has (U+{ord(char):04X})"
    return None


def _segment_fault(segment: str) -> str | None:
    if segment in {"", ".", ".."}:
        return f"has a segment {segment!r}"
    if len(segment.encode()) > MAX_FILE_SEGMENT_BYTES:
        return f"has a segment of more than {MAX_FILE_SEGMENT_BYTES} bytes"
    if segment[-1] in " ." or segment[0] == " ":
        return f"has a segment that begins or ends with a space, or ends with a dot ({segment!r})"
    if _DEVICES.fullmatch(segment):
        return f"has a segment that is a reserved name ({segment!r})"
    return None
