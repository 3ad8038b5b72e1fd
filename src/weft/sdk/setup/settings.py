"""`weft.Settings`: the settings of a run. No I/O.

Made by a script, and by `weft.sdk.setup.precedence` for each run from all sources of settings;
read by all of the SDK. Each line of the class is one setting: its type, check, default and
environment variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from weft.client.api_key import check_key
from weft.client.policy import READ_TIMEOUT_SECS, Policy
from weft.errors import ConfigError, WrongType
from weft.records.ids import DEFAULT_PROJECT
from weft.sdk.setup.checks import (
    NOT_GIVEN,
    Check,
    Console,
    Mode,
    Reinit,
    Resume,
    check_arguments,
    check_console,
    check_count,
    check_flag,
    check_loggers,
    check_mode,
    check_moment,
    check_name,
    check_names,
    check_owner,
    check_path,
    check_patterns,
    check_reinit,
    check_resume,
    check_secs,
    check_size,
    check_tags,
    check_text,
    check_title,
    check_url,
)
from weft.sdk.setup.wandb_names import ALIASES, WITHOUT_MEANING, ours_for, public_name
from weft.sync.sampling.settings import DEFAULT_INTERVAL_SECS, SamplingSettings

FINISH_TIMEOUT_SECS: Final = 30.0
INIT_TIMEOUT_SECS: Final = 5.0

_WITHOUT_WANDB: Final = frozenset({"STRICT"})
"""Variables whose `WANDB_` counterpart means something else."""


class Setting:
    """One setting: a descriptor that checks values when they are set.

    `variable` is its environment variable without `WEFT_` or `WANDB_`.
    """

    def __init__(self, check: Check, default: Any, variable: str) -> None:
        self.check = check
        self.default = default
        self.variable = variable
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, settings: Any, owner: type | None = None) -> Any:
        return self if settings is None else settings._values.get(self.name, self.default)  # noqa: SLF001

    def __set__(self, settings: Settings, value: Any) -> None:
        settings._set(self.name, value)  # noqa: SLF001

    @property
    def variables(self) -> tuple[str, ...]:
        """Its environment variables; the first takes precedence."""
        ours = f"WEFT_{self.variable}"
        return (ours,) if self.variable in _WITHOUT_WANDB else (ours, f"WANDB_{self.variable}")


def _sampling(name: str) -> Check:
    """Make the check of that name in `sampling_checks`, which few scripts need."""

    def check(setting: str, value: Any) -> Any:
        from weft.sdk.setup import sampling_checks

        return getattr(sampling_checks, name)(setting, value)

    return check


def _setting(check: Check, default: Any, variable: str) -> Any:
    return Setting(check, default, variable)


class Settings:
    """Settings by name, each checked when it is set. Unset ones have their defaults.

    W&B's names are accepted: `run_group` is `group`, and settings that weft does not use, such as
    `start_method`, are stored unused. `run.settings` is read-only.

    Raises:
        ConfigError: a setting is unknown or its value is invalid.

    >>> settings = Settings(project="mnist", run_group="a", start_method="thread")
    >>> settings.project, settings.group, settings.run_group, settings.mode
    ('mnist', 'a', 'a', 'online')
    >>> Settings(projet="mnist")
    Traceback (most recent call last):
      ...
    weft.errors.ConfigError: no setting 'projet': did you mean 'project'?
    """

    # -- whose run, and what it is called
    project: str = _setting(check_owner, DEFAULT_PROJECT, "PROJECT")
    entity: str | None = _setting(check_owner, None, "ENTITY")
    run_id: str = _setting(check_name, "", "RUN_ID")
    name: str | None = _setting(check_title, None, "NAME")
    notes: str | None = _setting(check_text, None, "NOTES")
    tags: tuple[str, ...] = _setting(check_tags, (), "TAGS")
    group: str | None = _setting(check_title, None, "RUN_GROUP")
    job_type: str | None = _setting(check_title, None, "JOB_TYPE")
    sweep_id: str | None = _setting(check_name, None, "SWEEP_ID")
    label: str | None = _setting(check_title, None, "LABEL")
    host: str | None = _setting(check_title, None, "HOST")
    username: str | None = _setting(check_title, None, "USERNAME")
    email: str | None = _setting(check_title, None, "USER_EMAIL")
    disable_user: bool = _setting(check_flag, False, "DISABLE_USER")
    disable_metadata: bool = _setting(check_flag, False, "DISABLE_METADATA")

    # -- how it begins
    mode: Mode = _setting(check_mode, "online", "MODE")
    dir: Path = _setting(check_path, Path(), "DIR")
    resume: Resume | None = _setting(check_resume, None, "RESUME")
    resume_from: str | None = _setting(check_moment, None, "RESUME_FROM")
    fork_from: str | None = _setting(check_moment, None, "FORK_FROM")
    reinit: Reinit = _setting(check_reinit, "finish_previous", "REINIT")
    force: bool = _setting(check_flag, False, "FORCE")
    allow_val_change: bool | None = _setting(check_flag, None, "ALLOW_VAL_CHANGE")
    config_paths: tuple[str, ...] = _setting(check_names, (), "CONFIG_PATHS")
    strict: bool = _setting(check_flag, False, "STRICT")

    # -- the server
    base_url: str | None = _setting(check_url, None, "BASE_URL")
    api_key: str | None = _setting(check_key, None, "API_KEY")
    identity_token_file: Path | None = _setting(check_path, None, "IDENTITY_TOKEN_FILE")
    insecure_disable_ssl: bool = _setting(check_flag, False, "INSECURE_DISABLE_SSL")
    init_timeout_secs: float = _setting(check_secs, INIT_TIMEOUT_SECS, "INIT_TIMEOUT")
    http_timeout_secs: float = _setting(check_secs, READ_TIMEOUT_SECS, "HTTP_TIMEOUT")
    finish_timeout_secs: float = _setting(check_secs, FINISH_TIMEOUT_SECS, "FINISH_TIMEOUT")

    # -- what is printed
    silent: bool = _setting(check_flag, False, "SILENT")
    quiet: bool = _setting(check_flag, False, "QUIET")
    show_info: bool = _setting(check_flag, True, "SHOW_INFO")
    show_warnings: bool = _setting(check_flag, True, "SHOW_WARNINGS")
    show_errors: bool = _setting(check_flag, True, "SHOW_ERRORS")
    show_emoji: bool = _setting(check_flag, True, "SHOW_EMOJI")
    show_run: bool = _setting(check_flag, False, "SHOW_RUN")
    max_end_of_run_history_metrics: int = _setting(
        check_count, 10, "MAX_END_OF_RUN_HISTORY_METRICS"
    )
    max_end_of_run_summary_metrics: int = _setting(
        check_count, 10, "MAX_END_OF_RUN_SUMMARY_METRICS"
    )

    # -- what is captured
    redact: bool = _setting(check_flag, True, "REDACT")
    redact_patterns: tuple[str, ...] = _setting(check_patterns, (), "REDACT_PATTERNS")
    system_interval_secs: float = _setting(check_secs, DEFAULT_INTERVAL_SECS, "SYSTEM_INTERVAL")
    disk_paths: tuple[str, ...] = _setting(_sampling("check_disk_paths"), (), "DISK_PATHS")
    gpu_ids: tuple[int, ...] | None = _setting(_sampling("check_gpu_ids"), None, "GPU_IDS")
    open_metrics_endpoints: dict[str, str] = _setting(
        _sampling("check_endpoints"), {}, "OPEN_METRICS_ENDPOINTS"
    )
    open_metrics_filters: dict[str, dict[str, str]] = _setting(
        _sampling("check_filters"), {}, "OPEN_METRICS_FILTERS"
    )
    open_metrics_headers: dict[str, str] = _setting(
        _sampling("check_headers"), {}, "OPEN_METRICS_HEADERS"
    )
    console: Console = _setting(check_console, "auto", "CONSOLE")
    capture_loggers: dict[str, str] = _setting(check_loggers, {}, "CAPTURE_LOGGERS")
    save_code: bool | None = _setting(check_flag, None, "SAVE_CODE")
    disable_code: bool = _setting(check_flag, False, "DISABLE_CODE")
    disable_git: bool = _setting(check_flag, False, "DISABLE_GIT")
    git_commit: str | None = _setting(check_text, None, "GIT_COMMIT")
    git_remote_url: str | None = _setting(check_text, None, "GIT_REMOTE_URL")
    program: str | None = _setting(check_text, None, "PROGRAM")
    args: tuple[str, ...] | None = _setting(check_arguments, None, "ARGS")
    ignore_globs: tuple[str, ...] = _setting(check_names, (), "IGNORE_GLOBS")
    notebook_name: str | None = _setting(check_text, None, "NOTEBOOK_NAME")
    docker: str | None = _setting(check_text, None, "DOCKER")
    sync_tensorboard: bool = _setting(check_flag, False, "SYNC_TENSORBOARD")
    monitor_gym: bool = _setting(check_flag, False, "MONITOR_GYM")
    error_reporting: bool = _setting(check_flag, False, "ERROR_REPORTING")

    # -- other folders
    config_dir: Path | None = _setting(check_path, None, "CONFIG_DIR")
    data_dir: Path | None = _setting(check_path, None, "DATA_DIR")
    cache_dir: Path | None = _setting(check_path, None, "CACHE_DIR")
    cache_size: int = _setting(check_size, 20 * 10**9, "CACHE_SIZE")
    artifact_dir: Path | None = _setting(check_path, None, "ARTIFACT_DIR")

    # -- a sweep's agent
    agent_report_interval_secs: float = _setting(check_secs, 5.0, "AGENT_REPORT_INTERVAL")
    agent_kill_delay_secs: float = _setting(check_secs, 30.0, "AGENT_KILL_DELAY")
    agent_disable_flapping: bool = _setting(check_flag, False, "AGENT_DISABLE_FLAPPING")
    agent_max_initial_failures: int = _setting(check_count, 5, "AGENT_MAX_INITIAL_FAILURES")

    def __init__(self, **settings: Any) -> None:
        self.__dict__["_values"] = {}
        self.__dict__["_frozen"] = False
        for name, value in settings.items():
            self._set(name, value)

    @property
    def given(self) -> dict[str, Any]:
        """The values that were set, under our names or under W&B's for those that weft ignores."""
        return dict(self._values)

    @property
    def policy(self) -> Policy:
        """The connection policy for the server."""
        return Policy(self.insecure_disable_ssl, self.http_timeout_secs)

    @property
    def keeps_code(self) -> bool:
        """Whether the script, or a notebook's cells, are stored."""
        return self.save_code is not False and not self.disable_code

    @property
    def sampling(self) -> SamplingSettings:
        """The system metrics that are sampled."""
        return SamplingSettings(
            interval_secs=self.system_interval_secs,
            disk_paths=self.disk_paths,
            gpu_ids=self.gpu_ids,
            endpoints=self.open_metrics_endpoints,
            filters=self.open_metrics_filters,
            headers=self.open_metrics_headers,
        )

    @property
    def is_quiet(self) -> bool:
        """Whether only problems are printed, and no reports."""
        return self.quiet or self.silent or not self.show_info

    def replace(self, **changes: Any) -> Settings:
        """Return a copy with some settings changed."""
        unchanged = {name: value for name, value in self._values.items() if name not in changes}
        copy = settings_of(unchanged)
        copy.update(changes)
        copy.__dict__["_frozen"] = self._frozen
        return copy

    def freeze(self) -> Settings:
        """Reject all later changes; return itself."""
        self.__dict__["_frozen"] = True
        return self

    def clear(self) -> None:
        """Reset all settings to their defaults."""
        self._values.clear()

    def update(self, values: Mapping[str, Any] | Settings | None = None, **more: Any) -> None:
        """Set several settings."""
        base = values_of_settings(values) if values is not None else {}
        for name, value in {**base, **more}.items():
            self._set(name, value)

    update_from_dict = update

    _values: dict[str, Any]
    _frozen: bool

    def _set(self, name: str, value: Any) -> None:
        if self._frozen:
            raise ConfigError(
                f"{name!r} of a run's settings can't be changed; pass it to weft.init()"
            )
        self._values.update(checked_settings(name, value))

    def __getattr__(self, name: str) -> Any:
        # Python calls this only for names that are not our settings.
        public = public_name(name)
        if public in ALIASES:
            return getattr(self, ALIASES[public])
        if public in WITHOUT_MEANING:
            return self._values.get(public)
        raise AttributeError(f"no setting {name!r}{_near(name)}")

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(name, value)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        for name in SETTINGS:
            yield name, getattr(self, name)

    def __eq__(self, other: object) -> bool:
        return dict(self) == dict(other) if isinstance(other, Settings) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        secret = {name: "***" for name in _SECRET if getattr(self, name)}
        shown = {**self._values, **secret}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


