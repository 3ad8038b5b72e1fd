"""Sends calls of endpoints (`weft.wire.endpoint`) to a server. Does I/O through a transport."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec

from weft.client.shared import SharedTransport
from weft.client.transport import MSGPACK_MEDIA_TYPE, Body, Reply, Transport
from weft.records.value import json_safe, tagged_floats, with_ints
from weft.wire.endpoint import AnswerT, Call, Endpoint, P, RequestBody

TransportT = TypeVar("TransportT", Transport, SharedTransport)

Json = dict[str, Any]

_TYPED: Final = {"Accept": f"{MSGPACK_MEDIA_TYPE}, application/json"}
"""Routes without msgpack answer in JSON."""

_LONG_SECS: Final = 600.0
"""Longer than a server's limit for an SQL query, or than it needs to change 100,000 runs."""


class Caller(Generic[TransportT]):
    """Sends requests to the endpoints of one server.

    Every method raises the error of `weft.errors` that the server answers with, `Unavailable` if
    it does not answer, and TypeError if an argument is missing or unknown.
    """

    def __init__(self, transport: TransportT) -> None:
        self._transport = transport

    @property
    def url(self) -> str:
        return self._transport.url

    def close(self) -> None:
        self._transport.close()

    def call(self, endpoint: Endpoint[P, AnswerT], *args: P.args, **kwargs: P.kwargs) -> AnswerT:
        """Send a request and return the answer.

        sweep = client.call(get_sweep, "lab", "mnist", "a1b2c3d4")
        """
        reply = self._ask(endpoint, endpoint.call(*args, **kwargs))
        return self._answer(endpoint, reply)

    def call_json(self, endpoint: Endpoint[P, Any], *args: P.args, **kwargs: P.kwargs) -> Json:
        """Send a request and return the answer as plain values, with all fields that it has."""
        reply = self._ask(endpoint, endpoint.call(*args, **kwargs))
        return with_ints(self._transport.decode(reply, Json))

    def pages(
        self, endpoint: Endpoint[P, AnswerT], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[AnswerT]:
        """Yield the pages of a list, each fetched with the cursor of the one before."""
        query: Any = kwargs
        while True:
            page: Any = self.call(endpoint, *args, **query)
            yield page
            if page.cursor is None:
                return
            query = {**query, "cursor": page.cursor}

    def stream(
        self, endpoint: Endpoint[P, bytes], *args: P.args, **kwargs: P.kwargs
    ) -> Iterator[bytes]:
        """Send a request and yield the answer's content in pieces."""
        path, body = endpoint.call(*args, **kwargs)
        content = encode_body(body)
        return self._transport.stream(
            endpoint.method, path, body=content, headers={**_type_of(content), "Accept": "*/*"}
        )

    def send(
        self,
        endpoint: Endpoint[..., AnswerT],
        call: Call,
        body: Body,
        headers: Mapping[str, str],
        *,
        timeout_secs: float | None = None,
    ) -> AnswerT:
        """Send a body that is not JSON, and return the answer. `call` is `endpoint.call(…)`."""
        reply = self._transport.request(
            endpoint.method,
            call.path,
            body=body,
            headers={**_TYPED, **headers},
            timeout_secs=timeout_secs,
        )
        return self._answer(endpoint, reply)

    def _ask(self, endpoint: Endpoint[..., Any], call: Call) -> Reply:
        body = encode_body(call.body)
        return self._transport.request(
            endpoint.method,
            call.path,
            body=body,
            headers={**_TYPED, **_type_of(body)},
            timeout_secs=_LONG_SECS if endpoint.is_long else None,
        )

    def _answer(self, endpoint: Endpoint[..., AnswerT], reply: Reply) -> AnswerT:
        shape = endpoint.answer
        if shape is None or shape is bytes:
            answer: Any = shape and reply.body
            return answer
        return self._transport.decode(reply, shape)


def encode_body(body: Any) -> bytes | None:
    """A body as JSON; numbers that JSON can't represent become objects."""
    if body is None:
        return None
    return msgspec.json.encode(json_safe(tagged_floats(msgspec.to_builtins(_members(body)))))


def _members(value: Any) -> Any:
    """A request without members that have their defaults, so that older servers take it, too."""
    if isinstance(value, RequestBody):
        config, names = value.__struct_config__, value.__struct_fields__
        # The defaults are those of the last fields; a mutable one is a factory.
        defaults: dict[str, Any] = dict(
            zip(reversed(names), reversed(value.__struct_defaults__), strict=False)
        )
        members: dict[str, Any] = {} if config.tag is None else {str(config.tag_field): config.tag}
        for name in names:
            member, default = getattr(value, name), defaults.get(name, msgspec.NODEFAULT)
            if member != getattr(default, "factory", lambda default=default: default)():
                members[name] = _members(member)
        return members
    if isinstance(value, dict):
        items: dict[Any, Any] = value
        return {name: _members(item) for name, item in items.items()}
    if isinstance(value, (list, tuple)):
        entries: Any = value
        return [_members(entry) for entry in entries]
    return value


def _type_of(body: bytes | None) -> dict[str, str]:
    return {} if body is None else {"Content-Type": "application/json"}
