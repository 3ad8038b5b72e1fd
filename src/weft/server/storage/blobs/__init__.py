"""Contents of files, by hash. The bytes behind `services.stores.kept_blobs`. Does I/O.

`contract` defines what every engine guarantees; `local` is the engine on the server's own disk.
"""
