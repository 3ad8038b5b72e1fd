"""Values of PyTorch and JAX: scalars come back in kind and value, large tensors as histograms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from weft.sdk.values.plain import flatten_row, plain_tree, plain_value
from weft.sdk.values.scalars import LEFT_OUT


class Complaints(list[tuple[str, str]]):
    def __call__(self, key: str, complaint: str) -> None:
        self.append((key, complaint))


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


SCALARS = [
    (torch.tensor(0.5), 0.5),
    (torch.tensor(0.5, requires_grad=True), 0.5),
    (torch.tensor(0.5, dtype=torch.float64), 0.5),
    (torch.tensor(1.5, dtype=torch.bfloat16), 1.5),
    (torch.tensor(1.5, dtype=torch.float16), 1.5),
    (torch.tensor(1.5).to(torch.float8_e4m3fn), 1.5),
    (torch.tensor(2**62), 2**62),
    (torch.tensor(True), True),
    (torch.ones(1, 1), 1.0),
    (torch.nn.Parameter(torch.tensor(0.5)), 0.5),
    (jnp.float32(0.5), 0.5),
    (jnp.array(1.5, jnp.bfloat16), 1.5),
    (jnp.array(3), 3),
    (jnp.array(3, jnp.int4), 3),
    (jnp.array(True), True),
    (jnp.ones((1, 1)), 1.0),
    (np.asarray(jnp.array(1.5, jnp.bfloat16)), 1.5),
    (np.asarray(jnp.array(1.5, jnp.bfloat16))[()], 1.5),
]


@pytest.mark.parametrize(("value", "expected"), SCALARS)
def test_a_scalar_is_a_number_of_its_kind(
    complaints: Complaints, value: Any, expected: Any
) -> None:
    plain = plain_value("x", value, complaints)
    assert plain == expected
    assert type(plain) is type(expected)
    assert complaints == []


def test_a_row_of_them_needs_no_closer_look(complaints: Complaints) -> None:
    row = {f"k{nth}": value for nth, (value, _) in enumerate(SCALARS)}
    assert [*flatten_row(row, complaints).values()] == [expected for _, expected in SCALARS]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.arange(3), [0, 1, 2]),
        (torch.ones(2, 2, dtype=torch.bfloat16, requires_grad=True), [[1.0, 1.0], [1.0, 1.0]]),
        (torch.empty(0), []),
        (torch.Size([1, 2]), [1, 2]),
        ([torch.tensor(1), torch.tensor(2.5)], [1, 2.5]),
        (jnp.arange(3), [0, 1, 2]),
        (jnp.ones(2, jnp.bfloat16), [1.0, 1.0]),
        (torch.float32, "torch.float32"),
        (torch.device("cuda:0"), "cuda:0"),
        (jnp.dtype("float32"), "float32"),
        (torch.nn.ReLU, "torch.nn.modules.activation.ReLU"),
        (torch.nn.functional.relu, "torch.nn.functional.relu"),
    ],
)
def test_small_tensors_are_lists_and_names_are_text(
    complaints: Complaints, value: Any, expected: Any
) -> None:
    assert plain_value("x", value, complaints) == expected
    assert complaints == []


RAMP = np.arange(64, dtype=np.float32)

NEGATED = torch.complex(torch.zeros(64), -torch.tensor(RAMP)).conj().imag
"""Negative numbers, and a mark that they count as positive: torch negates lazily here."""


@pytest.mark.parametrize(
    "value",
    [
        torch.tensor(RAMP),
        torch.tensor(RAMP).reshape(8, 8).T,
        torch.tensor(RAMP, requires_grad=True),
        torch.nn.Parameter(torch.tensor(RAMP)),
        torch.tensor(RAMP).neg().neg(),
        NEGATED,
        torch.tensor(RAMP, dtype=torch.bfloat16),
        torch.arange(64),
        jnp.array(RAMP),
        jnp.array(RAMP, jnp.bfloat16),
        jnp.arange(64),
    ],
)
def test_large_tensors_are_histograms(complaints: Complaints, value: Any) -> None:
    plain = plain_value("x", value, complaints)
    assert plain["values"] == [2] * 32
    assert (plain["bins"][0], plain["bins"][-1]) == (0.0, 63.0)
    assert complaints == []


def test_a_model_s_gradients_are_logged_as_they_are(complaints: Complaints) -> None:
    model = torch.nn.Linear(64, 64)
    model(torch.ones(64)).sum().backward()
    row = {name: parameter.grad for name, parameter in model.named_parameters()}
    flat = flatten_row(row, complaints)
    assert {name: sum(value["values"]) for name, value in flat.items()} == {
        "weight": 64 * 64, "bias": 64
    }  # fmt: skip
    with torch.inference_mode():
        assert plain_value("x", torch.ones(50), complaints)["values"][16] == 50
    assert complaints == []


@pytest.mark.parametrize(
    "value",
    [
        torch.eye(10).to_sparse(),
        torch.ones(50, dtype=torch.complex64),
        torch.empty(100, device="meta"),
        torch.nn.Linear(2, 2),
    ],
)
def test_what_has_no_real_numbers_is_kept_as_text(complaints: Complaints, value: Any) -> None:
    assert plain_value("x", value, complaints) == repr(value)[:1000]
    assert [key for key, _ in complaints] == ["x"]


@pytest.mark.parametrize("value", [torch.empty((), device="meta"), jax.random.key(0)])
def test_a_scalar_without_a_value_is_left_out(complaints: Complaints, value: Any) -> None:
    assert plain_value("x", value, complaints) is LEFT_OUT
    assert len(complaints) == 1


def test_values_that_are_being_traced_never_stop_the_tracing(complaints: Complaints) -> None:
    @jax.jit
    def double(x: Any) -> Any:
        assert flatten_row({"loss": x, "ok": 1}, complaints) == {"ok": 1}
        return x * 2

    assert double(1.0) == 2.0
    assert [key for key, _ in complaints] == ["loss"]


def test_tensors_in_a_config_are_kept_item_by_item(complaints: Complaints) -> None:
    config = {"weights": torch.arange(100), "shift": jnp.ones(40)}
    plain = plain_tree([], config, complaints, is_input=True)
    assert plain == {"weights": [*range(100)], "shift": [1.0] * 40}
    assert complaints == []
