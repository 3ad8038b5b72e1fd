"""Searches in the texts of reports.

The text of a version is made when it is published, the text of a draft when someone searches, so
that typing costs nothing. The background makes those that searches leave.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec

from weft.errors import Unavailable, WeftError
from weft.server.services.reports.describing import content_of
from weft.server.services.reports.drafts import Drafts
from weft.server.services.reports.texts import excerpt_of, text_of_content
from weft.server.storage.metadata import (
    MetadataStore,
    ReportPart,
    ReportRow,
    ReportText,
)
from weft.wire.reports.reports import ReportMatch

MAX_REFRESHED: Final = 200
"""Most texts that one search makes, those of the reports edited last. Each takes 1 to 30 ms; the
others are found by their earlier words until the background has made them.
"""

MAX_EXCERPTS: Final = 100
"""Most excerpts of an answer."""

_BATCH: Final = 20
"""Texts that are written in one transaction."""


class ReportSearch:
    """Finds reports by words, in drafts or in what was published. Thread-safe."""

    def __init__(self, metadata: MetadataStore, drafts: Drafts) -> None:
        self._metadata = metadata
        self._drafts = drafts

    def find_reports(self, project_id: int, part: ReportPart, words: Sequence[str]) -> set[int]:
        """Row ids of the reports of a project that have all the words."""
        self.refresh(part, [project_id])
        with self._metadata.read() as tx:
            return self._metadata.report_texts.having(tx, project_id, part, words)

    def refresh(self, part: ReportPart, project_ids: Collection[int]) -> None:
        """Make the newest texts that some projects lack, before a search in them."""
        # While nothing may be written, texts stay as they are.
        with suppress(Unavailable):
            self._refresh(part, MAX_REFRESHED, project_ids=project_ids)

    def excerpts(
        self, rows: Iterable[ReportRow], part: ReportPart, words: Sequence[str]
    ) -> dict[str, ReportMatch]:
        """Where the words stand in the texts of the first reports, by id."""
        matches: dict[str, ReportMatch] = {}
        for row in list(rows)[:MAX_EXCERPTS]:
            match = self.excerpt(row, part, words)
            if match is not None:
                matches[row.report] = match
        return matches

    def excerpt(
        self, row: ReportRow, part: ReportPart, words: Sequence[str]
    ) -> ReportMatch | None:
        """Where the words stand in the text of a report; None if they are in its title alone."""
        with self._metadata.read() as tx:
            lines = self._metadata.report_texts.lines(tx, row.row_id, part)
        return excerpt_of(lines, words)

    def refresh_some(self) -> bool:
        """Make some of the texts that searches have not made; whether there may be more."""
        n = sum(self._refresh(part, MAX_REFRESHED) for part in ("draft", "published"))
        return n >= MAX_REFRESHED

    def _refresh(
        self, part: ReportPart, limit: int, *, project_ids: Collection[int] | None = None
    ) -> int:
        texts = self._metadata.report_texts
        with self._metadata.read() as tx:
            row_ids = texts.outdated(tx, part, limit, project_ids=project_ids)
        for start in range(0, len(row_ids), _BATCH):
            batch = [(row_id, self._text(row_id, part)) for row_id in row_ids[start:][:_BATCH]]
            with self._metadata.write() as tx:
                for row_id, text in batch:
                    row = self._metadata.reports.by_row_id(tx, row_id)
                    if text is not None and row is not None:
                        texts.put(tx, row_id, text)
        return len(row_ids)

    def _text(self, row_id: int, part: ReportPart) -> ReportText | None:
        """The text of a report as it is now; None if it was deleted meanwhile or is damaged."""
        if part == "draft":
            try:
                with self._drafts.reading(row_id) as (row, draft):
                    content = content_of(draft)
            except WeftError:  # one damaged draft must not end the search in all others
                return None
            return text_of_content(part, row.seq, content)
        reports = self._metadata.reports
        with self._metadata.read() as tx:
            row = reports.by_row_id(tx, row_id)
            number = None if row is None else row.published_version
            packed = None if number is None else reports.document(tx, row_id, number)
        if number is None or packed is None:
            return None
        content = msgspec.json.decode(zlib.decompress(packed), type=dict[str, Any])
        return text_of_content(part, number, content)
