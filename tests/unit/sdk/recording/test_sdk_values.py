"""Conversions of values: kept, kept as text, or left out with one complaint for the key."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import functools
import itertools
import math
import uuid
from collections import OrderedDict, UserDict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.records.limits import MAX_KEY_BYTES, MAX_NESTING
from weft.sdk.values.plain import flatten_row, plain_tree, plain_value
from weft.sdk.values.scalars import LEFT_OUT, conversion_plan


class Complaints(list[tuple[str, str]]):
    def __call__(self, key: str, complaint: str) -> None:
        self.append((key, complaint))


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Cursed:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Named(str, enum.Enum):  # noqa: UP042  users' classes are like this one
    ADAM = "adam"


@dataclasses.dataclass
class Losses:
    train: float
    top: Any = None


class Number:
    def __float__(self) -> float:
        return 0.5


class SimpleSpace:
    """As gym's spaces are."""

    dtype = np.dtype("int64")

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __repr__(self) -> str:
        return "SimpleSpace()"


class Tensor:
    """Stands where another library's would: a shape, a dtype and `item()`."""

    shape = ()
    dtype = "float32"

    def item(self) -> float:
        return 0.5


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, 0.5),
        (True, True),
        (None, None),
        ("text", "text"),
        (np.str_("text"), "text"),
        (np.float32(0.5), 0.5),
        (np.array(7), 7),
        (np.array([[2.5]]), 2.5),
        (np.array([1, 2, 3]), [1, 2, 3]),
        (Tensor(), 0.5),
        (np.array(2**63, np.uint64), {"_type": "int", "value": str(2**63)}),
        (np.longdouble(0.5), 0.5),
        (np.array(0.5, np.longdouble), 0.5),
        (np.array(["a", "b"]), ["a", "b"]),
        (np.array([]), []),
        (np.array([1, None, 2.5], object), [1, None, 2.5]),
        (np.datetime64("2026-01-02T03:04:05", "ns"), "2026-01-02T03:04:05.000000000"),
        (np.array(["2026-01-02"], "M8[D]"), "2026-01-02"),
        (np.timedelta64(1500, "ms"), 1.5),
        (np.array([1, 2], "m8[s]"), [1.0, 2.0]),
        (np.bytes_(b"raw"), "raw"),
        (np.dtype("float32"), "float32"),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (Named.ADAM, "adam"),
        (Number(), 0.5),
        (Losses(0.5, {3, 1}), {"train": 0.5, "top": [1, 3]}),
        ([Losses(0.5)], [{"train": 0.5, "top": None}]),
        (SimpleNamespace(a=1), {"a": 1}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (UserDict({"a": UserDict({"b": 1})}), {"a": {"b": 1}}),
        (Decimal("0.25"), 0.25),
        (Fraction(1, 4), 0.25),
        (Path("/data/x"), "/data/x"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
        (datetime.timedelta(minutes=1), 60.0),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"bytes", "bytes"),
        (range(3), [0, 1, 2]),
        (deque([1, 2]), [1, 2]),
        ({"a": 1}.keys(), ["a"]),
        (slice(1, 5), {"slice_start": 1, "slice_step": None, "slice_stop": 5}),
        (math.sqrt, "math.sqrt"),
        (Path, "pathlib.Path"),
        (lambda: 0, f"{__name__}.<lambda>"),
        ([1, (2.5, "x"), [None]], [1, [2.5, "x"], [None]]),
        ({"_type": "image-file", "path": "x"}, {"_type": "image-file", "path": "x"}),
        (namedtuple("Point", "x y")(1, 2), [1, 2]),
        ({3, 1, 2}, [1, 2, 3]),
        ({"b", "a", 1}, ["a", "b", 1]),
        ([True, None, 0.5], [True, None, 0.5]),
        ([1, 2**64], [1, {"_type": "int", "value": str(2**64)}]),
        (2**64, {"_type": "int", "value": str(2**64)}),
        ({}, {}),
    ],
)  # fmt: skip
def test_known_kinds_are_kept_without_complaint(
    complaints: Complaints, value: Any, expected: Any
) -> None:
    plain = plain_value("x", value, complaints)
    assert plain == expected
    assert type(plain) is type(expected)
    assert complaints == []


@pytest.mark.parametrize(
    "value",
    [
        object(), 1j, b"\xff", range(10**9), Fraction(10**400),
        np.array(["x"] * 50), np.array([object()] * 50), np.ones(50, complex), np.zeros(50, "V4"),
        np.zeros(50, [("a", "i4")]), functools.partial(print),
    ],
)  # fmt: skip
def test_unknown_kinds_are_kept_as_text_with_a_complaint(
    complaints: Complaints, value: Any
) -> None:
    plain = plain_value("x", value, complaints)
    assert isinstance(plain, str)
    assert plain == repr(value)[:1000]
    assert [key for key, _ in complaints] == ["x"]


