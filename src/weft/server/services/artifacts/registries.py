"""Registries: list, create, describe, roles, protected aliases, delete."""

from __future__ import annotations

import builtins

import msgspec

from weft.errors import Conflict, NotFound
from weft.records.files.artifacts import check_alias
from weft.records.ids import REGISTRY, check_name
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RegistryPath
from weft.server.services.access.permissions import SERVER, Action, grant, may, require
from weft.server.services.artifacts.linking import find_registry, make_registry
from weft.server.services.stores.project_access import change_access
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import RegistryRow, Transaction, clean_text
from weft.wire.artifacts.registries import ADMIN, VIEWER, Registry, RegistryEdit
from weft.wire.projects.access import ProjectAccessEdit


class RegistryService(Service):
    """Operations on registries. Thread-safe.

    Their collections and versions are artifacts: `ArtifactService` reads and changes them.
    """

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
            row = metadata.registries.find_registry(tx, path.registry)
            if row is None:
                raise NotFound(f"no registry {path.registry!r}")
            return self._describe(tx, actor, [row])[0]

    def put(self, actor: Actor, path: RegistryPath, edit: RegistryEdit) -> Registry:
        """Create a registry if it does not exist, and change it. Who creates it is its admin."""
        require(actor, Action.READ, SERVER)
        if not may(actor, Action.READ, path):
            raise Conflict(f"the name {path.registry!r} is taken: choose another")
        require(actor, Action.WRITE, path)
        check_name("registry", path.registry)
        metadata = self._stores.metadata
        with self._stores.people.write() as tx:
            is_new = make_registry(self._stores, tx, path.registry)
            row = find_registry(self._stores, tx, actor, path.registry)
            if is_new:
                if actor.user is not None:
                    metadata.project_access.put_member(tx, row.row_id, actor.user, ADMIN)
                self._stores.audit.note(tx, actor, "registry.add", REGISTRY, path)
            else:
                require(actor, Action.ADMIN, path)
            self._edit(tx, actor, path, row, edit)
        return self.get(actor, path)

    def edit(self, actor: Actor, path: RegistryPath, edit: RegistryEdit) -> Registry:
        """Change a registry."""
        require(actor, Action.READ, path)
        with self._stores.people.write() as tx:
            row = find_registry(self._stores, tx, actor, path.registry)
            require(actor, Action.ADMIN, path)
            self._edit(tx, actor, path, row, edit)
        return self.get(actor, path)

    def delete(self, actor: Actor, path: RegistryPath) -> None:
        """Delete a registry; Conflict if it has collections."""
        require(actor, Action.READ, path)
        stores = self._stores
        metadata = stores.metadata
        with stores.people.write() as tx:
            row = metadata.registries.find_registry(tx, path.registry)
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

    def _edit(
        self,
        tx: Transaction,
        actor: Actor,
        path: RegistryPath,
        row: RegistryRow,
        edit: RegistryEdit,
    ) -> None:
        registries = self._stores.metadata.registries
        protect = [check_alias(alias) for alias in edit.protect]
        access = ProjectAccessEdit(
            visibility=edit.visibility,
            open_role=edit.default_role,
            members=edit.members,
            teams=edit.teams,
        )
        change_access(self._stores, tx, actor, ProjectPath(REGISTRY, row.name), row.row_id, access)
        if edit.description is not msgspec.UNSET:
            self._stores.metadata.projects.describe(tx, row.row_id, clean_text(edit.description))
        for alias in protect:
            registries.protect(tx, row.row_id, alias)
        for alias in edit.unprotect:
            registries.unprotect(tx, row.row_id, alias)
        fields = {
            name: value
            for name, value in msgspec.to_builtins(edit).items()
            if value and name in {"description", "protect", "unprotect"}
        }
        if fields:
            self._stores.audit.note(tx, actor, "registry.change", REGISTRY, path, after=fields)

    def _describe(
        self, tx: Transaction, actor: Actor, rows: builtins.list[RegistryRow]
    ) -> builtins.list[Registry]:
        registries = self._stores.metadata.registries
        row_ids = [row.row_id for row in rows]
        access = self._stores.metadata.project_access.rows(tx, row_ids)
        protected = registries.protected(tx, row_ids)
        counts = registries.counts(tx)
        return [
            Registry(
                name=row.name,
                description=row.description,
                created_micros=row.created_micros,
                visibility=access[row.row_id].visibility,
                default_role=access[row.row_id].open_role,
                members=access[row.row_id].members,
                teams=access[row.row_id].teams,
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
