"""One process's part of a run: its logs, its directory, its upload. Does I/O.

Steps 1 and 2 of the data path. `run.Run` is its public interface; `finish` ends it. It handles
forks, dead sidecars and stop requests: `probe` checks for them about once a second, and `History`
calls it in the thread that logs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from weft.errors import UsageError, WeftError
from weft.records.ids import DEFAULT_ENTITY
from weft.records.record import MetricDefinition
from weft.records.record import Run as RunRecord
from weft.records.secrets.redaction import Redactor
from weft.runlog.layout import FILES
from weft.sdk.guard import Guard
from weft.sdk.recording.media_spool import MediaSpool
from weft.sdk.recording.process_log import ProcessLog, RunTexts
from weft.sdk.recording.run_records import RunRecords
from weft.sdk.recording.stopping import RunLife, cause_in
from weft.sdk.recording.upload_watch import UploadWatch
from weft.sdk.recording.uploads import Uploads
from weft.sdk.rows.beginning import Beginning
from weft.sdk.rows.definitions import Definitions
from weft.sdk.rows.history import History
from weft.sdk.setup.settings import Settings

if TYPE_CHECKING:
    from weft.sdk.recording.captures import Captures
    from weft.sdk.recording.linked_files import LinkedFiles
    from weft.sdk.watching.watches import Watches


class Recorder:
    """One process's part of a run: its log, its records, its files and its sidecar.

    Attributes:
        record: the run's current Run record.
        records: writes all records other than rows, but for changes of `record`.
        life: whether the run is active.
        log: this process's log.
        metadata: the result of `describe_process`. Empty in mode disabled.
        linked_files: the files that logged artifacts link to.
        captures: record what the script prints and more. None before they are started.
        before_end: called when the run ends, while it can still be logged to.
    """

    def __init__(
        self,
        settings: Settings,
        record: RunRecord,
        guard: Guard,
        directory: Path,
        *,
        uploads: Uploads,
        server_url: str | None,
        version: str,
        parent_writer: str | None = None,
        beginning: Beginning = Beginning(),  # noqa: B008  it never changes
        own_entity: str = "",
    ) -> None:
        """Open the log.

        `own_entity` is the entity of runs that name none, if it is known. With a `parent_writer`,
        the run was sent here from its process: this one is a child of it and opens its log with
        its first row. OSError if the log can't be made in `directory`.
        """
        self.settings = settings
        self.record = record
        self.guard = guard
        self.redactor = Redactor(settings.redact_patterns, is_on=settings.redact)
        self._texts = RunTexts(self.redactor)
        self._directory = directory
        self.uploads = uploads
        self.server_url = server_url
        self._own_entity = own_entity
        self.life = RunLife(settings.run_id, guard)
        self.log = ProcessLog(
            settings,
            guard,
            directory,
            lambda: self._texts.redacted(self.record),
            version=version,
            main_writer=parent_writer,
        )
        self.linked_files: list[LinkedFiles] = []
        self.watches: Watches | None = None
        self.before_end: list[Callable[[], None]] = []
        self.captures: Captures | None = None
        self.metadata: dict[str, Any] = {}
        self._has_temporary = False
        self.upload_watch = UploadWatch(guard, directory)
        self._pid = os.getpid()
        self.definitions = Definitions(self._define, beginning.definitions)
        self.spool = MediaSpool(directory, guard)
        self.history = History(
            self.log.open_writer,
            guard,
            self.probe,
            beginning=beginning,
            definitions=self.definitions,
            media=self.spool,
            redactor=self.redactor,
            opens_log=not self.log.is_child,
        )
        self.records = RunRecords(
            self.history, self.life, guard, self.redactor, self.spool, self._hurry
        )

    @property
    def entity(self) -> str:
        """The entity that the run belongs to, as far as it is known."""
        named = self.settings.entity
        if named and named != DEFAULT_ENTITY:
            return named
        progress = None if self.log.path is None else self.uploads.progress(self.log.path)
        if progress is not None:
            logs = progress[0].of_run(self.settings.run_id)
            self.note_own_entity(next((log.entity for log in logs if log.entity), ""))
        return self._own_entity or DEFAULT_ENTITY

    def note_own_entity(self, entity: str) -> None:
        """Note the entity of runs that name none, if the server has told."""
        self._own_entity = entity or self._own_entity

    @property
    def directory(self) -> Path:
        """The run's directory. In mode disabled, a temporary one that is made on first access."""
        if self.settings.mode == "disabled" and not self._has_temporary:
            import atexit
            import shutil
            import tempfile

            # Scripts put checkpoints into `run.dir`, whatever the mode.
            self._directory = Path(tempfile.mkdtemp(prefix="weft-disabled-"))
            self._has_temporary = True
            (self._directory / FILES).mkdir()
            atexit.register(shutil.rmtree, self._directory, ignore_errors=True)
        return self._directory

    def amend(self, record: RunRecord) -> None:
        """Record a change of the run's name, notes or tags, without the secrets in them."""
        self.life.check_open()
        self.record = record
        redacted = self._texts.redacted(record)
        self.records.append("run", lambda micros: msgspec.structs.replace(redacted, micros=micros))

    def _define(self, definition: MetricDefinition) -> None:
        self.life.check_open()
        try:
            self.history.define(definition)
        except UsageError:
            raise
        except Exception as error:  # noqa: BLE001  never into the user's training
            self.guard.fault(error, "define_metric()")

    def _hurry(self) -> None:
        if self.log.path is not None:
            self.uploads.hurry(self.log.path)

    def start_captures(self) -> None:
        """Record from now on what the settings say: console output, loggers, cells."""
        if self.settings.mode != "disabled":
            self._open_captures().start()

    def _open_captures(self) -> Captures:
        from weft.sdk.recording.captures import Captures

        self.captures = Captures(
            self.settings,
            self.history,
            self.guard,
            self.directory,
            self.log.path,
            self.redactor.copy,
            is_main=self.log.is_of_rank_0 and not self.log.is_child,
            is_child=self.log.is_child,
        )
        return self.captures

    def close_captures(self) -> None:
        """Stop the captures, and write unfinished lines."""
        if self.captures is not None:
            self.captures.close()

    def write_logs(self, text: str) -> None:
        """Record lines as if the script had printed them, without printing them."""
        if self.life.finished or self.settings.mode == "disabled":
            return
        (self.captures or self._open_captures()).write(text)

    def close_watches(self) -> None:
        """Add to the last row what watched models have counted since, and remove their hooks."""
        watches, self.watches = self.watches, None
        if watches is None:
            return
        watches.unwatch(None)
        rest = watches.take()
        if rest:
            self.history.append_to_last(rest)

    def end_integrations(self) -> None:
        """Call what is to happen before the end. An error in it is a warning."""
        acts, self.before_end = self.before_end, []
        for act in acts:
            try:
                act()
            except Exception as error:  # noqa: BLE001  the run still ends
                self.guard.fault(error, "finish()")

    # -- life ---

    def probe(self) -> None:
        """Check for forks, dead sidecars, stop requests and upload problems.

        KeyboardInterrupt if the run was stopped, on the server or by a file `stop` in its
        directory. If another thread has started the run, this one continues, and that one is
        interrupted as by Ctrl-C.
        """
        if os.getpid() != self._pid:
            # The process was forked by C code, for which `os.register_at_fork` does not work.
            self.after_fork()
            return
        if self.captures is not None:
            self.captures.flush_due()
        self.records.record_first_lost_media()
        log = self.log.path
        if log is None or self.log.is_child:
            return
        try:
            status = self.uploads.check(log, self.settings.run_id)
        except (WeftError, OSError) as error:
            self.guard.warn("sidecar", f"background uploads stopped: {error}")
            return
        cause = f" by {status.stop}" if status.stop else cause_in(log.parent)
        if cause is not None:
            self.life.stop(cause)
        if self.settings.mode == "online":
            self.upload_watch.look(status.trouble)
            self.upload_watch.tell_warning(status.warning)

    def after_fork(self) -> None:
        """Let go of the parent's log and sidecars, in a forked child; the next row opens a log."""
        self._pid = os.getpid()
        self.life.after_fork()
        self.log.after_fork()
        self.guard.forked = True
        if self.watches is not None:
            self.watches.forget()
            self.watches = None
        self.history.forget_writer()
        self.uploads.forget()
        if self.captures is not None:
            self.captures.after_fork()
