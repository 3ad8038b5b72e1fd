"""Reports in the metadata database: heads, drafts as logs of updates, published versions, and the
figures of versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select, union

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import columns_of, update_row
from weft.server.storage.metadata.database.schema import (
    report,
    report_figure,
    report_image,
    report_update,
    report_version,
    share,
)
from weft.server.storage.metadata.people.shares import shows_report


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report without its content.

    Attributes:
        title: of the draft, as is `description`.
        author: empty without accounts, as are `edited_by` and `published_by`.
        seq: number of the draft's last update. A new report has none, 0.
        snapshot_seq: number of the update that stands for all before it.
        n_bytes: of all stored updates.
        published_seq: the draft's number when it was published; None if it never was.
        n_views: openings of what was published.
        trashed_micros: when it was deleted; None if it is not in the trash.
        pinned_micros: when it was pinned to the overview of its project; None if it is not.
    """

    row_id: int
    project_id: int
    report: str
    title: str
    description: str
    author: str
    created_micros: int
    edited_micros: int
    edited_by: str
    seq: int
    snapshot_seq: int
    n_bytes: int
    published_version: int | None
    published_seq: int | None
    published_micros: int | None
    published_by: str | None
    published_title: str | None
    published_description: str | None
    n_views: int
    trashed_micros: int | None
    pinned_micros: int | None


class NewReport(NamedTuple):
    """A report to add, without content."""

    report: str
    title: str
    description: str
    author: str
    created_micros: int


class ReportVersionRow(NamedTuple):
    """A published version without its document."""

    version: int
    name: str
    author: str
    created_micros: int
    title: str
    n_bytes: int


class ReportFigureRow(NamedTuple):
    """A figure of a version: of one part, and of one project whose runs the part shows.

    Attributes:
        part: the id of a grid, or the values in the text.
        project: `entity/project`; empty for the report's own.
        n_bytes: of its content, packed.
        captured_by: empty without accounts.
    """

    version: int
    part: str
    project: str
    sha256: str
    n_bytes: int
    n_answers: int
    captured_micros: int
    captured_by: str


class ReportUpdate(NamedTuple):
    """An update of a draft, or a snapshot that stands for all updates up to it."""

    seq: int
    data: bytes


