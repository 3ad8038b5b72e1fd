"""Run logs written record by record, for tests of what reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from weft.records.record import Config, Exit, Key, Record, Row, Run, Schema, Summary
from weft.runlog.format import Header
from weft.runlog.header import make_header
from weft.runlog.layout import log_path, run_directory
from weft.runlog.writer import LogWriter, remove_reserve

DEAD_PID = 2**22 + 7
"""Above the largest pid that Linux gives."""


class LogMaker:
    """One log of a run below `folder/weft`, whose process is dead unless told otherwise."""

    def __init__(
        self,
        folder: Path,
        run_id: str = "ab12cd34",
        *,
        start_secs: float = 1_000_000_000.0,
        run: Mapping[str, Any] | None = None,
        **header: Any,
    ) -> None:
        first = make_header(run_id)
        micros = int(start_secs * 1e6)
        header_fields = {"pid": DEAD_PID, "wall_micros": micros, "boot_micros": micros, **header}
        self.header: Header = msgspec.structs.replace(first, **header_fields)
        directory = run_directory(folder, run_id, start_secs)
        directory.mkdir(parents=True, exist_ok=True)
        self.path = log_path(directory, run_id, self.header.writer_id)
        self._log = LogWriter(self.path, self.header)
        fields: dict[str, Any] = {"project": "tests", "start_micros": micros, **(run or {})}
        self.append(Run(run_id, **fields))
        self._keys: dict[str, int] = {}
        self._schemas: dict[tuple[str, ...], int] = {}

    @property
    def writer(self) -> str:
        return self.header.writer_id

    def append(self, *records: Record) -> LogMaker:
        for record in records:
            self._log.append(record)
        return self

    def row(self, step: int | float, micros: int | None = None, **values: Any) -> LogMaker:
        """A row; its time is its step in seconds unless told otherwise."""
        keys = tuple(values)
        for key in keys:
            if key not in self._keys:
                self._keys[key] = len(self._keys)
                self.append(Key(self._keys[key], key))
        if keys not in self._schemas:
            self._schemas[keys] = len(self._schemas)
            self.append(Schema(self._schemas[keys], [self._keys[key] for key in keys]))
        when = int(step * 1e6) if micros is None else micros
        return self.append(Row(self._schemas[keys], when, step, [*values.values()]))

    def config(self, micros: int = 0, **values: Any) -> LogMaker:
        return self.append(Config(micros, [([key], value) for key, value in values.items()]))

    def summary(self, micros: int = 0, **values: Any) -> LogMaker:
        return self.append(Summary(micros, [([key], value) for key, value in values.items()]))

    def exit(self, micros: int = 0, code: int = 0, state: str | None = None) -> LogMaker:
        """Close the log."""
        self.append(Exit(micros, code, state))
        self._log.close()
        return self

    def kill(self) -> LogMaker:
        """Leave the log as a killed process does."""
        self._log.abandon()
        remove_reserve(self.path)
        return self
