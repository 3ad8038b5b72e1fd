"""Turns run logs into uploads: those that arrive by HTTP, and those in directories of `weft ui`.

`uploads` unpacks and decodes the bytes of logs and passes them to `services.ingest`; `directories`
reads logs from this machine's disk. No other part of the server knows frames. `lines` takes rows
and console output as text, line by line, from clients that have no run log.
"""
