"""The database itself: tables, transactions, upgrades, and the values of columns.

No subject of its own; every other folder of the package stands on it.
"""
