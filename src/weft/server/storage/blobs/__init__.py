"""Contents of files, by hash. The bytes behind `services.stores.referenced_blobs`. Does I/O.

`contract` defines what every engine guarantees; `local` is the engine on the server's own disk,
with `small` blobs together in one file; `s3` is the one in a bucket (`s3_bucket`), which has
`copies` on the disk; `opening` chooses. Both write to `drafts` first.
"""
