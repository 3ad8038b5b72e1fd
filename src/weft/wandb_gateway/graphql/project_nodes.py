"""Projects, and the lists of their runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from weft.errors import ConfigError, Gone, NotFound
from weft.queries.filters import Filter
from weft.queries.orders import order_from_wandb
from weft.queries.wandb_filters import filter_from_wandb
from weft.records.ids import REGISTRY
from weft.server.services.access import ProjectPath, RegistryPath
from weft.server.services.selecting import RunSelection
from weft.wandb_gateway.graphql.artifacts.project_artifacts import ProjectArtifacts
from weft.wandb_gateway.graphql.connections import (
    Connection,
    limit_of,
    offset_of,
    part_of,
)
from weft.wandb_gateway.graphql.request import Context
from weft.wandb_gateway.graphql.run_nodes import RunNode, list_runs
from weft.wandb_gateway.graphql.server_nodes import EntityNode, UserNode
from weft.wandb_gateway.graphql.sweep_nodes import SweepNode, find_sweep, list_sweeps
from weft.wandb_gateway.graphql.values import time_text
from weft.wandb_gateway.graphql.view_nodes import REPORT, list_views
from weft.wandb_gateway.ids import user_id
from weft.wire.artifacts.registries import VIEWER, Registry
from weft.wire.projects.projects import Project

RESTRICTED: Final = "RESTRICTED"
TO_ALL: Final = "PRIVATE"
"""W&B's words for a registry of named members, and for one of all users."""


class ProjectNode(ProjectArtifacts):
    def __init__(self, project: Project) -> None:
        super().__init__(ProjectPath(project.entity, project.project))
        self.description = project.description
        self.access = "PRIVATE"
        self.views: str | None = None
        self.read_only = False
        self.is_benchmark = False
        self.created_at = time_text(project.created_micros)
        self.updated_at = time_text(max(project.active_micros, project.created_micros))
        self.allow_all_artifact_types_in_registry = True

    def user(self, _: Context) -> UserNode:
        return UserNode(self.entity_name)

    def run_count(self, context: Context, filters: str | None = None) -> int:
        selection = RunSelection(tree=read_filters(filters), limit=1)
        return context.services.runs.list(context.actor, self.path, selection).total

    def runs(
        self,
        context: Context,
        filters: str | None = None,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
    ) -> Connection[RunNode]:
        selection = RunSelection(
            tree=read_filters(filters),
            order=order_from_wandb(order or ""),
            limit=limit_of(first),
            offset=offset_of(after),
        )
        return list_runs(context, self.path, selection)

    def run(self, context: Context, name: str, desc: str | None = None) -> RunNode | None:
        return find_run(context, self.path, name)

    def bucket(
        self, context: Context, name: str, missing_ok: bool | None = None
    ) -> RunNode | None:
        run = find_run(context, self.path, name)
        if run is not None:
            context.starts.note_resume(run.path)
        return run

    def sweep(self, context: Context, sweep_name: str) -> SweepNode | None:
        return find_sweep(context, self.path, sweep_name)

    def sweeps(
        self,
        context: Context,
        after: str | None = None,
        first: int | None = None,
        filters: str | None = None,
    ) -> Connection[SweepNode]:
        return list_sweeps(context, self.path, after, first)

    def total_sweeps(self, context: Context) -> int:
        return list_sweeps(context, self.path, None, 1).total_count or 0

    def all_views(
        self,
        context: Context,
        view_type: str | None = None,
        view_name: str | None = None,
        user_name: str | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Any]:
        return list_views(context, self.path, view_type or REPORT, view_name, after, first)

    def members(self, context: Context) -> list[dict[str, Any]]:
        return _members(context.services.access.get(context.actor, self.path).members)

    def team_members(self, context: Context) -> list[dict[str, Any]]:
        return _team_members(context.services.access.get(context.actor, self.path).teams)


class RegistryNode(ProjectArtifacts):
    """A registry, which W&B has as a project."""

    allow_all_artifact_types_in_registry: Final = True

    def __init__(self, registry: Registry) -> None:
        super().__init__(ProjectPath(REGISTRY, registry.name))
        self._registry = registry
        self.description = registry.description or None
        self.created_at = time_text(registry.created_micros)
        self.updated_at = self.created_at
        self.access = RESTRICTED if registry.visibility == "restricted" else TO_ALL
        # As the client asks before it changes what a link points to.
        self.read_only = registry.role == VIEWER

    def members(self, _: Context) -> list[dict[str, Any]]:
        return _members(self._registry.members)

    def team_members(self, _: Context) -> list[dict[str, Any]]:
        return _team_members(self._registry.teams)


def _members(roles: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {"id": user_id(user), "name": user, "username": user, "role": {"name": role}}
        for user, role in roles.items()
    ]


def _team_members(roles: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"team": EntityNode(team), "role": {"name": role}} for team, role in roles.items()]


def find_project(context: Context, path: ProjectPath) -> ProjectNode | RegistryNode | None:
    """A project, or a registry; None if it is not found."""
    try:
        if path.entity == REGISTRY:
            registry = context.services.registries.get(context.actor, RegistryPath(path.project))
            return RegistryNode(registry)
        return ProjectNode(context.services.projects.get(context.actor, path))
    except (NotFound, Gone):
        return None


def find_run(context: Context, project: ProjectPath, name: str) -> RunNode | None:
    """A run of a project; None if it is not found or was deleted."""
    try:
        return RunNode(context.services.runs.get(context.actor, project.run(name)))
    except (NotFound, Gone):
        return None


def list_projects(
    context: Context, entity: str | None, after: str | None, first: int | None
) -> Connection[ProjectNode]:
    """The projects of an entity, newest activity first."""
    named = context.entity(entity)
    projects = context.services.projects.list(context.actor)
    context.work.add(len(projects))
    return part_of(
        [ProjectNode(project) for project in projects if project.entity == named], after, first
    )


def read_filters(text: str | None) -> Filter | None:
    """A filter in W&B's form."""
    if not text:
        return None
    try:
        query = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"filters: not JSON: {error}", field="filters") from None
    return filter_from_wandb(query) if query else None
