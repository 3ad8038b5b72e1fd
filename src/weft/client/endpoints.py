"""The requests of a script and its sidecar to a server, one method per route.

Receives targets and bytes from `weft.sync.uploading.uploader` and queries from `init`, and sends
them through `transport`, which does the I/O. The other requests of `weft.Api` are in `client`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from weft.client.file_part import FilePart, JoinedParts
from weft.client.policy import Policy
from weft.client.transport import MSGPACK_MEDIA_TYPE, Transport
from weft.records.clock_offset import OffsetBounds
from weft.records.value import with_ints
from weft.wire.artifacts.artifacts import Artifact, RunArtifacts
from weft.wire.files.contents import ContentPosition, ContentsStored, LackedContents
from weft.wire.ingest.small_logs import SmallLogAnswers
from weft.wire.ingest.uploads import Ack
from weft.wire.runs.continuation import Continuation
from weft.wire.server.server import ServerInfo

if TYPE_CHECKING:
    from weft.client.concurrent_requests import ConcurrentRequests

API_PATH: Final = "/api/v1"
Json: TypeAlias = dict[str, Any]
RequestT = TypeVar("RequestT")
AnswerT = TypeVar("AnswerT")


class LogTarget(NamedTuple):
    """The names that identify one writer's log on the server."""

    entity: str
    project: str
    run_id: str
    writer_id: str

    @property
    def path(self) -> str:
        return f"{run_path(self.entity, self.project, self.run_id)}/log/{quoted(self.writer_id)}"


