"""Checks the values of settings: one check for each kind of value. No I/O.

A check gets the name under which the value was given (`project`, `WANDB_MODE`,
`name in ./settings`) and the value, as text or in its own type. It returns the value that
`Settings` holds, or raises `ConfigError`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from weft.client.address import parse_address
from weft.errors import ConfigError, UsageError
from weft.records.ids import check_name as check_name
from weft.records.limits import MAX_NAME_CHARS
from weft.sync.addresses.server_address import is_wandb_cloud

Mode = Literal["online", "offline", "disabled"]
Resume = Literal["allow", "must", "never", "auto"]
Reinit = Literal["finish_previous", "return_previous", "create_new"]
Console = Literal["auto", "off", "wrap", "redirect"]

Check = Callable[[str, Any], Any]

NOT_GIVEN: Final = object()
"""The result of a check for a value that counts as not given, so that the next source applies."""

_MODE_ALIASES: Final = {"run": "online", "shared": "online", "dryrun": "offline"}
"""W&B's other modes. `shared` needs no mode of its own: any run may have many writers."""

_REINIT_ALIASES: Final = {
    "default": "finish_previous",
    "true": "finish_previous",
    "1": "finish_previous",
    "false": "return_previous",
    "0": "return_previous",
}

_RESUME_ALIASES: Final = {
    "true": "auto",
    "1": "auto",
    "false": None,
    "0": None,
    "none": None,
    "": None,
}
"""True and False are W&B's older values; its documents write the default as 'None'."""

