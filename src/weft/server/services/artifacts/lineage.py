"""The graph of runs and versions: the origins of a version, and its results."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from weft.errors import ConfigError
from weft.server.services.access.actors import Actor
from weft.server.services.access.paths import ProjectPath, RunPath, holder_of
from weft.server.services.access.permissions import Action, may, require
from weft.server.services.artifacts.describing import find_version, links_to, version_name
from weft.server.services.stores.stores import Service, Stores
from weft.server.storage.metadata import NodeRow, Transaction, UseRow
from weft.wire.artifacts.artifacts import ArtifactLink
from weft.wire.artifacts.lineage import MAX_LINEAGE, Lineage, LineageEdge, LineageNode

MAX_DEPTH = 100
"""Most steps from the requested version."""


class _Node(NamedTuple):
    kind: Literal["run", "artifact"]
    row_id: int

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.row_id}"


class LineageService(Service):
    """Reads the graph of runs and versions. Thread-safe."""

    def of_version(
        self, actor: Actor, project: ProjectPath, name: str, ref: str, *, depth: int = 10
    ) -> Lineage:
        """The graph around a version.

        Upstream it follows what made a version, downstream what used it; a step leads from a
        version to a run or back. Of a version of a registry it is the graph around what that
        points to. Runs and versions of projects that the actor may not see are left out, with all
        that only they lead to.
        """
        require(actor, Action.READ, holder_of(project))
        _check_depth(depth)
        with self._stores.metadata.read() as tx:
            row = find_version(self._stores, tx, project, name, ref)
            start = _Node("artifact", self._stores.metadata.links.source_id(tx, row.row_id))
            return self._around(actor, tx, start, depth)

    def of_run(self, actor: Actor, run: RunPath, *, depth: int = 10) -> Lineage:
        """The graph around a run: what led to all it used, and what came of all it logged."""
        require(actor, Action.READ, run)
        _check_depth(depth)
        entry = self._stores.find_run(run)
        with self._stores.metadata.read() as tx:
            return self._around(actor, tx, _Node("run", entry.row_id), depth)

    def _around(self, actor: Actor, tx: Transaction, start: _Node, depth: int) -> Lineage:
        walk = _Walk(self._stores, tx, actor)
        walk.add([start])
        walk.go([start], depth, is_upstream=True)
        walk.go([start], depth, is_upstream=False)
        return walk.result()


def _check_depth(depth: int) -> None:
    if not 1 <= depth <= MAX_DEPTH:
        raise ConfigError(f"depth must be 1 to {MAX_DEPTH}", field="depth")


class _Walk:
    def __init__(self, stores: Stores, tx: Transaction, actor: Actor) -> None:
        self._stores = stores
        self._uses = stores.metadata.artifact_uses
        self._tx = tx
        self._actor = actor
        self._nodes: dict[_Node, LineageNode] = {}
        self._edges: dict[tuple[_Node, _Node], None] = {}
        self._is_complete = True

    def result(self) -> Lineage:
        return Lineage(
            nodes=list(self._nodes.values()),
            edges=[
                LineageEdge(source=source.id, target=target.id) for source, target in self._edges
            ],
            is_complete=self._is_complete,
        )

    def go(self, begin: Iterable[_Node], depth: int, *, is_upstream: bool) -> None:
        """Add the nodes before, or after, some nodes."""
        at = set(begin)
        for _ in range(depth):
            edges = self._edges_at(at, is_upstream=is_upstream)
            following = {source if is_upstream else target for source, target in edges}
            self.add(node for node in following if node not in self._nodes)
            self._edges.update(
                (edge, None) for edge in edges if edge[0] in self._nodes and edge[1] in self._nodes
            )
            at = following & self._nodes.keys()
            if not at:
                return
        self._is_complete = self._is_complete and not self._edges_at(at, is_upstream=is_upstream)

    def add(self, nodes: Iterable[_Node]) -> None:
        new = sorted(set(nodes))
        room = MAX_LINEAGE - len(self._nodes)
        if len(new) > room:
            self._is_complete = False
            new = new[:room]
        by_kind: dict[str, list[int]] = {"run": [], "artifact": []}
        for node in new:
            by_kind[node.kind].append(node.row_id)
        links = links_to(self._stores, self._tx, self._actor, by_kind["artifact"])
        for row in self._uses.artifact_nodes(self._tx, by_kind["artifact"]):
            self._put(_Node("artifact", row.row_id), row, links.get(row.row_id, ()))
        for row in self._uses.run_nodes(self._tx, by_kind["run"]):
            self._put(_Node("run", row.row_id), row)

    def _put(self, node: _Node, row: NodeRow, links: Iterable[ArtifactLink] = ()) -> None:
        if may(self._actor, Action.READ, ProjectPath(row.entity, row.project)):
            self._nodes[node] = LineageNode(
                id=node.id,
                kind=node.kind,
                entity=row.entity,
                project=row.project,
                name=row.name,
                label=row.label,
                version=version_name(row.version),
                state=row.state,
                links=[*links],
            )

    def _edges_at(self, at: set[_Node], *, is_upstream: bool) -> list[tuple[_Node, _Node]]:
        """The edges that lead to some nodes, or away from them."""
        runs = [node.row_id for node in at if node.kind == "run"]
        artifacts = [node.row_id for node in at if node.kind == "artifact"]
        # Upstream of a run are the versions it used, of a version the run that logged it.
        of_runs, of_artifacts = ("use", "log") if is_upstream else ("log", "use")
        uses = [
            *(use for use in self._uses.of_runs(self._tx, runs) if use.action == of_runs),
            *(
                use
                for use in self._uses.of_artifacts(self._tx, artifacts)
                if use.action == of_artifacts
            ),
        ]
        return [_edge(use) for use in uses]


def _edge(use: UseRow) -> tuple[_Node, _Node]:
    run, version = _Node("run", use.run_row_id), _Node("artifact", use.artifact_id)
    return (run, version) if use.action == "log" else (version, run)
