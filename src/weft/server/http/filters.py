"""The route that reads filters: text to tree, tree to text, and what is wrong where."""

from __future__ import annotations

from fastapi import APIRouter, Response

from weft.queries.filter_json import decode_filter, encode_filter
from weft.queries.filter_text import format_filter
from weft.server.http.context import Asker, json_answer
from weft.server.http.schemas.selecting import FilterForms, FilterToRead
from weft.server.services.permissions import SERVER, Action, require

router = APIRouter(prefix="/api/v1/filters", tags=["runs"])


@router.post("/parse", response_model=FilterForms, operation_id="parse_filter")
def parse_filter(asked: FilterToRead, actor: Asker) -> Response:
    """Both forms of a filter: its tree, and its text as the server writes it."""
    require(actor, Action.READ, SERVER)
    tree = decode_filter(asked.filter)
    return json_answer({"tree": encode_filter(tree), "text": format_filter(tree)})
