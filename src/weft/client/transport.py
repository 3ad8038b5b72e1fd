"""One kept-alive HTTP connection to a server, and the map from its answers to errors.

Receives method, path and body from `endpoints`; hands back a `Reply` with status 2xx, or raises an
error of `weft.errors`. Does I/O: sockets, each operation with a timeout.

`http.client` rather than httpx: it boots in a third of the time and needs 6 MB less, and a
sidecar's boot is the floor of a short script's `finish()`.
"""

from __future__ import annotations

import http.client
import os
import socket
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import msgspec

from weft import errors
from weft.client.address import parse_address, proxy_for
from weft.client.policy import Policy

if TYPE_CHECKING:
    import ssl

CONNECT_TIMEOUT_SECS: Final = 5.0
_MAX_FAULT_BYTES: Final = 64 * 1024
_STREAM_BYTES: Final = 256 * 1024
_MAX_MOVES: Final = 4
_API_START: Final = "/api/v1/"
_USER_AGENT: Final = "weft"

MSGPACK_MEDIA_TYPE: Final = "application/msgpack"
"""Asked for where numbers have to come back as they are: JSON has no NaN."""

_ERROR_OF_CODE: Final[dict[str, type[errors.WeftError]]] = {
    error.code: error
    for error in (
        errors.ConfigError,
        errors.UsageError,
        errors.NotFound,
        errors.Gone,
        errors.Forbidden,
        errors.Conflict,
        errors.Diverged,
        errors.Outdated,
        errors.CorruptLog,
        errors.Damaged,
        errors.NewerLog,
        errors.LimitExceeded,
    )
}


