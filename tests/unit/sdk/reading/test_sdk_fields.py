"""Objects that are made of named values are opened, level by level."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import pytest
from omegaconf import OmegaConf

from weft.sdk.values.fields import Unread, has_items, items_in
from weft.sdk.values.plain import plain_tree


class Complaints(list[tuple[str, str]]):
    def __call__(self, key: str, complaint: str) -> None:
        self.append((key, complaint))


class Kind(enum.Enum):
    SMALL = 1


@dataclasses.dataclass
class Schema:
    lr: float = 0.1
    kind: Kind = Kind.SMALL
    unset: int = dataclasses.field(init=False)


class OfAttrs:
    """A class as attrs makes it, with the attributes that are read."""

    class _Field:
        name = "depth"

    __attrs_attrs__ = (_Field,)

    def __init__(self) -> None:
        self.depth = 2


@pytest.mark.parametrize("value", [5, "text", [1], {1}, object(), Schema, int, len])
def test_other_objects_are_not_opened(value: Any) -> None:
    assert items_in(value) is None
    assert not has_items(type(value))


def test_fields_without_a_value_are_left_out() -> None:
    assert items_in(Schema(0.5)) == {"lr": 0.5, "kind": Kind.SMALL}
    assert items_in(OfAttrs()) == {"depth": 2}


def test_omegaconf_s_interpolations_are_resolved() -> None:
    config = OmegaConf.create(
        {"lr": 0.1, "twice": "${lr}", "list": [1, "${lr}", {"a": "${twice}"}], "none": None}
    )
    complaints = Complaints()
    assert plain_tree([], config, complaints, is_input=True) == {
        "lr": 0.1, "twice": 0.1, "list": [1, 0.1, {"a": 0.1}], "none": None
    }  # fmt: skip
    assert complaints == []


def test_omegaconf_s_missing_and_broken_values_are_kept_as_text() -> None:
    config = OmegaConf.create({"deep": {"lr": "???", "bad": "${no.such}", "ok": 1}, "l": ["???"]})
    complaints = Complaints()
    assert plain_tree([], config, complaints, is_input=True) == {
        "deep": {"lr": "???", "bad": "${no.such}", "ok": 1}, "l": ["???"]
    }  # fmt: skip
    assert [key for key, _ in complaints] == ["deep.lr", "deep.bad", "l"]
    assert "no value yet" in complaints[0][1]
    assert "can't be resolved" in complaints[1][1]


def test_omegaconf_s_structured_configs_are_opened() -> None:
    complaints = Complaints()
    config = OmegaConf.structured(Schema)
    plain = plain_tree([], config, complaints, is_input=True)
    assert plain == {"lr": 0.1, "kind": "SMALL", "unset": "???"}
    assert [key for key, _ in complaints] == ["unset"]


def test_text_for_what_could_not_be_had_is_text() -> None:
    assert Unread("???", "is missing") == "???"
