"""Routes of the API's description, as OpenAPI and as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from weft.server.http.description.docs_page import POLICY, docs_page
from weft.server.http.description.openapi import describe
from weft.server.http.routing.routes import Route, Routes
from weft.wire.server import server as endpoints

routes = Routes()


class Description:
    """The description of some routes, made on first use."""

    def __init__(self, routes: Sequence[Route], version: str) -> None:
        self._routes = routes
        self._version = version
        self._document: dict[str, Any] | None = None
        self._page: str | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self._document is None:
            self._document = describe(self._routes, self._version)
        return self._document

    @property
    def page(self) -> str:
        """The same as an HTML page."""
        if self._page is None:
            self._page = docs_page(self.document)
        return self._page


@routes.answers(endpoints.describe_api, answer_text="OpenAPI 3.1")
def describe_api(description: Description) -> dict[str, Any]:
    return description.document


@routes.answers(
    endpoints.read_api_docs, answer_text="HTML", media={"text/html": {"type": "string"}}
)
def read_api_docs(description: Description) -> Response:
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return Response(description.page, headers=headers, media_type="text/html")
