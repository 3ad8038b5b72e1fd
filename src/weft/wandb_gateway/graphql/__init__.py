"""GraphQL: the schema, and what answers each of its fields.

`execution` runs a document; `queries` and `mutations` are where it begins, and the modules
`*_nodes` have one class for each type. A class has what clients ask of the type as attributes and
methods, in snake case; a method gets the request's `Info` and the arguments of the field.
"""

from weft.wandb_gateway.graphql.execution import Executor, GraphQLAnswer
from weft.wandb_gateway.graphql.request import GraphQLRequest, RequestContext

__all__ = ["Executor", "GraphQLAnswer", "GraphQLRequest", "RequestContext"]
