"""A model's layers: names, kinds, shapes of outputs, sizes of parameters, edges. No I/O."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from weft.sdk.media.graph import Graph
from weft.sdk.watching.flow import Flow

FUNCTION: Final = "function"
"""The class of the nodes that stand for functions such as `+`, which are no layers."""


class LayerTable:
    """Collects the layers of a model in the order in which its next forward pass runs them.

    Before its end, `graph` is None.
    """

    def __init__(self, model: Any) -> None:
        self.graph: Graph | None = None
        self._torch: Any = import_module("torch")
        self._model: weakref.ref[Any] = weakref.ref(model)
        self._shapes: dict[str, Any] = {}
        self._flow: Flow | None = Flow(self._torch)
        self._handles: list[Any] = []
        try:
            for name, layer in _layers_of(self._torch, model, ""):
                self._hook(layer, name)
            self._hook(model, None)
        except RuntimeError:  # a compiled script takes no hooks
            self.finish()

    def finish(self) -> None:
        """Make the table of what is known by now, and remove the hooks."""
        for handle in self._handles:
            handle.remove()
        self._handles = []
        model = self._model()
        if model is not None and self.graph is None:
            self.graph = _table_of(self._torch, model, self._shapes, self._flow)
        self._flow = None

    def before(self, name: str | None, inputs: Any) -> None:
        """Take note of a layer's inputs, or with None that the model's forward pass begins."""
        if self._flow is None:
            return
        try:
            if name is None:
                self._flow.begin()
            else:
                self._flow.enter(name, inputs)
        except Exception:  # noqa: BLE001  never into the user's training: the table has no edges
            self._flow = None

    def after(self, name: str | None, output: Any) -> None:
        """Take note of a layer's output, or with None of the end of the model's forward pass."""
        if name is None:
            self.finish()
            return
        self._shapes.setdefault(name, _shape_of(output))
        if self._flow is not None:
            try:
                self._flow.leave(name, output)
            except Exception:  # noqa: BLE001  as above
                self._flow = None

    def _hook(self, layer: Any, name: str | None) -> None:
        before = layer.register_forward_pre_hook(_BeforeHook(self, name), with_kwargs=True)
        self._handles += [before, layer.register_forward_hook(_AfterHook(self, name))]


class _Hook:
    """A hook that a copy of the model does not have, and that pickle leaves out."""

    def __init__(self, table: LayerTable, name: str | None) -> None:
        self._table = table
        self._name = name

    def is_compiling(self) -> bool:
        """Whether the call is traced by `torch.compile`, with tensors that have no values."""
        return self._table._torch.compiler.is_compiling()  # noqa: SLF001

    def __reduce__(self) -> tuple[type[_NoHook], tuple[()]]:
        return _NoHook, ()


class _BeforeHook(_Hook):
    def __call__(self, _layer: Any, inputs: Any, named: Any) -> None:
        if not self.is_compiling():
            self._table.before(self._name, (inputs, named))


class _AfterHook(_Hook):
    def __call__(self, _layer: Any, _inputs: Any, output: Any) -> None:
        if not self.is_compiling():
            self._table.after(self._name, output)


class _NoHook:
    """The replacement of a `_Hook` in a copy of the model."""

    def __call__(self, _layer: Any, _inputs: Any, _output: Any) -> None:
        return None


def _layers_of(torch: Any, module: Any, above: str) -> Iterator[tuple[str, Any]]:
    """Yield a model's children; containers of modules are replaced by theirs, as in W&B."""
    containers = (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ModuleDict)
    for name, child in module.named_children():
        if isinstance(child, containers):
            yield from _layers_of(torch, child, f"{above}{name}.")
        else:
            yield f"{above}{name}", child


def _table_of(torch: Any, model: Any, shapes: dict[str, Any], flow: Flow | None) -> Graph:
    layers = dict(_layers_of(torch, model, ""))
    graph = Graph("torch")
    for name in [*shapes, *(name for name in layers if name not in shapes)]:
        layer = layers.get(name)
        if layer is None:
            continue  # it was removed since
        parameters = [*layer.named_parameters()]
        graph.add_node(
            id=name,
            name=name,
            class_name=f"{type(layer).__name__}({layer.extra_repr()})",
            parameters=[[key, [*parameter.shape]] for key, parameter in parameters],
            output_shape=shapes.get(name),
            num_parameters=[int(parameter.numel()) for _, parameter in parameters],
        )
    if flow is not None:
        for function, name in flow.functions.items():
            graph.add_node(id=function, name=name, class_name=FUNCTION)
        for source, target in flow.edges:
            if source in graph.nodes_by_id and target in graph.nodes_by_id:
                graph.add_edge(graph[source], graph[target])
    return graph


def _shape_of(output: Any) -> Any:
    """Return the shapes of an output, nested as it is.

    >>> class Tensor: shape = (2, 3)
    >>> _shape_of((Tensor(), {"a": Tensor()}, None))
    [[2, 3], {'a': [2, 3]}, None]
    """
    if hasattr(output, "shape"):
        return [int(length) for length in output.shape]
    if isinstance(output, dict):
        named: dict[Any, Any] = output
        return {str(key): _shape_of(inner) for key, inner in named.items()}
    if isinstance(output, (list, tuple)):
        listed: Any = output
        return [_shape_of(inner) for inner in listed]
    return None
