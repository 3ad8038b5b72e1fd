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
from weft.records.sizes import parse_size
from weft.sdk.setup.moments import parse_moment
from weft.sync.server_address import is_wandb_cloud

Mode = Literal["online", "offline", "disabled"]
Resume = Literal["allow", "must", "never", "auto"]
Reinit = Literal["finish_previous", "return_previous", "create_new"]
Console = Literal["auto", "off", "wrap", "redirect"]

Check = Callable[[str, Any], Any]

NOT_GIVEN: Final = object()
"""What a check returns for a value that counts as not given, so that the next source applies."""

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


def check_text(what: str, value: Any) -> str:
    """Check for valid Unicode text."""
    if not isinstance(value, str):
        raise ConfigError(f"{what} must be a string, not {type(value).__name__}: {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{what} is not valid Unicode: {value!r}") from None
    return value


def check_title(what: str, value: Any) -> str:
    """Check a display name: text of limited length."""
    text = check_text(what, value)
    if len(text) > MAX_NAME_CHARS:
        raise ConfigError(
            f"{what} may have at most {MAX_NAME_CHARS} characters, not {len(text)}: shorten it"
        )
    return text


def check_owner(what: str, value: Any) -> Any:
    """Check the name of an entity or project; empty text, as from a shell, counts as not given."""
    return NOT_GIVEN if value == "" else check_name(what, value)


def check_tags(what: str, value: Any) -> tuple[str, ...]:
    """Check short texts: an iterable of them, or one text with commas."""
    given: Any = value.split(",") if isinstance(value, str) else value
    if isinstance(given, Mapping) or not hasattr(given, "__iter__"):
        raise ConfigError(f"{what} must be a list of strings, not {type(value).__name__}")
    one = "tag" if what == "tags" else f"a tag of {what}"
    tags = [check_title(one, tag).strip() for tag in cast("Iterable[object]", given)]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def check_names(what: str, value: Any) -> tuple[str, ...]:
    """Check texts such as globs or paths: an iterable of them, or one text with commas."""
    given: Any = value.split(",") if isinstance(value, str) else value
    if isinstance(given, os.PathLike):
        given = [cast("os.PathLike[str]", given)]
    if isinstance(given, Mapping) or not hasattr(given, "__iter__"):
        raise ConfigError(f"{what} must be a list of strings, not {type(value).__name__}")
    items = cast("Iterable[Any]", given)
    texts = [
        check_text(what, os.fspath(item) if isinstance(item, os.PathLike) else item).strip()  # pyright: ignore[reportUnknownArgumentType]
        for item in items
    ]
    return tuple(text for text in texts if text)


def check_patterns(what: str, value: Any) -> tuple[str, ...]:
    """Check regular expressions: an iterable of them, or one text with a pattern in each line."""
    import re

    lines = cast("Iterable[object]", value.splitlines()) if isinstance(value, str) else value
    if isinstance(lines, Mapping) or not hasattr(lines, "__iter__"):
        raise ConfigError(f"{what} must be a list of strings, not {type(value).__name__}")
    patterns = [check_text(what, pattern) for pattern in cast("Iterable[Any]", lines)]
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ConfigError(
                f"{what} has an invalid regular expression: {pattern!r}: {error}"
            ) from None
    return tuple(pattern for pattern in patterns if pattern)


def _choice(what: str, value: Any, words: Mapping[str, str | None], allowed: object) -> Any:
    text = str(value) if isinstance(value, bool) else check_text(what, value)
    text = text.strip().lower()
    chosen = words.get(text, text)
    names = get_args(allowed)
    if chosen not in names and not (chosen is None and text in words):
        raise ConfigError(f"{what} must be one of {', '.join(names)}, not {value!r}")
    return chosen


def check_mode(what: str, value: Any) -> Mode:
    """Check where the run goes."""
    return _choice(what, value, _MODE_ALIASES, Mode)


def check_resume(what: str, value: Any) -> Resume | None:
    """Check whether the run continues an earlier one."""
    return _choice(what, value, _RESUME_ALIASES, Resume)


def check_reinit(what: str, value: Any) -> Reinit:
    """Check what another `init` does with the active run."""
    return _choice(what, value, _REINIT_ALIASES, Reinit)


def check_console(what: str, value: Any) -> Console:
    """Check how terminal output is captured."""
    return _choice(what, value, _CONSOLE_ALIASES, Console)


def check_loggers(what: str, value: Any) -> dict[str, str]:
    """Check names of loggers with their lowest levels: a mapping, or `name:LEVEL,name:LEVEL`."""
    if isinstance(value, Mapping):
        pairs = list(cast("Mapping[Any, Any]", value).items())
    else:
        pairs = [
            (name, level)
            for name, _, level in (
                one.rpartition(":") if ":" in one else (one, "", "INFO")
                for one in check_names(what, value)
            )
        ]
    levels: dict[str, str] = {}
    for name, level in pairs:
        word = _LOG_LEVELS.get(str(level).upper())
        if word is None:
            raise ConfigError(
                f"{what} has an invalid level for {name!r}: {level!r}; levels are "
                f"{', '.join(dict.fromkeys(_LOG_LEVELS.values()))}"
            )
        levels[check_text(what, name)] = word
    return levels


def check_flag(what: str, value: Any) -> bool:
    """Check a bool, or a word for one."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    raise ConfigError(f"{what} must be true or false, not {value!r}")


def check_secs(what: str, value: Any) -> float:
    """Check a time span in seconds."""
    try:
        secs = -1.0 if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        secs = -1.0
    if not 0 <= secs < math.inf:
        raise ConfigError(f"{what} must be a number of seconds, 0 or more, not {value!r}")
    return secs


def check_count(what: str, value: Any) -> int:
    """Check a whole number, 0 or more."""
    try:
        count = -1 if isinstance(value, (bool, float)) else int(value)
    except (TypeError, ValueError):
        count = -1
    if count < 0:
        raise ConfigError(f"{what} must be a whole number, 0 or more, not {value!r}")
    return count


def check_size(what: str, value: Any) -> int:
    """Check a size in bytes: a whole number, or a text such as `20GB`."""
    if isinstance(value, str):
        try:
            return parse_size(value)
        except UsageError as error:
            raise ConfigError(f"{what}: {error}") from None
    return check_count(what, value)


def check_path(what: str, value: Any) -> Path:
    """Check the path of a file or folder; `~` is the user's home."""
    try:
        return Path(os.fspath(cast("str", value))).expanduser()
    except (TypeError, RuntimeError):
        raise ConfigError(
            f"{what} must be the path of a folder, not {type(value).__name__}: {value!r}"
        ) from None


def check_moment(what: str, value: Any) -> str:
    """Check a run, or a step of it: `RUN` or `RUN?_step=100`."""
    text = check_text(what, value).strip()
    parse_moment(what, text)
    return text


def check_url(what: str, value: Any) -> Any:
    """Check a server's address; W&B's cloud counts as not given, so nothing is sent there."""
    url = check_text(what, value).strip().rstrip("/")
    if not url or is_wandb_cloud(url):
        return NOT_GIVEN
    try:
        parse_address(url)
    except ConfigError as error:
        raise ConfigError(f"{what} is {error}") from None
    return url
