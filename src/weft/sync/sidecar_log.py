"""The sidecar's own run log: system samples, the run's files, and how it ended. Does I/O.

Receives measurements from `sampling` and files from `files`; `uploader` sends the log like any
other. The sidecar is a writer with its own writer id, whose parent is the run's main writer.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from weft.records.record import Artifact, Exit, File, Key, Run, Schema, System
from weft.runlog.child_log import SIDECAR_PROCESS, make_child_log
from weft.runlog.format import Header


class SidecarLog:
    """A log of System and File records in the directory of a run, whose main writer's header and
    Run record it gets.
    """

    def __init__(self, directory: Path, main: Header, run: Run) -> None:
        self._writer = make_child_log(directory, main, run, SIDECAR_PROCESS)
        self._key_ids: dict[str, int] = {}
        self._schema_ids: dict[tuple[str, ...], int] = {}
        self._n_samples = 0

    @property
    def path(self) -> Path:
        return self._writer.path

    @property
    def writer_id(self) -> str:
        return self._writer.header.writer_id

    def append(self, figures: dict[str, float | int]) -> None:
        """Record one sample."""
        schema_id = self._schema_id(tuple(figures))
        micros = self._writer.micros()
        self._writer.append(System(schema_id, micros, self._n_samples, list(figures.values())))
        self._n_samples += 1

    def append_file(self, record: File | Artifact) -> bool:
        """Record a file or an artifact, with the present time; whether the disk has taken it."""
        self._writer.append(msgspec.structs.replace(record, micros=self._writer.micros()))
        return not self._writer.n_waiting

    def close(self, *, crashed: bool = False) -> None:
        """Write Exit and close.

        `crashed` if the main writer died without its own Exit; recorded as the state.
        """
        state = "crashed" if crashed else None
        self._writer.append(Exit(self._writer.micros(), 0, state))
        self._writer.close()

    def _schema_id(self, keys: tuple[str, ...]) -> int:
        schema_id = self._schema_ids.get(keys)
        if schema_id is None:
            for key in keys:
                if key not in self._key_ids:
                    self._key_ids[key] = len(self._key_ids)
                    self._writer.append(Key(self._key_ids[key], key))
            schema_id = self._schema_ids[keys] = len(self._schema_ids)
            self._writer.append(Schema(schema_id, [self._key_ids[key] for key in keys]))
        return schema_id
