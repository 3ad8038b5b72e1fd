"""The records of a run other than rows: config, summary, files, alerts. Does I/O.

`Recorder` has one. Secrets are replaced before a record is made, and no error of a record gets
into the user's training.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from weft.records.field_sizes import field_bytes
from weft.records.limits import MAX_FIELDS_BYTES
from weft.records.record import Alert, Artifact, File, LostMedia, Preempting, Record
from weft.records.record import Config as ConfigRecord
from weft.records.record import Summary as SummaryRecord
from weft.records.secrets.redaction import Redactor
from weft.records.small_hash import small_sha256
from weft.sdk.dicts.tree import Leaf
from weft.sdk.dicts.tree import Path as LeafPath
from weft.sdk.guard import Guard
from weft.sdk.recording.media_spool import MediaSpool
from weft.sdk.recording.stopping import RunLife
from weft.sdk.rows.history import History
from weft.sdk.rows.parts import list_parts
from weft.sdk.values.scalars import Complain


class RunRecords:
    """Writes records to the log of `history`. `hurry` has pending data sent at once."""

    def __init__(
        self,
        history: History,
        life: RunLife,
        guard: Guard,
        redactor: Redactor,
        spool: MediaSpool,
        hurry: Callable[[], None],
    ) -> None:
        self._history = history
        self._life = life
        self._guard = guard
        self._redactor = redactor
        self._spool = spool
        self._hurry = hurry
        self._config_limit = FieldLimit("config", guard.warn_value)
        self._summary_limit = FieldLimit("summary", guard.warn_value)
        self._alert_again: dict[str, float] = {}
        self._announced: dict[str, str] = {}
        self._n_lost_recorded = 0

    def append(self, call: str, make: Callable[[int], Record]) -> None:
        """Write a record for the user's `call`; see `History.append_record`."""
        try:
            self._history.append_record(make)
        except Exception as error:  # noqa: BLE001  never into the user's training
            self._guard.fault(error, call)

    def config_changed(self, values: list[Leaf], removed: list[LeafPath]) -> None:
        """Record a change of `config`, without the secrets in it."""
        redacted = self._redactor.leaf
        values = self._config_limit.fitting(values, removed)
        values = [(path, redacted(path, value)) for path, value in values]
        self._append_changes("config", ConfigRecord, values, removed)

    def summary_changed(self, values: list[Leaf], removed: list[LeafPath]) -> None:
        """Record a change of `summary`, without the secrets in it."""
        redacted = self._redactor.logged
        values = self._summary_limit.fitting(values, removed)
        values = [(path, redacted(".".join(path), value)) for path, value in values]
        self._append_changes("summary", SummaryRecord, values, removed)

    def announce(self, path: str, content: bytes) -> None:
        """Record a small file that this process wrote to the run's files, if it is new."""
        digest = small_sha256(content)
        if self._announced.get(path) == digest:
            return
        self._announced[path] = digest
        self.append("files", lambda micros: File(path, len(content), digest, micros))

    def alert(self, title: str, text: str, level: str, wait_secs: float) -> None:
        """Record a message for people, without the secrets in it, and send it at once.

        Further alerts with this title are dropped for `wait_secs`.
        """
        self._life.check_open()
        now = time.monotonic()
        if now < self._alert_again.get(title, 0.0):
            return
        self._alert_again[title] = now + wait_secs
        title, text = self._redactor.text(title), self._redactor.text(text)
        self.append("alert", lambda micros: Alert(micros, title, text, level))
        self._hurry()

    def record_artifact(self, make: Callable[[int], Artifact]) -> None:
        """Record that the run uses or links a version of an artifact."""
        self.append("use_artifact()", make)

    def mark_preempting(self) -> None:
        """Record that the machine is about to be preempted, and send pending data at once."""
        self._life.check_open()
        self.append("preempting", Preempting)
        self._hurry()

    def record_lost_media(self) -> None:
        """Record the files of media that the disk did not take since the last record of them."""
        spool = self._spool
        n_files = spool.n_lost - self._n_lost_recorded
        if n_files <= 0:
            return
        paths = spool.lost[self._n_lost_recorded :]
        self._n_lost_recorded = spool.n_lost
        self.append("media", lambda micros: LostMedia(micros, n_files, paths))

    def record_first_lost_media(self) -> None:
        """Record the first of them at once, as the script may be killed before `finish`."""
        if self._spool.n_lost and not self._n_lost_recorded:
            self.record_lost_media()

    def _append_changes(
        self,
        call: str,
        kind: type[ConfigRecord | SummaryRecord],
        values: list[Leaf],
        removed: list[LeafPath],
    ) -> None:
        self._life.check_open()
        warn_value = self._guard.warn_value
        # Removals come first: a path may be removed because a value is set below it.
        *first, paths = list_parts(removed, warn_value, ".".join)
        pairs, *rest = list_parts(_pairs(values), warn_value, lambda pair: ".".join(pair[0])) or [
            []
        ]
        for part in first:
            self.append(call, lambda micros, part=part: kind(micros, [], part))
        if pairs or paths:
            self.append(call, lambda micros: kind(micros, pairs, paths))
        for part in rest:
            self.append(call, lambda micros, part=part: kind(micros, part))


class FieldLimit:
    """Leaves out the values with which all that a run has would be too large.

    They stay in the script's own dict, and in the file that the run gets of it at its end.
    """

    def __init__(self, name: str, warn_value: Complain) -> None:
        self._name = name
        self._warn_value = warn_value
        self._sizes: dict[tuple[str, ...], int] = {}
        self._n_bytes = 0

    def fitting(self, values: list[Leaf], removed: list[LeafPath]) -> list[Leaf]:
        """The values that fit, counted from now on, once `removed` are removed."""
        for path in removed:
            self._n_bytes -= self._sizes.pop((*path,), 0)
        return [leaf for leaf in values if self._fits(*leaf)]

    def _fits(self, path: LeafPath, value: object) -> bool:
        size = field_bytes(value)
        added = size - self._sizes.get((*path,), 0)
        if self._n_bytes + added > MAX_FIELDS_BYTES:
            self._warn_value(
                ".".join((self._name, *path)),  # a row may lack a value of that name, too
                f"is not sent: with it, the {self._name} of the run has more than "
                f"{MAX_FIELDS_BYTES >> 20} MB; put large values into a file or an artifact. It is "
                f"in files/{self._file} of the run",
            )
            return False
        self._sizes[(*path,)] = size
        self._n_bytes += added
        return True

    @property
    def _file(self) -> str:
        return "config.yaml" if self._name == "config" else "summary.json"


def _pairs(values: list[Leaf]) -> list[tuple[list[str], Any]]:
    return [(path, value) for path, value in values]
