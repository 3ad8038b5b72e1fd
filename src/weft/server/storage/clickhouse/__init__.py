"""The distributed metric engine: PostgreSQL decides, ClickHouse keeps encoded chunks.

Fresh uploads, positions and states of runs are rows of PostgreSQL. Reads fold them with the code
of the embedded engine (`storage.metrics.reading`), so that answers are equal. `move` makes chunks
of them, which are rows of ClickHouse.
"""
