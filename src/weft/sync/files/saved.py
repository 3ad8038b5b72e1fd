"""The files that a script gave to `save()`: their links, and when they have changed. Does I/O.

`existing_files` decides by it which of them are hashed, in the run's sidecar or in `weft sync`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from weft.runlog.links import place_file
from weft.runlog.spool import Job

Policy = Literal["now", "live", "end"]

LIVE_SECS: Final = 10.0
"""The interval of looks at a file of policy `live`. One that is written to all the time is sent as
often, at most."""


class Version(NamedTuple):
    """Attributes that change with a file's content, and need no reading of it."""

    n_bytes: int
    changed_nanos: int
    number: int


def version_of(path: Path) -> Version:
    """The present version of a file."""
    state = path.stat()
    return Version(state.st_size, state.st_mtime_ns, state.st_ino)


@dataclass(slots=True)
class SavedFile:
    """One file that was saved.

    A link to or copy of the user's `source` is among the run's files, and its job is in `spool`.
    `saved_version` is its size and time of change (ns) at the call of `save`, `version` the one
    that was hashed last; it is looked at again when due.
    """

    source: Path
    policy: Policy
    spool: str
    saved_version: tuple[int, int] | None = None
    version: Version | None = None
    due_secs: float = 0.0


def read_saved(job: Job, spool: str, version: Version | None) -> SavedFile:
    """The saved file of a job in `spool`, of which `version` was hashed last."""
    policy = job.options.get("policy")
    try:
        saved_version = msgspec.convert(job.options.get("version"), tuple[int, int])
    except msgspec.ValidationError:
        saved_version = None
    return SavedFile(
        Path(str(job.options.get("source", ""))),
        policy if policy in ("live", "end") else "now",
        spool,
        saved_version,
        version,
    )


def renew_link(saved: SavedFile, target: Path) -> None:
    """Link to the user's file again if another one has taken its name.

    Programs that replace a file in one step leave a hard link with the file before.
    """
    try:
        if saved.source.samefile(target):
            return
    except FileNotFoundError:
        if not saved.source.exists():
            return  # deleted by the user: what the run has is kept
    if saved.source.is_file():
        place_file(saved.source, target)
