"""Views of projects in the metadata database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, func, select

from weft.server.storage.metadata.database.engine import Transaction, insert
from weft.server.storage.metadata.database.rows import columns_of, update_row
from weft.server.storage.metadata.database.schema import view


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view without its document.

    `owner` and `edited_by` are empty without accounts; `version` counts from 1.
    `trashed_micros` is when it was deleted; None if it is not in the trash.
    """

    row_id: int
    view: str
    kind: str
    owner: str
    name: str
    version: int
    created_micros: int
    edited_micros: int
    edited_by: str
    trashed_micros: int | None = None

    def is_listed_for(self, user: str) -> bool:
        """Whether a named view is in a user's lists; personal views are in their owner's."""
        return self.kind != "personal" or self.owner == user


class NewView(NamedTuple):
    """A view to add, with its document as JSON."""

    view: str
    kind: str
    owner: str
    name: str
    document: str
    created_micros: int


class ViewTable:
    """Reads and writes views."""

    def listed(self, tx: Transaction, project_id: int, owner: str) -> list[ViewRow]:
        """All named views in a user's list, by name."""
        query = _heads(project_id).where(
            (view.c.kind == "shared") | ((view.c.kind == "personal") & (view.c.owner == owner))
        )
        return _by_name(tx, query)

    def column_sets(self, tx: Transaction, project_id: int) -> list[ViewRow]:
        """A project's sets of columns, by name."""
        return _by_name(tx, _heads(project_id).where(view.c.kind == "columns"))

    def find_view(self, tx: Transaction, project_id: int, name: str) -> ViewRow | None:
        return _one(tx, _heads(project_id).where(view.c.view == name))

    def find_default(self, tx: Transaction, project_id: int, owner: str) -> ViewRow | None:
        """A user's default view, or None if the user has saved none."""
        query = _heads(project_id).where(view.c.kind == "default", view.c.owner == owner)
        return _one(tx, query)

    def document(self, tx: Transaction, row_id: int) -> str:
        """A view's document, as JSON."""
        return tx.connection.execute(
            select(view.c.document).where(view.c.id == row_id)
        ).scalar_one()

    def add_view(self, tx: Transaction, project_id: int, new: NewView) -> bool:
        """Add a view; False if its id, or this user's default view, already exists."""
        micros = new.created_micros
        added = tx.connection.execute(
            insert(tx, view)
            .values(project_id=project_id, version=1, **new._asdict())
            .values(n_bytes=len(new.document.encode()), edited_micros=micros, opened_micros=micros)
            .values(edited_by=new.owner)
            .on_conflict_do_nothing()
            .returning(view.c.id)
        )
        return added.scalar_one_or_none() is not None

    def change(
        self,
        tx: Transaction,
        row_id: int,
        version: int,
        *,
        now_micros: int,
        editor: str,
        kind: str | None = None,
        name: str | None = None,
        document: str | None = None,
    ) -> bool:
        """Set each given value of a view; False if it is no longer at `version`."""
        changes = {"kind": kind, "name": name, "document": document}
        values: dict[str, Any] = {
            key: value for key, value in changes.items() if value is not None
        }
        if document is not None:
            values["n_bytes"] = len(document.encode())
        changed = tx.connection.execute(
            view.update()
            .where(view.c.id == row_id, view.c.version == version)
            .values(version=version + 1, edited_micros=now_micros, edited_by=editor, **values)
        )
        return changed.rowcount == 1

    def note_opened(self, tx: Transaction, row_id: int, now_micros: int) -> None:
        """Record that a link was opened."""
        update_row(tx, view, row_id, opened_micros=now_micros)

    def delete(self, tx: Transaction, row_id: int) -> None:
        """Remove a view permanently."""
        tx.connection.execute(view.delete().where(view.c.id == row_id))

    def set_trashed(self, tx: Transaction, row_id: int, micros: int | None) -> None:
        """Move a view to the trash as of a moment; None restores it."""
        update_row(tx, view, row_id, trashed_micros=micros)

    def trashed(self, tx: Transaction, project_id: int) -> list[ViewRow]:
        """The views of a project that are in the trash, last deleted first."""
        query = _all_heads(project_id).where(view.c.trashed_micros.is_not(None))
        query = query.order_by(view.c.trashed_micros.desc(), view.c.id.desc())
        return [ViewRow(*row) for row in tx.connection.execute(query)]

    def find_trashed(self, tx: Transaction, project_id: int, name: str) -> ViewRow | None:
        """A view in the trash, by its id."""
        query = _all_heads(project_id).where(
            view.c.view == name, view.c.trashed_micros.is_not(None)
        )
        return _one(tx, query)

    def trashed_before(self, tx: Transaction, micros: int) -> list[int]:
        """Row ids of the views that were deleted before a moment."""
        query = select(view.c.id).where(view.c.trashed_micros < micros)
        return list(tx.connection.execute(query).scalars())

    def drop_links(self, tx: Transaction, project_id: int, max_bytes: int) -> None:
        """Remove the least recently opened links until the rest take at most `max_bytes`."""
        newest_first = func.sum(view.c.n_bytes).over(
            order_by=(view.c.opened_micros.desc(), view.c.id.desc())
        )
        sums = (
            select(view.c.id, newest_first.label("so_far"))
            .where(view.c.project_id == project_id, view.c.kind == "link")
            .subquery()
        )
        surplus = select(sums.c.id).where(sums.c.so_far > max_bytes)
        tx.connection.execute(view.delete().where(view.c.id.in_(surplus)))


_HEAD: Final = columns_of(view, ViewRow)


def _heads(project_id: int) -> Select[*tuple[Any, ...]]:
    return _all_heads(project_id).where(view.c.trashed_micros.is_(None))


def _all_heads(project_id: int) -> Select[*tuple[Any, ...]]:
    return select(*_HEAD).where(view.c.project_id == project_id)


def _by_name(tx: Transaction, query: Select[*tuple[Any, ...]]) -> list[ViewRow]:
    return [ViewRow(*row) for row in tx.connection.execute(query.order_by(view.c.name, view.c.id))]


def _one(tx: Transaction, query: Select[*tuple[Any, ...]]) -> ViewRow | None:
    row = tx.connection.execute(query).one_or_none()
    return None if row is None else ViewRow(*row)
