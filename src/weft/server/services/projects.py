"""Projects: list, look at, delete."""

from __future__ import annotations

from weft.errors import NotFound
from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.permissions import SERVER, Action, ProjectPath, require
from weft.server.services.types import ProjectInfo
from weft.server.storage.metadata.projects import ProjectRow


class ProjectService:
    """What can be done with projects."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, actor: Actor) -> list[ProjectInfo]:
        """All projects that the actor may see, newest activity first."""
        require(actor, Action.READ, SERVER)
        with self._stores.metadata.read() as tx:
            return [_project_info(row) for row in self._stores.metadata.projects.list(tx)]

    def get(self, actor: Actor, entity: str, project: str) -> ProjectInfo:
        """One project.

        Raises:
            NotFound: there is none of that name.
        """
        require(actor, Action.READ, ProjectPath(entity, project))
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.projects.get(tx, entity, project)
        if row is None:
            raise NotFound(f"no project {entity}/{project}")
        return _project_info(row)

    def delete(self, actor: Actor, entity: str, project: str) -> None:
        """Delete a project and all of its runs; each run leaves a tombstone.

        Raises:
            NotFound: there is none of that name.
        """
        require(actor, Action.DELETE, ProjectPath(entity, project))
        stores = self._stores
        metadata = stores.metadata
        with metadata.write() as tx:
            project_id = metadata.projects.find(tx, entity, project)
            if project_id is None:
                raise NotFound(f"no project {entity}/{project}")
            runs = metadata.runs.ids_of_project(tx, project_id)
            metadata.tombstones.add_runs(
                tx, entity, project, runs, now_micros=stores.now(), purge_project_id=None
            )
            metadata.projects.delete(tx, project_id)
        stores.registry.forget_project(entity, project)
        # A kill before this leaves a file without a project, which the next start removes.
        stores.metrics.remove(project_id)
        for run in runs:
            stores.live.publish(actor, entity, project, run, meta=True)


def _project_info(row: ProjectRow) -> ProjectInfo:
    return ProjectInfo(
        entity=row.entity,
        project=row.project,
        created_micros=row.created_micros,
        active_micros=row.active_micros,
        n_runs=row.n_runs,
        n_running=row.n_running,
    )
