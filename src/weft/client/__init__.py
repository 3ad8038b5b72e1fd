"""The typed HTTP client.

Receives requests from `weft.sync` (uploads) and `weft.sdk` (`weft.Api`), sends them over
`http.client`, and returns decoded answers or raises errors of `weft.errors`. `address` parses base
addresses, `transport` owns the connection and maps answers to errors, `calls` sends any endpoint
of `weft.wire`, and `script_client` and `api_client` have the requests that take more than a call.
`shared` has a connection for each thread, and `bucket` downloads from the bucket of a server.
At module level it imports only the standard library and msgspec, because its import time is a
lower bound for a short script's `finish()`.
"""
