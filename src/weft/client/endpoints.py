"""What a script and its sidecar ask a server, one method per route.

Receives targets and bytes from `weft.sync.uploader`, and questions of `init`; hands them to
`transport`. Does I/O through it. What `weft.Api` asks beyond that is in `questions`.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from weft.client.policy import Policy
from weft.client.transport import MSGPACK_MEDIA_TYPE, Transport
from weft.records.clock_offset import OffsetBounds
from weft.records.value import with_ints
from weft.wire.continuation import Continuation
from weft.wire.server import ServerInfo
from weft.wire.small_logs import SmallLogAnswers
from weft.wire.uploads import Ack

API_PATH: Final = "/api/v1"
Json: TypeAlias = dict[str, Any]


class LogTarget(NamedTuple):
    """The server's name for one writer's log."""

    entity: str
    project: str
    run_id: str
    writer_id: str

    @property
    def path(self) -> str:
        return f"{run_path(self.entity, self.project, self.run_id)}/log/{quoted(self.writer_id)}"


class Client:
    """The HTTP API as methods. One thread at a time.

    Args:
        base_url: such as `http://127.0.0.1:8080`.
        api_key: sent as a bearer token.
        policy: how the server is talked to; None = as `Policy()` says.

    Raises:
        ConfigError: `base_url` is no address.
    """

    def __init__(
        self, base_url: str, api_key: str | None = None, policy: Policy | None = None
    ) -> None:
        self._transport = Transport(base_url, api_key, policy)

    @property
    def url(self) -> str:
        return self._transport.url

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        """Break off what another thread is asking: its request fails soon."""
        self._transport.abort()

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
        timeout_secs: float | None = None,
    ) -> Ack:
        """Send bytes of a log.

        Args:
            position: of the first byte in the log.
            body: zstd of whole frames; empty = a heart-beat.
            live: whether the log's writer runs.
            boot: names the boot that the log was made in, on whatever machine; '' = not known.
            offset: of the server's clock; None = not known.
            n_damaged: bytes before `position` that hold no valid frame and were passed over.
            after: checksum of the frame that ends before those; None = it is not said.

        Raises:
            PositionConflict: the server's copy ends elsewhere.
            Diverged: it ends with another frame than `after`.
            NewerLog: the server is older than the log's format.
            Gone: the run was deleted.
            CorruptLog: the server can't read the bytes; it took none of them.
            LimitExceeded: too many bytes at once.
            Forbidden: the key is missing or wrong.
            Unavailable: no server, a wrong one, or one that can't answer now.
        """
        query = f"position={position}"
        if n_damaged:
            query += f"&damaged={n_damaged}"
        if after is not None:
            query += f"&after={after:08x}"
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
            WeftError: as `upload` says, of the request as a whole.
        """
        headers = {"Content-Type": "application/zstd"}
        reply = self._transport.request("POST", f"{API_PATH}/logs", body=body, headers=headers)
        answers: SmallLogAnswers = self._transport.decode(reply, SmallLogAnswers)
        return answers

    def put_file(self, target: LogTarget, path: str, content: bytes) -> None:
        """Put a file into the run of a log, in the place of one of that path."""
        where = file_path(target.entity, target.project, target.run_id, path)
        headers = {"Content-Type": "application/json"}
        self._transport.request("PUT", where, body=content, headers=headers)

    def server(self) -> ServerInfo:
        """Ask who the server is."""
        info: ServerInfo = self._get(f"{API_PATH}/server", ServerInfo)
        return info

    def run(self, entity: str, project: str, run_id: str) -> Json:
        """One run, with its config and summary.

        Raises:
            NotFound: there is none of that name.
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
        """What a script needs to go on with a run, as of a step.

        Args:
            step: rows beyond it do not count; None = the run as it is now.
            joining: to the last step add nothing of processes that began a moment ago and run.

        Raises:
            NotFound: there is no such run.
            Gone: it was deleted.
        """
        asked = {"step": step, "joining": "true" if joining else None}
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        path = f"{run_path(entity, project, run_id)}/continuation?{query}"
        found: Continuation = self._get(path, Continuation)
        return msgspec.structs.replace(
            found,
            config=with_ints(found.config),
            summary=with_ints(found.summary),
            summary_set=with_ints(found.summary_set),
        )

    def delete_run(self, entity: str, project: str, run_id: str) -> None:
        """Delete a run; a tombstone keeps late uploads from bringing it back."""
        self._transport.request("DELETE", run_path(entity, project, run_id))

    def stop_run(self, entity: str, project: str, run_id: str) -> None:
        """Ask for a run's end: its script's next `log()` raises KeyboardInterrupt."""
        self._transport.request("POST", f"{run_path(entity, project, run_id)}/stop")

    def _get(self, path: str, shape: Any) -> Any:
        # A route that has no msgpack answers in JSON.
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
    """Where a file of a run is; its path keeps its slashes."""
    return f"{run_path(entity, project, run_id)}/files/{quote(path)}"
