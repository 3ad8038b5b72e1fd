"""Settings files: weft's and W&B's, in the working directory and the user's folder. Does I/O.

Lines are `name = value`; `#` and `;` begin a comment, and `[section]` lines are ignored (W&B
writes `[default]`). Used by `weft.sdk.setup.precedence` for runs and by `server_address` for the
command line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

FILE_NAME: Final = "settings"


class SettingFile(msgspec.Struct, frozen=True):
    """One existing settings file, its values as written.

    If it is W&B's (`of_wandb`), unknown names are no error. `trouble` is why it or its first
    malformed line can't be read; '' if all can be.
    """

    path: Path
    values: dict[str, str]
    of_wandb: bool = False
    trouble: str = ""


def config_directory(
    environment: Mapping[str, str] = os.environ, program: str = "weft"
) -> Path | None:
    """The user's folder of settings: `$XDG_CONFIG_HOME/weft`, `~/.config/weft`.

    None if the user has no home, as in a container that runs under an arbitrary user id.
    """
    chosen = environment.get(f"{program.upper()}_CONFIG_DIR")
    named = environment.get("XDG_CONFIG_HOME")
    try:
        if chosen:
            return Path(chosen).expanduser()
        return (Path(named) if named else Path("~/.config").expanduser()) / program
    except RuntimeError:
        return None


def list_setting_files(
    directory: Path, environment: Mapping[str, str] = os.environ
) -> list[SettingFile]:
    """The existing settings files, also `weft/settings` and `wandb/settings` of a directory;
    earlier ones override later ones.
    """
    user, user_wandb = (config_directory(environment, program) for program in ("weft", "wandb"))
    candidates = [
        (folder_setting_file(directory), False),
        (user / FILE_NAME if user else None, False),
        (directory / "wandb" / FILE_NAME, True),
        (user_wandb / FILE_NAME if user_wandb else None, True),
    ]
    files = [read_setting_file(path, of_wandb=of_wandb) for path, of_wandb in candidates if path]
    return [file for file in files if file is not None]


def read_setting_file(path: Path, *, of_wandb: bool = False) -> SettingFile | None:
    """Read one settings file; None if it does not exist."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        return SettingFile(path, {}, of_wandb, f"{path} can't be read: {reason}")
    lines = [line.strip() for line in text.splitlines()]
    settings = [line for line in lines if line and not line.startswith(("#", ";", "["))]
    pairs = [line.partition("=") for line in settings if "=" in line]
    values = {name.strip(): value.strip() for name, _, value in pairs if value.strip()}
    malformed = [] if of_wandb else [line for line in settings if "=" not in line]
    trouble = f"{path}: {malformed[0]!r} sets nothing: write name = value" if malformed else ""
    return SettingFile(path, values, of_wandb, trouble)


def save_user_setting(name: str, value: str, environment: Mapping[str, str] = os.environ) -> Path:
    """Write one setting into the user's own file; its other lines stay unchanged.

    OSError without a home directory.
    """
    path = user_setting_file(environment)
    if path is None:
        raise OSError("this user has no home directory")
    write_settings(path, {name: value})
    return path


def user_setting_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The user's own settings file, which may not exist; None if the user has no home."""
    folder = config_directory(environment)
    return None if folder is None else folder / FILE_NAME


def folder_setting_file(directory: Path) -> Path:
    """The settings file of the runs that start in `directory`; it may not exist."""
    return directory / "weft" / FILE_NAME


def write_settings(path: Path, values: Mapping[str, str | None]) -> None:
    """Write settings into a file and remove those that are None; other lines stay unchanged."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    unchanged = [line for line in lines if line.partition("=")[0].strip() not in values]
    added = [f"{name} = {value}" for name, value in values.items() if value is not None]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{FILE_NAME}-{os.getpid()}")
    temporary.write_text("".join(f"{line}\n" for line in [*unchanged, *added]), encoding="utf-8")
    temporary.replace(path)
