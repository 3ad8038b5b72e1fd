"""`run.watch`: what is counted, when, and that training does not notice, with the real PyTorch."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import optimizer as optimizers

import weft
from sdk_script import log_rows, logs_in, run_well, start_script
from weft.errors import UsageError
from weft.sdk.values.histogram import histogram_of

Finish = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[weft.Run]:
    monkeypatch.setenv("WEFT_SYSTEM_INTERVAL", "0")
    torch.manual_seed(0)
    run = weft.init(project="watch", mode="offline", dir=tmp_path, settings={"silent": True})
    yield run
    run.finish()
    assert not optimizers._global_optimizer_pre_hooks


@pytest.fixture
def finish(run: weft.Run, tmp_path: Path) -> Finish:
    """Ends the run and returns its rows."""

    def end() -> list[dict[str, Any]]:
        run.finish()
        return log_rows(logs_in(tmp_path)[0])

    return end


def small_model() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


def backward(model: nn.Module, scale: float = 1.0) -> None:
    (model(torch.randn(5, 3)).square().sum() * scale).backward()


def hooks_of(model: nn.Module) -> int:
    return sum(
        len(parameter._post_accumulate_grad_hooks or {}) for parameter in model.parameters()
    ) + sum(
        len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()
    )


def counted(values: Any) -> dict[str, Any]:
    return histogram_of(np.asarray(values), 64)


def same(histogram: Any, values: torch.Tensor) -> bool:
    expected = counted(values.detach().double().numpy())
    others = all(
        histogram.get(name) == expected.get(name) for name in ("nan", "pos_inf", "neg_inf")
    )
    # A value on an edge may be in either bin: torch divides in float32.
    moved = np.abs(np.cumsum(histogram["values"]) - np.cumsum(expected["values"])).max()
    return others and moved <= 2 and np.allclose(histogram["bins"], expected["bins"], rtol=1e-6)


# -- what is counted ---


def test_gradients_are_those_that_the_optimizer_applies(run: weft.Run, finish: Finish) -> None:
    """Accumulated over two backward passes, and clipped."""
    model = small_model()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run.watch(model, log="all", log_freq=1)
    expected: list[dict[str, torch.Tensor]] = []
    for step in range(3):
        optimizer.zero_grad()
        backward(model)
        backward(model)
        nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        expected.append(
            {
                f"gradients/{name}": parameter.grad.clone()
                for name, parameter in model.named_parameters()
            }
            | {
                f"parameters/{name}": parameter.detach().clone()
                for name, parameter in model.named_parameters()
            }
        )
        optimizer.step()
        run.log({"loss": step})
    rows = finish()
    assert len(rows) == 3
    for row, values in zip(rows, expected, strict=True):
        assert {name for name in row if "/" in name} == values.keys()
        for name, value in values.items():
            assert same(row[name], value), name


def test_every_so_many_steps_from_the_first_on(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    optimizer = torch.optim.Adam(model.parameters())
    run.watch(model, log_freq=3)
    for step in range(8):
        optimizer.zero_grad()
        backward(model)
        optimizer.step()
        run.log({"loss": step})
    has_counts = [any("/" in name for name in row) for row in finish()]
    assert has_counts == [True, False, False, True, False, False, True, False]


def test_a_frequency_of_1_is_every_step(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    run.watch(model, log_freq=1)
    for step in range(3):
        backward(model)
        run.log({"loss": step})
    assert all("gradients/0.weight" in row for row in finish())


def test_without_an_optimizer_each_backward_pass_counts(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    run.watch(model, log_freq=2)
    expected: list[torch.Tensor] = []
    for step in range(4):
        backward(model)
        expected.append(model[0].weight.grad.clone())
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.1 * parameter.grad
                parameter.grad = None
        run.log({"loss": step})
    rows = finish()
    assert ["gradients/0.weight" in row for row in rows] == [True, False, True, False]
    assert same(rows[0]["gradients/0.weight"], expected[0])
    assert same(rows[2]["gradients/0.weight"], expected[2])


def test_an_optimizer_with_a_closure(run: weft.Run, finish: Finish) -> None:
    """LBFGS computes gradients within its step, as trainers of Lightning do."""
    model = small_model()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=1)
    batch = torch.randn(5, 3)
    run.watch(model, log_freq=1)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = model(batch).square().sum()
        loss.backward()
        return loss

    for step in range(3):
        optimizer.step(closure)
        gradient = model[0].weight.grad.clone()
        run.log({"loss": step})
    rows = finish()
    assert all("gradients/0.weight" in row for row in rows)
    assert same(rows[2]["gradients/0.weight"], gradient)


def test_frozen_shared_and_replaced_parameters(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    model[0].weight.requires_grad = False
    model.append(nn.Linear(4, 2))
    model[3].weight = model[2].weight  # shared: the first name counts
    model[3] = nn.Sequential(nn.ReLU(), nn.Linear(2, 3))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run.watch(model, log="all", log_freq=1)
    backward(model)
    optimizer.step()
    run.log({"step": 0})
    model[0].weight.requires_grad = True
    model[3][1] = nn.Linear(2, 3)
    backward(model)
    optimizer.step()
    run.log({"step": 1})
    first, second = finish()
    names = {"0.bias", "2.weight", "2.bias", "3.1.weight", "3.1.bias"}
    assert {name for name in first if name.startswith("grad")} == {f"gradients/{n}" for n in names}
    assert "parameters/0.weight" in first
    assert {name for name in second if name.startswith("grad")} == {
        f"gradients/{name}" for name in names | {"0.weight"}
    }


def test_shared_parameters_are_counted_once(run: weft.Run, finish: Finish) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    run.watch(model, log="all", log_freq=1)
    backward(model)
    run.log({"step": 0})
    (row,) = finish()
    assert {name for name in row if "weight" in name} == {
        "gradients/0.weight", "parameters/0.weight",
    }  # fmt: skip
    assert same(row["gradients/0.weight"], model[0].weight.grad)


def test_nan_and_inf_are_counted(run: weft.Run, finish: Finish) -> None:
    model = nn.Linear(3, 2)
    run.watch(model, log_freq=1)
    model.weight.register_hook(
        lambda _: torch.tensor([[float("nan"), float("inf"), 1], [-float("inf"), 2, 3]])
    )
    backward(model)
    run.log({"step": 0})
    (row,) = finish()
    histogram = row["gradients/weight"]
    assert (histogram["nan"], histogram["pos_inf"], histogram["neg_inf"]) == (1, 1, 1)
    assert sum(histogram["values"]) == 3


def test_a_sparse_gradient_counts_its_zeros(run: weft.Run, finish: Finish) -> None:
    model = nn.Embedding(10, 4, sparse=True)
    run.watch(model, log_freq=1)
    model(torch.tensor([1, 1, 3])).sum().backward()
    run.log({"step": 0})
    (row,) = finish()
    histogram = row["gradients/weight"]
    assert (sum(histogram["values"]), histogram["values"][0]) == (40, 32)


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64, torch.complex64])
def test_types_of_numbers(run: weft.Run, finish: Finish, kind: torch.dtype) -> None:
    weight = nn.Parameter(torch.randn(6, 7).to(kind))
    model = nn.ParameterList([weight])
    run.watch(model, log="all", log_freq=1)
    weight.abs().sum().backward()
    run.log({"step": 0})
    (row,) = finish()
    numbers = torch.view_as_real(weight.detach()) if weight.is_complex() else weight.detach()
    assert same(row["parameters/0"], numbers)
    assert sum(row["gradients/0"]["values"]) == numbers.numel()


# -- names and rows ---


def test_several_models_have_names_of_their_own(run: weft.Run, finish: Finish) -> None:
    first, second, third = (nn.Linear(3, 1) for _ in range(3))
    run.watch([first, second], log_freq=1)
    run.watch(third, log="parameters", log_freq=1, idx=7)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters(), *third.parameters()])
    for model in (first, second, third):
        backward(model)
    optimizer.step()
    run.log({"step": 0})
    (row,) = finish()
    assert {name for name in row if "/" in name} == {
        "gradients/weight", "gradients/bias", "gradients/graph_1/weight", "gradients/graph_1/bias",
        "parameters/graph_7/weight", "parameters/graph_7/bias",
    }  # fmt: skip


def test_the_other_models_optimizer_does_not_count(run: weft.Run, finish: Finish) -> None:
    watched, other = small_model(), small_model()
    own, others = (torch.optim.SGD(model.parameters(), 0.1) for model in (watched, other))
    run.watch(watched, log_freq=2)
    for step in range(4):
        for model, optimizer in ((other, others), (watched, own), (other, others)):
            backward(model)
            optimizer.step()
        run.log({"step": step})
    has_counts = [any("/" in name for name in row) for row in finish()]
    assert has_counts == [True, False, True, False]


def test_watching_again_replaces(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    run.watch(model)
    run.watch(model, log="parameters", log_freq=1)
    backward(model)
    run.log({"step": 0})
    (row,) = finish()
    assert {name.partition("/")[0] for name in row if "/" in name} == {"parameters"}
    assert "parameters/0.weight" in row


def test_explicit_steps_get_their_own_values(run: weft.Run, finish: Finish) -> None:
    model = nn.Linear(3, 1)
    run.watch(model, log_freq=1)
    for step in range(3):
        model.zero_grad()
        backward(model, scale=10.0**step)
        run.log({"loss": step}, step=10 * step)
    rows = finish()
    assert [row["_step"] for row in rows] == [0, 10, 20]
    edges = [row["gradients/weight"]["bins"] for row in rows]
    widths = [last - first for first, *_, last in edges]
    assert widths[0] < widths[1] < widths[2]


def test_what_is_left_at_the_end_belongs_to_the_last_row(run: weft.Run, finish: Finish) -> None:
    model = nn.Linear(3, 1)
    run.watch(model, log_freq=1)
    run.log({"loss": 1}, step=7)
    backward(model)
    rows = finish()
    assert {row["_step"] for row in rows} == {7}
    assert any("gradients/weight" in row for row in rows)


def test_the_rows_own_value_wins(run: weft.Run, finish: Finish) -> None:
    model = nn.Linear(3, 1)
    run.watch(model, log_freq=1)
    backward(model)
    run.log({"gradients/weight": 5})
    assert finish()[0]["gradients/weight"] == 5


# -- training does not notice ---


def test_training_is_the_same_to_the_bit(run: weft.Run) -> None:
    def trained(*, is_watched: bool) -> tuple[torch.Tensor, ...]:
        torch.manual_seed(3)
        model = nn.Sequential(nn.Linear(3, 16), nn.Dropout(), nn.Linear(16, 2))
        optimizer = torch.optim.AdamW(model.parameters(), 0.01)
        if is_watched:
            run.watch(model, log="all", log_freq=1, log_graph=True)
        for step in range(5):
            optimizer.zero_grad()
            backward(model)
            optimizer.step()
            run.log({"step": step})
        return *(parameter.detach() for parameter in model.parameters()), torch.get_rng_state()

    for watched, plain in zip(trained(is_watched=True), trained(is_watched=False), strict=True):
        assert torch.equal(watched, plain)


@pytest.mark.parametrize("log", ["gradients", "parameters", "all", None])
def test_unwatch_removes_all_hooks(run: weft.Run, finish: Finish, log: str | None) -> None:
    model, other = small_model(), small_model()
    run.watch([model, other], log=log, log_freq=1, log_graph=True)
    assert hooks_of(model) > 0
    run.unwatch(model)
    assert hooks_of(model) == 0
    assert hooks_of(other) > 0
    run.unwatch()
    assert hooks_of(other) == 0
    assert not optimizers._global_optimizer_pre_hooks
    backward(model)
    run.log({"step": 0})
    assert [*finish()[0]] == ["step", "_step"]


def test_finish_removes_all_hooks(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    run.watch(model, log="all", log_graph=True)
    finish()
    assert hooks_of(model) == 0
    backward(model)
    run.unwatch(model)


def test_with_an_optimizer_the_model_has_no_hooks(run: weft.Run) -> None:
    model = small_model()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run.watch(model)
    backward(model)
    optimizer.step()
    assert hooks_of(model) == 0


@pytest.mark.parametrize("log_graph", [False, True])
def test_copies_and_pickles_of_a_watched_model_are_plain(
    run: weft.Run, finish: Finish, tmp_path: Path, log_graph: bool
) -> None:
    model = small_model()
    run.watch(model, log="all", log_freq=1, log_graph=log_graph)
    torch.save(model, tmp_path / "model.pt")
    copies = [
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
        torch.load(tmp_path / "model.pt", weights_only=False),
    ]
    for duplicate in copies:
        backward(duplicate)
    run.log({"step": 0})
    assert [*finish()[0]] == ["step", "_step"]


def test_a_model_that_is_gone_is_let_go(run: weft.Run) -> None:
    import gc
    import weakref

    model = small_model()
    run.watch(model, log="all", log_graph=True)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    run.log({"step": 0})


def test_deterministic_algorithms_stay_chosen(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    run.watch(model, log_freq=1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        backward(model)
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        torch.use_deterministic_algorithms(False)
    run.log({"step": 0})
    assert "gradients/0.weight" in finish()[0]


def test_a_failed_backward_pass_does_not_stop_the_counting(run: weft.Run, finish: Finish) -> None:
    model = small_model()
    run.watch(model, log_freq=1)

    def fail(_: torch.Tensor) -> None:
        raise RuntimeError("no")

    handle = model[0].weight.register_hook(fail)
    with pytest.raises(RuntimeError, match="no"):
        backward(model)
    handle.remove()
    backward(model)
    run.log({"step": 0})
    assert "gradients/0.weight" in finish()[0]


class _Broken(nn.Linear):
    is_broken = False

    def named_parameters(self, *arguments: Any, **named: Any) -> Any:
        if self.is_broken:
            raise RuntimeError("no names")
        return super().named_parameters(*arguments, **named)


def test_an_error_of_the_model_is_one_warning(run: weft.Run, finish: Finish) -> None:
    model = _Broken(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    run.watch(model, log_freq=1)
    model.is_broken = True
    for step in range(3):
        (model(torch.randn(5, 3)).sum()).backward()
        optimizer.step()
        run.log({"step": step})
    assert run._recorder.guard.counts["watch"] == 1
    assert len(finish()) == 3


# -- torch.compile, DistributedDataParallel ---


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("inner_first", [False, True])
def test_compiled_models(run: weft.Run, finish: Finish, inner_first: bool) -> None:
    torch._dynamo.reset()
    inner = small_model()
    if inner_first:
        run.watch(inner, log="all", log_freq=1, log_graph=True)
    model = torch.compile(inner, backend="aot_eager", fullgraph=True)
    if not inner_first:
        run.watch(model, log="all", log_freq=1, log_graph=True)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for step in range(3):
        optimizer.zero_grad()
        backward(model)
        gradient = inner[0].weight.grad.clone()
        optimizer.step()
        run.log({"step": step})
    rows = finish()
    assert all("parameters/2.bias" in row for row in rows)
    assert same(rows[2]["gradients/0.weight"], gradient)
    assert rows[0]["graph_0"]["_type"] == "graph-file"


@pytest.mark.filterwarnings("ignore")
def test_a_compiled_optimizer(run: weft.Run, finish: Finish) -> None:
    torch._dynamo.reset()
    model = small_model()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    step = torch.compile(optimizer.step, backend="eager")
    run.watch(model, log_freq=1)
    for nth in range(3):
        optimizer.zero_grad()
        backward(model)
        step()
        run.log({"step": nth})
    assert all("gradients/0.weight" in row for row in finish())


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("has_optimizer", [False, True])
def test_distributed_data_parallel(
    run: weft.Run, finish: Finish, tmp_path: Path, has_optimizer: bool
) -> None:
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1
    )
    try:
        inner = small_model()
        model = nn.parallel.DistributedDataParallel(inner)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        run.watch(model, log_freq=1)
        for step in range(2):
            optimizer.zero_grad()
            backward(model)
            gradient = inner[0].weight.grad.clone()
            if has_optimizer:
                optimizer.step()
            run.log({"step": step})
        rows = finish()
        assert same(rows[1]["gradients/module.0.weight"], gradient)
    finally:
        torch.distributed.destroy_process_group()


# -- layers ---


class _Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(4, 2)
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.unused = nn.Linear(1, 1)

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return self.last(self.body(batch))


def test_the_table_of_layers(run: weft.Run, finish: Finish, tmp_path: Path) -> None:
    from media_files import made_files

    model = _Branches()
    run.watch(model, log=None, log_graph=True)
    run.log({"step": 0})
    with torch.no_grad():
        model(torch.randn(5, 3))
    assert hooks_of(model) == 0
    run.log({"step": 1})
    directory = run.directory
    rows = finish()
    assert "graph_0" not in rows[0]
    import json

    content = json.loads(made_files(directory)[rows[1]["graph_0"]["path"]].read_text())
    assert content == {
        "format": "torch",
        "edges": [["body.0", "body.1"], ["body.1", "last"]],
        "nodes": [
            {
                "id": "body.0", "name": "body.0", "output_shape": [5, 4],
                "class_name": "Linear(in_features=3, out_features=4, bias=True)",
                "parameters": [["weight", [4, 3]], ["bias", [4]]], "num_parameters": [12, 4],
            },
            {
                "id": "body.1", "name": "body.1", "output_shape": [5, 4], "class_name": "ReLU()",
                "parameters": [], "num_parameters": [],
            },
            {
                "id": "last", "name": "last", "output_shape": [5, 2],
                "class_name": "Linear(in_features=4, out_features=2, bias=True)",
                "parameters": [["weight", [2, 4]], ["bias", [2]]], "num_parameters": [8, 2],
            },
            {
                "id": "unused", "name": "unused",
                "class_name": "Linear(in_features=1, out_features=1, bias=True)",
                "parameters": [["weight", [1, 1]], ["bias", [1]]], "num_parameters": [1, 1],
            },
        ],
    }  # fmt: skip


# -- errors ---


def test_wrong_calls_are_refused(run: weft.Run) -> None:
    model = small_model()
    with pytest.raises(ValueError, match="log must be 'gradients', 'parameters', 'all' or None"):
        run.watch(model, log="weights")
    with pytest.raises(ValueError, match="watch\\(\\) was given an empty list: pass a model"):
        run.watch([])
    for log_freq in (0, -3, 0.5):
        with pytest.raises(ValueError, match=f"log_freq must be at least 1, not {log_freq}"):
            run.watch(model, log_freq=log_freq)
    with pytest.raises(TypeError, match="log must be text or None, not list"):
        run.watch(model, log=["gradients"])
    with pytest.raises(TypeError, match=r"models of PyTorch \(torch.nn.Module\), not int"):
        run.watch([model, 3])
    assert hooks_of(model) == 0
    run.unwatch(model)
    assert run._recorder.guard.counts["unwatch"] == 1
    run.finish()
    run.watch(model)
    assert hooks_of(model) == 0
    assert run._recorder.guard.counts["watch"] == 1
    run.unwatch()


def test_a_disabled_run_watches_nothing() -> None:
    model = small_model()
    with weft.init(mode="disabled") as run:
        run.watch(model, log="all", log_graph=True)
        weft.watch(model)
        weft.unwatch(model)
        assert hooks_of(model) == 0


def test_the_module_needs_a_run() -> None:
    with pytest.raises(UsageError, match=r"call weft.init\(\) before weft.watch\(\)"):
        weft.watch(small_model())


# -- processes ---

REDUCED = """
import os

