"""Makes the first administrator with an account, and makes the projects under `local` over."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from weft.errors import ConfigError, Conflict, NotFound, WeftError
from weft.records.ids import DEFAULT_ENTITY
from weft.server.services.access.actors import Actor
from weft.server.services.access.names import check_entity_name
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.access.roles import Role
from weft.server.services.removal.moving_projects import finish_project_moves, move_project
from weft.server.services.stores.stores import Stores
from weft.server.services.users.links import LinkService
from weft.server.services.users.mail import check_mail
from weft.server.services.users.members import join, new_user
from weft.server.services.users.one_time import hash_code, use_link, valid_link
from weft.server.services.users.password_rules import check_new_password
from weft.server.services.users.passwords import Passwords
from weft.server.storage.metadata import InvitationRow, Transaction
from weft.wire.server.accounts import FirstAdmin, NewFirstAdmin

FIRST_ADMIN_PATH: Final = "/sign-in/first-administrator"

_LINK_MICROS: Final = 86_400_000_000


class FirstAdminChoices(NamedTuple):
    """The names of the projects under `local`, and of the teams that could get them."""

    projects: Sequence[str]
    teams: Sequence[str]


class FirstAdminService:
    """Makes the first administrator, by a command or by the link in the server's log."""

    def __init__(self, stores: Stores, passwords: Passwords, links: LinkService) -> None:
        self._stores = stores
        self._people = stores.people
        self._passwords = passwords
        self._links = links

    def is_due(self, actor: Actor) -> bool:
        """Whether no administrator can sign in by password."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            return not self._with_password(tx)

    def new_link(self, actor: Actor, *, base_url: str) -> str | None:
        """Make the link to the page of the first administrator; None if there is one.

        It works once, for a day, and replaces earlier ones. Whoever has it may make themselves an
        administrator: it is for the server's own log alone.
        """
        require(actor, Action.ADMIN, SERVER)
        code = secrets.token_urlsafe(32)
        now = self._stores.now()
        invitations = self._stores.metadata.invitations
        with self._stores.metadata.write() as tx:
            invitations.remove_first_admin(tx)
            if self._with_password(tx):
                return None
            row = InvitationRow(
                row_id=0,
                purpose="first_admin",
                email=None,
                user=None,
                team=None,
                role=None,
                is_admin=True,
                created_by="",
                created_micros=now,
                expires_micros=now + _LINK_MICROS,
            )
            invitations.add_invitation(tx, row, hash_code(code))
        return f"{base_url}{FIRST_ADMIN_PATH}?{urlencode({'code': code})}"

    def choices(self, actor: Actor, code: str) -> FirstAdminChoices:
        """The choices that the page of a link has; Forbidden if the link does not work."""
        require(actor, Action.ADMIN, SERVER)
        with self._stores.metadata.read() as tx:
            valid_link(self._stores, tx, "first_admin", code)
            self._check_due(tx)
            projects = self._stores.metadata.projects.names_of_entity(tx, DEFAULT_ENTITY)
        return FirstAdminChoices(sorted(projects), sorted(self._people.current.teams))

    def make(
        self, actor: Actor, new: FirstAdmin, *, base_url: str = "", code: str | None = None
    ) -> NewFirstAdmin:
        """Make the first administrator; Conflict if there is one who has a password.

        With the code of a link, which is used up; Forbidden if it does not work.
        """
        require(actor, Action.ADMIN, SERVER)
        if code is not None:
            self.choices(actor, code)  # before the hash, which takes long
        password_hash: str | None = None
        if new.password is not None:
            check_new_password(new.password, about=(new.name, new.email or ""))
            password_hash = self._passwords.hash(new.password).result()
        with self._stores.presence, self._people.write() as tx:
            if code is not None:
                use_link(self._stores, tx, "first_admin", code)
            self._add(tx, actor, new, password_hash)
            if new.new_team and new.local_to is not None:
                self._make_team(tx, actor, new.local_to, new.name)
            moves, refused = self._make_over(tx, new)
            runs: dict[ProjectPath, list[str]] = {}
            for path, to in moves:
                after = {"project": str(to)}
                self._stores.audit.note(tx, actor, "project.move", path.entity, path, None, after)
                runs[to] = move_project(self._stores, tx, path, to)
        finish_project_moves(self._stores, moves, runs)
        link: str | None = None
        if password_hash is None:
            link = self._links.create_password_link(actor, new.name, base_url=base_url).link
        return NewFirstAdmin(
            name=new.name, link=link, moved=[to.project for _, to in moves], refused=refused
        )

    def _with_password(self, tx: Transaction) -> list[str]:
        """Administrators who can sign in by password.

        One without was added for scripts, by `weft server user add --admin`.
        """
        admins = self._stores.metadata.accounts.admins(tx)
        return [
            row.name
            for row in admins
            if row.disabled_micros is None and row.password_hash is not None
        ]

    def _check_due(self, tx: Transaction) -> None:
        names = self._with_password(tx)
        if names:
            raise Conflict(
                f"{names[0]} is an administrator already, who can invite others, or give them a "
                "link: weft server user password-link NAME"
            )

    def _add(
        self, tx: Transaction, actor: Actor, new: FirstAdmin, password_hash: str | None
    ) -> None:
        accounts = self._stores.metadata.accounts
        self._check_due(tx)
        email = None if new.email is None else check_mail(new.email).lower()
        if accounts.find_account(tx, new.name) is None:
            new_user(
                self._stores,
                tx,
                actor,
                new.name,
                is_admin=True,
                email=email,
                is_email_verified=True,
                password_hash=password_hash,
            )
            return
        values = {} if password_hash is None else {"password_hash": password_hash}
        if email is not None:
            values |= {"email": email, "is_email_verified": True}
        accounts.change(tx, new.name, is_admin=True, disabled_micros=None, **values)
        after = {"is_admin": True, "email": email}
        self._stores.audit.note(tx, actor, "user.admin", new.name, new.name, None, after)

    def _make_team(self, tx: Transaction, actor: Actor, team: str, admin: str) -> None:
        """Make a team whose admin is the new administrator."""
        try:
            check_entity_name(team, [*self._people.current.names, admin])
        except WeftError as error:
            raise ConfigError(f"local_to: {error}", field="local_to") from error
        stores = self._stores
        stores.metadata.teams.add_team(
            tx, team, stores.now(),
            display_name="", description="", default_visibility="private", is_closed=False,
        )  # fmt: skip
        stores.audit.note(tx, actor, "team.add", team, team)
        join(stores, tx, actor, admin, team, Role.ADMIN.text)

    def _make_over(
        self, tx: Transaction, new: FirstAdmin
    ) -> tuple[list[tuple[ProjectPath, ProjectPath]], list[str]]:
        """The moves of chosen projects to their new owner, and the names that it has already.

        `local` stands for the owner only if nothing is left there: else what is left could not be
        named any more.
        """
        owner = new.local_to
        if owner is None:
            return [], []
        if self._stores.metadata.accounts.is_free(tx, owner):
            raise NotFound(f"no user or team {owner!r}: `weft server team add` makes a team")
        projects = self._stores.metadata.projects
        names = projects.names_of_entity(tx, DEFAULT_ENTITY)
        chosen = names if new.projects is None else list(dict.fromkeys(new.projects))
        for name in chosen:
            if name not in names:
                raise NotFound(f"no project {DEFAULT_ENTITY}/{name}")
        own_names = set(projects.names_of_entity(tx, owner))
        moved = [name for name in chosen if name not in own_names]
        if set(moved) == set(names):
            self._stores.metadata.directory.set_local_owner(tx, owner)
        moves = [(ProjectPath(DEFAULT_ENTITY, name), ProjectPath(owner, name)) for name in moved]
        return moves, [name for name in chosen if name in own_names]
