"""Answers a window of the rows of a logged table: sorted, searched and filtered by DuckDB.

The columns are renamed to `c0`, `c1`, … in every statement, so that no name from a file is ever
part of a statement; user input is bound as a parameter.
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
"""Number of columns in an answer to a request that names none."""

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
    """A column of the table: `reading` is the expression that fetches its cells, `kind` its
    kind in `rows_json`.
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
        """Maximum length of its texts. A part of a reference to media is useless."""
        is_reference = self.sql_type == "VARCHAR" and self.kind == "json"
        return max(max_chars, _REFERENCE_CHARS) if is_reference else max_chars


class TableRows:
    """The rows of a table, of which windows are read; `relation` has the columns `c0`, `c1`, …"""

    def __init__(self, connection: Any, source: Source) -> None:
        self._connection = connection
        self._notes = source.notes
        self._n_rows = source.n_rows
        self._tables = source.tables
        self.columns = [
            _column(index, name, sql_type, is_json=field_of(self.note(index), "form") == "json")
            for index, (name, sql_type) in enumerate(source.columns)
        ]
        renamed = ", ".join(f"c{index}" for index in range(len(self.columns)))
        self.relation = f"{source.relation} AS rows({renamed})"

    @property
    def n_rows(self) -> int:
        """The number of rows of the table."""
        return sum(self._n_rows)

    def note(self, index: int) -> Any:
        """The file's note on a column, or None."""
        return self._notes[index] if index < len(self._notes) else None

    def window(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a window by `offset`, `limit`, `columns` (names, or None), `sort` (name and
        whether it is descending, or None), `search`, `filters` (`column`, `op`, `value`) and
        `max_chars`.
        """
        chosen = self.chosen(request["columns"])
        condition, values = self.condition(request["search"], request["filters"])
        total = self.n_rows
        if condition:
            ((total,),) = self._all(f"SELECT count(*) FROM {self.relation}{condition}", values)
        order = self._order(request["sort"])
        limit, offset = int(request["limit"]), int(request["offset"])
        numbers = self._all(
            f"SELECT file_index, file_row_number FROM {self.relation}{condition}{order}"
            f" LIMIT {limit} OFFSET {offset}",
            values,
        )
        rows, cut = self._cells(numbers, chosen, int(request["max_chars"]))
        firsts = np.concatenate([[0], np.cumsum(self._n_rows)]).tolist()
        return {
            "columns": [
                {
                    "place": index,
                    "name": self.columns[index].name,
                    "kind": self.columns[index].kind,
                    "sql_type": self.columns[index].sql_type,
                }
                for index in chosen
            ],
            "n_columns": len(self.columns),
            "n_rows": self.n_rows,
            "total": int(total),
            "numbers": [firsts[file] + row for file, row in numbers],
            "rows": rows,
            "cut": cut,
            "notes": [self.note(index) for index in chosen],
            "tables": [self._tables[file] for file, _ in numbers] if self._tables else [],
        }

    def _all(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        return list(self._connection.execute(statement, [*values]).fetchall())

    def index_of(self, name: str) -> int:
        """The index of a column, by its name in the file."""
        for index, column in enumerate(self.columns):
            if column.name == name:
                return index
        raise UnknownColumn(name)

    def chosen(self, names: Sequence[str] | None) -> list[int]:
        """Indices of the columns that a request names, or of the first ones if it names none."""
        if names is None:
            return list(range(min(len(self.columns), MAX_COLUMNS)))
        return [self.index_of(name) for name in dict.fromkeys(names)]

    def condition(
        self, search: str, filters: Sequence[Mapping[str, Any]]
    ) -> tuple[str, list[Any]]:
        """The WHERE clause of a search and filters, and the values that are bound in it."""
        conditions: list[str] = []
        values: list[Any] = []
        if search:
            indices = [
                index
                for index, column in enumerate(self.columns)
                if not column.sql_type.endswith("]")
            ]
            # One text of all cells: a condition for each takes three times as long.
            cells = ", ".join(f"c{index}::VARCHAR" for index in indices)
            text = f"lower(concat_ws(chr(0), {cells}))" if cells else "''"
            conditions.append(f"contains({text}, lower(?))")
            values.append(search)
        for filter_ in filters:
            condition, bound = self._comparison(filter_["column"], filter_["op"], filter_["value"])
            conditions.append(condition)
            values += bound
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), values

    def _comparison(self, name: str, op: str, value: Any) -> tuple[str, list[Any]]:
        index = self.index_of(name)
        column, kind = self.value(index), self.columns[index].kind
        if op == "empty":
            return f"{column} IS NULL", []
        if op == "not_empty":
            return f"{column} IS NOT NULL", []
        if op == "contains":
            return f"contains(lower(c{index}::VARCHAR), lower(?))", [str(value)]
        if op == "matches":
            self._check_pattern(str(value))
            return f"regexp_matches(c{index}::VARCHAR, ?, 'i')", [str(value)]
        sign = _COMPARISONS[op]
        if self.columns[index].is_number and type(value) in {int, float}:
            return f"{column} {sign} ?", [value]
        if kind == "bool" and isinstance(value, bool):
            return f"{column} {sign} ?", [value]
        if kind in _TIMES:
            return f"epoch_us({column}) {sign} epoch_us(TRY_CAST(? AS TIMESTAMP))", [str(value)]
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f"{column}::VARCHAR {sign} ?", [text]

    def value(self, index: int) -> str:
        """The cells as SQL compares and sorts them: NaN is a missing value, not the largest."""
        is_float = self.columns[index].kind == "float"
        return f"nullif(c{index}, 'NaN'::DOUBLE)" if is_float else f"c{index}"

    def _check_pattern(self, pattern: str) -> None:
        try:
            self._connection.execute("SELECT regexp_matches('', ?, 'i')", [pattern])
        except duckdb.InvalidInputException as error:
            raise InvalidPattern(str(error).removeprefix("Invalid Input Error: ")) from None

    def _order(self, sort: Mapping[str, Any] | None) -> str:
        if sort is None:
            return ""
        direction = "DESC" if sort["descending"] else "ASC"
        value = self.value(self.index_of(sort["column"]))
        return f" ORDER BY {value} {direction} NULLS LAST, file_index, file_row_number"

    def _cells(
        self, numbers: Sequence[tuple[int, int]], chosen: Sequence[int], max_chars: int
    ) -> tuple[list[list[Any]], list[tuple[int, int]]]:
        """The cells of rows, and the positions (row, column) of the cells that were cut."""
        if not numbers or not chosen:
            return [[] for _ in numbers], []
        columns = [self.columns[index] for index in chosen]
        fetched = ", ".join(
            f"left({column.reading}, {column.most_chars(max_chars) + 1})"
            if column.is_text
            else column.reading
            for column in columns
        )
        # A read of some rows of all columns costs less than sorting all columns of all rows.
        by_file: dict[int, list[int]] = {}
        for file, row in numbers:
            by_file.setdefault(file, []).append(row)
        conditions = [
            f"file_index = {file} AND file_row_number IN ({', '.join(map(str, sorted(rows)))})"
            for file, rows in sorted(by_file.items())
        ]
        table = self._connection.execute(
            f"SELECT file_index, file_row_number, {fetched} FROM {self.relation}"
            f" WHERE ({') OR ('.join(conditions)})"
        ).fetchall()
        by_row = {(row[0], row[1]): row[2:] for row in table}
        ordered = [by_row[number] for number in numbers]
        cut: list[tuple[int, int]] = []
        cells: list[list[Any]] = []
        for nth, column in enumerate(columns):
            values = [row[nth] for row in ordered]
            is_cut = [False] * len(values)
            most = column.most_chars(max_chars)
            if column.is_text:
                is_cut = [value is not None and len(value) > most for value in values]
                cut += [(row, nth) for row, is_over in enumerate(is_cut) if is_over]
            cells.append(
                [
                    value[:most] if over else cell_of(column.kind, value)
                    for value, over in zip(values, is_cut, strict=True)
                ]
            )
        rows = [[_precise(cell) for cell in row] for row in zip(*cells, strict=True)]
        return rows, sorted(cut)


def _column(index: int, name: str, sql_type: str, *, is_json: bool) -> Column:
    reading, kind = reading_of(sql_type, f"c{index}")
    if kind == "time" and sql_type.startswith("TIMESTAMP"):
        # Without the cast of `reading_of`, which would use the process's time zone.
        reading = f"epoch_us(c{index})"
        kind = "time" if sql_type.endswith("TIME ZONE") else "local_time"
    return Column(name, sql_type, reading, "json" if is_json and kind == "text" else kind)


def _precise(cell: Any) -> Any:
    is_large = type(cell) is int and not -_PRECISE <= cell <= _PRECISE
    return str(cell) if is_large else cell
