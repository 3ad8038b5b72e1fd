"""What the server stores, and how. `contract` defines what services may ask of an engine.

`metadata` holds names, states, config and summaries in SQLite or PostgreSQL; `metrics` holds all
points, one file per project. Nothing here knows about HTTP, users or permissions.
"""
