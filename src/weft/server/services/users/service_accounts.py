"""Service accounts: users that are programs of a team."""

from __future__ import annotations

import builtins
import secrets

from weft.errors import Conflict, NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.names import check_entity_name
from weft.server.services.access.paths import EntityPath
from weft.server.services.access.permissions import Action, require
from weft.server.services.stores.stores import Stores
from weft.wire.server.keys import ServiceAccount, ServiceAccountAddition


class ServiceAccountService:
    """Service accounts of teams. Thread-safe."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._people = stores.people

    def list(self, actor: Actor, team: str) -> builtins.list[ServiceAccount]:
        """List the service accounts of a team, by name."""
        require(actor, Action.READ, EntityPath(team))
        self._check_team(team)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.service_accounts.of_team(tx, team)
        return [ServiceAccount(name=name, created_micros=created) for name, created in rows]

    def add_service_account(
        self, actor: Actor, team: str, new: ServiceAccountAddition
    ) -> ServiceAccount:
        """Add a service account. Conflict if a user, team or entity has the name."""
        require(actor, Action.ADMIN, EntityPath(team))
        self._check_team(team)
        check_entity_name(new.name, self._people.current.names)
        now = self._stores.now()
        with self._people.write() as tx:
            if not self._stores.metadata.accounts.is_free(tx, new.name):
                raise Conflict(f"the name {new.name!r} is taken: choose another one")
            self._stores.metadata.service_accounts.add_service_account(
                tx, team, new.name, role=new.role, seal=secrets.token_hex(16), now_micros=now
            )
            self._stores.audit.note(
                tx, actor, "service_account.add", team, new.name, after={"role": new.role}
            )
        return ServiceAccount(name=new.name, created_micros=now)

    def remove(self, actor: Actor, team: str, account: str) -> None:
        """Remove a service account with its keys; its runs stay."""
        require(actor, Action.ADMIN, EntityPath(team))
        entry = self._people.current.users.get(account)
        if entry is None or entry.team != team:
            raise NotFound(f"the team {team} has no service account {account!r}")
        with self._people.write() as tx:
            self._stores.metadata.users.remove(tx, account)
            self._stores.audit.note(tx, actor, "service_account.remove", team, account)

    def _check_team(self, team: str) -> None:
        if team not in self._people.current.teams:
            raise NotFound(f"no team {team!r}")
