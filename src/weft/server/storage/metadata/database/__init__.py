"""The database itself: tables, transactions, upgrades, and the values of columns.

`schema` has the tables, `engine` opens SQLite or PostgreSQL, and `upgrade` migrates; `values` and
`path_columns` are columns that several tables have. Every other folder of the package needs it.
"""
