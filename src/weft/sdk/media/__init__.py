"""The media types of scripts: values that become files of a run. No I/O but reading given files.

A script makes an `Image` and logs it. The object takes a snapshot of its data at once and checks
it; `log()` takes its `payloads` and puts its `reference` into the row. Encoders in
`weft.sync.files` make files of the payloads, in another process.

`pixels` has the rules for shapes and value ranges of arrays, which images and videos share.
"""
