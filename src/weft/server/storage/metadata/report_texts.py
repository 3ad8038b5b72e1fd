"""Texts of reports for searches, stars of people, and numbers of openings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.schema import report, report_star, report_text

ReportPart = Literal["draft", "published"]

_SEQ: Final = {"draft": report.c.seq, "published": report.c.published_version}
"""The number that a text of each part must have to be current."""


class ReportText(NamedTuple):
    """The text of one part of a report, to search.

    Attributes:
        seq: the number of the draft's last update, or of the version.
        words: title, description and text, folded.
        lines: JSON.
    """

    part: ReportPart
    seq: int
    words: str
    lines: str


class ReportTextTable:
    """Reads and writes the texts of reports. They say nothing that drafts and versions do not, so
    an archive has none.
    """

    def outdated(
        self,
        tx: Transaction,
        part: ReportPart,
        limit: int,
        *,
        project_ids: Collection[int] | None = None,
    ) -> list[int]:
        """Row ids of reports whose text is older than the draft or version, the last edited
        first. None for `project_ids`: of all projects.
        """
        seq = _SEQ[part]
        joined = report.outerjoin(
            report_text,
            and_(report_text.c.report_id == report.c.id, report_text.c.part == part),
        )
        query = select(report.c.id).select_from(joined)
        query = query.where(
            report.c.trashed_micros.is_(None),
            seq.is_not(None),
            or_(report_text.c.seq.is_(None), report_text.c.seq != seq),
        )
        if project_ids is not None:
            query = query.where(report.c.project_id.in_(project_ids))
        query = query.order_by(report.c.edited_micros.desc()).limit(limit)
        return list(tx.connection.execute(query).scalars())

    def put(self, tx: Transaction, row_id: int, text: ReportText) -> None:
        """Write the text of a part of a report."""
        values = text._asdict()
        statement = insert(tx, report_text).values(report_id=row_id, **values)
        statement = statement.on_conflict_do_update(
            index_elements=("report_id", "part"),
            set_={name: values[name] for name in ("seq", "words", "lines")},
        )
        tx.connection.execute(statement)

    def having(
        self, tx: Transaction, project_id: int, part: ReportPart, words: Sequence[str]
    ) -> set[int]:
        """Row ids of the reports of a project whose text has all the words, which are folded."""
        query = (
            select(report_text.c.report_id)
            .join(report)
            .where(report.c.project_id == project_id, report.c.trashed_micros.is_(None))
            .where(report_text.c.part == part, *map(has_word, words))
        )
        return set(tx.connection.execute(query).scalars())

    def lines(self, tx: Transaction, row_id: int, part: ReportPart) -> str | None:
        """The lines of a text."""
        query = select(report_text.c.lines).where(
            report_text.c.report_id == row_id, report_text.c.part == part
        )
        return tx.connection.execute(query).scalar_one_or_none()


class ReportStarTable:
    """Reads and writes the stars of reports, and the numbers of their openings."""

    def starred(self, tx: Transaction, project_id: int, user: str | None) -> set[int]:
        """Row ids of the reports of a project that a user starred; None stars none."""
        query = (
            select(report_star.c.report_id)
            .join(report)
            .where(report.c.project_id == project_id, report_star.c.user == user)
        )
        return set(tx.connection.execute(query).scalars())

    def is_starred(self, tx: Transaction, row_id: int, user: str | None) -> bool:
        """Whether a user starred a report; None stars none."""
        query = select(report_star.c.user).where(
            report_star.c.report_id == row_id, report_star.c.user == user
        )
        return tx.connection.execute(query).first() is not None

    def add(self, tx: Transaction, row_id: int, user: str, now_micros: int) -> None:
        """Star a report for a user; once more changes nothing."""
        statement = insert(tx, report_star).values(
            report_id=row_id, user=user, created_micros=now_micros
        )
        tx.connection.execute(statement.on_conflict_do_nothing())

    def remove(self, tx: Transaction, row_id: int, user: str) -> None:
        """Take the star of a user from a report."""
        tx.connection.execute(
            report_star.delete().where(
                report_star.c.report_id == row_id, report_star.c.user == user
            )
        )

    def add_views(self, tx: Transaction, n_views: Mapping[int, int]) -> None:
        """Add openings to the numbers of reports, by row id."""
        for row_id, n in sorted(n_views.items()):
            tx.connection.execute(
                report.update().where(report.c.id == row_id).values(n_views=report.c.n_views + n)
            )


def has_word(word: str) -> ColumnElement[bool]:
    """Whether a text has a word, which is folded."""
    return report_text.c.words.contains(word, autoescape=True)
