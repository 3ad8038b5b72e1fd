"""Names of files that browsers save. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

_MAX_NAME_CHARS: Final = 80
_NO_NAME: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')
"""Characters that some system has in no name of a file."""


def disposition(file_name: str) -> str:
    """The Content-Disposition header of a download, for any characters in its name (RFC 6266).

    >>> disposition("mnist.csv")
    'attachment; filename="mnist.csv"'
    >>> disposition("größe.csv").partition("filename*=")[2]
    "UTF-8''gr%C3%B6%C3%9Fe.csv"
    """
    plain = "".join(
        char if char.isascii() and (char.isalnum() or char in "-_. ") else "_"
        for char in file_name
    )
    header = f'attachment; filename="{plain}"'
    return header if plain == file_name else f"{header}; filename*=UTF-8''{quote(file_name, '')}"


def file_title(title: str, default: str) -> str:
    """A title as the name of a file, without its ending.

    >>> file_title("a/b: c?", "report"), file_title(" ", "report")
    ('a b c', 'report')
    """
    return _NO_NAME.sub(" ", title)[:_MAX_NAME_CHARS].strip(" .") or default
