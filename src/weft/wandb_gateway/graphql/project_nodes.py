"""Projects, and the lists of their runs."""

from __future__ import annotations

import json
from typing import Any

from weft.errors import ConfigError, Gone, NotFound
from weft.queries.filters import Filter
from weft.queries.orders import order_from_wandb
from weft.queries.wandb_filters import filter_from_wandb
from weft.server.services.access import ProjectPath
from weft.server.services.selecting import RunQuestion
from weft.wandb_gateway.graphql.artifact_nodes import (
    ArtifactNode,
    CollectionNode,
    MembershipNode,
    TypeNode,
    find_collection,
    find_membership,
    list_collections,
    list_types,
)
from weft.wandb_gateway.graphql.connections import (
    Connection,
    limit_of,
    no_page,
    offset_of,
    part_of,
)
from weft.wandb_gateway.graphql.request import Info, of
from weft.wandb_gateway.graphql.run_nodes import RunNode, list_runs
from weft.wandb_gateway.graphql.server_nodes import ProjectInfoNode, UserNode
from weft.wandb_gateway.graphql.sweep_nodes import SweepNode, find_sweep, list_sweeps
from weft.wandb_gateway.graphql.values import time_text
from weft.wire.projects import Project


class ProjectNode(ProjectInfoNode):
    """A project."""

    def __init__(self, found: Project) -> None:
        super().__init__(ProjectPath(found.entity, found.project))
        self.description = found.description
        self.access = "PRIVATE"
        self.views: str | None = None
        self.read_only = False
        self.is_benchmark = False
        self.created_at = time_text(found.created_micros)
        self.updated_at = time_text(max(found.active_micros, found.created_micros))
        self.allow_all_artifact_types_in_registry = True

    def user(self, _: Info) -> UserNode:
        return UserNode(self.entity_name)

    def run_count(self, info: Info, filters: str | None = None) -> int:
        question = RunQuestion(tree=read_filters(filters), limit=1)
        context = of(info)
        return context.services.runs.list(context.actor, self.path, question).total

    def runs(
        self,
        info: Info,
        filters: str | None = None,
        after: str | None = None,
        first: int | None = None,
        order: str | None = None,
    ) -> Connection[RunNode]:
        question = RunQuestion(
            tree=read_filters(filters),
            order=order_from_wandb(order or ""),
            limit=limit_of(first),
            offset=offset_of(after),
        )
        return list_runs(info, self.path, question)

    def run(self, info: Info, name: str, desc: str | None = None) -> RunNode | None:
        return find_run(info, self.path, name)

    def bucket(self, info: Info, name: str, missing_ok: bool | None = None) -> RunNode | None:
        found = find_run(info, self.path, name)
        if found is not None:
            of(info).starts.note_resume(found.path)
        return found

    def sweep(self, info: Info, sweep_name: str) -> SweepNode | None:
        return find_sweep(info, self.path, sweep_name)

    def sweeps(
        self,
        info: Info,
        after: str | None = None,
        first: int | None = None,
        filters: str | None = None,
    ) -> Connection[SweepNode]:
        return list_sweeps(info, self.path, after, first)

    def total_sweeps(self, info: Info) -> int:
        return list_sweeps(info, self.path, None, 1).total_count or 0

    def artifact(self, info: Info, name: str) -> ArtifactNode | None:
        found = self.artifact_collection_membership(info, name)
        return None if found is None else found.artifact(info)

    def artifact_type(self, info: Info, name: str) -> TypeNode | None:
        types = [edge.node for edge in list_types(info, self.path, None, 1000).edges]
        return next((one for one in types if one.name == name), None)

    def artifact_types(
        self,
        info: Info,
        include_all: bool | None = None,
        after: str | None = None,
        first: int | None = None,
    ) -> Connection[TypeNode]:
        return list_types(info, self.path, after, first)

    def artifact_collection(self, info: Info, name: str) -> CollectionNode | None:
        return find_collection(info, self.path, name)

    def artifact_collections(
        self, info: Info, after: str | None = None, first: int | None = None, **_: Any
    ) -> Connection[CollectionNode]:
        return list_collections(info, self.path, None, after, first)

    def artifact_collection_membership(self, info: Info, name: str) -> MembershipNode | None:
        collection, _, ref = name.rpartition("/")[2].partition(":")
        return find_membership(info, self.path, collection, ref)

    def all_views(self, _: Info, **__: Any) -> Connection[Any]:
        return no_page()

    def members(self, info: Info) -> list[dict[str, Any]]:
        return []

    def team_members(self, info: Info) -> list[dict[str, Any]]:
        return []


def find_project(info: Info, path: ProjectPath) -> ProjectNode | None:
    """A project; None if it is not found."""
    context = of(info)
    try:
        return ProjectNode(context.services.projects.get(context.actor, path))
    except (NotFound, Gone):
        return None


def find_run(info: Info, project: ProjectPath, name: str) -> RunNode | None:
    """A run of a project; None if it is not found or was deleted."""
    context = of(info)
    try:
        return RunNode(context.services.runs.get(context.actor, project.run(name)))
    except (NotFound, Gone):
        return None


def list_projects(
    info: Info, entity: str | None, after: str | None, first: int | None
) -> Connection[ProjectNode]:
    """The projects of an entity, newest activity first."""
    context = of(info)
    named = context.entity(entity)
    projects = context.services.projects.list(context.actor)
    context.work.add(len(projects))
    return part_of([ProjectNode(one) for one in projects if one.entity == named], after, first)


def read_filters(text: str | None) -> Filter | None:
    """A filter in W&B's form.

    Raises:
        FilterError: the filter is invalid.
        ConfigError: it is not JSON.
    """
    if not text:
        return None
    try:
        query = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"filters: not JSON: {error}", field="filters") from None
    return filter_from_wandb(query) if query else None
