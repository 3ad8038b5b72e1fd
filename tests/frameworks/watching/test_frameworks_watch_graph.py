"""`run.watch(log_graph=True)`: which layers feed which, with the real PyTorch."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from weft.sdk.media.graph import Graph
from weft.sdk.watching.layers import LayerTable


class Residual(nn.Module):
    """Blocks whose outputs are added to a stream, and two heads whose outputs are joined."""

    def __init__(self, n_blocks: int = 2) -> None:
        super().__init__()
        self.stem = nn.Linear(4, 4)
        self.blocks = nn.ModuleList(nn.Linear(4, 4) for _ in range(n_blocks))
        self.act = nn.ReLU(inplace=True)
        self.left, self.right = nn.Linear(4, 2), nn.Linear(4, 2)
        self.last = nn.Linear(4, 1)

    def forward(self, x: Any) -> Any:
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x).tanh()
        x = self.act(x)
        return self.last(torch.cat([self.left(x), self.right(x)], 1))


class Named(nn.Module):
    """Takes its inputs by name and returns a dict; one layer is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(4, 4)
        self.out = nn.Bilinear(4, 4, 2)

    def forward(self, x: Any) -> Any:
        first, state = self.cell(x)
        two, _ = self.cell(first, state)
        return {"y": self.out(input1=first, input2=two)}


def graph_of(model: nn.Module, *inputs: Any) -> Graph:
    table = LayerTable(model)
    model(*inputs)
    assert table.graph is not None
    assert all(not module._forward_pre_hooks for module in model.modules())
    return table.graph


def edges_of(graph: Graph) -> list[tuple[str, str]]:
    """The edges, by the names of layers and functions."""
    return [(str(edge.from_node.name), str(edge.to_node.name)) for edge in graph.edges]


def test_layers_one_after_the_other() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(inplace=True), nn.Sequential(nn.Linear(4, 1)))
    assert edges_of(graph_of(model, torch.randn(2, 4))) == [("0", "1"), ("1", "2.0")]
    with torch.no_grad():
        assert edges_of(graph_of(model, torch.randn(2, 4))) == [("0", "1"), ("1", "2.0")]
    with torch.inference_mode():
        assert edges_of(graph_of(model, torch.randn(2, 4))) == [("0", "1"), ("1", "2.0")]


def test_functions_that_join_are_nodes_and_others_are_passed_through() -> None:
    graph = graph_of(Residual(), torch.randn(2, 4))
    assert sorted(edges_of(graph)) == sorted([
        ("stem", "blocks.0"), ("stem", "add"), ("blocks.0", "add"), ("add", "blocks.1"),
        ("add", "add"), ("blocks.1", "add"), ("add", "act"), ("act", "left"), ("act", "right"),
        ("left", "cat"), ("right", "cat"), ("cat", "last"),
    ])  # fmt: skip
    functions = [node for node in graph.nodes if node.class_name == "function"]
    assert [node.attributes for node in functions] == [
        {"id": f"function:{nth + 1}", "name": name, "class_name": "function"}
        for nth, name in enumerate(["add", "add", "cat"])
    ]


def test_a_residual_stream_has_as_many_edges_as_calls() -> None:
    assert len(graph_of(Residual(100), torch.randn(2, 4)).edges) == 3 * 100 + 6


def test_without_gradients_functions_are_not_seen() -> None:
    with torch.no_grad():
        graph = graph_of(Residual(), torch.randn(2, 4))
    assert sorted(edges_of(graph)) == [("act", "left"), ("act", "right"), ("stem", "blocks.0")]


def test_inputs_by_name_and_a_layer_that_is_called_twice() -> None:
    graph = graph_of(Named(), torch.randn(2, 3, 4))
    assert sorted(edges_of(graph)) == [("cell", "cell"), ("cell", "out")]


@pytest.mark.parametrize("use_reentrant", [False, True])
def test_checkpointed_blocks_train_as_before(use_reentrant: bool) -> None:
    class Checkpointed(Residual):
        def forward(self, x: Any) -> Any:
            return self.last(checkpoint(self.stem, x, use_reentrant=use_reentrant))

    model = Checkpointed()
    x = torch.randn(2, 4, requires_grad=True)
    table = LayerTable(model)
    model(x).sum().backward()
    assert table.graph is not None
    assert edges_of(table.graph) == [("stem", "last")]
    assert model.stem.weight.grad is not None


def test_nothing_of_the_pass_is_kept() -> None:
    model = Residual()
    table = LayerTable(model)
    outputs: list[weakref.ref[Any]] = []
    hook = model.stem.register_forward_hook(
        lambda _layer, _inputs, output: outputs.append(weakref.ref(output))
    )
    fault = model.last.register_forward_pre_hook(lambda _layer, _in: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        model(torch.randn(2, 4))
    gc.collect()
    assert outputs[0]() is None
    fault.remove()
    loss = model(torch.randn(2, 4)).sum()
    assert table.graph is not None
    assert len(table.graph.edges) == 12  # those of the failed pass are not among them
    loss.backward()
    del loss
    gc.collect()
    assert outputs[1]() is None
    hook.remove()


def test_a_fault_while_edges_are_found_stops_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Residual()
    monkeypatch.setattr(torch.Tensor, "grad_fn", property(lambda _tensor: 1 / 0))
    graph = graph_of(model, torch.randn(2, 4))
    assert graph.edges == []
    assert len(graph.nodes) == 7
