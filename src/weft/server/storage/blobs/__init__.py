"""Contents of files, by hash. Layer 7: receives bytes from `services.blobs`, keeps them. Does I/O.

`contract` says what every engine promises; `local` is the one on the server's own disk, `memory`
its twin for tests.
"""
