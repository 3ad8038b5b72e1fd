"""Serves the unmodified official client of W&B: GraphQL, file streams, uploads and downloads.

An adapter: it translates what that client sends to calls of `weft.server.services`, and back. The
services know nothing of it, so it can be deleted without a trace elsewhere. `gateway` is the ASGI
app, `graphql` has the schema and its resolvers, `runs` what becomes of a run's requests, and
`artifacts` versions and drafts. `transfers` sends and receives at `signed_addresses`.
`docs/wandb-compatibility.md` lists the operations.
"""

from weft.wandb_gateway.gateway import Gateway
