"""Layers 5 to 7: the server. `app` wires `http` (routes), `services` and `storage` together.

A point comes in at `http.ingest`, goes through `services.ingest` into `storage.metrics`, and comes
back through `services.charting` and `http.series`. Imports only go down; nothing here knows the
client half.
"""
