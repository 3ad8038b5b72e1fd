"""What a request passes before its route: who may ask, and how large it may be.

`protocol` reads requests within bounds, `flow` pauses its reading, `connections` bounds how many
strangers may connect, `peer` asks `socket_owner` whose a connection is, and `local_mode` decides
who may ask. `bodies` counts what comes. `request_log` writes for `context`, the outermost layer,
which requests were slow.
"""
