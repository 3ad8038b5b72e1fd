"""Bytes of run logs that were sent become uploads of `services.ingest`.

`unpacking` undoes zstd within bounds, `decode` makes columns and records of frames (with `columns`
and the `rules` that single records may break), `log_uploads` and `small_logs` do both for the two
routes of `http` and answer what is durable.
"""
