"""The process that runs one SQL query, the process that it is a fork of, and its pipe.

`parent` forks itself, and the fork is `child`; `link` tells the server when it ends. `pipe`
carries tables to it and answers back, and `rows_json` writes an answer as JSON. Of logged tables,
`table_sources` finds the rows and `table_window` answers a window of them. This file imports
nothing, and these modules don't import the stores, so that the process starts with DuckDB alone.
"""
