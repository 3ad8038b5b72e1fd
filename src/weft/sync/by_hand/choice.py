"""The logs that `weft sync` sends, and their destination. Reads heads of logs and markers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import msgspec

from weft.errors import ConfigError, CorruptLog
from weft.records.ids import check_name
from weft.runlog.layout import logs_of, run_directories, weft_directory
from weft.runlog.reader import read_header
from weft.sync.uploading.marker import read_marker
from weft.sync.uploading.tail import TailedLog

_MOST_NAMED: Final = 5


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The choice of a user of `weft sync`.

    Attributes:
        offline: whether runs made with mode `offline` are sent.
        online: whether other runs are sent.
        skip_synced: leave out logs that were sent whole to this server, without asking it.
        entity, project: the runs' new entity and project. None: each run's own.
        run_id: the new id of the one chosen run. None: its own.
        job_type: the runs' new job type. None: each run's own.
        replace_tags: the new tag for each old one.
    """

    offline: bool = True
    online: bool = True
    skip_synced: bool = False
    entity: str | None = None
    project: str | None = None
    run_id: str | None = None
    job_type: str | None = None
    replace_tags: dict[str, str] = {}

    @property
    def described(self) -> str:
        """The conditions of the choice, for a message that no run matches."""
        kinds = {(True, False): " of offline runs", (False, True): " of online runs"}
        kind = kinds.get((self.offline, self.online), "")
        return f"{kind} that are not synced yet" if self.skip_synced else kind

    def check(self) -> None:
        """Check the names."""
        names = {"entity": self.entity, "project": self.project, "run": self.run_id}
        for kind, name in names.items():
            if name is not None:
                check_name(kind, name)

    def find_logs(self, paths: Sequence[Path], servers: Collection[str]) -> list[Path]:
        """The chosen logs below run directories, `weft` folders, folders that contain one, or
        single logs. `servers` are the names of the server in markers.
        """
        logs = [log for log in _logs_below(paths) if self._includes(log, servers)]
        if self.run_id is not None:
            self._check_single_run(logs)
        return logs

    def _includes(self, log: Path, servers: Collection[str]) -> bool:
        if self.skip_synced:
            marker = read_marker(log)
            if marker is not None and marker.done and marker.server in servers:
                return False
        if self.offline and self.online:
            return True
        try:
            header = read_header(log)
        except (CorruptLog, OSError):
            return True  # opening it says what is wrong
        return header is None or (self.offline if header.mode == "offline" else self.online)

    def _check_single_run(self, logs: Sequence[Path]) -> None:
        run_ids: dict[str, None] = {}
        for log in logs:
            try:
                header = read_header(log)
            except (CorruptLog, OSError):
                continue
            if header is not None:
                run_ids[header.run_id] = None
        if len(run_ids) > 1:
            named = ", ".join(list(run_ids)[:_MOST_NAMED])
            more = ", …" if len(run_ids) > _MOST_NAMED else ""
            raise ConfigError(
                f"--id is for one run, and there are {len(run_ids)}: {named}{more}; "
                "name the directory of one"
            )

    def redirect(self, log: TailedLog) -> None:
        """Send a log where the user wants it."""
        log.target = log.target._replace(
            entity=self.entity or log.target.entity,
            project=self.project or log.target.project,
            run_id=self.run_id or log.target.run_id,
        )


ALL: Final = Choice()


def _logs_below(paths: Sequence[Path]) -> list[Path]:
    logs: list[Path] = []
    for path in paths:
        if path.is_file():
            logs.append(path)
            continue
        directories = [path, *run_directories(path), *run_directories(weft_directory(path))]
        for directory in directories:
            logs += logs_of(directory)
    return list(dict.fromkeys(log.absolute() for log in logs))
