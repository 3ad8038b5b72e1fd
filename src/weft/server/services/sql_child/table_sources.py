"""Sources of the rows of a table: its Parquet files, a file of text or JSON, or two tables.

The files are the only files that the process may read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import msgspec

from weft.server.services.sql_child.json_tables import JSON_TABLES, create_json_table, width_fault

TEXT_TABLES: Final = (".csv", ".tsv")
"""Ends of names of files that are read as text, one row a line."""

OTHER_TABLES: Final = (*TEXT_TABLES, *JSON_TABLES)
"""Ends of names of files that are not Parquet."""

_NO_COPIES: Final[Mapping[str, str]] = {}

NOTES: Final = "weft.table"
"""The name of the description in a file's metadata; see `weft.sdk.media.tables.versions`."""


_NUMBERS: Final = frozenset({"BIGINT", "DOUBLE", "INTEGER", "FLOAT", "HUGEINT", "UBIGINT"})
"""Types whose values are equal if the numbers are."""


MAX_LINE_BYTES: Final = 2_000_000
"""Longest line of a file of text: DuckDB's own limit, noticed after 0.14 s for each MB."""

_PART_BYTES: Final = 2**20

MAX_LIST_NESTING: Final = 16
"""Deepest nesting of a column: DuckDB takes twice as long for each level, and minutes for 30."""


class UnknownColumn(Exception):
    """The table has no such column."""


class LongLine(Exception):
    """A file of text has a line of more than `MAX_LINE_BYTES`."""


@dataclass(frozen=True, slots=True)
class Source:
    """A relation with the rows of a table.

    Attributes:
        relation: for a FROM clause. Besides the columns it has `file_index` and `file_row_number`,
            which together are the position of a row.
        columns: names and DuckDB's types.
        notes: the files' note on each column, of any type; may be shorter.
        n_rows: number of rows of each file.
        tables: of a union, the index of each file's table.
    """

    relation: str
    columns: list[tuple[str, str]]
    notes: list[Any]
    n_rows: list[int]
    tables: Sequence[int] = ()


def files_source(
    connection: Any, files: Sequence[str], copies: Mapping[str, str] = _NO_COPIES
) -> Source:
    """The rows of Parquet files, one file after the other, or of one file of text or JSON.

    Its rows are also written as Parquet, to the free path that `copies` has for it.
    """
    copy = copies.get(files[0])
    if files[0].endswith(TEXT_TABLES):
        _check_lines(files[0])
    if files[0].endswith(JSON_TABLES):
        return _json_source(connection, files[0], copy)
    if copy is not None and _has_copied(connection, _text_reading(files[0]), copy):
        files = [copy]
    if files[0].endswith(TEXT_TABLES):
        return _text_source(connection, files[0])
    listed = f"[{', '.join(quoted(file) for file in files)}]"
    # Increments may differ in a column's type, which the union generalizes.
    union = ", union_by_name = true" if len(files) > 1 else ""
    ((n_columns, n_name_chars),) = connection.execute(
        f"SELECT max(num_children), max(length(name)) FROM parquet_schema({listed})"
    ).fetchall()
    _check_width(int(n_columns or 0), int(n_name_chars or 0))
    relation = f"read_parquet({listed}{union})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    if any(nesting_of(str(sql_type)) > MAX_LIST_NESTING for _, sql_type, *_ in described):
        import duckdb

        raise duckdb.InvalidInputException("its values are nested too deeply")
    counts = dict(
        connection.execute(
            f"SELECT file_name, num_rows FROM parquet_file_metadata({listed})"
        ).fetchall()
    )
    return Source(
        relation,
        [(str(name), str(sql_type)) for name, sql_type, *_ in described],
        _column_notes(connection, listed),
        [int(counts[file]) for file in files],
    )


def _check_width(n_columns: int, n_name_chars: int) -> None:
    fault = width_fault(n_columns, n_name_chars)
    if fault is not None:
        import duckdb

        raise duckdb.InvalidInputException(fault)