def test_a_generator_keeps_its_items_for_the_script(complaints: Complaints) -> None:
    items = (n for n in itertools.count())
    name = test_a_generator_keeps_its_items_for_the_script.__qualname__
    assert plain_value("x", items, complaints) == f"<generator {name}.<locals>.<genexpr>>"
    assert plain_value("x", [map(abs, items)], complaints)[0].startswith("<map object")
    assert next(items) == 0
    assert all("give list(...) to keep them" in complaint for _, complaint in complaints)
    assert len(complaints) == 2


@pytest.mark.parametrize(
    ("value", "n_counted"),
    [
        (np.arange(33), 33),
        (np.zeros((10, 10), np.float16), 100),
        (np.ones(50, bool), 50),
        (np.array([1, 2.5, None] * 20, object), 40),
        (np.ma.masked_greater(np.arange(40), 29), 30),
        (np.arange(100.0).reshape(10, 10).T[::2], 50),
        (np.array([1, 2] * 40, "m8[s]"), 80),
    ],
)
def test_an_array_of_more_than_32_items_becomes_a_histogram(
    complaints: Complaints, value: Any, n_counted: int
) -> None:
    plain = plain_value("x", value, complaints)
    assert plain["_type"] == "histogram"
    assert len(plain["bins"]) == 33
    assert sum(plain["values"]) == n_counted
    assert complaints == []
    assert plain_value("x", [value], complaints) == [plain]


@pytest.mark.parametrize("shape", [(), (3,), (99,)])
def test_what_has_a_shape_and_no_numbers_is_kept_as_text(
    complaints: Complaints, shape: tuple[int, ...]
) -> None:
    space = SimpleSpace(shape)
    assert plain_value("x", space, complaints) == "SimpleSpace()"
    assert plain_value("x", space, complaints, is_input=True) == "SimpleSpace()"
    assert {complaint for _, complaint in complaints} == {
        "is of type SimpleSpace; it is kept as text"
    }


def test_a_mock_never_takes_long(complaints: Complaints) -> None:
    assert isinstance(plain_value("x", MagicMock(), complaints), str)
    assert len(complaints) == 1


def test_an_enum_s_member_is_its_name_in_the_config_and_its_value_elsewhere(
    complaints: Complaints,
) -> None:
    for value, name, logged in ((Color.RED, "RED", "red"), (Level.HIGH, 3, 3)):
        assert plain_value("x", value, complaints, is_input=True) == name
        assert plain_value("x", [value], complaints) == [logged]
    assert complaints == []


def test_an_array_in_the_config_is_kept_item_by_item_and_a_very_long_one_as_text(
    complaints: Complaints,
) -> None:
    weights = np.linspace(0, 1, 1000)
    plain = plain_tree(["loss"], {"weights": weights}, complaints, is_input=True)
    assert plain == {"weights": weights.tolist()}
    assert complaints == []
    plain = plain_tree(["loss"], {"weights": np.zeros(1001)}, complaints, is_input=True)
    assert plain["weights"].startswith("array([0., 0.")
    assert complaints == [("loss.weights", "has 1,001 items; it is kept as text")]


def test_a_dataclass_in_a_row_is_a_branch_of_it(complaints: Complaints) -> None:
    assert flatten_row({"a": Losses(0.5, SimpleNamespace(b=1))}, complaints) == {
        "a.train": 0.5, "a.top.b": 1
    }  # fmt: skip
    assert complaints == []


@pytest.mark.parametrize("value", [np.ma.masked, np.ma.array([1.0], mask=[True])])
def test_a_masked_number_is_none_and_not_what_lies_under_the_mask(
    complaints: Complaints, value: Any
) -> None:
    assert plain_value("x", value, complaints) is None
    assert "masked" in complaints[0][1]
    assert plain_value("x", np.ma.array([1.0], mask=[False]), complaints) == 1.0
    assert plain_value("x", np.ma.array([1.0, 2.0], mask=[True, False]), complaints) == [None, 2.0]


def test_a_value_that_raises_when_looked_at_is_left_out(complaints: Complaints) -> None:
    assert plain_value("x", Cursed(), complaints) is LEFT_OUT
    assert flatten_row({"x": Cursed(), "y": 1}, complaints) == {"y": 1}
    assert "RuntimeError" in complaints[0][1]


class Unreadable(UserDict[str, int]):
    def __getitem__(self, key: str) -> int:
        raise OSError("gone")


