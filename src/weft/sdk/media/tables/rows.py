"""The content of a table: names, types and cells of its columns, and their changes. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from weft.errors import InvalidTable, UsageError, WrongType
from weft.sdk.guard import is_training
from weft.sdk.media.media import Media, fault_of
from weft.sdk.media.tables import sources
from weft.sdk.media.tables.columns import Cells
from weft.sdk.media.tables.inferring import Mismatch, accepted, is_decided
from weft.sdk.media.tables.keys import TableIndex, TableKey
from weft.sdk.media.tables.notations import type_from_dtype
from weft.sdk.media.tables.types import PRIMARY_KEY, UNKNOWN, CellType, Reference, may_be_media
from weft.sdk.media.tables.versions import Versions

P = ParamSpec("P")
R = TypeVar("R")

_MIXED = "has mixed types in column {name!r}: it holds any type from now on"
_MOST_NOTES = 10


def _never_in_training(
    change: Callable[Concatenate[TypedRows, P], R],
) -> Callable[Concatenate[TypedRows, P], R]:
    """Let a change of a table that is refused leave a note, while a run is active."""

    @wraps(change)
    def changed(self: TypedRows, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return change(self, *args, **kwargs)
        except Exception as error:
            if not is_training():
                raise
            self._note(
                f"{change.__name__.lstrip('_')}() failed and changed nothing: {fault_of(error)}"
            )
            return cast("R", None)

    return changed


_CHANGED = (
    "was changed after it was logged; with log_mode='IMMUTABLE' the first version stays: "
    "make the table with log_mode='MUTABLE' to store each version, or 'INCREMENTAL' to add rows"
)


class TypedRows(Media):
    """Rows with typed columns; the part of a table that scripts change.

    It has columns, as they were given, until its rows are asked for or changed. `log_mode` decides
    what a second `log()` stores.
    """

    def __init__(
        self,
        columns: list[Any],
        types: list[CellType],
        cells: list[Cells],
        n_rows: int,
        log_mode: str,
    ) -> None:
        super().__init__()
        self.columns = columns
        self.log_mode = log_mode
        self._types = types
        self._cells: list[Cells] | None = cells
        self._rows: list[list[Any]] = []
        self._n_rows = n_rows
        self._decided: set[tuple[type[Any], ...]] = set()
        self._primary_key: Any = None
        self._keys: dict[int, tuple[TypedRows, str | int]] = {}
        self._versions: Versions = Versions()
        self._changed = False
        self._note_columns(cells)

    @property
    def data(self) -> list[list[Any]]:
        """The rows, as lists that may be changed. Cells that are put there are not checked."""
        if self._cells is not None:
            columns = [cells.listed() for cells in self._cells]
            self._rows = [[*row] for row in zip(*columns, strict=True)]
            if not columns:
                self._rows = [[] for _ in range(self._n_rows)]
            self._cells = None
        return self._rows

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self._n_rows if self._cells is not None else len(self._rows)

    @property
    def types(self) -> list[CellType]:
        """The types of the columns."""
        return [*self._types]

    def has_been_logged(self) -> bool:
        """Whether the table is stored in a run."""
        return self._versions.owner is not None

    # -- adding ---

    @_never_in_training
    def add_data(self, *data: Any) -> None:
        """Add a row.

        Args:
            data: the cells, one per column.

        Raises:
            UsageError: there are too few or too many cells.
            WrongType: a cell does not fit its column. The table stays as it was.
        """
        rows = self.data
        if len(data) != len(self._types):
            sources.check_width(len(data), self.columns, len(rows))
        kinds = (*map(type, data),)
        if kinds not in self._decided:
            cells = [self._own_cell(cell) for cell in data]
            self._types = self._types_with(cells, len(rows))
            if is_decided(kinds, self._types):
                self._decided.add(kinds)
            rows.append(self._keyed(cells))
            self._note_media(cells)
        else:
            rows.append([*data])
        self._note_change()

    def add_row(self, *row: Any) -> None:
        """Add a row; W&B's older name for `add_data`."""
        self.add_data(*row)

    @_never_in_training
    def add_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add many rows at once.

        Raises:
            UsageError, WrongType: as `add_data`. The table stays as it was.
        """
        listed = sources.rows_of(rows, self.columns)
        held = self.data
        columns = sources.transposed(listed, len(self.columns))
        before = self._types
        self._types = sources.typed(
            self.columns, before, columns, first_row=len(held), is_lenient=is_training()
        )
        self._note_mixed(before, self._types)
        self._decided.clear()
        held += map(self._keyed, listed)
        self._note_columns(columns)
        self._note_change()

    @_never_in_training
    def add_column(self, name: str, data: Any, optional: bool = False) -> None:
        """Add a column.

        Args:
            name: its name, which must be new.
            data: a list or an array with one cell per row.
            optional: whether cells may lack a value.

        Raises:
            InvalidTable: the name is taken, or the data is of another length or kind.
            WrongType: the cells do not fit each other.
            UsageError: the table has log_mode INCREMENTAL.
        """
        self._check_columns_may_change("add_column")
        if not isinstance(name, str) or name in self.columns:
            raise InvalidTable(f"a new column needs a name that is new, not {name!r}")
        if not isinstance(data, (list, np.ndarray)):
            raise InvalidTable(f"a column must be a list or an array, not {type(data).__name__}")
        if not isinstance(optional, bool):
            raise InvalidTable(f"optional must be True or False, not {optional!r}")
        n_cells = len(cast("Any", data))
        if self.columns and n_cells != self.n_rows:
            raise InvalidTable(
                f"column {name!r} has {n_cells} cells, the table {self.n_rows} rows"
            )
        cells = Cells([*cast("Any", data)])
        first = sources.as_optional(UNKNOWN) if optional else UNKNOWN
        [kind] = sources.typed([name], [first], [cells], is_lenient=is_training())
        if kind == sources.MIXED and first != kind:
            self._note(_MIXED.format(name=name))
        rows = self.data
        if not self.columns:
            rows[:] = [[] for _ in range(n_cells)]
        for row, cell in zip(rows, cells.values, strict=True):
            row.append(cell)
        self.columns.append(name)
        self._types.append(kind)
        self._decided.clear()
        self._note_media(cells.listed())
        self._note_change()

    def add_computed_columns(self, fn: Callable[[int, dict[Any, Any]], dict[str, Any]]) -> None:
        """Add columns that a function computes from each row.

        Args:
            fn: takes a row's number and the row by column; returns the new cells by column. Its
                exceptions are raised here, also while a run is active.

        Raises:
            InvalidTable: the function returns something else, or not the same columns each time.
            UsageError: the table has log_mode INCREMENTAL.
        """
        computed = [
            fn(number, dict(zip(self.columns, row, strict=True)))
            for number, row in enumerate(self.data)
        ]
        self._add_computed_columns(computed)

    @_never_in_training
    def _add_computed_columns(self, computed: Sequence[Any]) -> None:
        """Add the columns of the cells that were computed for each row."""
        self._check_columns_may_change("add_computed_columns")
        columns: dict[str, list[Any]] = {}
        for cells in computed:
            if not isinstance(cells, dict):
                raise InvalidTable(f"the function must return a dict, not {type(cells).__name__}")
            for name, cell in cast("dict[str, Any]", cells).items():
                columns.setdefault(name, []).append(cell)
        for name, column in columns.items():
            if len(column) != self.n_rows:
                raise InvalidTable(
                    f"column {name!r} has {len(column)} cells, the table {self.n_rows} rows"
                )
        for name, column in columns.items():
            self.add_column(name, column)

    # -- types and keys ---

    @_never_in_training
    def cast(self, col_name: str | int, dtype: Any, optional: bool = False) -> CellType:
        """Give a column another type. Its cells are checked, not converted.

        Args:
            col_name: the column.
            dtype: as for `Table`.
            optional: whether cells may lack a value.

        Raises:
            InvalidTable: there is no such column.
            WrongType: a cell does not fit.
        """
        index = self._column_index(col_name)
        kind = type_from_dtype(dtype)
        if optional:
            if kind == PRIMARY_KEY or isinstance(kind, Reference):
                raise InvalidTable("a column of keys can't be optional")
            kind = sources.as_optional(kind)
        cells = Cells([row[index] for row in self.data])
        [self._types[index]] = sources.typed([col_name], [kind], [cells])
        self._decided.clear()
        self._note_change()
        return self._types[index]

    @_never_in_training
    def set_pk(self, col_name: str | int) -> None:
        """Make a column of texts the table's primary key.

        Raises:
            InvalidTable: there is no such column, or the table has a primary key.
            WrongType: a cell is not a text.
        """
        if self._primary_key is not None:
            raise InvalidTable(f"the table has a primary key: {self._primary_key!r}")
        self._set_keys(col_name, self, col_name, PRIMARY_KEY)
        self._primary_key = col_name

    @_never_in_training
    def set_fk(self, col_name: str | int, table: TypedRows, table_col: str | int) -> None:
        """Make a column refer to a column of another table.

        Raises:
            InvalidTable: there is no such column, it is the primary key, or it is the same table.
            WrongType: a cell is not a text.
        """
        if col_name == self._primary_key:
            raise InvalidTable(f"column {col_name!r} is the primary key")
        if table is self:
            raise InvalidTable("a foreign key must refer to another table")
        table._column_index(table_col)
        self._set_keys(col_name, table, table_col, Reference(table, table_col))

    def _set_keys(
        self, col_name: str | int, table: TypedRows, table_col: str | int, kind: CellType
    ) -> None:
        index = self._column_index(col_name)
        for number, row in enumerate(self.data):
            if not isinstance(row[index], str):
                raise WrongType(
                    f"row {number} of the table has {sources.shown(row[index])} in column "
                    f"{col_name!r}: keys must be texts"
                )
        self._keys[index] = (table, table_col)
        self._types[index] = kind
        self._decided.clear()
        for row in self.data:
            self._keyed(row)
        self._note_change()

    # -- its parts ---

    def _column_index(self, name: str | int) -> int:
        if name not in self.columns:
            raise InvalidTable(f"the table has no column {name!r}")
        return self.columns.index(name)

    def _own_cell(self, cell: Any) -> Any:
        """A cell to keep: an index of this very table is a plain number."""
        if isinstance(cell, TableIndex) and cell.table is self:
            return int(cell)
        return cell

    def _keyed(self, row: list[Any]) -> list[Any]:
        """A row whose keys know their table."""
        for index, (table, column) in self._keys.items():
            row[index] = TableKey.of(row[index], table, column)
        return row

    def _note_change(self) -> None:
        self._changed = True
        if self.log_mode == "IMMUTABLE" and self.has_been_logged() and _CHANGED not in self.notes:
            self.notes.append(_CHANGED)

    def _note(self, note: str) -> None:
        if note not in self.notes and len(self.notes) < _MOST_NOTES:
            self.notes.append(note)

    def _note_mixed(self, before: Sequence[CellType], after: Sequence[CellType]) -> None:
        """Note the columns that came to hold any type."""
        for name, held, kind in zip(self.columns, before, after, strict=True):
            if kind == sources.MIXED and held != kind:
                self._note(_MIXED.format(name=name))

    def _note_columns(self, columns: Sequence[Cells]) -> None:
        for kind, cells in zip(self._types, columns, strict=True):
            if may_be_media(kind):
                self._note_media(cells.listed())

    def _note_media(self, cells: Iterable[Any]) -> None:
        for cell in cells:
            if isinstance(cell, Media):
                self.notes += cell.notes
                self.elsewhere = self.elsewhere or cell.elsewhere

    def _types_with(self, cells: list[Any], row: int) -> list[CellType]:
        types: list[CellType] = []
        for name, held, cell in zip(self.columns, self._types, cells, strict=True):
            kind = accepted(held, cell)
            if kind is None:
                if not is_training():
                    raise sources.mismatch_error(Mismatch(0, cell, held), name, row)
                kind = sources.MIXED
                self._note(_MIXED.format(name=name))
            types.append(kind)
        return types

    def _check_columns_may_change(self, name: str) -> None:
        if self.log_mode == "INCREMENTAL":
            raise UsageError(
                f"{name}() is not possible with log_mode='INCREMENTAL', which only adds rows: "
                "use 'MUTABLE'"
            )