def nesting_of(sql_type: str) -> int:
    """The number of lists and structs around the innermost value of a type.

    >>> nesting_of("STRUCT(a INTEGER[], b STRUCT(c VARCHAR[][])[])[]")
    6
    """
    deepest, outer = 0, [0]
    depth = 0
    # From the right: `[]` stands behind the type that it is a list of.
    for char in reversed(re.sub(r'"(?:[^"]|"")*"', "", sql_type)):
        if char == "]":
            depth += 1
        elif char == ")":
            depth += 1
            outer.append(depth)
        elif char == "," or (char == "(" and len(outer) > 1):
            if char == "(":
                outer.pop()
            depth = outer[-1]
        deepest = max(deepest, depth)
    return deepest


def _has_copied(connection: Any, relation: str, copy: str, notes: Sequence[Any] = ()) -> bool:
    """Write the rows of a relation as Parquet. False if that fails, as on a full disk."""
    import duckdb  # here, as the server itself imports this module, and needs 30 MB for it

    metadata = ""
    if notes:
        text = msgspec.json.encode({"columns": notes}).decode()
        metadata = f", KV_METADATA {{{quoted(NOTES)}: {quoted(text)}}}"
    try:
        connection.execute(
            f"COPY (SELECT * FROM {relation}) TO {quoted(copy)} (FORMAT parquet{metadata})"
        )
    except duckdb.Error:
        Path(copy).unlink(missing_ok=True)  # what was written of it
        return False  # if the text is at fault, reading it says so
    return True


def _check_lines(file: str) -> None:
    """Refuse a line that is too long with LongLine."""
    n_open = 0
    with open(file, "rb") as text:
        while part := text.read(_PART_BYTES):
            end = b"\n" if b"\n" in part else b"\r"
            first = part.find(end)
            n_open += len(part) if first < 0 else first
            if n_open > MAX_LINE_BYTES:
                raise LongLine
            if first >= 0:
                n_open = len(part) - 1 - part.rfind(end)


def _text_reading(file: str) -> str:
    # The types are those that all rows fit, not only the first ones.
    return f"read_csv({quoted(file)}, sample_size = -1, null_padding = true)"


