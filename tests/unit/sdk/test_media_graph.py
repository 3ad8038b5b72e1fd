"""`weft.Graph` and its nodes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.sdk.media.graph import Graph, Node


def content(graph: Graph) -> Any:
    payload = graph.payloads()[""]
    assert (payload.folder, payload.extension) == ("graph", ".graph.json")
    return msgspec.json.decode(payload.buffers[0])


@given(st.lists(st.text(max_size=5), min_size=1, unique=True), st.data())
def test_nodes_and_edges_are_in_the_file(names: list[str], data: st.DataObject) -> None:
    graph = Graph("torch")
    for name in names:
        graph.add_node(id=name, class_name="Linear", size=(2, 3))
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(names), st.sampled_from(names))))
    for start, end in pairs:
        graph.add_edge(graph[start], graph[end])
    assert content(graph) == {
        "format": "torch",
        "nodes": [{"id": name, "class_name": "Linear", "size": [2, 3]} for name in names],
        "edges": [list(pair) for pair in pairs],
    }
    assert graph.reference({"": "p"}) == {
        "_type": "graph-file", "path": "p", "n_nodes": len(names),
    }  # fmt: skip


def test_a_node_gets_its_place_as_id() -> None:
    graph = Graph()
    graph.add_node(name="a")
    graph.add_node(Node(name="b", output_shape=[1, float("nan")], is_output=False))
    assert [node.id for node in graph.nodes] == [0, 1]
    assert content(graph)["format"] == "keras"
    assert content(graph)["nodes"][1]["is_output"] is False


def test_a_node_takes_over_attributes_of_another() -> None:
    first = Node(id=3, name="a", class_name="Conv2d")
    made = Node(name="b", node=first)
    assert (made.id, made.name, made.class_name) == (None, "b", "Conv2d")


def test_wrong_nodes_are_refused() -> None:
    graph = Graph()
    graph.add_node(id="a")
    with pytest.raises(ValueError, match="has a node 'a' already"):
        graph.add_node(id="a")
    with pytest.raises(ValueError, match="either a node or the arguments of one"):
        graph.add_node(Node(), id="b")
    with pytest.raises(KeyError):
        graph["b"]
