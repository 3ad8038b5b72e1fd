"""Users and teams, their keys and sessions, roles in projects, what they did there, and the
audit log.

`directory` reads all that decides who may do what, with one version number for all of it.
"""
