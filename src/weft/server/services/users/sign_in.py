"""Signs people in: by password, by a provider, or by a proxy that has signed them in."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Final

import structlog

from weft.errors import Forbidden, TooManyRequests
from weft.server.services.access.actors import Actor
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.stores.stores import Stores
from weft.server.services.users.attempts import Attempt, Attempts, Source
from weft.server.services.users.members import (
    as_user,
    follow_roles,
    is_free,
    join,
    new_user,
    roles_to_follow,
)
from weft.server.services.users.oidc.person import Person, user_name_for
from weft.server.services.users.one_time import is_maker_entitled, use_link
from weft.server.services.users.passwords import Passwords
from weft.server.settings import OidcProvider
from weft.server.storage.metadata import AccountRow, InvitationRow, Transaction

WRONG: Final = "the name or the password is wrong"
"""The answer for a wrong password and for an unknown name."""

_MAX_PROXY_USERS: Final = 5000

_DISABLED: Final = "this account is disabled; ask an administrator of this server"

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class SignInService:
    """Finds out whose a password, an identity or a proxy's header is. Thread-safe.

    All methods return the user's name. Whether the account may be used is checked here and in
    `SessionService`.
    """

    def __init__(self, stores: Stores, passwords: Passwords) -> None:
        self._stores = stores
        self._people = stores.people
        self._passwords = passwords
        self._attempts = Attempts(stores.metadata, stores.now, "sign-in")
        self._has_passwords = (-1, False)
        # Each request of a proxy names its user: no query for one that is known.
        self._proxy_users: tuple[int, dict[str, str]] = (0, {})

    def has_passwords(self, actor: Actor) -> bool:
        """Whether any user has a password; one query after each change of people."""
        require(actor, Action.READ, SERVER)
        version = self._people.current.version
        if self._has_passwords[0] != version:
            with self._stores.metadata.read() as tx:
                has_any = self._stores.metadata.accounts.has_password(tx)
            self._has_passwords = version, has_any
        return self._has_passwords[1]

    def by_password(self, actor: Actor, name_or_email: str, password: str, source: Source) -> str:
        """The user with this name or mail address, and this password.

        Forbidden for a wrong password and an unknown name, in the same words and time;
        TooManyRequests after too many wrong ones, Unavailable if too many wait.
        """
        require(actor, Action.ADMIN, SERVER)
        name_or_email = name_or_email.strip()[:256]
        attempt = self._attempts.begin(name_or_email, source)
        if attempt.wait_secs > 0:
            raise TooManyRequests(
                f"too many tries: wait {_shown_wait(attempt.wait_secs)}, or use a link for a new "
                "password",
                retry_after_secs=math.ceil(attempt.wait_secs),
            )
        try:
            row = self._account(name_or_email)
            check = self._passwords.check(password, None if row is None else row.password_hash)
            is_right, new_hash = check.result()
            if row is None or not is_right:
                self._note_failure(row, source, attempt)
                raise Forbidden(WRONG)
            self._attempts.succeed(attempt)
        finally:
            self._attempts.end(attempt)
        if row.disabled_micros is not None:
            raise Forbidden(_DISABLED)
        if new_hash is not None:
            with self._stores.metadata.write() as tx:
                self._stores.metadata.accounts.change(tx, row.name, password_hash=new_hash)
        return row.name

    def _note_failure(self, row: AccountRow | None, source: Source, attempt: Attempt) -> None:
        # A transaction also where there is no account: its time must not tell.
        guest = Actor("anyone", people=self._people, address=source.address)
        with self._stores.metadata.write() as tx:
            name = "" if row is None else row.name
            target = name or "an unknown name"
            self._stores.audit.note(tx, guest, "sign_in.failed", name, target)
            self._attempts.fail(tx, attempt)

    def by_person(
        self,
        actor: Actor,
        person: Person,
        provider: OidcProvider,
        *,
        invitation: str | None = None,
    ) -> str:
        """The user of a person whom a provider has signed in; makes an account where allowed.

        `invitation` is the code of one that the person follows. Forbidden, with the next step, if
        there is no account.
        """
        require(actor, Action.ADMIN, SERVER)
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.accounts.by_identity(tx, person.issuer, person.subject)
        if row is None or self._has_changes(row, person, provider):
            with self._people.write() as tx:
                row = self._of_person(tx, person, provider, invitation)
                self._follow(tx, row, person, provider)
        if row.disabled_micros is not None:
            raise Forbidden(_DISABLED)
        return row.name

    def link(self, actor: Actor, person: Person, user: str) -> None:
        """Add a person's identity to the account of a user who is signed in."""
        require(actor, Action.ADMIN, SERVER)
        accounts = self._stores.metadata.accounts
        with self._people.write() as tx:
            owner = accounts.by_identity(tx, person.issuer, person.subject)
            if owner is not None and owner.name != user:
                raise Forbidden("this account at the provider belongs to another user here")
            accounts.add_identity(tx, user, person.issuer, person.subject)
            self._note_link(tx, user, person)

    def _note_link(self, tx: Transaction, user: str, person: Person) -> None:
        actor = as_user(self._stores, user)
        after = {"issuer": person.issuer, "subject": person.subject}
        self._stores.audit.note(tx, actor, "identity.link", user, person.issuer, None, after)

    def proxy_user(self, actor: Actor, text: str) -> str | None:
        """The user whom `by_proxy` has given for a text, without a query; None if it was not
        asked since the last change of people.
        """
        require(actor, Action.READ, SERVER)
        version, users = self._proxy_users
        return users.get(text) if version == self._people.current.version else None

    def by_proxy(self, actor: Actor, text: str) -> str:
        """The user whom a trusted proxy names, by name or mail address; makes an account for a new
        one.
        """
        require(actor, Action.ADMIN, SERVER)
        name = self._of_proxy(text)
        version = self._people.current.version
        if self._proxy_users[0] != version or len(self._proxy_users[1]) > _MAX_PROXY_USERS:
            self._proxy_users = version, {}
        self._proxy_users[1][text] = name
        return name

    def _of_proxy(self, text: str) -> str:
        row = self._account(text)
        if row is None:
            email = text.lower() if "@" in text else None
            person = Person("proxy", text, user_name=text, mail=email)
            with self._people.write() as tx:
                name = text if email is None else self._free_name(tx, person)
                actor = as_user(self._stores, name)
                new_user(self._stores, tx, actor, name, email=email, is_email_verified=True)
            _log.info("account made for a user of the proxy", user=name)
            return name
        if row.disabled_micros is not None:
            raise Forbidden(_DISABLED)
        return row.name

    def _account(self, name_or_email: str) -> AccountRow | None:
        accounts = self._stores.metadata.accounts
        with self._stores.metadata.read() as tx:
            if "@" not in name_or_email:
                return accounts.find_like(tx, name_or_email)
            rows = accounts.by_email(tx, name_or_email)
        return rows[0] if len(rows) == 1 else None

    def _of_person(
        self, tx: Transaction, person: Person, provider: OidcProvider, code: str | None
    ) -> AccountRow:
        accounts = self._stores.metadata.accounts
        row = accounts.by_identity(tx, person.issuer, person.subject)
        if row is not None:
            return row
        row = self._of_mail(tx, person, provider)
        name = row.name if row is not None else self._sign_up(tx, person, provider, code)
        accounts.add_identity(tx, name, person.issuer, person.subject)
        self._note_link(tx, name, person)
        row = accounts.find_account(tx, name)
        assert row is not None
        return row

    def _of_mail(
        self, tx: Transaction, person: Person, provider: OidcProvider
    ) -> AccountRow | None:
        """The account with a person's mail address, if both sides have verified it."""
        email = None if person.mail is None else person.mail.lower()
        rows = [] if email is None else self._stores.metadata.accounts.by_email(tx, email)
        if not rows:
            return None
        title = provider.title or provider.name
        step = f"sign in as before, and link {title} under Settings"
        if not person.is_mail_verified:
            raise Forbidden(
                f"an account here has the mail address {email}, and {title} does not say that it "
                f"has verified yours; {step}"
            )
        if len(rows) > 1 or not rows[0].is_email_verified:
            raise Forbidden(
                f"an account here has the mail address {email}, not verified here; {step}"
            )
        return rows[0]

    def _sign_up(
        self, tx: Transaction, person: Person, provider: OidcProvider, code: str | None
    ) -> str:
        email = person.mail.lower() if person.mail and person.is_mail_verified else None
        invitations = self._stores.metadata.invitations
        now = self._stores.now()
        invitation: InvitationRow | None = None
        if code is not None:
            invitation = use_link(self._stores, tx, "invite", code)
        elif email is not None:
            invitation = invitations.open_for(tx, email, now)
            if invitation is not None and not is_maker_entitled(self._stores, invitation):
                invitation = None
            if invitation is not None:
                invitations.use(tx, invitation.row_id, now)
        if invitation is None:
            self._check_may_sign_up(person, email, provider)
        name = self._free_name(tx, person)
        is_admin = invitation is not None and invitation.is_admin
        new_user(
            self._stores,
            tx,
            as_user(self._stores, name),
            name,
            is_admin=is_admin,
            display_name=person.display_name[:128],
            email=email,
            is_email_verified=True,
        )
        if invitation is not None and invitation.team and invitation.role:
            actor = as_user(self._stores, name)
            join(self._stores, tx, actor, name, invitation.team, invitation.role)
        return name

    def _check_may_sign_up(
        self, person: Person, email: str | None, provider: OidcProvider
    ) -> None:
        title = provider.title or provider.name
        if not provider.sign_up:
            shown = person.mail or person.user_name or person.subject
            raise Forbidden(
                f"{title} knows you as {shown}, but there is no account for you here; ask an "
                "administrator for an invitation"
            )
        domains = [domain.lower() for domain in provider.allowed_domains]
        if domains and (email or "").rpartition("@")[2] not in domains:
            raise Forbidden(
                f"accounts are made for verified mail addresses of {', '.join(domains)} only; ask "
                "an administrator for an invitation"
            )

    def _free_name(self, tx: Transaction, person: Person) -> str:
        """A user name that no user, team or entity has."""
        base = user_name_for(person) or "user"
        for number in itertools.count(1):
            name = base if number == 1 else f"{base}-{number}"
            if is_free(self._stores, tx, name):
                return name
        raise AssertionError

    def _has_changes(self, row: AccountRow, person: Person, provider: OidcProvider) -> bool:
        """Whether a person's groups stand for other roles than the user has."""
        if person.groups is None:
            return False
        is_admin = not person.groups.isdisjoint(provider.admin_groups)
        if provider.admin_groups and is_admin != row.is_admin:
            return True
        return bool(roles_to_follow(self._people.current, row.name, person, provider))

    def _follow(
        self, tx: Transaction, row: AccountRow, person: Person, provider: OidcProvider
    ) -> None:
        """Give a user the roles that the person's groups stand for."""
        if person.groups is None:
            return
        follow_roles(
            self._stores,
            tx,
            row.name,
            roles_to_follow(self._people.current, row.name, person, provider),
        )
        if provider.admin_groups:
            self._follow_admin(tx, row, person.groups, provider.admin_groups)

    def _follow_admin(
        self, tx: Transaction, row: AccountRow, groups: frozenset[str], admin_groups: Sequence[str]
    ) -> None:
        is_admin = not groups.isdisjoint(admin_groups)
        accounts = self._stores.metadata.accounts
        if is_admin == row.is_admin:
            return
        if is_admin or accounts.has_admin(tx, without=row.name):
            accounts.change(tx, row.name, is_admin=is_admin)
            self._stores.audit.note(
                tx,
                as_user(self._stores, row.name),
                "user.admin",
                row.name,
                row.name,
                {"is_admin": row.is_admin},
                {"is_admin": is_admin},
            )


def _shown_wait(secs: float) -> str:
    """A wait in words.

    >>> _shown_wait(0.4), _shown_wait(61)
    ('1 second', '2 minutes')
    """
    whole = math.ceil(secs)
    if whole <= 60:
        return f"{whole} second{'s' if whole > 1 else ''}"
    return f"{math.ceil(whole / 60)} minutes"
