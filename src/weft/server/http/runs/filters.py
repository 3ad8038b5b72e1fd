"""The route that parses filters: text to tree, tree to text, with the position of errors."""

from __future__ import annotations

from weft.queries.filter_json import decode_filter, encode_filter
from weft.queries.filter_text import format_filter
from weft.server.http.admission.sharing import COSTLY
from weft.server.http.routing.routes import Routes
from weft.server.services.access import SERVER, Action, Actor, require
from weft.wire.runs import selecting as endpoints
from weft.wire.runs.selecting import FilterForms, FilterToRead

routes = Routes()


@routes.answers(endpoints.parse_filter, threads=COSTLY)
def parse_filter(source: FilterToRead, actor: Actor) -> FilterForms:
    require(actor, Action.READ, SERVER)
    tree = decode_filter(source.filter)
    return FilterForms(tree=encode_filter(tree), text=format_filter(tree))
