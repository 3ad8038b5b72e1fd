"""The tables that scripts logged: which files have their rows, for windows and for SQL.

`finding` is all there is. The rows are read by DuckDB in a child process, which gets copies.
"""

from weft.server.services.logged_tables.finding import (
    LoggedTable,
    OwningRun,
    OwningVersion,
    TableOwner,
    find_files,
    table_in,
)