class ReportTable:
    """Reads and writes reports.

    Updates of a report are added under the lock of its row, so their numbers have no gaps, and a
    reader that has those up to one number lacks exactly those above.
    """

    def heads(self, tx: Transaction, project_id: int) -> list[ReportRow]:
        """The reports of a project that are not in the trash, newest first."""
        query = _heads().where(
            report.c.project_id == project_id, report.c.trashed_micros.is_(None)
        )
        query = query.order_by(report.c.id.desc())
        return [ReportRow(*row) for row in tx.connection.execute(query)]

    def count(self, tx: Transaction, project_id: int) -> int:
        """The number of reports of a project, with those in the trash."""
        query = select(func.count()).select_from(report).where(report.c.project_id == project_id)
        return tx.connection.execute(query).scalar_one()

    def stored_bytes(self, tx: Transaction, project_id: int) -> int:
        """The bytes of the drafts and versions of a project, with those in the trash."""
        of_project = report.c.project_id == project_id
        drafts = select(func.coalesce(func.sum(report.c.n_bytes), 0)).where(of_project)
        versions = (
            select(func.coalesce(func.sum(func.length(report_version.c.document)), 0))
            .join(report, report.c.id == report_version.c.report_id)
            .where(of_project)
        )
        return sum(int(tx.connection.execute(query).scalar_one()) for query in (drafts, versions))

    def find_report(self, tx: Transaction, project_id: int, name: str) -> ReportRow | None:
        """A report by its id, also one in the trash."""
        return _one(tx, _heads().where(report.c.project_id == project_id, report.c.report == name))

    def by_row_id(
        self, tx: Transaction, row_id: int, *, for_update: bool = False
    ) -> ReportRow | None:
        """A report by its row id. With `for_update`, others wait with changes of it until the end
        of the transaction.
        """
        query = _heads().where(report.c.id == row_id)
        return _one(tx, query.with_for_update() if for_update else query)

    def add_report(self, tx: Transaction, project_id: int, new: NewReport) -> int:
        """Add a report without content, and return its row id."""
        micros = new.created_micros
        return tx.connection.execute(
            report.insert()
            .values(project_id=project_id, **new._asdict())
            .values(edited_micros=micros, edited_by=new.author)
            .values(seq=0, snapshot_seq=0, n_bytes=0)
            .returning(report.c.id)
        ).scalar_one()

    def updates_after(self, tx: Transaction, row_id: int, seq: int) -> list[ReportUpdate]:
        """The updates of a draft above a number, in order. If some of them have been compacted,
        the first is a snapshot.
        """
        query = (
            select(report_update.c.seq, report_update.c.data)
            .where(report_update.c.report_id == row_id, report_update.c.seq > seq)
            .order_by(report_update.c.seq)
        )
        return [ReportUpdate._make(row) for row in tx.connection.execute(query)]

    def add_update(
        self,
        tx: Transaction,
        row: ReportRow,
        data: bytes,
        *,
        now_micros: int,
        editor: str,
        title: str,
        description: str,
    ) -> int:
        """Add an update to a draft whose row the transaction has locked; returns its number."""
        seq = row.seq + 1
        tx.connection.execute(
            report_update.insert().values(report_id=row.row_id, seq=seq, kind="update", data=data)
        )
        update_row(
            tx, report, row.row_id,
            seq=seq, n_bytes=row.n_bytes + len(data), edited_micros=now_micros, edited_by=editor,
            title=title, description=description,
        )  # fmt: skip
        tx.things.add(("report", row.row_id))
        return seq

    def compact(self, tx: Transaction, row_id: int, seq: int, snapshot: bytes) -> None:
        """Replace all updates of a draft, whose row the transaction has locked, by a snapshot with
        the number of the last.
        """
        tx.connection.execute(report_update.delete().where(report_update.c.report_id == row_id))
        tx.connection.execute(
            report_update.insert().values(
                report_id=row_id, seq=seq, kind="snapshot", data=snapshot
            )
        )
        update_row(tx, report, row_id, snapshot_seq=seq, n_bytes=len(snapshot))

    def add_version(
        self,
        tx: Transaction,
        row: ReportRow,
        document: bytes,
        *,
        name: str,
        author: str,
        now_micros: int,
        n_bytes: int,
        title: str,
        description: str,
    ) -> ReportVersionRow:
        """Add a version of a draft whose row the transaction has locked, and publish it. `row` is
        as of the draft that it was made of.
        """
        newest = select(func.max(report_version.c.version)).where(
            report_version.c.report_id == row.row_id
        )
        number = (tx.connection.execute(newest).scalar_one() or 0) + 1
        version = ReportVersionRow(number, name, author, now_micros, title, n_bytes)
        tx.connection.execute(
            report_version.insert().values(
                report_id=row.row_id, document=document, **version._asdict()
            )
        )
        update_row(
            tx, report, row.row_id,
            published_version=number, published_seq=row.seq, published_micros=now_micros,
            published_by=author, published_title=title, published_description=description,
        )  # fmt: skip
        return version

    def versions(self, tx: Transaction, row_id: int) -> list[ReportVersionRow]:
        """The versions of a report, newest first."""
        query = select(*_VERSION).where(report_version.c.report_id == row_id)
        query = query.order_by(report_version.c.version.desc())
        return [ReportVersionRow._make(row) for row in tx.connection.execute(query)]

    def document(self, tx: Transaction, row_id: int, version: int) -> bytes | None:
        """The packed document of a version; None if there is no such version."""
        query = select(report_version.c.document).where(
            report_version.c.report_id == row_id, report_version.c.version == version
        )
        return tx.connection.execute(query).scalar_one_or_none()

    def figures(self, tx: Transaction, row_id: int, version: int) -> list[ReportFigureRow]:
        """The figures of a version, by part and project."""
        query = select(*_FIGURE).where(
            report_figure.c.report_id == row_id, report_figure.c.version == version
        )
        query = query.order_by(report_figure.c.part, report_figure.c.project)
        rows = tx.connection.execute(query)
        return [ReportFigureRow._make(row) for row in rows]

    def put_figure(self, tx: Transaction, row_id: int, figure: ReportFigureRow) -> None:
        """Add a figure to a version, or replace the one of its part and project."""
        values = figure._asdict()
        statement = insert(tx, report_figure).values(report_id=row_id, **values)
        key = ("report_id", "version", "part", "project")
        statement = statement.on_conflict_do_update(
            index_elements=key,
            set_={name: value for name, value in values.items() if name not in key},
        )
        tx.connection.execute(statement)

    def blobs_of_project(self, tx: Transaction, project_id: int) -> set[str]:
        """The blobs with the figures and images of a project's reports."""
        return _blobs(tx, report.c.project_id == project_id)

    def delete(self, tx: Transaction, row_id: int) -> set[str]:
        """Remove a report permanently, with its draft, versions and shares; returns the blobs with
        its figures and images.
        """
        blobs = _blobs(tx, report.c.id == row_id)
        query = select(report.c.project_id, report.c.report).where(report.c.id == row_id)
        for project_id, name in tx.connection.execute(query).all():
            tx.connection.execute(share.delete().where(shows_report(project_id, name)))
        tx.connection.execute(report.delete().where(report.c.id == row_id))
        tx.things.add(("report", row_id))
        return blobs

    def set_trashed(self, tx: Transaction, row_id: int, micros: int | None) -> None:
        """Move a report to the trash as of a moment; None restores it."""
        update_row(tx, report, row_id, trashed_micros=micros)
        tx.things.add(("report", row_id))

    def set_pinned(self, tx: Transaction, row_id: int, micros: int | None) -> None:
        """Pin a report to the overview of its project as of a moment; None takes it off."""
        update_row(tx, report, row_id, pinned_micros=micros)

    def count_pinned(self, tx: Transaction, project_id: int) -> int:
        """The number of pinned reports of a project, without those in the trash."""
        query = select(func.count()).where(
            report.c.project_id == project_id,
            report.c.pinned_micros.is_not(None),
            report.c.trashed_micros.is_(None),
        )
        return tx.connection.execute(query).scalar_one()

    def trashed(self, tx: Transaction, project_id: int) -> list[ReportRow]:
        """The reports of a project that are in the trash, last deleted first."""
        query = _heads().where(
            report.c.project_id == project_id, report.c.trashed_micros.is_not(None)
        )
        query = query.order_by(report.c.trashed_micros.desc(), report.c.id.desc())
        return [ReportRow(*row) for row in tx.connection.execute(query)]

    def trashed_before(self, tx: Transaction, micros: int) -> list[int]:
        """Row ids of the reports that were deleted before a moment."""
        query = select(report.c.id).where(report.c.trashed_micros < micros)
        return list(tx.connection.execute(query).scalars())


_HEAD: Final = columns_of(report, ReportRow)
_VERSION: Final = columns_of(report_version, ReportVersionRow)
_FIGURE: Final = columns_of(report_figure, ReportFigureRow)


def _heads() -> Select[*tuple[Any, ...]]:
    return select(*_HEAD)


def _blobs(tx: Transaction, of_reports: ColumnElement[bool]) -> set[str]:
    """The blobs with the figures and images of some reports."""
    queries = (
        select(table.c.sha256).join(report).where(of_reports)
        for table in (report_figure, report_image)
    )
    return set(tx.connection.execute(union(*queries)).scalars())


def _one(tx: Transaction, query: Select[*tuple[Any, ...]]) -> ReportRow | None:
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else ReportRow(*row)
