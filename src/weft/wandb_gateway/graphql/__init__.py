"""GraphQL: the schema, and what answers each of its fields.

`execution` runs a document; `queries` and `mutations` are where it begins, and the modules
`*_nodes` have one class for each type. A class has what clients ask of the type as attributes and
methods, in snake case; a method gets the request's `Info` and the arguments of the field.

Nothing is imported here: the libraries of `execution` take a second and 30 MB, which a server
without such clients does not need.
"""
