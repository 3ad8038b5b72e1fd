"""The stores of the server: three, each known to services by its contract.

`metrics` holds all points, one file per project; `contract` states what its engines guarantee.
`metadata` holds names, states, config and summaries in SQLite or PostgreSQL; the package is the
contract. `blobs` holds contents of files; its contract is `blobs.contract`. Nothing here knows
about HTTP, users or permissions.
"""
