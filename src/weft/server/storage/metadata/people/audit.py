"""The audit log in the metadata database: what people did that others may have to explain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import ColumnElement, select

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import audit

_MAX_DELETED: Final = 10_000


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry.

    Attributes:
        row_id: ascends with the entries; 0 before the entry is added.
        role: of the actor at that time.
        entity: the owner of the object; empty for the server as a whole.
        before: JSON, None if there was nothing.
    """

    row_id: int
    at_micros: int
    actor: str
    role: str
    address: str
    key_prefix: str
    action: str
    entity: str
    object: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """A selection of entries; None for all.

    Attributes:
        entities: the owners of the objects.
        action: an action, or the part before its dot for all of a kind.
        actions: whole actions.
        since_micros: the first moment.
        until_micros: the first moment after them.
    """

    entities: Collection[str] | None = None
    actor: str | None = None
    action: str | None = None
    actions: Collection[str] | None = None
    since_micros: int | None = None
    until_micros: int | None = None


class AuditTable:
    """Adds entries, reads them from the newest on, and deletes old ones."""

    def add_entry(self, tx: Transaction, row: AuditRow) -> None:
        """Add an entry. Its row id is ignored."""
        values = asdict(row)
        del values["row_id"]
        tx.connection.execute(audit.insert().values(values))

    def page(
        self, tx: Transaction, selected: AuditFilter, *, before_id: int | None, limit: int
    ) -> list[AuditRow]:
        """The newest selected entries with a row id below `before_id`, from the newest on."""
        query = select(audit).where(*_conditions(selected))
        if before_id is not None:
            query = query.where(audit.c.id < before_id)
        query = query.order_by(audit.c.id.desc()).limit(limit)
        return [AuditRow(*row) for row in tx.connection.execute(query)]

    def delete_before(self, tx: Transaction, at_micros: int) -> int:
        """Delete the oldest entries from before a moment, and return how many: 10,000 at most."""
        oldest = (
            select(audit.c.id)
            .where(audit.c.at_micros < at_micros)
            .order_by(audit.c.at_micros)
            .limit(_MAX_DELETED)
        )
        return tx.connection.execute(audit.delete().where(audit.c.id.in_(oldest))).rowcount


def _conditions(selected: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selected.entities is not None:
        conditions.append(audit.c.entity.in_(sorted(selected.entities)))
    if selected.actor is not None:
        conditions.append(audit.c.actor == selected.actor)
    if selected.action is not None:
        is_kind = audit.c.action.startswith(f"{selected.action}.", autoescape=True)
        conditions.append((audit.c.action == selected.action) | is_kind)
    if selected.actions is not None:
        conditions.append(audit.c.action.in_(selected.actions))
    if selected.since_micros is not None:
        conditions.append(audit.c.at_micros >= selected.since_micros)
    if selected.until_micros is not None:
        conditions.append(audit.c.at_micros < selected.until_micros)
    return conditions
