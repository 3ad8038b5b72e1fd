"""HTTP. One module per resource; its routes ask a service and return what it answers.

A request passes `context` (id, headers, errors), `admission.local_mode` (who may ask) and
`admission.bodies` (how much). Then `routing.router` finds its route, reads the arguments and
encodes the result, which passes `answers.etags` and `answers.compression`. Errors become problem
documents: `answers.problems`. Inside this folder `routing` uses `admission` and `answers`, and
`admission` uses `answers`.

`ingest` has the logs it takes decoded and applied by `weft.server.intake`. What each route
takes and returns is in `docs/http-api.md`, its shapes in `weft.wire`; `description` makes OpenAPI
of the declared routes.
"""
