"""`weft.Graph` and its nodes."""

from __future__ import annotations

from types import SimpleNamespace
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
    taken_node = Node(name="b", node=first)
    assert (taken_node.id, taken_node.name, taken_node.class_name) == (None, "b", "Conv2d")


def test_wrong_nodes_are_refused() -> None:
    graph = Graph()
    graph.add_node(id="a")
    with pytest.raises(ValueError, match="has a node 'a' already"):
        graph.add_node(id="a")
    with pytest.raises(ValueError, match="either a node or the arguments of one"):
        graph.add_node(Node(), id="b")
    with pytest.raises(KeyError):
        graph["b"]


class Dense:
    """A layer as Keras has them, of the version that its calls are of."""

    def __init__(self, name: str, n_parameters: int | None = 0, **attributes: Any) -> None:
        self.name = name
        self._n_parameters = n_parameters
        self._inbound_nodes: list[Any] = []
        for key, value in attributes.items():
            setattr(self, key, value)

    def count_params(self) -> int:
        if self._n_parameters is None:
            raise ValueError("the layer is not built")
        return self._n_parameters


def model_of(version: int, edges: list[tuple[Dense, Dense]], **attributes: Any) -> Any:
    """A model of Keras 2 or 3: each pair is a call of the second layer with the first's output."""
    layers = list(dict.fromkeys(layer for pair in edges for layer in pair))
    calls: list[Any] = []
    for source, layer in edges:
        if version == 2:
            call = SimpleNamespace(inbound_layers=[[source]])
        else:
            call = SimpleNamespace(parent_nodes=[SimpleNamespace(operation=source)])
        layer._inbound_nodes.append(call)
        calls.append(call)
    return SimpleNamespace(layers=layers[::-1], _nodes_by_depth={0: calls}, **attributes)


@pytest.mark.parametrize("version", [2, 3])
def test_a_model_of_keras_becomes_a_graph(version: int) -> None:
    shape = (None, 4)
    shaped = {"output_shape": shape}
    if version == 3:
        shaped = {"output": SimpleNamespace(shape=shape)}
    start, left, right = Dense("in"), Dense("a", 36, **shaped), Dense("b", None)
    model_of(version, [(right, left)])  # another model with these layers
    model = model_of(version, [(start, left), (start, right), (left, right), (left, right)])
    graph = Graph.from_keras(model)
    assert graph.format == "keras"
    assert {(edge.from_node.name, edge.to_node.name) for edge in graph.edges} == {
        ("in", "a"), ("in", "b"), ("a", "b"),
    }  # fmt: skip
    assert len(graph.edges) == len(graph.nodes) == 3
    assert graph["a"].attributes == {
        "id": "a", "name": "a", "class_name": "Dense", "output_shape": [None, 4],
        "num_parameters": 36,
    }  # fmt: skip
    assert graph["b"].attributes["output_shape"] == ["multiple"]
    assert "num_parameters" not in graph["b"].attributes
    assert len(content(graph)["nodes"]) == 3


def test_a_sequential_model_of_keras_3_has_its_calls_inside() -> None:
    first, second = Dense("first"), Dense("second")
    inner = model_of(3, [(first, second)])
    model = SimpleNamespace(layers=[first, second], _functional=inner)
    assert [repr(edge) for edge in Graph.from_keras(model).edges] == ["Edge('first', 'second')"]
    with pytest.raises(TypeError, match="a model of Keras is expected, not int"):
        Graph.from_keras(3)
