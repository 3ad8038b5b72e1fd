"""Creates the tables that scripts logged, as views of their Parquet files.

The names of columns come from those files; a view needs none of them in its statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from weft.server.services.sql_child.table_sources import quoted

LOGGED_FOLDER: Final = "logged"
"""The folder of the files that the process may read, in its own folder."""

_FILE: Final = "__weft_file"


def create_logged(connection: Any, name: str, files: Sequence[dict[str, Any]]) -> None:
    """Create the view `tables."<name>"`: the columns `run` and `step`, then those of the files.

    Columns of the files with these names get a number. Where a file lacks a column, it is null.

    Args:
        connection: of DuckDB.
        name: the metric.
        files: of each its `path`, `run` and `step`.
    """
    listed = ", ".join(quoted(file["path"]) for file in files)
    is_whole = all(isinstance(file["step"], int) for file in files)
    step_type = "BIGINT" if is_whole else "DOUBLE"
    origins = ", ".join(
        f"({quoted(file['path'])}, {quoted(file['run'])}, {file['step']}::{step_type})"
        for file in files
    )
    identifier = name.replace('"', '""')
    connection.execute("CREATE SCHEMA IF NOT EXISTS tables")
    connection.execute(
        f'CREATE VIEW tables."{identifier}" AS'
        f" SELECT origins.run, origins.step, rows.* EXCLUDE ({_FILE})"
        f" FROM read_parquet([{listed}], union_by_name = true, filename = {quoted(_FILE)}) AS rows"
        f" JOIN (VALUES {origins}) AS origins(path, run, step) ON rows.{_FILE} = origins.path"
    )
