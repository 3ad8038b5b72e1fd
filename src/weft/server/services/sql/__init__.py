"""SQL over a project: DuckDB in a child process, which receives only what the query names.

`service` runs a query in a process of `processes`, and `running` limits it; `syntax` and
`restrictions` read its needs from its syntax tree; `run_tables` and `row_tables` load them
from the stores. The process itself is in `sql_child`: it has no files, no network and a memory
limit.
"""

from weft.server.services.sql.running import Running
from weft.server.services.sql.service import SqlService
