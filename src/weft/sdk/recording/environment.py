"""Describes a run's process for `files/metadata.json`. Reads the process's own state; no I/O.

Collects only what costs nothing; the sidecar adds what is slow (packages, git, hardware).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from weft.runlog.platform import host_name
from weft.runlog.private_files import write_private
from weft.sdk.display.notebook import is_notebook, notebook_path
from weft.sync.capture.task import Task, task_path

if TYPE_CHECKING:
    from weft.records.secrets.redaction import Redactor
    from weft.sdk.recording.recorder import Recorder
    from weft.sdk.setup.settings import Settings


def describe_process(
    started_micros: int, version: str, settings: Settings, redactor: Redactor
) -> dict[str, Any]:
    """Return the content of `files/metadata.json`."""
    if settings.disable_metadata:
        return {"started_micros": started_micros, "weft": version}
    notebook = settings.notebook_name or notebook_path()
    identity = {
        "username": None if settings.disable_user else settings.username,
        "email": None if settings.disable_user else settings.email,
        "docker": settings.docker,
        "notebook": notebook,
    }
    uname = os.uname() if hasattr(os, "uname") else None
    return {
        "host": settings.host or host_name(),
        "os": f"{uname.sysname}-{uname.release}-{uname.machine}" if uname else sys.platform,
        "python": sys.version.split()[0],
        "implementation": sys.implementation.name,
        "executable": sys.executable,
        "program": settings.program or notebook or (sys.argv[0] if sys.argv else ""),
        # A notebook kernel's arguments come from Jupyter, not from the user.
        "args": redactor.arguments(
            list(settings.args)
            if settings.args is not None
            else []
            if is_notebook()
            else sys.argv[1:]
        ),
        "cwd": _working_directory(),
        "pid": os.getpid(),
        "cpu_count": os.cpu_count(),
        "started_micros": started_micros,
        "weft": version,
        **{name: value for name, value in identity.items() if value},
    }


def counted_metadata(recorder: Recorder) -> dict[str, Any]:
    """Return `Recorder.metadata` with `redacted`: how many secrets were replaced, by kind."""
    counts = recorder.redactor.counts
    if recorder.captures is not None:
        counts = counts + recorder.captures.redacted
    return {**recorder.metadata, "redacted": dict(counts)} if counts else recorder.metadata


def leave_capture_task(recorder: Recorder) -> None:
    """Tell the sidecar what to gather of this process's environment, unless that is disabled."""
    settings = recorder.settings
    if settings.disable_metadata or not recorder.log.is_of_rank_0:
        return
    task = Task(
        cwd=_working_directory(),
        program=settings.program or notebook_path() or (sys.argv[0] if sys.argv else ""),
        sys_path=[entry or _working_directory() for entry in sys.path],
        began_micros=recorder.record.start_micros,
        has_git=not settings.disable_git,
        git_commit=settings.git_commit,
        git_remote_url=settings.git_remote_url,
        has_patch=not settings.disable_code,
        has_code=settings.keeps_code,
        is_redacted=settings.redact,
        patterns=list(settings.redact_patterns),
    )
    try:
        write_private(task_path(recorder.directory), msgspec.json.encode(task))
    except OSError:
        pass  # the run has no environment; that its directory can't be written is told elsewhere


def _working_directory() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return ""  # the directory was removed
