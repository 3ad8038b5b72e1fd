"""Redacts the texts of a run's record: name, notes, tags, group, job type. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from weft.records.record import Run as RunRecord
from weft.records.secrets.redaction import Redactor

_TEXTS: Final = ("name", "notes", "group", "job_type")


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
