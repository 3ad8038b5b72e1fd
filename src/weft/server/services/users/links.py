"""Links that work once: invitations, and links by which a user chooses a new password.

The database has the hash of a link's code. A link goes by mail if the server sends mail and there
is an address; who made it gets it in any case, because mail fails.
"""

from __future__ import annotations

import builtins
import secrets
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from weft.errors import Conflict, Forbidden, NotFound, WeftError
from weft.records.actions.audit import AuditAction
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import EntityPath
from weft.server.services.access.permissions import SERVER, Action, oneself, require
from weft.server.services.stores.stores import Stores
from weft.server.services.users.accounts import AccountService
from weft.server.services.users.attempts import Attempts, Source
from weft.server.services.users.mail import SEND_SECS, Mailer, check_mail
from weft.server.services.users.members import as_user, join, new_user
from weft.server.services.users.one_time import hash_code, is_maker_entitled, use_link, valid_link
from weft.server.services.users.password_rules import check_new_password
from weft.server.services.users.passwords import Passwords
from weft.server.storage.metadata import InvitationRow, Transaction
from weft.wire.server.accounts import Invitation, InvitationAddition, InvitationState, OneTimeLink

INVITATION_PATH: Final = "/sign-in/invitation"
RESET_PATH: Final = "/sign-in/new-password"

_DAY_MICROS: Final = 86_400_000_000
_RESET_MICROS: Final = _DAY_MICROS
_KEPT_MICROS: Final = 30 * _DAY_MICROS
"""The time for which an ended link stays, so that its page says so."""

_MAX_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class NewAccount:
    """The fields that a person who accepts an invitation fills in."""

    name: str
    display_name: str
    password: str


