"""Projects: list, inspect, create, describe, delete, restore."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from weft.errors import ConfigError, Conflict, NotFound
from weft.records.ids import check_name
from weft.records.limits import MAX_TEXT_BYTES
from weft.server.services.access.actors import Actor
from weft.server.services.access.locked import check_unlocked
from weft.server.services.access.paths import ProjectPath
from weft.server.services.access.permissions import (
    SERVER,
    Action,
    grant,
    may,
    project_roles,
    require,
)
from weft.server.services.access.roles import Role
from weft.server.services.artifacts.linking import check_unlinked
from weft.server.services.reading.similar_projects import similar_projects_warning
from weft.server.services.removal.deleting import lockers, locks_of_project, publish
from weft.server.services.removal.purging import purge_project
from weft.server.services.removal.trash import delete_trashed_project
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import PERMANENT, ProjectRow, Transaction
from weft.wire.projects.projects import Project, ProjectActivity, ProjectEdit, ProjectLocks

_DAY_MICROS: Final = 86_400_000_000


class ProjectService(Service):
    """Operations on projects."""

    def list(self, actor: Actor) -> builtins.list[Project]:
        """List the projects that the actor may see, most recently active first."""
        require(actor, Action.READ, SERVER)
        role_in, info = project_roles(actor), project_infos(actor)

        def visible(row_id: int, entity: str, project: str, *fields: Any) -> Project | None:
            role = role_in(entity, project)
            return None if role is None else info(role, row_id, entity, project, *fields)

        with self._stores.metadata.read() as tx:
            return self._stores.metadata.projects.list(tx, visible)

    def activity(self, actor: Actor, n_days: int) -> builtins.list[ProjectActivity]:
        """Count the runs created on each of the last `n_days` days, by project."""
        require(actor, Action.READ, SERVER)
        now = self._stores.now()
        with self._stores.metadata.read() as tx:
            counts = self._stores.metadata.projects.count_new_runs(
                tx, now - n_days * _DAY_MICROS, _DAY_MICROS
            )
        # After a clock was set back, runs can be dated in the future: they count for the last day.
        return [
            ProjectActivity(
                entity=entity,
                project=project,
                n_new_runs=[
                    sum(n for span, n in spans.items() if min(span, n_days - 1) == day)
                    for day in range(n_days)
                ],
            )
            for (entity, project), spans in counts.items()
            if may(actor, Action.READ, ProjectPath(entity, project))
        ]

    def get(self, actor: Actor, path: ProjectPath) -> Project:
        """Describe one project."""
        require(actor, Action.READ, path)
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.projects.get(tx, *path)
            if row is None:
                raise NotFound(f"no project {path}")
            warnings = [
                similar_projects_warning(self._stores.metadata, tx, actor, path),
                self._stores.room.nearly_full(tx, actor, path),
            ]
        return project_info(actor, row, [warning for warning in warnings if warning is not None])

    def put(self, actor: Actor, path: ProjectPath, edit: ProjectEdit) -> Project:
        """Create a project if it does not exist, and set its description."""
        require(actor, Action.WRITE, path)
        path.check()
        _check(edit)
        metadata = self._stores.metadata
        with metadata.write() as tx:
            project_id = metadata.projects.make(tx, *path, self._stores.now())
            self._describe(tx, actor, project_id, edit)
        return self.get(actor, path)

    def edit(self, actor: Actor, path: ProjectPath, edit: ProjectEdit) -> Project:
        """Set a project's description."""
        require(actor, Action.WRITE, path)
        _check(edit)
        with self._stores.metadata.write() as tx:
            project_id = self._stores.metadata.projects.find_project(tx, *path)
            if project_id is None:
                raise NotFound(f"no project {path}")
            self._describe(tx, actor, project_id, edit)
        return self.get(actor, path)

    def locks(self, actor: Actor, path: ProjectPath) -> ProjectLocks:
        """List what is locked in a project."""
        require(actor, Action.READ, path)
        metadata = self._stores.metadata
        with metadata.read() as tx:
            project_id = metadata.projects.find_project(tx, *path)
            if project_id is None:
                raise NotFound(f"no project {path}")
            return locks_of_project(metadata, tx, project_id)

    def delete(self, actor: Actor, path: ProjectPath, *, permanently: bool = False) -> None:
        """Move a project with its runs to the trash; each run leaves a tombstone.

        A new project may take its name at once. `permanently` deletes without the trash, or if no
        project has the name, the one in the trash that was deleted last; the space is freed before
        this returns. Conflict if a version of it is linked in a registry, or if something in it is
        locked.
        """
        require(actor, Action.ADMIN, path)
        stores = self._stores
        metadata = stores.metadata
        final = permanently or stores.trash_micros == 0
        with stores.presence:
            with metadata.write() as tx:
                project_id = metadata.projects.find_project(tx, *path)
                trashed = metadata.trash.find_project(tx, *path)
                runs: builtins.list[str] = []
                if project_id is not None:
                    check_unlinked(
                        actor, metadata.links.to_project(tx, project_id), f"an artifact of {path}"
                    )
                    locks = locks_of_project(metadata, tx, project_id)
                    check_unlocked(lockers(locks), f"project {path}")
                    runs = metadata.runs.ids_of_project(tx, project_id)
                    micros = PERMANENT if final else stores.now()
                    metadata.tombstones.add_project(tx, project_id, now_micros=stores.now())
                    metadata.trash.put_project(tx, project_id, micros)
                    stores.audit.note(
                        tx,
                        actor,
                        "project.purge" if final else "project.remove",
                        path.entity,
                        path,
                        before={"n_runs": len(runs)},
                    )
                    if stores.originals is not None:
                        paths = [path.run(run) for run in runs]
                        stores.originals.to_trash(paths)
                        if final:
                            stores.originals.remove(paths)
            stores.registry.forget_project(path)
        if project_id is not None:
            publish(stores, actor, path, runs)
            if final:
                purge_project(stores, project_id)
        elif not final or trashed is None:
            raise NotFound(f"no project {path}")
        elif delete_trashed_project(stores, trashed.row_id):
            stores.audit.note_alone(actor, "project.purge", path.entity, path)

    def undelete(self, actor: Actor, path: ProjectPath, *, name: str | None = None) -> Project:
        """Restore the most recently deleted project of this name, with its runs.

        With a new `name`, the old addresses of its runs redirect to the new ones; ConfigError if
        the runs come from a directory. Conflict if a new project has the name.
        """
        require(actor, Action.ADMIN, path)
        there = path if name is None else ProjectPath(path.entity, check_name("project", name))
        stores = self._stores
        metadata = stores.metadata
        if stores.originals is not None and there != path:
            raise ConfigError(
                f"runs of a directory stay in the project of their logs: {path.project}"
            )
        with stores.presence, metadata.write() as tx:
            trashed = metadata.trash.find_project(tx, *path)
            if trashed is None:
                raise NotFound(f"no project {path} in the trash")
            if metadata.projects.find_project(tx, *there) is not None:
                raise Conflict(f"there is a new project {there}: give the old one another name")
            runs = metadata.runs.ids_of_project(tx, trashed.row_id)
            if there == path:
                metadata.tombstones.remove_of_project(tx, trashed.row_id)
            else:
                metadata.tombstones.add_project(
                    tx, trashed.row_id, now_micros=stores.now(), as_moved=True
                )
            metadata.trash.restore_project(tx, trashed.row_id, there.project)
            stores.audit.note(tx, actor, "project.restore", there.entity, there)
            trashed_runs = metadata.trash.names(tx, trashed.row_id)
            if there != path:
                metadata.tombstones.add_runs(tx, *there, trashed_runs, now_micros=stores.now())
            if stores.originals is not None:
                paths = [path.run(run) for run in runs if run not in trashed_runs]
                stores.originals.from_trash(paths)
        if stores.originals is not None:
            stores.originals.look_again([path.run(run) for run in runs])
        publish(stores, actor, there, runs)
        return self.get(actor, there)

    def _describe(self, tx: Transaction, actor: Actor, project_id: int, edit: ProjectEdit) -> None:
        if edit.description is not msgspec.UNSET:
            self._stores.metadata.projects.describe(tx, project_id, edit.description)
            self._stores.activity.note(tx, project_id, actor.user, "project.describe")


def _check(edit: ProjectEdit) -> None:
    text = edit.description
    if isinstance(text, str) and len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise ConfigError(f"description must have at most {MAX_TEXT_BYTES} bytes")


def project_info(actor: Actor, row: ProjectRow, warnings: Sequence[str] = ()) -> Project:
    role = grant(actor, ProjectPath(row.entity, row.project)).role
    return project_infos(actor)(role, *row, warnings)


def project_infos(actor: Actor) -> Callable[..., Project]:
    """The function of a role and the fields of `ProjectRow` that describes a project."""
    teams = actor.people.current.teams

    def info(
        role: Role | None,
        _row_id: int,
        entity: str,
        project: str,
        description: str | None,
        created_micros: int,
        active_micros: int,
        n_runs: int,
        n_running: int,
        warnings: Sequence[str] = (),
    ) -> Project:
        team = teams.get(entity)
        return Project(
            entity=entity,
            project=project,
            description=description,
            created_micros=created_micros,
            active_micros=active_micros,
            n_runs=n_runs,
            n_running=n_running,
            role=None if role is None else role.text,
            is_closed=team is not None and team.is_closed,
            warnings=[*warnings],
        )

    return info
