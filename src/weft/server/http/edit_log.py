"""Edits made in `weft ui` are kept beside the run, in a log of their own writer.

The store of `weft ui` can be thrown away; an edit may not. Each run that is edited gets a further
log in its directory, which `http.follow` reads and `weft sync` sends like any other. Does I/O:
appends to that log.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec

from weft.errors import Unavailable
from weft.records.record import Config, Exit, Run
from weft.runlog.format import Header
from weft.runlog.header import make_header
from weft.runlog.layout import log_path
from weft.runlog.writer import LogWriter
from weft.server.http.follow import Follower
from weft.server.http.trash import Trash
from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.permissions import Action, require
from weft.server.services.runs import RunService
from weft.server.services.types import ConfigEdit, RunEdit, RunInfo, RunPath


class LoggedRunService(RunService):
    """Runs of followed directories: an edit is in the run's directory before it is answered.

    What is deleted leaves the directory, too.
    """

    def __init__(self, stores: Stores, follower: Follower, trash: Trash) -> None:
        super().__init__(stores)
        self._follower = follower
        self._trash = trash
        self._logs: dict[RunPath, _EditLog] = {}
        self._lock = threading.Lock()

    def edit(self, actor: Actor, path: RunPath, edit: RunEdit) -> RunInfo:
        """See `RunService.edit`.

        Raises:
            Unavailable: the run's directory can't be written.
        """
        with self._lock:
            before = self.get(actor, path)
            log = self._log_of(path, before)
            after = super().edit(actor, path, edit)
            if log is not None:
                log.write(edit, before, after)
        return after

    def delete(self, actor: Actor, path: RunPath) -> None:
        """See `RunService.delete`.

        Raises:
            Unavailable: the run's directory can't be moved to the trash.
        """
        require(actor, Action.DELETE, path)
        with self._lock:
            self.get(actor, path)
            self._trash.take([path])
            self._logs.pop(path, None)
            super().delete(actor, path)

    def _log_of(self, path: RunPath, run: RunInfo) -> _EditLog | None:
        log = self._logs.get(path)
        if log is None:
            place = self._follower.place_of(path)
            if place is None:  # deleted meanwhile, or one of two copies that differ
                return None
            try:
                log = self._logs[path] = _EditLog(*place, run)
            except OSError as error:
                raise Unavailable(
                    f"the edit can't be kept, the run's directory can't be written: {error}"
                ) from error
        return log


class _EditLog:
    """The log of one run's edits by this process."""

    def __init__(self, directory: Path, sibling: Header, run: RunInfo) -> None:
        header = make_header(
            sibling.run_id,
            parent_writer=sibling.parent_writer or sibling.writer_id,
            mode=sibling.mode,
        )
        # The log's clock counts from the run's start, so that its Exit, at 0, moves no run's end.
        age_micros = max(0, header.wall_micros - run.started_micros)
        header = msgspec.structs.replace(
            header,
            wall_micros=header.wall_micros - age_micros,
            boot_micros=header.boot_micros - age_micros,
        )
        self._log = LogWriter(log_path(directory, header.run_id, header.writer_id), header)
        self._last = Run(sibling.run_id, run.project, run.entity)
        self._log.append(self._last)
        # An editor is no process that a run waits for.
        self._log.append(Exit(0, 0))

    def write(self, edit: RunEdit, before: RunInfo, after: RunInfo) -> None:
        """Append what the edit changed."""
        fields = [
            name for name in ("name", "notes", "tags") if getattr(edit, name) is not msgspec.UNSET
        ]
        # What counts of a Run record is how it differs from the one before it [decision 0003].
        # So what the edit found is said first: then taking a value away is a difference, too.
        for run in (before, after) if fields else ():
            values: dict[str, Any] = {name: getattr(run, name) for name in fields}
            self._last = msgspec.structs.replace(self._last, **values, micros=self._log.micros())
            self._log.append(self._last)
        if isinstance(edit.config, ConfigEdit):
            config = Config(self._log.micros(), edit.config.set, edit.config.removed)
            self._log.append(config)
