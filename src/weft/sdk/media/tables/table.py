"""`Table`: rows and typed columns that a script logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from weft.errors import InvalidTable
from weft.sdk.guard import is_training
from weft.sdk.media.media import MAIN, Filing, Payload
from weft.sdk.media.tables import sources
from weft.sdk.media.tables.columns import Cells
from weft.sdk.media.tables.comparing import first_difference
from weft.sdk.media.tables.frames import frame_columns, pandas_frame, polars_frame
from weft.sdk.media.tables.keys import TableIndex
from weft.sdk.media.tables.rows import TypedRows
from weft.sdk.media.tables.types import CellType
from weft.sdk.media.tables.versions import Content, Versions, table_payload

if TYPE_CHECKING:
    from typing_extensions import Self


class Table(TypedRows):
    """A table to log. Cells may be numbers, texts, times, lists, dicts, arrays or other media.

    Args:
        columns: names of the columns, strings or ints. Defaults to Input, Output, Expected.
        data: rows, as a list of lists; an array of two dimensions; or a dataframe.
        rows: W&B's older name for `data`.
        dataframe: a dataframe of pandas or polars, whose columns the table takes.
        dtype: the type of all columns, or a list with one per column: a class such as `float` or
            `weft.Image`, `[int]` for lists, `[[int, str]]` for one of several.
        optional: whether cells may lack a value; or a list with one per column.
        allow_mixed_types: whether a column may hold cells of any types.
        log_mode: what a second `log()` of this object stores: "IMMUTABLE" nothing, "MUTABLE" the
            whole table if it has changed, "INCREMENTAL" the rows that were added.

    Raises:
        InvalidTable: an argument is of a wrong kind. It is an AssertionError, too.
        UsageError: a row has too few or too many cells.
        WrongType: a cell does not fit its column.

    >>> table = Table(columns=["text", "score"], data=[["good", 0.9]])
    >>> table.add_data("bad", 0.1)
    >>> table.get_column("score")
    [0.9, 0.1]
    """

    _log_type: ClassVar[str] = "table"
    MAX_ROWS: ClassVar[int] = 10_000
    """W&B's limit, which scripts set. weft stores all rows."""
    MAX_ARTIFACT_ROWS: ClassVar[int] = 200_000
    """See `MAX_ROWS`."""

    def __init__(
        self,
        columns: list[str | int] | None = None,
        data: Any = None,
        rows: list[Any] | None = None,
        dataframe: Any = None,
        dtype: Any = None,
        optional: bool | list[bool] = True,
        allow_mixed_types: bool = False,
        log_mode: str = "IMMUTABLE",
    ) -> None:
        checked_log_mode = sources.checked_log_mode(log_mode)
        names, cells, n_rows = sources.columns_of(columns, data, rows, dataframe)
        types = sources.first_types(
            len(names), dtype, optional, allow_mixed_types=allow_mixed_types
        )
        given_types = types
        types = sources.typed(names, types, cells, is_lenient=is_training())
        super().__init__(names, types, cells, n_rows, checked_log_mode)
        self._note_mixed(given_types, types)
        self._before: Versions = self._versions
        # Tables may refer to each other, so that storing one asks for its own reference.
        self._is_filing = False

    @classmethod
    def without_content(cls) -> Self:
        """See `Media.without_content`: rows can be added to it."""
        return cls(columns=[])

    @classmethod
    def of_frame(cls, frame: Any) -> Table:
        """Make a table of a dataframe, whatever its columns hold; `log()` does it."""
        table = cls(columns=[])
        names, cells = frame_columns(frame)
        table.columns = [name if type(name) in {str, int} else str(name) for name in names]
        table._n_rows = len(frame)
        types = sources.first_types(len(table.columns), None, True, allow_mixed_types=False)
        table._types = sources.typed(table.columns, types, cells, is_lenient=True)
        table._cells = cells
        table._note_columns(cells)
        return table

    @classmethod
    def of_rows(cls, columns: list[str | int], rows: list[list[Any]]) -> Table:
        """Make a table of rows; a column whose cells differ in type holds any type."""
        table = cls(columns=columns, data=rows, allow_mixed_types=True)
        types = sources.first_types(len(columns), None, True, allow_mixed_types=False)
        cells = sources.transposed(rows, len(columns))
        table._types = sources.typed(columns, types, cells, is_lenient=True)
        return table

    @classmethod
    def restored(
        cls, names: list[Any], types: list[CellType], cells: list[Cells], log_mode: str
    ) -> Table:
        """Make a table of columns that were checked before; `read_table` does it."""
        table = cls(columns=[], log_mode=log_mode)
        table.columns, table._types, table._cells = names, types, cells
        table._n_rows = len(cells[0]) if cells else 0
        return table

    # -- reading ---

    def get_column(self, name: str | int, convert_to: str | None = None) -> Any:
        """Return the cells of a column as a list, or as an array for `convert_to="numpy"`.

        Raises:
            InvalidTable: there is no such column, or another `convert_to`.
        """
        if convert_to not in {None, "numpy"}:
            raise InvalidTable(f"convert_to must be 'numpy' or None, not {convert_to!r}")
        index = self._column_index(name)
        if self._cells is not None and convert_to == "numpy" and self._cells[index].valid is None:
            return np.array(self._cells[index].values)
        cells = [row[index] for row in self.data]
        return cells if convert_to is None else np.array(cells)

    def get_index(self) -> list[TableIndex]:
        """Return the numbers of all rows; in cells of another table they refer to this one."""
        return [TableIndex.of(number, self) for number in range(self.n_rows)]

    def index_ref(self, index: int) -> TableIndex:
        """Return the number of one row, as `get_index`.

        Raises:
            InvalidTable: there is no such row.
        """
        if index >= self.n_rows:
            raise InvalidTable(f"the table has {self.n_rows} rows, no row {index}")
        return TableIndex.of(index, self)

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the number and the cells of each row."""
        for number, row in enumerate(self.data):
            yield TableIndex.of(number, self), row

    def get_dataframe(self) -> Any:
        """Return the table as a DataFrame of pandas.

        Raises:
            MissingLibrary: pandas is not installed.
        """
        return pandas_frame(self.columns, self.data)

    def to_polars(self) -> Any:
        """Return the table as a DataFrame of polars. Cells that polars lacks become objects.

        Raises:
            MissingLibrary: polars is not installed.
        """
        return polars_frame(self.columns, self.data)

    def _repr_html_(self) -> str:
        from weft.sdk.display.pictures import MAX_ROWS, table_html

        n_rows = len(self.data)
        note = f"The first {MAX_ROWS} of {n_rows:,} rows" if n_rows > MAX_ROWS else ""
        return table_html([str(name) for name in self.columns], self.data[:MAX_ROWS], note=note)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and first_difference(self, other) is None

    __hash__ = None  # type: ignore[assignment]

    # -- logging ---

    def __getstate__(self) -> dict[str, Any]:
        # A copy is a table of its own: two would write increments to the same paths.
        return {**self.__dict__, "_versions": Versions(), "_before": Versions()}

    def file(self, filing: Filing) -> dict[str, Any]:
        stored = self._versions
        if filing.owner is None:
            return self._file_in_artifact(filing)
        is_here = stored.is_in(filing.owner)
        if self._is_filing or (is_here and not self._is_due(stored)):
            return dict(stored.reference)
        self._before = stored
        self._is_filing = True
        try:
            if self.log_mode == "INCREMENTAL":
                held = stored if is_here else Versions()
                filed = held.with_increment(self._content(held.n_rows), self.log_mode, filing)
            else:
                filed = stored.with_version(self._content(0), self.log_mode, filing)
        finally:
            self._is_filing = False
        self._versions = filed
        self._changed = False
        filing.note(self)
        return dict(filed.reference)

    def payload(self, filing: Filing) -> Payload:
        """Return the file of the whole table; the media in its cells are filed with it."""
        return table_payload(self._content(0), self.log_mode, filing)

    def _file_in_artifact(self, filing: Filing) -> dict[str, Any]:
        if self._is_filing:  # two tables refer to each other
            return {"_type": "table-file", "path": ""}
        self._is_filing = True
        try:
            path = filing.add({MAIN: self.payload(filing)})[MAIN]
        finally:
            self._is_filing = False
        return {"_type": "table-file", "path": path, "log_mode": self.log_mode}

    def _is_due(self, stored: Versions) -> bool:
        """Whether there is more to store than is stored."""
        if self.log_mode == "INCREMENTAL":
            return self.n_rows > stored.n_rows
        is_changed = self._changed or stored.n_rows != self.n_rows
        return self.log_mode == "MUTABLE" and is_changed

    def note_stored(self, owner: str, paths: dict[str, str] | None) -> None:
        """See `Media.note_stored`; None undoes the last version."""
        del owner
        if paths is None:
            self._versions = self._before
            self._changed = True

    def _content(self, first_row: int) -> Content:
        if self._cells is not None and not first_row:
            cells = self._cells
        else:
            cells = sources.transposed(self.data[first_row:], len(self.columns))
        n_rows = self.n_rows - first_row
        return Content([*self.columns], [*self._types], cells, n_rows, first_row)
