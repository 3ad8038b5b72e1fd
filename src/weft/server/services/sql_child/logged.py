"""Creates the tables that scripts logged, as views of their files.

The names of columns come from those files; a view's statement names none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from weft.server.services.sql_child.json_tables import JSON_TABLES, create_json_table
from weft.server.services.sql_child.table_sources import quoted

LOGGED_FOLDER: Final = "logged"
"""The folder of the files that the process may read, in its own folder."""

_FILE: Final = "__weft_file"


def create_logged(connection: Any, name: str, files: Sequence[dict[str, Any]]) -> None:
    """Create the view `tables."<name>"`: columns `run` and `step`, then the columns of the files.

    Columns of the files with these names get a number. Where a file lacks a column, it is null.
    """
    is_whole = all(isinstance(file["step"], int) for file in files)
    step_type = "BIGINT" if is_whole else "DOUBLE"
    in_json = [file for file in files if file["path"].endswith(JSON_TABLES)]
    in_parquet = [file for file in files if file not in in_json]
    parts = [_rows_of_parquet(in_parquet, step_type)] if in_parquet else []
    for file in in_json:
        parts.append(_rows_of_json(connection, file, step_type))
    identifier = name.replace('"', '""')
    connection.execute("CREATE SCHEMA IF NOT EXISTS tables")
    connection.execute(f'CREATE VIEW tables."{identifier}" AS {" UNION ALL BY NAME ".join(parts)}')


def _rows_of_parquet(files: Sequence[dict[str, Any]], step_type: str) -> str:
    listed = ", ".join(quoted(file["path"]) for file in files)
    origins = ", ".join(
        f"({quoted(file['path'])}, {quoted(file['run'])}, {file['step']}::{step_type})"
        for file in files
    )
    return (
        f"SELECT origins.run, origins.step, rows.* EXCLUDE ({_FILE})"
        f" FROM read_parquet([{listed}], union_by_name = true, filename = {quoted(_FILE)}) AS rows"
        f" JOIN (VALUES {origins}) AS origins(path, run, step) ON rows.{_FILE} = origins.path"
    )


def _rows_of_json(connection: Any, file: dict[str, Any], step_type: str) -> str:
    identifier = '"' + file["path"].replace('"', '""') + '"'
    connection.execute("CREATE SCHEMA IF NOT EXISTS __weft")
    table = f"__weft.{identifier}"
    columns = create_json_table(connection, file["path"], f"TABLE {table}")
    quoted_names = ['"' + column.name.replace('"', '""') + '"' for column in columns]
    chosen = [f"c{index} AS {name}" for index, name in enumerate(quoted_names)]
    origin = f"{quoted(file['run'])} AS run, {file['step']}::{step_type} AS step"
    return f"SELECT {origin}, {', '.join(chosen)} FROM {table}"
