"""The process that runs one SQL query, and its pipe.

`child` is that process, `pipe` carries tables to it and answers back, and `rows_json` writes an
answer as JSON. This file imports nothing, and these modules don't import the stores, so that the
process starts with DuckDB alone.
"""
