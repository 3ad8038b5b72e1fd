"""Paths of media files: safe on every system, whatever the metric is called. No I/O."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from weft.errors import ConfigError
from weft.records.files.file_paths import check_file_path

_MAX_SEGMENT_BYTES: Final = 120
_MAX_SEGMENTS: Final = 8
_INVALID: Final = re.compile(r'[\\:*?"<>|]')
"""Characters that Windows refuses in names."""


def media_path(folder: str, key: str, step: float | str, token: str, extension: str) -> str:
    """Return the path of a media file: `media/<folder>/<key>_<step>_<token><extension>`.

    The layout is W&B's. Slashes in the key become folders; parts of it that can't be in a path are
    replaced or cut; the token, which no other file has, keeps the names apart. The step may be
    "summary".

    >>> media_path("images", "val/sample", 7, "3f2a", ".png")
    'media/images/val/sample_7_3f2a.png'
    >>> media_path("images", "../secret: a", 0, "3f2a", ".png")
    'media/images/__/secret_ a_0_3f2a.png'
    """
    segments = [segment for segment in map(_safe_segment, key.split("/")) if segment]
    if len(segments) > _MAX_SEGMENTS:
        segments[_MAX_SEGMENTS - 1 :] = [_cut("_".join(segments[_MAX_SEGMENTS - 1 :]))]
    *above, name = segments or [""]
    return "/".join(["media", folder, *above, f"{name}_{_step_text(step)}_{token}{extension}"])


def _safe_segment(segment: str) -> str:
    text = _INVALID.sub(
        "_", unicodedata.normalize("NFC", segment.encode(errors="replace").decode())
    )
    text = "".join(char if _is_valid(char) else "_" for char in text)
    if text in {".", ".."}:
        return "_" * len(text)
    text = _cut(text).strip(" ").rstrip(" .")
    return text if not text or _is_valid(text) else f"_{text}"


def _cut(text: str) -> str:
    return text.encode()[:_MAX_SEGMENT_BYTES].decode(errors="ignore")


def _is_valid(text: str) -> bool:
    """Whether a text can be a segment of a path; single dots and spaces can, inside one."""
    if text in {".", " "}:
        return True
    try:
        check_file_path(text)
    except ConfigError:
        return False
    return True


def _step_text(step: float | str) -> str:
    return step if isinstance(step, str) else f"{step:g}" if isinstance(step, float) else str(step)
