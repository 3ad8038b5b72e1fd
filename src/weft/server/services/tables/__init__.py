"""Rows of the tables that scripts logged: `service` finds a table's files, `running` has DuckDB
read them in a child process, as `services.sql` does for queries, `windows` makes the answer.
"""

from weft.server.services.tables.running import answers_of
from weft.server.services.tables.service import TableService
