"""Where `weft ui` puts the files of runs that are deleted: `DIR/.weft-ui/trash`. Does I/O.

The store of `weft ui` can be thrown away, and is then read anew from the directory. So a deleted
run would come back if its logs stayed where they are; and nobody's only copy is removed for good.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

from weft.errors import Unavailable
from weft.runlog.layout import logs_of
from weft.server.http.follow import Follower
from weft.server.services.actors import Actor
from weft.server.services.context import Stores
from weft.server.services.permissions import Action, ProjectPath, require
from weft.server.services.projects import ProjectService
from weft.server.services.types import RunPath

_PLACE: Final = Path(".weft-ui", "trash")


class Trash:
    """Takes what a followed directory holds of runs."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def take(self, runs: Iterable[RunPath]) -> None:
        """Move the directories of runs away; all of them, or none.

        Raises:
            Unavailable: they can't be moved.
        """
        trash = self._follower.root / _PLACE
        moved: list[tuple[Path, Path]] = []
        try:
            for run in runs:
                logs, others = self._follower.logs_of(run)
                for source, target in _moves(self._follower.root, trash, logs, others):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    source.rename(target)
                    moved.append((source, target))
        except OSError as error:
            for source, target in reversed(moved):
                target.rename(source)
            raise Unavailable(
                f"the run can't be deleted, its files can't be moved to {trash}: {error}"
            ) from error


class TrashingProjectService(ProjectService):
    """Projects of followed directories: with one all of its runs' files go."""

    def __init__(self, stores: Stores, trash: Trash) -> None:
        super().__init__(stores)
        self._trash = trash

    def delete(self, actor: Actor, entity: str, project: str) -> None:
        """See `ProjectService.delete`.

        Raises:
            Unavailable: the runs' directories can't be moved.
        """
        require(actor, Action.DELETE, ProjectPath(entity, project))
        project_id = self._stores.find_project(entity, project)
        with self._stores.metadata.read() as tx:
            runs = self._stores.metadata.runs.ids_of_project(tx, project_id)
        self._trash.take(RunPath(entity, project, run) for run in runs)
        super().delete(actor, entity, project)


def _moves(
    root: Path, trash: Path, logs: Collection[Path], others: Collection[Path]
) -> list[tuple[Path, Path]]:
    """What goes where: whole directories, but single logs where other runs' logs lie beside."""
    moves: list[tuple[Path, Path]] = []
    # The log of an edit made just now may not have been found yet; it is called like the others.
    names = {_run_of(log) for log in logs}
    for directory in sorted({log.parent for log in logs}):
        present = logs_of(directory)
        mine = [
            path
            for path in present
            if path in logs or (path not in others and _run_of(path) in names)
        ]
        place = _free(trash / directory.name)
        if len(mine) == len(present) and directory != root:
            moves.append((directory, place))
        else:
            moves += [(path, place / path.name) for path in mine]
    return moves


def _run_of(log: Path) -> str:
    """What logs of one run's writers have in common: `run-<id>`."""
    return log.stem.rpartition(".")[0]


def _free(path: Path) -> Path:
    """The path, or the next like it at which there is nothing."""
    number = 1
    found = path
    while os.path.lexists(found):
        number += 1
        found = path.with_name(f"{path.name}-{number}")
    return found
