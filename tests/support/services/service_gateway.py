"""Documents of GraphQL, run without HTTP by the fixture `ask` of `tests/unit/server/gateway`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]


def mutate(ask: Ask, field: str, answer: str, **values: Any) -> Any:
    """Run one mutation: the part of its answer, or its error."""
    kind = f"{field[0].upper()}{field[1:]}Input!"
    document = f"mutation($input: {kind}) {{ {field}(input: $input) {{ {answer} }} }}"
    body = ask(document, input=values)
    return body if isinstance(body, str) else body[field]
