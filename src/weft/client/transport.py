"""One persistent HTTP connection to a server, and the mapping of its answers to errors.

Receives method, path and body from `script_client`. Returns a `Reply` with status 2xx, or raises
an error of `weft.errors`. Does I/O: sockets, each operation with a timeout.

It uses `http.client` rather than httpx because that imports in a third of the time and needs 6 MB
less, and a sidecar's start-up is a lower bound for a short script's `finish()`.
"""

from __future__ import annotations

import http.client
import os
import socket
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import msgspec

from weft import errors
from weft.client.address import Proxy, parse_address, proxy_for
from weft.client.api_key import check_key
from weft.client.decoders import decoders_of
from weft.client.file_part import FilePart, JoinedParts
from weft.client.policy import Policy

if TYPE_CHECKING:
    import ssl

_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
"""OpenSSL's reasons for an answer that is no TLS."""

CONNECT_TIMEOUT_SECS: Final = 5.0
_MAX_FAULT_BYTES: Final = 64 * 1024
_STREAM_BYTES: Final = 256 * 1024
_MAX_MOVES: Final = 4
_API_START: Final = "/api/v1/"
_USER_AGENT: Final = "weft"

MSGPACK_MEDIA_TYPE: Final = "application/msgpack"
"""Requested where numbers must come back unchanged: JSON has no NaN."""

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
        errors.WrongContent,
        errors.LimitExceeded,
        errors.StorageFull,
    )
}


Body: TypeAlias = bytes | FilePart | JoinedParts | None
"""The body of a request. One that is not bytes is read from its beginning each time it is sent."""


