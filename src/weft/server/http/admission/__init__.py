"""Checks that a request passes before its route: who may ask, and how large it may be.

`protocol` reads requests within limits, `flow` pauses its reading, `connections` limits how many
guests may connect, `peer` asks `socket_owner` which user owns a connection, and `local_mode`
decides who may ask, and `identity` as whom; `credentials` has the server's token. `bodies` limits
request bodies, `heavy` the memory of large work, and `sharing` the threads of each user.
`direct_body` and `direct_file` move large contents. `proxies` finds the client behind a proxy and
`request_log` logs slow requests, both for `http.context`.
"""
