"""Checks the settings of system metrics, which W&B writes as JSON in variables. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import msgspec

from weft.errors import ConfigError
from weft.sdk.setup.checks import check_names, check_text

MAX_CHARS: Final = 16_000
"""Longest of these settings, as JSON: all of them go through a pipe of 64 KB."""

# Not compiled here: every `init` would wait for it, and few scripts have endpoints.
_ENDPOINT: Final = r"[A-Za-z0-9_-]{1,64}"
_HEADER: Final = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"


def check_disk_paths(setting: str, value: Any) -> tuple[str, ...]:
    """Check paths: an iterable, a JSON list, or one text with commas."""
    return check_names(setting, _parsed(setting, value) if _is_json(value) else value)


def check_gpu_ids(setting: str, value: Any) -> tuple[int, ...]:
    """Check numbers of GPUs: an iterable of them, a JSON list, or one text with commas."""
    entries: Any = _parsed(setting, value) if _is_json(value) else value
    if isinstance(entries, str):
        entries = [entry for entry in entries.split(",") if entry.strip()]
    ids: list[int] = []
    try:
        for gpu in cast("Iterable[Any]", entries):
            ids.append(-1 if isinstance(gpu, (bool, float)) else int(gpu))
    except (TypeError, ValueError):
        ids = [-1]
    if any(number < 0 for number in ids):
        raise ConfigError(f"{setting} must be the numbers of GPUs, such as 0,1, not {value!r}")
    return tuple(dict.fromkeys(ids))


def check_endpoints(setting: str, value: Any) -> dict[str, str]:
    """Check addresses by name."""
    from urllib.parse import urlsplit

    endpoints = _texts(
        setting, _parsed(setting, value), 'such as {"dcgm": "http://host:9400/metrics"}'
    )
    for name, url in endpoints.items():
        if not re.fullmatch(_ENDPOINT, name):
            raise ConfigError(
                f"{setting}: {name!r} is not a valid name: use letters, digits, `-` and `_`"
            )
        try:
            parts = urlsplit(url)
            is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname)
            is_valid = is_valid and parts.port != 0 and url.isascii() and url.isprintable()
        except ValueError:
            is_valid = False
        if not is_valid or " " in url:
            raise ConfigError(
                f"{setting}: the address of {name} must begin with http:// or https://, "
                f"not {url!r}"
            )
    return endpoints


def check_headers(setting: str, value: Any) -> dict[str, str]:
    """Check HTTP headers; their values may be secret and are never shown."""
    try:
        headers = _texts(setting, _parsed(setting, value), "")
    except ConfigError:
        raise ConfigError(f"{setting} must be a dict or JSON object of strings") from None
    for name, text in headers.items():
        if not re.fullmatch(_HEADER, name) or not text.isascii() or not text.isprintable():
            raise ConfigError(f"{setting}: the header {name!r} or its value is invalid")
    return headers


def check_filters(setting: str, value: Any) -> dict[str, dict[str, str]]:
    """Check regular expressions of metrics: a list, or a dict with patterns of labels."""
    patterns: Any = _parsed(setting, value) if _is_json(value) else value
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, Mapping):
        patterns = dict.fromkeys(check_names(setting, patterns), cast("dict[str, str]", {}))
    filters = {
        check_text(setting, metric): _texts(setting, labels, "of labels and regular expressions")
        for metric, labels in cast("Mapping[Any, Any]", patterns).items()
    }
    for metric, labels in filters.items():
        for pattern in (metric, *labels.values()):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(
                    f"{setting} has an invalid regular expression: {pattern!r}: {error}"
                ) from None
    return filters


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("[", "{"))


def _parsed(setting: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if len(value) > MAX_CHARS:
        raise ConfigError(f"{setting} may have at most {MAX_CHARS:,} characters: shorten it")
    try:
        return msgspec.json.decode(value)
    except ValueError as error:
        raise ConfigError(f"{setting} is not valid JSON: {error}") from None


def _texts(setting: str, value: Any, example: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{setting} must be a dict or JSON object {example}, not {value!r}")
    items = cast("Mapping[Any, Any]", value)
    texts = {check_text(setting, name): check_text(setting, text) for name, text in items.items()}
    if sum(len(name) + len(text) for name, text in texts.items()) > MAX_CHARS:
        raise ConfigError(f"{setting} may have at most {MAX_CHARS:,} characters: shorten it")
    return texts
