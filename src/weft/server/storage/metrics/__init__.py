"""The embedded metric store: one SQLite file per project, chunks with a fixed-grid pyramid.

Start with `store` (the methods), then `docs/decisions/0002-metric-store.md` (the bytes).
`encoding` encodes chunks, `reading` answers queries and has their caches, `upkeep` makes chunks
and deletes runs. Both use `database`, the open file, which imports neither (`make layers`).
"""

from weft.server.storage.metrics.store import SqliteMetricStore

__all__ = ["SqliteMetricStore"]
