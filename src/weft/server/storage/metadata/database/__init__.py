"""The database itself: tables, transactions, and the values of columns.

`schema` has the tables, and `engine` opens SQLite or PostgreSQL; `values` and `path_columns` are
columns that several tables have. Every other folder of the package needs it.
"""
