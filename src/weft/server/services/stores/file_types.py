"""The media type of a file, from its uploader's Content-Type and its name. Pure.

The table is Python's own, never the machine's, so that all servers give a file the same type.
"""

from __future__ import annotations

import mimetypes
import re
from typing import Final

DEFAULT_MEDIA_TYPE: Final = "application/octet-stream"

_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")
_UNSPECIFIC: Final = frozenset({DEFAULT_MEDIA_TYPE, "application/x-www-form-urlencoded"})
"""The Content-Types that clients send by default."""

_OF_EXPERIMENTS: Final = {
    ".arrow": "application/vnd.apache.arrow.file",
    ".cfg": "text/plain",
    ".diff": "text/plain",
    ".ini": "text/plain",
    ".ipynb": "application/json",
    ".jsonl": "application/jsonl",
    ".log": "text/plain",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".patch": "text/plain",
    ".sh": "text/plain",
    ".toml": "text/plain",
    ".webp": "image/webp",
    ".yaml": "text/plain",
    ".yml": "text/plain",
}

_python_types: Final = mimetypes.MimeTypes()


def is_media_type(text: object) -> bool:
    r"""Whether a text is a media type that can be stored, and sent in a header, unchanged.

    >>> is_media_type("text/html"), is_media_type("text/html\r\nX: 1"), is_media_type(None)
    (True, False, False)
    """
    return isinstance(text, str) and _MEDIA_TYPE.fullmatch(text) is not None


def media_type_of(path: str, content_type: str | None) -> str:
    """The media type to store for a file, also after its uploader's Content-Type.

    >>> media_type_of("config.yaml", None), media_type_of("x", "image/png")
    ('text/plain', 'image/png')
    >>> media_type_of("plot.svg", "application/octet-stream")
    'image/svg+xml'
    """
    plain = (content_type or "").partition(";")[0].strip().lower()
    if plain not in _UNSPECIFIC and _MEDIA_TYPE.fullmatch(plain):
        return plain
    ending = path[path.rfind(".") :].lower() if "." in path.rpartition("/")[2] else ""
    by_ending = _OF_EXPERIMENTS.get(ending) or _python_types.types_map[1].get(ending)
    return by_ending or DEFAULT_MEDIA_TYPE