SETTINGS: Final[dict[str, Setting]] = {
    name: setting for name, setting in vars(Settings).items() if isinstance(setting, Setting)
}
"""Every setting by name."""


def settings_of(values: Mapping[str, Any]) -> Settings:
    """Return settings with these values, which are under our names and already checked."""
    settings = Settings()
    settings.__dict__["_values"].update(values)
    return settings


_SECRET: Final = ("api_key", "open_metrics_headers")

_LABELS: Final = {"run_id": "id"}


def checked_setting(name: str, value: Any) -> Any:
    """Check a value of one of our settings and return it as `Settings` holds it."""
    return SETTINGS[name].check(_LABELS.get(name, name), value)


def checked_settings(name: str, value: Any, label: str | None = None) -> dict[str, Any]:
    """Return the settings that one name, ours or W&B's, and value set, under our names.

    None sets nothing. Errors name `label`.
    """
    public = public_name(name)
    if public not in SETTINGS and public not in ALIASES and public not in WITHOUT_MEANING:
        raise ConfigError(f"no setting {name!r}{_near(name)}")
    if value is None:
        return {}
    ignored = {public: value} if public in WITHOUT_MEANING else {}
    ours = (public, value) if public in SETTINGS else ours_for(public, value)
    if ours is None:
        return ignored
    checked = SETTINGS[ours[0]].check(label or _LABELS.get(name, name), ours[1])
    return ignored if checked is NOT_GIVEN else {**ignored, ours[0]: checked}


def values_of_settings(settings: object) -> dict[str, Any]:
    """Return the values that a `settings=` argument sets, by name."""
    if settings is None:
        return {}
    if isinstance(settings, Settings):
        return settings.given
    if isinstance(settings, Mapping):
        return Settings(**cast("Mapping[str, Any]", settings)).given
    raise WrongType(f"settings must be a mapping such as a dict, not {type(settings).__name__}")


def _near(name: str) -> str:
    from weft.records.nearest import did_you_mean

    names = [*SETTINGS, *ALIASES, *WITHOUT_MEANING]
    return did_you_mean(name, names, ": `weft docs settings` lists all of them")
