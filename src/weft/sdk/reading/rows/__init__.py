"""Rows of stored runs: one run's in order, one run's thinned, many runs' as a table.

Made by `weft.sdk.reading.stored.run` and `.api`. Does network I/O. Imports pandas, polars and
pyarrow only when a caller asks for their tables.
"""
