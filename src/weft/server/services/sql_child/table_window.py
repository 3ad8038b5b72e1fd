"""Answers a window of the rows of a logged table: sorted, searched and filtered by DuckDB.

The columns are renamed to `c0`, `c1`, … in every statement, so that no name from a file is ever
part of a statement; what people typed is bound as a parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np

from weft.server.services.sql_child.kinds import reading_of
from weft.server.services.sql_child.rows_json import cell_of
from weft.server.services.sql_child.table_sources import Source, UnknownColumn, field_of

MAX_COLUMNS: Final = 200
"""How many columns are answered if the request names none."""

_REFERENCE_CHARS: Final = 20_000

_PRECISE: Final = 2**53
"""Larger whole numbers are answered as texts: browsers read numbers as doubles."""

_COMPARISONS: Final = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NUMBERS: Final = frozenset({"int", "large", "float"})
_TIMES: Final = frozenset({"time", "local_time"})


class InvalidPattern(Exception):
    """A filter's regular expression is invalid."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        name: its name in the file.
        sql_type: DuckDB's type.
        reading: the expression that fetches its cells.
        kind: how `rows_json` reads what this expression returns.
    """

    name: str
    sql_type: str
    reading: str
    kind: str

    @property
    def is_text(self) -> bool:
        """Whether its cells are fetched as texts, which may be long."""
        return self.kind in {"text", "json"}

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers."""
        return self.kind in _NUMBERS

    def most_chars(self, max_chars: int) -> int:
        """How long its texts may be. A reference to media is of no use in parts."""
        is_reference = self.sql_type == "VARCHAR" and self.kind == "json"
        return max(max_chars, _REFERENCE_CHARS) if is_reference else max_chars


