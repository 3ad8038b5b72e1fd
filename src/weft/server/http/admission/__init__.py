"""Checks that a request passes before its route: who may ask, and how large it may be.

`protocol` reads requests within limits, `flow` pauses its reading, `connections` limits how many
guests may connect, `peer` asks `socket_owner` which user owns a connection, and `local_mode`
decides who may ask. `bodies` limits the size of bodies. `request_log` logs slow requests for
`context`, the outermost layer.
"""
