"""What a run is to be: arguments over environment over files over defaults. Reads small files.

Receives what `init` was called with; hands a `Settings` to `weft.sdk.init`. Of the environment
`WEFT_X` is looked at first and `WANDB_X` under it, so that scripts made for W&B keep working.
Files are `DIR/weft/settings`, then `~/.config/weft/settings`: lines `name = value`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

import msgspec

from weft.errors import ConfigError
from weft.records.ids import DEFAULT_PROJECT, check_name, new_run_id
from weft.records.limits import MAX_NAME_CHARS

Mode = Literal["online", "offline", "disabled"]

MODE_ALIASES: Final = {"run": "online", "shared": "online", "dryrun": "offline"}
"""W&B's other words. `shared` needs no mode of its own: any run may have many writers."""

FINISH_TIMEOUT_SECS: Final = 30.0
FINISH_TIMEOUT_ALONE_SECS: Final = 600.0
"""Where nothing outlives the process (PID 1, SLURM steps) `finish` is the last chance to send."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a run was set up.

    Attributes:
        entity: owner of the project; None = the server's default, `local` without accounts.
        run_id: given, or made.
        name: None = two words made from the run id.
        dir: folder in which `weft/run-…` is made.
        strict: raise where weft would only warn.
        silent: print nothing. quiet: print warnings and what went wrong, no reports.
        finish_timeout_secs: longest wait of `finish` without progress of the upload.
        system_interval_secs: between two samples of system metrics; 0 = none.
    """

    project: str = DEFAULT_PROJECT
    entity: str | None = None
    run_id: str = ""
    name: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    mode: Mode = "online"
    dir: Path = Path()
    strict: bool = False
    silent: bool = False
    quiet: bool = False
    finish_timeout_secs: float = FINISH_TIMEOUT_SECS
    system_interval_secs: float = 15.0


def _text(what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{what} must be a string, not {type(value).__name__}: {value!r}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ConfigError(f"{what} is not valid Unicode: {value!r}") from None
    return value


def _name(what: str, value: Any) -> str:
    text = _text(what, value)
    if len(text) > MAX_NAME_CHARS:
        raise ConfigError(
            f"{what} may have at most {MAX_NAME_CHARS} characters, not {len(text)}: shorten it"
        )
    return text


def _tags(what: str, value: Any) -> tuple[str, ...]:
    given: Any = value.split(",") if isinstance(value, str) else value
    if isinstance(given, Mapping) or not hasattr(given, "__iter__"):
        raise ConfigError(f"{what} must be a list of strings, not {type(value).__name__}")
    tags = [_name("tag", tag).strip() for tag in cast("Iterable[object]", given)]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _mode(what: str, value: Any) -> Mode:
    text = _text(what, value).lower()
    mode: Any = MODE_ALIASES.get(text, text)
    if mode not in get_args(Mode):
        raise ConfigError(f"{what} must be one of online, offline, disabled, not {value!r}")
    return mode


def _flag(what: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    raise ConfigError(f"{what} must be true or false, not {value!r}")


def _secs(what: str, value: Any) -> float:
    try:
        secs = float(value)
    except (TypeError, ValueError):
        secs = -1.0
    if not 0 <= secs < float("inf"):
        raise ConfigError(f"{what} must be a number of seconds, 0 or more, not {value!r}")
    return secs


def _dir(what: str, value: Any) -> Path:
    try:
        return Path(os.fspath(cast("str", value))).expanduser()
    except (TypeError, RuntimeError):
        raise ConfigError(
            f"{what} must be the path of a folder, not {type(value).__name__}: {value!r}"
        ) from None


_Reader = Callable[[str, Any], Any]

_READERS: Final[dict[str, tuple[_Reader, str]]] = {
    "project": (check_name, "PROJECT"),
    "entity": (check_name, "ENTITY"),
    "run_id": (check_name, "RUN_ID"),
    "name": (_name, "NAME"),
    "notes": (_text, "NOTES"),
    "tags": (_tags, "TAGS"),
    "group": (_name, "RUN_GROUP"),
    "job_type": (_name, "JOB_TYPE"),
    "mode": (_mode, "MODE"),
    "dir": (_dir, "DIR"),
    "strict": (_flag, "STRICT"),
    "silent": (_flag, "SILENT"),
    "quiet": (_flag, "QUIET"),
    "finish_timeout_secs": (_secs, "FINISH_TIMEOUT"),
    "system_interval_secs": (_secs, "SYSTEM_INTERVAL"),
}
"""Every setting: what checks it, and its environment variable without `WEFT_` or `WANDB_`."""


def read_settings(
    arguments: Mapping[str, Any], environment: Mapping[str, str] = os.environ
) -> Settings:
    """Settle what a run is to be.

    Args:
        arguments: by setting name; None = not given.

    Raises:
        ConfigError: a value is none that the setting takes, or there is no such setting.

    >>> read_settings({"run_id": "ab12cd34"}, {"WANDB_PROJECT": "mnist"}).project
    'mnist'
    """
    values: dict[str, Any] = {}
    for name, given in arguments.items():
        if name not in _READERS:
            raise ConfigError(f"no setting {name!r}: there are {', '.join(_READERS)}")
        if given is not None:
            values[name] = _READERS[name][0]("id" if name == "run_id" else name, given)
    for name, (reader, variable) in _READERS.items():
        for prefix in ("WEFT_", "WANDB_"):
            given = environment.get(prefix + variable)
            if given and name not in values:
                values[name] = reader(prefix + variable, given)
    files = [values.get("dir", Path()) / "weft" / "settings", _user_settings(environment)]
    for path in filter(None, files):
        for name, given in _lines_of(path):
            if name in _READERS and name not in values:
                values[name] = _READERS[name][0](f"{name} in {path}", given)
    if "run_id" not in values:
        values["run_id"] = new_run_id()
    if "finish_timeout_secs" not in values and is_alone(environment):
        values["finish_timeout_secs"] = FINISH_TIMEOUT_ALONE_SECS
    return Settings(**values)


def checked_setting(name: str, value: Any) -> Any:
    """A value of one setting, as `Settings` holds it.

    Raises:
        ConfigError: the setting takes no such value.
    """
    return _READERS[name][0](name, value)


def is_alone(environment: Mapping[str, str]) -> bool:
    """Whether the sidecar can't outlive this process: then `finish` has to wait longer."""
    return os.getpid() == 1 or any(
        name in environment
        for name in ("SLURM_STEP_ID", "KUBERNETES_SERVICE_HOST", "COLAB_RELEASE_TAG")
    )


def _user_settings(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("XDG_CONFIG_HOME")
    try:
        home = Path(named) if named else Path("~/.config").expanduser()
    except RuntimeError:
        return None  # a container's made-up user has no home, and so no settings
    return home / "weft" / "settings"


def _lines_of(path: Path) -> list[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    pairs = [
        line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#")
    ]
    return [(name.strip(), value.strip()) for name, mark, value in pairs if mark and value.strip()]
