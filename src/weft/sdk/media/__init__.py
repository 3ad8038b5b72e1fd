"""The media types of scripts: values that become files of a run. No I/O but reading given files.

A script makes an `Image` and logs it. The object takes a snapshot of its data at once and checks
it; `log()` takes its `payloads` and puts its `reference` into the row. Encoders in
`weft.sync.files` make files of the payloads, in another process.

`media` has the base class, each other module a type or two; `classes` is generated. `batch` takes
the media of a row. `pixels` has the rules for arrays, which images and videos share.
"""
