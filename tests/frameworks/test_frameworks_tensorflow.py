"""Values of TensorFlow: scalars, variables, texts, large tensors."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow as tf

from weft.sdk.values.plain import flatten_row, plain_value


class Complaints(list[tuple[str, str]]):
    def __call__(self, key: str, complaint: str) -> None:
        self.append((key, complaint))


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (tf.constant(0.5), 0.5),
        (tf.constant(1.5, tf.bfloat16), 1.5),
        (tf.constant(3), 3),
        (tf.constant(True), True),
        (tf.Variable(2.5), 2.5),
        (tf.constant("text"), "text"),
        (tf.constant([1, 2]), [1, 2]),
    ],
)
def test_scalars_and_small_tensors_come_in_kind_and_value(
    complaints: Complaints, value: Any, expected: Any
) -> None:
    plain = plain_value("x", value, complaints)
    assert plain == expected
    assert type(plain) is type(expected)
    assert complaints == []


@pytest.mark.parametrize("kind", [tf.float32, tf.bfloat16, tf.int64])
def test_large_tensors_are_histograms(complaints: Complaints, kind: Any) -> None:
    plain = plain_value("x", tf.cast(tf.range(64), kind), complaints)
    assert plain["values"] == [2] * 32
    assert complaints == []


def test_values_of_a_graph_never_stop_its_making(complaints: Complaints) -> None:
    @tf.function
    def double(x: Any) -> Any:
        assert flatten_row({"loss": x, "ok": 1}, complaints) == {"ok": 1}
        return x * 2

    assert double(tf.constant(1.0)).numpy() == 2.0
    assert [key for key, _ in complaints] == ["loss"]
