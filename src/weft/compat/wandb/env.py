"""Names of environment variables, and their values, as W&B's `wandb.env` has them."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path

API_KEY = "WANDB_API_KEY"
ARTIFACT_DIR = "WANDB_ARTIFACT_DIR"
BASE_URL = "WANDB_BASE_URL"
CACHE_DIR = "WANDB_CACHE_DIR"
CONFIG_DIR = "WANDB_CONFIG_DIR"
DATA_DIR = "WANDB_DATA_DIR"
DIR = "WANDB_DIR"
DISABLE_CODE = "WANDB_DISABLE_CODE"
DISABLE_GIT = "WANDB_DISABLE_GIT"
ENTITY = "WANDB_ENTITY"
JOB_TYPE = "WANDB_JOB_TYPE"
MODE = "WANDB_MODE"
NAME = "WANDB_NAME"
NOTEBOOK_NAME = "WANDB_NOTEBOOK_NAME"
NOTES = "WANDB_NOTES"
PROJECT = "WANDB_PROJECT"
QUIET = "WANDB_QUIET"
RESUME = "WANDB_RESUME"
RUN_DIR = "WANDB_RUN_DIR"
RUN_GROUP = "WANDB_RUN_GROUP"
RUN_ID = "WANDB_RUN_ID"
SAVE_CODE = "WANDB_SAVE_CODE"
SILENT = "WANDB_SILENT"
SWEEP_ID = "WANDB_SWEEP_ID"
SWEEP_PARAM_PATH = "WANDB_SWEEP_PARAM_PATH"
TAGS = "WANDB_TAGS"
USERNAME = "WANDB_USERNAME"

_Environment = MutableMapping[str, str]


def get_project(default: str | None = None, env: _Environment | None = None) -> str | None:
    return _read(PROJECT, default, env)


def get_entity(default: str | None = None, env: _Environment | None = None) -> str | None:
    return _read(ENTITY, default, env)


def get_base_url(default: str | None = None, env: _Environment | None = None) -> str | None:
    return _read(BASE_URL, default, env)


def get_username(default: str | None = None, env: _Environment | None = None) -> str | None:
    return _read(USERNAME, default, env)


def get_dir(default: str | None = None, env: _Environment | None = None) -> str | None:
    return _read(DIR, default, env)


def get_run(default: str | None = None, env: _Environment | None = None) -> str | None:
    return _read(RUN_ID, default, env)


def get_tags(default: str = "", env: _Environment | None = None) -> list[str]:
    return [tag for tag in (_read(TAGS, default, env) or "").split(",") if tag]


def get_cache_dir(env: _Environment | None = None) -> Path:
    folder = _read(CACHE_DIR, None, env)
    return Path(folder) if folder else Path.home() / ".cache" / "weft"


def set_project(value: str, env: _Environment | None = None) -> None:
    (os.environ if env is None else env)[PROJECT] = value or "uncategorized"


def set_entity(value: str, env: _Environment | None = None) -> None:
    (os.environ if env is None else env)[ENTITY] = value


def is_offline(env: _Environment | None = None) -> bool:
    return _read(MODE, None, env) in {"offline", "dryrun"}


def is_silent() -> bool:
    return _is_on(SILENT)


def is_quiet() -> bool:
    return _is_on(QUIET)


def should_save_code() -> bool:
    return _is_on(SAVE_CODE) and not _is_on(DISABLE_CODE)


def disable_git(env: _Environment | None = None) -> bool:
    return (_read(DISABLE_GIT, None, env) or "").lower() in {"1", "true", "yes", "on"}


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _read(name: str, default: str | None, env: _Environment | None) -> str | None:
    return (os.environ if env is None else env).get(name, default)
