"""Checks the settings of system metrics, which W&B writes as JSON in variables. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import msgspec

from weft.errors import ConfigError
from weft.sdk.setup.checks import check_names, check_text

MAX_CHARS: Final = 16_000
"""Longest of these settings, as JSON: all of them go through a pipe of 64 KB."""

# Not compiled here: every `init` would wait for it, and few scripts have endpoints.
_ENDPOINT: Final = r"[A-Za-z0-9_-]{1,64}"
_HEADER: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"


def check_disk_paths(what: str, value: Any) -> tuple[str, ...]:
    """Check paths: an iterable, a JSON list, or one text with commas."""
    return check_names(what, _parsed(what, value) if _is_json(value) else value)


def check_gpu_ids(what: str, value: Any) -> tuple[int, ...]:
    """Check numbers of GPUs: an iterable of them, a JSON list, or one text with commas."""
    given: Any = _parsed(what, value) if _is_json(value) else value
    if isinstance(given, str):
        given = [entry for entry in given.split(",") if entry.strip()]
    ids: list[int] = []
    try:
        for one in cast("Iterable[Any]", given):
            ids.append(-1 if isinstance(one, (bool, float)) else int(one))
    except (TypeError, ValueError):
        ids = [-1]
    if any(one < 0 for one in ids):
        raise ConfigError(f"{what} must be the numbers of GPUs, such as 0,1, not {value!r}")
    return tuple(dict.fromkeys(ids))


def check_endpoints(what: str, value: Any) -> dict[str, str]:
    """Check addresses by name."""
    endpoints = _texts(what, _parsed(what, value), 'such as {"dcgm": "http://host:9400/metrics"}')
    for name, url in endpoints.items():
        if not re.fullmatch(_ENDPOINT, name):
            raise ConfigError(
                f"{what}: {name!r} is not a valid name: use letters, digits, `-` and `_`"
            )
        try:
            parts = urlsplit(url)
            is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
            is_valid = is_valid and parts.port != 0 and url.isascii() and url.isprintable()
        except ValueError:
            is_valid = False
        if not is_valid or " " in url:
            raise ConfigError(
                f"{what}: the address of {name} must begin with http:// or https://, not {url!r}"
            )
    return endpoints


def check_headers(what: str, value: Any) -> dict[str, str]:
    """Check HTTP headers; their values may be secret and are never shown."""
    try:
        headers = _texts(what, _parsed(what, value), "")
    except ConfigError:
        raise ConfigError(f"{what} must be a dict or JSON object of strings") from None
    for name, text in headers.items():
        if not re.fullmatch(_HEADER, name) or not text.isascii() or not text.isprintable():
            raise ConfigError(f"{what}: the header {name!r} or its value is invalid")
    return headers


def check_filters(what: str, value: Any) -> dict[str, dict[str, str]]:
    """Check regular expressions of metrics: a list, or a dict with those of labels."""
    given: Any = _parsed(what, value) if _is_json(value) else value
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Mapping):
        given = dict.fromkeys(check_names(what, given), cast("dict[str, str]", {}))
    filters = {
        check_text(what, metric): _texts(what, labels, "of labels and regular expressions")
        for metric, labels in cast("Mapping[Any, Any]", given).items()
    }
    for metric, labels in filters.items():
        for pattern in (metric, *labels.values()):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(
                    f"{what} has an invalid regular expression: {pattern!r}: {error}"
                ) from None
    return filters


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("[", "{"))


def _parsed(what: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > MAX_CHARS:
        raise ConfigError(f"{what} may have at most {MAX_CHARS:,} characters: shorten it")
    try:
        return msgspec.json.decode(value)
    except ValueError as error:
        raise ConfigError(f"{what} is not valid JSON: {error}") from None


def _texts(what: str, value: Any, example: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{what} must be a dict or JSON object {example}, not {value!r}")
    given = cast("Mapping[Any, Any]", value)
    texts = {check_text(what, name): check_text(what, text) for name, text in given.items()}
    if sum(len(name) + len(text) for name, text in texts.items()) > MAX_CHARS:
        raise ConfigError(f"{what} may have at most {MAX_CHARS:,} characters: shorten it")
    return texts
