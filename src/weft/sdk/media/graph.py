"""Graphs of models: nodes with names, shapes and sizes, and edges between them. Reads files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, cast

import msgspec

from weft.records.value import json_safe
from weft.sdk.media.media import Media, Payload


class Node:
    """A node of a `Graph`, such as a layer.

    Args:
        id: its name among the nodes of the graph. Defaults to its place.
        name: the text that is shown.
        class_name: the kind of layer.
        size: its size, as a sequence.
        parameters: names and shapes of its parameters.
        output_shape: the shape of its output.
        is_output: whether it is an output of the model.
        num_parameters: the number of values in each of its parameters.
        node: another node whose attributes this one takes over, except the id.

    Attributes:
        attributes: all that are given, by name.

    >>> Node(id="a", name="conv1", class_name="Conv2d").attributes
    {'id': 'a', 'name': 'conv1', 'class_name': 'Conv2d'}
    """

    def __init__(
        self,
        id: Any = None,  # noqa: A002  W&B's name
        name: str | None = None,
        class_name: str | None = None,
        size: Sequence[int] | None = None,
        parameters: Sequence[Any] | None = None,
        output_shape: Any = None,
        is_output: bool | None = None,
        num_parameters: Any = None,
        node: Node | None = None,
    ) -> None:
        attributes = {
            "id": id,
            "name": name,
            "class_name": class_name,
            "size": None if size is None else [*size],
            "parameters": parameters,
            "output_shape": output_shape,
            "is_output": is_output,
            "num_parameters": num_parameters,
        }
        inherited = {} if node is None else {key: node.attributes[key] for key in node.attributes}
        inherited.pop("id", None)
        self.attributes: dict[str, Any] = inherited | {
            key: value for key, value in attributes.items() if value is not None
        }

    @property
    def id(self) -> Any:
        """The node's name among the nodes of its graph. None outside a graph, if not given."""
        return self.attributes.get("id")

    @property
    def name(self) -> str | None:
        """The text that is shown."""
        return self.attributes.get("name")

    @property
    def class_name(self) -> str | None:
        """The kind of layer."""
        return self.attributes.get("class_name")

    @classmethod
    def from_keras(cls, layer: Any) -> Node:
        """Make a node of a layer of Keras.

        Its `num_parameters` is missing if the layer is not built.
        """
        return cls(
            id=layer.name,
            name=layer.name,
            class_name=type(layer).__name__,
            output_shape=_output_shape(layer),
            num_parameters=_count_of_parameters(layer),
        )

    def __repr__(self) -> str:
        return repr(self.attributes)


class Edge:
    """An edge of a `Graph`.

    Args:
        from_node: its source.
        to_node: its target.
    """

    def __init__(self, from_node: Node, to_node: Node) -> None:
        self.from_node = from_node
        self.to_node = to_node

    def __repr__(self) -> str:
        return f"Edge({self.from_node.id!r}, {self.to_node.id!r})"


