"""One process's part of a run: its directory, its logs, its upload. Steps 1 and 2; does I/O.

`recorder` opens the log in what `directory` made, and writes all that is no row. `uploads` starts
the sidecars (`weft.sync`), which take it from there; `upload_watch` and `upload_status` say how
they fare.
"""
