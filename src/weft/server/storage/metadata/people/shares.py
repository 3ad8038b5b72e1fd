"""Shared parts of projects in the metadata database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, select

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.rows import columns_of, update_row
from weft.server.storage.metadata.database.schema import share


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share; `document` is JSON, `expires_micros` None if it does not end. Of a report the
    document has the id: see `shows_report`.
    """

    row_id: int
    project_id: int
    share: str
    kind: str
    name: str
    document: str
    user: str
    created_micros: int
    expires_micros: int | None
    revoked_micros: int | None
    may_embed: bool
    n_opened: int
    opened_micros: int | None


class NewShare(NamedTuple):
    """A share to add."""

    share: str
    kind: str
    name: str
    document: str
    user: str
    created_micros: int
    expires_micros: int | None
    may_embed: bool


class ShareTable:
    """Reads and writes shares."""

    def add_share(self, tx: Transaction, project_id: int, new: NewShare) -> None:
        tx.connection.execute(
            share.insert().values(project_id=project_id, n_opened=0, **new._asdict())
        )

    def find_share(self, tx: Transaction, share_id: str) -> ShareRow | None:
        rows = _rows(tx, select(*_COLUMNS).where(share.c.share == share_id))
        return rows[0] if rows else None

    def of_project(self, tx: Transaction, project_id: int) -> list[ShareRow]:
        """All shares of a project, newest first, without those that were revoked."""
        query = select(*_COLUMNS).where(
            share.c.project_id == project_id, share.c.revoked_micros.is_(None)
        )
        return _rows(tx, query.order_by(share.c.id.desc()))

    def revoke(self, tx: Transaction, row_id: int, now_micros: int) -> None:
        update_row(tx, share, row_id, revoked_micros=now_micros)

    def note_opened(self, tx: Transaction, row_id: int, now_micros: int) -> None:
        update_row(tx, share, row_id, n_opened=share.c.n_opened + 1, opened_micros=now_micros)


def shows_report(project_id: int, report: str) -> ColumnElement[bool]:
    """Whether a share is of a report, whose id its document has as `"report":"…"`."""
    return and_(
        share.c.project_id == project_id,
        share.c.kind == "report",
        share.c.document.contains(f'"report":"{report}"', autoescape=True),
    )


_COLUMNS: Final = columns_of(share, ShareRow)


def _rows(tx: Transaction, query: Select[*tuple[Any, ...]]) -> list[ShareRow]:
    return [ShareRow(*row) for row in tx.connection.execute(query)]
