"""The ASGI app of the gateway: finds what a request is for, and answers it.

The server mounts it next to its own API (`weft.server.app`), behind the same checks of who asks.
"""

from __future__ import annotations

import re
import zlib
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from weft.errors import ConfigError, CorruptLog, LimitExceeded
from weft.server.http.admission.bodies import MAX_BODY_BYTES, read_body
from weft.server.http.admission.sharing import ORDINARY, SharedThreads
from weft.server.http.routing.json_body import check_n_values
from weft.server.services.access import SYSTEM, Actor, RunPath
from weft.server.services.opening import Services
from weft.wandb_gateway.answers import answer, refusal, refusal_of
from weft.wandb_gateway.artifacts import Drafts, Versions
from weft.wandb_gateway.graphql.request import Context, GraphQLRequest
from weft.wandb_gateway.reported_runs import ReportedRuns
from weft.wandb_gateway.reports.addresses import page_of_link, page_of_printed
from weft.wandb_gateway.reports.served import ServedReports
from weft.wandb_gateway.runs import FileStreams, HistoryFiles, RunStarts
from weft.wandb_gateway.runs.memory import Memories
from weft.wandb_gateway.runs.streaming import decode_part
from weft.wandb_gateway.signed_addresses import PREFIX, SignedAddresses
from weft.wandb_gateway.transfers import BY_CHECKSUM, Transfers

if TYPE_CHECKING:
    from weft.wandb_gateway.graphql.execution import Executor

_FILE_STREAM: Final = re.compile(r"/files/([^/]+)/([^/]+)/([^/]+)/file_stream")

_TELEMETRY: Final = "/sdk/"
"""The address of the client's telemetry; 404 turns that off."""

_MAX_PART_BYTES: Final = 64 * 2**20
"""Of a part of a file stream, of which clients send up to 10 MiB."""

_THREADS: Final = 6
_THREADS_OF_USER: Final = 4
"""Of GraphQL: a request may keep its thread busy for half a minute, and others must not wait."""

_ASYNC_CLIENT: Final = "x-wandb-async-client-id"
_CLIENT: Final = "x-wandb-client-id"


class Gateway:
    """The app.

    `secret`, of this server alone, signs addresses. Files for clients are made in `folder`, and
    nothing is left there. `public_url` defaults to the address that each request names.
    """

    def __init__(
        self,
        services: Services,
        *,
        secret: str,
        folder: Path,
        version: str,
        public_url: str | None = None,
    ) -> None:
        self._services = services
        self._version = version
        self._public_url = public_url
        self._memories = Memories(services)
        self._starts = RunStarts(services, self._memories)
        self._streams = FileStreams(services, self._memories)
        self._versions = Versions(services)
        self._drafts = Drafts(services, self._memories, self._versions)
        self._reported_runs = ReportedRuns()
        self._served_reports = ServedReports()
        self._threads = SharedThreads("graphql", _THREADS, _THREADS_OF_USER)
        self._history_files = HistoryFiles(services, folder)
        self._addresses = SignedAddresses(secret, partial(services.users.seal, SYSTEM))
        self._transfers = Transfers(
            services, self._versions, self._drafts, self._history_files, self._addresses
        )

    @cached_property
    def _executor(self) -> Executor:
        from weft.wandb_gateway.graphql.execution import Executor

        return Executor()

    def owns(self, path: str) -> bool:
        """Whether requests at a path are for the gateway."""
        return (
            path in {"/graphql", "/ready"}
            or path.startswith((PREFIX, BY_CHECKSUM, _TELEMETRY))
            or _FILE_STREAM.fullmatch(path) is not None
            or page_of_printed(path) is not None
        )

    def is_open(self, path: str) -> bool:
        """Whether requests at a path need no key: addresses that are signed are keys."""
        is_open = path == "/ready" or path.startswith((PREFIX, _TELEMETRY))
        return is_open or page_of_printed(path) is not None

    def refuse(self, reason: str) -> Response:
        """The answer to who has no key: the client shows the reason and ends."""
        return refusal(401, reason)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(Request(scope, receive))
        except Exception as error:  # noqa: BLE001 - the client reads its own form of errors
            response = refusal_of(scope, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path, method = request.scope["path"], request.method
        if path == "/ready":
            return Response("OK", media_type="text/plain")
        if path.startswith(PREFIX):
            return await self._transfers.answer(request)
        page = page_of_printed(path)
        if page is not None:
            return RedirectResponse(page_of_link(request.url.query) or page, 302)
        if path.startswith(_TELEMETRY):
            return refusal(404, "weft takes no telemetry")
        actor: Actor = request.scope["state"]["actor"]
        if path.startswith(BY_CHECKSUM):
            if method not in {"GET", "HEAD"}:
                return refusal(405, f"{path} takes GET, not {method}")
            work = partial(self._transfers.answer_by_checksum, request, actor)
            return await ORDINARY.run(actor, work, request.receive)
        if method != "POST":
            return refusal(405, f"{path} takes POST, not {method}")
        body = await _body(request, MAX_BODY_BYTES if path == "/graphql" else _MAX_PART_BYTES)
        if path == "/graphql":
            return await self._graphql(request, actor, body)
        named = _FILE_STREAM.fullmatch(path)
        assert named is not None, "`owns` allows no other path"
        run = RunPath(actor.named(named[1]), named[2], named[3])
        client = request.headers.get(_ASYNC_CLIENT)
        work = partial(self._file_stream, actor, run, body, client)
        del body
        return await ORDINARY.run(actor, work, request.receive)

    async def _graphql(self, request: Request, actor: Actor, body: bytes) -> Response:
        context = Context(
            actor=actor,
            services=self._services,
            memories=self._memories,
            starts=self._starts,
            history_files=self._history_files,
            versions=self._versions,
            drafts=self._drafts,
            reported_runs=self._reported_runs,
            served_reports=self._served_reports,
            addresses=self._addresses,
            base_url=self._public_url or str(request.base_url).rstrip("/"),
            client=request.headers.get(_CLIENT),
            version=self._version,
        )

        def run() -> Response:
            result = self._executor.run(_request_in(body), context)
            return answer(result.body, result.status, error=result.error)

        return await self._threads.run(
            actor, run, request.receive, on_disconnect=context.work.cancel
        )

    def _file_stream(
        self, actor: Actor, run: RunPath, body: bytes, client: str | None
    ) -> Response:
        try:
            part = decode_part(body)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            return refusal(422, f"this part of a file stream can't be read: {error}")
        return answer(self._streams.apply_part(actor, run, part, client))


class _Body(msgspec.Struct):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")


_decode: Final = msgspec.json.Decoder(_Body).decode


def _request_in(body: bytes) -> GraphQLRequest:
    check_n_values(body)
    try:
        request = _decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise ConfigError(f"request must be a GraphQL document in JSON: {error}") from None
    return GraphQLRequest(request.query, request.operation_name, request.variables or {})


async def _body(request: Request, max_bytes: int) -> bytes:
    """The request's body, unpacked."""
    body = await read_body(request.scope, request.receive, max_bytes)
    if request.headers.get("content-encoding", "").lower() != "gzip":
        return body
    return await run_in_threadpool(partial(_unpacked, body, max_bytes))


def _unpacked(body: bytes, max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, max_bytes)
    except zlib.error as error:
        raise CorruptLog(f"the body is not gzip: {error}") from None
    if unpacker.unconsumed_tail:
        raise LimitExceeded(f"body of more than {max_bytes} bytes when it is unpacked")
    return data
