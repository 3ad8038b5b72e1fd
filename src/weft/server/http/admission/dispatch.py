"""Which app answers a request: uploads at once, all else by FastAPI.

Comes after `bodies`. FastAPI and Starlette put ten layers around a route; a thousand writers a
second would pay for them with half a core, and an upload needs none of them.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from weft.errors import WeftError
from weft.server.http.answers.problems import problem_from_error
from weft.server.http.ingest import IngestRoute, is_upload_path


class Dispatch:
    """ASGI app before the framework.

    Args:
        rest: answers everything but uploads.
    """

    def __init__(self, uploads: IngestRoute, rest: ASGIApp) -> None:
        self._uploads = uploads
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _is_upload(scope):
            try:
                await self._uploads(scope, receive, send)
            except WeftError as error:
                await problem_from_error(scope, error)(scope, receive, send)
        else:
            await self._rest(scope, receive, send)


def _is_upload(scope: Scope) -> bool:
    return scope["type"] == "http" and scope["method"] == "POST" and is_upload_path(scope["path"])
