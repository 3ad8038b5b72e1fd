"""What a request passes before its route: who may ask, how large it may be, which app answers.

`protocol` tells which connection a request came by, `local_mode` asks `socket_owner` whose it is,
`bodies` counts what comes, `dispatch` gives uploads to their route, `parameters` refuses what
of a query an address does not take. `request_log` writes for `context`, the outermost layer, which
requests were slow.
"""
