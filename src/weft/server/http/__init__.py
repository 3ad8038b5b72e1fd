"""Layer 5: HTTP. One module per resource; routes check, ask a service, and encode the answer.

A request passes `context` (id, headers, last net), `local_mode` (who may), `compression`, then its
route. The bare routes, where bytes flow, are `ingest`, `series` and `live`. Errors leave as
problem documents: `problems`. What each route takes and gives is in `docs/http-api.md`.
"""
