"""What is kept, and how. `contract` says what services may ask of an engine.

`metadata` holds names, states, config and summaries in SQLite or PostgreSQL; `metrics` holds all
points, one file per project. Nothing here knows of HTTP, of actors or of who may do what.
"""
