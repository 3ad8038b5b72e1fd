"""`weft.sdk.watching.counting`: both ways of counting agree with numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from weft.sdk.values.histogram import histogram_of
from weft.sdk.watching import counting
from weft.sdk.watching.counting import Counts

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def at_once(tensor: torch.Tensor) -> dict[str, Any]:
    return Counts([("x", tensor)]).read()["x"]


def without_waiting(tensor: torch.Tensor) -> dict[str, Any]:
    """The way of a GPU, on the CPU."""
    prepared = counting._prepared(torch, "x", tensor)
    numbers = counting._count_without_waiting(torch, prepared)
    return counting._histogram(prepared, numbers.tolist())


def check(counted: dict[str, Any], expected: dict[str, Any]) -> None:
    for name in ("nan", "pos_inf", "neg_inf"):
        assert counted.get(name) == expected.get(name)
    assert sum(counted["values"]) == sum(expected["values"])
    assert min(counted["values"]) >= 0
    width = expected["bins"][-1] / 2 - expected["bins"][0] / 2
    np.testing.assert_allclose(counted["bins"], expected["bins"], rtol=1e-6, atol=width * 1e-6)


FLOATS = st.sampled_from([np.float32, np.float64]).flatmap(
    lambda kind: arrays.arrays(
        kind,
        st.integers(1, 40),
        elements=st.floats(width=32 if kind is np.float32 else 64, allow_subnormal=False),
    )
)


@settings(max_examples=300, deadline=None)
@given(FLOATS, st.sampled_from([at_once, without_waiting]))
def test_any_values_are_counted_as_numpy_counts_them(values: Any, count: Any) -> None:
    check(count(torch.from_numpy(values.copy())), histogram_of(values, 64))


@pytest.mark.parametrize("count", [at_once, without_waiting])
def test_bins_are_those_of_numpy(count: Any) -> None:
    values = np.random.default_rng(0).normal(size=100_000).astype(np.float32)
    counted, expected = count(torch.from_numpy(values)), histogram_of(values, 64)
    moved = np.abs(np.array(counted["values"]) - expected["values"]).sum()
    assert moved <= 10  # values at an edge: torch divides in float32


@pytest.mark.parametrize("count", [at_once, without_waiting])
def test_a_constant_is_in_the_middle(count: Any) -> None:
    counted = count(torch.full((7,), 3.0))
    assert counted["values"][32] == 7
    assert counted["bins"][32] == 3.0


@pytest.mark.parametrize("count", [at_once, without_waiting])
def test_large_tensors_are_counted_in_parts(count: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_CHUNK_ITEMS", 10)
    values = np.arange(128, dtype=np.float32)
    assert count(torch.from_numpy(values))["values"] == [2] * 64


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.filterwarnings("ignore:Synchronization debug mode is a prototype")
def test_a_gpu_is_waited_for_once() -> None:
    tensors = [(str(nth), torch.randn(1000 + nth, device="cuda")) for nth in range(20)]
    tensors[3][1][5] = float("nan")
    Counts(tensors).read()
    torch.cuda.set_sync_debug_mode("error")
    try:
        counts = Counts(tensors)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    for name, tensor in tensors:
        check(counts.read()[name], histogram_of(tensor.cpu().numpy(), 64))
