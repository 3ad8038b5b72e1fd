"""The distributed metric engine: PostgreSQL decides, ClickHouse keeps encoded chunks.

Fresh uploads, positions and states of runs are rows of PostgreSQL. Reads fold them with the code
of the embedded engine (`storage.metrics.reading`), so that answers are equal. Chunks in ClickHouse
are still to come, and no server can be started with it yet.
"""
