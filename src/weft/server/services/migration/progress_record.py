"""The runs that a migration has copied and compared, so that a second start skips them. Does I/O.

A file in the target's data directory: a line of JSON for each run, the last line of a run counts.
If it is lost, all runs are compared again and what is missing is copied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from weft.server.storage.private import make_private_file

RECORD_NAME: Final = "migration.jsonl"


class _Line(msgspec.Struct):
    """`state` is the digest of `FrozenStore.states` at which the run was equal on both sides."""

    migration: str
    project: int
    run: str
    state: str


class ProgressRecord:
    """Reads and extends the record of one migration."""

    def __init__(self, folder: Path, migration_id: str) -> None:
        self._path = folder / RECORD_NAME
        self._id = migration_id
        self._states: dict[tuple[int, str], str] = {}
        make_private_file(self._path)
        for text in self._path.read_bytes().split(b"\n"):
            try:
                line = msgspec.json.decode(text, type=_Line)
            except msgspec.DecodeError:
                continue  # the end that a kill left unfinished
            if line.migration == migration_id:
                self._states[line.project, line.run] = line.state
        self._file = self._path.open("ab", buffering=0)
        self._file.write(b"\n")

    def has(self, project_id: int, run: str, state: bytes) -> bool:
        """Whether a run is known to be equal on both sides in this state."""
        return self._states.get((project_id, run)) == state.hex()

    def add(self, project_id: int, run: str, state: bytes) -> None:
        """Note that a run is equal on both sides."""
        self._states[project_id, run] = state.hex()
        line = _Line(self._id, project_id, run, state.hex())
        self._file.write(msgspec.json.encode(line) + b"\n")

    def close(self, *, remove: bool = False) -> None:
        """Close the file, and delete it if the migration is complete."""
        self._file.close()
        if remove:
            self._path.unlink(missing_ok=True)
