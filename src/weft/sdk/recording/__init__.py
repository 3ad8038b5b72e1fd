"""One process's part of a run: its directory, its logs, its upload. Does I/O.

`recorder` opens the log in the folder that `directory` makes, and writes all records other than
rows. `uploads` starts the sidecars (`weft.sync`), which do the upload. `upload_watch` and
`upload_status` report its progress.
"""
