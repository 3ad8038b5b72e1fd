"""Layer 6: what the product does. No HTTP, no SQL.

Stop 9 of a data point's way: `http.ingest` hands decoded uploads to `ingest.IngestService`, which
changes metadata, appends to the project's metric store and tells `live.LiveHub`; `series`,
`history` and `metrics` read the points back. `open.open_services` ties all of them together.

Every public method takes an `actors.Actor` first and asks `permissions.require`.
"""