class LinkService:
    """Invitations and links for a new password. Thread-safe; methods wait for hashes and mails."""

    def __init__(
        self,
        stores: Stores,
        passwords: Passwords,
        accounts: AccountService,
        mailer: Mailer | None,
    ) -> None:
        self._stores = stores
        self._people = stores.people
        self._passwords = passwords
        self._accounts = accounts
        self._mailer = mailer
        self._mails = Attempts(stores.metadata, stores.now, "mail")

    def invite(self, actor: Actor, new: InvitationAddition, *, base_url: str) -> OneTimeLink:
        """Invite someone to a team, of which the actor is an admin, or to the server."""
        require(actor, Action.ADMIN, SERVER if new.team is None else EntityPath(new.team))
        if new.is_admin:
            require(actor, Action.ADMIN, SERVER)
        if new.team is not None and new.team not in self._people.current.teams:
            raise NotFound(f"no team {new.team!r}; `weft server team list` names them")
        now = self._stores.now()
        row = InvitationRow(
            row_id=0,
            purpose="invite",
            email=None if new.email is None else check_mail(new.email).lower(),
            user=None,
            team=new.team,
            role=None if new.team is None else new.role,
            is_admin=new.is_admin,
            created_by=actor.user or "",
            created_micros=now,
            expires_micros=now + new.days * _DAY_MICROS,
        )
        return self._send_invitation(actor, row, base_url)

    def invite_again(self, actor: Actor, invitation: int, *, base_url: str) -> OneTimeLink:
        """Make a new link of an invitation that was not used, and mail it; the old one ends."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            row = self._find(tx, actor, invitation)
        if row.used_micros is not None:
            raise Conflict("this invitation was used: the person has an account")
        if row.is_admin:
            require(actor, Action.ADMIN, SERVER)
        now = self._stores.now()
        renewed = replace(
            row,
            created_by=actor.user or "",
            created_micros=now,
            expires_micros=now + row.expires_micros - row.created_micros,
            withdrawn_micros=None,
        )
        return self._send_invitation(actor, renewed, base_url, replaced=row.row_id)

    def _send_invitation(
        self, actor: Actor, row: InvitationRow, base_url: str, *, replaced: int | None = None
    ) -> OneTimeLink:
        link = self._add(actor, row, base_url + INVITATION_PATH, replaced=replaced)
        target = f"the team {row.team} on weft" if row.team else "weft"
        who = actor.user or "the administrator of this server"
        n_days = (row.expires_micros - row.created_micros) // _DAY_MICROS
        return self._mailed(
            link,
            row.email,
            subject=f"{who} invites you to {target}",
            text=f"{who} invites you to {target}, where runs of machine learning are tracked.\n\n"
            f"This link works once, for {n_days} days:\n\n{link.link}\n",
        )

    def list(self, actor: Actor, team: str | None = None) -> builtins.list[Invitation]:
        """List the newest invitations to a team, or all of them, and what became of each."""
        require(actor, Action.ADMIN, SERVER if team is None else EntityPath(team))
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.invitations.list(tx, team, _MAX_LISTED)
        return [
            Invitation(
                id=row.row_id,
                email=row.email,
                team=row.team,
                role=row.role,
                is_admin=row.is_admin,
                created_by=row.created_by,
                created_micros=row.created_micros,
                expires_micros=row.expires_micros,
                state=self._state_of(row),
            )
            for row in rows
        ]

    def withdraw(self, actor: Actor, invitation: int) -> None:
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.write() as tx:
            row = self._find(tx, actor, invitation)
            if not self._stores.metadata.invitations.withdraw(tx, row.row_id, self._stores.now()):
                raise NotFound(f"no invitation {invitation}: it was used or withdrawn")
            self._note(tx, actor, "invitation.revoke", row)

    def invitation(self, actor: Actor, code: str) -> InvitationRow:
        """The invitation of a code; Forbidden with the next step if it does not work."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            return valid_link(self._stores, tx, "invite", code)

    def accept(self, actor: Actor, code: str, new: NewAccount) -> str:
        """Make an account by an invitation, and return its user's name."""
        require(actor, Action.ADMIN, SERVER)
        row = self.invitation(actor, code)
        about = (new.name, new.display_name, row.email or "")
        check_new_password(new.password, about=about)
        password_hash = self._passwords.hash(new.password).result()
        with self._people.write() as tx:
            row = use_link(self._stores, tx, "invite", code)
            new_user(
                self._stores,
                tx,
                as_user(self._stores, new.name),
                new.name,
                is_admin=row.is_admin,
                display_name=" ".join(new.display_name.split())[:128],
                email=row.email,
                # An admin of a team also has the link: that it was used proves nothing then.
                is_email_verified=self._is_by_admin(row),
                password_hash=password_hash,
            )
            self._join(tx, as_user(self._stores, new.name), row)
        return new.name

    def join(self, actor: Actor, code: str) -> str | None:
        """Accept an invitation with the account that the actor has; return the team."""
        # A key that may less than its user must not get the user more.
        require(actor, Action.ADMIN, oneself(actor))
        if actor.user is None:
            raise Forbidden("sign in first, with an account")
        if self._people.current.users[actor.user].team is not None:
            raise Forbidden(f"{actor.user} is a service account, which is in no other team")
        with self._people.write() as tx:
            row = use_link(self._stores, tx, "invite", code)
            if row.is_admin:
                self._stores.metadata.accounts.change(tx, actor.user, is_admin=True)
                after = {"is_admin": True}
                self._stores.audit.note(
                    tx, actor, "user.admin", actor.user, actor.user, None, after
                )
            self._join(tx, actor, row)
        return row.team

    def create_password_link(self, actor: Actor, user: str, *, base_url: str) -> OneTimeLink:
        """Make a link by which a user chooses a new password."""
        require(actor, Action.ADMIN, SERVER)
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.accounts.find_account(tx, user)
        if row is None:
            raise NotFound(f"no user {user!r}; `weft server user list` names them")
        return self._send_reset(actor, user, row.email, base_url)

    def forget(self, actor: Actor, name_or_email: str, source: Source, *, base_url: str) -> None:
        """Mail a link for a new password, if there is such a user with a mail address, and not too
        many were asked for.

        Whether there is one is not told. Takes as long as the mail server: call it in a thread
        that no answer waits for.
        """
        require(actor, Action.ADMIN, SERVER)
        if self._mails.count(name_or_email.strip(), source) > 0:
            return
        accounts = self._stores.metadata.accounts
        with self._stores.metadata.read() as tx:
            rows = accounts.by_email(tx, name_or_email.strip())
            named = accounts.find_like(tx, name_or_email.strip())
        for row in rows or ([] if named is None else [named]):
            if row.email is not None and row.disabled_micros is None and self._mailer is not None:
                self._send_reset(actor, row.name, row.email, base_url)

    def user_of_reset(self, actor: Actor, code: str) -> str:
        """The user whose password a link changes; Forbidden if the link does not work."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            return valid_link(self._stores, tx, "reset", code).user or ""

    def reset(self, actor: Actor, code: str, password: str) -> str:
        """Change a password by a link, and return the user's name."""
        require(actor, Action.ADMIN, SERVER)
        user = self.user_of_reset(actor, code)
        check_new_password(password, about=(user,))
        with self._stores.metadata.write() as tx:
            use_link(self._stores, tx, "reset", code)
        self._accounts.set_password(actor, user, password)
        return user

    def _send_reset(
        self, actor: Actor, user: str, email: str | None, base_url: str
    ) -> OneTimeLink:
        now = self._stores.now()
        row = InvitationRow(
            row_id=0,
            purpose="reset",
            email=email,
            user=user,
            team=None,
            role=None,
            is_admin=False,
            created_by=actor.user or "",
            created_micros=now,
            expires_micros=now + _RESET_MICROS,
        )
        link = self._add(actor, row, base_url + RESET_PATH)
        return self._mailed(
            link,
            email,
            subject="A new password for weft",
            text=f"Choose a new password for the account {user} here:\n\n{link.link}\n\n"
            "This link works once, for a day. If you did not ask for it, do nothing: your "
            "password stays as it is.\n",
        )

    def _find(self, tx: Transaction, actor: Actor, invitation: int) -> InvitationRow:
        """The row of an invitation, for those who may invite so."""
        row = self._stores.metadata.invitations.find_by_id(tx, invitation)
        if row is None or row.purpose != "invite":
            require(actor, Action.ADMIN, SERVER)
            raise NotFound(f"no invitation {invitation}")
        require(actor, Action.ADMIN, SERVER if row.team is None else EntityPath(row.team))
        return row

    def _state_of(self, row: InvitationRow) -> InvitationState:
        if row.used_micros is not None:
            return "used"
        if row.withdrawn_micros is not None or not is_maker_entitled(self._stores, row):
            return "revoked"
        return "expired" if row.expires_micros <= self._stores.now() else "open"

    def _add(
        self, actor: Actor, row: InvitationRow, address: str, *, replaced: int | None = None
    ) -> OneTimeLink:
        code = secrets.token_urlsafe(32)
        invitations = self._stores.metadata.invitations
        with self._stores.metadata.write() as tx:
            invitations.remove_expired(tx, row.created_micros - _KEPT_MICROS)
            if row.user is not None:
                invitations.remove_resets(tx, row.user)
            if replaced is not None and not invitations.replace(tx, replaced):
                raise Conflict("this invitation was used at this moment")
            row_id = invitations.add_invitation(tx, row, hash_code(code))
            action = "invitation.add" if row.purpose == "invite" else "password.reset"
            self._note(tx, actor, action, row)
        return OneTimeLink(
            id=row_id,
            link=f"{address}?{urlencode({'code': code})}",
            expires_micros=row.expires_micros,
            is_mailed=False,
        )

    def _mailed(
        self, link: OneTimeLink, email: str | None, *, subject: str, text: str
    ) -> OneTimeLink:
        if email is None:
            return link
        problem = "this server sends no mail, so pass the link on"
        if self._mailer is not None:
            try:
                self._mailer.send(email, subject, text).result(2 * SEND_SECS)
                problem = None
            except WeftError as error:
                problem = str(error)
            except FutureTimeoutError:
                problem = "the mail waits for the mail server"
        return OneTimeLink(
            id=link.id,
            link=link.link,
            expires_micros=link.expires_micros,
            is_mailed=problem is None,
            mail_problem=problem,
        )

    def _is_by_admin(self, row: InvitationRow) -> bool:
        creator = self._people.current.users.get(row.created_by)
        return not row.created_by or (creator is not None and creator.is_admin)

    def _join(self, tx: Transaction, actor: Actor, row: InvitationRow) -> None:
        self._note(tx, actor, "invitation.use", row)
        if row.team is not None and row.role is not None and actor.user is not None:
            join(self._stores, tx, actor, actor.user, row.team, row.role)

    def _note(
        self, tx: Transaction, actor: Actor, action: AuditAction, row: InvitationRow
    ) -> None:
        fields = {"team": row.team, "role": row.role, "is_admin": row.is_admin}
        target = row.user or row.email or "a link without an address"
        self._stores.audit.note(tx, actor, action, row.team or "", target, None, fields)
