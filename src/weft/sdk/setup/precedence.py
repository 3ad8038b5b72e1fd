"""Combines the settings of a run from all their sources. Reads small files.

The first source that gives a value wins: arguments of `init`, its `settings=`, `weft.setup()`,
`WEFT_*`, `WANDB_*`, settings files (`weft.sync.addresses.setting_files`), defaults.
`weft.sdk.init` receives a frozen `Settings`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from weft.errors import ConfigError
from weft.sdk.setup.checks import NOT_GIVEN
from weft.sdk.setup.labels import process_labels
from weft.sdk.setup.settings import SETTINGS, Settings, checked_settings, settings_of
from weft.sdk.setup.wandb_names import ALIASES, WITHOUT_MEANING, public_name
from weft.sync.addresses.netrc_file import saved_key
from weft.sync.addresses.setting_files import SettingFile, list_setting_files

FINISH_TIMEOUT_ALONE_SECS: Final = 600.0
"""For processes that no sidecar outlives (PID 1, SLURM steps): only `finish` can still send."""

process_settings: Final = Settings()
"""The settings given to `weft.setup()`, for all runs of this process."""


def read_settings(
    arguments: Mapping[str, Any],
    environment: Mapping[str, str] = os.environ,
    troubles: list[str] | None = None,
) -> Settings:
    """Combine the settings of a run from all their sources.

    `arguments` have our names or W&B's; None for not given. `troubles` receives a sentence for
    each settings file that can't be used as it is, and for each variable whose name is mistyped.

    >>> read_settings({"run_id": "ab12cd34"}, {"WANDB_PROJECT": "mnist"}).project
    'mnist'
    """
    values: dict[str, Any] = {}
    of_wandb: set[str] = set()
    for name, value in arguments.items():
        _add(values, checked_settings(name, value))
    _add(values, process_settings.given)
    for name, setting in SETTINGS.items():
        for variable in setting.variables:
            value = environment.get(variable)
            if value and name not in values:
                checked = _checked(name, variable, value)
                if checked is not NOT_GIVEN:
                    values[name] = checked
                    if variable.startswith("WANDB_"):
                        of_wandb.add(name)
    for variable, name, text in _private_variables(environment):
        _add(values, checked_settings(name, text, variable))
    if troubles is not None:
        troubles += _mistyped(environment)
    if "config_dir" in values and "config_dir" not in of_wandb:
        environment = {**environment, "WEFT_CONFIG_DIR": str(values["config_dir"])}
    directory = values.get("dir", Path())
    has_key = "api_key" in values
    for file in list_setting_files(directory, environment):
        fresh = _checked_file(file, troubles if troubles is not None else [])
        added = _add(values, fresh)
        if file.of_wandb:
            of_wandb |= added
    if "api_key" in of_wandb and "base_url" not in of_wandb:
        # A key for W&B is sent only to a server that W&B's own variable or file names.
        del values["api_key"]
    if not has_key and "api_key" in values and _has_saved_key(values, environment):
        # The netrc file comes before settings files: `weft login` writes there.
        del values["api_key"]
    if "finish_timeout_secs" not in values and is_alone(environment):
        values["finish_timeout_secs"] = FINISH_TIMEOUT_ALONE_SECS
    if not values.keys() & {"show_info", "quiet"} and _is_further_rank(values, environment):
        values["show_info"] = False
    _refuse_contradictions(values)
    return settings_of(values).freeze()


def _has_saved_key(values: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    url = values.get("base_url")
    return bool(url) and saved_key(url, environment) is not None


def _checked(name: str, variable: str, text: str) -> Any:
    try:
        return SETTINGS[name].check(variable, text)
    except ConfigError:
        if name != "base_url":
            raise
        # An invalid address in the environment must not stop a script from training:
        # `weft.sdk.start` warns instead.
        return text


def _mistyped(environment: Mapping[str, str]) -> list[str]:
    variables = {setting.variables[0] for setting in SETTINGS.values()}
    # `weft server` checks the server's variables; the other two are for weft's own tests.
    others = ("WEFT_SERVER_", "WEFT_TEST_", "WEFT_PORTABLE")
    own_variables = {
        name: ""
        for name in environment
        if name.startswith("WEFT_") and not name.startswith(others) and name not in variables
    }
    if not own_variables:
        return []
    from weft.records.nearest import mistyped_variables

    return mistyped_variables(own_variables, "WEFT_", variables)


def _private_variables(environment: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return W&B's variables for private settings: `WANDB__DISABLE_STATS`, `WANDB_X_LABEL`."""
    private: list[tuple[str, str, str]] = []
    for variable, text in environment.items():
        if variable.startswith(("WANDB__", "WANDB_X_")) and text:
            name = variable.removeprefix("WANDB_").lower()
            public = public_name(name)
            if public in ALIASES or public in WITHOUT_MEANING:
                private.append((variable, public, text))
    return private


def is_alone(environment: Mapping[str, str]) -> bool:
    """Return whether the sidecar can't outlive this process, so that `finish` must wait longer."""
    return os.getpid() == 1 or any(
        name in environment
        for name in ("SLURM_STEP_ID", "KUBERNETES_SERVICE_HOST", "COLAB_RELEASE_TAG")
    )


def _is_further_rank(values: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    """Return whether another rank of the job writes to the same run and prints its reports."""
    is_shared = not values.keys().isdisjoint({"run_id", "resume_from"})
    return is_shared and process_labels("main", environment=environment).get("rank", "0") != "0"


def _add(values: dict[str, Any], more: Mapping[str, Any]) -> set[str]:
    added = {name for name in more if name not in values}
    values.update((name, more[name]) for name in added)
    return added


def _checked_file(file: SettingFile, troubles: list[str]) -> dict[str, Any]:
    if file.trouble:
        troubles.append(file.trouble)
    values: dict[str, Any] = {}
    for name, value in file.values.items():
        if file.of_wandb and not _means_the_same(name):
            continue
        try:
            _add(values, checked_settings(name, value, f"{name} in {file.path}"))
        except ConfigError as error:
            if name in SETTINGS or name in ALIASES:
                raise
            troubles.append(f"{file.path}: {error}")
    return values


def _means_the_same(name: str) -> bool:
    """Return whether a line of a W&B settings file sets one of our settings."""
    return name in ALIASES or (name in SETTINGS and len(SETTINGS[name].variables) > 1)


def _refuse_contradictions(values: Mapping[str, Any]) -> None:
    moments = [name for name in ("resume", "fork_from", "resume_from") if values.get(name)]
    if len(moments) > 1:
        raise ConfigError(f"{' and '.join(moments)} can't be used together: choose one")
