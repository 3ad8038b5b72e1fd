"""The connections between layers of a PyTorch model, traced in one forward pass. No I/O.

A layer's input is traced to the layers that it comes from in two ways:

- it is the very tensor that another layer returned;
- its autograd graph leads back, through functions such as `+` and `torch.cat`, to such tensors.

Names of layers are kept in the metadata of autograd nodes, which are freed with the graph of the
pass, and tensors are referred to weakly. So nothing of the pass outlives it, even if it fails.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

MOST_VISITED: Final = 100_000
"""Autograd nodes that are visited in one pass. Beyond, inputs are not traced through functions."""

_NUMBERED: Final = re.compile(r"(Backward)?\d*$")


class Flow:
    """The edges between layers, as pairs of ids, each once, in the order in which they occur.

    `functions` are names of those that join what comes from several layers.
    """

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self.begin()

    def begin(self) -> None:
        """Forget an earlier pass: a new one begins."""
        self.edges: dict[tuple[str, str], None] = {}
        self.functions: dict[str, str] = {}
        self._mark = object()
        self._tensors: dict[int, tuple[weakref.ref[Any], int, str]] = {}
        self._n_visited = 0
        self._thread = threading.get_ident()

    def enter(self, layer: str, inputs: Any) -> None:
        """Note a layer's inputs, before it may change them in place."""
        if threading.get_ident() != self._thread:
            return  # a replica of DataParallel
        for tensor in self._tensors_in(inputs):
            for source in self._sources_of(tensor):
                self.edges[source, layer] = None

    def leave(self, layer: str, output: Any) -> None:
        """Note a layer's output."""
        if threading.get_ident() != self._thread:
            return
        for tensor in self._tensors_in(output):
            self._tensors[id(tensor)] = weakref.ref(tensor), _version_of(tensor), layer
            if tensor.grad_fn is not None:
                tensor.grad_fn.metadata[self._mark] = (layer,)

    def _tensors_in(self, value: Any) -> Iterator[Any]:
        if isinstance(value, self._torch.Tensor):
            yield value
        elif isinstance(value, Mapping):
            for inner in cast("Mapping[Any, Any]", value).values():
                yield from self._tensors_in(inner)
        elif isinstance(value, (list, tuple)):
            for inner in cast("Sequence[Any]", value):
                yield from self._tensors_in(inner)

    def _sources_of(self, tensor: Any) -> tuple[str, ...]:
        reference, version, layer = self._tensors.get(id(tensor), (None, 0, ""))
        is_known = reference is not None and reference() is tensor
        if is_known and (version == _version_of(tensor) or tensor.grad_fn is None):
            return (layer,)
        return () if tensor.grad_fn is None else self._sources_behind(tensor.grad_fn)

    def _sources_behind(self, function: Any) -> tuple[str, ...]:
        """Return the sources of an autograd node's result, and mark the nodes on the way.

        A function that joins several sources becomes a source of its own. Without that, each layer
        of a residual stream would have an edge to every later one.
        """
        waiting = [function]
        while waiting:
            node = waiting[-1]
            if self._mark in node.metadata:
                waiting.pop()
                continue
            previous = [
                previous_node
                for previous_node, _ in node.next_functions
                if previous_node is not None
            ]
            unmarked = [
                previous_node
                for previous_node in previous
                if self._mark not in previous_node.metadata
            ]
            if unmarked:
                self._n_visited += len(unmarked)
                if self._n_visited > MOST_VISITED:
                    return ()
                waiting += unmarked
                continue
            names = (
                source
                for previous_node in previous
                for source in previous_node.metadata[self._mark]
            )
            sources = tuple(dict.fromkeys(names))
            node.metadata[self._mark] = sources if len(sources) < 2 else self._join(node, sources)
            waiting.pop()
        return function.metadata[self._mark]

    def _join(self, node: Any, sources: Sequence[str]) -> tuple[str]:
        joined = f"function:{len(self.functions) + 1}"
        self.functions[joined] = _function_name(node.name())
        for source in sources:
            self.edges[source, joined] = None
        return (joined,)


def _function_name(name: str) -> str:
    """Return a function's name without what autograd adds to it.

    >>> _function_name("AddBackward0"), _function_name("torch::autograd::CopySlices")
    ('add', 'copyslices')
    """
    return _NUMBERED.sub("", name.rpartition("::")[2]).lower()


def _version_of(tensor: Any) -> int:
    """Return the number of changes of a tensor in place."""
    return 0 if tensor.is_inference() else int(tensor._version)  # noqa: SLF001
