"""Usage of entities by project, person and kind, and their quotas."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from msgspec import UNSET

from weft.errors import NotFound
from weft.server.services.access.actors import Actor
from weft.server.services.access.directory import NO_QUOTA, Quota
from weft.server.services.access.paths import EntityPath, ProjectPath
from weft.server.services.access.permissions import SERVER, Action, may, require
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import Transaction
from weft.wire.server.usage import EntityUsage, PersonUsage, ProjectUsage, QuotaEdit, WeekUsage

_N_WEEKS: Final = 26


class UsageService(Service):
    """Reports what entities take, and sets what they may take."""

    def get(self, actor: Actor, entity: str) -> EntityUsage:
        """Describe the usage of an entity, as far as the actor may see it."""
        require(actor, Action.READ, EntityPath(entity))
        return self._usage(actor, entity)

    def set_entity_quota(self, actor: Actor, entity: str, edit: QuotaEdit) -> EntityUsage:
        """Set the bytes and runs that an entity may have."""
        require(actor, Action.ADMIN, SERVER)
        self._set(actor, entity, None, edit)
        return self._usage(actor, entity)

    def set_project_quota(
        self, actor: Actor, project: ProjectPath, edit: QuotaEdit
    ) -> EntityUsage:
        """Set the bytes and runs that a project may have."""
        require(actor, Action.ADMIN, EntityPath(project.entity))
        self._set(actor, project.entity, project.project, edit)
        return self._usage(actor, project.entity)

    def _set(self, actor: Actor, entity: str, project: str | None, edit: QuotaEdit) -> None:
        owner = entity if project is None else f"{entity}/{project}"
        before = self._stores.people.current.quotas.get(owner, NO_QUOTA)
        after = Quota(
            before.n_bytes if edit.quota_bytes is UNSET else edit.quota_bytes,
            before.n_runs if edit.quota_runs is UNSET else edit.quota_runs,
        )
        with self._stores.people.write() as tx:
            if not self._stores.metadata.projects.set_quota(tx, entity, project, *after):
                raise NotFound(f"no {'entity' if project is None else 'project'} {owner}")
            self._stores.audit.note(
                tx, actor, "quota.change", entity, owner, before._asdict(), after._asdict()
            )

    def _usage(self, actor: Actor, entity: str) -> EntityUsage:
        stores = self._stores
        with stores.metadata.read() as tx:
            visible = {
                row_id: ProjectPath(entity, name)
                for row_id, name in stores.metadata.projects.of_entity(tx, entity)
                if may(actor, Action.READ, ProjectPath(entity, name))
            }
            projects = [self._project(tx, row_id, path) for row_id, path in visible.items()]
            people = [
                PersonUsage(user=user, n_runs=n_runs, file_bytes=n_bytes)
                for user, n_runs, n_bytes in stores.metadata.content_sizes.of_people(tx, visible)
            ]
            weeks = [
                WeekUsage(
                    start_micros=week.start_micros,
                    n_runs=week.n_runs,
                    file_bytes=week.of_runs,
                    artifact_bytes=week.of_artifacts,
                )
                for week in stores.metadata.content_sizes.of_weeks(
                    tx, visible, now_micros=stores.now(), n_weeks=_N_WEEKS
                )
            ]
            warning = stores.room.nearly_full(tx, actor, ProjectPath(entity, ""))
        quota = stores.room.quota_of(entity)
        # To others, the whole would tell the size of projects that they may not see.
        sees_all = may(actor, Action.ADMIN, EntityPath(entity))
        return EntityUsage(
            entity=entity,
            n_runs=sum(usage.n_runs for usage in projects),
            n_bytes=(
                stores.room.used_bytes([entity])[entity]
                if sees_all
                else sum(usage.n_bytes for usage in projects)
            ),
            quota_bytes=quota.n_bytes,
            quota_runs=quota.n_runs,
            warning=warning,
            projects=sorted(projects, key=lambda usage: (-usage.n_bytes, usage.project)),
            people=sorted(people, key=lambda usage: (-usage.file_bytes, -usage.n_runs)),
            weeks=weeks,
        )

    def _project(self, tx: Transaction, row_id: int, path: ProjectPath) -> ProjectUsage:
        contents = self._stores.metadata.content_sizes.of_project(tx, row_id)
        metric_bytes = 0
        with suppress(OSError):
            metric_bytes = self._stores.metrics.file_bytes(row_id)
        quota = self._stores.people.current.quotas.get(str(path), NO_QUOTA)
        return ProjectUsage(
            project=path.project,
            n_runs=self._stores.metadata.projects.count_runs(tx, *path),
            n_bytes=metric_bytes + sum(contents),
            metric_bytes=metric_bytes,
            file_bytes=contents.of_runs,
            artifact_bytes=contents.of_artifacts,
            trash_bytes=contents.of_trash,
            quota_bytes=quota.n_bytes,
            quota_runs=quota.n_runs,
        )
