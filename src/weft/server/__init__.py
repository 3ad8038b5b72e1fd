"""The server. `app` wires `http` (routes), `intake`, `services` and `storage` together.

A logged point enters at `http.ingest.uploads`, passes through `intake.uploads` and
`services.ingest` into `storage.metrics`, and is read back through `services.charting` and
`http.metrics.charts`. Imports only go down; nothing here depends on the client half.
"""
