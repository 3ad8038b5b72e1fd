"""The requests of a script and its sidecar to a server.

Receives targets and bytes from `weft.sync.uploading.uploader` and queries from `init`, and sends
them through `transport`, which does the I/O. `calls` sends any other endpoint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import msgspec

from weft.client.calls import Caller
from weft.client.file_part import FilePart, JoinedParts
from weft.client.policy import Policy
from weft.client.transport import MSGPACK_MEDIA_TYPE, Transport
from weft.records.clock_offset import OffsetBounds
from weft.records.record import Exit
from weft.records.value import with_ints
from weft.wire.artifacts.artifacts import Artifact, get_run_artifacts
from weft.wire.files.contents import (
    ContentHashes,
    ContentsStored,
    LackedContents,
    LackingAhead,
    list_lacking_ahead,
    list_lacking_contents,
    upload_contents,
    upload_piece,
)
from weft.wire.ingest.small_logs import SmallLogAnswers, upload_small_logs
from weft.wire.ingest.uploads import Ack, upload_log
from weft.wire.runs.continuation import Continuation, get_continuation

if TYPE_CHECKING:
    from weft.client.concurrent_requests import ConcurrentRequests

RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


class LogTarget(NamedTuple):
    """The names that identify one writer's log on the server."""

    entity: str
    project: str
    run_id: str
    writer_id: str


