"""The metadata database: who, what and how a run was; never its points.

`store.MetadataStore` opens it and hands out transactions; each subject has a module whose methods
take one: `projects`, `runs`, `writers`, `fields`, `definitions`, `tombstones`. Tables are in
`schema`, their history in `migrations`. Does I/O: SQLite (WAL) or PostgreSQL, by URL.
"""
