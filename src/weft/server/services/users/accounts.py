"""Accounts: profile, mail, password, picture, and whether a user is refused."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any, Final

from msgspec import UNSET

from weft.errors import ConfigError, Conflict, Forbidden, LimitExceeded, NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.last_admins import (
    check_administrator_remains,
    check_user_dispensable,
)
from weft.server.services.access.paths import EntityPath
from weft.server.services.access.permissions import SERVER, Action, oneself, require
from weft.server.services.stores.stores import Stores
from weft.server.services.users.mail import check_mail
from weft.server.services.users.password_rules import check_new_password
from weft.server.services.users.passwords import Passwords
from weft.server.storage.metadata import AccountRow, PictureRow, Transaction
from weft.wire.server.accounts import Account, AccountEdit, Identity, PasswordChange

MAX_PICTURE_BYTES: Final = 256 * 1024

_PICTURES: Final = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/webp": b"RIFF",
}

_COLORS: Final = ("#2f56d9", "#0d8577", "#7a3ec8", "#c02637", "#a35a00", "#2c7a1f", "#49566e")


class AccountService:
    """Accounts of users. Thread-safe.

    Args:
        title_of: the name of a provider on the sign-in page, by its issuer.
    """

    def __init__(
        self, stores: Stores, passwords: Passwords, title_of: Callable[[str], str]
    ) -> None:
        self._stores = stores
        self._people = stores.people
        self._passwords = passwords
        self._title_of = title_of

    def get(self, actor: Actor, user: str) -> Account:
        """The account of a user. Others' are for administrators."""
        require(actor, Action.READ if actor.user == user else Action.ADMIN, SERVER)
        with self._stores.metadata.read() as tx:
            return self._account(tx, self._row(tx, user))

    def edit(self, actor: Actor, user: str, edit: AccountEdit) -> Account:
        """Change an account. Users may change their own names, administrators any account.

        Conflict if no administrator would be left, or another user has the mail address.
        """
        require(actor, Action.ADMIN, oneself(actor) if actor.user == user else SERVER)
        is_by_admin = actor.may_all
        if (edit.is_admin is not UNSET or edit.is_disabled is not UNSET) and not is_by_admin:
            raise Forbidden("only administrators make administrators, and disable users")
        accounts = self._stores.metadata.accounts
        with self._people.write() as tx:
            row = self._row(tx, user)
            values = self._changes(tx, row, edit, is_by_admin=is_by_admin)
            if values.get("is_admin") is False and row.disabled_micros is None:
                check_administrator_remains(self._people.current, user)
            if values.get("disabled_micros") is not None:
                check_user_dispensable(self._people.current, user)
            if "disabled_micros" in values:
                end_what_was_derived(self._stores, tx, user)
            if values:
                accounts.change(tx, user, **values)
                self._note_changes(tx, actor, row, values)
            return self._account(tx, self._row(tx, user))

    def change_password(self, actor: Actor, change: PasswordChange) -> None:
        """Change the actor's own password. Sessions and signed addresses end."""
        require(actor, Action.READ, SERVER)
        user = own_name(actor)
        require(actor, Action.ADMIN, oneself(actor))
        with self._stores.metadata.read() as tx:
            row = self._row(tx, user)
        if row.password_hash is not None:
            check = self._passwords.check(change.old_password or "", row.password_hash).result()
            if not check.is_right:
                raise ConfigError("old_password: it is not your password", field="old_password")
        self.set_password(actor, user, change.password)

    def set_password(self, actor: Actor, user: str, password: str) -> None:
        """Set a user's password. Sessions and signed addresses end."""
        require(actor, Action.ADMIN, EntityPath(user))
        with self._stores.metadata.read() as tx:
            row = self._row(tx, user)
        entry = self._people.current.users.get(user)
        if entry is not None and entry.team is not None:
            raise Forbidden(f"{user} is a service account, which has keys and no password")
        check_new_password(password, about=(row.name, row.display_name, row.email or ""))
        password_hash = self._passwords.hash(password).result()
        with self._people.write() as tx:
            end_what_was_derived(self._stores, tx, user)
            self._stores.metadata.accounts.change(tx, user, password_hash=password_hash)
            self._stores.audit.note(tx, actor, "password.change", user, user)

    def unlink(self, actor: Actor, issuer: str) -> None:
        """Unlink the actor's account at a provider; Conflict if nothing else signs them in."""
        require(actor, Action.ADMIN, oneself(actor))
        user = own_name(actor)
        accounts = self._stores.metadata.accounts
        with self._people.write() as tx:
            others = [name for name, _ in accounts.identities(tx, user) if name != issuer]
            if self._row(tx, user).password_hash is None and not others:
                raise Conflict("you could not sign in without it: choose a password first")
            if not accounts.remove_identities(tx, user, issuer):
                raise NotFound(f"no account of yours at {issuer}")
            self._stores.audit.note(tx, actor, "identity.unlink", user, issuer)

    def picture(self, actor: Actor, user: str) -> PictureRow:
        """The picture of a user, by default their initials."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            row = self._row(tx, user)
            picture = self._stores.metadata.accounts.picture(tx, user)
        return picture or PictureRow("image/svg+xml", _initials(row))

    def set_picture(self, actor: Actor, user: str, content: bytes | None) -> None:
        """Replace or remove the picture of a user."""
        require(actor, Action.ADMIN, oneself(actor) if actor.user == user else SERVER)
        picture = None if content is None else _checked_picture(content)
        with self._stores.metadata.write() as tx:
            self._row(tx, user)
            self._stores.metadata.accounts.set_picture(tx, user, picture)

    def _row(self, tx: Transaction, user: str) -> AccountRow:
        row = self._stores.metadata.accounts.find_account(tx, user)
        if row is None:
            raise NotFound(f"no user {user!r}; `weft server user list` names them")
        return row

    def _changes(
        self, tx: Transaction, row: AccountRow, edit: AccountEdit, *, is_by_admin: bool
    ) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if edit.display_name is not UNSET:
            values["display_name"] = " ".join(edit.display_name.split())
        if edit.email is not UNSET and edit.email != row.email:
            email = None if edit.email is None else check_mail(edit.email).lower()
            check_mail_is_free(self._stores, tx, email, row.name)
            values["email"] = email
            # What a user claims links no account at a provider; an administrator knows.
            values["is_email_verified"] = is_by_admin and email is not None
        if edit.default_entity is not UNSET and edit.default_entity != row.default_entity:
            values["default_entity"] = self._team_of(row.name, edit.default_entity)
        if edit.is_admin is not UNSET and edit.is_admin != row.is_admin:
            values["is_admin"] = edit.is_admin
        if edit.is_disabled is not UNSET and edit.is_disabled != (row.disabled_micros is not None):
            values["disabled_micros"] = self._stores.now() if edit.is_disabled else None
        return values

    def _team_of(self, user: str, entity: str | None) -> str | None:
        """A team of a user; None for the user's own entity."""
        if entity is None or entity == user:
            return None
        if self._people.current.role_in_team(user, entity) is None:
            raise ConfigError(
                f"{user} is in no team {entity!r}: runs that name no entity go to a team of "
                "yours, or to yourself",
                field="default_entity",
            )
        return entity

    def _note_changes(
        self, tx: Transaction, actor: Actor, row: AccountRow, values: dict[str, Any]
    ) -> None:
        note = partial(self._stores.audit.note, tx, actor)
        profile = {
            key: values[key]
            for key in ("display_name", "email", "default_entity")
            if key in values
        }
        if profile:
            note("user.change", row.name, row.name, {k: getattr(row, k) for k in profile}, profile)
        if "is_admin" in values:
            before, after = {"is_admin": row.is_admin}, {"is_admin": values["is_admin"]}
            note("user.admin", row.name, row.name, before, after)
        if "disabled_micros" in values:
            is_enabled = values["disabled_micros"] is None
            note("user.enable" if is_enabled else "user.disable", row.name, row.name)

    def _account(self, tx: Transaction, row: AccountRow) -> Account:
        issuers = [issuer for issuer, _ in self._stores.metadata.accounts.identities(tx, row.name)]
        return Account(
            name=row.name,
            display_name=row.display_name,
            email=row.email,
            is_email_verified=row.is_email_verified,
            is_admin=row.is_admin,
            is_disabled=row.disabled_micros is not None,
            has_password=row.password_hash is not None,
            default_entity=row.default_entity,
            identities=[Identity(issuer=name, title=self._title_of(name)) for name in issuers],
        )


