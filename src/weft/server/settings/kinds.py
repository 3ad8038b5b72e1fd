"""The kinds of values that settings take, as text of an option or as a value of TOML. Pure.

Each function raises ValueError, without a message, for a value that is not of the kind: the
caller knows where the value came from, and `Kind.description` what it should be.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, cast
from urllib.parse import urlsplit

from weft.errors import UsageError
from weft.records.sizes import parse_size

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_Read: TypeAlias = Callable[[Any], Any]


class Kind(NamedTuple):
    """A kind of values.

    Attributes:
        description: completes "must be", such as `an integer from 0 to 65535`.
        metavar: stands for the value in the help of an option.
        from_text: reads the text of an option or variable.
        from_toml: checks and converts a value that TOML has decoded.
    """

    description: str
    metavar: str
    from_text: Callable[[str], Any]
    from_toml: _Read


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _flag_of_text(text: str) -> bool:
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError


def _bounded(value: Any, low: float, high: float, types: tuple[type, ...]) -> Any:
    if isinstance(value, bool) or not isinstance(value, types) or not low <= value <= high:
        raise ValueError
    return value


def integer(low: int, high: int) -> Kind:
    """An integer of a range."""

    def read(value: Any) -> int:
        return _bounded(value, low, high, (int,))

    def read_text(text: str) -> int:
        return read(int(text))

    return Kind(f"an integer from {low} to {high}", "INTEGER", read_text, read)


def number(low: float, high: float = float("inf")) -> Kind:
    """A number of a range."""
    bounds = f"of at least {low:g}" if high == float("inf") else f"from {low:g} to {high:g}"

    def read(value: Any) -> float:
        return float(_bounded(value, low, high, (int, float)))

    def read_text(text: str) -> float:
        return read(float(text))

    return Kind(f"a number {bounds}", "NUMBER", read_text, read)


def choice(*words: str) -> Kind:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in words:
            raise ValueError
        return value

    listed = ", ".join(f'"{word}"' for word in words[:-1])
    return Kind(f'{listed} or "{words[-1]}"', "|".join(words), read, read)


def _size(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return parse_size(_text(value))
    except UsageError:
        raise ValueError from None


def _path(value: Any) -> Path:
    return Path(_text(value)).expanduser()


def _url(value: Any) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        raise ValueError
    return text.rstrip("/")


def _list(read: _Read) -> _Read:
    def read_list(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise ValueError
        return tuple(read(item) for item in cast("list[Any]", value))

    return read_list


def _list_of_text(read: _Read) -> Callable[[str], tuple[Any, ...]]:
    return lambda text: tuple(read(item.strip()) for item in text.split(",") if item.strip())


def _network(value: Any) -> Network:
    return ipaddress.ip_network(_text(value).strip())


def _header(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise ValueError
    return text


_SITE: Final = re.compile(
    r"(https?)://(\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(:(?:[0-9]{1,5}|\*))?", re.IGNORECASE
)


def _site(value: Any) -> str:
    text = _text(value).strip().rstrip("/")
    if text != "*" and not _SITE.fullmatch(text):
        raise ValueError
    return text.lower()


TEXT: Final = Kind("text", "TEXT", _text, _text)
TEXTS: Final = Kind(
    'a list of texts, such as ["a", "b"]', "TEXT,…", _list_of_text(_text), _list(_text)
)
FLAG: Final = Kind("true or false", "", _flag_of_text, _flag)
PORT: Final = integer(0, 65_535)
SIZE: Final = Kind("a size, such as 500MB or 5GB", "SIZE", _size, _size)
PATH: Final = Kind("a path", "PATH", _path, _path)
URL: Final = Kind("an address that begins with http:// or https://", "URL", _url, _url)
NETWORKS: Final = Kind(
    'a list of addresses or networks, such as ["10.0.0.0/8"]',
    "NETWORK,…",
    _list_of_text(_network),
    _list(_network),
)
SITES: Final = Kind(
    'a list of sites, such as ["https://wiki.example.org", "https://*.example.org"], or ["*"]',
    "SITE,…",
    _list_of_text(_site),
    _list(_site),
)
HEADER: Final = Kind("the name of a header", "HEADER", _header, _header)
SECRET: Final = Kind("text", "TEXT", _text, _text)
"""Never shown. In a file, `NAME_file` may name a file that has it instead."""
