"""Links that work once, in the metadata database: invitations, resets of passwords, and the
page of the first administrator.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from weft.server.storage.metadata.database.engine import Transaction
from weft.server.storage.metadata.database.schema import invitation, team, user

Purpose = Literal["invite", "reset", "first_admin"]


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """An invitation, a reset of a user's password, or the making of the first administrator.

    Attributes:
        email: where it was mailed to; None if someone passes the link on.
        user: whose password is reset.
        team, role: of the user who accepts.
        used_micros, withdrawn_micros: when it was used or withdrawn. None if it was not.
    """

    row_id: int
    purpose: Purpose
    email: str | None
    user: str | None
    team: str | None
    role: str | None
    is_admin: bool
    created_by: str
    created_micros: int
    expires_micros: int
    used_micros: int | None = None
    withdrawn_micros: int | None = None


_QUERY = (
    select(
        invitation.c.id, invitation.c.purpose, invitation.c.email, user.c.name, team.c.name,
        invitation.c.role, invitation.c.is_admin, invitation.c.created_by,
        invitation.c.created_micros, invitation.c.expires_micros, invitation.c.used_micros,
        invitation.c.withdrawn_micros,
    )
    .select_from(invitation)
    .outerjoin(user, user.c.id == invitation.c.user_id)
    .outerjoin(team, team.c.id == invitation.c.team_id)
)  # fmt: skip


class InvitationTable:
    """Reads and writes links that work once. A link is found by the hash of its code."""

    def add_invitation(self, tx: Transaction, row: InvitationRow, token_hash: str) -> int:
        """Add a link, and return its row id; the `row_id` of the row is ignored."""
        values: dict[str, Any] = {
            "token_hash": token_hash,
            "purpose": row.purpose,
            "email": row.email,
            "user_id": _id_of(user, row.user),
            "team_id": _id_of(team, row.team),
            "role": row.role,
            "is_admin": row.is_admin,
            "created_by": row.created_by,
            "created_micros": row.created_micros,
            "expires_micros": row.expires_micros,
        }
        statement = invitation.insert().values(values).returning(invitation.c.id)
        return tx.connection.execute(statement).scalar_one()

    def find_invitation(self, tx: Transaction, token_hash: str) -> InvitationRow | None:
        row = tx.connection.execute(_QUERY.where(invitation.c.token_hash == token_hash)).first()
        return None if row is None else InvitationRow(*row)

    def find_by_id(self, tx: Transaction, row_id: int) -> InvitationRow | None:
        row = tx.connection.execute(_QUERY.where(invitation.c.id == row_id)).first()
        return None if row is None else InvitationRow(*row)

    def open_for(self, tx: Transaction, email: str, now_micros: int) -> InvitationRow | None:
        """The newest invitation to a mail address that can be accepted."""
        query = _QUERY.where(
            invitation.c.purpose == "invite",
            invitation.c.email == email,
            invitation.c.used_micros.is_(None),
            invitation.c.withdrawn_micros.is_(None),
            invitation.c.expires_micros > now_micros,
        )
        row = tx.connection.execute(query.order_by(invitation.c.id.desc())).first()
        return None if row is None else InvitationRow(*row)

    def list(
        self, tx: Transaction, team_name: str | None, limit: int
    ) -> builtins.list[InvitationRow]:
        """The newest invitations: those to a team, or all of them."""
        query = _QUERY.where(invitation.c.purpose == "invite")
        if team_name is not None:
            query = query.where(team.c.name == team_name)
        rows = tx.connection.execute(query.order_by(invitation.c.id.desc()).limit(limit))
        return [InvitationRow(*row) for row in rows]

    def use(self, tx: Transaction, row_id: int, now_micros: int) -> bool:
        """Use a link up. False if it was used or withdrawn before."""
        return self._end(tx, row_id, used_micros=now_micros)

    def withdraw(self, tx: Transaction, row_id: int, now_micros: int) -> bool:
        """Withdraw a link. False if it was used or withdrawn before."""
        return self._end(tx, row_id, withdrawn_micros=now_micros)

    def _end(self, tx: Transaction, row_id: int, **times: int) -> bool:
        statement = invitation.update().where(
            invitation.c.id == row_id,
            invitation.c.used_micros.is_(None),
            invitation.c.withdrawn_micros.is_(None),
        )
        return tx.connection.execute(statement.values(**times)).rowcount == 1

    def replace(self, tx: Transaction, row_id: int) -> bool:
        """Remove a link that another takes the place of. False if it was used before."""
        statement = invitation.delete().where(
            invitation.c.id == row_id, invitation.c.used_micros.is_(None)
        )
        return tx.connection.execute(statement).rowcount == 1

    def remove_resets(self, tx: Transaction, name: str) -> None:
        """Remove the resets of a user's password: only the newest link works."""
        statement = invitation.delete().where(invitation.c.purpose == "reset")
        tx.connection.execute(statement.where(invitation.c.user_id == _id_of(user, name)))

    def remove_first_admin(self, tx: Transaction) -> None:
        """Remove unused links to the page of the first administrator: only the newest works."""
        statement = invitation.delete().where(invitation.c.purpose == "first_admin")
        tx.connection.execute(statement.where(invitation.c.used_micros.is_(None)))

    def remove_expired(self, tx: Transaction, before_micros: int) -> None:
        """Remove links that ended before a time."""
        tx.connection.execute(
            invitation.delete().where(invitation.c.expires_micros < before_micros)
        )


def _id_of(table: Any, name: str | None) -> Any:
    if name is None:
        return None
    return select(table.c.id).where(table.c.name == name).scalar_subquery()
