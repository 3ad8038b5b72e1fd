"""Declares routes, finds the route of a request, and reads its arguments.

`routes` declares a function with its method, address and answer. `arguments` reads the
function's arguments from a request, by its signature. `addresses` finds the route of a request,
and `router` calls it. `description.openapi` describes all routes from the same declarations.
"""
