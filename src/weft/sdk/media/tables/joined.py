"""Two tables that a page joins, and tables in a folder: references to other tables. No I/O.

Both refer to tables in the same run or artifact.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, cast

from weft.errors import UsageError
from weft.sdk.media.media import Filing, Media, Payload
from weft.sdk.media.tables.table import Table
from weft.sdk.values.scalars import plain_key

_ENDS = (".table.parquet", ".table.json")


class JoinedTable(Media):
    """Two tables with a key to join them by. The join is done where they are shown.

    Args:
        table1: the left table, or the path of one.
        table2: the right table, or the path of one.
        join_key: the column, or a list of two: the left table's and the right table's.

    Raises:
        UsageError: the key or a table is of another kind.

    >>> left = Table(columns=["id", "a"], data=[["x", 1]])
    >>> right = Table(columns=["id", "b"], data=[["x", 2]])
    >>> JoinedTable(left, right, "id").join_key
    'id'
    """

    _log_type: ClassVar[str] = "joined-table"

    def __init__(self, table1: Any, table2: Any, join_key: str | list[str]) -> None:
        super().__init__()
        if not isinstance(join_key, (str, list)) or (
            isinstance(join_key, list) and len(join_key) != 2
        ):
            raise UsageError("JoinedTable join_key should be a string or a list of two strings")
        for name, table in (("table1", table1), ("table2", table2)):
            if not _is_table(table):
                raise UsageError(
                    f"JoinedTable {name} should be a weft.Table, or the path of a table, "
                    f"not {type(table).__name__}"
                )
        self.join_key = join_key
        self._tables = (table1, table2)

    def file(self, filing: Filing) -> dict[str, Any]:
        """See `Media.file`; the tables are stored with it."""
        first, second = (
            {"path": plain_key(table)}
            if isinstance(table, str)
            else cast("Media", table).file(filing)
            for table in self._tables
        )
        return {
            "_type": self._log_type,
            "join_key": _plain_keys(self.join_key),
            "table1": first,
            "table2": second,
        }

    def payloads(self) -> dict[str, Payload]:
        """Return nothing: the tables have the files."""
        return {}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, JoinedTable)
            and self.join_key == other.join_key
            and self._tables == other._tables
        )

    __hash__ = None  # type: ignore[assignment]


class PartitionedTable(Media):
    """A table that consists of the tables in a folder of the run's files.

    Args:
        parts_path: the folder.

    Raises:
        UsageError: it is not a path.
    """

    _log_type: ClassVar[str] = "partitioned-table"

    def __init__(self, parts_path: str) -> None:
        super().__init__()
        self._parts: list[Table] | None = None
        if not isinstance(parts_path, str):
            raise UsageError(f"parts_path must be a path, not {type(parts_path).__name__}")
        self.parts_path = parts_path

    @classmethod
    def of_parts(cls, parts_path: str, parts: list[Table]) -> PartitionedTable:
        """Make one whose parts are here; `Artifact.get()` does it."""
        table = cls(parts_path)
        table._parts = parts
        return table

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield the number and the cells of each row of all parts.

        Raises:
            UsageError: the table was not read from an artifact.
        """
        if self._parts is None:
            raise UsageError("only a partitioned table that Artifact.get() returns has rows")
        yield from enumerate(row for part in self._parts for row in part.data)

    def file(self, filing: Filing) -> dict[str, Any]:
        del filing
        return {"_type": self._log_type, "parts_path": plain_key(self.parts_path)}

    def payloads(self) -> dict[str, Payload]:
        """Return nothing: the parts are files of their own."""
        return {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartitionedTable) and self.parts_path == other.parts_path

    __hash__ = None  # type: ignore[assignment]


def _plain_keys(join_key: str | list[str]) -> str | list[str]:
    return (
        plain_key(join_key) if isinstance(join_key, str) else [plain_key(key) for key in join_key]
    )


def _is_table(table: Any) -> bool:
    if isinstance(table, str):
        return table.endswith(_ENDS)
    return isinstance(table, (Table, PartitionedTable))