def test_a_mapping_that_raises_when_read_costs_only_itself(complaints: Complaints) -> None:
    broken = Unreadable({"a": 1})
    assert flatten_row({"x": broken, "y": 1}, complaints) == {"y": 1}
    assert plain_tree(["x"], broken, complaints) is LEFT_OUT
    assert plain_value("x", [broken], complaints) == [None]
    assert {complaint for _, complaint in complaints} == {
        "can't be read (OSError); it was left out"
    }


def test_a_dict_that_holds_itself_is_left_out_and_the_rest_is_kept(complaints: Complaints) -> None:
    row: dict[str, Any] = {"a": 1, "inner": {"b": 2}}
    row["self"] = row
    row["inner"]["up"] = row["inner"]
    assert flatten_row(row, complaints) == {"a": 1, "inner.b": 2}
    assert {key for key, _ in complaints} == {"self", "inner.up"}


def test_one_dict_in_two_places_is_no_cycle(complaints: Complaints) -> None:
    shared = {"x": 1}
    assert flatten_row({"a": shared, "b": shared}, complaints) == {"a.x": 1, "b.x": 1}
    assert complaints == []


def test_a_list_that_holds_itself_loses_only_that_part(complaints: Complaints) -> None:
    cyclic: list[Any] = [1]
    cyclic.append(cyclic)
    assert plain_value("x", cyclic, complaints) == [1, None]
    assert len(complaints) == 1


def test_what_is_nested_too_deep_is_left_out(complaints: Complaints) -> None:
    deep: dict[str, Any] = {"leaf": 1}
    for _ in range(MAX_NESTING + 1):
        deep = {"d": deep}
    assert flatten_row(deep | {"ok": 1}, complaints) == {"ok": 1}
    assert len(complaints) == 1


@pytest.mark.parametrize("key", ["_step", "_runtime", "_timestamp"])
def test_names_of_every_row_are_left_out(complaints: Complaints, key: str) -> None:
    assert flatten_row({key: 5, "nested": {key: 6}}, complaints) == {f"nested.{key}": 6}
    assert len(complaints) == 1


def test_a_key_that_is_too_long_is_left_out(complaints: Complaints) -> None:
    assert flatten_row({"ü" * MAX_KEY_BYTES: 1, "k" * MAX_KEY_BYTES: 2}, complaints) == {
        "k" * MAX_KEY_BYTES: 2
    }
    assert len(complaints) == 1


def test_nested_keys_that_are_no_strings_become_text(complaints: Complaints) -> None:
    assert flatten_row({"layer": {0: 1.0, 1: 2.0}}, complaints) == {"layer.0": 1.0, "layer.1": 2.0}


def test_a_key_is_text_whatever_it_was(complaints: Complaints) -> None:
    class Key:
        def __str__(self) -> str:
            raise RuntimeError("no")

    row: Any = {Named.ADAM: 1, "a": {Named.ADAM: 2, Key(): 3, None: 4, "\ud800": 5}}
    plain = flatten_row(row, complaints)
    assert plain == {"adam": 1, "a.adam": 2, "a.<Key>": 3, "a.None": 4, "a.\\ud800": 5}
    assert {*map(type, plain)} == {str}
    config = plain_tree(["c"], row, complaints)
    assert config["adam"] == 1
    assert {*config["a"]} == {"adam", "<Key>", "None", "\\ud800"}


def test_mappings_of_any_kind_are_flattened(complaints: Complaints) -> None:
    assert flatten_row(UserDict({"a": UserDict({"b": 1})}), complaints) == {"a.b": 1}  # type: ignore[arg-type]


def test_a_plan_names_what_has_to_be_converted() -> None:
    assert conversion_plan((float, np.float32, str, type(None))) == ((1, float),)
    assert conversion_plan((float, object)) is None


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(),
        st.builds(object), st.builds(Cursed), st.complex_numbers(), st.dates(), st.decimals(),
        st.fractions(),
        st.sampled_from([
            np.float32(1), np.array([1, 2]), np.array("x"), np.datetime64("2026"), np.arange(99),
            np.array([np.nan] * 99), np.array([object()] * 99), np.ma.masked, Losses(1.0),
            Color.RED, Named.ADAM, len, Path,
        ]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=4), st.integers()), inner, max_size=3),
        st.sets(st.integers(), max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip


@given(anything)
def test_whatever_is_logged_can_be_written(value: Any) -> None:
    plain = plain_tree(["x"], value, lambda key, complaint: None, is_input=True)
    if plain is not LEFT_OUT:
        assert msgspec.msgpack.decode(msgspec.msgpack.encode({"x": plain}))
    flat = flatten_row({"x": value}, lambda key, complaint: None)
    decoded = msgspec.msgpack.decode(msgspec.msgpack.encode(flat))
    assert decoded.keys() == flat.keys()
    if isinstance(value, float) and math.isfinite(value):
        assert flat["x"] == value