def _text_source(connection: Any, file: str) -> Source:
    """The rows of a file of text, read once into a table."""
    reading = _text_reading(file)
    described = connection.execute(f"DESCRIBE SELECT * FROM {reading}").fetchall()
    columns = [(str(name), str(sql_type)) for name, sql_type, *_ in described]
    _check_width(len(columns), max(len(name) for name, _ in columns))
    renamed = ", ".join(f"c{index}" for index in range(len(columns)))
    table = quoted_name(file)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {reading} AS rows({renamed})"
    )
    ((n_rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    relation = f"(SELECT *, 0 AS file_index, rowid AS file_row_number FROM {table})"
    return Source(relation, columns, [], [int(n_rows)])


def _json_source(connection: Any, file: str, copy: str | None) -> Source:
    """The rows of a file in W&B's form, read once into a table.

    They are also written as Parquet to the free path `copy`, if the columns can have their names.
    """
    table = quoted_name(file)
    columns = create_json_table(connection, file, f"TEMP TABLE {table}")
    ((n_rows,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    notes = [
        {"name": column.name, **({"form": "json"} if column.is_json else {})} for column in columns
    ]
    names = [column.name for column in columns]
    if copy is not None and len({name.casefold() for name in names}) == len(names):
        renamed = ", ".join(map(quoted_name, names))
        _has_copied(connection, f"{table} AS rows({renamed})", copy, notes)
    return Source(
        f"(SELECT *, 0 AS file_index, rowid AS file_row_number FROM {table})",
        [(column.name, column.sql_type) for column in columns],
        notes,
        [int(n_rows)],
    )


def joined_source(connection: Any, left: Source, right: Source, keys: Sequence[str]) -> Source:
    """All rows of two tables; rows with equal keys, the left and the right one's, are joined.

    The columns are named as `weft.sdk.media.tables.combining` names them: `0.name` and `1.name`.
    """
    sides = (left, right)
    left_key, right_key = (_index_of(source, key) for source, key in zip(sides, keys, strict=True))
    types = {left.columns[left_key][1], right.columns[right_key][1]}
    are_equal = f"l.c{left_key} = r.d{right_key}"
    if len(types) > 1 and not types <= _NUMBERS:
        are_equal = "false"
    numbers = "file_index, file_row_number"
    of_left, of_right = _names("c", left), _names("d", right)
    joined = [f"l.{name}" for name in of_left] + [f"r.{name}" for name in of_right]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE joined AS SELECT {', '.join(joined)}"
        f" FROM (SELECT *, {numbers} FROM {left.relation}) l({', '.join(of_left)}, {numbers})"
        f" FULL JOIN (SELECT *, {numbers} FROM {right.relation})"
        f" r({', '.join(of_right)}, {numbers}) ON {are_equal}"
        " ORDER BY l.file_index, l.file_row_number, r.file_index, r.file_row_number"
    )
    ((n_rows,),) = connection.execute("SELECT count(*) FROM joined").fetchall()
    columns = [
        (f"{side}.{name}", sql_type, _note(source, index))
        for side, source in enumerate(sides)
        for index, (name, sql_type) in enumerate(source.columns)
    ]
    return Source(
        "(SELECT *, 0 AS file_index, rowid AS file_row_number FROM joined)",
        [(name, sql_type) for name, sql_type, _ in columns],
        [{**note, "name": name} if isinstance(note, dict) else None for name, _, note in columns],
        [int(n_rows)],
    )


def remaining_source(connection: Any, source: Source, other: Source) -> Source:
    """The rows of a table that another one does not have.

    Rows are equal if the values of all columns that both tables have are; values of different
    types are compared as texts. Columns of one of the tables only don't count.
    """
    indices = {name: index for index, (name, _) in enumerate(other.columns)}
    own, others = _names("c", source), _names("d", other)
    equal: list[str] = []
    for index, (name, sql_type) in enumerate(source.columns):
        if name in indices:
            types = {sql_type, other.columns[indices[name]][1]}
            cast_to = "" if len(types) == 1 or types <= _NUMBERS else "::VARCHAR"
            equal.append(f"l.c{index}{cast_to} IS NOT DISTINCT FROM r.d{indices[name]}{cast_to}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE remaining AS SELECT "
        f"{', '.join(f'l.{name}' for name in own)}"
        f" FROM {source.relation} AS l({', '.join(own)})"
        f" ANTI JOIN {other.relation} AS r({', '.join(others)})"
        f" ON {' AND '.join(equal) or 'false'} ORDER BY l.file_index, l.file_row_number"
    )
    ((n_rows,),) = connection.execute("SELECT count(*) FROM remaining").fetchall()
    return Source(
        "(SELECT *, 0 AS file_index, rowid AS file_row_number FROM remaining)",
        source.columns,
        source.notes,
        [int(n_rows)],
    )


def quoted(text: str) -> str:
    """A text as a literal of SQL.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def quoted_name(text: str) -> str:
    """A text as a name of SQL.

    >>> print(quoted_name('5" disk'))
    "5"" disk"
    """
    return '"' + text.replace('"', '""') + '"'


def field_of(noted: Any, name: str) -> Any:
    """A field of what a file says of a column; None if it says something else."""
    return cast("dict[str, Any]", noted).get(name) if isinstance(noted, dict) else None


def _column_notes(connection: Any, listed: str) -> list[Any]:
    """The last file's note on each column; empty if there are none."""
    values = connection.execute(
        f"SELECT decode(value) FROM parquet_kv_metadata({listed})"
        f" WHERE decode(key) = {quoted(NOTES)}"
    ).fetchall()
    try:
        noted = msgspec.json.decode(values[-1][0]) if values else None
    except msgspec.DecodeError:
        return []
    columns = field_of(noted, "columns")
    return cast("list[Any]", columns) if isinstance(columns, list) else []


def _note(source: Source, index: int) -> Any:
    return source.notes[index] if index < len(source.notes) else None


def _index_of(source: Source, name: str) -> int:
    for index, (column, _) in enumerate(source.columns):
        if column == name:
            return index
    raise UnknownColumn(name)


def _names(letter: str, source: Source) -> list[str]:
    return [f"{letter}{index}" for index in range(len(source.columns))]
