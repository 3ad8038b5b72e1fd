"""Turns received bytes of run logs into uploads for `services.ingest`.

`unpacking` decompresses zstd within limits. `decode` turns frames into columns and records, with
`columns` and the `rules` that each record must follow. `log_uploads` and `small_logs` do both for
the two routes of `http`, and report what is durable.
"""
