"""The codes of links that work once. The database has their hashes."""

from __future__ import annotations

import hashlib

from weft.errors import Conflict, Forbidden
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import EntityPath
from weft.server.services.access.permissions import SERVER, Action, may
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import InvitationRow, Transaction

_AGAIN = {
    "invite": "ask who invited you for another one",
    "first_admin": "start the server again, which prints another one, or run "
    "`weft server init-admin NAME` on its machine",
    "reset": "ask for another one on the sign-in page, or ask an administrator",
}


def hash_code(code: str) -> str:
    """The form in which the server stores a code."""
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def valid_link(stores: Stores, tx: Transaction, purpose: str, code: str) -> InvitationRow:
    """The row of a code; Forbidden, with the next step, if it does not work."""
    row = stores.metadata.invitations.find_invitation(tx, hash_code(code))
    again = _AGAIN[purpose]
    if row is None or row.purpose != purpose:
        raise Forbidden(f"this link is not valid: it is incomplete or was withdrawn; {again}")
    if row.withdrawn_micros is not None:
        raise Forbidden(f"this link was withdrawn; {again}")
    if row.used_micros is not None:
        raise Forbidden(f"this link was used before, and works once; {again}")
    if row.expires_micros <= stores.now():
        raise Forbidden(f"this link has expired; {again}")
    if not is_maker_entitled(stores, row):
        raise Forbidden(
            f"this link is not valid any more: {row.created_by}, who made it, may not do so now; "
            f"{again}"
        )
    return row


def is_maker_entitled(stores: Stores, row: InvitationRow) -> bool:
    """Whether who made a link could make it now: else a removed admin could come back by it."""
    if not row.created_by:
        return True
    entry = stores.people.current.users.get(row.created_by)
    if entry is None or entry.is_disabled:
        return False
    maker = Actor("user", entry.name, is_admin=entry.is_admin, people=stores.people)
    is_of_server = row.team is None or row.is_admin
    return may(maker, Action.ADMIN, SERVER if is_of_server else EntityPath(row.team or ""))


def use_link(stores: Stores, tx: Transaction, purpose: str, code: str) -> InvitationRow:
    """Use a code up. Errors as of `valid_link`."""
    row = valid_link(stores, tx, purpose, code)
    if not stores.metadata.invitations.use(tx, row.row_id, stores.now()):
        raise Conflict("this link was used at this moment, and works once")
    return row
