"""Binds functions to endpoints, finds the endpoint of a request, and reads its arguments.

`routes` binds a function or a service's method to an endpoint of `weft.wire`. `arguments` compares
the two, and reads the arguments from a request, with `json_body` and `faults`. `addresses` finds
the route of a request, and `router` calls it. `description.openapi` describes all routes.
"""
