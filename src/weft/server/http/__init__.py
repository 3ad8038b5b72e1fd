"""Layer 5: HTTP. One module per resource; routes check, ask a service, and encode the answer.

A request passes `context` (id, headers, last net), then `admission`: `local_mode` (who may),
`bodies` (how much) and `dispatch`, which gives an upload to `ingest` at once and the rest to
FastAPI. There it passes `answers.compression` and `answers.etags`, then its route, or
`answers.methods` where none fits. Bare routes, where bytes flow, know no FastAPI. Errors leave as
problem documents: `answers.problems`.

`ingest` has its frames decoded by `uploads`, as `directories` has for `weft ui`. What each route
takes and gives is in `docs/http-api.md`, its shapes in `schemas`; `description` makes OpenAPI of
both.
"""
