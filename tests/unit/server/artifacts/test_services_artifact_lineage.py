"""The graph of runs and versions: upstream what made a version, downstream what used it."""

from __future__ import annotations

import pytest

from service_artifacts import PROJECT, ArtifactLog
from weft.errors import ConfigError
from weft.server.services.access.actors import LOCAL, SYSTEM
from weft.server.services.access.paths import ProjectPath
from weft.server.services.artifacts import lineage
from weft.server.services.opening.services import Services
from weft.wire.artifacts.lineage import Lineage
from weft.wire.artifacts.registries import NewLink

Edge = tuple[str, str]


@pytest.fixture(autouse=True)
def runs(services: Services) -> None:
    """prepare → data → train → net → evaluate, and split, which uses `data`, too."""
    ArtifactLog(services, "prepare").log("data", {"d": b"0"})
    train = ArtifactLog(services, "train")
    train.use("local/mnist/data:v0")
    train.log("net", {"w": b"0"})
    evaluate = ArtifactLog(services, "evaluate")
    evaluate.use("local/mnist/net:latest")
    ArtifactLog(services, "split").use("local/mnist/data:v0")


def edges(graph: Lineage) -> set[Edge]:
    names = {node.id: node.name for node in graph.nodes}
    return {(names[edge.source], names[edge.target]) for edge in graph.edges}


MADE = {("prepare", "data"), ("data", "train"), ("train", "net")}


def test_a_version_s_graph_goes_both_ways_but_not_to_siblings(services: Services) -> None:
    graph = services.lineage.of_version(LOCAL, PROJECT, "net", "v0")
    assert edges(graph) == MADE | {("net", "evaluate")}
    assert {(node.kind, node.version) for node in graph.nodes} == {
        ("run", None),
        ("artifact", "v0"),
    }
    assert graph.is_complete
    data = services.lineage.of_version(LOCAL, PROJECT, "data", "v0")
    assert edges(data) == MADE | {("net", "evaluate"), ("data", "split")}


def test_a_run_s_graph(services: Services) -> None:
    graph = services.lineage.of_run(LOCAL, PROJECT.run("evaluate"))
    assert edges(graph) == MADE | {("net", "evaluate")}
    split = services.lineage.of_run(LOCAL, PROJECT.run("split"))
    assert edges(split) == {("prepare", "data"), ("data", "split")}


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (1, {("train", "net"), ("net", "evaluate")}),
        (2, {("data", "train"), ("train", "net"), ("net", "evaluate")}),
        (3, MADE | {("net", "evaluate")}),
    ],
)
def test_the_depth_counts_steps_and_more_is_told(
    services: Services, depth: int, expected: set[Edge]
) -> None:
    graph = services.lineage.of_version(LOCAL, PROJECT, "net", "v0", depth=depth)
    assert edges(graph) == expected
    assert graph.is_complete == (depth == 3)


@pytest.mark.parametrize("depth", [0, 101])
def test_a_depth_out_of_range_is_refused(services: Services, depth: int) -> None:
    with pytest.raises(ConfigError, match="depth must be 1 to 100"):
        services.lineage.of_run(LOCAL, PROJECT.run("train"), depth=depth)


def test_a_link_has_the_graph_of_its_version_which_names_the_link(services: Services) -> None:
    new = NewLink(target="registry/model/digits")
    services.artifacts.link(LOCAL, PROJECT, "net", "v0", new)
    models = ProjectPath("registry", "model")
    graph = services.lineage.of_version(LOCAL, models, "digits", "v0")
    assert edges(graph) == MADE | {("net", "evaluate")}
    links = {node.name: [link.name for link in node.links] for node in graph.nodes}
    assert (links["net"], links["data"]) == (["digits"], [])


def test_a_large_graph_is_cut_and_says_so(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MAX_LINEAGE", 3)
    graph = services.lineage.of_version(LOCAL, PROJECT, "net", "v0")
    assert (len(graph.nodes), graph.is_complete) == (3, False)


def test_projects_that_are_not_seen_are_left_out_with_what_they_lead_to(
    services: Services,
) -> None:
    services.users.add_user(LOCAL, "ada")
    ada = services.users.account(SYSTEM, "ada")
    assert ada is not None
    own = ArtifactLog(services, "own", project=ProjectPath("ada", "p"), actor=ada)
    own.log("kept", {"x": b"1"})
    hidden = ArtifactLog(services, "hidden", project=ProjectPath("local", "secret"))
    hidden.use("ada/p/kept:v0")
    hidden.log("result", {"x": b"2"})
    own.use("local/secret/result:v0")
    assert {node.name for node in services.lineage.of_run(LOCAL, own.path).nodes} == {
        "own", "kept", "hidden", "result",
    }  # fmt: skip
    seen = services.lineage.of_run(ada, own.path)
    assert {node.name for node in seen.nodes} == {"own", "kept"}
    assert edges(seen) == {("own", "kept")}
