"""The metadata database: everything about runs except their points.

`store.MetadataStore` opens it and begins transactions; each subject has a module whose methods
take one: `projects`, `runs`, `writers`, `fields`, `definitions`, `tombstones`. Tables are in
`schema`, their history is in `migrations`. Does I/O: SQLite (WAL) or PostgreSQL, by URL.
"""
