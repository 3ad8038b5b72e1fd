"""Names of files that browsers save. Pure."""

from __future__ import annotations

from urllib.parse import quote


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
