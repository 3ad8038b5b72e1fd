"""Keeps the directory of users, teams and roles in memory, as of the newest version."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from weft.runlog.platform import boot_clock_nanos
from weft.server.services.access.directory import (
    Directory,
    DirectoryHolder,
    KeyEntry,
    ProjectEntry,
    Quota,
    TeamEntry,
    UserEntry,
)
from weft.server.services.access.paths import ProjectPath, RunPath
from weft.server.services.access.roles import Role, Visibility
from weft.server.storage.metadata import (
    DirectoryRows,
    MetadataStore,
    MetadataUnavailable,
    Transaction,
)

BEHIND_SECS: Final = 2.0


class People(DirectoryHolder):
    """The directory, loaded from the metadata. Thread-safe.

    Another process sees a change once it has called `refresh`, which it does each second.
    """

    def __init__(self, metadata: MetadataStore) -> None:
        super().__init__()
        self._metadata = metadata
        self._loading = threading.Lock()
        self._catching_up = threading.Lock()
        self._read_nanos = boot_clock_nanos()
        self._is_cut_off = False
        metadata.projects.on_shared = self.reload
        self.reload()

    @contextmanager
    def write(self) -> Generator[Transaction]:
        """A transaction that changes who may do what; the directory follows when it ends."""
        with self._metadata.write() as tx:
            # Counted first: on PostgreSQL, changes of people take turns from here on, and each
            # decides by what those before it left.
            self.changed(tx)
            before = self._metadata.directory.version(tx) - 1
            if before != self.current.version:
                self.current = replace(
                    directory_of(self._metadata.directory.rows(tx)), version=before
                )
            yield tx

    def changed(self, tx: Transaction) -> None:
        """Have the directory follow a transaction that changed who may do what."""
        self._metadata.directory.advance(tx)
        tx.after_commit(self.reload)

    def refresh(self) -> bool:
        """Load the directory if another process changed it; whether one had."""
        begin = boot_clock_nanos()
        with self._metadata.read() as tx:
            version = self._metadata.directory.version(tx)
        is_changed = version != self.current.version
        if is_changed:
            self.reload()
        self._read_nanos = begin
        self._is_cut_off = False
        return is_changed

    @property
    def is_behind(self) -> bool:
        """Whether changes that are older than `BEHIND_SECS` may be missing, as after a pause of
        this process. False while the database is away.
        """
        if not self._metadata.is_shared or self._is_cut_off:
            return False
        return boot_clock_nanos() - self._read_nanos > BEHIND_SECS * 1e9

    def catch_up(self) -> None:
        """Call `refresh` if this process is behind, once for all requests that wait for it."""
        with self._catching_up:
            if self.is_behind:
                try:
                    self.refresh()
                except MetadataUnavailable:
                    self._is_cut_off = True  # until `refresh` succeeds again

    def look_for(self, target: ProjectPath | RunPath) -> None:
        with self._metadata.read() as tx:
            if isinstance(target, RunPath):
                self._metadata.runs.get(tx, target.entity, "", target.run)
                self._metadata.tombstones.find_tombstones(tx, target.entity, "", target.run)
            else:
                self._metadata.projects.find_project(tx, target.entity, "")

    def reload(self) -> None:
        """Load the directory."""
        with self._loading:
            with self._metadata.snapshot() as tx:
                rows = self._metadata.directory.rows(tx)
            self.current = directory_of(rows)


def directory_of(rows: DirectoryRows) -> Directory:
    """The directory that rows of the metadata describe."""
    members: dict[str, dict[str, Role]] = {}
    for team, user, role in rows.members:
        members.setdefault(team, {})[user] = Role.parse(role)
    own_roles = _roles_by_project(rows.project_members)
    team_roles = _roles_by_project(rows.project_teams)
    settings = {
        (entity, project): (visibility, Role.parse(open_role))
        for entity, project, visibility, open_role in rows.projects
    }
    projects: dict[tuple[str, str], ProjectEntry] = {}
    for path in settings.keys() | own_roles.keys() | team_roles.keys():
        visibility, open_role = settings.get(path, ("private", Role.VIEWER))
        projects[path] = ProjectEntry(
            _visibility(visibility), open_role, own_roles.get(path, {}), team_roles.get(path, {})
        )
    keys = {row[0]: KeyEntry(*row[1:]) for row in rows.keys}
    return Directory(
        version=rows.version,
        local_owner=rows.local_owner,
        users={row[0]: UserEntry(*row) for row in rows.users},
        keys=keys,
        keys_by_id={key.row_id: key for key in keys.values()},
        teams={
            name: TeamEntry(members.get(name, {}), closed)
            for name, closed, is_trashed in rows.teams
            if not is_trashed
        },
        trashed_teams={
            name: TeamEntry(members.get(name, {}), closed)
            for name, closed, is_trashed in rows.teams
            if is_trashed
        },
        moved={(row[0], row[1]): (row[2], row[3]) for row in rows.moved},
        projects=projects,
        quotas={
            entity if project is None else f"{entity}/{project}": Quota(n_bytes, n_runs)
            for entity, project, n_bytes, n_runs in rows.quotas
        },
        has_public=any(entry.visibility == "public" for entry in projects.values()),
    )


def _roles_by_project(
    rows: Iterable[tuple[str, str, str, str]],
) -> dict[tuple[str, str], dict[str, Role]]:
    """Roles by entity and project, then by user or team."""
    roles: dict[tuple[str, str], dict[str, Role]] = {}
    for entity, project, name, role in rows:
        roles.setdefault((entity, project), {})[name] = Role.parse(role)
    return roles


def _visibility(text: str) -> Visibility:
    match text:
        case "restricted" | "open" | "public":
            return text
        case _:
            return "private"
