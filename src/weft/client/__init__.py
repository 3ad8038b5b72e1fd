"""The typed HTTP client.

Receives requests from `weft.sync` (uploads) and `weft.sdk` (`weft.Api`), sends them over
`http.client`, and hands back decoded answers or errors of `weft.errors`. `address` reads base
addresses, `transport` owns the connection and maps answers to errors, `endpoints` has one method
per route of `docs/http-api.md`. Only the standard library is imported at module level, plus
msgspec: booting this is the floor of a short script's `finish()`.
"""
