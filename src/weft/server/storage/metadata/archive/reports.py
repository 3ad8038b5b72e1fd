"""Exports and imports reports with drafts, versions, figures, images and comments as plain values,
for archives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select

from weft.server.storage.metadata.archive.rows import own_columns, plain_row, row_values
from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import (
    report,
    report_comment,
    report_figure,
    report_image,
    report_update,
    report_version,
)

_PARTS: Final = (
    ("updates", report_update),
    ("versions", report_version),
    ("figures", report_figure),
    ("images", report_image),
    ("comments", report_comment),
)


class ArchivedReportTable:
    """Reads and writes all rows of a project's reports, as plain values."""

    def read_reports(self, tx: Transaction, project_id: int) -> Iterator[dict[str, Any]]:
        """All reports of a project but those in the trash, oldest first."""
        columns = own_columns(report)
        present = (report.c.project_id == project_id) & report.c.trashed_micros.is_(None)
        query = select(report.c.id, *columns).where(present).order_by(report.c.id)
        for row_id, *values in tx.connection.execute(query).all():
            record: dict[str, Any] = {"report": plain_row(columns, values)}
            for name, table in _PARTS:
                of_table = own_columns(table)
                rows = select(*of_table).where(table.c.report_id == row_id)
                ordered = rows.order_by(*table.primary_key.columns)
                record[name] = [plain_row(of_table, row) for row in tx.connection.execute(ordered)]
            yield record

    def write_report(self, tx: Transaction, project_id: int, record: Mapping[str, Any]) -> None:
        """Add a report as returned by `read_reports`; CorruptLog if it is malformed."""
        values = row_values(report, record["report"])
        row_id = tx.connection.execute(
            report.insert().values(project_id=project_id, **values).returning(report.c.id)
        ).scalar_one()
        for name, table in _PARTS:
            rows = [
                {"report_id": row_id, **row_values(table, row)} for row in record.get(name, ())
            ]
            if rows:
                tx.connection.execute(table.insert(), rows)
