"""HTTP. A folder per subject, as in `weft.wire`; its routes call a service and return the result.

A request passes `context` (id, headers, errors), `admission.local_mode` (who may ask; its pages
are in `sign_in`) and `admission.bodies` (how large). Then `routing.router` finds its route, reads
the arguments and encodes the result, which passes `answers.etags` and `answers.compression`.
Errors become problem documents: `answers.problems`. Inside this folder `routing` uses `admission`
and `answers`, and `admission` uses `answers` and `sign_in`.

`ingest.uploads` passes logs to `weft.server.intake`, which decodes and applies them.
`docs/http-api.md` documents what each route takes and returns, `weft.wire` defines the shapes, and
`description` makes the OpenAPI document from the declared routes.
"""