import torch
import weft

rank, store = int(os.environ["RANK"]), os.environ["STORE"]
torch.distributed.init_process_group(
    "gloo", init_method=f"file://{store}", rank=rank, world_size=2
)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(1, 1, bias=False))
optimizer = torch.optim.SGD(model.parameters(), 0.0)
run = weft.init(project="watch", mode="offline" if rank == 0 else "disabled")
run.watch(model, log_freq=1)
for step in range(2):
    optimizer.zero_grad()
    model(torch.tensor([[1.0 if rank == 0 else 3.0]])).sum().backward()
    if os.environ["HAS_OPTIMIZER"]:
        optimizer.step()
    run.log({"step": step})
run.finish()
torch.distributed.barrier()  # Gloo's threads abort if the other process is gone
torch.distributed.destroy_process_group()
"""


@pytest.mark.parametrize("has_optimizer", ["", "1"])
def test_gradients_are_reduced_over_processes(tmp_path: Path, has_optimizer: str) -> None:
    """The mean of 1 and 3, also where the end of the backward pass counts."""
    environment = {"STORE": str(tmp_path / "store"), "HAS_OPTIMIZER": has_optimizer}
    environment["WEFT_SYSTEM_INTERVAL"] = "0"
    processes = [
        start_script(tmp_path, REDUCED, {**environment, "RANK": str(rank)}) for rank in range(2)
    ]
    for process in processes:
        _, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
    for row in log_rows(logs_in(tmp_path)[0]):
        histogram = row["gradients/module.weight"]
        assert (histogram["bins"][32], histogram["values"][32]) == (2.0, 1)


FORKED = """
import os

import torch
import weft

model = torch.nn.Linear(1, 1)
run = weft.init(project="watch", mode="offline")
run.watch(model, log="all", log_freq=1, log_graph=True)
model(torch.ones(1, 1)).sum().backward()
child = os.fork()
model.zero_grad()
model(torch.ones(1, 1)).sum().backward()
run.log({"child" if child == 0 else "parent": 1})
if child == 0:
    weft.finish()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
run.finish()
"""


def test_a_forked_child_watches_nothing(tmp_path: Path) -> None:
    run_well(tmp_path, FORKED)
    rows = [row for log in logs_in(tmp_path) for row in log_rows(log)]
    by_process = {next(iter({"child", "parent"} & row.keys())): {*row} for row in rows}
    assert "gradients/weight" in by_process["parent"]
    assert by_process["child"] == {"child", "_step"}
