"""Rows of stored runs: one run's in order, one run's thinned, many runs' as a table.

Made by `weft.sdk.reading.stored.run` and `.api`. Does network I/O; pandas, polars and pyarrow are
imported only for who asks for their tables.
"""
