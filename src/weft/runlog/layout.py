"""Paths of the run directory, and of the host's runtime directory for locks and status.

Pure paths; `ensure_*` are the only functions here that touch the disk.

    DIR/weft/                                 DIR = WEFT_DIR, WANDB_DIR, dir=, else the working dir
      run-YYYYMMDD_HHMMSS-<id>/
        run-<id>.<writer>.weft                one log per writer
        run-<id>.<writer>.reserve             room for its last records on a full disk, while open
        files/  logs/sidecar.log
        stop                                  if it is there, the run ends at its next log()
      latest-run                              link to the newest
    RUNTIME/weft-<uid>/                       XDG_RUNTIME_DIR, else a 0700 folder in the temp dir,
                                              else one in the user's state directory
      <log key>.lock                          held by the uploader of that log
      <pid>-<start>.sidecar.lock / .status    held, and written, by the sidecar of that process
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import Unavailable
from weft.records.small_hash import small_sha256
from weft.runlog.platform import host_name

LATEST: Final = "latest-run"
"""The link to the newest run directory, next to it."""

FILES: Final = "files"
"""The folder of a run's files in its directory."""

SCRIPT_FILES: Final = frozenset({"config.yaml", "metadata.json", "summary.json"})
"""The files that the script writes and announces itself, in its own log."""

STOP: Final = "stop"
"""The file in a run directory that ends the run; its text says why."""

RUN_DIRECTORY_FORMAT = "%Y%m%d_%H%M%S"


def weft_directory(base: Path) -> Path:
    """The folder of all runs below `base`: `base/weft`."""
    return base / "weft"


def run_directory(base: Path, run_id: str, start_secs: float) -> Path:
    """The directory of one process's part of a run.

    >>> run_directory(Path("/x"), "ab12cd34", 0.0).name.endswith("-ab12cd34")
    True
    """
    stamp = time.strftime(RUN_DIRECTORY_FORMAT, time.localtime(start_secs))
    return weft_directory(base) / f"run-{stamp}-{run_id}"


def is_run_directory(path: str | os.PathLike[str]) -> bool:
    """Whether a path names a run directory, or the link to the newest, by its name.

    >>> is_run_directory("/x/weft/run-20261123_120000-ab12cd34"), is_run_directory("/x/run-1")
    (True, False)
    """
    folder, name = os.path.split(path)
    is_named_so = name == LATEST or name.startswith("run-")
    return is_named_so and os.path.basename(folder) == "weft"  # noqa: PTH119


def log_path(directory: Path, run_id: str, writer_id: str) -> Path:
    return directory / f"run-{run_id}.{writer_id}.weft"


def run_id_of(log: Path) -> str:
    """The id of the run of a log, by the log's name.

    >>> run_id_of(log_path(Path("/x"), "ab12cd34", "3z02etwslaxz"))
    'ab12cd34'
    """
    return log.name.removeprefix("run-").removesuffix(".weft").rpartition(".")[0]


def logs_of(directory: Path) -> list[Path]:
    """All run logs in a run directory, by name."""
    return sorted(directory.glob("run-*.weft"))


def run_directories(weft_dir: Path) -> list[Path]:
    """All run directories below a `weft` folder, oldest first."""
    return sorted(path for path in weft_dir.glob("run-*-*") if path.is_dir())


class RuntimeDirectory(msgspec.Struct, frozen=True):
    """The folder of locks and status pages.

    `trouble` is why it is not where it should be, or None.
    """

    path: Path
    trouble: str | None


def ensure_runtime_directory() -> Path:
    """`find_runtime_directory` without the reason."""
    return find_runtime_directory().path


def find_runtime_directory() -> RuntimeDirectory:
    """The folder of locks and status pages of this user on this host, made if it is missing.

    Never in `WEFT_DIR`: that may be NFS or Lustre, where locks fail or lie. If another user has
    taken the one in the temporary folder, it is in the user's state directory.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    named = os.environ.get("XDG_RUNTIME_DIR")
    parent = named if named and os.access(named, os.W_OK) else _temporary_directory()
    troubles: list[str] = []
    for directory in (Path(parent) / f"weft-{user}", _state_runtime_directory()):
        trouble = "the user has no home" if directory is None else _take(directory)
        if directory is not None and trouble is None:
            return RuntimeDirectory(directory, troubles[0] if troubles else None)
        troubles.append(trouble or "")
    raise Unavailable(
        f"no folder for locks: {'; '.join(troubles)}; name one of your own in XDG_RUNTIME_DIR"
    )


def _take(directory: Path) -> str | None:
    """Make a folder unless it is there; why it can't be trusted, or None if it can."""
    try:
        directory.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        pass
    except OSError as error:
        return f"{directory}: {error.strerror}"
    status = directory.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return f"{directory} is not a folder"
    if hasattr(os, "getuid"):
        if status.st_uid != os.getuid():
            return f"{directory} belongs to another user"
        if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            return f"other users can write to {directory}"
    return None


def _state_runtime_directory() -> Path | None:
    state = os.environ.get("XDG_STATE_HOME")
    try:
        parent = Path(state) if state else Path.home() / ".local" / "state"
    except RuntimeError:
        return None
    # A home may be shared by several hosts, and locks are of one.
    return parent / "weft" / f"runtime-{host_name()}"


def _temporary_directory() -> str:
    """The result of `tempfile.gettempdir`, mostly without its import, 4 ms of an `init`."""
    for named in (*map(os.environ.get, ("TMPDIR", "TEMP", "TMP")), "/tmp"):
        if not named:
            continue
        folder = Path(named)
        if folder.is_absolute() and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return named
    from tempfile import gettempdir

    return gettempdir()


def upload_lock_path(runtime: Path, log: Path) -> Path:
    """The lock that the uploader of `log` holds; named by the log's real path."""
    digest = small_sha256(os.fsencode(os.path.realpath(log)))[:24]
    return runtime / f"{digest}.lock"


def sidecar_lock_path(runtime: Path, pid: int, start_time: int) -> Path:
    """The lock that the sidecar of process (pid, start time) holds while it lives."""
    return runtime / f"{pid}-{start_time}.sidecar.lock"


def sidecar_status_path(runtime: Path, pid: int, start_time: int) -> Path:
    """The page on which the sidecar of process (pid, start time) tells how far it is."""
    return runtime / f"{pid}-{start_time}.status"
