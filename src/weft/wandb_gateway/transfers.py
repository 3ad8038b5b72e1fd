"""Uploads and downloads at signed addresses, which need no key, and files by their checksum.

The client makes an address of the latter kind itself when a signed one has ended.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from weft.errors import ConfigError, Forbidden, Gone, NotFound
from weft.server.http.admission.bodies import write_body
from weft.server.http.admission.endings import end_with_key
from weft.server.http.admission.sharing import ORDINARY, SharedThreads
from weft.server.http.answers.contents import Content, answer_content
from weft.server.services.access import LOCAL, SYSTEM, Actor, ProjectPath, RunPath
from weft.server.services.opening import Services
from weft.server.services.table_formats import PARQUET_MEDIA_TYPE
from weft.wandb_gateway.artifacts import Drafts, VersionPath, Versions
from weft.wandb_gateway.artifacts.manifests import encode_manifest, hex_of_md5, md5_text
from weft.wandb_gateway.runs import HistoryFiles
from weft.wandb_gateway.signed_addresses import Purpose, SignedAddresses

BY_CHECKSUM: Final = "/artifactsV2/"
"""Addresses of files of versions by checksum: `REGION/ENTITY/PROJECT/NAME/ID/MD5/FILE`."""

_MIN_PARTS: Final = 7

_CROSS_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, PUT",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Pages of other sites may use an address: who has it has the right to what it is for."""


_COMPUTED: Final = frozenset({"manifest", "history"})
_COMPUTING: Final = SharedThreads("gateway-files", 3, 2)
"""For files that are made when they are asked for. A manifest of files that weft's own client has
logged takes as long as to read all of them, once."""


class Transfers:
    """Answers requests at signed addresses."""

    def __init__(
        self,
        services: Services,
        versions: Versions,
        drafts: Drafts,
        history_files: HistoryFiles,
        addresses: SignedAddresses,
    ) -> None:
        self._services = services
        self._versions = versions
        self._drafts = drafts
        self._history_files = history_files
        self._addresses = addresses
        self._senders: dict[str, Callable[[Request, Actor, Purpose], Response]] = {
            "run": self._send_run_file,
            "history": self._send_history,
            "artifact": self._send_artifact_file,
            "manifest": self._send_manifest,
        }

    async def answer(self, request: Request) -> Response:
        """Answer a request at a signed address."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=_CROSS_ORIGIN)
        purpose = self._addresses.read(request.method, request.scope["path"])
        actor = self._actor(purpose)
        end_with_key(request.scope, actor)
        if request.method == "PUT":
            response = await self._receive(request, actor, purpose)
        else:
            send = partial(self._senders[purpose.kind], request, actor, purpose)
            threads = _COMPUTING if purpose.kind in _COMPUTED else ORDINARY
            response = await threads.run(actor, send, request.receive)
        response.headers.update(_CROSS_ORIGIN)
        return response

    def answer_by_checksum(self, request: Request, actor: Actor) -> Response:
        """Answer a request for the file of a version with an MD5, whose address names both."""
        parts = request.scope["path"].removeprefix(BY_CHECKSUM).split("/")
        if len(parts) < _MIN_PARTS:
            raise NotFound("no such file: the address names no version, MD5 and file")
        checksum, name = parts[-2:]
        # The id of the version may have slashes, too.
        version = VersionPath.of(self._drafts.version(actor, "/".join(parts[4:-2])))
        paths = [
            path
            for path, md5 in self._versions.md5s(actor, version).items()
            if hex_of_md5(md5) == checksum
        ]
        if not paths:
            raise NotFound(f"{version.name}:{version.ref} has no file with the MD5 {checksum}")
        named = [path for path in paths if path.rpartition("/")[2] == name]
        return self._send_version_file(request, actor, version, (named or paths)[0])

    def _actor(self, purpose: Purpose) -> Actor:
        if purpose.user is None:
            return LOCAL
        account = self._services.users.account(SYSTEM, purpose.user, purpose.key_id)
        if account is None:
            raise Forbidden(f"this address was made for {purpose.user!r}, who was removed")
        return account

    async def _receive(self, request: Request, actor: Actor, purpose: Purpose) -> Response:
        """Take in a file of a run, or of a version that is being uploaded, which has a hash."""
        entity, project, run_name, name, *announced = purpose.names
        run = RunPath(entity, project, run_name)
        digest = hashlib.md5(usedforsecurity=False)
        begin = partial(
            self._services.files.upload,
            actor,
            run,
            name,
            media_type=request.headers.get("content-type"),
        )
        upload = await run_in_threadpool(begin)

        def write(piece: bytes | memoryview) -> None:
            upload.write(piece)
            digest.update(piece)

        try:
            await write_body(request.scope, request.receive, write)
            if announced and md5_text(digest.digest()) != announced[0]:
                raise ConfigError(f"{name}: the content has not the MD5 that was announced")
            await run_in_threadpool(upload.commit)
        finally:
            await run_in_threadpool(upload.abort)
        await run_in_threadpool(self._drafts.note_upload, actor, run, name)
        return Response(status_code=200, headers={"ETag": f'"{digest.hexdigest()}"'})

    def _send_run_file(self, request: Request, actor: Actor, purpose: Purpose) -> Response:
        entity, project, run, name = purpose.names
        path = RunPath(entity, project, run)
        files = self._services.files
        file = files.get(actor, path, name)
        read = partial(files.read, actor, path, name, file.sha256)
        content = Content(
            file.path, file.n_bytes, file.sha256, file.media_type, file.created_micros
        )
        return _send(request, content, read)

    def _send_history(self, request: Request, actor: Actor, purpose: Purpose) -> Response:
        entity, project, run, name = purpose.names
        file = self._history_files.find_history_file(actor, RunPath(entity, project, run))
        if file is None:
            raise Gone("the rows of this run have changed: read them in pages")
        content = Content(name, file.n_bytes, file.sha256, PARQUET_MEDIA_TYPE, 0)
        return _send(request, content, file.read)

    def _send_artifact_file(self, request: Request, actor: Actor, purpose: Purpose) -> Response:
        entity, project, name, ref, path = purpose.names
        version = VersionPath(ProjectPath(entity, project), name, ref)
        return self._send_version_file(request, actor, version, path)

    def _send_version_file(
        self, request: Request, actor: Actor, version: VersionPath, path: str
    ) -> Response:
        files = self._services.artifact_files
        stored = files.get(actor, *version, path)
        read = partial(files.read, actor, version.project, stored)
        info = stored.info
        content = Content(info.path, info.n_bytes, info.sha256, info.media_type, 0)
        return _send(request, content, read)

    def _send_manifest(self, _: Request, actor: Actor, purpose: Purpose) -> Response:
        entity, project, name, ref, _file = purpose.names
        path = VersionPath(ProjectPath(entity, project), name, ref)
        manifest = self._versions.manifest(actor, path)
        return Response(encode_manifest(manifest), media_type="application/json")


def _send(
    request: Request, content: Content, read: Callable[[int, int], Iterator[bytes]]
) -> Response:
    return answer_content(
        request,
        content,
        read,
        is_lasting=False,
        if_none_match=request.headers.get("if-none-match", ""),
        if_range=request.headers.get("if-range", ""),
    )
