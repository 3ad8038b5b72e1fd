"""Moves whole projects to another entity, or renames them. Their old addresses lead to them.

All of a project refers to its row id (its runs, artifacts, views, sweeps and metric file), so that
one transaction of metadata moves it. Tombstones are found by path: those of deleted runs move
along, and each run leaves one at its old path, so that uploads for it arrive even if another
project takes the name later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from weft.errors import Conflict, NotFound
from weft.records.ids import REGISTRY
from weft.server.services.access.actors import SYSTEM
from weft.server.services.access.paths import ProjectPath
from weft.server.services.removal.deleting import publish, wake
from weft.server.services.stores.stores import Stores
from weft.server.storage.metadata import Transaction


def finish_project_moves(
    stores: Stores,
    moves: Iterable[tuple[ProjectPath, ProjectPath]],
    runs: Mapping[ProjectPath, Sequence[str]],
) -> None:
    """Have memory and pages follow moves that were committed; `runs` by new path."""
    for path, to in moves:
        live = [entry.path.run for entry in stores.registry.entries() if entry.path[:2] == path]
        stores.registry.forget_project(path)
        stores.registry.forget_project(to)
        for run in live:
            wake(stores, to.run(run))
        publish(stores, SYSTEM, path, runs[to])
        publish(stores, SYSTEM, to, runs[to])


def check_move(stores: Stores, tx: Transaction, path: ProjectPath, to: ProjectPath) -> int:
    """The row id of a project that can be moved to a path.

    NotFound if it does not exist, Conflict if there is a project at the new path, or if runs come
    from a directory.
    """
    to.check()
    projects = stores.metadata.projects
    if stores.originals is not None:
        raise Conflict("runs of a directory stay in the project that their logs name")
    if REGISTRY in {path.entity, to.entity}:
        raise Conflict("a registry is no project, and can't be moved")
    project_id = projects.find_project(tx, *path)
    if project_id is None:
        raise NotFound(f"no project {path}")
    if projects.find_project(tx, *to) is not None:
        raise Conflict(f"there is a project {to} already: choose another name")
    return project_id


def move_project(stores: Stores, tx: Transaction, path: ProjectPath, to: ProjectPath) -> list[str]:
    """Move a project in a transaction, and return the ids of its runs. Errors as of `check_move`.

    The caller holds `presence`, and calls `finish_project_moves` after the commit.
    """
    metadata = stores.metadata
    project_id = check_move(stores, tx, path, to)
    runs = metadata.runs.ids_of_project(tx, project_id)
    metadata.tombstones.move_project(tx, project_id, *path, *to)
    metadata.tombstones.add_project(tx, project_id, now_micros=stores.now(), as_moved=True)
    metadata.artifact_uses.move_awaited(tx, *path, *to)
    metadata.projects.move(tx, project_id, *path, *to, stores.now())
    return runs
