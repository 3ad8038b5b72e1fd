"""Reports of several projects in one list, in pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, case, or_, select

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.rows import columns_of
from weft.server.storage.metadata.database.schema import (
    entity,
    project,
    report,
    report_figure,
    report_star,
    report_text,
)
from weft.server.storage.metadata.report_texts import has_word
from weft.server.storage.metadata.reports import ReportRow

ReportState = Literal["draft", "published"]


@dataclass(frozen=True, slots=True)
class ReportScope:
    """The projects whose reports a reader sees, by row id.

    Attributes:
        written: those whose drafts the reader sees.
        read: those of which the reader sees what was published.
    """

    written: Collection[int]
    read: Collection[int]


class ReportListTable:
    """Reads pages of reports of several projects. A page costs the reports of these projects, not
    their texts, unless words are searched.
    """

    def projects(self, tx: Transaction, entity_name: str | None) -> list[tuple[int, str, str]]:
        """Row id, entity and name of each project that has reports, of one entity or of all."""
        has_reports = (
            select(report.c.id)
            .where(report.c.project_id == project.c.id, report.c.trashed_micros.is_(None))
            .exists()
        )
        query = select(project.c.id, entity.c.name, project.c.name).join(entity)
        query = query.where(project.c.trashed_micros.is_(None), has_reports)
        if entity_name is not None:
            query = query.where(entity.c.name == entity_name)
        return [(row[0], row[1], row[2]) for row in tx.connection.execute(query)]

    def page(
        self,
        tx: Transaction,
        scope: ReportScope,
        *,
        words: Sequence[str],
        state: ReportState | None,
        before: tuple[int, int] | None,
        limit: int,
    ) -> list[ReportRow]:
        """The next reports of a scope that have all the words, the last edited first.

        Of projects that are only read, a report counts as edited when it was published.

        Args:
            words: folded.
            before: `edited_micros` and row id of the last report of the page before.
        """
        is_written = report.c.project_id.in_(scope.written)
        is_published = report.c.published_version.is_not(None)
        edited: ColumnElement[Any] = case(
            (is_written, report.c.edited_micros), else_=report.c.published_micros
        )
        query = select(*_HEAD).where(
            report.c.trashed_micros.is_(None),
            or_(is_written, and_(report.c.project_id.in_(scope.read), is_published)),
        )
        if state is not None:
            query = query.where(is_published if state == "published" else ~is_published)
        if words:
            part = case((is_written, "draft"), else_="published")
            query = query.join(
                report_text,
                and_(report_text.c.report_id == report.c.id, report_text.c.part == part),
            ).where(*map(has_word, words))
        if before is not None:
            micros, row_id = before
            query = query.where(or_(edited < micros, and_(edited == micros, report.c.id < row_id)))
        query = query.order_by(edited.desc(), report.c.id.desc()).limit(limit)
        return [ReportRow(*row) for row in tx.connection.execute(query)]

    def starred(self, tx: Transaction, row_ids: Collection[int], user: str | None) -> set[int]:
        """Those of some reports that a user starred; None stars none."""
        query = select(report_star.c.report_id).where(
            report_star.c.report_id.in_(row_ids), report_star.c.user == user
        )
        return set(tx.connection.execute(query).scalars())

    def figures(
        self, tx: Transaction, row_ids: Collection[int]
    ) -> list[tuple[int, str, str, str]]:
        """The figures of the published versions of some reports: row id of the report, part,
        project and hash, in order.
        """
        is_published = and_(
            report.c.id == report_figure.c.report_id,
            report.c.published_version == report_figure.c.version,
        )
        columns = (
            report_figure.c.report_id,
            report_figure.c.part,
            report_figure.c.project,
            report_figure.c.sha256,
        )
        query = select(*columns).join(report, is_published)
        query = query.where(report_figure.c.report_id.in_(row_ids))
        query = query.order_by(*columns[:3])
        return [(row[0], row[1], row[2], row[3]) for row in tx.connection.execute(query)]


_HEAD = columns_of(report, ReportRow)