class ScriptClient(Caller[Transport]):
    """The requests of a script and its sidecar.

    For one thread at a time. The arguments are `Transport`'s.
    """

    def __init__(
        self, base_url: str, api_key: str | None = None, policy: Policy | None = None
    ) -> None:
        super().__init__(Transport(base_url, api_key, policy))
        self._base_url, self._api_key, self._policy = base_url, api_key, policy
        self._others: list[ScriptClient] = []
        """The connections of requests at the same time."""

    def close(self) -> None:
        self._transport.close()
        for other in self._others:
            other.close()

    def abort(self) -> None:
        """Abort a request of another thread, which then fails soon."""
        self._transport.abort()
        for other in self._others:
            other.abort()

    def concurrent_requests(
        self, call: Callable[[ScriptClient, RequestT], AnswerT], n_at_once: int
    ) -> ConcurrentRequests[ScriptClient, RequestT, AnswerT]:
        """Make requests at the same time, `n_at_once` of them, each over a connection of
        its own.
        """
        from weft.client.concurrent_requests import ConcurrentRequests

        while len(self._others) < n_at_once - 1:
            self._others.append(ScriptClient(self._base_url, self._api_key, self._policy))
        return ConcurrentRequests([self, *self._others[: n_at_once - 1]], call)

    def upload(
        self,
        target: LogTarget,
        position: int,
        body: bytes,
        *,
        live: bool,
        boot: str = "",
        offset: OffsetBounds | None = None,
        n_damaged: int = 0,
        after: int | None = None,
        header_run: str | None = None,
        ended: Exit | None = None,
        timeout_secs: float | None = None,
    ) -> Ack:
        """Send bytes of a log.

        Args:
            position: the position of the first byte in the log.
            body: zstd of whole frames. Empty for a heartbeat.
            live: whether the log's writer is running.
            boot: identifies the boot of the machine on which the log was made. '' if unknown.
            offset: the offset of the server's clock. None if unknown.
            n_damaged: the number of bytes before `position` that were skipped because they hold
                no valid frame.
            after: the checksum of the frame before the skipped bytes. None if not given.
            header_run: the run id in the log's header, if the log is sent as another run.
            ended: with a heartbeat, the log's Exit, if the server has no room for earlier rows, or
                the end of a script that died without one.

        Raises:
            PositionConflict: the server's copy ends elsewhere.
            Diverged: the server's copy ends with another frame than `after`.
            NewerLog: the server is too old for the log's format.
            Gone: the run was deleted.
            CorruptLog: the server can't read the bytes and stored none of them.
            LimitExceeded: too many bytes at once.
            Forbidden: the key is missing or invalid.
            Unavailable: no server was found, it is not a weft server, or it can't answer now.
        """
        call = upload_log.call(
            *target,
            position=position,
            damaged=n_damaged,
            after=None if after is None else f"{after:08x}",
            header_run=header_run,
            ended=None
            if ended is None
            else f"{ended.micros} {ended.exit_code} {ended.state or ''}",
        )
        headers = {"Content-Type": "application/zstd", "X-Weft-Live": "1" if live else "0"}
        if boot:
            headers["X-Weft-Boot"] = boot
        if offset is not None:
            headers["X-Weft-Offset"] = f"{offset.least} {offset.most}"
        return self.send(upload_log, call, body, headers, timeout_secs=timeout_secs)

    def upload_small(self, body: bytes) -> SmallLogAnswers:
        """Send several small logs at once: zstd of a msgpack array of `SmallLog`.

        If all of it fails, the errors are those of `upload`.
        """
        headers = {"Content-Type": "application/zstd"}
        return self.send(upload_small_logs, upload_small_logs.call(), body, headers)

    def lacked_contents(
        self,
        target: LogTarget,
        *,
        limit: int = 1000,
        cursor: str | None = None,
        any_order: bool = False,
    ) -> LackedContents:
        """Return a page, of at most `MAX_LACKED`, of contents of files that a log announced and
        the server lacks.

        Send them to the project that the answer names: the run may have been moved there. With
        `any_order`, versions of artifacts wait for no earlier one, which can't be sent. NotFound
        if the server knows no such run, or no such log of it.
        """
        # Older servers don't know the parameter.
        query = {"any_order": True} if any_order else {}
        return self.call(list_lacking_contents, *target, limit=limit, cursor=cursor, **query)

    def lacking_ahead(self, target: LogTarget, hashes: list[str]) -> LackingAhead:
        """Return which contents the server lacks, of at most `MAX_CONTENTS` that a manifest will
        name, by SHA-256. NotFound also from a release without this request.
        """
        body = ContentHashes(sha256=hashes)
        return self.call(list_lacking_ahead, *target[:3], body)

    def send_contents(
        self, entity: str, project: str, contents: JoinedParts, *, is_ahead: bool = False
    ) -> ContentsStored:
        """Send a msgpack array of at most `MAX_CONTENTS` contents, in all at most
        `MAX_CONTENTS_BYTES`; they are durable when this returns. `is_ahead` if a manifest that is
        still to come names them.
        """
        # Older servers don't know the parameter, nor the request that comes before.
        query = {"ahead": True} if is_ahead else {}
        call = upload_contents.call(entity, project, **query)
        return self.send(upload_contents, call, contents, {"Content-Type": MSGPACK_MEDIA_TYPE})

    def send_piece(
        self,
        entity: str,
        project: str,
        sha256: str,
        position: int,
        piece: FilePart,
        *,
        timeout_secs: float | None = None,
    ) -> int:
        """Send the bytes of a large content from a position on.

        Args:
            sha256: the hash of the whole content.
            position: how many bytes of the content come before this piece.
            piece: the bytes; an empty one asks for the position.

        Returns:
            How many bytes the server has. The content is stored when these are all.

        Raises:
            PositionConflict: the server has another number of bytes; continue there.
            NotFound: no file of the project has this content now, so it is not needed.
            WrongContent: the content has another hash, or is too long; the server discarded it.
            Unavailable: the server's disk is full, or it can't be reached.
            WeftError: as `upload`.
        """
        return self.send(
            upload_piece,
            upload_piece.call(entity, project, sha256, position=position),
            piece,
            {"Content-Type": "application/octet-stream"},
            timeout_secs=timeout_secs,
        ).position

    def continuation(
        self,
        entity: str,
        project: str,
        run_id: str,
        step: int | float | None = None,
        *,
        joining: bool = False,
    ) -> Continuation:
        """Return what a script needs to continue a run from a step, None for its present end.

        `joining` ignores, in the last step, rows of live processes that began a moment ago, so
        that several processes can continue the run together from the same step.
        """
        continuation = self.call(
            get_continuation, entity, project, run_id, step=step, joining=joining
        )
        return msgspec.structs.replace(
            continuation,
            config=with_ints(continuation.config),
            summary=with_ints(continuation.summary),
            summary_set=with_ints(continuation.summary_set),
        )

    def logged_artifact(self, target: LogTarget, folder: str) -> Artifact | None:
        """Return what has become of what a run logged as an artifact, in the folder
        `artifacts/TOKEN` of its files; None: nothing yet.
        """
        run = (target.entity, target.project, target.run_id)
        artifacts = self.call(get_run_artifacts, *run, folder=folder)
        return next(iter(artifacts.logged), None)
