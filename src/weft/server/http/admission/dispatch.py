"""Which app answers a request: uploads at once, all else by FastAPI.

Comes after `bodies`. FastAPI and Starlette put ten layers around a route; a thousand writers a
second would pay for them with half a core, and an upload needs none of them.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from weft.errors import WeftError
from weft.server.http.answers.problems import problem_from_error
from weft.server.http.ingest import IngestRoute, is_upload_path
from weft.server.http.ingest_small import PATH as SMALL_LOGS_PATH
from weft.server.http.ingest_small import SmallLogsRoute
from weft.server.services.cancellation import Cancelled


class Dispatch:
    """ASGI app before the framework.

    Args:
        rest: answers everything but uploads.
    """

    def __init__(self, uploads: IngestRoute, small_logs: SmallLogsRoute, rest: ASGIApp) -> None:
        self._uploads = uploads
        self._small_logs = small_logs
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._bare_app(scope)
        if app is not None:
            try:
                await app(scope, receive, send)
            except Cancelled:
                pass  # the client has left
            except WeftError as error:
                await problem_from_error(scope, error)(scope, receive, send)
        else:
            await self._rest(scope, receive, send)

    def _bare_app(self, scope: Scope) -> ASGIApp | None:
        if scope["type"] != "http" or scope["method"] != "POST":
            return None
        if is_upload_path(scope["path"]):
            return self._uploads
        return self._small_logs if scope["path"] == SMALL_LOGS_PATH else None
