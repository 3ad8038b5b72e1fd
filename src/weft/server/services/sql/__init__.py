"""SQL over a project: DuckDB in a child process, given only what the query names.

`service` runs a query in a process of `processes`; `syntax` and `restrictions` read off its tree
what it needs; `run_tables` and `row_tables` make that of the stores; `pipe` carries it to `child`,
which has no files, no network and a bounded memory.
"""
