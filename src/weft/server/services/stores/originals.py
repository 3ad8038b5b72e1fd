"""The source files of runs, if the store is only a cache of them: the directories of `weft ui`.

A change of such a run changes its directory first. Implemented by
`intake.directories.originals`; a server that receives uploads has no originals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from weft.server.services.access.paths import RunPath
from weft.wire.runs.runs import Run, RunEdit


@dataclass(frozen=True, slots=True)
class TrashedOriginal:
    """A run whose directory, of `n_bytes` in all, is in the trash since `trashed_micros`."""

    path: RunPath
    trashed_micros: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """A file that a log announced: the log's writer, the file's path and its size in bytes."""

    writer: str
    path: str
    n_bytes: int


class Originals(Protocol):
    """The files that runs come from."""

    def warnings(self, path: RunPath) -> list[str]:
        """Problems with a run's files that a reader should know about."""
        ...

    def are_there(self, path: RunPath, files: Sequence[OriginalFile]) -> list[bool]:
        """For each file, whether it is in the run's directory and has its announced size."""
        ...

    def open(self, path: RunPath, file: OriginalFile) -> BinaryIO | None:
        """Open a file in the run's directory; None if it is not there with its announced size."""
        ...

    def prepare_edit(self, path: RunPath, before: Run) -> None:
        """Check that an edit can be saved; Unavailable if not."""
        ...

    def note_edit(self, path: RunPath, edit: RunEdit, before: Run, after: Run) -> None:
        """Save an edit next to its run."""
        ...

    def to_trash(self, paths: Sequence[RunPath]) -> None:
        """Move the files of runs to the trash, of all runs or of none; Unavailable if they can't
        be moved.
        """
        ...

    def from_trash(self, paths: Sequence[RunPath]) -> set[RunPath]:
        """Restore the files of runs; returns the runs that had any.

        Unavailable if they can't be moved.
        """
        ...

    def look_again(self, paths: Sequence[RunPath]) -> None:
        """Read the files of restored runs again, now that the runs are admitted."""
        ...

    def trashed(self) -> list[TrashedOriginal]:
        """The runs in the trash, most recently deleted first."""
        ...

    def remove(self, paths: Sequence[RunPath]) -> None:
        """Remove the files of runs from the trash permanently."""
        ...
