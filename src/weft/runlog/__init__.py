"""The crash-safe local log.

Receives records from `weft.sdk` (and the sidecar), hands bytes to `weft.sync` and to the server's
ingest. `format` is the codec, `decoding` reads its records, `writer` appends, `reader` scans,
tails and recovers, `layout` names the paths, `lock` keeps two uploaders off one log, `platform`
holds every call that differs between systems. The rules are numbered in `docs/run-log-format.md`;
tests name them.
"""
