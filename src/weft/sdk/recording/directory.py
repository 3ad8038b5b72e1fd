"""Makes a run's directory. Does I/O.

If the wanted folder can't be written, the run goes to the temporary directory instead, because a
read-only folder must not stop a training.
"""

from __future__ import annotations

import os
from pathlib import Path

from weft.errors import Unavailable
from weft.runlog.layout import LATEST, run_directory, weft_directory
from weft.runlog.platform import PORTABLE


def make_run_directory(base: Path, run_id: str, start_secs: float) -> tuple[Path, str | None]:
    """Make a run's directory with its folders, and point `latest-run` at it.

    Returns its absolute path, and a warning if it is not in the wanted folder. Unavailable if the
    temporary directory can't be written either.
    """
    preferred = Path(os.path.abspath(base))  # noqa: PTH100
    try:
        return _make_directory(preferred, run_id, start_secs), None
    except OSError as error:
        fallback = fallback_directory()
        try:
            fallback.mkdir(mode=0o700, exist_ok=True)
            directory = _make_directory(fallback, run_id, start_secs)
        except OSError as second:
            raise Unavailable(
                f"no directory for the run can be made ({second.strerror}): "
                f"{preferred}, {fallback}"
            ) from error
        why = error.strerror or str(error)
        return directory, f"{preferred} can't be written ({why}); the run is in {directory}"


def fallback_directory() -> Path:
    """Return this user's folder in the temporary directory, for runs that need a fallback."""
    import tempfile

    user = os.getuid() if hasattr(os, "getuid") else 0
    return Path(tempfile.gettempdir()) / f"weft-runs-{user}"


def _make_directory(base: Path, run_id: str, start_secs: float) -> Path:
    directory = run_directory(base, run_id, start_secs)
    directory.parent.mkdir(parents=True, exist_ok=True)
    for folder in (directory, directory / "files", directory / "logs"):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not os.access(directory, os.W_OK):
        raise PermissionError(13, "permission denied", str(directory))
    _point_latest(weft_directory(base), directory)
    return directory


def _point_latest(weft_dir: Path, directory: Path) -> None:
    """Make `latest-run` a link to the newest run, or a file with its name if links fail."""
    fresh = weft_dir / f".{LATEST}-{os.getpid()}"
    try:
        fresh.unlink(missing_ok=True)
        try:
            if PORTABLE:
                raise NotImplementedError
            fresh.symlink_to(directory.name, target_is_directory=True)
        except (OSError, NotImplementedError):
            fresh.write_text(f"{directory.name}\n", encoding="utf-8")
        fresh.replace(weft_dir / LATEST)
    except OSError:
        pass  # the link is a convenience; the run does not need it
