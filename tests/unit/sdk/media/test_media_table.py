"""`weft.Table`: what it takes, what its methods do, and which errors users catch."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from weft.errors import Error
from weft.sdk.guard import find_strictness
from weft.sdk.media.image import Image
from weft.sdk.media.tables.table import Table
from weft.sdk.media.tables.types import MISSING, members_of
from weft.sdk.session import session


def test_rows_from_every_source() -> None:
    import pandas as pd
    import polars as pl

    rows = [[1, "a"], [2, "b"]]
    frame = pd.DataFrame({"n": [1, 2], "t": ["a", "b"]}, index=[7, 9])
    names: list[str | int] = ["n", "t"]
    for table in (
        Table(columns=names, data=rows),
        Table(columns=names, data=[(1, "a"), (2, "b")]),
        Table(columns=names, rows=rows),
        Table(dataframe=frame),
        Table(data=frame, columns=["ignored"]),
        Table(dataframe=pl.DataFrame({"n": [1, 2], "t": ["a", "b"]})),
    ):
        assert (table.columns, table.data) == (names, rows)
        assert table == Table(columns=names, data=rows)
    assert names == ["n", "t"]
    assert Table().columns == ["Input", "Output", "Expected"]
    assert Table().data == []
    assert Table(columns=["a", "b"], data=["xy"]).data == [["x", "y"]]
    assert Table(columns=[], data=[[], []]).data == [[], []]
    assert Table(columns=["a", "a"], data=[[1, "x"]]).get_column("a") == [1]


def test_arrays_keep_their_numbers() -> None:
    table = Table(columns=["a", "b"], data=np.array([[1.0, 2], [3, 4]]))
    assert table.get_column("b") == [2.0, 4.0]
    assert type(table.data[0][0]) is np.float64
    assert np.array_equal(Table(columns=["a"], data=np.eye(1)).get_column("a", "numpy"), [1.0])
    assert Table(columns=["a"], data=np.array([["x"]], dtype=object)).data == [["x"]]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Table(log_mode="X"), AssertionError, "log_mode must be one of IMMUTABLE"),
        (lambda: Table(columns=("a",)), AssertionError, "columns must be a list, not tuple"),
        (lambda: Table(columns=[1.5]), AssertionError, "strings or ints, not float 1.5"),
        (lambda: Table(columns=[np.int64(1)]), AssertionError, "strings or ints, not int64"),
        (lambda: Table(data=([1],)), AssertionError, "data must be a list of rows, not tuple"),
        (lambda: Table(columns=["a"], data=[1]), TypeError, "row 0 of the table must be a list"),
        (lambda: Table(columns=["a"], data=np.arange(2)), TypeError, "row 0 of the table"),
        (
            lambda: Table(columns=["a"], data=[[1], [1, 2]]),
            ValueError,
            r"row 1 of the table has 2 cells, but there are 1 columns: \['a'\]",
        ),
        (lambda: Table(columns=["a"], data=np.eye(2)), ValueError, "row 0 .* has 2 cells"),
        (lambda: Table(dataframe=[[1]]), AssertionError, "dataframe must be a DataFrame"),
        (
            lambda: Table(columns=["a", "b"], dtype=[int]),
            ValueError,
            "dtype is a list of 1 for a table of 2 columns",
        ),
        (lambda: Table(columns=["a"], optional=[]), ValueError, "optional is a list of 0"),
        (
            lambda: Table(columns=["a"], data=[[1], ["x"]]),
            TypeError,
            "row 1 of the table has str 'x' in column 'a', which holds None or Number: "
            "make the table with allow_mixed_types=True",
        ),
        (
            lambda: Table(columns=["a"], data=[[None]], optional=False),
            TypeError,
            "row 0 of the table has NoneType None in column 'a', .* with optional=True",
        ),
    ],
)  # fmt: skip
def test_invalid_tables_are_refused(
    make: Callable[[], Table], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        make()
    assert isinstance(caught.value, Error)


def test_a_refused_row_changes_nothing() -> None:
    table = Table(columns=["a", "b"], data=[[1, "x"]])
    before = table.types
    for row, error in (((1,), ValueError), ((1, 2, 3), ValueError), (("y", "x"), TypeError)):
        with pytest.raises(error, match="row 1 of the table"):
            table.add_data(*row)
    with pytest.raises(TypeError, match="row 2 of the table has int 2 in column 'b'"):
        table.add_rows([[2.5, "z"], [2, 2]])
    assert (table.data, table.types) == ([[1, "x"]], before)
    table.add_row(2, None)
    table.add_rows([(3, "z")])
    assert table.data == [[1, "x"], [2, None], [3, "z"]]


def test_rows_of_known_classes_are_still_checked_where_the_value_decides() -> None:
    table = Table(columns=["n"], optional=False)
    for _ in range(3):
        table.add_data(1.0)
    with pytest.raises(TypeError, match="which holds Number"):
        table.add_data(float("nan"))
    constant = Table(columns=["c"], dtype=["yes"])
    constant.add_data("yes")
    with pytest.raises(TypeError, match="has str 'no' in column 'c'"):
        constant.add_data("no")
    one_of = Table(columns=["c"], dtype=[{1, 2}])
    one_of.add_rows([[1], [2], [None]])
    with pytest.raises(TypeError, match="has int 3"):
        one_of.add_data(3)


def test_columns_are_added_or_nothing_is() -> None:
    table = Table(columns=["a"], data=[[1], [2]])
    table.add_column("b", np.array([0.5, 1.5]))
    table.add_column("c", ["x", None], optional=True)
    assert table.data == [[1, 0.5, "x"], [2, 1.5, None]]
    for name, data, optional, message in (
        ("a", [1, 2], False, "needs a name that is new"),
        (3, [1, 2], False, "needs a name that is new"),
        ("d", (1, 2), False, "must be a list or an array, not tuple"),
        ("d", [1], False, "column 'd' has 1 cells, the table 2 rows"),
        ("d", [1, 2], "yes", "optional must be True or False"),
    ):
        with pytest.raises(AssertionError, match=message):
            table.add_column(name, data, optional)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="row 1 of the table has NoneType None in column 'd'"):
        table.add_column("d", [1, None])
    assert table.columns == ["a", "b", "c"]
    assert [len(row) for row in table.data] == [3, 3]
    empty = Table(columns=[])
    empty.add_column("a", [1, 2])
    assert empty.data == [[1], [2]]


def test_computed_columns() -> None:
    table = Table(columns=["a", "b"], data=[[1, 2], [3, 4]])
    table.add_computed_columns(lambda index, row: {"sum": row["a"] + row["b"], "index": index})
    assert table.data == [[1, 2, 3, 0], [3, 4, 7, 1]]
    with pytest.raises(AssertionError, match="must return a dict, not int"):
        table.add_computed_columns(lambda index, row: 5)  # type: ignore[arg-type, return-value]
    with pytest.raises(AssertionError, match="column 'x' has 1 cells, the table 2 rows"):
        table.add_computed_columns(lambda index, row: {"x": 1} if index else {})
    assert table.columns == ["a", "b", "sum", "index"]


def test_a_function_of_computed_columns_may_raise_while_training() -> None:
    table = Table(columns=["a"], data=[[1], [0]])
    find_strictness(lambda: False)  # as with an active run that is not strict
    try:
        with pytest.raises(ZeroDivisionError):
            table.add_computed_columns(lambda index, row: {"b": 1 / row["a"]})
        assert table.columns == ["a"]
        # what the function returns is a value, and no value raises
        table.add_computed_columns(lambda index, row: 5)  # type: ignore[arg-type, return-value]
        table.add_computed_columns(lambda index, row: {"c": index})
    finally:
        find_strictness(session.strictness)
    assert table.columns == ["a", "c"]


def test_an_incremental_table_only_gets_rows() -> None:
    table = Table(columns=["a"], log_mode="INCREMENTAL")
    with pytest.raises(
        Error, match="add_column\\(\\) is not possible with log_mode='INCREMENTAL'"
    ):
        table.add_column("b", [])
    with pytest.raises(Error, match="add_computed_columns"):
        table.add_computed_columns(lambda index, row: {})


def test_cast_checks_and_does_not_convert() -> None:
    table = Table(columns=["a"], data=[[1], [2]], dtype=object)
    assert str(table.cast("a", int)) == "Number"
    assert str(table.cast("a", float, optional=True)) == "None or Number"
    with pytest.raises(TypeError, match="row 0 of the table has int 1 in column 'a'"):
        table.cast("a", str)
    with pytest.raises(AssertionError, match="no column 'b'"):
        table.cast("b", str)
    assert table.data == [[1], [2]]


def test_reading_columns_and_rows() -> None:
    table = Table(columns=[0, "t"], data=[[1, "x"], [None, "y"]])
    assert table.get_column(0) == [1, None]
    assert table.get_column("t", convert_to="numpy").tolist() == ["x", "y"]
    for name, kind in (("z", None), ("t", "torch")):
        with pytest.raises(AssertionError, match=r"'z'|'torch'"):
            table.get_column(name, kind)
    assert list(table.iterrows()) == [(0, [1, "x"]), (1, [None, "y"])]
    assert table.get_index() == [0, 1]
    assert table.index_ref(1).get_row() == {0: None, "t": "y"}
    with pytest.raises(AssertionError, match="has 2 rows, no row 2"):
        table.index_ref(2)
    for row in table.iterrows():
        row[1][0] = 5
    assert table.get_column(0) == [5, 5]


def test_dataframes_of_both_libraries() -> None:
    import polars as pl

    at = datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC)
    table = Table(columns=["n", "t", "at", "l"], data=[[1, "x", at, [1]], [None, "y", at, [2, 3]]])
    frame = table.get_dataframe()
    assert [*frame.columns] == table.columns
    assert frame["l"].tolist() == [[1], [2, 3]]
    assert table.to_polars().rows() == [(1, "x", at, [1]), (None, "y", at, [2, 3])]
    mixed = Table(columns=["a"], data=[[1], ["x"]], allow_mixed_types=True)
    assert mixed.to_polars()["a"].to_list() in ([1, "x"], ["1", "x"])
    images = Table(columns=["i"], data=[[Image(np.zeros((2, 2)))]])
    assert images.to_polars()["i"].dtype == pl.Object


def test_equality() -> None:
    def table(**arguments: Any) -> Table:
        return Table(**{"columns": ["a"], "data": [[1]], **arguments})

    assert table() == table(data=[[1.0]], log_mode="MUTABLE")
    assert table() != table(data=[[2]])
    assert table() != table(data=[[1], [1]])
    assert table() != table(columns=["b"])
    assert table() != table(optional=False)
    assert table() != [[1]]
    nan = float("nan")
    assert table(data=[[nan]]) != table(data=[[nan]])
    arrays = [table(data=[[np.array(cells)]]) for cells in ([1, 2], [1, 2], [1, 3], [1])]
    assert arrays[0] == arrays[1]
    assert arrays[0] not in arrays[2:]
    with pytest.raises(TypeError, match="unhashable"):
        hash(table())


def test_pandas_extension_types() -> None:
    import pandas as pd

    frame = pd.DataFrame(
        {
            "int": pd.array([1, None], dtype="Int64"),
            "bool": pd.array([True, None], dtype="boolean"),
            "float": pd.array([1.5, None], dtype="Float64"),
            "text": pd.array(["a", None], dtype="string"),
            "category": pd.Categorical(["a", None]),
            "at": pd.to_datetime(["2020-01-01T01:00+01:00", None]),
            "local": pd.to_datetime(["2020-01-01", None]),
            "object": pd.Series([pd.Timestamp("2020-01-01"), pd.NaT], dtype=object),
            "na": pd.Series([1, pd.NA], dtype=object),
        }
    )
    table = Table(dataframe=frame)
    utc = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    first, second = table.data
    assert first[:6] == [1, True, 1.5, "a", "a", utc]
    assert second[:6] == [None] * 6
    kinds = [member for kind in table.types for member in members_of(kind) if member != MISSING]
    assert [str(kind) for kind in kinds] == [
        "Number", "Boolean", "Number", "String", "String",
        "Timestamp", "Timestamp", "Timestamp", "Number",
    ]  # fmt: skip
    assert all(MISSING in members_of(kind) for kind in table.types)


def test_keys_lead_to_rows_of_other_tables() -> None:
    people = Table(columns=["name", "age"], data=[["ann", 30], ["bob", 40]])
    people.set_pk("name")
    people.add_data("cy", 50)
    visits = Table(columns=["who", "place"], data=[["bob", "x"]])
    visits.set_fk("who", people, "name")
    visits.add_data("cy", "y")
    assert visits.data[0][0].get_row() == {"name": "bob", "age": 40}
    assert visits.data[1][0].get_row() == {"name": "cy", "age": 50}
    with pytest.raises(AssertionError, match="has a primary key: 'name'"):
        people.set_pk("age")
    with pytest.raises(TypeError, match="in column 'age': keys must be texts"):
        Table(columns=["age"], data=[[1]]).set_pk("age")
    with pytest.raises(AssertionError, match="must refer to another table"):
        visits.set_fk("place", visits, "who")
    with pytest.raises(AssertionError, match="'name' is the primary key"):
        people.set_fk("name", visits, "who")
    with pytest.raises(AssertionError, match="can't be optional"):
        visits.cast("who", visits.types[0], optional=True)
    numbers = Table(columns=["person"])
    numbers.add_data(people.index_ref(1))
    assert numbers.data[0][0].get_row() == {"name": "bob", "age": 40}
    assert numbers.types[0].to_json()["params"]["allowed_types"][0]["wb_type"] == "foreignIndex"
    own = Table(columns=["n"], data=[[1]])
    own.add_data(own.index_ref(0))
    assert type(own.data[1][0]) is int
