"""Checks the runs of an archive. Used by `importing` and `checking`. Pure."""

from __future__ import annotations

from typing import Any, Final, get_args

import msgspec

from weft.errors import ConfigError, CorruptLog
from weft.records.files.file_paths import check_file_path
from weft.records.ids import check_name
from weft.server.services.archive.format import RUNS_NAME, HistoryRecord
from weft.server.services.archive.opening import OpenArchive
from weft.server.services.stores.file_types import is_media_type
from weft.server.storage.metadata import FileState

_FILE_STATES: Final = frozenset(get_args(FileState))


class RunsIn:
    """The runs of an archive.

    Attributes:
        shown: ids of the runs with metadata.
        hidden: ids of the deleted runs whose rows other runs show.
        origins: time of x = 0 on the time axis of each run, in µs since 1970; None if the run has
            logged nothing.
    """

    def __init__(self, archive: OpenArchive) -> None:
        self._archive = archive
        self.shown: list[str] = []
        self.hidden: list[str] = []
        self.origins: dict[str, int | None] = {}

    def check(self) -> None:
        """Check all of them."""
        self._archive.check_lines(RUNS_NAME, self._check)

    def _check(self, line: dict[str, Any]) -> None:
        name, history, record = parse_run(line)
        if name in self.origins:
            raise CorruptLog(f"the archive is damaged: it has run {name} twice")
        self.origins[name] = None if history is None else history.origin
        if record is None:
            self.hidden.append(name)
            return
        self.shown.append(name)
        for file in record["run_file"]:
            self._check_file(file)

    def _check_file(self, file: dict[str, Any]) -> None:
        try:
            check_file_path(file.get("path"))
        except (ConfigError, AttributeError) as error:
            raise CorruptLog(f"the archive is damaged: {error}") from None
        path = file["path"]
        if not is_media_type(file.get("media_type")):
            raise CorruptLog(f"the archive is damaged: invalid media type of {path!a}")
        state = file.get("state")
        if state not in _FILE_STATES:
            raise CorruptLog(f"the archive is damaged: invalid state of {path!a}")
        if state == "stored" and not self._archive.has_content(file):
            raise CorruptLog(f"the archive is damaged: it lacks the content of {path!a}")


def parse_run(line: dict[str, Any]) -> tuple[str, HistoryRecord | None, dict[str, Any] | None]:
    """The id, the history and the metadata of a run's line; CorruptLog if it is malformed."""
    name, record = line.get("id"), line.get("metadata")
    try:
        run = check_name("run", name)
        history = msgspec.convert(line.get("history"), HistoryRecord | None)
    except (ConfigError, msgspec.ValidationError) as error:
        raise CorruptLog(f"the archive is damaged: a run's line: {error}") from None
    if record is None:
        return run, history, None
    if not isinstance(record, dict):
        raise CorruptLog(f"the archive is damaged: run {run} has no metadata")
    about: Any = record.get("run")
    if not isinstance(about, dict) or about.get("run") != run:
        raise CorruptLog(f"the archive is damaged: the line of run {run} is of another run")
    if not isinstance(record.get("run_file"), list):
        raise CorruptLog(f"the archive is damaged: run {run} has no list of files")
    return run, history, record