class Graph(Media):
    """A graph of nodes to log, such as the layers of a model.

    Args:
        format: who made it, such as "keras" or "torch"; it is stored.

    Attributes:
        nodes: in the order in which they were added.
        nodes_by_id: the same by their ids.
        edges: in the order in which they were added.

    >>> graph = Graph()
    >>> edge = graph.add_edge(graph.add_node(id="in"), graph.add_node(id="out"))
    >>> graph.edges, graph["in"]
    ([Edge('in', 'out')], {'id': 'in'})
    """

    _log_type: ClassVar[str] = "graph-file"

    def __init__(self, format: str = "keras") -> None:  # noqa: A002  W&B's name
        super().__init__()
        self.format = format
        self.nodes: list[Node] = []
        self.nodes_by_id: dict[Any, Node] = {}
        self.edges: list[Edge] = []

    @classmethod
    def from_stored(cls, file: Path | str, reference: Mapping[str, Any]) -> Graph:
        del reference
        content = msgspec.json.decode(Path(file).read_bytes())
        graph = cls(content["format"])
        for attributes in content["nodes"]:
            node = Node()
            node.attributes |= attributes
            graph.add_node(node)
        for from_id, to_id in content["edges"]:
            graph.add_edge(graph[from_id], graph[to_id])
        return graph

    @classmethod
    def from_keras(cls, model: Any) -> Graph:
        """Make the graph of a Keras model: its layers, and which of them feed which.

        Args:
            model: a built model of Keras 2 or 3: sequential or functional. The layers of other
                models have no edges. Models inside are one node each.

        Raises:
            TypeError: it has no layers.
        """
        layers = getattr(model, "layers", None)
        if layers is None:
            raise TypeError(f"a model of Keras is expected, not {type(model).__name__}")
        network = getattr(model, "_functional", None) or model  # Keras 3's Sequential wraps one
        by_depth: Mapping[Any, Sequence[Any]] = getattr(network, "_nodes_by_depth", None) or {}
        # A layer may be in other models, too: only its calls in this one count.
        calls = {id(call) for calls_at_depth in by_depth.values() for call in calls_at_depth}
        graph = cls()
        linked: set[tuple[Any, Any]] = set()
        for layer in layers:
            graph._layer_node(layer)
            for call in getattr(layer, "_inbound_nodes", ()):
                if calls and id(call) not in calls:
                    continue
                for source in _layers_before(call):
                    ends = (source.name, layer.name)
                    if ends not in linked:
                        linked.add(ends)
                        graph.add_edge(graph._layer_node(source), graph._layer_node(layer))
        return graph

    def _layer_node(self, layer: Any) -> Node:
        """Return the node of a layer, a new one if it has none."""
        return self.nodes_by_id.get(layer.name) or self.add_node(Node.from_keras(layer))

    def __getitem__(self, node_id: Any) -> Node:
        return self.nodes_by_id[node_id]

    def add_node(self, node: Node | None = None, **attributes: Any) -> Node:
        """Add a node and return it.

        Args:
            node: the node.
            attributes: the arguments of `Node` instead.

        Raises:
            ValueError: both are given, or the graph has a node of that id.
        """
        if node is None:
            node = Node(**attributes)
        elif attributes:
            raise ValueError("add_node() takes either a node or the arguments of one")
        node_id = node.attributes.setdefault("id", len(self.nodes))
        if node_id in self.nodes_by_id:
            raise ValueError(f"the graph has a node {node_id!r} already")
        self.nodes.append(node)
        self.nodes_by_id[node_id] = node
        return node

    def add_edge(self, from_node: Node, to_node: Node) -> Edge:
        """Add an edge between two nodes and return it."""
        edge = Edge(from_node, to_node)
        self.edges.append(edge)
        return edge

    def payloads(self) -> dict[str, Payload]:
        """See `Media.payloads`. The graph is stored as it is now."""
        content = {
            "format": self.format,
            "nodes": [json_safe(node.attributes) for node in self.nodes],
            "edges": [[edge.from_node.id, edge.to_node.id] for edge in self.edges],
        }
        buffers = [msgspec.json.encode(content)]
        return {"": Payload("graph", ".graph.json", "bytes", buffers=buffers)}

    def reference(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """See `Media.reference`. It has the number of nodes, too."""
        return super().reference(paths) | {"n_nodes": len(self.nodes)}


def _output_shape(layer: Any) -> Any:
    shape = getattr(layer, "output_shape", None)  # Keras 2
    if shape is None:
        try:
            shape = layer.output.shape
        except (AttributeError, ValueError, RuntimeError):
            return ["multiple"]  # as W&B writes it: none, or one for each call
    return [*shape] if isinstance(shape, tuple) else shape


def _count_of_parameters(layer: Any) -> int | None:
    try:
        return int(layer.count_params())
    except (AttributeError, ValueError):
        return None


def _layers_before(call: Any) -> list[Any]:
    """Return the layers whose outputs a call of a layer takes."""
    if hasattr(call, "parent_nodes"):  # Keras 3
        return [parent.operation for parent in call.parent_nodes]
    return _flat(getattr(call, "inbound_layers", ()))


def _flat(layers: Any) -> list[Any]:
    if isinstance(layers, (list, tuple)):
        return [layer for inner in cast("Sequence[Any]", layers) for layer in _flat(inner)]
    return [layers]
