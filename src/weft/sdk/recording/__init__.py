"""One process's part of a run: its directory, its logs, its upload. Does I/O.

`recorder` has the `process_log`, in the folder that `directory` makes, and `run_records`, which
writes all records other than rows. `uploads` starts the sidecars (`weft.sync`), which do the
upload. `upload_watch` and `upload_status` report its progress, and `stopping` ends a run that was
stopped from outside. `media_spool` stores media, `save` and `code_files` store files of the user,
and `run_files` writes files for people. `environment`, `captures` and `cell_history` record
without a call.
"""