class TableRows:
    """The rows of a table, of which windows are read.

    Args:
        connection: of DuckDB.
        source: where they are.

    Attributes:
        relation: for a FROM clause, with the columns `c0`, `c1`, …
        columns: the columns.
    """

    def __init__(self, connection: Any, source: Source) -> None:
        self._connection = connection
        self._notes = source.notes
        self._n_rows = source.n_rows
        self.columns = [
            _column(place, name, sql_type, is_json=field_of(self.note(place), "form") == "json")
            for place, (name, sql_type) in enumerate(source.columns)
        ]
        renamed = ", ".join(f"c{place}" for place in range(len(self.columns)))
        self.relation = f"{source.relation} AS rows({renamed})"

    @property
    def n_rows(self) -> int:
        """How many rows the table has."""
        return sum(self._n_rows)

    def note(self, place: int) -> Any:
        """What the file says of a column. None if nothing."""
        return self._notes[place] if place < len(self._notes) else None

    def window(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a window.

        Args:
            asked: `offset`, `limit`, `columns` (names, or None), `sort` (name and whether it is
                descending, or None), `search`, `filters` (`column`, `op`, `value`), `max_chars`.

        Raises:
            UnknownColumn: the request names a column that the table does not have.
            InvalidPattern: a filter has an invalid regular expression.
        """
        chosen = self.chosen(asked["columns"])
        condition, values = self.condition(asked["search"], asked["filters"])
        total = self.n_rows
        if condition:
            ((total,),) = self._all(f"SELECT count(*) FROM {self.relation}{condition}", values)
        order = self._order(asked["sort"])
        limit, offset = int(asked["limit"]), int(asked["offset"])
        found = self._all(
            f"SELECT file_index, file_row_number FROM {self.relation}{condition}{order}"
            f" LIMIT {limit} OFFSET {offset}",
            values,
        )
        rows, cut = self._cells(found, chosen, int(asked["max_chars"]))
        firsts = np.concatenate([[0], np.cumsum(self._n_rows)]).tolist()
        return {
            "columns": [
                {"place": place, "name": one.name, "kind": one.kind, "sql_type": one.sql_type}
                for place, one in ((place, self.columns[place]) for place in chosen)
            ],
            "n_columns": len(self.columns),
            "n_rows": self.n_rows,
            "total": int(total),
            "numbers": [firsts[file] + row for file, row in found],
            "rows": rows,
            "cut": cut,
            "notes": [self.note(place) for place in chosen],
        }

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return list(self._connection.execute(statement, [*values]).fetchall())

    def place(self, name: str) -> int:
        """Where a column is, by its name in the file."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return place
        raise UnknownColumn(name)

    def chosen(self, names: Sequence[str] | None) -> list[int]:
        """The places of columns that a request names; without names, of the first ones."""
        if names is None:
            return list(range(min(len(self.columns), MAX_COLUMNS)))
        return [self.place(name) for name in dict.fromkeys(names)]

    def condition(
        self, search: str, filters: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[Any]]:
        """The WHERE clause of a search and filters, and the values that are bound in it."""
        conditions: list[str] = []
        values: list[Any] = []
        if search:
            places = [
                place for place, one in enumerate(self.columns) if not one.sql_type.endswith("]")
            ]
            texts = [f"contains(lower(c{place}::VARCHAR), lower(?))" for place in places]
            conditions.append(f"({' OR '.join(texts) or 'false'})")
            values += [search] * len(texts)
        for one in filters:
            condition, bound = self._comparison(one["column"], one["op"], one["value"])
            conditions.append(condition)
            values += bound
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values

    def _comparison(self, name: str, op: str, value: Any) -> tuple[str, list[Any]]:
        place = self.place(name)
        column, kind = self.value(place), self.columns[place].kind
        if op == "empty":
            return f"{column} IS NULL", []
        if op == "not_empty":
            return f"{column} IS NOT NULL", []
        if op == "contains":
            return f"contains(lower(c{place}::VARCHAR), lower(?))", [str(value)]
        if op == "matches":
            self._check_pattern(str(value))
            return f"regexp_matches(c{place}::VARCHAR, ?, 'i')", [str(value)]
        sign = _COMPARISONS[op]
        if self.columns[place].is_number and type(value) in {int, float}:
            return f"{column} {sign} ?", [value]
        if kind == "bool" and isinstance(value, bool):
            return f"{column} {sign} ?", [value]
        if kind in _TIMES:
            return f"epoch_us({column}) {sign} epoch_us(TRY_CAST(? AS TIMESTAMP))", [str(value)]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"{column}::VARCHAR {sign} ?", [text]

    def value(self, place: int) -> str:
        """The cells as SQL compares and sorts them: NaN is a missing value, not the largest."""
        is_float = self.columns[place].kind == "float"
        return f"nullif(c{place}, 'NaN'::DOUBLE)" if is_float else f"c{place}"

    def _check_pattern(self, pattern: str) -> None:
        try:
            self._connection.execute("SELECT regexp_matches('', ?, 'i')", [pattern])
        except duckdb.InvalidInputException as error:
            raise InvalidPattern(str(error).removeprefix("Invalid Input Error: ")) from None

    def _order(self, sort: Mapping[str, Any] | None) -> str:
        if sort is None:
            return ""
        direction = "DESC" if sort["descending"] else "ASC"
        value = self.value(self.place(sort["column"]))
        return f" ORDER BY {value} {direction} NULLS LAST, file_index, file_row_number"

    def _cells(
        self, found: Sequence[tuple[int, int]], chosen: Sequence[int], max_chars: int
    ) -> tuple[list[list[Any]], list[tuple[int, int]]]:
        """The cells of rows, and places (row, column) of those that were cut."""
        if not found or not chosen:
            return [[] for _ in found], []
        columns = [self.columns[place] for place in chosen]
        fetched = ", ".join(
            f"left({one.reading}, {one.most_chars(max_chars) + 1})" if one.is_text else one.reading
            for one in columns
        )
        # A read of some rows of all columns costs less than sorting all columns of all rows.
        listed = ", ".join(str(row) for row in sorted({row for _, row in found}))
        table = self._connection.execute(
            f"SELECT file_index, file_row_number, {fetched} FROM {self.relation}"
            f" WHERE file_row_number IN ({listed})"
        ).fetchall()
        by_row = {(one[0], one[1]): one[2:] for one in table}
        ordered = [by_row[place] for place in found]
        cut: list[tuple[int, int]] = []
        cells: list[list[Any]] = []
        for nth, column in enumerate(columns):
            values = [row[nth] for row in ordered]
            is_cut = [False] * len(values)
            most = column.most_chars(max_chars)
            if column.is_text:
                is_cut = [value is not None and len(value) > most for value in values]
                cut += [(row, nth) for row, one in enumerate(is_cut) if one]
            cells.append(
                [
                    value[:most] if over else cell_of(column.kind, value)
                    for value, over in zip(values, is_cut, strict=True)
                ]
            )
        rows = [[_precise(cell) for cell in row] for row in zip(*cells, strict=True)]
        return rows, sorted(cut)


def _column(place: int, name: str, sql_type: str, *, is_json: bool) -> Column:
    reading, kind = reading_of(sql_type, f"c{place}")
    if kind == "time" and sql_type.startswith("TIMESTAMP"):
        # Without the cast of `reading_of`, which would use the process's time zone.
        reading = f"epoch_us(c{place})"
        kind = "time" if sql_type.endswith("TIME ZONE") else "local_time"
    return Column(name, sql_type, reading, "json" if is_json and kind == "text" else kind)


def _precise(cell: Any) -> Any:
    is_large = type(cell) is int and not -_PRECISE <= cell <= _PRECISE
    return str(cell) if is_large else cell
