"""`run.save()`: puts files of the user among the files of the run. Does I/O.

A file is linked into the run's directory (or copied), and a spool file tells the sidecar, which
hashes and records it (`weft.sync.files`). So a file that the user deletes later is still sent.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from weft.errors import ConfigError, UsageError, WrongType
from weft.records.files.file_paths import check_file_path
from weft.runlog.layout import SCRIPT_FILES
from weft.runlog.links import check_free, place_file
from weft.runlog.spool import SAVED, Job
from weft.sdk.recording.matching import files_inside, files_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weft.sdk.recording.recorder import Recorder

Policy = Literal["live", "now", "end"]
POLICIES: Final = ("live", "now", "end")

_CLOUD: Final = ("s3://", "gs://")


def save_files(
    recorder: Recorder,
    pattern: str | os.PathLike[str] | bytes,
    base_path: str | os.PathLike[str] | None,
    policy: str,
    *,
    glob: bool,
) -> list[str]:
    """See `Run.save`."""
    text = _text_of(pattern, "pattern of files to save")
    if policy not in POLICIES:
        raise UsageError(f"policy of save() is 'live', 'now' or 'end', not {policy!r}")
    recorder.life.check_open()
    guard = recorder.guard
    if text.startswith(_CLOUD):
        guard.warn(f"save {text}", f"save() takes local files, and {text} is in the cloud")
        return []
    absolute = Path(os.path.abspath(text))  # noqa: PTH100  `resolve` would follow links
    base = _base_of(text, base_path)
    below = _below(absolute, base, text)
    files = Path(recorder.directory) / "files"
    if glob and base_path is None and Path(below).parts[0] == "*":
        raise UsageError(
            f"save({text!r}) would take whole folders: name them, or pass base_path=, the folder "
            "from which the names in the run begin"
        )
    sources = files_named(absolute, glob=glob)
    # Scripts also write directly among the run's files.
    inside = [path for path in files_inside(files, below, glob=glob) if path not in SCRIPT_FILES]
    if not sources and not inside:
        exact = " (a file of this very name exists: pass glob=False)" if absolute.exists() else ""
        guard.warn(f"save {text}", f"save() found no file: {text}{exact}")
        return []
    chosen = {path: files / path for path in inside}
    return announce_saved(
        recorder, chosen | {_below(source, base, text): source for source in sources}, policy
    )


def announce_saved(recorder: Recorder, sources: Mapping[str, Path], policy: str) -> list[str]:
    """Put files, given by their paths among the run's files, there and tell the sidecar.

    Returns their paths in the run's folder, sorted. Files that could not be stored are left out,
    with a warning.
    """
    files = Path(recorder.directory) / "files"
    jobs: dict[str, Job] = {}
    for path, source in sources.items():
        _take(recorder, source, path, files, policy, jobs)
    if jobs:
        _tell(recorder, list(jobs.values()))
    return sorted(os.fspath(files / path) for path in jobs)


def _text_of(value: Any, argument: str) -> str:
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if isinstance(value, (str, os.PathLike)):
        return os.fspath(value)
    raise WrongType(f"{argument} must be a path or a string, not {type(value).__name__}")


def _base_of(text: str, base_path: Any) -> Path:
    """The folder that names in the run are relative to.

    As in W&B, of an absolute path the last folder is kept.
    """
    if base_path is not None:
        return Path(os.path.abspath(_text_of(base_path, "base_path of save()")))  # noqa: PTH100
    path = Path(text)
    return path.parent.parent if path.is_absolute() else Path.cwd()


def _below(path: Path, base: Path, text: str) -> str:
    try:
        below = path.relative_to(base).as_posix()
    except ValueError:
        raise UsageError(
            f"save({text!r}) is not below {base}: pass base_path=, the folder from which its name "
            "in the run begins"
        ) from None
    if below == ".":
        raise UsageError(f"save({text!r}) names its base folder itself: name files in it")
    return below


def _take(
    recorder: Recorder, source: Path, path: str, files: Path, policy: str, jobs: dict[str, Job]
) -> None:
    """Link or copy one file, and add its job; a fault is one warning."""
    if source.is_relative_to(files):
        path = source.relative_to(files).as_posix()
    target = files / path
    try:
        check_file_path(path)
        check_free(target)
        if not target.exists() or not source.samefile(target):
            place_file(source, target, snapshot=policy == "now")
        status = target.stat()
    except (OSError, ConfigError) as error:
        reason = error.strerror.lower() if isinstance(error, OSError) and error.strerror else error
        recorder.guard.warn(f"save {path}", f"save() left out {source}: {reason}")
        return
    options: dict[str, Any] = {
        "source": os.fspath(source),
        "policy": policy,
        "version": [status.st_size, status.st_mtime_ns],
    }
    jobs[path] = Job(path, SAVED, options)


def _tell(recorder: Recorder, jobs: Sequence[Job]) -> None:
    def write(log: Path | None) -> None:
        if log is not None:
            recorder.spool.write_jobs(log, jobs, [()] * len(jobs))

    try:
        recorder.history.store_files(write)
    except Exception as error:  # noqa: BLE001  never into the user's training
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        n_files = "1 file is" if len(jobs) == 1 else f"{len(jobs)} files are"
        recorder.guard.warn("save", f"{n_files} sent at the end of the run only: {reason}")
