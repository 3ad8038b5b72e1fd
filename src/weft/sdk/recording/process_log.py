"""This process's log of a run, and the Run record at its head, without secrets. Does I/O."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from weft.records.record import Run as RunRecord
from weft.records.secrets.redaction import Redactor
from weft.runlog.header import make_header
from weft.runlog.layout import log_path
from weft.runlog.platform import boot_clock_nanos
from weft.runlog.writer import LogWriter
from weft.sdk.guard import Guard
from weft.sdk.setup.labels import Kind, process_labels
from weft.sdk.setup.settings import Settings

if TYPE_CHECKING:
    from weft.sdk.rows.writers import Writer

_TEXTS: Final = ("name", "notes", "group", "job_type")


class ProcessLog:
    """The log of this process.

    `head` makes the record with which it begins. With a `main_writer`, the run was sent here from
    the process of that log.

    Attributes:
        path: the log of the process that called `init`, also in a fork of it. None in mode
            disabled, and if the run was sent here.
        writer: this process's current log. None in mode disabled, or before a child's first row.
        is_child: whether this process is not the one that called `init`, but a fork of it or a
            process that the run was sent to.
        main_writer: writer id of the log of the process that called `init`. None in mode disabled.
    """

    def __init__(
        self,
        settings: Settings,
        guard: Guard,
        directory: Path,
        head: Callable[[], RunRecord],
        *,
        version: str,
        main_writer: str | None,
    ) -> None:
        self.path: Path | None = None
        self.writer: LogWriter | None = None
        self.is_child = main_writer is not None
        self.main_writer = main_writer
        self._settings = settings
        self._guard = guard
        self._directory = directory
        self._head = head
        self._version = version
        self._kind: Kind = "spawn" if self.is_child else "main"

    @property
    def is_of_rank_0(self) -> bool:
        """Whether there is a log, and it is of the first of a job's processes."""
        return self.writer is not None and self.writer.header.labels.get("rank", "0") == "0"

    def open_writer(self) -> tuple[Writer, int]:
        """Open the log; return it and its anchor on the boot clock, in µs."""
        settings = self._settings
        if settings.mode == "disabled":
            from weft.sdk.rows.writers import NoWriter

            return NoWriter(), boot_clock_nanos() // 1000
        header = make_header(
            settings.run_id,
            parent_writer=self.main_writer,
            mode=settings.mode,
            version=self._version,
            host=settings.host,
            labels=process_labels(self._kind, settings.label),
        )
        writer = LogWriter(log_path(self._directory, settings.run_id, header.writer_id), header)
        writer.on_trouble = lambda sentence: self._guard.warn("disk", sentence)
        record = self._head()
        if self.is_child:
            from weft.runlog.child_log import child_run

            record = child_run(record)
        writer.append(record)
        self.writer = writer
        if not self.is_child:
            self.path, self.main_writer = writer.path, header.writer_id
        return writer, header.boot_micros

    def after_fork(self) -> None:
        """Let go of the parent's log, in a forked child."""
        self._kind = "fork"
        self.is_child = True
        self.writer = None


class RunTexts:
    """Redacts Run records. A secret counts once, however often its record is written.

    >>> texts = RunTexts(Redactor())
    >>> texts.redacted(RunRecord("ab12cd34", "demo", notes="password=hunter2")).notes
    'password=***'
    """

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._cache: dict[str, str] = {}

    def redacted(self, record: RunRecord) -> RunRecord:
        """Return the record without the secrets in its texts; itself if it has none."""
        if not self._redactor.is_on:
            return record
        changes: dict[str, object] = {}
        for name in _TEXTS:
            text: str | None = getattr(record, name)
            if text and (shown := self._text(text)) != text:
                changes[name] = shown
        tags = list(dict.fromkeys(map(self._text, record.tags)))
        if tags != record.tags and any(self._text(tag) != tag for tag in record.tags):
            changes["tags"] = tags
        return msgspec.structs.replace(record, **changes) if changes else record

    def _text(self, text: str) -> str:
        if text not in self._cache:
            self._cache[text] = self._redactor.text(text)
        return self._cache[text]
