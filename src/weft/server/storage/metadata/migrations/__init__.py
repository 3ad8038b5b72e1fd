"""Every change of the metadata database's tables since 0.1.0, oldest first.

Run by `upgrade`. A released migration is never edited: data directories of every release are
opened, and `tests/fixtures` has one of each.
"""
