"""Checks the keys of users and servers. Pure."""

from __future__ import annotations

from typing import Any

from weft.errors import ConfigError


def check_key(name: str, value: Any) -> str:
    r"""Return a key without the white space around it, as of a line of a file.

    ConfigError with `name`, its origin, if no key has such characters. The key is never shown.

    >>> check_key("WEFT_API_KEY", "weft-0123\n")
    'weft-0123'
    """
    key = value.strip() if isinstance(value, str) else None
    if key is None or not key.isascii() or not key.isprintable():
        raise ConfigError(f"{name} must be a string of printable ASCII characters")
    return key
