"""Registries: list, create, describe, roles, protected aliases, delete."""

from __future__ import annotations

import builtins

import msgspec

from weft.errors import Conflict, NotFound
from weft.records.audit_actions import AuditAction
from weft.records.files.artifacts import check_alias
from weft.records.ids import REGISTRY, check_name
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath
from weft.server.services.access.permissions import SERVER, Action, grant, may, require
from weft.server.services.artifacts.linking import find_registry, make_registry
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import RegistryRow, Transaction, clean_text
from weft.wire.artifacts.registries import ADMIN, VIEWER, Registry, RegistryEdit


class RegistryService:
    """Operations on registries. Thread-safe.

    Their collections and versions are artifacts: `ArtifactService` reads and changes them.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, actor: Actor) -> builtins.list[Registry]:
        """List all registries, by name."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            rows = self._stores.metadata.registries.all(tx)
            seen = [row for row in rows if may(actor, Action.READ, RegistryPath(row.name))]
            return self._describe(tx, actor, seen)

    def get(self, actor: Actor, path: RegistryPath) -> Registry:
        require(actor, Action.READ, path)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            row = metadata.registries.find(tx, path.registry)
            if row is None:
                raise NotFound(f"no registry {path.registry!r}")
            return self._describe(tx, actor, [row])[0]

    def put(self, actor: Actor, path: RegistryPath, edit: RegistryEdit) -> Registry:
        """Create a registry if it does not exist, and change it. Who creates it is its admin."""
        require(actor, Action.WRITE, path)
        check_name("registry", path.registry)
        metadata = self._stores.metadata
        with self._stores.people.write() as tx:
            is_new = make_registry(self._stores, tx, path.registry)
            row = find_registry(self._stores, tx, path.registry)
            if is_new and actor.user is not None:
                metadata.project_access.put_member(tx, row.row_id, actor.user, ADMIN)
            if not is_new:
                require(actor, Action.ADMIN, path)
            self._edit(tx, row, edit)
            self._note(tx, actor, "registry.change", path, edit)
            self._note(tx, actor, "registry.add" if is_new else "registry.change", path, edit)
        return self.get(actor, path)

    def edit(self, actor: Actor, path: RegistryPath, edit: RegistryEdit) -> Registry:
        """Change a registry."""
        require(actor, Action.READ, path)
        with self._stores.people.write() as tx:
            row = find_registry(self._stores, tx, path.registry)
            require(actor, Action.ADMIN, path)
            self._edit(tx, row, edit)
        return self.get(actor, path)

    def delete(self, actor: Actor, path: RegistryPath) -> None:
        """Delete a registry; Conflict if it has collections."""
        require(actor, Action.READ, path)
        stores = self._stores
        metadata = stores.metadata
        with stores.people.write() as tx:
            row = metadata.registries.find(tx, path.registry)
            if row is None:
                raise NotFound(f"no registry {path.registry!r}")
            require(actor, Action.ADMIN, path)
            n_collections, _ = metadata.registries.counts(tx).get(row.row_id, (0, 0))
            if n_collections:
                raise Conflict(
                    f"the registry {path.registry} has {n_collections} collections: delete them "
                    "first"
                )
            metadata.projects.delete(tx, row.row_id)
            stores.audit.note(tx, actor, "registry.remove", REGISTRY, path)
        stores.registry.forget_project(ProjectPath(REGISTRY, path.registry))

    def _note(
        self,
        tx: Transaction,
        actor: Actor,
        action: AuditAction,
        path: RegistryPath,
        edit: RegistryEdit,
    ) -> None:
        fields = msgspec.to_builtins(edit)
        self._stores.audit.note(tx, actor, action, REGISTRY, path, after=fields)

    def _edit(self, tx: Transaction, row: RegistryRow, edit: RegistryEdit) -> None:
        registries = self._stores.metadata.registries
        protect = [check_alias(alias) for alias in edit.protect]
        if edit.description is not msgspec.UNSET:
            self._stores.metadata.projects.describe(tx, row.row_id, clean_text(edit.description))
        if edit.default_role is not msgspec.UNSET:
            registries.set_default_role(tx, row.row_id, edit.default_role)
        for name, role in edit.members.items():
            if role is None:
                self._stores.metadata.project_access.remove_member(tx, row.row_id, name)
            elif not self._stores.metadata.project_access.put_member(tx, row.row_id, name, role):
                raise NotFound(f"no user {name!r}; `weft server user list` names them")
        for alias in protect:
            registries.protect(tx, row.row_id, alias)
        for alias in edit.unprotect:
            registries.unprotect(tx, row.row_id, alias)

    def _describe(
        self, tx: Transaction, actor: Actor, rows: builtins.list[RegistryRow]
    ) -> builtins.list[Registry]:
        registries = self._stores.metadata.registries
        row_ids = [row.row_id for row in rows]
        members = registries.members(tx, row_ids)
        protected = registries.protected(tx, row_ids)
        counts = registries.counts(tx)
        return [
            Registry(
                name=row.name,
                description=row.description,
                created_micros=row.created_micros,
                default_role=row.default_role,
                members=members[row.row_id],
                protected_aliases=protected[row.row_id],
                n_collections=counts.get(row.row_id, (0, 0))[0],
                n_versions=counts.get(row.row_id, (0, 0))[1],
                role=_role_of(actor, row.name),
            )
            for row in rows
        ]


def _role_of(actor: Actor, registry: str) -> str:
    role = grant(actor, RegistryPath(registry)).role
    return VIEWER if role is None else role.text
