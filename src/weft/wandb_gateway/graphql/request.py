"""A request for GraphQL, and what its fields need to be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weft.records.files.artifacts import DEFAULT_REGISTRIES, MODEL_REGISTRY, REGISTRY_PREFIX
from weft.records.ids import DEFAULT_PROJECT, REGISTRY
from weft.server.services.access import Action, Actor, ProjectPath, RunPath, require
from weft.server.services.opening import Services
from weft.wandb_gateway.artifacts import Drafts, Versions
from weft.wandb_gateway.graphql.work import Work
from weft.wandb_gateway.reported_runs import ReportedRuns
from weft.wandb_gateway.reports.served import ServedReports
from weft.wandb_gateway.runs import HistoryFiles, RunStarts
from weft.wandb_gateway.runs.memory import Memories
from weft.wandb_gateway.signed_addresses import SignedAddresses


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A document, and what to run of it with which variables."""

    query: str
    operation: str | None
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Context:
    """The user, address and services of a request.

    `base_url` is the server's address, as the client wrote it; `client` the process of a run in
    shared mode. A field adds its work beyond its own value to `work`.
    """

    actor: Actor
    services: Services
    memories: Memories
    starts: RunStarts
    history_files: HistoryFiles
    versions: Versions
    drafts: Drafts
    reported_runs: ReportedRuns
    served_reports: ServedReports
    addresses: SignedAddresses
    base_url: str
    client: str | None
    version: str
    work: Work = field(default_factory=Work)

    def entity(self, name: str | None) -> str:
        """An entity's name. Defaults to the entity of the user who sent the request."""
        return self.actor.named(name) if name else self.actor.entity

    def project(self, entity: str | None, project: str | None) -> ProjectPath:
        """A project's path. Without an entity, the user's; without a name, the default project.

        A name that W&B gives registries, of any entity, names the registry here.
        """
        if project and project.startswith(REGISTRY_PREFIX):
            return ProjectPath(REGISTRY, project.removeprefix(REGISTRY_PREFIX))
        if project == MODEL_REGISTRY:
            return ProjectPath(REGISTRY, DEFAULT_REGISTRIES[0])
        return ProjectPath(self.entity(entity), project or DEFAULT_PROJECT)

    def link(self, method: str, kind: str, *names: str) -> str:
        """A signed address, with the rights of the one who asks.

        Forbidden if it is to upload into a run (its first three names) of a project that the actor
        may not log to.
        """
        if method == "PUT":
            require(self.actor, Action.LOG, RunPath(*names[:3]))
        return self.addresses.make(self.actor, self.base_url, method, kind, *names)