class Reply(NamedTuple):
    """A server's answer with a status of 200 to 299; header names are in lower case."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = {}


class _FieldError(msgspec.Struct):
    field: str = ""


class _Problem(msgspec.Struct):
    """The fields of a problem document (RFC 9457) that weft reads."""

    code: str = "error"
    detail: str = ""
    position: int | None = None
    column: int | None = None
    errors: list[_FieldError] = []


class Transport:
    """A connection, opened on first use and again after a fault. For one thread at a time.

    Args:
        base_url: such as `http://127.0.0.1:8080`, with or without a path.
        api_key: sent as a bearer token. If None, no token is sent.
        policy: the connection policy. Defaults to `Policy()`.

    Raises:
        ConfigError: `base_url` is not a valid address.
    """

    def __init__(
        self, base_url: str, api_key: str | None = None, policy: Policy | None = None
    ) -> None:
        self.address = parse_address(base_url)
        self._api_key = None if api_key is None else check_key("the key", api_key)
        self._policy = policy or Policy()
        self._connection: http.client.HTTPConnection | None = None
        self._read_timeout_secs = self._policy.timeout_secs
        self._target = self.address.prefix

    @property
    def url(self) -> str:
        return self.address.url

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def abort(self) -> None:
        """Abort a request that another thread waits for: it fails with `Unavailable`."""
        connection = self._connection
        if connection is not None and connection.sock is not None:
            try:
                # Closing would not wake the thread that reads.
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the server has closed the connection already

    def __del__(self) -> None:
        # Users of `weft.Api` rarely close it; an open socket would cause a ResourceWarning.
        if getattr(self, "_connection", None) is not None:
            self.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        body: Body = None,
        headers: Mapping[str, str] | None = None,
        timeout_secs: float | None = None,
    ) -> Reply:
        """Send one request and read its whole answer.

        Raises:
            NoServer: the connection was refused, or the host is unknown.
            WrongServer: what answered is not a weft server.
            Unavailable: a timeout, a lost connection, status 429, or a fault in the server.
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
                # be repeated (uploads carry their position), so one retry is safe.
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
        body: Body = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[bytes]:
        """Send one request and yield its answer in pieces, as they arrive.

        Until the last piece is taken or the iterator is closed, this connection can do nothing
        else. The timeout applies to each piece: the whole answer may take any time.
        """
        self._read_timeout_secs = self._policy.timeout_secs
        is_whole = False
        try:
            response = self._answer(method, path, body, self._headers(headers, body))
            # `read1` returns what has arrived, and nothing at the end, even at a premature one.
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

    def _headers(self, headers: Mapping[str, str] | None, body: Body) -> dict[str, str]:
        sent = {"User-Agent": _USER_AGENT, "Accept": "application/json", **(headers or {})}
        if self._api_key:
            sent["Authorization"] = f"Bearer {self._api_key}"
        if isinstance(body, (FilePart, JoinedParts)):
            sent["Content-Length"] = str(body.n_bytes)
        return sent

    def _connect(self) -> http.client.HTTPConnection:
        address = self.address
        proxy = proxy_for(address)
        reached = proxy.address if proxy else address
        timeout_secs = min(CONNECT_TIMEOUT_SECS, self._policy.timeout_secs)
        if address.scheme == "https":
            context = _unchecked_context() if self._policy.insecure else None
            connection = http.client.HTTPSConnection(
                reached.host, reached.port, timeout=timeout_secs, context=context
            )
        else:
            connection = http.client.HTTPConnection(
                reached.host, reached.port, timeout=timeout_secs
            )
        self._target = address.prefix
        if proxy is not None and address.scheme == "https":
            connection.set_tunnel(address.host, address.port)
        elif proxy is not None:
            self._target = address.url  # a proxy for plain HTTP needs the whole address
        connection.connect()
        # Small uploads must not wait for the previous answer (Nagle's algorithm, delayed ACK).
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _exchange(self, method: str, path: str, body: Body, headers: dict[str, str]) -> Reply:
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
        self, method: str, path: str, body: Body, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        n_left = _MAX_MOVES
        while True:
            response = self._send_request(method, path, body, headers)
            if 200 <= response.status < 300:
                return response
            content_type = response.headers.get_content_type()
            fault = self._read(response, _MAX_FAULT_BYTES)
            if not response.isclosed():
                self.close()
            # A moved run redirects. Follow only addresses on this server.
            moved = response.headers.get("Location", "")
            if response.status != 308 or not moved.startswith(_API_START) or not n_left:
                raise self._error_from_answer(response, content_type, fault)
            path = moved
            n_left -= 1

    def _send_request(
        self, method: str, path: str, body: Body, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        connection = self._connection
        # A server or proxy that closes after each answer (HTTP/1.0) leaves `sock` None.
        if connection is None or connection.sock is None:
            connection = self._connection = self._connect()
        connection.sock.settimeout(self._read_timeout_secs)
        if not isinstance(body, (FilePart, JoinedParts)):
            connection.request(method, self._target + path, body=body, headers=headers)
        elif self.address.scheme == "https" or not hasattr(os, "sendfile"):
            connection.request(method, self._target + path, body=body.pieces(), headers=headers)
        else:
            connection.request(method, self._target + path, headers=headers)
            body.send(connection.sock)
        return connection.getresponse()

    def _read(self, response: http.client.HTTPResponse, limit: int | None) -> bytes:
        # The socket's timeout applies to each read, so slowly arriving bytes never trigger it.
        deadline = time.monotonic() + self._read_timeout_secs
        parts: list[bytes] = []
        n_bytes = 0
        while limit is None or n_bytes < limit:
            part = response.read1(65536)
            if not part:
                if response.length:
                    raise http.client.IncompleteRead(b"", response.length)
                # Unlike `read`, `read1` does not close the response at its end.
                response.close()
                break
            parts.append(part)
            n_bytes += len(part)
            if time.monotonic() > deadline:
                raise TimeoutError("the answer took too long")
        return b"".join(parts)

    def _fault(self, error: Exception) -> errors.Unavailable:
        url = self.url
        proxy = proxy_for(self.address)
        is_of_tls = type(error).__name__.startswith("SSL")  # then the proxy has connected
        if proxy is not None and self._connection is None and not is_of_tls:
            return _proxy_fault(proxy, url, error)
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
            if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
                plain = msgspec.structs.replace(self.address, scheme="http").url
                return errors.WrongServer(
                    f"what listens at {url} does not speak HTTPS: write {plain}"
                )
        if isinstance(error, http.client.IncompleteRead):
            return errors.Unavailable(
                f"the server at {url} stopped in the middle of its answer: its log says "
                "why, and `weft server check` shows whether data is damaged"
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
                problem = decoders_of(_Problem).json(body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                problem = None
        detail = (problem.detail if problem else "") or f"{url} answered {status}"
        if problem is not None and problem.code == errors.StorageFull.code:
            return errors.StorageFull(
                f"the server takes no more data: {detail}",
                retry_after_secs=_retry_after_secs(response.headers.get("Retry-After")),
            )
        prefix = self.address.prefix
        if prefix and status in {404, 405} and detail.startswith(f"{prefix}{_API_START}"):
            return errors.WrongServer(self._path_fault())
        if _is_passing(status, content_type):
            return errors.Unavailable(
                f"server can't answer now ({status}): {detail}",
                retry_after_secs=_retry_after_secs(response.headers.get("Retry-After")),
            )
        if status in {401, 403}:
            kind = errors.WrongKey if status == 401 else errors.Forbidden
            return kind(f"server at {url} refused the request ({status}): {detail}")
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
        """Decode a JSON or msgpack answer as `shape`; WrongServer if it has another."""
        if reply.content_type == MSGPACK_MEDIA_TYPE:
            try:
                return decoders_of(shape).msgpack(reply.body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass
        if reply.content_type == "application/json":
            try:
                return decoders_of(shape).json(reply.body)
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass
        if self.address.prefix and reply.content_type == "text/html":
            raise errors.WrongServer(self._path_fault())
        raise errors.WrongServer(
            f"no weft server at {self.url}: it answered {reply.content_type}, not weft's JSON; "
            "check the address"
        )

    def _path_fault(self) -> str:
        """The sentence for an address with a path, such as a project's page."""
        root = msgspec.structs.replace(self.address, prefix="").url
        return f"no weft server at {self.url}: the address has a path; did you mean {root}?"


def error_of_code(code: str, detail: str, *, position: int | None = None) -> errors.WeftError:
    """Return the error that a problem document describes.

    >>> error_of_code("not_found", "no run a/b/c")
    NotFound('no run a/b/c')
    """
    if code == errors.PositionConflict.code and position is not None:
        return errors.PositionConflict(detail, position=position)
    return _ERROR_OF_CODE.get(code, errors.WeftError)(detail)


def _proxy_fault(proxy: Proxy, url: str, error: Exception) -> errors.Unavailable:
    """The error for a connection that could not be made by a proxy."""
    if isinstance(error, ConnectionRefusedError):
        reason = "refuses connections"
    elif isinstance(error, socket.gaierror):
        reason = "has an unknown host"
    elif isinstance(error, TimeoutError):
        reason = "does not answer"
    else:
        reason = f"failed: {error or type(error).__name__}"
    return errors.NoServer(
        f"the proxy {proxy.address.url} ({proxy.variable}) {reason}, so {url} can't be reached; "
        "no_proxy names hosts to reach without it"
    )


def _unchecked_context() -> ssl.SSLContext:
    import ssl

    return ssl._create_unverified_context()  # noqa: SLF001


def _is_passing(status: int, content_type: str) -> bool:
    """Return whether an error is temporary, so that the same request may succeed later."""
    if status in {408, 429, 502, 503, 504}:
        return True  # whatever the content type: proxies send these too, often with a page
    # 501 and 505 reject a request permanently. An HTML page does not come from a weft server.
    return status >= 500 and status not in {501, 505} and content_type != "text/html"


def _retry_after_secs(text: str | None) -> float | None:
    """Read the seconds of a Retry-After header; a date, its rare other form, is ignored."""
    if text is None or not text.strip().isdigit():
        return None
    return float(text)
