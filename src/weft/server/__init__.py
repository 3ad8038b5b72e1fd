"""The server. `app` wires `http` (routes), `intake`, `services` and `storage` together.

A point comes in at `http.ingest`, goes through `intake.uploads` and `services.ingest` into
`storage.metrics`, and comes back through `services.charting` and `http.series`. Imports only go
down; nothing here knows the client half.
"""
