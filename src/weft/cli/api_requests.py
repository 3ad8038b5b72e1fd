"""`weft api`: any endpoint of the HTTP API in the terminal. Prints JSON, or a file as it is."""

from __future__ import annotations

import inspect
import json
import mimetypes
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import click

from weft.cli.connect import connect
from weft.cli.text_table import format_table
from weft.client.api_client import ApiClient
from weft.client.file_part import FilePart
from weft.errors import UsageError
from weft.records.nearest import did_you_mean
from weft.sync.addresses.server_address import require_server
from weft.wire.all_endpoints import ENDPOINTS
from weft.wire.endpoint import API_PATH, Endpoint, parts_of

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def call_api(
    words: Sequence[str],
    fields: Sequence[str],
    source: str | None,
    base_url: str | None,
    *,
    all_pages: bool,
) -> int:
    """Send a request and print the answer; the exit code is 0.

    `words` are an endpoint's name and the parts of its address, or a method and an address;
    without any, list all endpoints. `fields` are `name=value`, for the query or the body. `source`
    is a file with the body, or `-` for standard input. `all_pages` prints a list to its end as one
    page.
    """
    if not words:
        rows = [
            [
                each.name,
                each.method,
                each.path.replace(":path", "").removeprefix(API_PATH),
                _summary(each),
            ]
            for each in ENDPOINTS.values()
        ]
        click.echo(format_table(["name", "method", "address", "description"], rows))
        return 0
    endpoint, parts = _find_endpoint(words)
    arguments = _read_fields(endpoint, fields)
    client = connect(require_server(base_url))
    try:
        if source is not None and _body_of(endpoint) is None:
            _send_file(client, endpoint, source, parts, arguments)
            return 0
        if source is not None:
            text = sys.stdin.read() if source == "-" else Path(source).read_text()
            parts = [*parts, _decode(text, source)]
        _print_answer(client, endpoint, parts, arguments, all_pages=all_pages)
    except TypeError as error:
        raise UsageError(f"{_usage(endpoint)}: {error}") from None
    finally:
        client.close()
    return 0


def _find_endpoint(words: Sequence[str]) -> tuple[Endpoint[..., Any], list[Any]]:
    """The endpoint that words name, and the parts of its address."""
    name, *parts = words
    if name in ENDPOINTS:
        return ENDPOINTS[name], list(parts)
    method = "GET"
    if name.upper() in _METHODS and parts:
        method, name, *parts = name.upper(), *parts
    if not name.startswith("/"):
        raise UsageError(
            f"no endpoint is called {name!r}{did_you_mean(name, ENDPOINTS)} (`weft api` lists all)"
        )
    path, _, query = name.partition("?")
    if query or parts:
        raise UsageError("give the query as -f name=value")
    for endpoint in sorted(ENDPOINTS.values(), key=lambda endpoint: endpoint.path.count("{")):
        match = re.fullmatch(_pattern(endpoint.path), path) or re.fullmatch(
            _pattern(endpoint.path), API_PATH + path
        )
        if match is not None and endpoint.method == method:
            return endpoint, [unquote(part) for part in match.groups()]
    raise UsageError(f"no endpoint is at {method} {path}; `weft api` lists all")


def _pattern(path: str) -> str:
    return re.sub(
        r"\\{\w+(:path)?\\}", lambda tail: "(.+)" if tail[1] else "([^/]+)", re.escape(path)
    )


def _read_fields(endpoint: Endpoint[..., Any], fields: Sequence[str]) -> dict[str, Any]:
    """Keyword arguments: the query, and the body if the endpoint takes one."""
    names = {
        name.rstrip("_"): name
        for name, parameter in inspect.signature(endpoint.function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    arguments: dict[str, Any] = {}
    members: dict[str, Any] = {}
    for field in fields:
        key, sign, value = field.partition("=")
        if not sign:
            raise UsageError(f"{field!r} is not name=value")
        if key not in names:
            members[key] = _value_of(value)
        elif names[key] in arguments:
            before = arguments[names[key]]
            arguments[names[key]] = [*(before if isinstance(before, list) else [before]), value]
        else:
            arguments[names[key]] = value
    if members:
        body = _body_of(endpoint)
        if body is None:
            raise UsageError(
                f"{endpoint.name} takes no {next(iter(members))!r}"
                f"{did_you_mean(next(iter(members)), names)}"
            )
        arguments[body] = members
    return arguments


def _body_of(endpoint: Endpoint[..., Any]) -> str | None:
    """The argument that is the JSON body."""
    in_path = {part.removesuffix(":path") for part in parts_of(endpoint.path)}
    for name, parameter in inspect.signature(endpoint.function).parameters.items():
        if name not in in_path and parameter.kind is not parameter.KEYWORD_ONLY:
            return name
    return None


def _print_answer(
    client: ApiClient,
    endpoint: Endpoint[..., Any],
    parts: Sequence[Any],
    arguments: Mapping[str, Any],
    *,
    all_pages: bool,
) -> None:
    answer = endpoint.answer
    if answer is bytes:
        for piece in client.stream(endpoint, *parts, **arguments):
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
    elif answer is None:
        client.call(endpoint, *parts, **arguments)
    else:
        page = client.call_json(endpoint, *parts, **arguments)
        whole = page
        while all_pages and page.get("cursor"):
            page = client.call_json(endpoint, *parts, **{**arguments, "cursor": page["cursor"]})
            for name, value in page.items():
                if isinstance(value, list):
                    whole[name] = [*whole[name], *value]
            whole["cursor"] = None
        click.echo(json.dumps(whole, ensure_ascii=False, indent=2))


def _send_file(
    client: ApiClient,
    endpoint: Endpoint[..., Any],
    source: str,
    parts: Sequence[Any],
    arguments: Mapping[str, Any],
) -> None:
    if source == "-":
        raise UsageError(f"{endpoint.name} takes a file: --input FILE")
    media_type = mimetypes.guess_type(source)[0] or "application/octet-stream"
    call = endpoint.call(*parts, **arguments)
    with Path(source).open("rb") as file:
        answer = client.send(
            endpoint, call, FilePart.whole(file), {"Content-Type": media_type, "Accept": "*/*"}
        )
    if isinstance(answer, bytes):
        sys.stdout.buffer.write(answer)
    elif answer is not None:
        import msgspec

        click.echo(json.dumps(msgspec.to_builtins(answer), ensure_ascii=False, indent=2))


def _usage(endpoint: Endpoint[..., Any]) -> str:
    """An endpoint's arguments, as a command.

    >>> from weft.wire.runs.runs import delete_run
    >>> _usage(delete_run)
    'delete_run ENTITY PROJECT RUN [-f permanently=…]'
    """
    words = [part.removesuffix(":path").upper() for part in parts_of(endpoint.path)]
    words += ["[-f name=… of the body]"] if _body_of(endpoint) else []
    words += [
        f"-f {name.rstrip('_')}=…"
        if parameter.default is parameter.empty
        else f"[-f {name.rstrip('_')}=…]"
        for name, parameter in inspect.signature(endpoint.function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
    return " ".join([endpoint.name, *words])


def _summary(endpoint: Endpoint[..., Any]) -> str:
    return " ".join(endpoint.description.split("\n\n")[0].split()).partition(". ")[0].rstrip(".")


def _value_of(text: str) -> Any:
    """A member of a body: JSON if the text is that, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _decode(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"{source} is not JSON: {error}") from None
