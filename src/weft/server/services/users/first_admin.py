"""Makes the first administrator with an account, and makes the projects under `local` over."""

from __future__ import annotations

from weft.errors import Conflict, NotFound
from weft.records.ids import DEFAULT_ENTITY
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.removal.moving_projects import finish_project_moves, move_project
from weft.server.services.stores.stores import Stores
from weft.server.services.users.links import LinkService
from weft.server.services.users.mail import check_mail
from weft.server.services.users.members import new_user
from weft.server.services.users.password_rules import check_new_password
from weft.server.services.users.passwords import Passwords
from weft.server.storage.metadata import Transaction
from weft.wire.server.accounts import FirstAdmin, NewFirstAdmin


class FirstAdminService:
    """Makes the first administrator."""

    def __init__(self, stores: Stores, passwords: Passwords, links: LinkService) -> None:
        self._stores = stores
        self._people = stores.people
        self._passwords = passwords
        self._links = links

    def make(self, actor: Actor, new: FirstAdmin, *, base_url: str = "") -> NewFirstAdmin:
        """Make the first administrator; Conflict if there is one who has a password."""
        require(actor, Action.ADMIN, SERVER)
        password_hash: str | None = None
        if new.password is not None:
            check_new_password(new.password, about=(new.name, new.email or ""))
            password_hash = self._passwords.hash(new.password).result()
        with self._stores.presence, self._people.write() as tx:
            self._add(tx, actor, new, password_hash)
            moves, refused = self._make_over(tx, new.local_to)
            runs = {to: move_project(self._stores, tx, path, to) for path, to in moves}
        finish_project_moves(self._stores, moves, runs)
        link: str | None = None
        if password_hash is None:
            link = self._links.create_password_link(actor, new.name, base_url=base_url).link
        return NewFirstAdmin(
            name=new.name, link=link, moved=[to.project for _, to in moves], refused=refused
        )

    def _add(
        self, tx: Transaction, actor: Actor, new: FirstAdmin, password_hash: str | None
    ) -> None:
        accounts = self._stores.metadata.accounts
        admins = [row for row in accounts.admins(tx) if row.disabled_micros is None]
        # One without a password was added for scripts, by `weft server user add --admin`.
        with_password = [row.name for row in admins if row.password_hash is not None]
        if with_password:
            raise Conflict(
                f"{with_password[0]} is an administrator already, who can invite others, or give "
                "them a link: weft server user password-link NAME"
            )
        email = None if new.email is None else check_mail(new.email).lower()
        if accounts.find(tx, new.name) is None:
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

    def _make_over(
        self, tx: Transaction, owner: str | None
    ) -> tuple[list[tuple[ProjectPath, ProjectPath]], list[str]]:
        """The moves of projects to the new owner of `local`, and the names that it has already."""
        if owner is None:
            return [], []
        if self._stores.metadata.accounts.is_free(tx, owner):
            raise NotFound(f"no user or team {owner!r}: `weft server team add` makes a team")
        self._stores.metadata.directory.set_local_owner(tx, owner)
        projects = self._stores.metadata.projects
        own_names = set(projects.names_of_entity(tx, owner))
        names = projects.names_of_entity(tx, DEFAULT_ENTITY)
        moves = [
            (ProjectPath(DEFAULT_ENTITY, name), ProjectPath(owner, name))
            for name in names
            if name not in own_names
        ]
        return moves, [name for name in names if name in own_names]
