"""A stored run's summary is found by joined names and by their parts, as the script's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from weft.sdk.reading.stored.summary import StoredSummary

HISTOGRAM = {"_type": "histogram", "bins": [0, 1], "values": [1]}
VALUES: dict[str, Any] = {
    "loss": {"min": 0.5, "last": 2},
    "val.acc": 0.5,
    "val.deep.x": [1],
    "val.deep.y": None,
    "grads": HISTOGRAM,
    "best": {"epoch": 3, "of": {"loss": 0.25}},
    "mixed": {"set": 1},
    "mixed.logged": 2,
    "empty": {},
}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("loss", {"min": 0.5, "last": 2}),
        ("loss.min", 0.5),
        ("val", {"acc": 0.5, "deep": {"x": [1], "y": None}}),
        ("val.deep", {"x": [1], "y": None}),
        ("val.deep.y", None),
        ("best.of.loss", 0.25),
        ("mixed", {"set": 1, "logged": 2}),
        ("mixed.logged", 2),
        ("grads", HISTOGRAM),
        ("empty", {}),
    ],
)
def test_a_value_is_found_by_either_name(key: str, value: Any) -> None:
    summary = StoredSummary(VALUES)
    assert summary[key] == summary.get(key, "none") == value
    assert key in summary


@pytest.mark.parametrize("key", ["va", "val.", "val.deep.z", "loss.max", "best.epoch.x", ""])
def test_what_is_not_there_is_not_found(key: str) -> None:
    summary = StoredSummary(VALUES)
    with pytest.raises(KeyError, match=f"^{key!r}$"):
        summary[key]
    assert summary.get(key) is None
    assert key not in summary


def test_it_is_a_dict_of_joined_names() -> None:
    summary = StoredSummary(VALUES)
    assert summary == VALUES
    assert list(summary) == list(VALUES)
    assert json.loads(json.dumps(summary)) == VALUES
