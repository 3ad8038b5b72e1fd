"""Where runs come from, if the store is only a cache of them: the directories of `weft ui`.

What changes a run there changes its directory first. Implemented by
`intake.directories.originals`; a server that people upload to has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from weft.server.services.access.paths import RunPath
from weft.wire.runs import Run, RunEdit


@dataclass(frozen=True, slots=True)
class TrashedOriginal:
    """A run whose directory is in the trash.

    Attributes:
        trashed_micros: when it went there, µs since 1970.
        n_bytes: of its files.
    """

    path: RunPath
    trashed_micros: int
    n_bytes: int


class Originals(Protocol):
    """The files that runs come from."""

    def warnings(self, path: RunPath) -> list[str]:
        """What a reader of a run should know of its files."""
        ...

    def prepare_edit(self, path: RunPath, before: Run) -> None:
        """Make sure that an edit can be kept.

        Raises:
            Unavailable: it can't.
        """
        ...

    def note_edit(self, path: RunPath, edit: RunEdit, before: Run, after: Run) -> None:
        """Keep an edit beside its run."""
        ...

    def to_trash(self, paths: Sequence[RunPath]) -> None:
        """Move the files of runs away; all of them, or none.

        Raises:
            Unavailable: they can't be moved.
        """
        ...

    def from_trash(self, paths: Sequence[RunPath]) -> set[RunPath]:
        """Bring the files of runs back; those of which there were any.

        Raises:
            Unavailable: they can't be moved.
        """
        ...

    def look_again(self, paths: Sequence[RunPath]) -> None:
        """Read the files of runs again: they came back, and are admitted."""
        ...

    def trashed(self) -> list[TrashedOriginal]:
        """What is in the trash, last deleted first."""
        ...

    def remove(self, paths: Sequence[RunPath]) -> None:
        """Remove files of runs from the trash, for good."""
        ...
