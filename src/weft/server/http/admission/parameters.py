"""Query parameters that an address does not take: refused, as a misspelt one would change nothing.

For the whole API but uploads, whose sender is no person and may be newer than the server; probes
of `/healthz` may ask as they like, too.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request

from weft.errors import ConfigError

_MAX_SHOWN_CHARS: Final = 80


async def known_parameters_only(request: Request) -> None:
    """Dependency of routers: let a request pass if its route takes all query parameters it has.

    Raises:
        ConfigError: it does not; names the parameter and the nearest of those that there are.
    """
    if request.scope["query_string"] and request.scope["path"].startswith("/api/"):
        check_parameters(request.scope["query_string"], _taken_by(request.scope["route"]))


def check_parameters(query: bytes, taken: Collection[str]) -> None:
    """Return if a query has only parameters that are taken.

    Raises:
        ConfigError: it has another one.

    >>> check_parameters(b"limt=1", ["limit", "cursor"])
    Traceback (most recent call last):
      ...
    weft.errors.ConfigError: no query parameter is called 'limt': limit may be meant; there are \
cursor, limit
    """
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in taken:
            raise _unknown(name[:_MAX_SHOWN_CHARS], taken)


def _unknown(name: str, taken: Collection[str]) -> ConfigError:
    if not taken:
        text = f"no query parameter is called {name!r}: there are none here"
    else:
        near = difflib.get_close_matches(name.lower(), taken, n=1, cutoff=0.6)
        hint = f"{near[0]} may be meant; " if near else ""
        text = f"no query parameter is called {name!r}: {hint}there are {', '.join(sorted(taken))}"
    return ConfigError(text, field=name or "''")


_taken: Final[dict[Any, frozenset[str]]] = {}
"""By the function that answers."""


def _taken_by(route: APIRoute) -> frozenset[str]:
    found = _taken.get(route.endpoint)
    if found is None:
        found = _taken[route.endpoint] = frozenset(_names_in(route.dependant))
    return found


def _names_in(dependant: Dependant) -> Iterator[str]:
    yield from (one.alias for one in dependant.query_params)
    for one in dependant.dependencies:
        yield from _names_in(one)
