"""Where things lie: the run directory, and the host's runtime directory for locks and status.

Step 2 of a point's way. Pure paths; `ensure_*` are the only functions here that touch the disk.

    DIR/weft/                                 DIR = WEFT_DIR, WANDB_DIR, dir=, else the working dir
      run-YYYYMMDD_HHMMSS-<id>/
        run-<id>.<writer>.weft                one log per writer
        run-<id>.<writer>.reserve             room for its last records on a full disk, while open
        files/  logs/sidecar.log
      latest-run                              link to the newest
    RUNTIME/weft-<uid>/                       XDG_RUNTIME_DIR, else a 0700 folder in the temp dir
      <log key>.lock                          held by the uploader of that log
      <pid>-<start>.sidecar.lock / .status    held, and written, by the sidecar of that process
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from weft.errors import Unavailable

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


def log_path(directory: Path, run_id: str, writer_id: str) -> Path:
    """The log of one writer in a run directory."""
    return directory / f"run-{run_id}.{writer_id}.weft"


def logs_of(directory: Path) -> list[Path]:
    """All run logs in a run directory, by name."""
    return sorted(directory.glob("run-*.weft"))


def run_directories(weft_dir: Path) -> list[Path]:
    """All run directories below a `weft` folder, oldest first."""
    return sorted(path for path in weft_dir.glob("run-*-*") if path.is_dir())


def ensure_runtime_directory() -> Path:
    """The folder of locks and status pages of this user on this host, made if it is missing.

    Never in `WEFT_DIR`: that may be NFS or Lustre, where locks fail or lie.

    Raises:
        Unavailable: the folder exists and belongs to somebody else.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    parent = os.environ.get("XDG_RUNTIME_DIR")
    if not parent or not os.access(parent, os.W_OK):
        parent = _temporary_directory()
    directory = Path(parent) / f"weft-{user}"
    directory.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid") and directory.stat().st_uid != user:
        raise Unavailable(f"runtime directory belongs to another user: {directory}")
    return directory


def _temporary_directory() -> str:
    """What `tempfile.gettempdir` finds, on most machines without its import, 4 ms of an `init`."""
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
    import hashlib

    digest = hashlib.sha256(os.fsencode(os.path.realpath(log))).hexdigest()[:24]
    return runtime / f"{digest}.lock"


def sidecar_lock_path(runtime: Path, pid: int, start_time: int) -> Path:
    """The lock that the sidecar of process (pid, start time) holds while it lives."""
    return runtime / f"{pid}-{start_time}.sidecar.lock"


def sidecar_status_path(runtime: Path, pid: int, start_time: int) -> Path:
    """The page on which the sidecar of process (pid, start time) tells how far it is."""
    return runtime / f"{pid}-{start_time}.status"