class Reply(NamedTuple):
    """A server's answer with a status of 200 to 299; names of headers in lower case."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = {}


class _FieldError(msgspec.Struct):
    field: str = ""


class _Problem(msgspec.Struct):
    """What weft reads of a problem document (RFC 9457)."""

    code: str = "error"
    detail: str = ""
    position: int | None = None
    column: int | None = None
    errors: list[_FieldError] = []


class Transport:
    """A connection that is made on first use and made anew after a fault. One thread at a time.

    Args:
        base_url: such as `http://127.0.0.1:8080`, with or without a path.
        api_key: sent as a bearer token; None = none is sent.
        policy: how the server is talked to; None = as `Policy()` says.

    Raises:
        ConfigError: `base_url` is no address.
    """

    def __init__(
        self, base_url: str, api_key: str | None = None, policy: Policy | None = None
    ) -> None:
        self.address = parse_address(base_url)
        self._api_key = api_key
        self._policy = policy or Policy()
        self._connection: http.client.HTTPConnection | None = None
        self._read_timeout_secs = self._policy.timeout_secs
        self._target = self.address.prefix

    @property
    def url(self) -> str:
        return self.address.url

    def close(self) -> None:
        """Close the connection; the next request makes a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def abort(self) -> None:
        """Break off a request that another thread waits for: it fails with `Unavailable`."""
        connection = self._connection
        if connection is not None and connection.sock is not None:
            try:
                # Closing would not wake the thread that reads.
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the other end was faster

    def __del__(self) -> None:
        # Who reads with `weft.Api` never closes it; an open socket would warn at the end.
        if getattr(self, "_connection", None) is not None:
            self.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
        timeout_secs: float | None = None,
    ) -> Reply:
        """Send one request and read its whole answer.

        Args:
            path: below the base address, with a leading slash and its query, quoted.
            body: of a file all is sent, from its beginning.
            timeout_secs: longest wait for the answer; None = the policy's.

        Raises:
            NoServer: refused, or the name is unknown.
            WrongServer: what answered is no weft server.
            Unavailable: a timeout, a lost connection, 429, or a fault of the server's own.
            WeftError: the error that the server's problem document names.
        """
        self._read_timeout_secs = (
            self._policy.timeout_secs if timeout_secs is None else timeout_secs
        )
        sent = self._headers(headers, body)
        reused = self._connection is not None
        try:
            try:
                return self._exchange(method, path, body, sent)
            except (
                http.client.RemoteDisconnected,
                ConnectionError,
                http.client.CannotSendRequest,
            ):
                # A server may close an idle connection at any moment. Every request of weft can
                # be repeated (uploads carry their position), so one fresh try is safe.
                self.close()
                if not reused:
                    raise
                return self._exchange(method, path, body, sent)
        except errors.WeftError:
            raise
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise self._fault(error) from error

    def stream(
        self,
        method: str,
        path: str,
        *,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[bytes]:
        """Send one request and hand out its answer in pieces, as it comes.

        Until the last piece was taken, or the iterator closed, this connection can do nothing
        else. The timeout is for each piece: an answer may take as long as it likes.

        Raises:
            Unavailable: also in the middle: the connection was lost, so the answer is not whole.
            WeftError: as `request`.
        """
        self._read_timeout_secs = self._policy.timeout_secs
        is_whole = False
        try:
            response = self._answer(method, path, body, self._headers(headers, body))
            # `read1` gives what has come, and an empty piece at the end, also at a broken one.
            while part := response.read1(_STREAM_BYTES):
                yield part
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            response.close()
            is_whole = True
        except errors.WeftError:
            raise
        except (OSError, http.client.HTTPException) as error:
            raise self._fault(error) from error
        finally:
            if not is_whole:
                self.close()

    def _headers(
        self, headers: Mapping[str, str] | None, body: bytes | BinaryIO | None
    ) -> dict[str, str]:
        sent = {"User-Agent": _USER_AGENT, "Accept": "application/json", **(headers or {})}
        if self._api_key:
            sent["Authorization"] = f"Bearer {self._api_key}"
        if body is not None and not isinstance(body, bytes):
            sent["Content-Length"] = str(os.fstat(body.fileno()).st_size)
        return sent

    def _connect(self) -> http.client.HTTPConnection:
        address = self.address
        proxy = proxy_for(address)
        host, port = (proxy.host, proxy.port) if proxy else (address.host, address.port)
        if address.scheme == "https":
            context = _unchecked_context() if self._policy.insecure else None
            connection = http.client.HTTPSConnection(
                host, port, timeout=CONNECT_TIMEOUT_SECS, context=context
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=CONNECT_TIMEOUT_SECS)
        self._target = address.prefix
        if proxy is not None and address.scheme == "https":
            connection.set_tunnel(address.host, address.port)
        elif proxy is not None:
            self._target = address.url  # a proxy for plain HTTP wants the whole address
        connection.connect()
        # Small uploads must not wait for the answer to the one before (Nagle, delayed ack).
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _exchange(
        self, method: str, path: str, body: bytes | BinaryIO | None, headers: dict[str, str]
    ) -> Reply:
        response = self._answer(method, path, body, headers)
        content_type = response.headers.get_content_type()
        body = self._read(response, None)
        return Reply(
            response.status,
            content_type,
            body,
            {name.lower(): text for name, text in response.headers.items()},
        )

    def _answer(
        self, method: str, path: str, body: bytes | BinaryIO | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        n_left = _MAX_MOVES
        while True:
            response = self._asked(method, path, body, headers)
            if 200 <= response.status < 300:
                return response
            content_type = response.headers.get_content_type()
            fault = self._read(response, _MAX_FAULT_BYTES)
            if not response.isclosed():
                self.close()
            # A run that was moved to another project: only ever an address of this server.
            moved = response.headers.get("Location", "")
            if response.status != 308 or not moved.startswith(_API_START) or not n_left:
                raise self._error_from_answer(response, content_type, fault)
            path = moved
            n_left -= 1

    def _asked(
        self, method: str, path: str, body: bytes | BinaryIO | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        connection = self._connection
        # A server that closes after each answer (HTTP/1.0, a proxy) leaves no socket behind.
        if connection is None or connection.sock is None:
            connection = self._connection = self._connect()
        connection.sock.settimeout(self._read_timeout_secs)
        if body is not None and not isinstance(body, bytes):
            body.seek(0)
        connection.request(method, self._target + path, body=body, headers=headers)
        return connection.getresponse()

    def _read(self, response: http.client.HTTPResponse, limit: int | None) -> bytes:
        # The socket's timeout is per read; a server that drips bytes would never run into it.
        deadline = time.monotonic() + self._read_timeout_secs
        parts: list[bytes] = []
        n_bytes = 0
        while limit is None or n_bytes < limit:
            part = response.read1(65536)
            if not part:
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
                # `read1`, unlike `read`, does not mark a whole answer as done with.
                response.close()
                break
            parts.append(part)
            n_bytes += len(part)
            if time.monotonic() > deadline:
                raise TimeoutError("the answer took too long")
        return b"".join(parts)

    def _fault(self, error: Exception) -> errors.Unavailable:
        url = self.url
        if isinstance(error, ConnectionRefusedError):
            return errors.NoServer(f"nothing listens at {url}")
        if isinstance(error, socket.gaierror):
            return errors.NoServer(f"no host of that name: {url}")
        if self.address.scheme == "https":
            import ssl

            if isinstance(error, ssl.SSLCertVerificationError):
                return errors.WrongServer(
                    f"certificate of {url} is not trusted ({error.verify_message}): "
                    "name its authority in SSL_CERT_FILE"
                )
        if isinstance(error, http.client.IncompleteRead):
            return errors.Unavailable(
                f"the server at {url} broke off its answer: its log tells why, and "
                "`weft server check` whether something is damaged"
            )
        if isinstance(error, TimeoutError):
            return errors.Unavailable(f"no answer in time from {url}")
        if isinstance(error, (http.client.BadStatusLine, http.client.LineTooLong)) and not (
            isinstance(error, http.client.RemoteDisconnected)
        ):
            return errors.WrongServer(f"what listens at {url} does not speak HTTP")
        return errors.Unavailable(f"connection to {url} failed: {error or type(error).__name__}")

    def _error_from_answer(
        self, response: http.client.HTTPResponse, content_type: str, body: bytes
    ) -> errors.WeftError:
        status, url = response.status, self.url
        problem: _Problem | None = None
        if content_type in {"application/problem+json", "application/json"}:
            try:
                problem = msgspec.json.decode(body, type=_Problem)
            except (msgspec.DecodeError, UnicodeDecodeError):
                problem = None
        detail = (problem.detail if problem else "") or f"{url} answered {status}"
        if _is_passing(status, content_type):
            return errors.Unavailable(
                f"server is not able to answer now ({status}): {detail}",
                retry_after_secs=_retry_after_secs(response.headers.get("Retry-After")),
            )
        if status in {401, 403}:
            return errors.Forbidden(f"server at {url} refused the request ({status}): {detail}")
        if status == 410:
            return errors.Gone(detail)
        if status == 413:
            return errors.LimitExceeded(detail)
        if problem is None or content_type != "application/problem+json":
            moved = response.headers.get("Location")
            hint = f", which points to {moved}" if moved else ""
            return errors.WrongServer(
                f"no weft server at {url}: it answered {status} ({content_type}){hint}; "
                "check the address"
            )
        if problem.code == errors.FilterError.code and problem.errors[:1] == [
            _FieldError("filter")
        ]:
            return errors.FilterError(detail, column=problem.column)
        return error_of_code(problem.code, detail, position=problem.position)

    def decode(self, reply: Reply, shape: Any) -> Any:
        """Read a JSON or msgpack answer as `shape`.

        Raises:
            WrongServer: it is nothing of that shape, so no weft server sent it.
        """
        if reply.content_type == MSGPACK_MEDIA_TYPE:
            try:
                return msgspec.msgpack.decode(reply.body, type=shape)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass
        if reply.content_type == "application/json":
            try:
                return msgspec.json.decode(reply.body, type=shape)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass
        raise errors.WrongServer(
            f"no weft server at {self.url}: it answered {reply.content_type}, not weft's JSON; "
            "check the address"
        )


def error_of_code(code: str, detail: str, *, position: int | None = None) -> errors.WeftError:
    """The error that a problem document stands for.

    >>> error_of_code("not_found", "no run a/b/c")
    NotFound('no run a/b/c')
    """
    if code == errors.PositionConflict.code and position is not None:
        return errors.PositionConflict(detail, position=position)
    return _ERROR_OF_CODE.get(code, errors.WeftError)(detail)


def _unchecked_context() -> ssl.SSLContext:
    import ssl

    return ssl._create_unverified_context()  # pyright: ignore[reportPrivateUsage]


def _is_passing(status: int, content_type: str) -> bool:
    """Whether an answer says "not now", and not "not here"."""
    if status in {408, 429, 502, 503, 504}:
        return True  # a proxy's words too, and those are often a page
    # 501 and 505 are said of a request that a server will never know; a page is for people.
    return status >= 500 and status not in {501, 505} and content_type != "text/html"


def _retry_after_secs(text: str | None) -> float | None:
    """Seconds of a Retry-After header; its other form, a date, is rare and read as absent."""
    if text is None or not text.strip().isdigit():
        return None
    return float(text)
