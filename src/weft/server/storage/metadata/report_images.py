"""Images of reports in the metadata database."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import columns_of
from weft.server.storage.metadata.database.schema import report_image


class ReportImageRow(NamedTuple):
    """An image of a report.

    Attributes:
        n_bytes: of its content.
        added_by: empty without accounts.
    """

    sha256: str
    media_type: str
    n_bytes: int
    width_px: int
    height_px: int
    added_micros: int
    added_by: str


class ReportImageTable:
    """Reads and adds images of reports. They are removed with their report."""

    def find_image(self, tx: Transaction, row_id: int, sha256: str) -> ReportImageRow | None:
        """An image of a report; None if it has no such image."""
        query = select(*_IMAGE).where(
            report_image.c.report_id == row_id, report_image.c.sha256 == sha256
        )
        row = tx.connection.execute(query).one_or_none()
        return None if row is None else ReportImageRow._make(row)

    def measure(self, tx: Transaction, row_id: int) -> tuple[int, int]:
        """The number of images of a report, and their bytes."""
        query = select(func.count(), func.coalesce(func.sum(report_image.c.n_bytes), 0)).where(
            report_image.c.report_id == row_id
        )
        n_images, n_bytes = tx.connection.execute(query).one()
        return n_images, int(n_bytes)

    def add_image(self, tx: Transaction, row_id: int, image: ReportImageRow) -> None:
        """Add an image to a report; nothing changes if the report has it."""
        statement = insert(tx, report_image).values(report_id=row_id, **image._asdict())
        tx.connection.execute(statement.on_conflict_do_nothing())


_IMAGE: Final = columns_of(report_image, ReportImageRow)