def own_name(actor: Actor) -> str:
    """The actor's user name; ConfigError for the server's own user, who has no account."""
    if actor.user is None:
        raise ConfigError("you are the server's own user, who has no account", field="user")
    return actor.user


def end_what_was_derived(stores: Stores, tx: Transaction, user: str) -> None:
    """End a user's sessions, and addresses that were signed for them."""
    stores.metadata.sessions.remove_of_user(tx, user)
    stores.metadata.users.set_seal(tx, user, secrets.token_hex(16))


def check_mail_is_free(stores: Stores, tx: Transaction, email: str | None, user: str) -> None:
    """Conflict if another user has a mail address."""
    rows = [] if email is None else stores.metadata.accounts.by_email(tx, email)
    if any(row.name != user for row in rows):
        raise Conflict("another user has this mail address")


def _checked_picture(content: bytes) -> PictureRow:
    if len(content) > MAX_PICTURE_BYTES:
        raise LimitExceeded(f"a picture has at most {MAX_PICTURE_BYTES // 1024} KiB")
    for media_type, start in _PICTURES.items():
        if content.startswith(start) and (start != b"RIFF" or content[8:12] == b"WEBP"):
            return PictureRow(media_type, content)
    raise ConfigError("picture: it is not a PNG, JPEG or WebP image", field="picture")


def _initials(row: AccountRow) -> bytes:
    """The initials of a name on a colour that follows from it, as SVG."""
    words = (row.display_name or row.name).replace(".", " ").replace("_", " ").split()
    letters = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"
    color = _COLORS[sum(row.name.encode()) % len(_COLORS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="16" fill="{color}"/>'
        '<text x="16" y="21" text-anchor="middle" font-family="system-ui,sans-serif" '
        f'font-size="13" font-weight="600" fill="#fff">{escape(letters)}</text></svg>'
    ).encode()
