"""Contents of files, by hash. The bytes behind `services.stores.referenced_blobs`. Does I/O.

`contract` defines what every engine guarantees; `local` is the engine on the server's own disk,
`s3` the one in a bucket, and `opening` chooses. Both write to `drafts` first.
"""
