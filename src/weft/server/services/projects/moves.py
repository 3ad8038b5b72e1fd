"""Moves of projects to another entity or name, one or many."""

from __future__ import annotations

from weft.errors import ConfigError, Conflict, NotFound, WeftError
from weft.records.ids import check_name
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import EntityPath, ProjectPath
from weft.server.services.access.permissions import SERVER, Action, require
from weft.server.services.projects.service import project_info
from weft.server.services.removal.moving_projects import (
    check_move,
    finish_project_moves,
    move_project,
)
from weft.server.services.stores.stores import Service
from weft.server.storage.metadata import Transaction
from weft.wire.projects.access import MovedProject, ProjectMove, ProjectMoveReport, ProjectMoves
from weft.wire.projects.projects import Project


class MoveService(Service):
    """Moves projects with all that they have; their old addresses lead to them. Thread-safe."""

    def move(self, actor: Actor, path: ProjectPath, move: ProjectMove) -> Project:
        """Move a project to another entity or name."""
        require(actor, Action.ADMIN, path)
        entity = path.entity if move.entity is None else actor.named(move.entity)
        name = path.project if move.project is None else check_name("project", move.project)
        to = ProjectPath(entity, name)
        self._check(actor, path, to)
        self._move(actor, [(path, to)])
        with self._stores.metadata.read() as tx:
            row = self._stores.metadata.projects.get(tx, *to)
        if row is None:
            raise NotFound(f"no project {to}")
        return project_info(actor, row)

    def move_many(self, actor: Actor, request: ProjectMoves) -> ProjectMoveReport:
        """Move projects to an entity, all or none; with `dry_run`, list what would be refused."""
        require(actor, Action.READ, SERVER)
        entity = actor.named(request.entity)
        paths = [_parse(actor, text) for text in dict.fromkeys(request.projects)]
        moves = [(path, ProjectPath(entity, path.project)) for path in paths]
        refusals = self._refusals(actor, moves)
        if not request.dry_run:
            if refusals:
                raise next(iter(refusals.values()))
            self._move(actor, moves)
        reasons = {path: str(error) for path, error in refusals.items()}
        return ProjectMoveReport(
            moves=[
                MovedProject(project=str(path), to=str(to), refusal=reasons.get(path))
                for path, to in moves
            ],
            is_moved=not request.dry_run,
        )

    def _refusals(
        self, actor: Actor, moves: list[tuple[ProjectPath, ProjectPath]]
    ) -> dict[ProjectPath, WeftError]:
        refusals: dict[ProjectPath, WeftError] = {}
        targets: dict[ProjectPath, ProjectPath] = {}
        with self._stores.metadata.read() as tx:
            for path, to in moves:
                try:
                    require(actor, Action.ADMIN, path)
                    self._check(actor, path, to)
                    check_move(self._stores, tx, path, to)
                    other = targets.setdefault(to, path)
                    if other != path:
                        raise Conflict(f"{other} has the same name: rename one of them first")
                except WeftError as error:
                    refusals[path] = error
        return refusals

    def _check(self, actor: Actor, path: ProjectPath, to: ProjectPath) -> None:
        """Check that the actor may move a project of theirs to a path.

        Projects of a closed team stay private or restricted, so that an open one can't be moved
        there.
        """
        if to == path:
            raise ConfigError(f"{path} has this entity and name already", field="project")
        require(actor, Action.WRITE, EntityPath(to.entity))
        people = self._stores.people.current
        if to.entity not in people.users and to.entity not in people.teams and not actor.may_all:
            raise NotFound(f"no user or team {to.entity!r}")
        team = people.teams.get(to.entity)
        visibility = people.project(*path).visibility
        if team is not None and team.is_closed and visibility in {"open", "public"}:
            raise Conflict(
                f"the team {to.entity} is closed, and {path} is {visibility}: make it private "
                "first"
            )

    def _move(self, actor: Actor, moves: list[tuple[ProjectPath, ProjectPath]]) -> None:
        stores = self._stores
        with stores.presence, stores.people.write() as tx:
            runs = {to: self._move_one(tx, actor, path, to) for path, to in moves}
        finish_project_moves(stores, moves, runs)

    def _move_one(
        self, tx: Transaction, actor: Actor, path: ProjectPath, to: ProjectPath
    ) -> list[str]:
        after = {"project": str(to)}
        self._stores.audit.note(tx, actor, "project.move", path.entity, path, None, after)
        return move_project(self._stores, tx, path, to)


def _parse(actor: Actor, text: str) -> ProjectPath:
    entity, slash, project = text.partition("/")
    if not slash or not project or "/" in project:
        raise ConfigError(f"projects: {text!r} is not an ENTITY/PROJECT", field="projects")
    return ProjectPath(actor.named(entity), project)