class Client:
    """The HTTP API as methods. For one thread at a time.

    Args:
        base_url: such as `http://127.0.0.1:8080`.
        api_key: sent as a bearer token.
        policy: the connection policy. Defaults to `Policy()`.

    Raises:
        ConfigError: `base_url` is not a valid address.
    """

    def __init__(
        self, base_url: str, api_key: str | None = None, policy: Policy | None = None
    ) -> None:
        self._transport = Transport(base_url, api_key, policy)
        self._base_url, self._api_key, self._policy = base_url, api_key, policy
        self._others: list[Client] = []
        """What requests at the same time are sent with."""

    @property
    def url(self) -> str:
        return self._transport.url

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
        self, call: Callable[[Client, RequestT], AnswerT], n_at_once: int
    ) -> ConcurrentRequests[Client, RequestT, AnswerT]:
        """Make requests at the same time, each over a connection of its own.

        Args:
            call: makes one of them with a client.
            n_at_once: how many there are at the same time.
        """
        from weft.client.concurrent_requests import ConcurrentRequests

        while len(self._others) < n_at_once - 1:
            self._others.append(Client(self._base_url, self._api_key, self._policy))
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
        query = f"position={position}"
        if n_damaged:
            query += f"&damaged={n_damaged}"
        if after is not None:
            query += f"&after={after:08x}"
        if header_run is not None:
            query += f"&header_run={quoted(header_run)}"
        headers = {"Content-Type": "application/zstd", "X-Weft-Live": "1" if live else "0"}
        if boot:
            headers["X-Weft-Boot"] = boot
        if offset is not None:
            headers["X-Weft-Offset"] = f"{offset.least} {offset.most}"
        reply = self._transport.request(
            "POST",
            f"{target.path}?{query}",
            body=body,
            headers=headers,
            timeout_secs=timeout_secs,
        )
        ack: Ack = self._transport.decode(reply, Ack)
        return ack

    def upload_small(self, body: bytes) -> SmallLogAnswers:
        """Send several small logs at once.

        Args:
            body: zstd of a msgpack array of `SmallLog`.

        Raises:
            WeftError: the request as a whole failed, with the errors of `upload`.
        """
        headers = {"Content-Type": "application/zstd"}
        reply = self._transport.request("POST", f"{API_PATH}/logs", body=body, headers=headers)
        answers: SmallLogAnswers = self._transport.decode(reply, SmallLogAnswers)
        return answers

    def lacked_contents(
        self, target: LogTarget, *, limit: int = 1000, cursor: str | None = None
    ) -> LackedContents:
        """Return contents of files that a log announced and the server does not have.

        Send them to the project that the answer names: the run may have been moved there.

        Args:
            limit: the size of the page, at most `MAX_LACKED`.
            cursor: of the previous page. If None, return the first page.

        Raises:
            NotFound: the server knows no such run, or no such log of it.
            Gone: the run was deleted.
            WeftError: as `upload`.
        """
        parameters = {"limit": limit, "cursor": cursor}
        query = urlencode({name: value for name, value in parameters.items() if value is not None})
        lacked: LackedContents = self._get(f"{target.path}/lacking?{query}", LackedContents)
        return lacked

    def send_contents(self, entity: str, project: str, contents: JoinedParts) -> ContentsStored:
        """Send several small contents at once; they are durable when this returns.

        Args:
            contents: a msgpack array of at most `MAX_CONTENTS` binaries, in all at most
                `MAX_CONTENTS_BYTES`.

        Raises:
            NotFound: no such project.
            LimitExceeded: too many contents or bytes.
            Unavailable: the server's disk is full, or it can't be reached; nothing was stored.
            WeftError: as `upload`.
        """
        reply = self._transport.request(
            "POST",
            f"{project_path(entity, project)}/contents",
            body=contents,
            headers={"Content-Type": MSGPACK_MEDIA_TYPE},
        )
        stored: ContentsStored = self._transport.decode(reply, ContentsStored)
        return stored

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
        reply = self._transport.request(
            "PUT",
            f"{project_path(entity, project)}/contents/{quoted(sha256)}?position={position}",
            body=piece,
            headers={"Content-Type": "application/octet-stream"},
            timeout_secs=timeout_secs,
        )
        answer: ContentPosition = self._transport.decode(reply, ContentPosition)
        return answer.position

    def server(self) -> ServerInfo:
        """Return the server's version and other facts about it."""
        info: ServerInfo = self._get(f"{API_PATH}/server", ServerInfo)
        return info

    def run(self, entity: str, project: str, run_id: str) -> Json:
        """Return one run, with its config and summary.

        Raises:
            NotFound: no such run.
        """
        run: Json = self._get(run_path(entity, project, run_id), Json)
        return run

    def continuation(
        self,
        entity: str,
        project: str,
        run_id: str,
        step: int | float | None = None,
        *,
        joining: bool = False,
    ) -> Continuation:
        """Return what a script needs to continue a run from a step.

        Args:
            step: ignore rows after this step. If None, use the run as it is now.
            joining: ignore, in the last step, rows of live processes that began a moment ago, so
                that several processes can continue the run together from the same step.

        Raises:
            NotFound: no such run.
            Gone: the run was deleted.
        """
        parameters = {"step": step, "joining": "true" if joining else None}
        query = urlencode({name: value for name, value in parameters.items() if value is not None})
        path = f"{run_path(entity, project, run_id)}/continuation?{query}"
        continuation: Continuation = self._get(path, Continuation)
        return msgspec.structs.replace(
            continuation,
            config=with_ints(continuation.config),
            summary=with_ints(continuation.summary),
            summary_set=with_ints(continuation.summary_set),
        )

    def logged_artifact(self, target: LogTarget, folder: str) -> Artifact | None:
        """Return what has become of what a run logged as an artifact; None: nothing yet.

        Args:
            folder: the folder of its files among the run's: `artifacts/TOKEN`.

        Raises:
            NotFound: no such run.
            Gone: the run was deleted.
            WeftError: as `upload`.
        """
        run = run_path(target.entity, target.project, target.run_id)
        path = f"{run}/artifacts?{urlencode({'folder': folder})}"
        artifacts: RunArtifacts = self._get(path, RunArtifacts)
        return next(iter(artifacts.logged), None)

    def delete_run(self, entity: str, project: str, run_id: str) -> None:
        """Delete a run; a tombstone keeps late uploads from restoring it."""
        self._transport.request("DELETE", run_path(entity, project, run_id))

    def stop_run(self, entity: str, project: str, run_id: str) -> None:
        """Ask a run's script to end: its next `log()` raises KeyboardInterrupt."""
        self._transport.request("POST", f"{run_path(entity, project, run_id)}/stop")

    def _get(self, path: str, shape: Any) -> Any:
        # Routes without msgpack answer in JSON.
        headers = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}
        reply = self._transport.request("GET", path, headers=headers)
        return self._transport.decode(reply, shape)


def quoted(segment: str) -> str:
    return quote(segment, safe="")


def project_path(entity: str, project: str) -> str:
    return f"{API_PATH}/projects/{quoted(entity)}/{quoted(project)}"


def run_path(entity: str, project: str, run_id: str) -> str:
    return f"{project_path(entity, project)}/runs/{quoted(run_id)}"


def file_path(entity: str, project: str, run_id: str, path: str) -> str:
    """Return the path of a route for a file of a run; slashes in the file's path stay."""
    return f"{run_path(entity, project, run_id)}/files/{quote(path)}"
