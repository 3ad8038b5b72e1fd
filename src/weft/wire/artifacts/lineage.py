"""Lineage: the graph of runs and versions of artifacts."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta, Struct

from weft.wire.artifacts.artifacts import ArtifactLink
from weft.wire.choices import one_of
from weft.wire.endpoint import Endpoints

MAX_LINEAGE: Final = 2000
"""Most runs and versions in one answer about lineage."""

Depth = Annotated[int, Meta(ge=1, le=100, description="steps from a version to a run, or back")]


class LineageNode(Struct, frozen=True, kw_only=True):
    """A run or a version in the graph of which run made and used what."""

    id: Annotated[str, Meta(description="of this node in this answer")]
    kind: Annotated[str, one_of("run", "artifact")]
    entity: str
    project: str
    name: Annotated[str, Meta(description="the run's id, or the collection's name")]
    label: Annotated[str, Meta(description="the run's name, or the collection's type")]
    version: Annotated[str | None, Meta(description="null for a run")]
    state: str
    links: Annotated[
        list[ArtifactLink], Meta(description="the versions of registries that point to it")
    ] = []


class LineageEdge(Struct, frozen=True, kw_only=True):
    """An edge from what was there to what came of it: version → run, or run → version."""

    source: str
    target: str


class Lineage(Struct, frozen=True, kw_only=True):
    """The runs and versions that a version came from, and those that came of it."""

    nodes: list[LineageNode]
    edges: list[LineageEdge]
    is_complete: Annotated[
        bool, Meta(description=f"false: there is more, only {MAX_LINEAGE} nodes are listed")
    ]


_project = Endpoints("/api/v1/projects/{entity}/{project}", tag="artifacts")


@_project.get("/artifacts/{artifact}/versions/{version}/lineage")
def get_lineage(
    entity: str, project: str, artifact: str, version: str, *, depth: Depth = 10
) -> Lineage:
    """Return the runs and versions that a version came from, and those that came of it."""


@_project.get("/runs/{run}/lineage")
def get_run_lineage(entity: str, project: str, run: str, *, depth: Depth = 10) -> Lineage:
    """Return the runs and versions that all that a run used came from, and what came of it."""
