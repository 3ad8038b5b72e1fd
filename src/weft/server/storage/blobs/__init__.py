"""Contents of files, by hash. The bytes behind `services.stores.kept_blobs`. Does I/O.

`contract` says what every engine promises; `local` is the one on the server's own disk.
"""
