"""Writes edits made in `weft ui` to the run's directory, in a log of their own writer.

Each run that is edited gets another log in its directory, which `follow` reads and `weft sync`
sends like any other. Used by `originals`. Does I/O: appends to that log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from weft.records import record
from weft.records.record import Config, Exit, Summary
from weft.records.run_columns import EDITED_COLUMNS
from weft.runlog.format import Header
from weft.runlog.header import make_header
from weft.runlog.layout import log_path
from weft.runlog.writer import LogWriter
from weft.wire.runs.runs import ConfigEdit, Run, RunEdit


class EditLog:
    """The log of one run's edits by this process.

    `sibling` is the header of another log of the run.
    """

    def __init__(self, directory: Path, sibling: Header, run: Run) -> None:
        header = make_header(
            sibling.run_id,
            parent_writer=sibling.parent_writer or sibling.writer_id,
            mode=sibling.mode,
        )
        # The log's clock counts from the run's start, so that its Exit at 0 moves no run's end.
        age_micros = max(0, header.wall_micros - run.started_micros)
        header = msgspec.structs.replace(
            header,
            wall_micros=header.wall_micros - age_micros,
            boot_micros=header.boot_micros - age_micros,
        )
        self._log = LogWriter(log_path(directory, header.run_id, header.writer_id), header)
        self._last = record.Run(sibling.run_id, run.project, run.entity)
        self._log.append(self._last)
        # The log exits at once, because a run must not wait for its editor to end.
        self._log.append(Exit(0, 0))

    def is_there(self) -> bool:
        """Whether the log is still where it was made: its directory may be renamed or removed."""
        return self._log.path.exists()

    def write(self, edit: RunEdit, before: Run, after: Run) -> None:
        """Append what the edit changed."""
        fields = [
            name for name in (*EDITED_COLUMNS, "color") if getattr(edit, name) is not msgspec.UNSET
        ]
        if edit.add_tags or edit.remove_tags:
            fields.append("tags")
        if edit.add_notes:
            fields.append("notes")
        # Only what differs between a Run record and the one before it counts [decision 0003].
        # So the values before the edit come first: then removing one is a difference, too.
        for run in (before, after) if fields else ():
            values: dict[str, Any] = {name: getattr(run, name) for name in fields}
            self._last = msgspec.structs.replace(self._last, **values, micros=self._log.micros())
            self._log.append(self._last)
        if isinstance(edit.config, ConfigEdit):
            config = Config(self._log.micros(), edit.config.set, edit.config.removed)
            self._log.append(config)
        if isinstance(edit.summary, ConfigEdit):
            summary = Summary(self._log.micros(), edit.summary.set, edit.summary.removed)
            self._log.append(summary)
