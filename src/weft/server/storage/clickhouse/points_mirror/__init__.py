"""The mirror of points: a row of ClickHouse for each point, for people's own SQL.

It is never read by weft, and late by seconds. Format and protocol:
`docs/decisions/0053-points-mirror.md`. `copier` writes it, `bookkeeping` has its state in
PostgreSQL, `tables` its tables in ClickHouse, `rows` makes rows of points.
"""