_LOG_LEVELS: Final = {
    **{name: name for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")},
    "WARN": "WARNING",
    "FATAL": "CRITICAL",
    "10": "DEBUG",
    "20": "INFO",
    "30": "WARNING",
    "40": "ERROR",
    "50": "CRITICAL",
}

_CONSOLE_ALIASES: Final = {"wrap_raw": "wrap", "wrap_emu": "wrap", "iowrap": "wrap"}


def check_text(setting: str, value: Any) -> str:
    """Check for valid Unicode text."""
    if not isinstance(value, str):
        raise ConfigError(f"{setting} must be a string, not {type(value).__name__}: {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{setting} is not valid Unicode: {value!r}") from None
    return value


def check_title(setting: str, value: Any) -> str:
    """Check a display name: text of limited length."""
    text = check_text(setting, value)
    if len(text) > MAX_NAME_CHARS:
        raise ConfigError(
            f"{setting} may have at most {MAX_NAME_CHARS} characters, not {len(text)}: shorten it"
        )
    return text


def check_owner(setting: str, value: Any) -> Any:
    """Check the name of an entity or project; empty text, as from a shell, counts as not given."""
    return NOT_GIVEN if value == "" else check_name(setting, value)


def check_tags(setting: str, value: Any) -> tuple[str, ...]:
    """Check short texts: an iterable of them, or one text with commas."""
    entries: Any = value.split(",") if isinstance(value, str) else value
    if isinstance(entries, Mapping) or not hasattr(entries, "__iter__"):
        raise ConfigError(f"{setting} must be a list of strings, not {type(value).__name__}")
    kind = "tag" if setting == "tags" else f"a tag of {setting}"
    tags = [check_title(kind, tag).strip() for tag in cast("Iterable[object]", entries)]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def check_names(setting: str, value: Any) -> tuple[str, ...]:
    """Check texts such as globs or paths: an iterable of them, or one text with commas."""
    entries: Any = value.split(",") if isinstance(value, str) else value
    if isinstance(entries, os.PathLike):
        entries = [cast("os.PathLike[str]", entries)]
    if isinstance(entries, Mapping) or not hasattr(entries, "__iter__"):
        raise ConfigError(f"{setting} must be a list of strings, not {type(value).__name__}")
    items = cast("Iterable[Any]", entries)
    texts = [
        check_text(setting, os.fspath(item) if isinstance(item, os.PathLike) else item).strip()
        for item in items
    ]
    return tuple(text for text in texts if text)


def check_arguments(setting: str, value: Any) -> tuple[str, ...]:
    """Check arguments of a program: a list of texts, or one text with a JSON list of them."""
    if not isinstance(value, str):
        return check_names(setting, value)
    import json

    try:
        entries = json.loads(value)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise ConfigError(f"{setting} must be a JSON list of strings, not {value!r}")
    return tuple(check_text(setting, entry) for entry in cast("list[Any]", entries))


def check_patterns(setting: str, value: Any) -> tuple[str, ...]:
    """Check regular expressions: an iterable of them, or one text with a pattern in each line."""
    import re

    lines = cast("Iterable[object]", value.splitlines()) if isinstance(value, str) else value
    if isinstance(lines, Mapping) or not hasattr(lines, "__iter__"):
        raise ConfigError(f"{setting} must be a list of strings, not {type(value).__name__}")
    patterns = [check_text(setting, pattern) for pattern in cast("Iterable[Any]", lines)]
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigError(
                f"{setting} has an invalid regular expression: {pattern!r}: {error}"
            ) from None
    return tuple(pattern for pattern in patterns if pattern)


def _choice(setting: str, value: Any, words: Mapping[str, str | None], allowed: object) -> Any:
    text = str(value) if isinstance(value, bool) else check_text(setting, value)
    text = text.strip().lower()
    chosen = words.get(text, text)
    names = get_args(allowed)
    if chosen not in names and not (chosen is None and text in words):
        raise ConfigError(f"{setting} must be one of {', '.join(names)}, not {value!r}")
    return chosen


def check_mode(setting: str, value: Any) -> Mode:
    """Check the mode, which decides the run's destination."""
    return _choice(setting, value, _MODE_ALIASES, Mode)


def check_resume(setting: str, value: Any) -> Resume | None:
    """Check whether the run continues an earlier one."""
    return _choice(setting, value, _RESUME_ALIASES, Resume)


def check_reinit(setting: str, value: Any) -> Reinit:
    """Check the effect of another `init` on the active run."""
    return _choice(setting, value, _REINIT_ALIASES, Reinit)


def check_console(setting: str, value: Any) -> Console:
    """Check the way of capturing terminal output."""
    return _choice(setting, value, _CONSOLE_ALIASES, Console)


def check_loggers(setting: str, value: Any) -> dict[str, str]:
    """Check names of loggers with their lowest levels: a mapping, or `name:LEVEL,name:LEVEL`."""
    if isinstance(value, Mapping):
        pairs = list(cast("Mapping[Any, Any]", value).items())
    else:
        pairs = [
            (name, level)
            for name, _, level in (
                entry.rpartition(":") if ":" in entry else (entry, "", "INFO")
                for entry in check_names(setting, value)
            )
        ]
    levels: dict[str, str] = {}
    for name, level in pairs:
        word = _LOG_LEVELS.get(str(level).upper())
        if word is None:
            raise ConfigError(
                f"{setting} has an invalid level for {name!r}: {level!r}; levels are "
                f"{', '.join(dict.fromkeys(_LOG_LEVELS.values()))}"
            )
        levels[check_text(setting, name)] = word
    return levels


def check_flag(setting: str, value: Any) -> bool:
    """Check a bool, or a word for one."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    raise ConfigError(f"{setting} must be true or false, not {value!r}")


def check_secs(setting: str, value: Any) -> float:
    """Check a time span in seconds."""
    try:
        secs = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        secs = -1.0
    if not 0 <= secs < math.inf:
        raise ConfigError(f"{setting} must be a number of seconds, 0 or more, not {value!r}")
    return secs


def check_count(setting: str, value: Any) -> int:
    """Check a whole number, 0 or more."""
    try:
        count = -1 if isinstance(value, (bool, float)) else int(value)
    except (TypeError, ValueError):
        count = -1
    if count < 0:
        raise ConfigError(f"{setting} must be a whole number, 0 or more, not {value!r}")
    return count


def check_size(setting: str, value: Any) -> int:
    """Check a size in bytes: a whole number, or a text such as `20GB`."""
    if isinstance(value, str):
        from weft.records.sizes import parse_size

        try:
            return parse_size(value)
        except UsageError as error:
            raise ConfigError(f"{setting}: {error}") from None
    return check_count(setting, value)


def check_path(setting: str, value: Any) -> Path:
    """Check the path of a file or folder; `~` is the user's home."""
    try:
        return Path(os.fspath(cast("str", value))).expanduser()
    except (TypeError, RuntimeError):
        raise ConfigError(
            f"{setting} must be the path of a folder, not {type(value).__name__}: {value!r}"
        ) from None


def check_moment(setting: str, value: Any) -> str:
    """Check a run, or a step of it: `RUN` or `RUN?_step=100`."""
    from weft.sdk.setup.moments import parse_moment

    text = check_text(setting, value).strip()
    parse_moment(setting, text)
    return text


def check_url(setting: str, value: Any) -> Any:
    """Check a server's address; W&B's cloud counts as not given, so nothing is sent there."""
    url = check_text(setting, value).strip().rstrip("/")
    if not url or is_wandb_cloud(url):
        return NOT_GIVEN
    try:
        parse_address(url)
    except ConfigError as error:
        raise ConfigError(f"{setting} is {error}") from None
    return url
