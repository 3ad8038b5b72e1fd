"""Types of cells: which mix as in W&B, which mix here as well, and their JSON."""

from __future__ import annotations

import datetime
import decimal
import enum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.sdk.media.html import Html
from weft.sdk.media.image import Image
from weft.sdk.media.tables.inferring import Mismatch, accepted, column_type, type_of
from weft.sdk.media.tables.notations import type_from_dtype, type_from_json
from weft.sdk.media.tables.table import Table
from weft.sdk.media.tables.types import MISSING, OPTIONAL, CellType, members_of

IMAGE = Image(np.zeros((2, 2)))
HTML = Html("<p>")
NOW = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


class Color(enum.Enum):
    RED = 1


# Observed with wandb 0.31.
MIX_IN_WANDB = [
    (1, 2.5), (1, np.float32(1)), (1, float("nan")), ("a", float("nan")), (None, "a"),
    (None, None), ([1], []), ([], [1]), ([1], (2, 3)), ({1}, [2]),
    ([1], np.array([1])), (np.array([1]), [1]),
    (np.zeros(2), np.ones(2)), (NOW, NOW.date()), (IMAGE, None), (Color.RED, Color.RED),
    (NOW, np.datetime64("2020-01-01")), (True, np.bool_(False)), ([1, None], [2]),
]  # fmt: skip
MIX_NOWHERE = [
    (1, "a"), ("a", 1), (1, True), (True, 1), (NOW, 1), (decimal.Decimal(1), 1.0), (IMAGE, HTML),
    (b"a", "a"), (1 + 2j, 1), ([1], ["a"]), ([1], 1), ({"a": 1}, {"a": "b"}), (Color.RED, "a"),
    (np.array([1]), "a"), (1, None), ("a", [1]), (["a"], b"b"),
]  # fmt: skip
MIX_HERE = [
    ("a", np.float64("nan")), ("a", np.str_("b")), (np.zeros(2), np.zeros(3)),
    ({"a": 1}, {"a": 1, "b": 2}), ({"a": 1, "b": 2}, {"a": 1}), ([1, 2], [1, None]),
    ("a", "wandb-artifact://x"), ([1], {2: 3}),
    (["a"], "bc"), ([1, "a"], ["b", 2]),
]  # fmt: skip


def test_cells_of_pandas_that_mix() -> None:
    import pandas as pd

    for first, second in ((NOW, pd.Timestamp(0)), (1, pd.NA), (pd.Timestamp(0), pd.NaT)):
        test_cells_that_mix(first, second)


@pytest.mark.parametrize(("first", "second"), MIX_IN_WANDB + MIX_HERE)
def test_cells_that_mix(first: Any, second: Any) -> None:
    table = Table(columns=["c"])
    table.add_data(first)
    table.add_data(second)
    both = Table(columns=["c"], data=[[first], [second]])
    assert table.types == both.types
    assert MISSING in members_of(both.types[0])


@pytest.mark.parametrize(("first", "second"), MIX_NOWHERE)
def test_cells_that_do_not_mix(first: Any, second: Any) -> None:
    optional = second is not None
    table = Table(columns=["c"], optional=optional)
    table.add_data(first)
    with pytest.raises(TypeError, match="row 1 of the table"):
        table.add_data(second)
    with pytest.raises(TypeError, match="row 1 of the table"):
        Table(columns=["c"], data=[[first], [second]], optional=optional)
    mixed = Table(columns=["c"], data=[[first], [second]], allow_mixed_types=True)
    assert mixed.types[0].to_json()["params"]["allowed_types"][0] == {"wb_type": "any"}


@pytest.mark.parametrize(
    ("dtype", "fits", "others"),
    [
        (int, [1, 2.5, None], ["a"]),
        (str, ["a", np.str_("b")], [1]),
        ([[int, str]], [1, "a"], [True, [1]]),
        ([[int]], [[1], [], (1, 2)], [1, ["a"]]),
        ({"a": int}, [{"a": 1}, {"a": None}], [{"a": "b"}, 1]),
        (Image, [IMAGE], [HTML]),
        (IMAGE, [IMAGE], [HTML]),
        (bool, [True, np.bool_(True)], [1]),
        (datetime.datetime, [NOW, NOW.date()], [1]),
        (decimal.Decimal, [decimal.Decimal(1)], [1]),
        (object, [1, "a", [IMAGE]], []),
        ("a", ["a"], ["b"]),
        ([{1, 2}], [1, 2], [3]),
    ],
)
def test_types_that_scripts_name(dtype: Any, fits: list[Any], others: list[Any]) -> None:
    Table(columns=["c"], dtype=dtype, data=[[cell] for cell in fits])
    for cell in others:
        with pytest.raises(TypeError, match="row 0 of the table"):
            Table(columns=["c"], dtype=dtype, data=[[cell]])


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=2)
    | st.datetimes() | st.floats(width=32).map(np.float32)
)  # fmt: skip
CELLS = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.lists(SCALARS, max_size=6))
def test_a_column_at_once_is_the_column_cell_by_cell(cells: list[Any]) -> None:
    held: CellType | None = OPTIONAL
    for row, cell in enumerate(cells):
        accepted_type = accepted(held, cell)
        if accepted_type is None:
            with pytest.raises(Mismatch) as caught:
                column_type(OPTIONAL, cells)
            assert caught.value.row == row
            return
        held = accepted_type
    assert column_type(OPTIONAL, cells) == held


@given(CELLS)
def test_a_type_takes_its_own_cells_and_its_json_says_all(cell: Any) -> None:
    kind = type_of(cell)
    assert type_from_json(kind.to_json()) == kind
    if kind not in members_of(OPTIONAL):
        assert accepted(kind, cell) == kind


def test_json_of_types_is_wandbs() -> None:
    table = Table(columns=["a", "l", "n"], data=[[1, [1, 2], np.zeros((2, 3))]], optional=False)
    assert [kind.to_json() for kind in table.types] == [
        {"wb_type": "number"},
        {"wb_type": "list", "params": {"element_type": {"wb_type": "number"}, "length": 2}},
        {"wb_type": "ndarray", "params": {"shape": [2, 3], "serialization_path": None}},
    ]
    assert type_from_dtype([int, str]).to_json() == {
        "wb_type": "union",
        "params": {"allowed_types": [{"wb_type": "number"}, {"wb_type": "string"}]},
    }
    old = {"wb_type": "object", "params": {"class_name": "Decimal"}}
    assert type_from_json(old) == type_of(decimal.Decimal(1))
    with pytest.raises(TypeError, match="wb_type"):
        type_from_json({})
