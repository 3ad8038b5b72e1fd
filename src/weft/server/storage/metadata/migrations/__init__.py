"""Every change of the metadata database's tables since the first release, oldest first.

Run by `upgrade`. A released migration is never edited: data directories of every release are
opened.
"""
